"""Vectors, and the log (outbox) from which every other index of them is fed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from memcli.store import rows

if TYPE_CHECKING:
    from sqlite_utils import Database

OUTBOX_KEPT = 20_000  # a reader further behind than this loads everything again


class Vectors:
    """One vector an item, all by one embedder; stored as little-endian float16."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def missing(self, limit: int = -1) -> list[tuple[int, str]]:
        """Return ``(item, text)`` of items without a vector, the oldest first."""
        found = self._db.execute(
            """SELECT u.item, coalesce(t.text, iif(m.title = '', m.text, m.title || '\n' || m.text))
               FROM (SELECT item FROM unembedded ORDER BY item LIMIT ?) AS u
               LEFT JOIN turns AS t ON u.item % 2 = 0 AND t.n = u.item / 2
               LEFT JOIN memories AS m ON u.item % 2 = 1 AND m.n = u.item / 2""",
            [limit],
        )
        return found.fetchall()

    def missing_count(self) -> int:
        """Return the number of items without a vector."""
        return int(self._db.execute("SELECT count(*) FROM unembedded").fetchone()[0])

    def put(self, vectors: Iterable[tuple[int, bytes]]) -> None:
        """Store vectors of items that had none."""
        vectors = list(vectors)
        self._db.conn.executemany("INSERT INTO vectors(item, vector) VALUES (?, ?)", vectors)
        self._db.conn.executemany(
            "DELETE FROM unembedded WHERE item = ?", [(item,) for item, _ in vectors]
        )

    def reset(self) -> None:
        """Drop all vectors and mark every item as having none (the embedder has changed)."""
        self._db.execute("DELETE FROM vectors")
        self._db.execute("INSERT OR IGNORE INTO unembedded SELECT item FROM items")

    def count(self) -> int:
        """Return the number of vectors."""
        return int(self._db.execute("SELECT count(*) FROM vectors").fetchone()[0])

    def all(self) -> list[tuple[int, bytes]]:
        """Return every ``(item, vector)``, by item."""
        return self._db.execute("SELECT item, vector FROM vectors ORDER BY item").fetchall()

    def get(self, items: Sequence[int]) -> list[tuple[int, bytes]]:
        """Return ``(item, vector)`` of those of the items that have one."""
        found: list[tuple[int, bytes]] = []
        for start in range(0, len(items), 500):
            some = items[start : start + 500]
            found += self._db.execute(
                f"SELECT item, vector FROM vectors WHERE item IN ({rows.marks(some)})", list(some)
            ).fetchall()
        return found

    def position(self) -> int:
        """Return the number of the last change to any vector."""
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        return int(row[0]) if row else 0

    def changes_since(self, position: int) -> list[tuple[str, int]] | None:
        """Return ``(op, item)`` of the later changes in order; None if the log was cut since."""
        first = self._db.execute("SELECT min(n) FROM outbox").fetchone()[0]
        if position < self.position() and (first is None or first > position + 1):
            return None
        return self._db.execute(
            "SELECT op, item FROM outbox WHERE n > ? ORDER BY n", [position]
        ).fetchall()

    def trim_outbox(self) -> None:
        """Cut the log to its last rows."""
        self._db.execute("DELETE FROM outbox WHERE n <= ?", [self.position() - OUTBOX_KEPT])
