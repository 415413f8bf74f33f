"""Nearest neighbours: the scan is exact, and Chroma is only ever a faster way to the same."""

import contextlib
import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import filelock
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memcli.api import Memcli
from memcli.config import load
from memcli.engine.embed import unit_rows
from memcli.errors import InvalidInput, MemcliError, Offline
from memcli.index.base import decode, encode
from memcli.index.choose import choose_index
from memcli.index.chroma import FED_AT_ONCE, ChromaIndex, check_address
from memcli.index.exact import ExactIndex
from memcli.index.status import read_status
from memcli.paths import ProfilePaths
from memcli.store import Store
from memcli.testing import CountingIds, HashEmbedder

# Chroma and its libraries warn about themselves, and leave their files to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

DIMS = 8


def vectors(count, seed=0, dims=DIMS):
    """Return (count, dims) float32 rows of length 1, as far from each other as chance has it."""
    rows = np.random.default_rng(seed).standard_normal((count, dims)).astype(np.float32)
    return unit_rows(rows)


def put(store, rows, start=0):
    """Store some vectors, as of the items from ``start`` on."""
    with store.upkeep():
        store.vectors.put(enumerate(encode(rows), start))


def drop(store, *items):
    with store.upkeep():
        for item in items:
            store.db.execute("DELETE FROM vectors WHERE item = ?", [item])


def brute_force(store, query, limit):
    """Return what an index should find: every cosine, sorted; ties by item."""
    pairs = store.vectors.all()
    if not pairs:
        return []
    scores = decode([blob for _, blob in pairs]) @ query
    ranked = sorted(zip(scores, pairs, strict=True), key=lambda pair: (-pair[0], pair[1][0]))
    return [(item, float(score)) for score, (item, _) in ranked[:limit]]


def same(found, expected):
    """Say whether two rankings are of the same items with the same scores.

    Up to half precision: rows stored so are no longer quite of length 1, and Chroma makes them so.
    """
    return [item for item, _ in found] == [item for item, _ in expected] and np.allclose(
        [score for _, score in found], [score for _, score in expected], atol=1e-3
    )


# The exact scan

SMALL = st.lists(st.integers(-2, 2), min_size=3, max_size=3)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 12), SMALL),
        st.tuples(st.just("drop"), st.integers(0, 12), st.none()),
        st.tuples(st.just("search"), st.integers(0, 15), SMALL),
    ),
    max_size=30,
)


@given(CHANGES)
@settings(max_examples=40, deadline=None)
def test_the_scan_is_brute_force_whatever_came_and_went(changes):
    """After any puts, replacements and drops, each search is every cosine sorted, ties by item."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "memory.db", ids=CountingIds())
        store.db.execute("PRAGMA synchronous = OFF")
        with contextlib.closing(store):
            index = ExactIndex(store.vectors, 3)
            for what, number, values in changes:
                # Small whole numbers, so that every sum is exact and ties are ties.
                row = np.array([values or [0, 0, 0]], dtype=np.float32)
                if what == "search":
                    assert index.search(row[0], number) == brute_force(store, row[0], number)
                    continue
                drop(store, number)
                if what == "put":
                    put(store, row, number)
            everything = brute_force(store, np.ones(3, np.float32), 99)
            assert index.search(np.ones(3, np.float32), 99) == everything
            assert index.similarities(np.ones(3, np.float32), list(range(20))) == dict(everything)


def test_the_scan_breaks_ties_by_item_at_the_cut_as_well(store):
    """Of equal neighbours the first items are returned, however few are asked for."""
    rows = np.ones((600, 3), np.float32)
    rows[::7] = -1  # some that are farther off, in between
    put(store, rows)
    query = np.ones(3, np.float32)
    for limit in (1, 2, 10, 49, 500):
        found = ExactIndex(store.vectors, 3).search(query, limit)
        assert found == brute_force(store, query, limit)


def test_the_scan_takes_in_many_and_few(store):
    """Growth beyond the spare rows, and a later scan of the same, agree with brute force."""
    index = ExactIndex(store.vectors, DIMS)
    query = vectors(1, seed=9)[0]
    for start, count in [(0, 5), (5, 100), (105, 1), (106, 300)]:
        put(store, vectors(count, seed=start), start)
        assert same(index.search(query, 20), brute_force(store, query, 20))
    drop(store, *range(0, 400, 3))
    assert same(index.search(query, 20), brute_force(store, query, 20))


def test_the_scan_loads_all_when_the_log_was_cut(store):
    """A scan that missed changes which the outbox no longer holds is still right."""
    index = ExactIndex(store.vectors, DIMS)
    put(store, vectors(5))
    query = vectors(1, seed=9)[0]
    index.search(query, 1)
    drop(store, 0, 1)
    put(store, vectors(3, seed=2), 10)
    with store.upkeep():
        store.db.execute("DELETE FROM outbox")
    assert same(index.search(query, 10), brute_force(store, query, 10))


def test_the_scan_of_nothing_finds_nothing(store):
    """An empty store, and a search for none, are no errors."""
    index = ExactIndex(store.vectors, DIMS)
    query = vectors(1)[0]
    assert index.search(query, 5) == []
    assert index.similarities(query, [1, 2]) == {}
    put(store, vectors(3))
    assert index.search(query, 0) == []
    assert index.search(query, -1) == []


def test_a_vector_survives_being_stored():
    """Half precision keeps a cosine to three digits."""
    rows = vectors(20, dims=64)
    blobs = encode(rows)
    assert {len(blob) for blob in blobs} == {128}
    assert np.allclose(decode(blobs) @ rows[0], rows @ rows[0], atol=2e-3)


# Chroma in this process


@pytest.fixture
def chroma(store, tmp_path):
    """Return a maker of Chroma indexes of one store and folder; all are closed in the end."""
    made = []

    def make(store=store, embedder="hash", dims=DIMS, **more):
        index = ChromaIndex(
            store, embedder, dims, folder=tmp_path / "chroma", lock=tmp_path / "lock", **more
        )
        made.append(index)
        return index

    yield make
    for index in made:
        index.close()
    made.clear()
    gc.collect()  # what Chroma leaves open is complained of here, not in a later test


def check(index, store, seed=99):
    """Search Chroma, not the scan, and compare with brute force."""
    for query in vectors(5, seed=seed):
        found = index.search(query, 3)
        assert index.note == ""
        assert same(found[:1], brute_force(store, query, 1))
        assert len(found) == min(3, store.vectors.count())


def test_chroma_agrees_with_the_scan(store, chroma):
    """The nearest item and its cosine are those of brute force, also after changes."""
    put(store, vectors(60))
    index = chroma()
    check(index, store)
    drop(store, *range(0, 60, 4))
    put(store, vectors(30, seed=3), 100)
    check(index, store)
    status = read_status(store, index)
    assert (status.backend, status.vectors, status.indexed, status.behind) == ("chroma", 75, 75, 0)


def test_chroma_replaces_a_vector_that_changed(store, chroma):
    """An item with another vector is found by the new one."""
    put(store, vectors(10))
    index = chroma()
    check(index, store)
    [fresh] = vectors(1, seed=77)
    drop(store, 4)
    put(store, fresh[None], 4)
    [(item, cosine)] = index.search(fresh, 1)
    assert (item, index.note) == (4, "")
    assert cosine == pytest.approx(1, abs=1e-3)
    assert index.similarities(fresh, [4, 99])[4] == pytest.approx(1, abs=1e-3)


def test_chroma_with_nothing_in_it_finds_nothing(store, chroma):
    """An empty collection is no error, and neither is a search for none."""
    index = chroma()
    query = vectors(1)[0]
    assert index.search(query, 3) == []
    put(store, vectors(2))
    assert index.search(query, 0) == []
    check(index, store)


def test_chroma_goes_on_where_it_was_after_a_restart(store, chroma):
    """Another index on the same folder takes in only what is new, and finds all."""
    put(store, vectors(20))
    first = chroma()
    check(first, store)
    first.close()
    put(store, vectors(5, seed=4), 50)
    second = chroma()
    assert second.status()["behind"] == 5
    assert second.status()["vectors"] == 20
    check(second, store)


def test_deleting_the_folder_of_chroma_loses_nothing(store, chroma, tmp_path):
    """The index is made again from the store."""
    put(store, vectors(20))
    first = chroma()
    check(first, store)
    first.close()
    shutil.rmtree(tmp_path / "chroma")
    second = chroma()
    query = vectors(1, seed=5)[0]
    assert same(second.search(query, 1), brute_force(store, query, 1))
    second.close()
    check(chroma(), store)


def test_junk_in_the_folder_of_chroma_heals(store, chroma, tmp_path):
    """Damaged files are thrown away: every search is right, and the index is soon back."""
    put(store, vectors(20))
    first = chroma()
    check(first, store)
    first.close()
    for file in (tmp_path / "chroma").rglob("*"):
        if file.is_file():
            file.write_bytes(b"junk" * 2000)
    query = vectors(1, seed=5)[0]
    for _ in range(3):
        index = chroma()
        assert same(index.search(query, 1), brute_force(store, query, 1))
        index.close()
    check(chroma(), store)


def test_a_torn_collection_is_noticed(store, chroma):
    """A collection that lost vectors behind our back is made again at the next search."""
    put(store, vectors(20))
    index = chroma()
    check(index, store)
    index._collection.delete(ids=[str(i) for i in range(10)])
    check(index, store)
    assert index.status()["vectors"] == 20


def test_vectors_of_another_embedder_are_made_again(store, chroma):
    """A collection with the fingerprint of another embedder is not searched but replaced."""
    put(store, vectors(20))
    first = chroma(embedder="old")
    check(first, store)
    first._collection.upsert(ids=["3"], embeddings=vectors(1, seed=99))
    first.close()
    second = chroma(embedder="new")
    check(second, store)
    assert second._collection.metadata["embedder"] == "new"


def test_vectors_of_another_length_are_made_again(store, chroma):
    """A collection of another number of dimensions is replaced."""
    put(store, vectors(20))
    first = chroma()
    check(first, store)
    first.close()
    with store.upkeep():
        store.vectors.reset()
    put(store, vectors(20, dims=16))
    second = chroma(dims=16)
    query = vectors(1, seed=5, dims=16)[0]
    assert same(second.search(query, 1), brute_force(store, query, 1))
    assert second.note == ""


def test_while_another_holds_the_lock_the_scan_answers(store, chroma, tmp_path):
    """A second memcli searches exactly and says why; later it uses the index."""
    put(store, vectors(20))
    index = chroma()
    query = vectors(1, seed=5)[0]
    with filelock.FileLock(tmp_path / "lock"):
        assert same(index.search(query, 3), brute_force(store, query, 3))
        assert "another memcli" in index.note
        assert not (tmp_path / "chroma").exists()
        with pytest.raises(MemcliError, match=r"not rebuilt.*another memcli"):
            index.rebuild()
    check(index, store)


def test_two_indexes_do_not_share_the_folder(store, chroma):
    """The first one keeps the lock until it is closed."""
    put(store, vectors(20))
    first, second = chroma(), chroma()
    query = vectors(1, seed=5)[0]
    check(first, store)
    assert same(second.search(query, 1), brute_force(store, query, 1))
    assert "another memcli" in second.note
    first.close()
    check(second, store)


def test_too_far_behind_the_scan_answers_until_the_rebuild(store, chroma):
    """A search takes in only so much; ``rebuild`` takes in all of it."""
    many = FED_AT_ONCE + 50
    put(store, vectors(many))
    index = chroma()
    query = vectors(1, seed=5)[0]
    assert same(index.search(query, 5), brute_force(store, query, 5))
    assert f"{many} vectors behind" in index.note
    assert "memcli index rebuild" in index.note
    assert index.rebuild() == many
    check(index, store)


# A Chroma server


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/heartbeat", timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Run a real Chroma server on this machine and return its address."""
    program = Path(sys.executable).parent / "chroma"
    if not program.exists():
        pytest.skip("the chroma command is not installed beside this Python")
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    command = [program, "run", "--path", folder, "--host", "127.0.0.1", "--port", str(port)]
    running = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while not answers(port):
            if running.poll() is not None or time.monotonic() > deadline:
                pytest.fail("the Chroma server did not start")
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"
    finally:
        running.terminate()
        try:
            running.wait(timeout=10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def test_a_server_is_used_by_its_address(store, chroma, server, tmp_path):
    """The collection lives on the server, and nothing of it beside the database."""
    put(store, vectors(40))
    index = chroma(address=server, offline=True)
    check(index, store)
    drop(store, 0, 1, 2)
    check(index, store)
    assert index.rebuild() == 37
    assert not (tmp_path / "chroma").exists()
    assert not (tmp_path / "lock").exists()


def test_a_server_holds_no_text(memory, chroma, server):
    """What is on the server are numbers: no document, and no words in what describes them."""
    memory.remember("The combination of the safe is zqxwvkjhgf")
    index = chroma(embedder="hash-32", dims=32, address=f"http://{server}")
    [query] = HashEmbedder().embed(["combination of the safe"])
    assert len(index.search(query, 3)) == 1
    held = index._collection.get(include=["documents", "metadatas", "uris"])
    assert held["ids"] == ["3"]
    assert {part for key in ("documents", "metadatas", "uris") for part in held[key] or ()} <= {None}  # fmt: skip


def test_two_stores_on_one_server_do_not_mix(store, chroma, server, tmp_path):
    """Each store has a collection of its own."""
    with contextlib.closing(Store(tmp_path / "other.db")) as other:
        put(store, vectors(20))
        put(other, vectors(30, seed=1), 1000)
        mine, theirs = chroma(address=server), chroma(store=other, address=server)
        check(mine, store)
        check(theirs, other)
        query = vectors(1, seed=5)[0]
        assert {item for item, _ in mine.search(query, 50)} == set(range(20))
        assert {item for item, _ in theirs.search(query, 50)} == set(range(1000, 1030))


def test_a_server_that_is_not_there_is_passed_over(store, chroma):
    """The scan answers and the note says what is wrong; a rebuild is an error."""
    put(store, vectors(5))
    index = chroma(address=f"127.0.0.1:{free_port()}")
    query = vectors(1, seed=5)[0]
    assert same(index.search(query, 3), brute_force(store, query, 3))
    assert "cannot be opened" in index.note
    with pytest.raises(MemcliError, match="not rebuilt"):
        index.rebuild()


@pytest.mark.parametrize(
    "address", ["http://", "ftp://127.0.0.1", "host:port", "127.0.0.1:99999", "://", "[::1"]
)
def test_what_is_no_address_is_refused(chroma, address):
    """A setting that names no server is an error that shows it and how to write one."""
    with pytest.raises(InvalidInput) as caught:
        chroma(address=address)
    assert address in caught.value.message
    assert "host:port" in caught.value.hint


@pytest.mark.parametrize("address", ["example.org:8000", "192.168.1.5", "https://10.0.0.1", "0.0.0.0:80"])  # fmt: skip
def test_a_server_elsewhere_is_refused_offline(chroma, address):
    """Vectors do not leave the machine while memcli is offline."""
    with pytest.raises(Offline, match="offline"):
        chroma(address=address, offline=True)
    check_address(address, offline=False)


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1:9", "[::1]:9", "http://127.9.9.9"])
def test_a_server_on_this_machine_is_allowed_offline(address):
    """The loopback addresses are no network."""
    check_address(address, offline=True)


# Which one


@pytest.mark.parametrize(
    ("backend", "count", "name"),
    [("auto", 3, "exact"), ("auto", 5, "chroma"), ("exact", 5, "exact"), ("chroma", 3, "chroma")],
)
def test_the_settings_and_the_number_of_vectors_choose(store, tmp_path, backend, count, name):
    """``auto`` scans up to the crossover; a name means that index."""
    put(store, vectors(count))
    settings = load({"index.backend": backend, "index.crossover": 4})
    index = choose_index(settings, ProfilePaths(tmp_path), store, HashEmbedder(DIMS))
    assert index.name == name


def test_rebuilding_what_was_searched_before(tmp_path, monkeypatch):
    """A handle that has recalled from Chroma can make the index anew, and goes on recalling."""
    monkeypatch.setattr(Memcli, "_load_embedder", lambda self: HashEmbedder())
    with Memcli(folder=tmp_path, settings={"index.backend": "chroma"}) as memory:
        memory.remember("The boat lies in the harbour.")
        assert memory.recall("boat")
        assert memory.rebuild_index() == 0
        assert memory.recall("boat")[0].text == "The boat lies in the harbour."
        assert memory.memory.meaning.note == ""
