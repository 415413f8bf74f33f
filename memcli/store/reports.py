"""What the store holds, counted; and what became of it since a moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memcli.store import rows
from memcli.store.filters import CURRENT

if TYPE_CHECKING:
    from sqlite_utils import Database

    from memcli.records import Memory
    from memcli.store.memories import Memories

TOP = 10  # subjects that are named
MOMENT = "coalesce(valid_from, recorded)"  # when what a memory tells happened


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much is remembered. ``days`` counts what was recorded a day, in UTC."""

    kinds: Mapping[str, int]
    superseded: int
    turns: int
    sessions: int
    sources: int
    days: Mapping[str, int]
    subjects: Mapping[str, int]
    storage: Mapping[str, int]  # bytes


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of memories since a moment: pairs are (before, now), numbers say how many."""

    learnt: list[Memory] = field(default_factory=list)
    changed: list[tuple[str, Memory]] = field(default_factory=list)
    superseded: list[Memory] = field(default_factory=list)
    forgotten: int = 0
    turns: int = 0


class Reports:
    """Questions about all of the store."""

    def __init__(self, db: Database, memories: Memories) -> None:
        self._db = db
        self._memories = memories

    def statistics(self) -> Statistics:
        """Count what there is."""
        return Statistics(
            kinds=self._counts(
                f"SELECT kind, count(*) FROM memories WHERE {CURRENT} GROUP BY 1 ORDER BY 2 DESC"
            ),
            superseded=self._number(f"SELECT count(*) FROM memories WHERE NOT ({CURRENT})"),
            turns=self._number("SELECT count(*) FROM turns"),
            sessions=self._number("SELECT count(*) FROM sessions"),
            sources=self._number("SELECT count(*) FROM sources"),
            days=self._counts(
                """SELECT day, count(*) FROM (SELECT substr(recorded, 1, 10) AS day FROM memories
                   UNION ALL SELECT substr(time, 1, 10) FROM turns) GROUP BY 1 ORDER BY 1"""
            ),
            subjects=self._counts(
                f"""SELECT subject, count(DISTINCT memory_id) FROM triples JOIN memories AS m
                    ON m.id = memory_id AND m.{CURRENT} GROUP BY 1 ORDER BY 2 DESC LIMIT {TOP}"""
            ),
            storage=self._counts(
                """SELECT 'text', (SELECT coalesce(sum(length(CAST(text AS BLOB))), 0) FROM turns)
                     + (SELECT coalesce(sum(length(CAST(text AS BLOB))), 0) FROM memories)
                   UNION ALL SELECT 'vectors', coalesce(sum(length(vector)), 0) FROM vectors
                   UNION ALL SELECT 'history',
                     coalesce(sum(length(CAST(before AS BLOB))), 0) FROM changes
                   UNION ALL SELECT 'database', page_count * page_size
                     FROM pragma_page_count(), pragma_page_size()"""
            ),
        )

    def timeline(self, start: datetime, end: datetime, limit: int = -1) -> list[Memory]:
        """Return the current memories of what happened in a stretch of time, in its order."""
        found = self._db.execute(
            f"""SELECT id FROM memories WHERE {CURRENT} AND {MOMENT} >= ? AND {MOMENT} < ?
                ORDER BY {MOMENT}, n LIMIT ?""",
            [rows.to_text(start), rows.to_text(end), limit],
        )
        return self._memories.of_ids([row[0] for row in found])

    def agenda(self, start: datetime, end: datetime, limit: int = -1) -> list[Memory]:
        """Return the events of a stretch of time, and the tasks due in it, in their order."""
        values = {"start": rows.to_text(start), "end": rows.to_text(end), "limit": limit}
        found = self._db.execute(
            f"""SELECT id FROM memories WHERE {CURRENT} AND NOT muted AND (
                    kind = 'event' AND valid_from < :end
                    AND coalesce(valid_to, valid_from) >= :start
                 OR kind = 'task' AND coalesce(valid_to, valid_from) >= :start
                    AND coalesce(valid_to, valid_from) < :end)
                ORDER BY iif(kind = 'task', coalesce(valid_to, valid_from), valid_from), n
                LIMIT :limit""",
            values,
        )
        return self._memories.of_ids([row[0] for row in found])

    def difference(self, since: datetime) -> Difference:
        """Return what became of memories since a moment, as the journal has it."""
        done = """FROM changes AS c JOIN journal AS j ON j.n = c.journal_n
                  WHERE j.at >= ? AND NOT j.undone AND j.undoes IS NULL"""
        at = rows.to_text(since)
        new = self._memories.of_numbers(
            self._column(f"SELECT c.row {done} AND c.tbl = 'memories' AND c.op = 'insert'", at)
        )
        learnt = {memory.id for memory in new}
        before: dict[int, dict[str, Any]] = {}
        updated = f"{done} AND c.tbl = 'memories' AND c.op = 'update'"
        for row, values in self._db.execute(f"SELECT c.row, c.before {updated} ORDER BY c.n", [at]):
            before.setdefault(row, json.loads(values))
        now = self._memories.by_number(list(before))
        pairs = [(before[n], memory) for n, memory in now.items() if memory.id not in learnt]
        return Difference(
            learnt=[memory for memory in new if memory.superseded_by is None],
            changed=[(old["text"], m) for old, m in pairs if old["text"] != m.text],
            superseded=[
                m for old, m in pairs if old["superseded_by"] is None is not m.superseded_by
            ],
            forgotten=self._number(
                "SELECT count(*) FROM journal WHERE summary LIKE 'forgot %' AND at >= ?", at
            ),
            turns=len(
                self._column(f"SELECT c.row {done} AND c.tbl = 'turns' AND c.op = 'insert'", at)
            ),
        )

    def _counts(self, query: str) -> dict[str, int]:
        return dict(self._db.execute(query).fetchall())

    def _column(self, query: str, *values: Any) -> list[Any]:
        return [row[0] for row in self._db.execute(query, values)]

    def _number(self, query: str, *values: Any) -> int:
        return int(self._db.execute(query, values).fetchone()[0])
