"""Where everything lives on disk. No other module builds a path of memcli's own.

$MEMCLI_HOME (or the platform's data folder)/
├── config.toml
├── prompts/              the user's own copies of prompts
├── cache/                rebuilt at need: calibration, token vocabularies
├── models/               what model pull fetched, and the short names of models elsewhere
└── profiles/<name>/
    ├── memory.db         the truth
    ├── memory.db.auto-…  what it was before a migration or a mending
    ├── memory.lock       keeps writing to one process at a time
    ├── cells/            memories as a model reads them, safe to delete
    ├── receipts/         what was forgotten and proved, without its words
    ├── states/           what the model had in mind at the end of sessions, safe to delete
    ├── chroma/           derived index, safe to delete
    └── chroma.lock       keeps Chroma to one process at a time
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from memcli.errors import InvalidInput, StoreError

DEFAULT_PROFILE = "default"
DATABASE = "memory.db"  # and what the names of its copies and logs begin with
HALF_WRITTEN = (
    f"{DATABASE}.copying*", ".*.tmp", "states/.*.tmp", "cells/.*.tmp", "receipts/.*.tmp"
)  # fmt: skip
NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
FORSAKEN_S = 3600.0  # since it was written to: no process is still at it
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


def models() -> Path:
    """Return the folder of the models that memcli fetched, and of the names it gave to others."""
    return home() / "models"


class ProfilePaths:
    """The files of one profile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / DATABASE
        self.receipts = folder / "receipts"
        self.states = folder / "states"
        self.cells = folder / "cells"
        self.chroma = folder / "chroma"
        self.chroma_lock = folder / "chroma.lock"

    def drop_typed(self) -> None:
        """Delete the lines typed in chat, which memcli kept in a file up to 0.1."""
        with contextlib.suppress(OSError):
            (self.folder / "history").unlink(missing_ok=True)

    def drop_copies(self) -> None:
        """Delete what was made of the database unasked, and may hold what is forgotten now."""
        for pattern in (f"{DATABASE}.auto-*", "states/*.state", "cells/*.kv", *HALF_WRITTEN):
            for file in self.folder.glob(pattern):
                file.unlink(missing_ok=True)

    def sweep(self, older_s: float = -math.inf) -> None:
        """Delete what killed processes left half written, if it is so many seconds old."""
        for pattern in (*HALF_WRITTEN, f"{DATABASE}.restoring*", f"{DATABASE}.rewriting*"):
            for file in self.folder.glob(pattern):
                with contextlib.suppress(OSError):  # another process did, or nothing can be
                    if time.time() - file.stat().st_mtime >= older_s:
                        file.unlink()


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


def profiles() -> list[str]:
    """Return the names of the profiles that there are."""
    databases = (home() / "profiles").glob(f"*/{DATABASE}")
    return sorted(file.parent.name for file in databases)


def make_private_folder(folder: Path) -> None:
    """Create a folder that only its owner can open, with its parents.

    Raises:
        StoreError: the file system refuses.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    with _explained(folder):
        for path in reversed(missing):  # mkdir(parents=True) gives its mode to the last one only
            path.mkdir(mode=0o700, exist_ok=True)
            path.chmod(0o700)  # which a umask may have taken from its owner


def make_private_file(path: Path) -> None:
    """Create a file that only its owner can read; one that is there is closed to others.

    Raises:
        StoreError: the file system refuses.
    """
    with _explained(path):
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            path.chmod(0o600)
        elif path.stat().st_mode & 0o077:
            with contextlib.suppress(OSError):  # it is somebody else's, or nothing can be written
                path.chmod(0o600)


def write_private(path: Path, *parts: str | bytes) -> None:
    """Replace a file's content in one step, readable by its owner only.

    Raises:
        StoreError: the file system refuses.
    """
    make_private_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with _explained(path):
        try:
            make_private_file(temporary)
            with temporary.open("wb") as file:
                file.writelines(p.encode() if isinstance(p, str) else p for p in parts)
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def chunks(path: Path, size: int) -> Iterator[bytes]:
    """Yield the content of a file, which may be a database that this process has open.

    POSIX takes all locks of a process off a file as soon as it closes any descriptor of it. Another
    process then takes itself for the database's last user and deletes the log that this one goes on
    writing to (https://sqlite.org/howtocorrupt.html, 2.2). So what is open is read where it is.
    """
    if (held := _descriptor(path)) is None:
        with path.open("rb") as file:
            while chunk := file.read(size):
                yield chunk
        return
    at = 0
    while chunk := os.pread(held, size, at):
        yield chunk
        at += len(chunk)


def _descriptor(path: Path) -> int | None:
    """Return a descriptor by which this process has a file open; Windows needs none."""
    wanted = path.stat()
    with contextlib.suppress(OSError):
        for link in Path("/dev/fd").iterdir():
            with contextlib.suppress(OSError):  # the one that read the folder is gone
                if os.path.samestat(os.fstat(int(link.name)), wanted):
                    return int(link.name)
    return None


def no_room(path: Path, error: OSError) -> StoreError | None:
    """Return what to tell where a file was not written because the disk is full, or a quota."""
    if error.errno not in NO_ROOM:
        return None
    return StoreError(f"There is no room for {path}: {error.strerror}.", "Free some space.")


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise no_room(path, error) or StoreError(
            f"Cannot create {path}: {error.strerror or error}.",
            "Set MEMCLI_HOME to a folder you can write to.",
        ) from error
