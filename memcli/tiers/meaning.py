"""Meaning: which embedder and index a store's vectors belong to, and keeping them complete."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memcli.engine.embed import Embedder
    from memcli.index.base import VectorIndex
    from memcli.store import Store

EMBED_BATCH = 256


class Meaning:
    """The vectors of one store.

    ``load_embedder`` and ``choose_index`` are called when vectors are first needed, because what
    they load costs half a second.
    """

    def __init__(
        self,
        store: Store,
        load_embedder: Callable[[], Embedder],
        choose_index: Callable[[Embedder], VectorIndex],
    ) -> None:
        self._store = store
        self._load_embedder = load_embedder
        self._choose_index = choose_index
        self._embedder: Embedder | None = None
        self._index: VectorIndex | None = None

    @property
    def embedder(self) -> Embedder:
        """The embedder, loaded at the first use.

        The store holds the vectors of one embedder. Those of another one, which this or another
        process used before, are dropped here.
        """
        if self._embedder is None:
            self._embedder = self._load_embedder()
        if self._store.meta("embedder") != self._embedder.id:
            with self._store.upkeep():
                self._store.vectors.reset()
                self._store.set_meta("embedder", self._embedder.id)
            self._index = None
        return self._embedder

    def semantics(self) -> tuple[Embedder, VectorIndex] | None:
        """Return embedder and index, or None while the store holds no vectors."""
        embedder = self.embedder
        if self._index is None:
            if not self._store.vectors.count():
                return None
            self._index = self._choose_index(embedder)
        return embedder, self._index

    def embed_missing(self, *, at_least: int = -1, seconds: float = float("inf")) -> int:
        """Give vectors to items that have none, and return how many were given.

        With ``seconds``, stop after that time, but not before ``at_least`` were given.
        """
        embedder = self.embedder
        end = time.monotonic() + seconds
        given = 0
        while given < at_least or time.monotonic() < end:
            missing = self._store.vectors.missing(EMBED_BATCH)
            if not missing:
                break
            with self._store.upkeep():
                self._embed(embedder, missing)
            given += len(missing)
        return given

    @property
    def note(self) -> str:
        """What the user should know about search by meaning; empty if all is well."""
        missing = self._store.vectors.missing_count()
        lag = f"{missing} memories have no vector yet: run memcli index rebuild" if missing else ""
        return lag or str(getattr(self._index, "note", ""))

    def close(self) -> None:
        """Let go of the index."""
        close = getattr(self._index, "close", None)
        if close:
            close()

    def _embed(self, embedder: Embedder, missing: list[tuple[int, str]]) -> None:
        from memcli.index.base import encode

        blobs = encode(embedder.embed([text for _, text in missing]))
        items = (item for item, _ in missing)
        self._store.vectors.put(zip(items, blobs, strict=True))
        self._store.vectors.trim_outbox()
