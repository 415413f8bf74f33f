"""Model files on this machine, and what their headers say."""

from __future__ import annotations

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
    found = []
    for file in sorted({file.resolve() for file in _gguf_files(in_use)}):
        try:
            name = read_header(file).name
        except ModelError:
            continue
        found.append(ModelFile(name, str(file), file.stat().st_size, file == in_use))
    return found


def _gguf_files(in_use: Path | None) -> Iterator[Path]:
    here = [paths.home() / "models", Path.cwd(), Path.home() / "models"]
    for folder in [in_use.parent, *here] if in_use else here:
        yield from _matching(folder, "*.gguf")
    caches = Path.home() / ".cache"
    yield from _matching(caches / "huggingface" / "hub", "models--*/**/*.gguf")
    yield from _matching(caches / "lm-studio" / "models", "**/*.gguf")


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except OSError:  # it is not for us to look into
        return []
