"""How two statements stand to each other, by predicate and value alone, not by when they were said.

A statement can say the *same* as another one or be *sharper*; they can *clash*, where there is one
value at a time, or show a *fault*, where there is one for ever; it can say that the other *ended*
or is *over*; or they stand *beside* each other. *corrected* is what the words themselves take back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from memcli.acquire.predicates import PARTNER, PEOPLE, VALUES, Predicates, same_relation
from memcli.dates import MONTHS
from memcli.manage.identity import is_relation
from memcli.manage.values import (
    GENERAL,
    as_told,
    head,
    likeness,
    opposite,
    sharpens,
    stems,
    words_of,
)
from memcli.records import Memory, Triple

How = Literal["same", "sharper", "clash", "fault", "ended", "over", "corrected", "beside"]

HOME = ("home", "address")
WORK = ("employer", "job", "work")
TASTE = ("likes", "dislikes", "habit", "uses", "prefers", "diet")
LEARNING = ("speaks", "studies")
TOGETHER = (*PARTNER, "relationship")
FAMILIES = (HOME, WORK, TASTE, TOGETHER, LEARNING)
SIBLINGS = ("brother", "sister", "sibling", "twin")
CHILDREN = ("son", "daughter", "child", "kid", "baby")
# What somebody does, has or belongs to, under whichever of these names it was kept.
DOING = ("habit", "likes", "uses", "owns", "member", "subscription", "plays", "goal", "studies",
         "health", "other", "diet", "work")  # fmt: skip
# What the end of one of these may end; others end what stands in their own family.
ENDING: dict[str, tuple[str, ...]] = {
    "habit": DOING,
    "member": DOING,
    "uses": DOING,
    "likes": ("likes", "habit", "uses"),
    "dislikes": ("dislikes",),
}
OWNED = ("owns", "drives")  # by one name or by that of the thing
LOOSE = ("owns", "plan", "member", "habit", "uses")  # ended by a shared word of their value
# What ends together with a predicate, when both were said in one breath.
BUNDLES: dict[str, tuple[str, ...]] = {
    mark + word: family
    for family in (WORK, TOGETHER)
    for word in family
    for mark in ("", "not ", "former ")
}
LEARNT = ("language", "instrument", "course", "sport", "subject", "skill", "craft")
NONE = re.compile(r"no\b|(?:an )?only child\b|without\b", re.IGNORECASE)
OUT = re.compile(r"(?:unemployed|retired|between jobs|out of work|jobless|on benefits)\b")
DIETS = re.compile(
    r"vegetarian|vegan|pescatarian|omnivore|flexitarian|carnivore|veggie"
    r"|(?:(?:don't|don’t|do not|never) )?eat(?:s|ing)? (?:meat|everything)"
)
BLOOD = re.compile(r"(?:A|B|AB|O)[ -]?(?:\+|-|pos|neg|rh)", re.IGNORECASE)
COMMUTE = re.compile(r"\bto (work|school|uni|university|college|the office)\b", re.IGNORECASE)
DRIVES = re.compile(r"\b(?:driv|rid)(?:e|ing)\b", re.IGNORECASE)
INSTEAD = re.compile(r"\b(?:now|these days|nowadays|instead|traded)\b", re.IGNORECASE)
# Of these there is one for work, and another one besides.
REACHED = ("phone", "email", "address")
PURPOSE = {"office": "work", "business": "work", "personal": "private", "cell": "mobile"}
PURPOSE |= {word: word for word in "work private mobile home school landline".split()}
# Of whom a new one takes the place of the old one.
SERVES = frozenset(
    """dentist doctor gp therapist hairdresser vet optician accountant lawyer coach trainer flatmate
    roommate supervisor nanny babysitter""".split()
)
STAGE = {"married": "wife", "engaged": "fiancé"}
# Words of a plan that do not say what it is about.
PLANNING = frozenset(
    """i we i'm i've i'll we're we've we'll is on have has had got go going will be been there it
    that there's attend see visit take leave start starts meet next last today tomorrow coming until
    till from date time day week month year morning afternoon evening night moved postpone do get
    reschedule move push cancel o'clock am pm tak old back forward again
    instead they they've mov push brought bring postponed rescheduled""".split()
)
MOVED = re.compile(
    r"\b(?:was|has been|is|got) (?:moved|rescheduled|postponed|pushed back|brought forward)\b.*"
)
CLOCK = re.compile(r"\d:\d\d|\d ?[ap]m\b")
WHEN = re.compile(
    r"\b(?:on|in|at|until|by|to|is|next|this|from)"
    rf" (?:[\w:]*\d[\w:]*|the \d\w+|[A-Z]\w+day|{'|'.join(map(str.capitalize, MONTHS))})\b.*"
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A statement of the candidate, the memory that it meets, and how they stand to each other."""

    triple: Triple
    memory: Memory
    how: How


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement of the candidate, and one of a memory, about the same subject."""

    triple: Triple
    candidate: Memory
    known: Triple
    memory: Memory

    @property
    def predicates(self) -> set[str]:
        """The two predicates."""
        return {self.triple.predicate, self.known.predicate}

    @property
    def values(self) -> tuple[str, str]:
        """The value of the candidate and the one of the memory."""
        return self.triple.object, self.known.object


def slots_beside(predicate: str) -> list[str]:
    """Return the predicates under which something may stand that a statement touches."""
    base = _base(predicate)
    near = [base, *next((family for family in FAMILIES if base in family), ())]
    if predicate != base and base in DOING:
        near += DOING
    if base in PEOPLE or base in TOGETHER:
        near += [*same_relation(base), "family"]
    elif base == "family":
        near += [*SIBLINGS, *CHILDREN, *TOGETHER]
    if base not in VALUES:
        near += OWNED
    return list(dict.fromkeys(mark + name for name in near for mark in ("", "not ", "former ")))


def meet(pair: Pair, table: Predicates) -> How:
    """Say how a statement of the candidate stands to one of a memory about the same subject."""
    for compare in (_ending, _taken_up_again, _partners, _work, _liking, _family, _plans):
        if how := compare(pair):
            return how
    return _values(pair, table)


def _ending(pair: Pair) -> How | None:
    """Meet "not employer" and "former home" with what is known."""
    triple, known = pair.triple, pair.known
    base = _base(triple.predicate)
    if base == triple.predicate:
        return None
    like = likeness(base, triple.object, known.object) if triple.object else "whole"
    if triple.predicate == known.predicate:
        return "same" if like in ("same", "part") else "beside"
    if not _ends(base, known.predicate):
        return "beside"
    alike = stems(triple.object) == stems(known.object)
    if like == "other" and not alike and not (base in LOOSE and _share_words(triple, known)):
        return "beside"
    return "over" if triple.predicate.startswith("former ") else "ended"


def _share_words(triple: Triple, known: Triple) -> bool:
    # "Play the drums" and "play chess" share nothing.
    said = triple.object.partition(" ")[2] or triple.object
    shared = stems(said) & (stems(known.object) | stems(known.predicate))
    return bool(shared - PLANNING)


def _ends(base: str, known: str) -> bool:
    """Say whether the end of something may be the end of what stands under a predicate."""
    family = next((family for family in FAMILIES if base in family), (base,))
    return known in ENDING.get(base, family) or (is_relation(base) and known == "family")


def _taken_up_again(pair: Pair) -> How | None:
    """Meet a statement with something that had ended: it holds again."""
    triple, known = pair.triple, pair.known
    base = _base(known.predicate)
    if base == known.predicate:
        return None
    named = {base, triple.predicate}
    related = len(named) == 1 or named <= set(TOGETHER) or named == {"likes", "habit"}
    if not related or known.predicate.startswith("former "):
        return "beside"
    again = not known.object or likeness(base, *pair.values) != "other"
    return "clash" if again or stems(triple.object) == stems(known.object) else "beside"


def _partners(pair: Pair) -> How | None:
    """Compare what two statements say of a relationship, wherever it was kept."""
    ours, theirs = _stage(pair.triple), _stage(pair.known)
    if not ours or not theirs:
        return None
    named = [_is_name(pair.triple), _is_name(pair.known)]
    if not all(named):
        if ours != theirs:
            return "clash"
        return "sharper" if named[0] else "same"
    if ours == theirs and likeness("spouse", *pair.values) != "other":
        return "same"
    return "fault" if ours == theirs != "girlfriend" else "clash"


def _stage(triple: Triple) -> str:
    """Return the stage of a relationship that a statement tells of, or nothing."""
    if triple.predicate in PARTNER:
        return same_relation(triple.predicate)[0]
    if triple.predicate not in ("relationship", "family"):
        return ""
    said = same_relation(head(triple.object))[0]
    known = triple.predicate == "relationship" or said in (*PARTNER, "single")
    return STAGE.get(said, said) if known else ""


def _is_name(triple: Triple) -> bool:
    return triple.predicate in PARTNER and not re.match(r"[a-z]+ ", triple.object)


def _work(pair: Pair) -> How | None:
    """Compare having work with having none, and a field ("in IT") with what is done in it."""
    if not pair.predicates <= set(WORK):
        return None
    out = [bool(OUT.match(value)) for value in pair.values]
    if out[0] != out[1]:
        return "clash"
    named = pair.triple.predicate == "employer" and GENERAL.match(pair.known.object)
    field = " in " in pair.memory.text and pair.triple.predicate == "job"
    sharper = pair.known.predicate == "work" and (named or field)
    return "sharper" if sharper else None


def _liking(pair: Pair) -> How | None:
    """Compare a liking and a dislike."""
    if pair.predicates != {"likes", "dislikes"}:
        return None
    return "fault" if likeness("likes", *pair.values) == "same" else "beside"


def _family(pair: Pair) -> How | None:
    """Compare "no children" or "an only child" with those that there are."""
    if "family" not in pair.predicates:
        return None
    kinds = [_kinds(triple) for triple in (pair.triple, pair.known)]
    if not kinds[0] & kinds[1]:
        return "beside"
    none = [bool(NONE.match(value)) for value in pair.values]
    if none[0] != none[1]:
        return "fault" if kinds[0] & set(SIBLINGS) else "clash"
    if none[0] or pair.triple.object == pair.known.object:
        return "same"
    return "sharper" if pair.triple.predicate != "family" else "beside"


def _kinds(triple: Triple) -> set[str]:
    """Return the siblings and children that a statement is about."""
    words = {triple.predicate, *words_of(triple.object)}
    siblings = set(SIBLINGS) if words & {"only", "sibling"} else words & set(SIBLINGS)
    children = words & set(CHILDREN) if "only" not in words else set()
    return siblings | (set(CHILDREN) if children & {"child", "kid"} else children)


def _plans(pair: Pair) -> How | None:
    """Compare two plans: of one thing, on the same or on another day."""
    if pair.predicates != {"plan"}:
        return None
    ours, theirs = (_topic(value) for value in pair.values)
    if not ours or not theirs or not (ours <= theirs or theirs <= ours):
        return "beside"
    new, known = ((m.valid_from, m.valid_to) for m in (pair.candidate, pair.memory))
    if not new[0] or not new[1] or not known[0] or not known[1]:
        return "sharper" if new[0] else "beside"
    times = [CLOCK.findall(m.text) for m in (pair.candidate, pair.memory)]
    if new[0] < known[0] or new[1] > known[1] or (all(times) and times[0] != times[1]):
        return "clash"
    more = not ours <= theirs or times[0]
    return "sharper" if new != known or more else "same"


def _topic(plan: str) -> frozenset[str]:
    """Return the words that say what a plan is about."""
    words = words_of(WHEN.sub("", MOVED.sub("", plan)))
    return frozenset(word for word in words if word not in PLANNING and not word[0].isdigit())


def _values(pair: Pair, table: Predicates) -> How:
    """Compare two values of one slot."""
    predicate = pair.triple.predicate
    if not _one_slot(pair) or _for_another_use(pair):
        return "beside"
    known = as_told(pair.known.predicate, pair.known.object, pair.memory.text)
    like = likeness(predicate, as_told(predicate, pair.triple.object, pair.candidate.text), known)
    if like in ("same", "part"):
        return "same"
    if like == "whole" or _names_it(pair):
        return "sharper"
    return _others(pair, table)


def _names_it(pair: Pair) -> bool:
    """Say whether a general value ("a dog", "an instrument") is named now."""
    new, known = pair.values
    if GENERAL.match(new) or not (GENERAL.match(known) or re.match(r"[a-z]+s$", known)):
        return False
    said = set(words_of(pair.candidate.text)) - set(words_of(new))
    return head(known) in said or (head(known) in LEARNT and bool(GENERAL.match(known)))


def _others(pair: Pair, table: Predicates) -> How:
    """Compare two values that have nothing in common."""
    valued = table.valued(pair.triple.predicate)
    if pair.predicates == {"diet"}:
        return "clash" if all(map(DIETS.match, pair.values)) else "beside"
    if valued == "many":
        return _many(pair)
    if sharpens(*pair.values):
        return "sharper"
    return "fault" if valued == "fixed" else "clash"


def _many(pair: Pair) -> How:
    """Compare two of many values: few of them exclude each other."""
    ours, theirs = pair.values
    if BLOOD.match(ours) and BLOOD.match(theirs):
        return "fault"
    texts = pair.candidate.text, pair.memory.text
    if GENERAL.match(ours) and set(words_of(ours)) <= set(words_of(texts[1])):
        return "same"  # "a dog" of "my dog is called Rex"
    predicate = pair.triple.predicate
    if predicate in SERVES and f" new {predicate}" in f" {texts[0]}":
        return "clash"
    if head(ours) == head(theirs) and all("prefer" in text for text in texts):
        return "fault"
    ways = [found[1] for value in pair.values if (found := COMMUTE.search(value))]
    drives = all(map(DRIVES.search, texts)) and INSTEAD.search(texts[0])
    if opposite(*texts) or drives or (len(ways) == 2 and ways[0] == ways[1]):
        return "clash"
    return "beside"


def _for_another_use(pair: Pair) -> bool:
    """Say whether two numbers or addresses are, say, the one at work and the private one."""
    if pair.triple.predicate not in REACHED:
        return False
    texts = pair.candidate.text, pair.memory.text
    ours, theirs = ({PURPOSE[w] for w in words_of(text) if w in PURPOSE} for text in texts)
    return ours != theirs and (bool(ours and theirs) or "work" in ours | theirs)


def _one_slot(pair: Pair) -> bool:
    one, other = pair.triple.predicate, pair.known.predicate
    if one == other or (one in LEARNING and other in LEARNING):
        return True
    if one not in VALUES and other in OWNED:
        return likeness(one, *pair.values) != "other"
    if {one, other} == set(HOME):
        return all(re.search(r"\d", value) for value in pair.values)
    people = one in PEOPLE and other in PEOPLE
    return people and same_relation(one)[0] == same_relation(other)[0]


def _base(predicate: str) -> str:
    return predicate.removeprefix("not ").removeprefix("former ")
