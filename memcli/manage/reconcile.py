"""Set a candidate against what is known: new, known already, sharper, or in place of something.

    candidate → identity.py → the memories beside it → clash.py, pair by pair → verdict

Never decided by likeness of meaning alone: no threshold tells a duplicate from a related memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from memcli.acquire.predicates import UNREAD, VALUES, Predicates
from memcli.dates import MONTHS
from memcli.manage.akin_words import FUNCTION_WORDS
from memcli.manage.clash import BUNDLES, How, Meeting, Pair, meet, slots_beside
from memcli.manage.identity import Completion, Lookups, People, is_relation, statements, told
from memcli.manage.values import likeness, stems, words_of
from memcli.records import Memory, Triple

Decision = Literal["new", "duplicate", "refines", "supersedes", "contradicts", "outdated"]
RANK: tuple[Decision, ...] = ("supersedes", "refines", "contradicts")

# Of these there is one for ever, unless something happens.
ALTERED = ("name", "surname", "last name", "nationality", "likes", "dislikes")
# What may be another a few hours later.
SOON = ("home", "address", "employer", "job", "work", "phone", "email", "diet", "age", "owns")
SAME_DAY = timedelta(hours=12)  # two statements so close do not tell which one is newer
RECENT = timedelta(days=7)  # "Actually, …" corrects what was said so long ago at most
CHANGES = re.compile(
    r"\b(?:now|no longer|any ?more|used to|again|moved|moving|relocated|switched|changed|become"
    r"|became|promoted|(?-i:new)|these days|nowadays|lately|quit|left|stopped|started|turned"
    r"|recently|got|split|back|instead|from now on|minds?|after all|returned|(?:gone|went) off"
    r"|(?:come|came|grown|grew|learnt|learned) to|cancell?ed|sold|rescheduled|postponed|since"
    r"|finally|retired)\b",
    re.IGNORECASE,
)
CORRECTS = re.compile(
    r"\b(?:i meant|actually|sorry|oops|correction|(?:scratch|scrap|strike) that|misspoke|mistyped"
    r"|misheard|wrong|turns out|fat fingers|(?:looked|checked) (?:at|again)|hang on|hold on"
    r"|typo|misspel(?:t|led)|mistaken?|my bad|wait|not|mixed|i said|stand corrected)\b|^no[,.]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a candidate is, and which memories it concerns.

    Those are the ones that say the same, the ones it sharpens, takes the place of or contradicts,
    or the newer one that took its place before it was heard of. ``triples`` are those to store it
    with: what its words leave out is completed from what is known. A candidate that had triples and
    is left with none says nothing that can be understood. ``unkept`` are those of the others that
    are no memories yet.
    """

    decision: Decision
    others: tuple[Memory, ...] = ()
    triples: tuple[Triple, ...] = ()
    unkept: tuple[Memory, ...] = ()


def reconcile(
    candidate: Memory,
    in_slot: Callable[[str, str], list[Memory]],
    same_text: Memory | None,
    *,
    known: Lookups | None = None,
    denies: str = "",
    table: Predicates | None = None,
) -> Verdict:
    """Decide on one candidate.

    ``in_slot`` returns the current memories of a subject and predicate, and ``known`` finds them in
    other ways, too. ``same_text`` is the current memory that says exactly the same, if there is
    one; ``denies`` is a value that the candidate calls wrong.
    """
    if same_text:
        return Verdict("duplicate", (same_text,), candidate.triples)
    known = known or Lookups(in_slot)
    if any(t.predicate == UNREAD for t in candidate.triples):
        return Verdict("new")
    return Case(candidate, known, denies, table or Predicates()).verdict()


class Case:
    """One candidate before the court of what is known."""

    def __init__(self, candidate: Memory, known: Lookups, denies: str, table: Predicates) -> None:
        self._known = known
        self._denies = denies
        self._table = table
        self._people = People(known)
        completion = Completion(candidate, known, self._people, denies)
        self._corrected = completion.corrected
        self._candidate = replace(candidate, triples=completion.triples)
        self._said = statements(completion.triples)
        self._changes = bool(CHANGES.search(candidate.text))
        self._corrects = bool(denies or CORRECTS.search(candidate.text))

    def verdict(self) -> Verdict:
        """Weigh each thing that the candidate states against each memory that it meets."""
        met = list(self._met())
        same = [m for m in met if m.how == "same"]
        repeated = same and {m.triple for m in same}.issuperset(self._said)
        if repeated and self._says_more(same[0].memory):
            return self._verdict("new", [])
        if repeated and (len(same) == len(met) or not self._changes):
            return self._verdict("duplicate", [same[0].memory])
        outcome = [(self._outcome(m), m) for m in met]
        for decision in RANK:
            if others := [m.memory for found, m in outcome if found == decision]:
                return self._verdict(decision, others)
        over = [m for found, m in outcome if found == "outdated"]
        if over and self._all_over(over):
            return self._verdict("outdated", [over[-1].memory])
        return self._verdict("new", [])

    def _verdict(self, decision: Decision, others: list[Memory]) -> Verdict:
        unique = tuple({memory.id: memory for memory in others}.values())
        return Verdict(decision, unique, self._candidate.triples)

    def _says_more(self, known: Memory) -> bool:
        """Say whether not all was read: more than who somebody is, or another date of an event."""
        told = " ".join([known.text, *(f"{t.predicate} {t.object}" for t in self._said)])
        if all(is_relation(t.predicate) and t.object[:1].isupper() for t in self._said):
            rest = stems(self._candidate.text) - stems(f"{told} I'm married name")
            return len(rest - FUNCTION_WORDS) > 1
        more = set(words_of(self._candidate.text)) - set(words_of(told))
        many = all(self._table.valued(t.predicate) == "many" for t in self._said)
        return many and any(word.isdigit() or word in MONTHS for word in more)

    def _met(self) -> Iterator[Meeting]:
        """Yield how each statement stands to the memories under the same or a related predicate."""
        if self._corrected:
            yield Meeting(self._candidate.triples[0], self._corrected, "corrected")
            return
        for triple in self._said:
            for memory in self._beside(triple):
                yield from self._meeting(triple, memory)

    def _beside(self, triple: Triple) -> list[Memory]:
        """Return the memories that a statement may touch."""
        slots = slots_beside(triple.predicate)
        subjects = self._people.subjects(triple.subject, self._candidate)
        found = [m for s in subjects for p in slots for m in self._known.in_slot(s, p)]
        found += [m for word in _words(triple) for m in self._known.mentioning(word)]
        return list({m.id: m for m in found}.values())

    def _meeting(self, triple: Triple, memory: Memory) -> Iterator[Meeting]:
        for known in told(memory.triples):
            if self._people.same(triple.subject, self._candidate, known.subject, memory):
                how = self._how(triple, known, memory)
                if how != "beside":
                    yield Meeting(triple, memory, how)

    def _how(self, triple: Triple, known: Triple, memory: Memory) -> How:
        like = self._denies and likeness(known.predicate, self._denies, known.object)
        if like in ("same", "part"):
            return "corrected"
        how = meet(Pair(triple, self._candidate, known, memory), self._table)
        # Of other things that have many values, "actually, …" may as well add one.
        renamed = is_relation(triple.predicate) and triple.predicate == known.predicate
        mends = renamed and self._corrects and self._near(memory, RECENT)
        return "corrected" if how == "beside" and mends else how

    def _near(self, memory: Memory, span: timedelta) -> bool:
        return abs(self._candidate.recorded - memory.recorded) <= span

    def _same_day(self, memory: Memory) -> bool:
        near = self._near(memory, SAME_DAY)
        return near or self._candidate.recorded.date() == memory.recorded.date()

    def _outcome(self, met: Meeting) -> Decision:
        """Say what follows from one meeting, by when each was said and by words of change."""
        if met.how == "same" or not self._gives_way(met.memory):
            return "new"
        altered = self._changes and met.triple.predicate in ALTERED
        if met.how == "fault" and not (self._corrects or altered):
            return "contradicts"
        if self._candidate.recorded < met.memory.recorded:
            return self._heard_late(met)
        if met.how == "sharper":
            # "My new …" may tell of a first one.
            changes = CHANGES.search(re.sub(r"\bnew\b", "", self._candidate.text))
            return "supersedes" if changes else "refines"
        sure = met.how != "clash" or self._changes or self._corrects
        return "supersedes" if sure or self._newer(met) else "contradicts"

    def _newer(self, met: Meeting) -> bool:
        """Say whether a statement without words of change is newer by enough to be the true one.

        Homes and jobs change from one hour to the next, husbands and heights do not, and of two
        times of one train one is wrong.
        """
        if met.triple.predicate not in SOON:
            return not self._same_day(met.memory)
        return self._candidate.recorded > met.memory.recorded

    def _heard_late(self, met: Meeting) -> Decision:
        if met.how in ("sharper", "over"):
            return "new"
        return "contradicts" if self._same_day(met.memory) else "outdated"

    def _gives_way(self, known: Memory) -> bool:
        """Say whether a memory ends with the candidate: nothing else it states would be lost."""
        if known.kind == "note":
            return False
        rest = [t for t in statements(known.triples) if not self._replaces(t, known)]
        ends = {m.triple.predicate for t in self._said for m in self._meeting(t, known)}
        return not rest or all(t.predicate in BUNDLES.get(p, ()) for t in rest for p in ends)

    def _replaces(self, known: Triple, memory: Memory) -> bool:
        if self._corrected or known.predicate.startswith(("former ", "not ")):
            return True
        others = [t for t in statements(memory.triples) if t != known]
        alone = replace(memory, triples=tuple(t for t in memory.triples if t not in others))
        return any(True for triple in self._said for _ in self._meeting(triple, alone))

    def _all_over(self, over: list[Meeting]) -> bool:
        """Say whether nothing that the candidate states still holds."""
        ended = {m.triple.predicate for m in over}
        rest = {t.predicate for t in self._said} - ended
        return all(name in BUNDLES.get(p, ()) for name in rest for p in ended)


def _words(triple: Triple) -> list[str]:
    """Return the words by which a memory is sought that may stand under any predicate."""
    if triple.predicate.startswith("not "):
        words = re.findall(r"[\w'’-]{4,}", triple.object)[-3:]
        return [word.removesuffix("ing") for word in words]
    return [] if triple.predicate in VALUES else [triple.predicate.split()[0]]
