"""Where everything lives on disk. No other module builds a path of memcli's own.

$MEMCLI_HOME (or the platform's data folder)/
├── config.toml
├── prompts/              the user's own copies of prompts
├── cache/                rebuilt at need: calibration, token vocabularies
└── profiles/<name>/
    ├── memory.db         the truth
    ├── memory.db.auto-…  what it was before a migration or a mending
    ├── history           lines typed in chat
    ├── states/           what the model had in mind at the end of sessions, safe to delete
    ├── chroma/           derived index, safe to delete
    └── chroma.lock       keeps Chroma to one process at a time
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from memcli.errors import InvalidInput, StoreError

DEFAULT_PROFILE = "default"
PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def home() -> Path:
    """Return the data folder, which may not exist yet."""
    if override := os.environ.get("MEMCLI_HOME"):
        return Path(override).expanduser()
    import platformdirs  # 4 ms, not needed when MEMCLI_HOME is set

    return Path(platformdirs.user_data_dir("memcli", appauthor=False))


def config_file() -> Path:
    """Return the path of the configuration file."""
    return home() / "config.toml"


def user_prompts() -> Path:
    """Return the folder whose prompts override those that memcli ships."""
    return home() / "prompts"


def cache() -> Path:
    """Return the folder for data that can be computed again."""
    return home() / "cache"


class ProfilePaths:
    """The files of one profile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "memory.db"
        self.history = folder / "history"
        self.receipts = folder / "receipts"
        self.states = folder / "states"
        self.cells = folder / "cells"
        self.chroma = folder / "chroma"
        self.chroma_lock = folder / "chroma.lock"

    def drop_copies(self) -> None:
        """Delete the copies of the database that memcli made unasked."""
        for kept in self.folder.glob(f"{self.database.name}.auto-*"):
            kept.unlink()


def profile(name: str = DEFAULT_PROFILE) -> ProfilePaths:
    """Return the paths of a profile.

    Raises:
        InvalidInput: the name could not be a folder name on every system.
    """
    if not PROFILE_NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} is not a profile name.",
            "Use lower-case letters, digits, - and _, as in: memcli --profile work chat",
        )
    return ProfilePaths(home() / "profiles" / name)


def make_private_folder(folder: Path) -> None:
    """Create a folder that only its owner can open, with its parents.

    Raises:
        StoreError: the file system refuses.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    with _explained(folder):
        for path in reversed(missing):  # mkdir(parents=True) gives its mode to the last one only
            path.mkdir(mode=0o700, exist_ok=True)


def make_private_file(path: Path) -> None:
    """Create a file that only its owner can read, unless it is there.

    Raises:
        StoreError: the file system refuses.
    """
    with _explained(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def write_private(path: Path, *parts: str | bytes) -> None:
    """Replace a file's content in one step, readable by its owner only.

    Raises:
        StoreError: the file system refuses.
    """
    make_private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with _explained(path):
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(p.encode() if isinstance(p, str) else p for p in parts)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"Cannot create {path}: {error.strerror or error}.",
            "Set MEMCLI_HOME to a folder you can write to.",
        ) from error
