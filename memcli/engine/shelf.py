"""Models that have a short name: what was fetched into the models folder, and files elsewhere.

Each name has a small ``NAME.json`` there, which says where the files are and, of fetched ones,
where from. Names are memcli's own and never a server's, so nothing can be written anywhere else.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from memcli import paths
from memcli.engine.catalogue import offer
from memcli.engine.download import Part
from memcli.errors import InvalidInput, MemcliError, ModelNotFound

LONGEST = 80
NAME = re.compile(  # what is a file's name on every system, and none of our own files' names
    r"(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))(?!.*\.(?:gguf|part|json|lock)$)"
    rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST - 1}}}"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A model with a short name. Its files are shards in order, most often one."""

    name: str
    files: tuple[Path, ...]
    source: str = ""  # where it was fetched from; empty: it was there already
    total: int | None = None  # bytes it has when whole, where that is known
    sha256: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The file to load."""
        return self.files[0]

    @property
    def whole(self) -> bool:
        """Whether all files are in their places."""
        return all(file.is_file() for file in self.files)

    @property
    def here(self) -> int:
        """The bytes on disk, of parts too."""
        return sum(f.stat().st_size if f.is_file() else Part(f).size for f in self.files)

    def save(self) -> None:
        """Write down that it has this name."""
        about = {
            "source": self.source,
            "files": [file.name if self.source else str(file) for file in self.files],
            "total": self.total,
            "sha256": self.sha256,
        }
        paths.write_private(_record(self.name), json.dumps(about, ensure_ascii=False))

    def forget(self) -> None:
        """Take its name away, and delete what memcli fetched of it."""
        for file in self.files if self.source else ():
            Part(file).drop()
            file.unlink(missing_ok=True)
        _record(self.name).unlink(missing_ok=True)


def names() -> list[Named]:
    """Return all models with a name, in alphabetical order."""
    records = sorted(paths.models().glob("*.json"))
    return [one for record in records if (one := get(record.stem))]


def get(name: str) -> Named | None:
    """Return the model with a name; none if there is none, or what is written of it is damaged."""
    if not NAME.fullmatch(name):
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        about = json.loads(_record(name).read_text("utf-8"))
        files = tuple(
            paths.models() / (Path(file).name if about["source"] else file)
            for file in about["files"]
        )
        if files:
            return Named(name, files, about["source"], about["total"], tuple(about["sha256"]))
    return None


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Make sure that no other process fetches or removes the model with this name.

    Raises:
        MemcliError: one does.
    """
    from filelock import FileLock, Timeout

    paths.make_private_folder(paths.models())
    try:
        with FileLock(paths.models() / f".{name}.lock", timeout=0):
            yield
    except Timeout:
        raise MemcliError(
            f"Another memcli is fetching {name}.", "Wait for it, or stop it there."
        ) from None


def locate(text: str) -> Path:
    """Return the file that a path or a short name means; it may be missing if it is a path.

    Raises:
        ModelNotFound: it is the name of a model that is not here, or not all of it.
    """
    path = Path(text).expanduser()
    if path.is_file():
        return path.resolve()
    if (named := get(text)) and named.whole:
        return named.path
    if (placed := paths.models() / f"{text}.gguf").is_file() and NAME.fullmatch(text):
        return placed
    if (named and named.source) or offer(text):
        state = "only here in part" if named else "not here yet"
        raise ModelNotFound(f"The model {text} is {state}.", f"memcli model pull {text}")
    return named.path if named else path


def check_name(name: str, files: tuple[Path, ...], source: str = "") -> None:
    """Make sure that a name may be given to these files.

    Raises:
        InvalidInput: it is no name, or means something else already.
    """
    if not NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} is no name for a model.",
            "Use lower-case letters, digits, - _ and ., as in: --as qwen",
        )
    taken = get(name)
    if taken and (taken.source, taken.source or taken.files) != (source, source or files):
        raise InvalidInput(
            f"{name} is already {taken.source or taken.path}.",
            f"Choose another name with --as, or: memcli model remove {name}",
        )
    if source and not taken and any(file.exists() for file in files):
        raise InvalidInput(
            f"{files[0]} is already there, and was not fetched by memcli.",
            "Choose another name with --as, or move it away.",
        )


def tidy(text: str) -> str:
    """Return the name that comes nearest to a file's; empty if none does."""
    name = re.sub(r"[^a-z0-9._-]+", "-", text.lower())[:LONGEST].strip("-._")
    return name if NAME.fullmatch(name) else ""


def _record(name: str) -> Path:
    return paths.models() / f"{name}.json"
