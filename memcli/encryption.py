"""Encrypt a profile at rest, decrypt it, or change its key: the whole database is written anew.

The new file takes the old one's place in one step. The old one is overwritten, as far as a disk
obeys; what was derived in the clear is deleted, and made again when it is needed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from memcli import backup
from memcli.errors import InvalidInput, StoreLocked
from memcli.paths import ProfilePaths, make_private_file
from memcli.store import Store, cipher
from memcli.store.explain import explain

BLANK = b"\0" * 2**20


def rewrite(files: ProfilePaths, old: str, new: str) -> list[Path]:
    """Write a profile's database anew with another key (empty: in the clear).

    Return the copies of the database beside it that are as they were, with the old key or none.

    Raises:
        InvalidInput: it has the new key already.
        StoreLocked: another process has it open.
        WrongPassphrase: the old key does not fit.
        StoreError: it cannot be read or written.
    """
    if old == new:
        raise InvalidInput("The key stays the same.", "Choose another passphrase.")
    Store(files.database, key=lambda: old).close()  # made if it is not there; the key is tried
    part = files.database.with_name(f"{files.database.name}.rewriting")
    try:
        with _alone(files.database, old) as database:
            _export(database, part, new)
            backup.check(part, key=new)
            _drop_derived(files)
            _replace(part, files.database)
    except cipher.errors() as error:
        raise explain(error, files.database) from error
    finally:
        part.unlink(missing_ok=True)
    return sorted(files.folder.glob(f"{files.database.name}.before-*"))


@contextlib.contextmanager
def _alone(path: Path, key: str) -> Iterator[sqlite3.Connection]:
    """Open a database that nobody else has open, and keep it so."""
    library = cipher.driver()
    options = {"timeout": 0.5, "isolation_level": None}
    with contextlib.closing(cipher.open_with(library, path, key, **options)) as database:
        try:
            database.execute("PRAGMA journal_mode = DELETE")  # refused while others have it open
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            yield database
        except cipher.errors("OperationalError") as error:
            if "locked" not in str(error):
                raise
            raise StoreLocked(
                f"{path} is in use by another process.", "Close the other memcli first."
            ) from error


def _export(database: sqlite3.Connection, part: Path, key: str) -> None:
    part.unlink(missing_ok=True)
    make_private_file(part)
    database.execute("ATTACH ? AS anew KEY ?", [str(part), key])
    database.execute("BEGIN IMMEDIATE")
    database.execute("SELECT sqlcipher_export('anew')")
    version = database.execute("PRAGMA main.user_version").fetchone()[0]
    database.execute(f"PRAGMA anew.user_version = {version}")
    database.execute("COMMIT")
    database.execute("DETACH anew")


def _drop_derived(files: ProfilePaths) -> None:
    for folder in (files.states, files.cells, files.chroma):
        if folder.exists():
            shutil.rmtree(folder)
    files.drop_typed()
    files.drop_copies()


def _replace(part: Path, database: Path) -> None:
    """Put a file in another one's place, whose bytes are overwritten."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    with database.open("r+b") as old:
        os.replace(part, database)
        size = old.seek(0, os.SEEK_END)
        old.seek(0)
        while old.tell() < size:
            old.write(BLANK[: size - old.tell()])
        old.flush()
        os.fsync(old.fileno())
