"""What awaits the owner's judgement: finds without proof, and memories that cannot both hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from memcli.records import Review, Triple
from memcli.store import rows

if TYPE_CHECKING:
    from sqlite_utils import Database

REVIEW = "id, turn_id, kind, text, reason, triples"


class Judgements:
    """The tables of reviews and conflicts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add_reviews(self, reviews: Sequence[Review]) -> None:
        """Put finds on the list, except those that stand there already."""
        self._db.conn.executemany(
            f"""INSERT INTO reviews({REVIEW}) SELECT ?1, ?2, ?3, ?4, ?5, ?6
                WHERE NOT EXISTS (SELECT 1 FROM reviews WHERE turn_id = ?2 AND text = ?4)""",
            [(r.id, r.turn_id, r.kind, r.text, r.reason, _written(r.triples)) for r in reviews],
        )

    def reviews(self) -> list[Review]:
        """Return what is on the list, the oldest first."""
        found = self._db.execute(f"SELECT {REVIEW} FROM reviews ORDER BY n")
        return [Review(row[0], row[1], row[2], row[3], row[4], _read(row[5])) for row in found]

    def remove_review(self, id: str) -> None:
        """Take a find off the list."""
        self._db.execute("DELETE FROM reviews WHERE id = ?", [id])

    def of_turns(self, turn_ids: Sequence[str]) -> list[int]:
        """Return the row numbers of the finds in some turns."""
        found = self._db.execute(
            f"SELECT n FROM reviews WHERE turn_id IN ({rows.marks(turn_ids)})", list(turn_ids)
        )
        return [row[0] for row in found]

    def remove(self, numbers: Sequence[int]) -> None:
        """Take finds off the list by row number."""
        self._db.conn.executemany("DELETE FROM reviews WHERE n = ?", [(n,) for n in numbers])

    def add_conflict(self, memory_id: str, other_id: str) -> None:
        """Note that two memories cannot both hold; it ends when one is superseded or deleted."""
        self._db.execute(
            "INSERT INTO conflicts(memory_id, other_id) VALUES (?, ?)", [memory_id, other_id]
        )

    def conflicts(self) -> list[tuple[str, str]]:
        """Return the ids of memories in conflict, pair by pair, the oldest first."""
        found = self._db.execute("SELECT other_id, memory_id FROM conflicts ORDER BY n")
        return found.fetchall()

    def against(self, memory_id: str) -> list[str]:
        """Return the ids of the memories that one is in conflict with."""
        found = self._db.execute(
            """SELECT iif(memory_id = ?1, other_id, memory_id) FROM conflicts
               WHERE ?1 IN (memory_id, other_id) ORDER BY n""",
            [memory_id],
        )
        return [row[0] for row in found]

    def settle(self, memory_id: str) -> None:
        """Let a memory stand beside those it was in conflict with."""
        self._db.execute("DELETE FROM conflicts WHERE ? IN (memory_id, other_id)", [memory_id])


def _written(triples: Sequence[Triple]) -> str:
    return json.dumps([[t.subject, t.predicate, t.object] for t in triples], ensure_ascii=False)


def _read(text: str) -> tuple[Triple, ...]:
    return tuple(Triple(*parts) for parts in json.loads(text))
