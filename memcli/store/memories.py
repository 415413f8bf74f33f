"""Memories, their triples, and what summaries cover."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memcli.records import Memory, Triple, Turn
from memcli.store import rows
from memcli.store.filters import CURRENT, ORDERS, Filter
from memcli.store.texts import quote

if TYPE_CHECKING:
    from sqlite_utils import Database

MOST_IN_SLOT = 64  # memories under one subject and predicate that recall looks at
MOST_OF_TURN = 64  # memories learnt from one turn, likewise
HEAD = 48  # characters of the text that are indexed, to find equal texts (schema.py)


# An imported note, and what was learnt from it: their keys are its own with a tab behind it.
OF_NOTE = "source_id = ? AND (key = ? OR key BETWEEN ? AND ?)"


class Memories:
    """The tables of memories, triples and covers."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, memories: Iterable[Memory]) -> None:
        """Store new memories with their triples."""
        memories = list(memories)
        self._db.conn.executemany(
            f"INSERT INTO memories({rows.MEMORY}) VALUES ({rows.marks(rows.MEMORY.split(','))})",
            [rows.memory_row(memory) for memory in memories],
        )
        if triples := [
            (m.id, t.subject, t.predicate, t.object) for m in memories for t in m.triples
        ]:
            self._db.conn.executemany(
                "INSERT INTO triples(memory_id, subject, predicate, object) VALUES (?, ?, ?, ?)",
                triples,
            )

    def get(self, id: str) -> Memory | None:
        """Return the memory with this id."""
        found = self._select("WHERE id = ?", [id])
        return found[0] if found else None

    def matching(self, part: str) -> list[Memory]:
        """Return the memories whose id begins or ends with this text (at most ten)."""
        return self._select(
            "WHERE substr(id, 1, ?) = ? OR substr(id, -?) = ? LIMIT 10",
            [len(part), part, len(part), part],
        )

    def of_ids(self, ids: Sequence[str]) -> list[Memory]:
        """Return memories in the order of their ids here; those that are gone are left out."""
        found = self._select(
            "WHERE id IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(list(ids))}
        )
        by_id = {memory.id: memory for memory in found}
        return [by_id[id] for id in ids if id in by_id]

    def of_numbers(self, numbers: Sequence[int]) -> list[Memory]:
        """Return memories by row number, the oldest first; those that are gone are left out."""
        return self._select(
            "WHERE n IN (SELECT value FROM json_each(:ns)) ORDER BY n",
            {"ns": json.dumps(list(numbers))},
        )

    def by_number(self, numbers: Sequence[int]) -> dict[int, Memory]:
        """Return memories, without triples, by row number; those that are gone are left out."""
        found = self._db.execute(
            f"SELECT n, {rows.MEMORY} FROM memories WHERE n IN ({rows.marks(numbers)})",
            list(numbers),
        )
        return {row[0]: rows.read_memory(row[1:]) for row in found}

    def newest(
        self, *, kind: str | None = None, current: bool = False, limit: int = -1
    ) -> list[Memory]:
        """Return memories, the newest first."""
        return self.matching_all(Filter(kind=kind, current=current), limit=limit)

    def matching_all(
        self, wanted: Filter, *, order: str = "newest", limit: int = -1
    ) -> list[Memory]:
        """Return the memories for which all conditions hold, in one of ``ORDERS``."""
        where, values = wanted.where()
        return self._select(f"WHERE {where} ORDER BY {ORDERS[order]} LIMIT {limit:d}", values)

    def count_matching(self, wanted: Filter) -> int:
        """Return the number of memories for which all conditions hold."""
        where, values = wanted.where()
        found = self._db.execute(f"SELECT count(*) FROM memories WHERE {where}", values)
        return int(found.fetchone()[0])

    def pinned(self) -> list[Memory]:
        """Return the memories that stand in every prompt, the oldest first."""
        return self._select(f"WHERE pinned AND NOT muted AND {CURRENT} ORDER BY n", [])

    def of_turn(self, turn_id: str) -> list[Memory]:
        """Return what was learnt from a turn."""
        return self._select("WHERE turn_id = ? ORDER BY n", [turn_id])

    def of_turns(self, turn_ids: Sequence[str]) -> list[Memory]:
        """Return what was learnt last from each of some turns, without triples."""
        found = self._db.execute(
            f"""SELECT {rows.columns(rows.MEMORY, "m")} FROM json_each(?) AS t JOIN memories AS m
                ON m.n IN (SELECT n FROM memories WHERE turn_id = t.value
                           ORDER BY n DESC LIMIT {MOST_OF_TURN})""",
            [json.dumps(list(turn_ids))],
        )
        return [rows.read_memory(row) for row in found]

    def by_key(self, source_id: str, keys: Sequence[str]) -> dict[str, Memory]:
        """Return the current memories of an imported source that have one of the keys."""
        found = self._select(
            f"WHERE source_id = ? AND key IN ({rows.marks(keys)}) AND {CURRENT}", [source_id, *keys]
        )
        return {memory.key: memory for memory in found}

    def of_kind(self, kind: str, keys: Sequence[str]) -> dict[str, Memory]:
        """Return the current memories that any source of a kind knows by one of these keys."""
        found = self._select(
            f"""INDEXED BY memories_of_kind
                WHERE key IN ({rows.marks(keys)}) AND external_id != '' AND {CURRENT}
                AND source_id IN (SELECT id FROM sources WHERE kind = ?)""",
            [*keys, kind],
        )
        return {memory.key: memory for memory in found}

    def move(self, memory: Memory, source_id: str) -> None:
        """Say that an imported note, with what was learnt from it, came from another source."""
        self._db.execute(
            f"UPDATE memories SET source_id = ? WHERE {OF_NOTE}",
            [source_id, *_of_note(memory)],
        )

    def learnt_from(self, note: Memory) -> list[Memory]:
        """Return what was learnt from an imported note."""
        if not (note.source_id and note.key):
            return []
        return self._select(f"WHERE {OF_NOTE} AND id != ?", [*_of_note(note), note.id])

    def of_source(self, source_id: str) -> list[str]:
        """Return the ids of all memories of an imported source, closed ones included."""
        found = self._db.execute("SELECT id FROM memories WHERE source_id = ?", [source_id])
        return [row[0] for row in found]

    def set_key(self, id: str, key: str) -> None:
        """Say which note an imported memory belongs to."""
        self._db.execute("UPDATE memories SET key = ? WHERE id = ?", [key, id])

    def keys(self, source_id: str) -> dict[str, str]:
        """Return the ids of the current memories of an imported source by their keys."""
        found = self._db.execute(
            f"SELECT key, id FROM memories WHERE source_id = ? AND {CURRENT}", [source_id]
        )
        return dict(found.fetchall())

    def in_slot(self, subject: str, predicate: str) -> list[Memory]:
        """Return the current memories with this subject and predicate, the oldest first."""
        return self._select(
            f"""WHERE {CURRENT} AND id IN (SELECT memory_id FROM triples
                WHERE subject = ? COLLATE NOCASE AND predicate = ?) ORDER BY recorded, n""",
            [subject, predicate],
        )

    def of_object(self, value: str) -> list[Memory]:
        """Return the current memories with a triple about this value, the oldest first."""
        return self._select(
            f"""WHERE {CURRENT} AND id IN (SELECT memory_id FROM triples
                WHERE object = ? COLLATE NOCASE) ORDER BY recorded, n""",
            [value],
        )

    def mentioning(self, word: str) -> list[Memory]:
        """Return the newest current memories that have a word, or its root, in an object."""
        return self._select(
            f"""WHERE {CURRENT} AND n IN (SELECT rowid / 2 FROM items_fts
                    WHERE items_fts MATCH ? AND rowid % 2 ORDER BY rowid DESC LIMIT {MOST_IN_SLOT})
                AND id IN (SELECT memory_id FROM triples WHERE instr(lower(object), lower(?)))
                ORDER BY recorded, n""",
            [f"{quote(word)} *", word],
        )

    def about(self, subject: str, *, current: bool = True) -> list[Memory]:
        """Return the memories with a triple about somebody or something, the oldest first."""
        return self._select(
            f"""WHERE {CURRENT if current else 1} AND id IN (SELECT memory_id FROM triples
                WHERE subject = ? COLLATE NOCASE) ORDER BY recorded, n""",
            [subject],
        )

    def stated_of(self, subject: str) -> list[Memory]:
        """Return the current facts and preferences of somebody, the oldest first."""
        kinds = ("profile", "fact", "preference")
        return [m for m in self.about(subject) if m.kind in kinds and not m.muted]

    def numbers_in_slot(self, subject: str, predicate: str) -> list[int]:
        """Return the row numbers of the last memories held under a subject and predicate."""
        found = self._db.execute(
            """SELECT m.n FROM triples AS t CROSS JOIN memories AS m ON m.id = t.memory_id
               WHERE t.subject = ? COLLATE NOCASE AND t.predicate = ? ORDER BY t.n DESC LIMIT ?""",
            [subject, predicate, MOST_IN_SLOT],
        )
        return [row[0] for row in found]

    def same_text(self, text: str) -> Memory | None:
        """Return the current memory that says exactly this."""
        found = self._select(
            f"WHERE substr(text, 1, {HEAD}) = ? AND text = ? AND {CURRENT} LIMIT 1",
            [text[:HEAD], text],
        )
        return found[0] if found else None

    def supersede(self, old: str, new: str | None, at: datetime) -> None:
        """Close a memory: it held until ``at`` and ``new`` took its place.

        What would have begun to hold only later, or by a clock that was wrong, never held.
        """
        self._db.execute(
            """UPDATE memories SET superseded_by = ?1,
                   valid_to = coalesce(valid_to, max(?2, coalesce(valid_from, ?2)))
               WHERE id = ?3""",
            [new or "", rows.to_text(at), old],
        )

    def update(self, memory: Memory) -> None:
        """Replace everything but the id and the triples of a memory."""
        names = rows.MEMORY.split(", ")[1:]
        assignments = ", ".join(f"{name} = ?" for name in names)
        self._db.execute(
            f"UPDATE memories SET {assignments} WHERE id = ?",
            [*rows.memory_row(memory)[1:], memory.id],
        )

    def set_triples(self, memory: Memory) -> None:
        """Replace the triples of a memory by those it holds now."""
        self._db.execute("DELETE FROM triples WHERE memory_id = ?", [memory.id])
        self._db.conn.executemany(
            "INSERT INTO triples(memory_id, subject, predicate, object) VALUES (?, ?, ?, ?)",
            [(memory.id, t.subject, t.predicate, t.object) for t in memory.triples],
        )

    def delete(self, ids: Sequence[str]) -> None:
        """Delete memories with their triples."""
        self._db.execute(
            "DELETE FROM memories WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(ids))],
        )

    def add_summary(self, summary: Memory, turns: Iterable[Turn]) -> None:
        """Store a summary, and note which turns it stands for."""
        self.add([summary])
        self._db.conn.executemany(
            "INSERT INTO covers(memory_id, turn_id) VALUES (?, ?)",
            [(summary.id, turn.id) for turn in turns],
        )

    def add_proof(self, memory_id: str, turn_id: str, quote: str) -> None:
        """Note that a turn says again what a memory holds."""
        self._db.execute(
            "INSERT INTO proofs(memory_id, turn_id, quote) VALUES (?, ?, ?)",
            [memory_id, turn_id, quote],
        )

    def replaced_by(self, id: str) -> list[Memory]:
        """Return the memories whose place another one took."""
        return self._select("WHERE superseded_by = ? ORDER BY n", [id])

    def split_into(self, memory: Memory) -> list[Memory]:
        """Return the memories of which this one is a part: of the same time, with its text."""
        return self._select(
            """INDEXED BY memories_history WHERE recorded = ? AND superseded_by IS NOT NULL
               AND instr(text, ?) AND id != ? ORDER BY n""",
            [rows.to_text(memory.recorded), memory.text, memory.id],
        )

    def proofs(self, id: str) -> list[tuple[str, str]]:
        """Return ``(turn id, quote)`` of the turns that say again what a memory holds."""
        found = self._db.execute("SELECT turn_id, quote FROM proofs WHERE memory_id = ?", [id])
        return found.fetchall()

    def covering(self, turn_id: str) -> list[Memory]:
        """Return the summaries that stand for a turn among others."""
        return self._select(
            "WHERE id IN (SELECT memory_id FROM covers WHERE turn_id = ?)", [turn_id]
        )

    def numbers(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the row numbers of memories by id."""
        found = self._db.execute(
            f"SELECT id, n FROM memories WHERE id IN ({rows.marks(ids)})", list(ids)
        )
        return dict(found.fetchall())

    def summaries_of(self, session_id: str, tag: str = "") -> list[tuple[Memory, int]]:
        """Return the summaries of a session, oldest first, each with the last turn it covers.

        Those without a tag stand for what left the window of a chat.
        """
        found = self._db.execute(
            f"""SELECT {rows.columns(rows.MEMORY, "m")}, max(t.seq) FROM memories AS m
                JOIN covers AS c ON c.memory_id = m.id JOIN turns AS t ON t.id = c.turn_id
                WHERE t.session_id = ? AND m.tags = ? AND m.{CURRENT} GROUP BY m.n ORDER BY m.n""",
            [session_id, json.dumps([tag] if tag else [])],
        )
        return [(rows.read_memory(row), row[-1]) for row in found]

    def covered(self, memory_id: str) -> list[Turn]:
        """Return the turns that a summary stands for, in the order they were said."""
        found = self._db.execute(
            f"""SELECT {rows.columns(rows.TURN, "t")} FROM covers AS c
                JOIN turns AS t ON t.id = c.turn_id WHERE c.memory_id = ? ORDER BY c.n""",
            [memory_id],
        )
        return [rows.read_turn(row) for row in found]

    def tagged(self, tag: str) -> list[Memory]:
        """Return the current summaries with just this tag, the oldest first."""
        return self._select(
            f"WHERE kind = 'summary' AND tags = ? AND {CURRENT} ORDER BY n", [json.dumps([tag])]
        )

    def count(self) -> int:
        """Return the number of memories, superseded ones included."""
        return int(self._db.execute("SELECT count(*) FROM memories").fetchone()[0])

    def _select(self, clause: str, values: Sequence[Any] | dict[str, Any]) -> list[Memory]:
        found = self._db.execute(f"SELECT {rows.MEMORY} FROM memories {clause}", values)
        return self._with_triples([rows.read_memory(row) for row in found.fetchall()])

    def _with_triples(self, memories: list[Memory]) -> list[Memory]:
        by_memory: dict[str, list[Triple]] = defaultdict(list)
        ids = [memory.id for memory in memories]
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            found = self._db.execute(
                f"""SELECT memory_id, subject, predicate, object FROM triples
                    WHERE memory_id IN ({rows.marks(some)}) ORDER BY n""",
                some,
            )
            for memory_id, *triple in found:
                by_memory[memory_id].append(Triple(*triple))
        return [
            replace(m, triples=tuple(by_memory[m.id])) if m.id in by_memory else m for m in memories
        ]


def _of_note(note: Memory) -> list[str | None]:
    return [note.source_id, note.key, f"{note.key}\t", f"{note.key}\t~"]
