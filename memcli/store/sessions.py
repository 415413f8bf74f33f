"""Sessions and their turns, verbatim and in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from memcli.records import Session, Turn
from memcli.store import rows
from memcli.store.filters import Filter

if TYPE_CHECKING:
    from sqlite_utils import Database

SELECT_SESSION = """
SELECT s.id, s.title, s.started, coalesce(max(t.time), s.started), count(t.n), s.source_id,
       s.external_id
FROM sessions AS s LEFT JOIN turns AS t ON t.session_id = s.id
"""


NO_COPY = "NOT ({0}.derived AND {0}.key != '')"


class Spoken(NamedTuple):
    """What recall needs of the turns around a candidate; a whole record costs far more."""

    id: str
    session_id: str
    seq: int
    text: str


class Sessions:
    """The tables of sessions and turns."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, session: Session) -> None:
        """Store a new session."""
        values = rows.session_row(session)
        self._db.execute(
            f"INSERT INTO sessions({rows.SESSION}) VALUES ({rows.marks(values)})", values
        )

    def get(self, id: str) -> Session | None:
        """Return the session with this id."""
        found = self._select("WHERE s.id = ? GROUP BY s.n", [id])
        return found[0] if found else None

    def by_external_id(self, source_id: str, external_id: str) -> Session | None:
        """Return the session that its source knows by this id."""
        found = self._select(
            """WHERE s.source_id = ? AND s.external_id = ? AND s.external_id != ''
               GROUP BY s.n""",
            [source_id, external_id],
        )
        return found[0] if found else None

    def of_kind(self, kind: str, external_id: str) -> Session | None:
        """Return the session that any source of a kind knows by this id."""
        found = self._select(
            """JOIN sources ON sources.id = s.source_id
               WHERE s.external_id = ? AND s.external_id != '' AND sources.kind = ? GROUP BY s.n""",
            [external_id, kind],
        )
        return found[0] if found else None

    def move(self, id: str, source_id: str) -> None:
        """Say that a session came from another source."""
        self._db.execute("UPDATE sessions SET source_id = ? WHERE id = ?", [source_id, id])

    def latest(self, *, limit: int = -1) -> list[Session]:
        """Return the sessions that hold turns, the one used last first."""
        return self._select(
            "GROUP BY s.n HAVING count(t.n) > 0 ORDER BY max(t.time) DESC, s.n DESC LIMIT ?",
            [limit],
        )

    def to_summarise(self, least: int, least_new: int) -> list[Session]:
        """Return sessions of so many turns, so many of them said since their last summary."""
        return self._select(
            f"""WHERE {NO_COPY.format("t")} GROUP BY s.n HAVING count(t.n) >= ? AND count(t.n) - (
                   SELECT count(*) FROM covers AS c JOIN turns AS told ON told.id = c.turn_id
                   JOIN memories AS m ON m.id = c.memory_id AND m.tags = '["session"]'
                    AND m.superseded_by IS NULL
                   WHERE told.session_id = s.id) >= ? ORDER BY s.n""",
            [least, least_new],
        )

    def after(self, number: int, limit: int) -> dict[int, Turn]:
        """Return the turns stored after one, by row number, in the order they were stored."""
        found = self._db.execute(
            f"SELECT n, {rows.TURN} FROM turns WHERE n > ? ORDER BY n LIMIT ?", [number, limit]
        )
        return {row[0]: rows.read_turn(row[1:]) for row in found}

    def typed(self, limit: int) -> list[str]:
        """Return what the user said in the latest chats, the oldest first."""
        found = self._db.execute(
            f"""SELECT text FROM turns WHERE role = 'user' AND {NO_COPY.format("turns")}
                AND session_id IN (SELECT id FROM sessions WHERE source_id IS NULL
                                   ORDER BY n DESC LIMIT 20) ORDER BY n DESC LIMIT ?""",
            [limit],
        )
        return [text for (text,) in found][::-1]

    def matching(self, prefix: str) -> list[Session]:
        """Return the sessions whose id begins or ends with this text (at most ten)."""
        return self._select(
            "WHERE substr(s.id, 1, ?) = ? OR substr(s.id, -?) = ? GROUP BY s.n LIMIT 10",
            [len(prefix), prefix, len(prefix), prefix],
        )

    def rename(self, id: str, title: str) -> None:
        """Give a session another title."""
        self._db.execute("UPDATE sessions SET title = ? WHERE id = ?", [title, id])

    def add_turns(self, turns: Iterable[Turn]) -> None:
        """Store turns; their ``seq`` numbers must be free in their session."""
        self._db.conn.executemany(
            f"INSERT INTO turns({rows.TURN}) VALUES ({rows.marks(rows.TURN.split(','))})",
            [rows.turn_row(turn) for turn in turns],
        )

    def add_uses(self, turn_id: str, used: Iterable[str]) -> None:
        """Note which memories and turns an answer was made from."""
        self._db.conn.executemany(
            "INSERT INTO uses(turn_id, used_id) VALUES (?, ?)", [(turn_id, id) for id in used]
        )

    def add_copies(self, copies: Mapping[str, Turn]) -> None:
        """Store copies of turns, by the ids of those; they use the turns, and what those used."""
        self.add_turns(copies.values())
        for id, copy in copies.items():
            self._db.execute(
                "INSERT INTO uses(turn_id, used_id) SELECT ?, used_id FROM uses WHERE turn_id = ?",
                [copy.id, id],
            )
            if copy.original == id:  # else it is a copy of a copy, which uses the original
                self.add_uses(copy.id, [id])

    def made_from(self, id: str) -> list[Turn]:
        """Return the answers that a memory or turn went into, by way of other answers, too."""
        return self._turns(
            """WHERE id IN (WITH RECURSIVE made(id) AS (
                   SELECT turn_id FROM uses WHERE used_id = ?
                   UNION SELECT u.turn_id FROM uses AS u JOIN made ON u.used_id = made.id)
               SELECT id FROM made)""",
            [id],
        )

    def next_seq(self, session_id: str) -> int:
        """Return the place of the next turn in a session, counted from 0."""
        row = self._db.execute(
            "SELECT coalesce(max(seq) + 1, 0) FROM turns WHERE session_id = ?", [session_id]
        ).fetchone()
        return int(row[0])

    def turns(self, session_id: str) -> list[Turn]:
        """Return the turns of a session in their order."""
        return self._turns("WHERE session_id = ? ORDER BY seq", [session_id])

    def matching_turns_of(self, wanted: Filter) -> list[Turn]:
        """Return the turns for which all conditions hold, in the order they were stored."""
        where, values = wanted.where_turns()
        return self._turns(f"WHERE {where} ORDER BY n", values)

    def turn(self, id: str) -> Turn | None:
        """Return the turn with this id."""
        found = self._turns("WHERE id = ?", [id])
        return found[0] if found else None

    def before(self, turn: Turn) -> Turn | None:
        """Return the turn right before another one in its session."""
        found = self._turns("WHERE session_id = ? AND seq = ?", [turn.session_id, turn.seq - 1])
        return found[0] if found else None

    def turns_by_number(self, numbers: Sequence[int]) -> dict[int, Turn]:
        """Return turns by their row numbers; those that are gone are left out."""
        found = self._db.execute(
            f"SELECT n, {rows.TURN} FROM turns WHERE n IN ({rows.marks(numbers)})", list(numbers)
        )
        return {row[0]: rows.read_turn(row[1:]) for row in found}

    def numbers(self, turn_ids: Sequence[str]) -> list[int]:
        """Return the row numbers of turns."""
        found = self._db.execute(
            f"SELECT n FROM turns WHERE id IN ({rows.marks(turn_ids)})", list(turn_ids)
        )
        return [row[0] for row in found]

    def uses(self, ids: Sequence[str]) -> dict[str, tuple[int, datetime]]:
        """Return how often turns or memories were used in answers of other sessions, and when last.

        What stands in the same session is read by each answer anyway.
        """
        found = self._db.execute(
            f"""SELECT u.used_id, count(*), max(a.time) FROM uses AS u
                JOIN turns AS a ON a.id = u.turn_id LEFT JOIN turns AS t ON t.id = u.used_id
                WHERE u.used_id IN ({rows.marks(ids)}) AND {NO_COPY.format("a")}
                  AND t.session_id IS NOT a.session_id
                GROUP BY u.used_id""",
            list(ids),
        )
        return {id: (times, rows.to_time(last)) for id, times, last in found}

    def delete_turns(self, ids: Sequence[str]) -> None:
        """Delete turns."""
        self._db.execute(
            "DELETE FROM turns WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(ids))],
        )

    def set_text(self, turn_id: str, text: str) -> None:
        """Replace the text of a turn (only forgetting may)."""
        self._db.execute("UPDATE turns SET text = ? WHERE id = ?", [text, turn_id])

    def change(self, turn_id: str, text: str, role: str) -> None:
        """Give an imported turn the words and the role that it has now."""
        self._db.execute("UPDATE turns SET text = ?, role = ? WHERE id = ?", [text, role, turn_id])

    def titles(self, turns: Iterable[Turn]) -> list[str]:
        """Return the names of sessions that some turns began, and so gave them."""
        ids = list({turn.session_id for turn in turns if turn.seq == 0})
        found = self._db.execute(
            f"SELECT title FROM sessions WHERE title != '' AND id IN ({rows.marks(ids)})", ids
        )
        return [row[0] for row in found]

    def derived_saying(self, text: str) -> list[Turn]:
        """Return the answers made from memories that have a text in theirs."""
        return self._turns("WHERE derived AND instr(text, ?)", [text])

    def unname(self, turns: Iterable[Turn]) -> list[int]:
        """Take the names off sessions that some turns began; return the sessions' row numbers."""
        ids = list({turn.session_id for turn in turns if turn.seq == 0})
        condition = f"id IN ({rows.marks(ids)})"
        self._db.execute(f"UPDATE sessions SET title = '' WHERE {condition}", ids)
        found = self._db.execute(f"SELECT n FROM sessions WHERE {condition}", ids)
        return [row[0] for row in found]

    def of_source(self, source_id: str) -> list[str]:
        """Return the ids of the turns that came from a source."""
        found = self._db.execute(
            """SELECT t.id FROM turns AS t JOIN sessions AS s ON s.id = t.session_id
               WHERE s.source_id = ? ORDER BY t.n""",
            [source_id],
        )
        return [row[0] for row in found]

    def delete_empty(self, ids: Sequence[str]) -> list[tuple[int, str | None]]:
        """Delete those of some sessions that hold nothing; return their row numbers and sources."""
        empty = f"id IN ({rows.marks(ids)}) AND id NOT IN (SELECT session_id FROM turns)"
        found = self._db.execute(f"SELECT n, source_id FROM sessions WHERE {empty}", list(ids))
        emptied = found.fetchall()
        self._db.execute(f"DELETE FROM sessions WHERE {empty}", list(ids))
        return emptied

    def matching_turns(self, part: str) -> list[Turn]:
        """Return the turns whose id begins or ends with this text (at most ten)."""
        return self._turns(
            "WHERE substr(id, 1, ?) = ? OR substr(id, -?) = ? LIMIT 10",
            [len(part), part, len(part), part],
        )

    def beside(self, numbers: Sequence[int]) -> list[int]:
        """Return the row numbers of the turns right before and after some turns."""
        found = self._db.execute(
            f"""SELECT b.n FROM turns AS a JOIN turns AS b ON b.session_id = a.session_id
                AND b.seq IN (a.seq - 1, a.seq + 1)
                WHERE a.n IN ({rows.marks(numbers)}) AND NOT b.derived""",
            list(numbers),
        )
        return [row[0] for row in found]

    def around(self, numbers: Sequence[int], reach: int) -> dict[int, Spoken]:
        """Return turns by row number, with those up to ``reach`` places before and after them."""
        found = self._db.execute(
            f"""SELECT b.n, b.id, b.session_id, b.seq, b.text FROM turns AS a
                JOIN turns AS b ON b.session_id = a.session_id
                 AND b.seq BETWEEN a.seq - ? AND a.seq + ?
                WHERE a.n IN ({rows.marks(numbers)}) AND NOT b.derived""",
            [reach, reach, *numbers],
        )
        return {row[0]: Spoken(*row[1:]) for row in found}

    def speakers_among(self, names: Sequence[str]) -> set[str]:
        """Return those of some names, in lower case, by which a speaker goes."""
        found = (
            self._db.execute(
                "SELECT 1 FROM turns WHERE speaker = ? COLLATE NOCASE AND speaker != '' LIMIT 1",
                [name],
            ).fetchone()
            for name in names
        )
        return {name.lower() for name, row in zip(names, found, strict=True) if row}

    def by_key(self, session_id: str, keys: Sequence[str]) -> dict[str, Turn]:
        """Return the turns of an imported session that have one of the keys."""
        found = self._turns(
            f"WHERE session_id = ? AND key != '' AND key IN ({rows.marks(keys)})",
            [session_id, *keys],
        )
        return {turn.key: turn for turn in found}

    def count(self) -> int:
        """Return the number of turns in all sessions."""
        return int(self._db.execute("SELECT count(*) FROM turns").fetchone()[0])

    def _turns(self, clause: str, values: Sequence[Any] | dict[str, Any]) -> list[Turn]:
        found = self._db.execute(f"SELECT {rows.TURN} FROM turns {clause}", values)
        return [rows.read_turn(row) for row in found]

    def _select(self, clause: str, values: Sequence[Any]) -> list[Session]:
        found = self._db.execute(f"{SELECT_SESSION} {clause}", list(values))
        return [
            Session(
                id=row[0], title=row[1], started=rows.to_time(row[2]), updated=rows.to_time(row[3]),
                turns=row[4], source_id=row[5], external_id=row[6],
            )
            for row in found
        ]  # fmt: skip
