"""Model files on this machine, and what their headers say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from memcli import paths
from memcli.engine.gguf import read_header
from memcli.engine.tokens import counter_for
from memcli.errors import ModelError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A GGUF file that was found."""

    name: str
    path: str
    size: int  # bytes
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """What a model says about itself."""

    name: str
    path: str
    size: int
    architecture: str
    context: int
    chat_template: bool
    embeds: bool
    token_count: str  # how tokens are counted without loading it

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the facts as pairs for people."""
        yield "name", self.name
        yield "path", self.path
        yield "size", f"{self.size / 2**20:.1f} MB"
        yield "architecture", self.architecture
        yield "context", f"{self.context} tokens"
        yield "kind", "embedding model" if self.embeds else "chat model"
        yield "chat template", "yes" if self.chat_template else "none: a plain one is used"
        yield "token count", self.token_count


def describe(path: Path) -> Description:
    """Read a model's header.

    Raises:
        ModelError: the file is missing or is no GGUF.
    """
    header = read_header(path)
    counter = counter_for(header)
    return Description(
        name=header.name,
        path=str(path),
        size=path.stat().st_size,
        architecture=header.architecture,
        context=header.integer("context_length"),
        chat_template=bool(header.chat_template),
        embeds=header.embeds,
        token_count=f"{'exact' if counter.exact else 'estimated'} ({counter.name})",
    )


def find_models(configured: str) -> list[ModelFile]:
    """Return the GGUF files beside the configured one and where other tools keep theirs."""
    in_use = Path(configured).expanduser().resolve() if configured else None
    files = {file.resolve() for folder in _folders(in_use) for file in _gguf_files(folder)}
    found = []
    for file in sorted(files):
        try:
            name = read_header(file).name
        except ModelError:
            continue
        found.append(ModelFile(name, str(file), file.stat().st_size, file == in_use))
    return found


def _folders(in_use: Path | None) -> Iterator[Path]:
    if in_use:
        yield in_use.parent
    yield paths.home() / "models"
    yield Path.cwd()
    yield Path.home() / "models"
    yield Path.home() / ".cache" / "huggingface" / "hub"
    yield Path.home() / ".cache" / "lm-studio" / "models"


def _gguf_files(folder: Path, depth: int = 4) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_file() and entry.name.endswith(".gguf"):
            yield Path(entry.path)
        elif (
            depth and entry.is_dir(follow_symlinks=False) and "models--" in entry.path + entry.name
        ):
            yield from _gguf_files(Path(entry.path), depth - 1)
