"""Complete what a candidate leaves out: who is meant, and what a corrected value was said of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from memcli.manage.identity import People, statements
from memcli.manage.lookups import Lookups
from memcli.manage.values import likeness
from memcli.records import USER, Memory, Triple

LATELY = timedelta(hours=1)  # "he" and "I meant …" go back so far
GONE = ("died", "moved out")


class Completion:
    """The triples of a candidate with what is known filled in."""

    def __init__(self, candidate: Memory, known: Lookups, people: People, denies: str) -> None:
        self._candidate = candidate
        self._known = known
        self._people = people
        self._denies = denies
        self.corrected: Memory | None = None  # the memory whose value the candidate replaces
        found = [t for triple in candidate.triples for t in self._completed(triple)]
        self.triples = tuple(dict.fromkeys([*found, *people.missing(found)]))

    def _completed(self, triple: Triple) -> Iterator[Triple]:
        if triple.predicate in GONE:
            yield from self._people.gone(triple)
        if triple.predicate:
            yield triple if triple.subject else self._of_the_last(triple)
        else:
            yield from self._corrected(triple)

    def _of_the_last(self, triple: Triple) -> Triple:
        """Give "he was born in 2016" the subject of what was said last."""
        said = (t for memory in self._lately() for t in statements(memory.triples))
        subject = next((t.subject for t in said if t.subject != USER), "somebody")
        return replace(triple, subject=subject)

    def _corrected(self, triple: Triple) -> Iterator[Triple]:
        """Give a value without a predicate the slot of the value that it corrects."""
        for memory in self._memories():
            stated = statements(memory.triples)
            for known in stated:
                if (
                    not self._denies
                    or likeness(known.predicate, self._denies, known.object) != "other"
                ):
                    self.corrected = memory
                    yield replace(known, object=triple.object)
                    yield from (t for t in memory.triples if t not in stated)
                    return

    def _memories(self) -> list[Memory]:
        if not self._denies:
            return [m for m in self._lately() if len(statements(m.triples)) == 1]
        return self._known.mentioning(self._denies)[::-1] or self._known.latest()

    def _lately(self) -> list[Memory]:
        said = self._candidate.recorded
        return [m for m in self._known.latest()[:1] if abs(said - m.recorded) <= LATELY]
