"""Who is who: two people of one name are told apart by what they are to the user."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from memcli.acquire.predicates import PEOPLE, PETS, same_relation
from memcli.records import USER, Memory, Triple

LIVING_WITH = ("flatmate", "lodger", "tenant", "girlfriend", "wife")
RELATIONS = frozenset([*PEOPLE, *PETS, "pet"])


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


class People:
    """The people that memories name, by what they are to the user."""

    def __init__(
        self,
        in_slot: Callable[[str, str], list[Memory]],
        of_object: Callable[[str], list[Memory]],
    ) -> None:
        self._in_slot = in_slot
        self._of_object = of_object

    def missing(self, triples: Iterable[Triple]) -> Iterator[Triple]:
        """Yield who people are of whom only the name is said, where one of that name is known."""
        triples = list(triples)
        for name in dict.fromkeys(t.subject for t in triples):
            if name == USER or is_relation(name) or relation_in(triples, name):
                continue
            known = self.relations(name)
            if len(known) == 1:
                yield Triple(USER, known[0], name)

    def gone(self, triple: Triple) -> Iterator[Triple]:
        """Yield that somebody is no more what they were to the user."""
        mark = "former" if triple.predicate == "died" else "not"
        for relation in [
            *self.relations(triple.subject)[:1],
            *filter(is_relation, [triple.subject]),
        ]:
            if triple.predicate == "died" or relation in LIVING_WITH:
                yield Triple(USER, f"{mark} {relation}", triple.subject)

    def introduced(self, triples: Sequence[Triple]) -> list[Triple]:
        """Return what says who somebody is, next to what is said of them."""
        stated = statements(triples)
        return [t for t in triples if _is_mine(t) and t not in stated]

    def relations(self, name: str) -> list[str]:
        """Return what the people of a name are to the user, each in one word."""
        found = (relation_in(memory.triples, name) for memory in self._of_object(name))
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
        found = (t for word in words for m in self._in_slot(USER, word) for t in told(m.triples))
        named = (t.object for t in found if t.predicate in words and t.subject == USER)
        return list(dict.fromkeys(named))


def _is_mine(triple: Triple) -> bool:
    return triple.subject == USER and is_relation(triple.predicate)


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
