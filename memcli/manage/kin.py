"""What statements say of a family and of a relationship, and whether they go together."""

from __future__ import annotations

import re
from dataclasses import replace

from memcli.acquire.predicates import ALIASES, PARTNER, same_relation
from memcli.manage.pair import How, Pair
from memcli.manage.values import count, head, likeness, words_of
from memcli.records import Memory, Triple

TOGETHER = (*PARTNER, "relationship")
SIBLINGS = ("brother", "sister", "sibling", "twin")
CHILDREN = ("son", "daughter", "child", "kid", "children", "baby", "boy", "girl")
MARITAL = re.compile(
    r"(?:happily |recently |newly |now |got )*(?:single|married|engaged|divorced|widowed|separated"
    r"|an? (?:new )?(?:boy|girl)friend)$"
)


def relationship(pair: Pair) -> How | None:
    """Compare what two statements say of a relationship, wherever it was kept."""
    ours, theirs = _marital(pair.triple), _marital(pair.known)
    if ours.predicate not in TOGETHER or theirs.predicate not in TOGETHER:
        return None
    stages = _stage(ours), _stage(theirs)
    if _is_name(ours) and _is_name(theirs):
        return _partners(stages, likeness("spouse", *pair.values) != "other")
    if "relationship" not in (ours.predicate, theirs.predicate):
        return "beside"
    if stages[0] != stages[1]:
        return "clash"
    return "sharper" if _is_name(ours) and not _is_name(theirs) else "same"


def family(pair: Pair) -> How | None:
    """Compare how many there are in a family, and who: at least one of the two is a count."""
    if "family" not in pair.predicates or not all(map(_is_kin, pair.predicates)):
        return None
    triple, known = pair.triple, pair.known
    shared = _kinds(triple) & _kinds(known)
    if not shared:
        return "beside"
    none = [_has_none(triple), _has_none(known)]
    exclusive: How = "fault" if shared & set(SIBLINGS) else "clash"
    if any(none):
        return "same" if all(none) else exclusive
    if triple.predicate == known.predicate:
        return _counts(pair, exclusive)
    return "sharper" if known.predicate == "family" else "beside"


def introduces(triple: Triple, memory: Memory) -> How | None:
    """Say what it means for "I'm an only child" or "I have a brother" that there is a brother."""
    for known in memory.triples:
        if known.predicate == "family" and _kinds(known) & _kinds(triple):
            if _has_none(known):
                return "fault"
            if count(known.object) == "1" and not _called(memory):
                return "sharper"
    return None


def _marital(triple: Triple) -> Triple:
    """Return "single" or "married" under one predicate."""
    told = triple.predicate == "family" and MARITAL.match(triple.object)
    return replace(triple, predicate="relationship") if told else triple


def _partners(stages: tuple[str, str], same: bool) -> How:
    if stages[0] != stages[1]:
        return "clash"
    if same:
        return "same"
    return "clash" if stages[0] == "girlfriend" else "fault"


def _stage(triple: Triple) -> str:
    if triple.predicate != "relationship":
        return same_relation(triple.predicate)[0]
    told = triple.object.casefold().removeprefix("got ")
    return {"married": "wife", "engaged": "fiancé"}.get(told, told)


def _is_name(triple: Triple) -> bool:
    return triple.predicate != "relationship" and not re.match(r"[a-z]+ ", triple.object)


def _counts(pair: Pair, exclusive: How) -> How:
    one, other = (count(value) for value in pair.values)
    nouns = {head(value) for value in pair.values}
    if len(nouns) > 1 or _called(pair.candidate) != _called(pair.memory):
        return "beside"
    return exclusive if one and other and one != other else "same"


def _called(memory: Memory) -> str:
    found = re.search(r"\b(?:called|named) ((?-i:[A-Z])\w+)", memory.text, re.IGNORECASE)
    return found[1] if found else ""


def _kinds(triple: Triple) -> set[str]:
    """Return the siblings and children that a statement is about."""
    words = {triple.predicate} if triple.predicate != "family" else set(words_of(triple.object))
    alone = "only" in words or "sibling" in words
    siblings = set(SIBLINGS) if alone else words & set(SIBLINGS)
    every = not alone and words & {"child", "kid"}
    return siblings | (set(CHILDREN) if every else words & set(CHILDREN) - {"child"})


def _has_none(triple: Triple) -> bool:
    return bool(re.match(r"no\b|(?:an )?only child\b|without\b", triple.object, re.IGNORECASE))


def _is_kin(predicate: str) -> bool:
    return predicate in ("family", *SIBLINGS, *CHILDREN) or predicate in ALIASES
