"""All that is remembered as JSON, one row a line, and back again without a loss.

    {"memcli": 1, "schema": 2}
    {"table": "sources", "n": 1, "id": "…", …}
    {"table": "memories", "n": 1, "id": "…", "text": "…", …}

Rows stand in the order of ``QUERIES`` and of their numbers, so that the same memory gives the same
bytes. Into an empty store they go as they are, history included. Into any other one goes what it
has not: as one action to undo, and without what was forgotten there. Vectors and indexes are
derived, and made again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from memcli.errors import InvalidInput
from memcli.store import Store, cipher, rows, schema
from memcli.text import escaped
from memcli.tiers.long_term import LongTerm

Row = dict[str, Any]

FORMAT = 1
MARK = b'{"memcli": '
HISTORY = ("journal", "changes")
ROOTS = {  # rows with an id: their columns as a record has them, and how it is read
    "sources": (rows.SOURCE, rows.read_source),
    "sessions": (rows.SESSION, lambda row: rows.to_time(row[2])),
    "turns": (rows.TURN, rows.read_turn),
    "memories": (rows.MEMORY, rows.read_memory),
    "reviews": ("triples", lambda row: json.loads(row[0])),
}
CHILDREN = {  # rows that belong to others: the columns that name them
    "triples": ("memory_id",),
    "covers": ("memory_id", "turn_id"),
    "proofs": ("memory_id", "turn_id"),
    "uses": ("turn_id",),
    "conflicts": ("memory_id", "other_id"),
}
OWNERS = {"memory_id": "memories", "other_id": "memories", "turn_id": "turns"}
CONTAINERS = ("sources", "sessions")
COUNTED = ("turns", "memories")
TABLES_OF_TEXT = (*ROOTS, *CHILDREN)
NUMBERED = (*HISTORY, *TABLES_OF_TEXT)
QUERIES = {
    **{table: f"SELECT * FROM {table} ORDER BY n" for table in NUMBERED},
    "forgotten": "SELECT * FROM forgotten ORDER BY hash",
    "meta": "SELECT * FROM meta WHERE key = 'salt'",
    # The last number of each table, for numbers are never used twice.
    "sqlite_sequence": f"""SELECT * FROM sqlite_sequence
        WHERE name IN ({str(TABLES_OF_TEXT)[1:-1]}) ORDER BY name""",
}
LATER = {"turns": {"reply_to": ""}}  # columns that older archives lack
TYPES: dict[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "REAL": (int, float)}


@dataclass(slots=True)
class Loaded:
    """What became of the turns and memories of an archive."""

    new: int = 0
    unchanged: int = 0
    forgotten: int = 0
    ids: dict[str, str] = field(default_factory=dict)  # of rows that are here: theirs → ours
    added: set[str] = field(default_factory=set)
    waiting: dict[str, Row] = field(default_factory=dict)  # sources and sessions, until used


def is_archive(head: bytes) -> bool:
    """Say whether a file that begins like this was written by ``dump``."""
    return head.startswith(MARK)


def dump(store: Store) -> Iterator[str]:
    """Yield the lines of an archive, all of one moment."""
    store.db.execute("BEGIN")
    try:
        yield json.dumps({"memcli": FORMAT, "schema": schema.VERSION}) + "\n"
        for table, query in QUERIES.items():
            cursor = store.db.execute(query)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                line = {"table": table, **dict(zip(names, row, strict=True))}
                yield escaped(json.dumps(line, ensure_ascii=False)) + "\n"
    finally:
        store.db.execute("ROLLBACK")


def load(memory: LongTerm, lines: Iterable[bytes], *, allow_again: bool = False) -> Loaded:
    """Take in an archive, whole or not at all; inside another action it joins that.

    Raises:
        InvalidInput: it is damaged, or of a newer memcli.
    """
    store, done = memory.store, Loaded()
    found = _rows(lines, {table: _columns(store, table) for table in QUERIES})
    if _is_new(store):
        with store.upkeep():
            _restore(store, found, done)
        memory.meaning.embed_missing()
        return done
    with memory.writing("import") as entry:
        store.db.execute("PRAGMA defer_foreign_keys = ON")
        for row in found:
            _merge(store, row, done, allow_again=allow_again)
        entry.summary = f"imported {done.new} records of an archive"
    return done


def _restore(store: Store, found: Iterable[Row], done: Loaded) -> None:
    """Put rows in as they are. What the triggers note meanwhile is no part of their history."""
    store.db.execute("PRAGMA defer_foreign_keys = ON")
    store.db.execute("INSERT INTO journal(n, action_id, at, verb) VALUES (0, '', '', '')")
    last = 0
    for row in found:
        table = row.pop("table")
        if table == "sqlite_sequence":
            store.db.execute("DELETE FROM changes WHERE n > ?", [last])
            store.db.execute(f"DELETE FROM {table} WHERE name = ?", [row["name"]])
        last = row["n"] if table == "changes" else last
        _insert(store, table, row)
        done.new += table in COUNTED
    store.db.execute("DELETE FROM journal WHERE n = 0")
    if store.db.execute("PRAGMA foreign_key_check").fetchone():
        raise InvalidInput("This archive cannot be read: rows in it are missing.")


def _merge(store: Store, row: Row, done: Loaded, *, allow_again: bool) -> None:
    table = row.pop("table")
    row.pop("n", None)
    if table in CHILDREN:
        first, *others = CHILDREN[table]
        there = all(_has(store, OWNERS[column], row[column]) for column in others)
        if row[first] in done.added and there:
            _insert(store, table, row)
        return
    if table not in ROOTS:
        return
    known = _same(store, table, row, done)
    if known:
        done.ids[row["id"]] = known
        done.unchanged += table in COUNTED
    elif table in CONTAINERS:
        done.waiting[row["id"]] = row
    elif not allow_again and _is_forgotten(store, row, done):
        done.forgotten += 1
    elif _fits(store, table, row, done):
        _insert(store, table, row)
        done.added.add(row["id"])
        done.new += table in COUNTED


def _is_forgotten(store: Store, row: Row, done: Loaded) -> bool:
    """Say whether a row was forgotten here; of a turn, blank the sentences that were.

    A session that such a turn began was named after it.
    """
    said = row["text"]
    gone = any(text in store.forgotten for text in (said, row.get("quote")) if text)
    if "seq" in row:
        row["text"] = store.forgotten.blank(said)
        if row["seq"] == 0 and (gone or row["text"] != said) and row["session_id"] in done.waiting:
            done.waiting[row["session_id"]]["title"] = ""
    return gone


def _fits(store: Store, table: str, row: Row, done: Loaded) -> bool:
    """Tie a row to what it belongs to here, and say whether that is here."""
    for column in ("source_id", "session_id"):
        if theirs := row.get(column):
            if theirs in done.waiting:
                container = done.waiting.pop(theirs)
                _fits(store, column.replace("_id", "s"), container, done)
                _insert(store, column.replace("_id", "s"), container)
            row[column] = done.ids.get(theirs, theirs)
    if table == "turns":
        row["seq"] = max(row["seq"], store.sessions.next_seq(row["session_id"]))
    turn = row.get("turn_id")
    if turn and not _has(store, "turns", turn):
        row["turn_id"] = None
        return table != "reviews"
    return True


def _same(store: Store, table: str, row: Row, done: Loaded) -> str | None:
    """Return the id of a row that is there already: of the same id, or imported from the same."""
    if _has(store, table, row["id"]):
        return str(row["id"])
    if table == "sources" and row["key"]:
        source = store.sources.by_key(row["key"])
        return source.id if source else None
    if table == "sessions" and row["external_id"]:
        source_id = done.ids.get(row["source_id"], row["source_id"])
        session = store.sessions.by_external_id(source_id or "", row["external_id"])
        return session.id if session else None
    return None


def _has(store: Store, table: str, id: str) -> bool:
    return store.db.execute(f"SELECT 1 FROM {table} WHERE id = ?", [id]).fetchone() is not None


def _insert(store: Store, table: str, row: Row) -> None:
    verb = "INSERT OR REPLACE" if table == "meta" else "INSERT"
    names, marks = ", ".join(row), rows.marks(list(row))
    try:
        store.db.execute(f"{verb} INTO {table}({names}) VALUES ({marks})", list(row.values()))
    except cipher.errors("IntegrityError") as error:
        raise InvalidInput(
            f"This archive cannot be read: its rows contradict each other ({error}).",
            "Nothing of it was taken in.",
        ) from error


def _is_new(store: Store) -> bool:
    """Say whether nothing was ever done here, so that rows may keep their numbers."""
    used = store.db.execute("SELECT 1 FROM journal UNION ALL SELECT 1 FROM forgotten LIMIT 1")
    return not store.db.conn.in_transaction and used.fetchone() is None


def _columns(store: Store, table: str) -> dict[str, str]:
    """Return the types of a table's columns by name."""
    found = {row[1]: row[2] for row in store.db.execute(f"PRAGMA table_info({table})")}
    return found if table != "sqlite_sequence" else {"name": "TEXT", "seq": "INTEGER"}


def _rows(lines: Iterable[bytes], columns: dict[str, dict[str, str]]) -> Iterator[Row]:
    """Yield the rows of an archive, each with the table it belongs to.

    Raises:
        InvalidInput: a line is none, or the first one is of a newer memcli.
    """
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            for name, value in LATER.get(row.get("table"), {}).items():
                row.setdefault(name, value)
            right = _is_head(row) if number == 1 else _is_row(row, columns[row["table"]])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            right = False
        if not right:
            why = "a newer memcli wrote it" if number == 1 else f"line {number} is damaged"
            raise InvalidInput(
                f"This archive cannot be read: {why}.", "Nothing of it was taken in."
            )
        if number > 1:
            yield row


def _is_head(row: Row) -> bool:
    return bool(row["memcli"] == FORMAT and 0 < row["schema"] <= schema.VERSION)


def _is_row(row: Row, columns: dict[str, str]) -> bool:
    """Say whether a row has the columns of its table, and what can be read in each."""
    table = row["table"]
    if table in ROOTS:
        names, read = ROOTS[table]
        read([row[name] for name in names.split(", ")])
    return set(row) == {"table", *columns} and all(
        row[name] is None or (isinstance(row[name], TYPES[type]) and _can_be_stored(row[name]))
        for name, type in columns.items()
    )


def _can_be_stored(value: Any) -> bool:
    """Say whether SQLite has room for a number; raise ValueError for half a surrogate pair."""
    if isinstance(value, str):
        return value.encode() is not None
    return isinstance(value, float) or -(2**63) <= value < 2**63
