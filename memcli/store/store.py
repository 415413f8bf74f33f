"""Open the database, and change it one whole action at a time."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memcli import paths
from memcli.errors import StoreError, StoreLocked, StoreTooNew, WrongPassphrase
from memcli.ids import Clock, NewId, new_id, utc_now
from memcli.store import cipher, schema
from memcli.store.explain import explain
from memcli.store.forgotten import Forgets
from memcli.store.journal import Journal
from memcli.store.judgements import Judgements
from memcli.store.memories import Memories
from memcli.store.reports import Reports
from memcli.store.sessions import Sessions
from memcli.store.sources import Sources
from memcli.store.texts import Texts
from memcli.store.turns import Turns
from memcli.store.vectors import Vectors

if TYPE_CHECKING:
    from sqlite_utils import Database

PATIENCE_S = 30.0  # how long a writer waits for another one
CACHE_KIB = 64 * 1024


@dataclass(slots=True)
class Entry:
    """The running journal entry; ``summary`` may be set until the action ends."""

    n: int
    action_id: str
    summary: str = ""


class Store:
    """One profile's database.

    Reading goes through its rooms, from ``sources`` to ``journal``; every write stands inside
    ``action`` (or ``upkeep``, for derived data).
    """

    def __init__(
        self,
        path: Path,
        *,
        key: cipher.Key | None = None,
        clock: Clock = utc_now,
        ids: NewId = new_id,
    ) -> None:
        """Open the database at ``path``, creating it or bringing it up to date.

        ``key`` is asked for the passphrase if it is encrypted.

        Raises:
            StoreError: it cannot be opened, is damaged, or is no database.
            WrongPassphrase: it is encrypted, and not with this key.
            StoreTooNew: a newer memcli wrote it.
            StoreLocked: another process held it for longer than we wait.
        """
        Database = _sqlite_utils()  # noqa: N806

        self.path = path
        self.clock = clock
        self.new_id = ids
        self.key = _key_of(path, key)
        self._patience = PATIENCE_S
        self._turns = Turns(path)
        with self._explained():
            self.db = Database(_connect(path, self.key))
            self._prepare()
        self.sources = Sources(self.db)
        self.sessions = Sessions(self.db)
        self.memories = Memories(self.db)
        self.reports = Reports(self.db, self.memories)
        self.judgements = Judgements(self.db)
        self.forgotten = Forgets(self.db)
        self.texts = Texts(self.db)
        self.vectors = Vectors(self.db)
        self.journal = Journal(self.db)

    def close(self) -> None:
        """Close the connection; the store cannot be used after this."""
        self.db.conn.close()
        self._turns.close()

    @contextlib.contextmanager
    def action(
        self, verb: str, *, action_id: str = "", dry_run: bool = False, undoes: str | None = None
    ) -> Iterator[Entry]:
        """Make all that is written inside one transaction and one journal entry.

        Entries that share an ``action_id`` are undone together. An action that changed nothing
        leaves no entry. With ``dry_run`` everything is done, then rolled back. Inside another
        action this joins it.
        """
        if self.db.conn.in_transaction:
            yield Entry(0, action_id)
            return
        with self._transaction(keep=not dry_run):
            now = self.clock()
            action_id = action_id or self.new_id()
            entry = self.journal.begin(action_id, verb, now, undoes)
            running = Entry(entry, action_id)
            yield running
            self.journal.finish(entry, running.summary)

    @contextlib.contextmanager
    def upkeep(self) -> Iterator[None]:
        """Make changes to derived data, which undo knows nothing of, one transaction."""
        if self.db.conn.in_transaction:
            yield
            return
        with self._transaction(keep=True):
            yield

    @contextlib.contextmanager
    def patience(self, seconds: float) -> Iterator[None]:
        """Wait no longer than this in here while another process writes, then raise StoreLocked."""
        before, self._patience = self._patience, seconds
        self.db.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")
        try:
            yield
        finally:
            self._patience = before
            self.db.execute(f"PRAGMA busy_timeout = {int(1000 * before)}")

    def undo(self, action_id: str) -> list[str]:
        """Take an action back and return the summaries of what was undone.

        Undoing an undo does the action again.

        Raises:
            NotFound: no such action, or it is undone already.
            MemcliError: something it touched was changed later.
        """
        with self.action("undo", undoes=action_id) as entry:
            undone = self.journal.undo(action_id)
            entry.summary = "; ".join(filter(None, undone))
        return undone

    def redo(self, action_id: str) -> list[str]:
        """Do an action again that was undone.

        Raises:
            NotFound: it is not undone.
        """
        return self.undo(self.journal.undo_of(action_id))

    def scrub(self) -> None:
        """Overwrite what deleted rows left in the file: index segments, free pages, the log.

        SQLite before 3.42 has no secure delete for FTS5; optimize and VACUUM write all anew.
        """
        with self._explained(), self._turn():
            self.set_meta("unscrubbed", "1")
            self.db.execute("INSERT INTO items_fts(items_fts) VALUES ('optimize')")
            self.db.execute("VACUUM")
            paths.ProfilePaths(self.path.parent).drop_copies()
            if not self.empty_log():
                raise StoreLocked(
                    f"{self.path}-wal still holds what was deleted: another process is reading it.",
                    "Close the other memcli; the next one that starts finishes the erasing.",
                )
            self.db.execute("DELETE FROM meta WHERE key = 'unscrubbed'")  # now that all is done

    def empty_log(self) -> bool:
        """Move all of the log into the database; say whether no other process kept that from it."""
        with self._turn():
            return not self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def copy_aside(self, why: str) -> Path:
        """Keep a copy of the database beside it, and return where; forgetting deletes it."""
        kept = self.path.with_name(f"{self.path.name}.auto-{why}")
        self.copy_to(kept)
        return kept

    def copy_to(self, file: Path) -> None:
        """Copy the database, while it is in use, to a file that only its owner can read.

        If it is encrypted so is the copy, with the same key.
        """
        file.unlink(missing_ok=True)
        paths.make_private_file(file)
        with contextlib.closing(cipher.connect(file, self.key)) as copied:
            self.db.conn.backup(copied)

    def contents(self) -> Iterator[bytes]:
        """Yield what every row of every table holds, as it would stand in a plain file."""
        tables = self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:
            for row in self.db.execute(f'SELECT * FROM "{name}"'):
                yield b"\0".join(v if isinstance(v, bytes) else str(v).encode() for v in row)

    def version(self) -> int:
        """Return a number that changes when another process writes to the database."""
        return int(self.db.execute("PRAGMA data_version").fetchone()[0])

    def meta(self, key: str, default: str = "") -> str:
        """Return a value that the store keeps about itself."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return row[0] if row else default

    def set_meta(self, key: str, value: str) -> None:
        """Keep a value about the store itself."""
        self.db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)", [key, value])

    def fence(self) -> str:
        """Return the code that marks off this memory's texts in prompts, see ``text.fence``.

        One for all turns, not one for each: system prompts, the states of sessions and documents
        and the cells of memories were all made with it, and are worth keeping.
        """
        if not (code := self.meta("fence")):
            code, keep = secrets.token_hex(4), "INSERT OR IGNORE INTO meta VALUES ('fence', ?)"
            # A memory that cannot be written now has another code the next time.
            with contextlib.suppress(StoreError), self.patience(0), self.upkeep():
                self.db.execute(keep, [code])
            code = self.meta("fence", code)
        return code

    @contextlib.contextmanager
    def _transaction(self, *, keep: bool) -> Iterator[None]:
        # Not db.atomic(): its deferred BEGIN takes the write lock only at the first write, and
        # SQLite refuses that at once, without waiting, if another process wrote meanwhile.
        with self._explained(), self._turn():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._roll_back()
                raise
            self.db.execute("COMMIT" if keep else "ROLLBACK")

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if not can_write(self.path):  # which SQLite says best itself
            yield
            return
        with self._explained(), self._turns.take(self._patience):
            yield

    def _roll_back(self) -> None:
        if self.db.conn.in_transaction:  # an error such as a full disk may have ended it already
            self.db.execute("ROLLBACK")

    def _prepare(self) -> None:
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        if version > schema.VERSION:
            raise StoreTooNew(
                f"{self.path} was written by a newer memcli (schema {version}; this one knows"
                f" {schema.VERSION}).",
                "Upgrade memcli, or use another profile: memcli --profile NAME …",
            )
        if version < schema.VERSION:
            with self._turn():
                self._migrate()
        if self.meta("unscrubbed"):  # forgetting was cut short: by a reader, a crash, a full disk
            with contextlib.suppress(StoreError), self.patience(0):
                self.scrub()

    def _migrate(self) -> None:
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        if version == schema.VERSION:  # another process did it meanwhile
            return
        if version:  # whatever a migration does, what was there is kept
            self.copy_aside(f"schema-{version}")
        with self._transaction(keep=True):
            schema.apply(self.db)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except cipher.errors() as error:
            raise explain(error, self.path, encrypted=bool(self.key)) from error


def _sqlite_utils() -> type[Database]:
    """Load sqlite-utils (100 ms) without numpy (70 ms more), whose types no column of ours has."""
    absent = "numpy" not in sys.modules
    if absent:
        sys.modules["numpy"] = None  # type: ignore[assignment]
    try:
        from sqlite_utils import Database
    finally:
        if absent:
            del sys.modules["numpy"]
    return Database


def _connect(path: Path, key: str) -> sqlite3.Connection:
    paths.make_private_folder(path.parent)
    if path.exists() and not can_write(path):
        return cipher.connect(reading_uri(path), key, uri=True, isolation_level=None)
    paths.make_private_file(path)  # SQLite gives its -wal and -shm files the same mode
    connection = cipher.connect(path, key, timeout=PATIENCE_S, isolation_level=None)
    connection.executescript(
        f"""
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA recursive_triggers = ON;
        PRAGMA secure_delete = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -{CACHE_KIB};
        """
    )
    return connection


def _key_of(path: Path, key: cipher.Key | None) -> str:
    if not cipher.is_encrypted(path):
        return ""
    if key is None:
        raise WrongPassphrase(
            f"{path} is encrypted, or damaged.", f"Set {cipher.PASSPHRASE} to its passphrase."
        )
    return key()


def reading_uri(path: Path) -> str:
    """Return the URI under which SQLite reads a database without writing to it.

    Where the files of its log cannot be made, the database is taken for one that nobody writes to.
    """
    log = Path(f"{path}-wal")
    fixed = not can_write(path) and not (log.exists() and log.stat().st_size)
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if fixed else ''}"


def can_write(path: Path) -> bool:
    """Say whether a database can be written: itself, and the log beside it."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
