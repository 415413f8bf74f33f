"""Sources: where text came from, each found again by its key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from memcli.records import Source
from memcli.store import rows

if TYPE_CHECKING:
    from sqlite_utils import Database


class Sources:
    """The table of sources."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, source: Source) -> None:
        """Store a new source."""
        self._db.execute(
            f"INSERT INTO sources({rows.SOURCE}) VALUES ({rows.marks(rows.source_row(source))})",
            rows.source_row(source),
        )

    def get(self, id: str) -> Source | None:
        """Return the source with this id."""
        return self._one("id = ?", id)

    def by_key(self, key: str) -> Source | None:
        """Return the source that an importer knows by this key."""
        return self._one("key = ? AND key != ''", key)  # which the index needs to hear

    def by_content(self, kind: str, digest: str) -> list[Source]:
        """Return sources of a kind whose whole content has this digest, at most twenty."""
        found = self._db.execute(
            f"""SELECT {rows.SOURCE} FROM sources
                WHERE content_hash != '' AND content_hash BETWEEN ? AND ? AND kind = ?
                ORDER BY n LIMIT 20""",
            [digest, f"{digest}~", kind],
        )
        return [rows.read_source(row) for row in found]

    def known(self) -> set[str]:
        """Return the keys of all sources, and the digests of what is in them."""
        found = self._db.execute("SELECT key, substr(content_hash, 1, 64) FROM sources")
        return {text for row in found for text in row if text}

    def within(self, path: str) -> list[Source]:
        """Return the sources of a file or of what a folder holds."""
        found = self._db.execute(
            f"""SELECT {rows.SOURCE} FROM sources
                WHERE uri = ? OR substr(uri, 1, ?) = ? ORDER BY uri""",
            [path, len(path) + 1, f"{path}/"],
        )
        return [rows.read_source(row) for row in found]

    def size(self, id: str) -> int:
        """Return the number of current notes and turns that came from a source."""
        row = self._db.execute(
            """SELECT (SELECT count(*) FROM memories
                       WHERE source_id = ? AND superseded_by IS NULL
                         AND NOT instr(key, char(9)))
                    + (SELECT count(*) FROM turns JOIN sessions ON sessions.id = turns.session_id
                       WHERE sessions.source_id = ?)""",
            [id, id],
        ).fetchone()
        return int(row[0])

    def uris(self) -> str:
        """Return the paths of all sources, one a line."""
        return "\n".join(row[0] for row in self._db.execute("SELECT uri FROM sources"))

    def delete_empty(self, ids: Iterable[str | None]) -> list[int]:
        """Delete those of some sources of which nothing is left; return their row numbers."""
        wanted = [id for id in ids if id]
        empty = f"""id IN ({rows.marks(wanted)}) AND NOT EXISTS (
            SELECT 1 FROM memories WHERE source_id = sources.id UNION ALL
            SELECT 1 FROM sessions WHERE source_id = sources.id)"""
        found = self._db.execute(f"SELECT n FROM sources WHERE {empty}", wanted)
        numbers = [row[0] for row in found]
        self._db.execute(f"DELETE FROM sources WHERE {empty}", wanted)
        return numbers

    def update(self, source: Source) -> None:
        """Replace everything but the id of a source."""
        values = rows.source_row(source)
        names = rows.SOURCE.split(", ")[1:]
        assignments = ", ".join(f"{name} = ?" for name in names)
        self._db.execute(f"UPDATE sources SET {assignments} WHERE id = ?", [*values[1:], source.id])

    def _one(self, condition: str, value: str) -> Source | None:
        row = self._db.execute(
            f"SELECT {rows.SOURCE} FROM sources WHERE {condition}", [value]
        ).fetchone()
        return rows.read_source(row) if row else None
