"""Time of one recall in process, embedder loaded: python benchmarks/recall_speed.py [COUNT …].

The second line of each size is for a question of six words, three of which stand in every memory.
"""

import sys

from common import PEOPLE, PLACES, THINGS, full_memory, milliseconds

RARE = "What did {person} do with the {thing} in {place}?"
COMMON = "Which receipt was paid near the {place} {thing} by {person}?"

for count in map(int, sys.argv[1:] or ["10000"]):
    with full_memory(count) as memory:
        for name, question in ("three words", RARE), ("six common words", COMMON):

            def ask(i, memory=memory, question=question):
                thing, place = THINGS[i % len(THINGS)], PLACES[i % len(PLACES)]
                person = PEOPLE[i % len(PEOPLE)]
                memory.recall(question.format(person=person, thing=thing, place=place))

            median, p95 = milliseconds(ask, 200)
            print(f"{count:>8} memories, {name}: median {median:.1f} ms, p95 {p95:.1f} ms")
