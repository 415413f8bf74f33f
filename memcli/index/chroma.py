"""Chroma as a derived index: ids and vectors only, fed from the outbox, rebuilt when it differs.

The collection carries a fingerprint in its metadata: embedder, dimensions, and the last outbox row
it has taken in. Whatever happens to it, every search that Chroma cannot answer in full is answered
by the exact scan, so losing the index costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import ipaddress
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from memcli.errors import InvalidInput, MemcliError, Offline
from memcli.index.base import decode
from memcli.index.exact import ExactIndex
from memcli.paths import make_private_folder

if TYPE_CHECKING:
    import numpy as np

    from memcli.store import Store

BATCH = 1_000
FED_AT_ONCE = 2_000  # changes taken in during a search (3 s); with more to do, the scan answers
LOCK_PATIENCE_S = 0.2
# Chroma's defaults (100, 16, 100) miss one neighbour in ten at 100 000 vectors; see docs/lab.md.
HNSW = {"space": "cosine", "ef_construction": 200, "max_neighbors": 32, "ef_search": 400}


class ChromaIndex:
    """Finds neighbours in a Chroma collection. ``note`` says why it was passed over, if it was."""

    name = "chroma"

    def __init__(
        self,
        store: Store,
        embedder_id: str,
        dims: int,
        *,
        folder: Path,
        lock: Path,
        address: str = "",
        offline: bool = False,
    ) -> None:
        self.note = ""
        self._store = store
        self._embedder_id = embedder_id
        self._dims = dims
        self._folder = folder
        self._lock_path = lock
        self._address = address
        self._exact = ExactIndex(store.vectors, dims)
        self._lock: Any = None
        self._client: Any = None
        self._collection: Any = None
        if address:
            check_address(address, offline=offline)

    def search(self, query: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """Return ``(item, cosine)`` of the nearest items, the nearest first."""
        self.refresh()
        if self.note or limit <= 0:
            return self._exact.search(query, limit)
        try:
            found = self._collection.query(
                query_embeddings=[query], n_results=limit, include=["distances"]
            )
        except Exception as error:
            self.note = f"Chroma failed ({error}); vectors were scanned instead"
            return self._exact.search(query, limit)
        distances = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(int(id), 1.0 - float(distance)) for id, distance in distances]

    def similarities(self, query: np.ndarray, items: list[int]) -> dict[int, float]:
        """Return the cosine of each of the items that has a vector."""
        found = self._store.vectors.get(items)
        if not found:
            return {}
        scores = decode([blob for _, blob in found]) @ query
        return {item: float(score) for (item, _), score in zip(found, scores, strict=True)}

    def refresh(self) -> None:
        """Take in a bounded number of the store's changes; ``note`` says if more are left."""
        self._bring_up_to_date(at_most=FED_AT_ONCE)

    def rebuild(self) -> int:
        """Make the collection anew from the store and return its number of vectors.

        Raises:
            MemcliError: Chroma cannot be used now.
        """
        self._connect()
        if self._collection is not None:
            self._start_over()
            self._bring_up_to_date(at_most=None)
        if self.note:
            raise MemcliError(f"The Chroma index was not rebuilt: {self.note}.", "memcli doctor")
        return int(self._collection.count())

    def status(self) -> dict[str, Any]:
        """Return what the collection holds and how far it is behind the store."""
        self._connect()
        if self._collection is None:
            return {"vectors": 0, "behind": self._store.vectors.position(), "note": self.note}
        behind = self._store.vectors.position() - self._position()
        return {"vectors": self._collection.count(), "behind": max(behind, 0), "note": self.note}

    def close(self) -> None:
        """Let go of the lock, so that another process may use the index."""
        if self._client is not None:
            with contextlib.suppress(Exception):
                self._client.close()
        self._client = self._collection = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _bring_up_to_date(self, *, at_most: int | None) -> None:
        self.note = ""
        self._connect()
        if self._collection is None:
            return
        try:
            self._follow(at_most)
        except Exception as error:
            self.note = f"Chroma failed ({error})"

    def _follow(self, at_most: int | None) -> None:
        position = self._store.vectors.position()
        if not self._matches(position):
            self._start_over()
        changes = self._store.vectors.changes_since(self._position())
        if changes is None:  # the log was cut: what it would have said is all there is
            changes = [("put", item) for item, _ in self._store.vectors.all()]
        items = list(dict.fromkeys(item for _, item in changes))
        if at_most is not None and len(items) > at_most:
            self.note = f"Chroma is {len(items)} vectors behind: run memcli index rebuild"
            return
        for start in range(0, len(items), BATCH):
            self._take_in(items[start : start + BATCH])
        if items or self._position() != position:
            self._collection.modify(metadata=self._fingerprint(position))

    def _take_in(self, items: list[int]) -> None:
        present = self._store.vectors.get(items)
        gone = set(items) - {item for item, _ in present}
        if gone:
            self._collection.delete(ids=[str(item) for item in sorted(gone)])
        if present:
            self._collection.upsert(
                ids=[str(item) for item, _ in present],
                embeddings=decode([blob for _, blob in present]),
            )

    def _matches(self, position: int) -> bool:
        """Say whether the collection was made from this store's vectors."""
        expected = self._fingerprint(self._position())
        if dict(self._collection.metadata or {}) != expected or self._position() > position:
            return False
        if self._position() < position:
            return self._store.vectors.changes_since(self._position()) is not None
        return bool(self._collection.count() == self._store.vectors.count())

    def _fingerprint(self, position: int) -> dict[str, Any]:
        return {"embedder": self._embedder_id, "dims": self._dims, "position": position}

    def _position(self) -> int:
        return int((self._collection.metadata or {}).get("position", -1))

    def _start_over(self) -> None:
        name = self._collection.name
        self._client.delete_collection(name)
        self._collection = self._client.create_collection(
            name,
            configuration={"hnsw": HNSW},
            metadata=self._fingerprint(0),
            embedding_function=None,  # the default one would download a model
        )

    def _connect(self) -> None:
        if self._collection is not None:
            return
        if not self._address and not self._take_lock():
            self.note = "another memcli uses the Chroma index"
            return
        try:
            self._open()
        except Exception as error:
            self.note = f"Chroma cannot be opened ({error})"

    def _open(self) -> None:
        try:
            self._client = self._server() if self._address else self._embedded()
            self._collection = self._client.get_or_create_collection(
                f"memcli-{self._store_id()}",
                configuration={"hnsw": HNSW},
                metadata=self._fingerprint(0),
                embedding_function=None,
            )
            self._collection = self._client.get_collection(
                self._collection.name, embedding_function=None
            )
            self._collection.count()
        except BaseException as error:  # Chroma's Rust core panics outside of Exception
            if self._address or isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            self._discard_folder(error)

    def _discard_folder(self, error: BaseException) -> None:
        """Delete a damaged embedded index; the next use makes it again."""
        from chromadb.api.shared_system_client import SharedSystemClient

        self._client = self._collection = None
        with contextlib.suppress(Exception):
            SharedSystemClient.clear_system_cache()
        shutil.rmtree(self._folder, ignore_errors=True)
        self.note = f"the Chroma index was damaged ({error}) and is made again at the next use"

    def _embedded(self) -> Any:
        import chromadb  # 900 ms and 76 MiB
        from chromadb.config import Settings

        make_private_folder(self._folder)
        return chromadb.PersistentClient(
            str(self._folder), settings=Settings(anonymized_telemetry=False)
        )

    def _server(self) -> Any:
        import chromadb
        from chromadb.config import Settings

        url = split_address(self._address)
        return chromadb.HttpClient(
            host=url.hostname or "",
            port=url.port or 8000,
            ssl=url.scheme == "https",
            settings=Settings(anonymized_telemetry=False),
        )

    def _take_lock(self) -> bool:
        if self._lock is None:
            from filelock import FileLock, Timeout

            lock = FileLock(self._lock_path, mode=0o600)
            try:
                lock.acquire(timeout=LOCK_PATIENCE_S)
            except Timeout:
                return False
            self._lock = lock
        return True

    def _store_id(self) -> str:
        """Return the name that tells this store's collection from others on one server."""
        if not (name := self._store.meta("store_id")):
            name = self._store.new_id()
            with self._store.upkeep():
                self._store.set_meta("store_id", name)
        return name


def split_address(address: str) -> Any:
    """Read ``host:port`` or a URL.

    Raises:
        InvalidInput: it is neither.
    """
    try:
        url = urlsplit(address if "://" in address else f"http://{address}")
        usable = url.hostname and url.scheme in ("http", "https") and (url.port or True)
    except ValueError:
        usable = False
    if not usable:
        raise InvalidInput(f"index.chroma = {address!r} is no address.", "Write it as host:port.")
    return url


def check_address(address: str, *, offline: bool) -> None:
    """Refuse an address that cannot be used.

    Raises:
        InvalidInput: it is no address.
        Offline: it lies outside this machine and ``--offline`` is set.
    """
    host = split_address(address).hostname
    if offline and not _is_loopback(host):
        raise Offline(
            f"The Chroma server {address} is on the network, and memcli is offline.",
            "Set index.chroma to an address on this machine, or leave out --offline.",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
