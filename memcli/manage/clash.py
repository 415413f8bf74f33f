"""How two statements stand to each other, by predicate and value alone, not by when they were said.

A statement can say the *same* as another one or be *sharper*; they can *clash*, where there is one
value at a time, or show a *fault*, where there is one for ever; it can say that the other *ended*
or is *over*; or they stand *beside* each other. *corrected* is what the words themselves take back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from memcli.acquire.predicates import PEOPLE, VALUES, Predicates, same_relation
from memcli.manage.identity import is_relation
from memcli.manage.kin import CHILDREN, SIBLINGS, TOGETHER, family, relationship
from memcli.manage.pair import How, Pair
from memcli.manage.plans import PLANNING, dated, plans
from memcli.manage.tastes import diets, liking, many
from memcli.manage.values import (
    GENERAL,
    NEGATION,
    as_told,
    head,
    likeness,
    negates,
    sharpens,
    stems,
    words_of,
)
from memcli.records import Memory, Triple

WORK = ("employer", "job", "work")
TASTE = ("likes", "dislikes", "habit", "uses", "prefers", "diet")
HAVING = ("owns", "drives", "uses")
# What somebody does, has or belongs to, under whichever of these names it was kept.
DOING = ("habit", "likes", "uses", "owns", "drives", "member", "subscription", "plays", "goal",
         "studies", "speaks", "health", "other", "diet", "pet", "work")  # fmt: skip
HANDS = re.compile(r"(?:left|right)[- ]hand", re.IGNORECASE)
REPLACEABLE = (
    "roommate flatmate housemate dentist doctor gp therapist coach trainer tutor teacher vet"
    " hairdresser lawyer accountant supervisor"
).split()
LEARNING = ("speaks", "studies")
FAMILIES = (WORK, TASTE, TOGETHER, HAVING, LEARNING)
# What ends together with a predicate, when both were said in one breath.
BUNDLES: dict[str, tuple[str, ...]] = {
    **{mark + word: WORK for word in WORK for mark in ("", "not ", "former ")},
    **{mark + word: TOGETHER for word in TOGETHER for mark in ("", "not ", "former ")},
}
NICKNAME = re.compile(
    r"\b(?:calls? me|short for|nickname|goes? by|known as|prefer)\b", re.IGNORECASE
)
OUT = re.compile(r"(?:unemployed|retired|between jobs|out of work|jobless|on benefits)\b")
ABODE = {"home", "address"}
KEPT = {"owns", "drives", "uses", "car", "bike", "laptop", "phone", "camera"}
LEARNT = ("language", "instrument", "course", "sport", "subject", "skill", "craft")
BLOOD = re.compile(r"(?:A|B|AB|O)[ -]?(?:\+|-|pos|neg|rh)", re.IGNORECASE)
RISEN = re.compile(r"\b(?:promoted|become|became|made|appointed|now)\b", re.IGNORECASE)
PEOPLES = re.compile(r"(?:ish|ese|ian|an|ch|i|sh)$")
# What the end of one of these may end; others end what stands under their own name.
ENDING: dict[str, tuple[str, ...]] = {
    "habit": DOING,
    "member": DOING,
    "uses": DOING,
    "likes": ("likes", "habit", "uses"),
    "dislikes": ("dislikes",),
}
LOOSE = ("owns", "plan", "member", "habit", "uses")
TRIVIAL = frozenset("take tak have get do go going old last".split())


@dataclass(frozen=True, slots=True)
class Meeting:
    """A statement of the candidate, the memory that it meets, and how they stand to each other."""

    triple: Triple
    memory: Memory
    how: How


def slots_beside(predicate: str, known: Iterable[str], value: str) -> list[str]:
    """Return the predicates under which something may stand that a statement touches.

    ``known`` are the predicates under which something is known of the subject.
    """
    base = _base(predicate)
    near = next((list(family) for family in FAMILIES if base in family), [base])
    if predicate != base and base in DOING:
        near += DOING
    if base in TOGETHER or base == "family":
        near += ["family", *TOGETHER]
    if base in ABODE or base in KEPT:
        near += ABODE if base in ABODE else KEPT
    if base in PEOPLE:
        near += [*same_relation(base), "family"]
    elif base == "family":
        near += [*SIBLINGS, *CHILDREN]
    elif near == [base] or base == "owns":
        near += _alike(base, value, known)
        near += ["plan"] if base not in VALUES else []
    return list(dict.fromkeys(mark + name for name in near for mark in ("", "not ", "former ")))


def meet(pair: Pair, table: Predicates) -> How:
    """Say how a statement of the candidate stands to one of a memory about the same subject."""
    for compare in (
        _ending,
        _taken_up_again,
        relationship,
        _out_of_work,
        _kept,
        _denial,
        liking,
        family,
        plans,
    ):
        if how := compare(pair):
            return how
    return dated(pair, table) or _field(pair) or _thing(pair) or _values(pair, table)


def _out_of_work(pair: Pair) -> How | None:
    """Compare having work with having none."""
    out = [bool(OUT.match(value)) for value in pair.values]
    return "clash" if pair.predicates <= set(WORK) and out[0] != out[1] else None


def _kept(pair: Pair) -> How | None:
    """Compare a home with an address, and "I drive a Kia" with "my car is a Kia"."""
    if len(pair.predicates) == 1 or not (pair.predicates <= ABODE or pair.predicates <= KEPT):
        return None
    return "same" if likeness(pair.triple.predicate, *pair.values) == "same" else "beside"


def _denial(pair: Pair) -> How | None:
    """Compare "eat gluten" with "don't eat gluten"."""
    denied = negates(*pair.values) if len(pair.predicates) == 1 else "other"
    if denied == "other":
        return None
    return "same" if denied == "same" else "clash"


def _field(pair: Pair) -> How | None:
    """Compare a field of work with what names it: "in IT", "at a hospital"."""
    if pair.known.predicate != "work":
        return None
    named = pair.triple.predicate == "employer" and GENERAL.match(pair.known.object)
    return "sharper" if named or pair.triple.predicate == "job" else None


def _thing(pair: Pair) -> How | None:
    """Compare "I have a degree" with "my degree is in geology"."""
    named = head(pair.known.object) in words_of(pair.triple.predicate)
    general = GENERAL.match(pair.known.object) and pair.known.predicate in VALUES
    if not named or not general or pair.triple.predicate in VALUES:
        return None
    return "beside" if pair.triple.predicate.endswith("colour") else "sharper"


def _values(pair: Pair, table: Predicates) -> How:
    """Compare two values of one slot."""
    predicate = pair.triple.predicate
    if not _one_slot(predicate, pair.known.predicate):
        return "beside"
    known = as_told(pair.known.predicate, pair.known.object, pair.memory.text)
    like = likeness(predicate, as_told(predicate, pair.triple.object, pair.candidate.text), known)
    if like in ("same", "part"):
        return "clash" if like == "part" and _risen(pair) else "same"
    if like == "whole" or _names_it(pair):
        return "sharper"
    return diets(pair) or _origins(pair) or _one_of_each(pair) or _others(pair, table)


def _others(pair: Pair, table: Predicates) -> How:
    """Compare two values that have nothing in common."""
    valued = table.valued(pair.triple.predicate)
    if valued == "many" and pair.predicates != {"diet"}:
        return many(pair)
    if sharpens(*pair.values):
        return "sharper"
    if pair.predicates == {"name"} and any(map(NICKNAME.search, pair.texts)):
        return "beside"
    return "fault" if valued == "fixed" else "clash"


def _risen(pair: Pair) -> bool:
    return pair.predicates == {"job"} and bool(RISEN.search(pair.candidate.text))


def _names_it(pair: Pair) -> bool:
    """Say whether a general value ("a dog", "an instrument") is named now."""
    new, known = pair.values
    if not GENERAL.match(known) or GENERAL.match(new):
        return False
    return head(known) in (*words_of(pair.candidate.text), *LEARNT)


def _one_of_each(pair: Pair) -> How | None:
    """Compare what one has one of although the predicate has many values."""
    if any(all(map(kind.match, pair.values)) for kind in (BLOOD, HANDS)):
        return "fault"
    predicate, text = pair.triple.predicate, pair.candidate.text
    if predicate in REPLACEABLE and re.search(rf"\bnew {predicate}\b", text, re.IGNORECASE):
        return "clash"
    best = all(f"best {predicate}" in said for said in pair.texts)
    return "clash" if best and pair.changes else None


def _origins(pair: Pair) -> How | None:
    """Compare a people and a country, "Finnish" and "Finland", which begin alike if at all."""
    peoples = [bool(PEOPLES.search(place)) for place in pair.values]
    if pair.predicates != {"origin"} or peoples[0] == peoples[1]:
        return None
    ours, theirs = (place[:3].casefold() for place in pair.values)
    return "same" if ours == theirs else "beside"


def _ending(pair: Pair) -> How | None:
    """Meet "not employer" and "former home" with what is known."""
    triple, known = pair.triple, pair.known
    base = _base(triple.predicate)
    if base == triple.predicate:
        return None
    like = likeness(base, triple.object, known.object) if triple.object else "whole"
    if triple.predicate == known.predicate:
        return "same" if like in ("same", "part") else "beside"
    if NEGATION.match(known.object) or not _ends(base, known.predicate, triple.object):
        return "beside"
    if like == "other" and not (base in LOOSE and _share_words(triple, known)):
        return "beside"
    return "over" if triple.predicate.startswith("former ") else "ended"


def _share_words(triple: Triple, known: Triple) -> bool:
    shared = stems(triple.object) & (stems(known.object) | stems(known.predicate))
    return bool(shared - PLANNING - TRIVIAL)


def _ends(base: str, known: str, value: str) -> bool:
    """Say whether the end of something may be the end of what stands under a predicate."""
    if base == "owns" and known not in TASTE:
        return known in HAVING or bool(set(words_of(known)) & set(words_of(value)))
    family_ = next((family for family in FAMILIES if base in family), (base,))
    return known in ENDING.get(base, family_) or (is_relation(base) and known == "family")


def _taken_up_again(pair: Pair) -> How | None:
    """Meet a statement with something that had ended: it holds again."""
    triple, known = pair.triple, pair.known
    base = _base(known.predicate)
    if base == known.predicate:
        return None
    related = base == triple.predicate or {base, triple.predicate} <= set(TOGETHER)
    if not related or known.predicate.startswith("former "):
        return "beside"
    again = not known.object or likeness(base, *pair.values) != "other"
    return "clash" if again or stems(triple.object) == stems(known.object) else "beside"


def _one_slot(one: str, other: str) -> bool:
    if one == other or (one in LEARNING and other in LEARNING):
        return True
    if one in PEOPLE and other in PEOPLE:
        return same_relation(one)[0] == same_relation(other)[0]
    return bool(_alike(one, "", [other])) and not {one, other} & set(BUNDLES)


def _alike(base: str, value: str, known: Iterable[str]) -> list[str]:
    """Return predicates that name a thing shorter or longer: "favourite (football) club"."""
    ours = set(words_of(base))
    found = []
    for other in known:
        theirs = set(words_of(_base(other)))
        named = base == "owns" and theirs & set(words_of(value))
        longer = len(ours & theirs) > 1 and (ours <= theirs or theirs <= ours)
        if named or longer:
            found.append(_base(other))
    return found


def _base(predicate: str) -> str:
    return predicate.removeprefix("not ").removeprefix("former ")
