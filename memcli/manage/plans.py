"""What statements say of plans: of one and the same thing, and on which day."""

from __future__ import annotations

import re

from memcli.acquire.predicates import Predicates
from memcli.dates import MONTHS
from memcli.manage.pair import How, Pair
from memcli.manage.values import words_of
from memcli.records import Memory

YEARLY = {"anniversary", "birthday"}
# Words of a plan that do not say what it is about.
PLANNING = frozenset(
    """i we i'm i've i'll we're we've we'll is on have has had got go going will be been there it
    that there's attend see visit take leave start starts meet next last today tomorrow coming until
    till from date time day week month year morning afternoon evening night moved postpone
    reschedule move push cancel o'clock am pm""".split()
)
MOVED = re.compile(
    r"\b(?:was|has been|is|got)? ?(?:moved|rescheduled|postponed|pushed back|brought forward)\b.*"
)
WHEN = re.compile(
    r"\b(?:on|in|at|until|by|to|is|next|this|from)"
    rf" (?:[\w:]*\d[\w:]*|the \d\w+|[A-Z]\w+day|{'|'.join(map(str.capitalize, MONTHS))})\b.*"
)


def plans(pair: Pair) -> How | None:
    """Compare two plans: of one thing, on the same or on another day."""
    if pair.predicates != {"plan"}:
        return None
    ours, theirs = (_topic(value) for value in pair.values)
    if not ours or not theirs or not (ours <= theirs or theirs <= ours):
        return "beside"
    if YEARLY & ours and _day(pair.memory) != _day(pair.candidate):
        return "fault"
    return _times(pair.candidate, pair.memory, more=not ours <= theirs)


def dated(pair: Pair, table: Predicates) -> How | None:
    """Compare a plan with a thing that has a date: an anniversary may be kept as either."""
    if "plan" not in pair.predicates:
        return None
    first = pair.triple.predicate == "plan"
    plan, thing = (pair.triple, pair.known) if first else (pair.known, pair.triple)
    if _topic(plan.object) != frozenset(words_of(thing.predicate)):
        return "beside"
    if not set(words_of(thing.object)) - set(words_of(plan.object)):
        return "same"
    return "fault" if table.valued(thing.predicate) == "fixed" else "clash"


def _times(candidate: Memory, known: Memory, *, more: bool) -> How:
    ours, theirs = (candidate.valid_from, candidate.valid_to), (known.valid_from, known.valid_to)
    if not ours[0] or not ours[1] or not theirs[0] or not theirs[1]:
        return "sharper" if ours[0] else "beside"
    if ours[0] < theirs[0] or ours[1] > theirs[1]:
        return "clash"
    hour = re.search(r"\d:\d\d", candidate.text)
    return "same" if ours == theirs and not more and not hour else "sharper"


def _day(memory: Memory) -> tuple[int, int]:
    return (memory.valid_from.month, memory.valid_from.day) if memory.valid_from else (0, 0)


def _topic(plan: str) -> frozenset[str]:
    """Return the words that say what a plan is about."""
    words = words_of(WHEN.sub("", MOVED.sub("", plan)))
    return frozenset(word for word in words if word not in PLANNING and not word[0].isdigit())
