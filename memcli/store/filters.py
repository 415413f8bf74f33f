"""Which memories are meant, as SQL: what ``memory list`` and ``memory forget`` choose by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from memcli.records import USER
from memcli.store import rows

CURRENT = "superseded_by IS NULL"
ORDERS = {
    "newest": "recorded DESC, n DESC",
    "oldest": "recorded, n",
    "importance": "pinned DESC, importance DESC, n DESC",
    "used": "(SELECT count(*) FROM uses WHERE used_id = id) DESC, n DESC",
    "text": "text COLLATE NOCASE, n",
}
ME = ("me", "i", "myself")
SOURCES = """SELECT id FROM sources WHERE uri = :source
    OR substr(uri, 1, length(:source) + 1) = :source || '/'
    OR substr(uri, -length(:source) - 1) = '/' || :source"""
SESSIONS_OF_SOURCES = f"SELECT id FROM sessions WHERE source_id IN ({SOURCES})"
MEMORIES = {  # by the field that is given
    "kind": "kind = :kind",
    "subject": """id IN (SELECT memory_id FROM triples WHERE subject = :subject COLLATE NOCASE
        UNION SELECT memory_id FROM triples WHERE object = :subject COLLATE NOCASE)""",
    "session": """turn_id IN (SELECT id FROM turns WHERE session_id = :session)
        OR id IN (SELECT memory_id FROM covers
                  WHERE turn_id IN (SELECT id FROM turns WHERE session_id = :session))""",
    "source": f"""source_id IN ({SOURCES})
        OR turn_id IN (SELECT id FROM turns WHERE session_id IN ({SESSIONS_OF_SOURCES}))""",
    "tag": ":tag IN (SELECT value FROM json_each(tags))",
    "since": "recorded >= :since",
    "until": "recorded < :until",
    "current": CURRENT,
    "superseded": "superseded_by IS NOT NULL",
    "pinned": "pinned",
    "muted": "muted",
    "in_conflict": "id IN (SELECT memory_id FROM conflicts UNION SELECT other_id FROM conflicts)",
}
TURNS = {
    "session": "session_id = :session",
    "source": f"session_id IN ({SESSIONS_OF_SOURCES})",
    "since": "time >= :since",
    "until": "time < :until",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that hold together. ``source`` is a file, a folder above it, or a path's end.

    Somebody is the ``subject`` of what is said of them, and of whatever names them.
    """

    kind: str | None = None
    subject: str = ""
    session: str = ""  # a whole id
    source: str = ""
    tag: str = ""
    since: datetime | None = None  # recorded from here on
    until: datetime | None = None  # … and before this
    current: bool = False
    superseded: bool = False
    pinned: bool = False
    muted: bool = False
    in_conflict: bool = False

    def where(self) -> tuple[str, dict[str, Any]]:
        """Return a condition on the table of memories, and its values."""
        return self._where(MEMORIES)

    def where_turns(self) -> tuple[str, dict[str, Any]]:
        """Return the same for the table of turns; none fits where only a memory can."""
        rest = replace(self, session="", source="", since=None, until=None)
        return self._where(TURNS) if rest == Filter() else ("0", {})

    def _where(self, conditions: dict[str, str]) -> tuple[str, dict[str, Any]]:
        given = {name: value for name in conditions if (value := getattr(self, name))}
        return " AND ".join(["1", *(f"({conditions[name]})" for name in given)]), {
            name: _value(name, value) for name, value in given.items()
        }


def _value(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return rows.to_text(value)
    if name == "subject" and value.casefold() in ME:
        return USER
    return value.rstrip("/") if name == "source" else value
