"""Who and what is meant: people of one name, "he", and what a corrected value was said of.

Two people of one name are told apart by what they are to the user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from memcli.acquire.predicates import PEOPLE, PETS, same_relation
from memcli.manage.values import likeness
from memcli.records import USER, Memory, Triple

RELATIONS = frozenset([*PEOPLE, *PETS, "pet"])
LATELY = timedelta(hours=1)  # "he" and "I meant …" go back so far


def nothing(*_: str) -> list[Memory]:
    """Find nothing: the lookup of whoever has none."""
    return []


@dataclass(frozen=True, slots=True)
class Lookups:
    """The lookups of a store; all return current memories, the oldest first."""

    in_slot: Callable[[str, str], list[Memory]]
    """Those with this subject and predicate."""

    of_object: Callable[[str], list[Memory]] = nothing
    """Those with a triple of this object."""

    mentioning: Callable[[str], list[Memory]] = nothing
    """Those with a triple whose object contains this text."""

    latest: Callable[[], list[Memory]] = nothing
    """The last few memories said, newest first."""


def is_relation(predicate: str) -> bool:
    """Say whether a predicate names somebody by what they are to the user."""
    return predicate in RELATIONS


def told(triples: Sequence[Triple]) -> list[Triple]:
    """Leave out what stands under a relation only to be found: "62" of "my mother is 62"."""
    unnamed = {t.object for t in triples if is_relation(t.subject)}
    return [t for t in triples if not (_is_mine(t) and t.object in unnamed)]


def statements(triples: Sequence[Triple]) -> list[Triple]:
    """Return what is stated, without what only says who somebody is."""
    stated = told(triples)
    named = {t.subject.casefold() for t in stated}
    return [t for t in stated if not (_is_mine(t) and t.object.casefold() in named)]


def relation_in(triples: Iterable[Triple], name: str) -> str:
    """Return what somebody is to the user according to some triples, or nothing."""
    for triple in triples:
        if _is_mine(triple) and triple.object.casefold() == name.casefold():
            return same_relation(triple.predicate)[0]
    return ""


def knows(of_object: Callable[[str], list[Memory]], name: str) -> bool:
    """Say whether somebody of this name is known by a relation."""
    triples = (t for memory in of_object(name) for t in memory.triples)
    return any(t.object == name and is_relation(t.predicate) for t in triples)


class People:
    """The people that memories name, by what they are to the user."""

    def __init__(self, known: Lookups) -> None:
        self._known = known

    def missing(self, triples: Sequence[Triple]) -> Iterator[Triple]:
        """Yield who people are of whom only the name is said, where one of that name is known."""
        for name in dict.fromkeys(t.subject for t in triples):
            if name == USER or is_relation(name) or relation_in(triples, name):
                continue
            known = self.relations(name)
            if len(known) == 1:
                yield Triple(USER, known[0], name)

    def relations(self, name: str) -> list[str]:
        """Return what the people of a name are to the user, each in one word."""
        found = (relation_in(memory.triples, name) for memory in self._known.of_object(name))
        return list(dict.fromkeys(relation for relation in found if relation))

    def subjects(self, subject: str, candidate: Memory) -> list[str]:
        """Return the subjects under which somebody may be known: by name or by relation."""
        if subject == USER:
            return [subject]
        if is_relation(subject):
            names = self._names(subject)
            return [subject, *names] if len(names) == 1 else [subject]
        relation = relation_in(candidate.triples, subject)
        alone = relation and self._names(relation) in ([], [subject])
        return [subject, same_relation(relation)[0]] if alone else [subject]

    def same(self, subject: str, candidate: Memory, known: str, memory: Memory) -> bool:
        """Say whether a subject of the candidate and one of a memory are the same one."""
        if subject.casefold() != known.casefold():
            return known in self.subjects(subject, candidate)
        if subject == USER or is_relation(subject):
            return True
        ours, theirs = relation_in(candidate.triples, subject), relation_in(memory.triples, known)
        if ours and theirs:
            return same_relation(ours)[0] == same_relation(theirs)[0]
        return len(self.relations(subject)) <= 1

    def _names(self, relation: str) -> list[str]:
        words = same_relation(relation)
        memories = (m for word in words for m in self._known.in_slot(USER, word))
        found = (t for memory in memories for t in told(memory.triples))
        named = (t.object for t in found if t.predicate in words and t.subject == USER)
        return list(dict.fromkeys(named))


class Completion:
    """The triples of a candidate with what its words leave out filled in from what is known."""

    def __init__(self, candidate: Memory, known: Lookups, people: People, denies: str) -> None:
        self._candidate = candidate
        self._known = known
        self._people = people
        self._denies = denies
        self.corrected: Memory | None = None  # the memory whose value the candidate replaces
        found = [t for triple in candidate.triples for t in self._completed(triple)]
        self.triples = tuple(dict.fromkeys([*found, *people.missing(found)]))

    def _completed(self, triple: Triple) -> list[Triple]:
        if not triple.predicate:
            return self._corrected(triple)
        who = triple.subject
        if triple.predicate == "died" and (who in PETS or "pet" in self._people.relations(who)):
            return [triple, Triple(USER, "not pet", who)]
        return [triple if who else self._of_the_last(triple)]

    def _of_the_last(self, triple: Triple) -> Triple:
        """Give "he was born in 2016" the subject of what was said last."""
        said = (t for memory in self._lately() for t in statements(memory.triples))
        subject = next((t.subject for t in said if t.subject != USER), "somebody")
        return replace(triple, subject=subject)

    def _corrected(self, triple: Triple) -> list[Triple]:
        """Give a value without a predicate the slot of the value that it corrects."""
        for memory in self._memories():
            stated = statements(memory.triples)
            for known in stated:
                denied = likeness(known.predicate, self._denies, known.object)
                if not self._denies or denied != "other":
                    self.corrected = memory
                    rest = [t for t in memory.triples if t not in stated]
                    return [replace(known, object=triple.object), *rest]
        return []

    def _memories(self) -> list[Memory]:
        if not self._denies:
            return [m for m in self._lately() if len(statements(m.triples)) == 1]
        return self._known.mentioning(self._denies)[::-1] or self._known.latest()

    def _lately(self) -> list[Memory]:
        said = self._candidate.recorded
        return [m for m in self._known.latest()[:1] if abs(said - m.recorded) <= LATELY]


def _is_mine(triple: Triple) -> bool:
    return triple.subject == USER and is_relation(triple.predicate)
