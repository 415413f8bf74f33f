"""Model files on this machine, and what their headers say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from memcli import paths
from memcli.engine import shelf
from memcli.engine.download import Part
from memcli.engine.gguf import read_header
from memcli.engine.hub import SHARD
from memcli.engine.shelf import Named
from memcli.engine.tokens import counter_for
from memcli.errors import ModelError
from memcli.text import size


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A GGUF file that was found, or one with a short name of which a part is missing."""

    name: str
    path: str
    size: int  # bytes, with all shards; of what is here
    in_use: bool = False
    alias: str = ""  # its short name
    here: float = 1.0  # the share of it


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
        yield "size", size(self.size)
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
    named = {one.path.resolve(): one for one in shelf.names()}
    found = []
    for file in sorted({file.resolve() for file in _gguf_files(in_use)} | set(named)):
        one = named.get(file)
        shard = SHARD.search(file.stem)
        if (shard and int(shard["number"]) > 1) or (one and not one.whole):
            continue
        try:
            name = read_header(file).name
        except ModelError:
            continue
        taken = one.here if one else file.stat().st_size
        found.append(ModelFile(name, str(file), taken, file == in_use, one.name if one else ""))
    return found + [_partial(one) for one in named.values() if not one.whole]


def _partial(one: Named) -> ModelFile:
    total = one.total or Part(one.path).about().get("total") or 0
    here = min(one.here / total, 0.999) if total else 0.0
    return ModelFile(one.name, str(one.path), one.here, alias=one.name, here=here)


def _gguf_files(in_use: Path | None) -> Iterator[Path]:
    here = [paths.models(), Path.cwd(), Path.home() / "models"]
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
