"""What an index holds, for people and for ``--json``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memcli.index.chroma import ChromaIndex

if TYPE_CHECKING:
    from memcli.index.base import VectorIndex
    from memcli.store import Store


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The state of a store's vectors. ``behind`` counts changes that the index has not seen."""

    backend: str
    embedder: str
    items: int
    vectors: int
    indexed: int
    behind: int
    note: str = ""

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield the facts as pairs for people."""
        yield "backend", self.backend
        yield "embedder", self.embedder
        yield "turns and memories", str(self.items)
        yield "with a vector", str(self.vectors)
        yield "in the index", str(self.indexed)
        yield "changes behind", str(self.behind)
        if self.note:
            yield "note", self.note


def read_status(store: Store, index: VectorIndex) -> IndexStatus:
    """Compare an index with the store; a Chroma index is let go of afterwards."""
    vectors = store.vectors.count()
    indexed, behind, note = vectors, 0, ""
    if isinstance(index, ChromaIndex):
        found = index.status()
        indexed, behind, note = found["vectors"], found["behind"], found["note"]
        index.close()
    return IndexStatus(
        index.name, store.meta("embedder"), store.texts.count(), vectors, indexed, behind, note
    )
