"""Encryption at rest: a database that SQLCipher keeps, opened like any other.

What is on disk then is ciphertext to the last byte, the log beside it too. SQLCipher 4 encrypts
each page with AES-256 and proves it with HMAC-SHA512; the key is made of a passphrase by 256 000
rounds of PBKDF2, which takes a fifth of a second at each opening.
See https://www.zetetic.net/sqlcipher/design/.
"""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from memcli.errors import StoreError, WrongPassphrase
from memcli.paths import chunks

Key = Callable[[], str]  # asked for only where a database is encrypted

PLAIN = b"SQLite format 3\0"
PAGE = 4096  # bytes; SQLCipher writes whole pages, and the first one begins with a random salt
PASSPHRASE = "MEMCLI_PASSPHRASE"  # noqa: S105  (the variable that may hold one)
EXTRA = "pip install 'memcli[encryption]'"


def is_encrypted(file: Path) -> bool:
    """Say whether a file looks like a database that SQLCipher wrote."""
    with contextlib.suppress(OSError):
        begin, size = next(chunks(file, len(PLAIN)), b""), file.stat().st_size
        return size >= PAGE and size % PAGE == 0 and begin != PLAIN and len(set(begin)) > 4
    return False


def connect(path: Path | str, key: str, **options: Any) -> sqlite3.Connection:
    """Connect to a database; with a key, through SQLCipher.

    Whether the key is right shows at the first reading: see ``wrong``.

    Raises:
        StoreError: SQLCipher is not installed.
        WrongPassphrase: no key can look like this one.
    """
    return open_with(driver(), path, key, **options) if key else sqlite3.connect(path, **options)


def open_with(library: Any, path: Path | str, key: str, **options: Any) -> sqlite3.Connection:
    """Connect through SQLCipher, which reads plain databases too, if there is no key."""
    connection = library.connect(path, **options)
    connection.execute("PRAGMA cipher_log_level = NONE")  # else it writes to stderr by itself
    if key:
        connection.execute(f"PRAGMA key = {quoted(key)}")
    return cast("sqlite3.Connection", connection)


def quoted(key: str) -> str:
    """Return a key as a text of SQL.

    Raises:
        WrongPassphrase: it holds a character that would end it.
    """
    if "\0" in key:
        raise WrongPassphrase("A passphrase cannot hold a NUL.")
    return "'" + key.replace("'", "''") + "'"


def driver() -> Any:
    """Return the library that speaks SQLCipher.

    Raises:
        StoreError: it is not installed.
    """
    try:
        from sqlcipher3 import dbapi2
    except ImportError as error:
        raise StoreError("Encryption needs the library sqlcipher3.", EXTRA) from error
    return dbapi2


def errors(*names: str) -> tuple[type[Exception], ...]:
    """Return classes of errors by their names in DB-API 2, of the libraries that are in use."""
    known = (sys.modules.get("sqlite3"), sys.modules.get("sqlcipher3.dbapi2"))
    names = names or ("Error",)
    return tuple(getattr(library, name) for library in known if library for name in names)


def wrong(path: Path | str) -> WrongPassphrase:
    """Return the error of a key that does not fit."""
    return WrongPassphrase(
        f"The passphrase does not open {path}.",
        "Try again; if it is surely right, the file is damaged: memcli restore BACKUP",
    )
