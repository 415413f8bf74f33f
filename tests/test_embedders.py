"""One store, and more than one embedder."""

from memcli.index.exact import ExactIndex
from memcli.store import Store
from memcli.testing import HashEmbedder
from memcli.tiers.long_term import LongTerm


def opened(path, dims):
    store = Store(path)
    return LongTerm(store, lambda: HashEmbedder(dims), lambda e: ExactIndex(store.vectors, e.dims))


def test_two_embedders_in_turn(tmp_path):
    """Each process goes on with its own embedder: vectors of the other one are replaced, not mixed."""
    path = tmp_path / "memory.db"
    here, there = opened(path, 16), opened(path, 24)
    here.remember("The key is under the pot.")
    assert there.recall("key")
    there.remember("The boiler is in the cellar.")
    assert here.recall("boiler")
    here.remember("The ladder is in the shed.")
    assert [hit.text for hit in there.recall("ladder")][:1] == ["The ladder is in the shed."]
    sizes = {len(blob) for _, blob in there.store.vectors.all()}
    assert sizes == {2 * 24}


def test_vectors_that_are_missing_are_told(tmp_path):
    """While some memories have no vector, a note says so and what to do."""
    memory = opened(tmp_path / "memory.db", 16)
    memory.remember("The key is under the pot.")
    with memory.store.upkeep():
        memory.store.vectors.reset()
    assert "index rebuild" in memory.meaning.note
    memory.meaning.embed_missing()
    assert memory.meaning.note == ""
