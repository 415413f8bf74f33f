"""Carry a memory away whole, and bring it back: backups of the database."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from datetime import datetime, timezone
from pathlib import Path

from memcli.errors import InvalidInput, NotFound, StoreError
from memcli.paths import make_private_file, make_private_folder
from memcli.store import Store, schema
from memcli.store.store import explain


def backup(store: Store, file: Path) -> int:
    """Write a copy of the database, while it is in use, and return its size in bytes.

    Raises:
        InvalidInput: there is a file already, or it cannot be written.
        StoreError: the copy is not sound.
    """
    if file.exists():
        raise InvalidInput(f"{file} exists already.", "Name a new file.")
    if not file.absolute().parent.is_dir():
        raise InvalidInput(f"There is no folder {file.parent}.", "Make it first.")
    part = file.with_name(f"{file.name}.part")
    try:
        make_private_file(part)
        with contextlib.closing(sqlite3.connect(part)) as copy:
            store.db.conn.backup(copy)
        check(part)
        os.replace(part, file)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise explain(error, file) from error
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


def restore(file: Path, database: Path) -> Path | None:
    """Put a backup in the place of a database, and return where that one is kept now.

    The backup is copied beside it and checked first; if it does not open there, all is as before.

    Raises:
        NotFound: there is no such file.
        StoreError: it is no sound memcli database, or a newer memcli wrote it.
    """
    if not file.is_file():
        raise NotFound(f"There is no backup {file}.")
    check(file)
    make_private_folder(database.parent)
    copy = database.with_name(f"{database.name}.restoring")
    make_private_file(copy)
    copy.write_bytes(file.read_bytes())
    old = _set_aside(database)
    os.replace(copy, database)
    try:
        Store(database).close()
    except StoreError:
        database.unlink()
        if old:
            os.replace(old, database)
        raise
    return old


def check(file: Path) -> None:
    """See that a file is a sound memcli database that this memcli can read.

    Raises:
        StoreError: it is not.
    """
    try:
        with contextlib.closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        ) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            sound = db.execute("PRAGMA integrity_check").fetchone()[0]
            known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'memories'").fetchone()
    except sqlite3.Error as error:
        raise StoreError(
            f"{file} is damaged or no backup ({error}).", "Try another one."
        ) from error
    if not known or sound != "ok" or not 0 < version <= schema.VERSION:
        raise StoreError(f"{file} is damaged, no backup, or of a newer memcli.", "Try another one.")


def _set_aside(database: Path) -> Path | None:
    """Move a database away with all that its log holds; None if there is none."""
    if not database.exists():
        return None
    with contextlib.suppress(StoreError):  # what is damaged is set aside as it is
        store = Store(database)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
    now = datetime.now(timezone.utc)
    old = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%S%f}")
    os.replace(database, old)
    for rest in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{database}{rest}", f"{old}{rest}")
    return old
