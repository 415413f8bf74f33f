"""Questions in SQL that the owner asks: read only, within a time, over four documented views.

    memories  id, kind, text, quote, title, tags, recorded, valid_from, valid_to, superseded_by,
              pinned, muted, importance, source, turn_id
    turns     id, session_id, session, seq, role, speaker, text, time
    triples   memory_id, subject, predicate, object, current
    history   at, action, summary, undone, tbl, id, op, before

Times are ISO 8601 in UTC. The connection is opened read only, ``PRAGMA query_only`` is on, and an
authorizer lets only reading through.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from memcli.errors import InvalidInput, StoreError
from memcli.store import cipher
from memcli.store.store import reading_uri

SECONDS = 10.0
STEPS = 20_000  # of SQLite's virtual machine between two looks at the clock
VIEWS = """
CREATE TEMP VIEW memories AS SELECT m.id, m.kind, m.text, m.quote, m.title, m.tags, m.recorded,
    m.valid_from, m.valid_to, m.superseded_by, m.pinned, m.muted, m.importance,
    s.uri AS source, m.turn_id
    FROM main.memories AS m LEFT JOIN main.sources AS s ON s.id = m.source_id;
CREATE TEMP VIEW turns AS SELECT t.id, t.session_id, s.title AS session, t.seq, t.role, t.speaker,
    t.text, t.time FROM main.turns AS t JOIN main.sessions AS s ON s.id = t.session_id;
CREATE TEMP VIEW triples AS SELECT t.memory_id, t.subject, t.predicate, t.object,
    m.superseded_by IS NULL AS current
    FROM main.triples AS t JOIN main.memories AS m ON m.id = t.memory_id;
CREATE TEMP VIEW history AS SELECT j.at, j.verb AS action, j.summary, j.undone, c.tbl,
    coalesce(json_extract(c.before, '$.id'), iif(c.tbl = 'memories',
        (SELECT id FROM main.memories WHERE n = c.row), NULL)) AS id, c.op, c.before
    FROM main.changes AS c JOIN main.journal AS j ON j.n = c.journal_n;
PRAGMA query_only = ON;
"""
READING = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    getattr(sqlite3, "SQLITE_RECURSIVE", 33),
)
HARMFUL = ("load_extension", "fts5", "writefile", "readfile", "edit")


Row = tuple[Any, ...]


def ask(
    path: Path, query: str, *, key: str = "", seconds: float = SECONDS
) -> tuple[list[str], Iterator[Row]]:
    """Run one SELECT and return the names of its columns, and its rows.

    ``key`` is that of an encrypted database.

    Raises:
        InvalidInput: it is no query, would write, or takes longer than ``seconds``.
        StoreError: the database cannot be read.
    """
    db = _read_only(path, key)
    end = time.monotonic() + seconds
    db.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    with contextlib.ExitStack() as stack:
        stack.callback(db.close)
        with _explained(seconds):
            cursor = db.execute(query)
        stack.pop_all()
    names = [column[0] for column in cursor.description or ()]
    return names, _rows(db, cursor, seconds)


def _read_only(path: Path, key: str) -> sqlite3.Connection:
    try:
        db = cipher.connect(reading_uri(path), key, uri=True)
        db.executescript(VIEWS)
    except cipher.errors() as error:
        raise StoreError(f"{path} cannot be read ({error}).", "memcli doctor") from error
    db.set_authorizer(_allow)
    return db


def _allow(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    harmful = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in HARMFUL
    return sqlite3.SQLITE_OK if action in READING and not harmful else sqlite3.SQLITE_DENY


def _rows(db: sqlite3.Connection, cursor: sqlite3.Cursor, seconds: float) -> Iterator[Row]:
    with contextlib.closing(db), _explained(seconds):
        yield from cursor


@contextlib.contextmanager
def _explained(seconds: float) -> Iterator[None]:
    refused: tuple[type[Exception], ...] = (*cipher.errors("Error", "Warning"), ValueError)
    try:
        yield
    except refused as error:
        says = str(error)
        if "interrupted" in says:
            says = f"it took longer than {seconds:g} s"
        elif "not authorized" in says or "prohibited" in says or "readonly" in says:
            says = "only reading is allowed"
        raise InvalidInput(
            f"This query cannot be run: {says}.",
            "memcli memory sql --help lists what can be asked.",
        ) from error
