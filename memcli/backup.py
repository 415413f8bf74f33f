"""Backups of the database: written while it is in use, and put back in its place."""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from memcli.errors import InvalidInput, NotFound, StoreError
from memcli.paths import make_private_file, make_private_folder, no_room
from memcli.store import Store, cipher, schema
from memcli.store.explain import explain

AGE = b"age-encryption.org/"


def backup(store: Store, file: Path, passphrase: str = "") -> int:
    """Write a copy of the database, while it is in use, and return its size in bytes.

    With a passphrase it is encrypted in the age format (https://age-encryption.org/v1); what is
    not yet encrypted is written beside the database only, and held in memory once. The copy of
    an encrypted database is encrypted as that is.

    Raises:
        InvalidInput: there is a file already, it cannot be written, or is encrypted without.
        StoreError: the copy is not sound, or the disk is full.
    """
    if passphrase and store.key:
        raise InvalidInput(
            "This profile is encrypted, and so are its backups, with the same key.",
            "Leave --encrypt out.",
        )
    if file.exists():
        raise InvalidInput(f"{file} exists already.", "Name a new file.")
    if not file.absolute().parent.is_dir():
        raise InvalidInput(f"There is no folder {file.parent}.", "Make it first.")
    part = file.with_name(f"{file.name}.part")
    plain = store.path.with_name(f"{store.path.name}.copying") if passphrase else part
    try:
        store.copy_to(plain)
        check(plain, key=store.key)
        if passphrase:
            make_private_file(part)
            part.write_bytes(_age().encrypt(plain.read_bytes(), passphrase))
        os.replace(part, file)
    except OSError as error:
        raise no_room(file, error) or InvalidInput(
            f"{file} cannot be written: {error.strerror}."
        ) from error
    except cipher.errors() as error:
        raise explain(error, file) from error
    finally:
        for left in {plain, part}:
            left.unlink(missing_ok=True)
    return file.stat().st_size


def is_encrypted(file: Path) -> bool:
    """Say whether a file is in the age format, or an encrypted database."""
    return _in_age(file) or cipher.is_encrypted(file)


def _in_age(file: Path) -> bool:
    with contextlib.suppress(OSError), file.open("rb") as opened:
        return opened.read(len(AGE)) == AGE
    return False


def restore(file: Path, database: Path, passphrase: str = "") -> Path | None:
    """Put a backup in the place of a database, and return where that one is kept now.

    The backup is copied beside it and checked first; if it does not open there, all is as before.

    Raises:
        NotFound: there is no such file.
        InvalidInput: the passphrase is wrong, or missing.
        StoreError: it is no sound memcli database, or a newer memcli wrote it.
    """
    if not file.is_file():
        raise NotFound(f"There is no backup {file}.")
    make_private_folder(database.parent)
    copied = database.with_name(f"{database.name}.restoring")
    make_private_file(copied)
    try:
        copied.write_bytes(_decrypted(file, passphrase) if _in_age(file) else file.read_bytes())
        key = passphrase if cipher.is_encrypted(copied) else ""
        check(copied, file, key=key)
        old = _set_aside(database)
        os.replace(copied, database)
    except OSError as error:
        raise StoreError(f"{file} cannot be copied: {error.strerror}.") from error
    finally:
        copied.unlink(missing_ok=True)
    try:
        Store(database, key=lambda: key).close()
    except StoreError:
        database.unlink()
        if old:
            os.replace(old, database)
        raise
    return old


def _decrypted(file: Path, passphrase: str) -> bytes:
    try:
        plain: bytes = _age().decrypt(file.read_bytes(), passphrase)
    except Exception as error:  # pyrage's own have no common class
        raise InvalidInput(
            f"{file} cannot be decrypted: {error}.", "The passphrase is wrong, or it is damaged."
        ) from error
    return plain


def _age() -> Any:
    from pyrage import passphrase  # 5 ms

    return passphrase


def check(file: Path, named: Path | None = None, *, key: str = "") -> None:
    """See that a file is a sound memcli database that this memcli can read.

    ``named`` is the file that messages speak of, ``key`` that of an encrypted one.

    Raises:
        StoreError: it is not.
    """
    try:
        uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        with contextlib.closing(cipher.connect(uri, key, uri=True)) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            sound = db.execute("PRAGMA integrity_check").fetchone()[0]
            known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'memories'").fetchone()
    except cipher.errors() as error:
        if key and "not a database" in str(error):
            raise cipher.wrong(named or file) from error
        raise StoreError(
            f"{named or file} is damaged or no backup ({error}).", "Try another one."
        ) from error
    if not known or sound != "ok" or not 0 < version <= schema.VERSION:
        raise StoreError(
            f"{named or file} is damaged, no backup, or of a newer memcli.", "Try another one."
        )


def _set_aside(database: Path) -> Path | None:
    """Move a database away with all that its log holds; None if there is none."""
    if not database.exists():
        return None
    with contextlib.suppress(StoreError):  # what is damaged is set aside as it is
        store = Store(database)
        store.empty_log()
        store.close()
    now = datetime.now(timezone.utc)
    old = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%S%f}")
    os.replace(database, old)
    for rest in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{database}{rest}", f"{old}{rest}")
    return old
