"""Whose turn it is to write: one process at a time, of all that have a database open."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from memcli import paths

LOOK_S = 0.005  # between two looks whether the other one is done


class Turns:
    """A lock beside a database: an empty database that whoever writes holds.

    SQLite sees to one writer at a time, but not to one that moves the log into the database: before
    3.51.3 what was committed can be lost where two processes do while a third one writes
    (https://sqlite.org/wal.html#walresetbug). It also looks for its lock ten times a second only,
    so that among busy writers one may find it taken each time.
    """

    def __init__(self, database: Path) -> None:
        self._file = database.with_suffix(".lock")
        self._held: sqlite3.Connection | None = None

    @contextlib.contextmanager
    def take(self, patience: float) -> Iterator[None]:
        """Wait until no other process writes, and keep the others waiting. May be nested.

        Raises:
            sqlite3.OperationalError: it took longer than ``patience``, in seconds.
        """
        lock = self._lock()
        if lock.in_transaction:
            yield
            return
        end = time.monotonic() + patience
        while not _taken(lock, last=time.monotonic() >= end):
            time.sleep(LOOK_S)
        try:
            yield
        finally:
            lock.execute("ROLLBACK")

    def close(self) -> None:
        """Let go of the lock's file."""
        if self._held:
            self._held.close()

    def _lock(self) -> sqlite3.Connection:
        if self._held is None:
            paths.make_private_file(self._file)
            self._held = sqlite3.connect(self._file, timeout=0, isolation_level=None)
        return self._held


def _taken(lock: sqlite3.Connection, *, last: bool) -> bool:
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if last or "locked" not in str(error):
            raise
        return False
    return True
