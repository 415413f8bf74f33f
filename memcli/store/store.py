"""Open the database, and change it one whole action at a time."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memcli import paths
from memcli.errors import StoreError, StoreLocked, StoreTooNew
from memcli.ids import Clock, NewId, new_id, utc_now
from memcli.store import schema
from memcli.store.forgotten import Forgets
from memcli.store.journal import Journal
from memcli.store.judgements import Judgements
from memcli.store.memories import Memories
from memcli.store.reports import Reports
from memcli.store.sessions import Sessions
from memcli.store.sources import Sources
from memcli.store.texts import Texts
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

    def __init__(self, path: Path, *, clock: Clock = utc_now, ids: NewId = new_id) -> None:
        """Open the database at ``path``, creating it or bringing it up to date.

        Raises:
            StoreError: it cannot be opened, is damaged, or is no database.
            StoreTooNew: a newer memcli wrote it.
            StoreLocked: another process held it for longer than we wait.
        """
        Database = _sqlite_utils()  # noqa: N806

        self.path = path
        self.clock = clock
        self.new_id = ids
        with self._explained():
            self.db = Database(_connect(path))
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
        with self._explained():
            self.set_meta("unscrubbed", "1")
            self.db.execute("INSERT INTO items_fts(items_fts) VALUES ('optimize')")
            self.db.execute("VACUUM")
            self.db.execute("DELETE FROM meta WHERE key = 'unscrubbed'")
            busy = self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                self.set_meta("unscrubbed", "1")
                raise StoreLocked(
                    f"{self.path}-wal still holds what was deleted: another process is reading it.",
                    "Close the other memcli; the next one that starts finishes the erasing.",
                )

    def copy_aside(self, why: str) -> Path:
        """Keep a copy of the database beside it, and return where; forgetting deletes it."""
        kept = self.path.with_name(f"{self.path.name}.auto-{why}")
        copy(self.db.conn, kept)
        return kept

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

    @contextlib.contextmanager
    def _transaction(self, *, keep: bool) -> Iterator[None]:
        # Not db.atomic(): its deferred BEGIN takes the write lock only at the first write, and
        # SQLite refuses that at once, without waiting, if another process wrote meanwhile.
        with self._explained():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._roll_back()
                raise
            self.db.execute("COMMIT" if keep else "ROLLBACK")

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
            if version:  # whatever a migration does, what was there is kept
                self.copy_aside(f"schema-{version}")
            with self._transaction(keep=True):
                schema.apply(self.db)
        if self.meta("unscrubbed"):  # forgetting was cut short: by a reader, or by a crash
            with contextlib.suppress(StoreLocked):
                self.scrub()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explain(error, self.path) from error


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


def copy(database: sqlite3.Connection, file: Path) -> None:
    """Copy a database to a file that only its owner can read, while it is in use."""
    file.unlink(missing_ok=True)
    paths.make_private_file(file)
    with contextlib.closing(sqlite3.connect(file)) as copied:
        database.backup(copied)


def _connect(path: Path) -> sqlite3.Connection:
    paths.make_private_folder(path.parent)
    if not path.exists():
        paths.make_private_file(path)  # SQLite gives its -wal and -shm files the same mode
    connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
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


def explain(error: sqlite3.Error, path: Path | str) -> StoreError:
    """Say in the user's terms what went wrong with the database."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return StoreLocked(
            f"{path} is in use by another process ({text}).",
            "Wait for it to finish, or close the other memcli.",
        )
    if "readonly" in text or "unable to open" in text:
        return StoreError(
            f"{path} cannot be written ({text}).",
            f"Check the permissions of {Path(path).parent}, or set MEMCLI_HOME elsewhere.",
        )
    if "full" in text:
        return StoreError(f"The disk is full: {path} was not changed.", "Free some space.")
    if "not a database" in text or "malformed" in text:
        return StoreError(
            f"{path} is damaged or is not a memcli database ({text}).", "Run: memcli doctor"
        )
    return StoreError(f"The database {path} refused: {text}.", "Run: memcli doctor")
