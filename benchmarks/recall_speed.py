"""Time of one recall in process, embedder loaded: python benchmarks/recall_speed.py [COUNT …]."""

import sys

from common import PEOPLE, PLACES, THINGS, full_memory, milliseconds

for count in map(int, sys.argv[1:] or ["10000"]):
    with full_memory(count) as memory:

        def ask(i, memory=memory):
            thing, place = THINGS[i % len(THINGS)], PLACES[i % len(PLACES)]
            memory.recall(f"What did {PEOPLE[i % len(PEOPLE)]} do with the {thing} in {place}?")

        median, p95 = milliseconds(ask, 200)
        print(f"{count:>8} memories: median {median:.1f} ms, p95 {p95:.1f} ms")
