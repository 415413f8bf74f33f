"""Exact scan against Chroma: time and recall@10 by number of vectors.

python benchmarks/index_crossover.py [COUNT …]

Vectors are clustered, as those of texts are: random ones have no neighbours worth finding.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import milliseconds

from memcli.index.base import encode
from memcli.index.chroma import ChromaIndex
from memcli.index.exact import ExactIndex
from memcli.store import Store

DIMS, QUERIES = 256, 100


def vectors(count, rng, centres):
    """Return unit vectors scattered around some centres."""
    rows = centres[rng.integers(len(centres), size=count)] + 0.7 * rng.normal(size=(count, DIMS))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def measure(count, folder):
    """Print one line for a number of vectors."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(200, DIMS))
    store = Store(folder / "memory.db")
    with store.upkeep():
        store.vectors.put(enumerate(encode(vectors(count, rng, centres)), 2))
    queries = vectors(QUERIES, rng, centres)
    exact = ExactIndex(store.vectors, DIMS)
    chroma = ChromaIndex(store, "bench", DIMS, folder=folder / "chroma", lock=folder / "lock")
    start = time.perf_counter()
    chroma.rebuild()
    built = time.perf_counter() - start
    found = sum(len(items(exact, query) & items(chroma, query)) for query in queries)
    scan = milliseconds(lambda i: exact.search(queries[i % QUERIES], 10), QUERIES)
    graph = milliseconds(lambda i: chroma.search(queries[i % QUERIES], 10), QUERIES)
    print(
        f"{count:>8} x {DIMS}: exact {scan[0]:.1f} ms (p95 {scan[1]:.1f}),"
        f" chroma {graph[0]:.1f} ms (p95 {graph[1]:.1f}), its recall@10 {found / QUERIES / 10:.3f},"
        f" built at {count / built:.0f} vectors/s{' — ' + chroma.note if chroma.note else ''}"
    )
    chroma.close()
    store.close()


def items(index, query):
    """Return the ten nearest items."""
    return {item for item, _ in index.search(query, 10)}


for number in map(int, sys.argv[1:] or ["10000", "100000"]):
    with tempfile.TemporaryDirectory() as name:
        measure(number, Path(name))
