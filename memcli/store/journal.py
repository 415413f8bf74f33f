"""What was done, so that it can be taken back.

An entry holds the changes of one transaction, noted by triggers as (table, row, what it was
before). Undoing plays them backwards inside a new entry, whose own changes are what redo needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memcli.errors import MemcliError, NotFound
from memcli.store import rows

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Action:
    """What was done together; ``at`` is ISO 8601 in UTC."""

    id: str
    at: str
    verb: str
    summary: str


class Journal:
    """The entries, newest last."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def begin(self, action_id: str, verb: str, at: datetime, undoes: str | None) -> int:
        """Open an entry and return its number."""
        cursor = self._db.execute(
            "INSERT INTO journal(action_id, at, verb, undoes) VALUES (?, ?, ?, ?)",
            [action_id, rows.to_text(at), verb, undoes],
        )
        return int(cursor.lastrowid or 0)

    def finish(self, entry: int, summary: str) -> None:
        """Close an entry, or take it out if nothing changed.

        That something was forgotten is kept, though not what.
        """
        changed = self._db.execute(
            """SELECT 1 FROM changes WHERE journal_n = ?1 UNION ALL
               SELECT 1 FROM journal WHERE n = ?1 AND verb = 'forget' LIMIT 1""",
            [entry],
        ).fetchone()
        if changed:
            self._db.execute("UPDATE journal SET summary = ? WHERE n = ?", [summary, entry])
        else:
            self._db.execute("DELETE FROM journal WHERE n = ?", [entry])

    def undo(self, action_id: str) -> list[str]:
        """Play the changes of an action backwards; the caller has opened an entry for this.

        Raises:
            NotFound: no such action, or it is undone already.
            MemcliError: something it touched was changed later.
        """
        entries = self._db.execute(
            "SELECT n, summary, undoes FROM journal WHERE action_id = ? AND NOT undone ORDER BY n",
            [action_id],
        ).fetchall()
        if not entries:
            raise NotFound(f"There is nothing left to undo in {action_id}.")
        self._refuse_if_changed_later(action_id)
        self._db.execute("PRAGMA defer_foreign_keys = ON")
        for n, _, _ in reversed(entries):
            self._play_back(n)
        self._db.execute("UPDATE journal SET undone = 1 WHERE action_id = ?", [action_id])
        for _, _, undoes in entries:
            self._db.execute("UPDATE journal SET undone = 0 WHERE action_id = ?", [undoes])
        return [summary for _, summary, _ in entries]

    def last_action(self) -> str | None:
        """Return the newest action that can be undone."""
        return next((action.id for action in self.latest(1)), None)

    def last_forgetting(self) -> int:
        """Return the number of the newest entry of a forgetting; 0 if there is none."""
        row = self._db.execute("SELECT max(n) FROM journal WHERE verb = 'forget'").fetchone()
        return row[0] or 0

    def latest(self, count: int, *, undone: bool = False) -> list[Action]:
        """Return the last actions that can be undone, or (``undone``) done again, newest first.

        Those of which a forgetting left nothing cannot.
        """
        found = self._db.execute(
            """SELECT j.action_id, max(j.at), group_concat(j.verb, ', '),
                      group_concat(nullif(j.summary, ''), '; ')
               FROM journal AS j LEFT JOIN journal AS u ON u.undoes = j.action_id AND NOT u.undone
               WHERE j.undone = ? AND j.undoes IS NULL AND j.verb != 'forget'
                 AND EXISTS (SELECT 1 FROM changes WHERE journal_n = coalesce(u.n, j.n))
               GROUP BY j.action_id ORDER BY coalesce(max(u.n), max(j.n)) DESC LIMIT ?""",
            [undone, count],
        )
        return [Action(id, at, verb, summary or verb) for id, at, verb, summary in found]

    def versions(self, table: str, number: int) -> list[tuple[str, str, dict[str, Any]]]:
        """Return when, by what and from what a row was changed, the first change first."""
        found = self._db.execute(
            """SELECT j.at, j.verb, c.before FROM changes AS c
               JOIN journal AS j ON j.n = c.journal_n
               WHERE c.tbl = ? AND c.row = ? AND c.op = 'update' ORDER BY c.n""",
            [table, number],
        )
        return [(at, verb, json.loads(before)) for at, verb, before in found]

    def undo_of(self, action_id: str) -> str:
        """Return the action that undid another one.

        Raises:
            NotFound: it is not undone.
        """
        row = self._db.execute(
            "SELECT action_id FROM journal WHERE undoes = ? AND NOT undone ORDER BY n DESC LIMIT 1",
            [action_id],
        ).fetchone()
        if row is None:
            raise NotFound(f"{action_id} is not undone.")
        return str(row[0])

    def erase(self, table: str, numbers: Sequence[int]) -> None:
        """Erase what the journal holds of some rows, so that undo can never bring them back."""
        self._db.conn.executemany(
            "DELETE FROM changes WHERE tbl = ? AND row = ?", [(table, n) for n in numbers]
        )

    def erase_copies(self, texts: Iterable[str]) -> None:
        """Erase what the journal holds of rows that are gone, and every copy of some texts.

        An answer that was undone may repeat a text in other words; so nothing undone stays.
        """
        self._db.execute("DELETE FROM changes WHERE op = 'delete'")
        self._db.conn.executemany(
            "DELETE FROM changes WHERE instr(before, ?)",
            [(json.dumps(text, ensure_ascii=False)[1:-1],) for text in texts if text],
        )

    def erase_children(self, table: str, column: str, parents: Sequence[str]) -> None:
        """Erase what the journal holds of rows that belonged to some parents."""
        self._db.execute(
            f"""DELETE FROM changes WHERE tbl = ? AND json_extract(before, '$.{column}')
                IN (SELECT value FROM json_each(?))""",
            [table, json.dumps(list(parents))],
        )

    def _refuse_if_changed_later(self, action_id: str) -> None:
        """Refuse if another action, not undone itself, changed the same rows afterwards."""
        later = self._db.execute(
            """
            SELECT journal.at, journal.verb FROM changes AS mine
            JOIN changes AS theirs ON theirs.tbl = mine.tbl AND theirs.row = mine.row
                 AND theirs.journal_n > mine.journal_n
            JOIN journal ON journal.n = theirs.journal_n
            WHERE mine.journal_n IN (SELECT n FROM journal WHERE action_id = ?1)
              AND journal.action_id != ?1 AND NOT journal.undone
              AND NOT EXISTS (SELECT 1 FROM journal AS undone WHERE undone.n >= mine.journal_n
                              AND undone.action_id = journal.undoes)
            LIMIT 1
            """,
            [action_id],
        ).fetchone()
        if later:
            raise MemcliError(
                f"What this touched was changed later ({later[1]}, {later[0]}).",
                "Undo the later change first.",
            )

    def _play_back(self, entry: int) -> None:
        changes = self._db.execute(
            "SELECT tbl, row, op, before FROM changes WHERE journal_n = ? ORDER BY n DESC", [entry]
        ).fetchall()
        for table, row, op, before in changes:
            if op == "insert":
                self._db.execute(f"DELETE FROM {table} WHERE n = ?", [row])
            elif op == "delete":
                self._put_back(table, json.loads(before))
            else:
                self._restore(table, row, json.loads(before))

    def _put_back(self, table: str, values: dict[str, Any]) -> None:
        self._db.execute(
            f"INSERT INTO {table}({', '.join(values)}) VALUES ({rows.marks(list(values))})",
            list(values.values()),
        )

    def _restore(self, table: str, row: int, values: dict[str, Any]) -> None:
        assignments = ", ".join(f"{name} = ?" for name in values)
        self._db.execute(f"UPDATE {table} SET {assignments} WHERE n = ?", [*values.values(), row])
