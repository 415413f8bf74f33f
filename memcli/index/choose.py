"""Which index a store uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memcli.index.base import VectorIndex
from memcli.index.chroma import ChromaIndex
from memcli.index.exact import ExactIndex

if TYPE_CHECKING:
    from memcli.config import Config
    from memcli.engine.embed import Embedder
    from memcli.paths import ProfilePaths
    from memcli.store import Store


def choose_index(
    config: Config, paths: ProfilePaths, store: Store, embedder: Embedder
) -> VectorIndex:
    """Return the index that the settings name; ``auto`` scans up to the measured crossover.

    An encrypted profile is scanned whatever they name: Chroma's files cannot be encrypted.
    """
    settings = config.index
    many = store.vectors.count() > settings.crossover
    if settings.backend == "exact" or (settings.backend == "auto" and not many) or store.key:
        return ExactIndex(store.vectors, embedder.dims)
    return open_chroma(config, paths, store, embedder)


def open_chroma(
    config: Config, paths: ProfilePaths, store: Store, embedder: Embedder
) -> ChromaIndex:
    """Return the Chroma index of a profile, whatever ``index.backend`` says."""
    return ChromaIndex(
        store,
        embedder.id,
        embedder.dims,
        folder=paths.chroma,
        lock=paths.chroma_lock,
        address=config.index.chroma,
        offline=config.network.offline,
    )
