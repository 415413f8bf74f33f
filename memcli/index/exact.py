"""Scan every vector. One matrix product: 15 ms for 100 000 vectors of 384 numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memcli.index.base import decode

if TYPE_CHECKING:
    import numpy as np

    from memcli.store.vectors import Vectors

SPARE = 1.25  # rows kept free for what comes in later, so that a new vector seldom moves all others
LOADED = 10_000  # vectors that are decoded at once


class ExactIndex:
    """Holds all vectors in memory as (n, d) float32, and follows the store's changes."""

    name = "exact"

    def __init__(self, vectors: Vectors, dims: int) -> None:
        self._vectors = vectors
        self._dims = dims
        self._position = -1
        self._rows: dict[int, int] = {}  # item -> its row
        self._items: np.ndarray  # (capacity,) int64, -1 where a row is free
        self._matrix: np.ndarray  # (capacity, d) float32, zeros where a row is free
        self._free: list[int] = []  # the lowest last
        self._end = 0  # no row from here on was ever used

    def search(self, query: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """Return ``(item, cosine)`` of the nearest items, the nearest first; ties by item."""
        import numpy as np

        self.refresh()
        limit = min(limit, len(self._rows))
        if limit <= 0:
            return []
        scores = _cosines(self._matrix[: self._end], query)
        if len(self._rows) < self._end:
            scores[self._items[: self._end] < 0] = -np.inf
        least = np.partition(scores, -limit)[-limit]
        best = np.flatnonzero(scores >= least)  # all of those that tie at the cut
        best = best[np.lexsort((self._items[best], -scores[best]))][:limit]
        return [(int(self._items[i]), float(scores[i])) for i in best]

    def similarities(self, query: np.ndarray, items: list[int]) -> dict[int, float]:
        """Return the cosine of each of the items that has a vector."""
        self.refresh()
        known = [item for item in items if item in self._rows]
        scores = _cosines(self._matrix[[self._rows[item] for item in known]], query)
        return dict(zip(known, map(float, scores), strict=True))

    def refresh(self) -> None:
        """Take in what the store has changed since the last call."""
        position = self._vectors.position()
        if position == self._position:
            return
        changes = self._vectors.changes_since(self._position) if self._position >= 0 else None
        if changes is None:
            self._load()
        else:
            self._apply(changes)
        self._position = position

    def _load(self) -> None:
        import numpy as np

        pairs = self._vectors.all()
        self._end = len(pairs)
        capacity = max(64, int(len(pairs) * SPARE))
        self._items = np.full(capacity, -1, dtype=np.int64)
        self._matrix = np.zeros((capacity, self._dims), dtype=np.float32)
        self._items[: len(pairs)] = [item for item, _ in pairs]
        for start in range(0, len(pairs), LOADED):  # a copy of all at once would double the memory
            blobs = [blob for _, blob in pairs[start : start + LOADED]]
            self._matrix[start : start + len(blobs)] = decode(blobs)
        self._rows = {item: row for row, (item, _) in enumerate(pairs)}
        self._free = list(range(capacity - 1, len(pairs) - 1, -1))

    def _apply(self, changes: list[tuple[str, int]]) -> None:
        touched = {item for _, item in changes}
        present = dict(self._vectors.get(sorted(touched)))
        if len(present) > len(self._free):
            self._load()
            return
        for item in touched - present.keys():
            self._drop(item)
        for item, blob in present.items():
            self._put(item, blob)

    def _drop(self, item: int) -> None:
        if (row := self._rows.pop(item, None)) is not None:
            self._items[row] = -1
            self._matrix[row] = 0
            self._free.append(row)

    def _put(self, item: int, blob: bytes) -> None:
        if item not in self._rows:
            self._rows[item] = self._free.pop()
        row = self._rows[item]
        self._end = max(self._end, row + 1)
        self._items[row] = item
        self._matrix[row] = decode([blob])[0]


def _cosines(matrix: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Return (n,) products of (n, d) with (d,).

    Not ``@``: memory bounds it, so BLAS's threads win little, and on a busy machine they wait for
    each other: 12 ms for 10 000 vectors where one thread takes 0.5 ms.
    """
    import numpy as np

    scores: np.ndarray = np.einsum("ij,j->i", matrix, query)
    return scores
