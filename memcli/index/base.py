"""The one thing that an index of vectors must do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

DTYPE = "<f2"  # how the store spells a vector: little-endian float16


class VectorIndex(Protocol):
    """Finds the items whose vectors lie nearest to a query."""

    name: str

    def search(self, query: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """Return ``(item, cosine)`` of the nearest items, the nearest first.

        ``query`` is (d,) float32 of length 1. Ties are broken by item.
        """
        ...

    def refresh(self) -> None:
        """Take in what the store has changed since the last call."""
        ...

    def similarities(self, query: np.ndarray, items: list[int]) -> dict[int, float]:
        """Return the cosine of each of the items that has a vector."""
        ...


def encode(vectors: np.ndarray) -> list[bytes]:
    """Write each row of (n, d) as the store keeps it."""
    return [row.tobytes() for row in vectors.astype(DTYPE)]


def decode(blobs: list[bytes]) -> np.ndarray:
    """Read (n, d) float32 from blobs that ``encode`` wrote; they must be of one length."""
    import numpy as np

    flat = np.frombuffer(b"".join(blobs), dtype=DTYPE).astype(np.float32)
    return flat.reshape(len(blobs), -1)
