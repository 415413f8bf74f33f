"""What the benchmarks share: a store full of synthetic notes, and how figures are taken."""

import random
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from memcli.engine.embed import WordLlamaEmbedder
from memcli.ids import new_id, utc_now
from memcli.index.exact import ExactIndex
from memcli.records import Memory
from memcli.store import Store
from memcli.tiers.long_term import LongTerm

PEOPLE = (
    "Ana Bruno Clara Dario Elena Filipe Greta Hugo Ines Jonas Karim Lena Marta Nuno Olga".split()
)
PLACES = "Lisbon Porto Kyoto Oslo Berlin Lima Quito Turin Ghent Riga Dakar Hanoi Perth".split()
THINGS = (
    "bicycle telescope boiler passport violin recipe garden meeting invoice kitchen train ticket"
    " doctor school concert museum river market camera ladder router battery blanket window"
).split()
VERBS = "bought repaired lost found sold painted borrowed returned cleaned ordered".split()


def sentences(count, seed=0):
    """Yield sentences of about twelve words, no two alike."""
    rng = random.Random(seed)
    for i in range(count):
        yield (
            f"{rng.choice(PEOPLE)} {rng.choice(VERBS)} the {rng.choice(THINGS)} near the"
            f" {rng.choice(THINGS)} in {rng.choice(PLACES)} and paid {rng.randrange(10, 5000)} for it,"
            f" receipt {i}."
        )


@contextmanager
def full_memory(count):
    """Give a long-term memory of ``count`` notes with the default embedder."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "memory.db")
        embedder = WordLlamaEmbedder()
        memory = LongTerm(store, lambda: embedder, lambda e: ExactIndex(store.vectors, e.dims))
        now = utc_now()
        texts = list(sentences(count))
        for start in range(0, count, 2000):
            with memory.writing("fill"):
                store.memories.add(
                    Memory(id=new_id(), kind="note", text=text, recorded=now)
                    for text in texts[start : start + 2000]
                )
        yield memory
        memory.close()


def milliseconds(action, times):
    """Return (median, 95th percentile) of the time that an action takes, after a warm-up."""
    action(0)
    taken = []
    for i in range(times):
        start = time.perf_counter()
        action(i)
        taken.append(1000 * (time.perf_counter() - start))
    taken.sort()
    return statistics.median(taken), taken[int(0.95 * len(taken))]
