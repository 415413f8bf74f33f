"""The tables, and the triggers that keep every copy of a text true to its original.

    sources ──< sessions ──< turns ──< memories ──< triples
                               │           ├──< covers >── turns      (what a summary stands for)
                               │           ├──< proofs >── turns      (where it was said again)
                               │           └──< conflicts >── memories  (that cannot both hold)
                               ├──< uses                              (what an answer was made from)
                               └──< reviews                   (what awaits the owner's judgement)

What recall finds is an *item*: a turn or a memory, but no answer that was itself ``derived`` from
recalled memories, or memories would breed. Its number is ``2 n`` for turn n and
``2 n + 1`` for memory n, so that both share one full-text index and one set of vectors.

The full-text index takes no run of Chinese, Japanese, Thai and the like for one word: the view
``searched`` sets their letters apart, and a search for a pair of letters is one for a phrase.

Three things follow each change by trigger, so that no caller can forget them: the full-text
index, the list of items without a vector (``unembedded``), and the ``changes`` of the running
journal entry, which is what undo plays backwards (https://sqlite.org/undoredo.html).
A vector that comes or goes leaves a row in ``outbox``, from which other indexes are fed.
Numbers are never used twice (AUTOINCREMENT): an undone deletion gets its old place back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from memcli.text import UNSPACED_RANGES

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

VERSION = 3  # the number of migrations below; a store with a higher number is newer than we are

BLOCK = 200  # characters; to take the n-th one off a whole text takes time in proportion to n


def spaced(text: str) -> str:
    """Return SQL for a text whose unspaced letters are set apart, as ``text.spaced`` does it.

    Plain SQL, so that any SQLite may write to the file.
    """
    return f"""CASE WHEN length(CAST({text} AS BLOB)) = length({text})
        OR {text} NOT GLOB '*[{UNSPACED_RANGES}]*' THEN {text} ELSE (
        WITH RECURSIVE
            blocks(block, at) AS (SELECT substr({text}, 1, {BLOCK}), 1 UNION ALL
                SELECT substr({text}, at + {BLOCK}, {BLOCK}), at + {BLOCK} FROM blocks
                WHERE at + {BLOCK} <= length({text})),
            places(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM places WHERE i < {BLOCK})
        SELECT group_concat(iif(c GLOB '[{UNSPACED_RANGES}]', ' ' || c || ' ', c), '') FROM (
            SELECT substr(block, i, 1) AS c FROM blocks CROSS JOIN places ORDER BY at, i)) END"""


TABLES = f"""
CREATE TABLE sources (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    uri TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '', key TEXT NOT NULL DEFAULT '',
    content_hash TEXT NOT NULL DEFAULT '', time TEXT
);
CREATE UNIQUE INDEX sources_key ON sources(key) WHERE key != '';

CREATE TABLE sessions (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL DEFAULT '',
    started TEXT NOT NULL,
    source_id TEXT REFERENCES sources(id), external_id TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX sessions_external ON sessions(source_id, external_id) WHERE external_id != '';

CREATE TABLE turns (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, seq INTEGER NOT NULL,
    role TEXT NOT NULL, speaker TEXT NOT NULL DEFAULT '', text TEXT NOT NULL, time TEXT NOT NULL,
    external_id TEXT NOT NULL DEFAULT '', interrupted INTEGER NOT NULL DEFAULT 0,
    key TEXT NOT NULL DEFAULT '', derived INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX turns_key ON turns(session_id, key) WHERE key != '';
CREATE UNIQUE INDEX turns_seq ON turns(session_id, seq);
CREATE INDEX turns_time ON turns(time);
CREATE INDEX turns_speaker ON turns(speaker COLLATE NOCASE) WHERE speaker != '';

CREATE TABLE memories (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    text TEXT NOT NULL, quote TEXT NOT NULL DEFAULT '', source_id TEXT REFERENCES sources(id),
    turn_id TEXT REFERENCES turns(id) ON DELETE SET NULL, span_start INTEGER, span_end INTEGER,
    title TEXT NOT NULL DEFAULT '', speaker TEXT NOT NULL DEFAULT '', recorded TEXT NOT NULL,
    valid_from TEXT, valid_to TEXT, superseded_by TEXT, pinned INTEGER NOT NULL DEFAULT 0,
    tags TEXT NOT NULL DEFAULT '[]', external_id TEXT NOT NULL DEFAULT '',
    key TEXT NOT NULL DEFAULT ''
);
CREATE INDEX memories_source ON memories(source_id, key);
CREATE INDEX memories_turn ON memories(turn_id);
CREATE INDEX memories_head ON memories(substr(text, 1, 48));
CREATE INDEX memories_recorded ON memories(recorded);
CREATE INDEX memories_pinned ON memories(pinned) WHERE pinned;

CREATE TABLE triples (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    memory_id TEXT NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
    subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL
);
CREATE INDEX triples_memory ON triples(memory_id);
CREATE INDEX triples_slot ON triples(subject COLLATE NOCASE, predicate);

CREATE TABLE covers (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    memory_id TEXT NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
    turn_id TEXT NOT NULL REFERENCES turns(id) ON DELETE CASCADE
);
CREATE INDEX covers_memory ON covers(memory_id);
CREATE INDEX covers_turn ON covers(turn_id);

CREATE TABLE proofs (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    memory_id TEXT NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
    turn_id TEXT NOT NULL REFERENCES turns(id) ON DELETE CASCADE, quote TEXT NOT NULL
);
CREATE INDEX proofs_memory ON proofs(memory_id);

CREATE TABLE uses (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id TEXT NOT NULL REFERENCES turns(id) ON DELETE CASCADE, used_id TEXT NOT NULL
);
CREATE INDEX uses_turn ON uses(turn_id);
CREATE INDEX uses_used ON uses(used_id);

CREATE TABLE journal (
    n INTEGER PRIMARY KEY AUTOINCREMENT, action_id TEXT NOT NULL, at TEXT NOT NULL,
    verb TEXT NOT NULL, summary TEXT NOT NULL DEFAULT '',
    undoes TEXT, undone INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX journal_action ON journal(action_id);
CREATE TABLE changes (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    journal_n INTEGER NOT NULL REFERENCES journal(n) ON DELETE CASCADE,
    tbl TEXT NOT NULL, row INTEGER NOT NULL, op TEXT NOT NULL, before TEXT
);
CREATE INDEX changes_journal ON changes(journal_n);
CREATE INDEX changes_row ON changes(tbl, row);

CREATE VIEW items AS
    SELECT 2 * n AS item, id, 'turn' AS kind, text, '' AS title FROM turns
    WHERE NOT derived
    UNION ALL
    SELECT 2 * n + 1, id, kind, text, title FROM memories;
CREATE VIEW searched AS
    SELECT item, {spaced("text")} AS text, {spaced("title")} AS title FROM items;
CREATE VIRTUAL TABLE items_fts USING fts5(
    text, title, content='searched', content_rowid='item',
    tokenize='porter unicode61 remove_diacritics 2'
);
INSERT INTO items_fts(items_fts, rank) VALUES ('rank', 'bm25(1.0, 0.5)');  -- text, title
CREATE VIRTUAL TABLE items_terms USING fts5vocab(items_fts, 'row');

CREATE TABLE vectors (
    n INTEGER PRIMARY KEY AUTOINCREMENT, item INTEGER NOT NULL UNIQUE, vector BLOB NOT NULL
);
CREATE TABLE unembedded (item INTEGER PRIMARY KEY);
CREATE TABLE outbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT NOT NULL, item INTEGER NOT NULL
);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TRIGGER vectors_put AFTER INSERT ON vectors BEGIN
    INSERT INTO outbox(op, item) VALUES ('put', new.item);
END;
CREATE TRIGGER vectors_drop AFTER DELETE ON vectors BEGIN
    INSERT INTO outbox(op, item) VALUES ('drop', old.item);
END;
"""

JUDGED = """
ALTER TABLE memories ADD COLUMN importance REAL NOT NULL DEFAULT 0.5;
ALTER TABLE memories ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
CREATE TABLE conflicts (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    memory_id TEXT NOT NULL REFERENCES memories(id) ON DELETE CASCADE,
    other_id TEXT NOT NULL REFERENCES memories(id) ON DELETE CASCADE
);
CREATE INDEX conflicts_memory ON conflicts(memory_id);
CREATE INDEX conflicts_other ON conflicts(other_id);
CREATE TABLE reviews (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    turn_id TEXT NOT NULL REFERENCES turns(id) ON DELETE CASCADE,
    kind TEXT NOT NULL, text TEXT NOT NULL, reason TEXT NOT NULL, triples TEXT NOT NULL
);
CREATE TABLE forgotten (hash TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE INDEX reviews_turn ON reviews(turn_id);
CREATE INDEX memories_superseded ON memories(superseded_by) WHERE superseded_by IS NOT NULL;
CREATE INDEX memories_history ON memories(recorded) WHERE superseded_by IS NOT NULL;
CREATE INDEX triples_object ON triples(object COLLATE NOCASE);
CREATE TRIGGER conflicts_end AFTER UPDATE OF superseded_by ON memories
WHEN new.superseded_by IS NOT NULL BEGIN
    DELETE FROM conflicts WHERE new.id IN (memory_id, other_id);
END;
"""

IMPORTED = """
ALTER TABLE turns ADD COLUMN reply_to TEXT NOT NULL DEFAULT '';
CREATE INDEX sources_content ON sources(content_hash) WHERE content_hash != '';
CREATE INDEX sessions_of_kind ON sessions(external_id) WHERE external_id != '';
CREATE INDEX memories_of_kind ON memories(key) WHERE external_id != '';
"""

JOURNALLED = ("sources", "sessions", "turns", "memories", "triples", "covers", "proofs", "uses")
JOURNALLED_SINCE_2 = ("conflicts", "reviews")
# table: (an item's number, its title, whether it is an item at all) as SQL over {row}: new or old
SEARCHED = {
    "turns": ("2 * {row}.n", "''", "NOT {row}.derived"),
    "memories": ("2 * {row}.n + 1", "{row}.title", "1"),
}


def migrations() -> Migrations:
    """Return the ordered steps from an empty file to the present schema."""
    from sqlite_utils import Migrations  # with its Database, 170 ms

    steps = Migrations("memcli")

    @steps()
    def first(db: Database) -> None:
        _run_all(db, TABLES)
        for table, (number, title, counts) in SEARCHED.items():
            _run_all(db, item_triggers(table, number, title, counts))
        for table in JOURNALLED:
            _run_all(db, journal_triggers(table, _columns(db, table)))

    @steps()
    def judged(db: Database) -> None:
        _run_all(db, JUDGED)
        _note_again(db, "memories")
        for table in JOURNALLED_SINCE_2:
            _run_all(db, journal_triggers(table, _columns(db, table)))

    @steps()
    def imported(db: Database) -> None:
        _run_all(db, IMPORTED)
        _note_again(db, "turns")

    return steps


def item_triggers(table: str, number: str, title: str, counts: str) -> str:
    """Return the SQL that keeps the full-text index and the vectors true to a table."""
    new, old = number.format(row="new"), number.format(row="old")
    add = (
        "INSERT INTO items_fts(rowid, text, title)"
        f" VALUES ({new}, {spaced('new.text')}, {spaced(title.format(row='new'))});"
        f" INSERT OR IGNORE INTO unembedded(item) VALUES ({new});"
    )
    take = (
        "INSERT INTO items_fts(items_fts, rowid, text, title)"
        f" VALUES ('delete', {old}, {spaced('old.text')}, {spaced(title.format(row='old'))});"
        f" DELETE FROM vectors WHERE item = {old};"
        f" DELETE FROM unembedded WHERE item = {old};"
    )
    is_new, was_old = counts.format(row="new"), counts.format(row="old")
    changed = (
        f"old.text IS NOT new.text OR {title.format(row='old')} IS NOT {title.format(row='new')}"
    )
    return f"""
CREATE TRIGGER {table}_added AFTER INSERT ON {table} WHEN {is_new} BEGIN {add} END;
CREATE TRIGGER {table}_removed AFTER DELETE ON {table} WHEN {was_old} BEGIN {take} END;
CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} WHEN {was_old} AND ({changed})
    BEGIN {take} {add} END;
"""


def journal_triggers(table: str, columns: list[str]) -> str:
    """Return the SQL that notes each change of a table under the running journal entry.

    Writers are serialised (``BEGIN IMMEDIATE``) and write their entry first, so the running
    entry is the last one.
    """
    before = "json_object(" + ", ".join(f"'{name}', old.{name}" for name in columns) + ")"
    entry = "(SELECT max(n) FROM journal)"
    note = f"INSERT INTO changes(journal_n, tbl, row, op, before) VALUES ({entry}"
    return f"""
CREATE TRIGGER {table}_insert_noted AFTER INSERT ON {table} BEGIN
    {note}, '{table}', new.n, 'insert', NULL);
END;
CREATE TRIGGER {table}_update_noted AFTER UPDATE ON {table} BEGIN
    {note}, '{table}', old.n, 'update', {before});
END;
CREATE TRIGGER {table}_delete_noted AFTER DELETE ON {table} BEGIN
    {note}, '{table}', old.n, 'delete', {before});
END;
"""


def _note_again(db: Database, table: str) -> None:
    """Have the changes of a table noted with the columns that it has now."""
    for change in ("insert", "update", "delete"):
        db.execute(f"DROP TRIGGER {table}_{change}_noted")
    _run_all(db, journal_triggers(table, _columns(db, table)))


def _columns(db: Database, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def _run_all(db: Database, script: str) -> None:
    """Run several statements inside the open transaction (executescript would commit it)."""
    import sqlite3

    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if statement.strip() and sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""


def apply(db: Any) -> None:
    """Bring an open database to the present schema, in the caller's transaction."""
    migrations().apply(db)
    db.execute(f"PRAGMA user_version = {VERSION}")
