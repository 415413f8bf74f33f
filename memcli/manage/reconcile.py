"""Set a candidate against what is known: new, known already, sharper, or in place of something.

    candidate → complete.py → the memories beside it → clash.py, pair by pair → verdict

Never decided by likeness of meaning alone: no threshold tells a duplicate from a related memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from memcli.acquire.predicates import UNREAD, VALUES, Predicates
from memcli.manage.clash import BUNDLES, Meeting, meet, slots_beside
from memcli.manage.complete import Completion
from memcli.manage.echo import Echoes
from memcli.manage.identity import People, is_relation, statements, told
from memcli.manage.kin import introduces
from memcli.manage.lookups import Lookups
from memcli.manage.pair import How, Pair
from memcli.manage.values import likeness, words_of
from memcli.records import USER, Memory, Triple

Decision = Literal["new", "duplicate", "refines", "supersedes", "contradicts", "outdated"]

SAME_DAY = timedelta(hours=12)  # two statements so close do not tell which one is newer
RECENT = timedelta(days=7)  # "Actually, …" corrects what was said so long ago at most
CHANGES = re.compile(
    r"\b(?:now|no longer|any ?more|used to|again|moved|moving|relocated|switched|changed|become"
    r"|became|promoted|new|these days|nowadays|lately|quit|left|stopped|started|turned|recently"
    r"|got|split|back"
    r"|instead|cancell?ed|sold|rescheduled|postponed|brought forward|as of|since|finally|by now"
    r"|retired)\b",
    re.IGNORECASE,
)
AGAIN = re.compile(r"\b(?:again|once more|back (?:to|in|at|on|with))\b", re.IGNORECASE)
CORRECTS = re.compile(
    r"\b(?:i meant|actually|sorry|oops|correction|scratch that|misspoke|mistyped|misheard"
    r"|misspelt|misspelled"
    r"|wrong|typo|mistaken?|my bad|wait|not|mixed|messed|i said|did i say|stand corrected"
    r"|checked again)\b|^no[,.]",
    re.IGNORECASE,
)
NAMES = re.compile(r"(?<=[\w,] )(?!I\b|I['’])[A-Z][\w-]+|\b\d+\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a candidate is, and which memories it concerns.

    Those are the ones that say the same, the ones it sharpens, takes the place of or contradicts,
    or the newer one that took its place before it was heard of. ``triples`` are those to store it
    with: what its words leave out is completed from what is known. A candidate that had triples and
    is left with none says nothing that can be understood.
    """

    decision: Decision
    others: tuple[Memory, ...] = ()
    triples: tuple[Triple, ...] = ()


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
    return Case(candidate, known or Lookups(in_slot), denies, table or Predicates()).verdict()


def echoes(text: Memory, known: Lookups) -> bool:
    """Say whether a statement that no rule can read takes back or changes something known."""
    return Echoes(known).find(text) is not None


def states(known: Memory, triple: Triple) -> bool:
    """Say whether a memory states this triple already, whatever else it says."""
    return any(
        _slot(t) == _slot(triple) and likeness(t.predicate, triple.object, t.object) == "same"
        for t in known.triples
    )


class Case:
    """One candidate before the court of what is known."""

    def __init__(self, candidate: Memory, known: Lookups, denies: str, table: Predicates) -> None:
        self._known = known
        self._denies = denies
        self._table = table
        self._people = People(known.in_slot, known.of_object)
        completion = Completion(candidate, known, self._people, denies)
        self._corrected = completion.corrected
        self._candidate = replace(candidate, triples=completion.triples)
        self._said = statements(completion.triples)
        self._changes = bool(CHANGES.search(candidate.text))
        self._corrects = bool(denies or CORRECTS.search(candidate.text))

    def verdict(self) -> Verdict:
        """Weigh each thing that the candidate states against each memory that it meets."""
        if any(t.predicate == UNREAD for t in self._said):
            return self._echoed()
        met = list(self._met())
        decision, others = self._repeated(met) or self._changed(met)
        return Verdict(decision, others, self._candidate.triples)

    def _echoed(self) -> Verdict:
        echo = Echoes(self._known).find(self._candidate)
        if not echo:
            return Verdict("new")
        decision: Decision = "supersedes" if echo.how == "ended" else "refines"
        return Verdict(decision, (echo.memory,), echo.triples)

    def _repeated(self, met: list[Meeting]) -> tuple[Decision, tuple[Memory, ...]] | None:
        """Decide on a candidate that states nothing but what is known."""
        stated = [m for m in met if m.how == "same"]
        if not stated or not {m.triple for m in stated}.issuperset(self._said):
            return None
        if self._changes and len(stated) < len(met):
            return None
        known = stated[0].memory
        newer = self._candidate.recorded > known.recorded
        if newer and AGAIN.search(self._candidate.text):
            return "supersedes", (known,)  # it was otherwise in between, heard of or not
        return ("refines" if newer and self._names_more(known) else "duplicate"), (known,)

    def _changed(self, met: list[Meeting]) -> tuple[Decision, tuple[Memory, ...]]:
        fuller = [replace(m, how="sharper") for m in met if m.how == "same" and self._says_more(m)]
        outcome = _by_decision((self._outcome(m), m.memory) for m in [*met, *fuller[:1]])
        decisions: tuple[Decision, ...] = ("supersedes", "refines", "contradicts")
        for decision in decisions:
            if decision in outcome:
                return decision, outcome[decision]
        if (newer := outcome.get("outdated")) and self._all_over(met):
            return "outdated", newer[-1:]
        return "new", ()

    def _names_more(self, known: Memory) -> bool:
        """Say whether a candidate that states nothing new names something new all the same."""
        both = [*known.triples, *self._candidate.triples]
        heard = words_of(" ".join([known.text, *(f"{t.subject} {t.object}" for t in both)]))
        return not set(words_of(" ".join(NAMES.findall(self._candidate.text)))) <= set(heard)

    def _says_more(self, met: Meeting) -> bool:
        """Say whether the candidate holds all that a memory does, and more of the same."""
        slots = {t.predicate for t in statements(met.memory.triples)}
        near = {*slots, *(name for slot in slots for name in BUNDLES.get(slot, ()))}
        return {t.predicate for t in self._said} <= near

    def _met(self) -> Iterator[Meeting]:
        """Yield how each statement stands to the memories under the same or a related predicate."""
        if self._corrected:
            yield Meeting(self._candidate.triples[0], self._corrected, "corrected")
            return
        for triple in self._said:
            for memory in self._beside(triple):
                yield from self._meeting(triple, memory)
        for triple in self._people.introduced(self._candidate.triples):
            for memory in self._known.in_slot(USER, "family"):
                if how := introduces(triple, memory):
                    yield Meeting(triple, memory, how)
        yield from self._taken_back()

    def _taken_back(self) -> Iterator[Meeting]:
        """Yield the memories whose value the candidate calls wrong, whatever it stands under."""
        for memory in self._known.mentioning(self._denies) if self._denies and self._said else []:
            for known in statements(memory.triples):
                if self._is_denied(known) and known.subject == self._said[0].subject:
                    yield Meeting(self._said[0], memory, "corrected")

    def _meeting(self, triple: Triple, memory: Memory) -> Iterator[Meeting]:
        for known in told(memory.triples):
            if self._people.same(triple.subject, self._candidate, known.subject, memory):
                how = self._how(triple, known, memory)
                if how != "beside":
                    yield Meeting(triple, memory, how)

    def _how(self, triple: Triple, known: Triple, memory: Memory) -> How:
        if self._is_denied(known):
            return "corrected"
        how = meet(Pair(triple, self._candidate, known, memory), self._table)
        mends = how == "beside" and self._mends(triple, known, memory)
        return "corrected" if mends else how

    def _is_denied(self, known: Triple) -> bool:
        like = self._denies and likeness(known.predicate, self._denies, known.object)
        return like in ("same", "part")

    def _mends(self, triple: Triple, known: Triple, memory: Memory) -> bool:
        """Say whether "actually, …" corrects one of several values that were given lately."""
        return (
            known.predicate == triple.predicate
            and known in statements(memory.triples)
            and bool(CORRECTS.search(self._candidate.text))
            and self._near(memory, RECENT)
        )

    def _beside(self, triple: Triple) -> list[Memory]:
        """Return the memories that a statement may touch."""
        predicates = self._known.predicates_of(triple.subject)
        slots = slots_beside(triple.predicate, predicates, triple.object)
        if triple.predicate == "plan":
            slots += [p for p in predicates if p not in VALUES and p in triple.object]
        subjects = self._people.subjects(triple.subject, self._candidate)
        found = [m for s in subjects for p in slots for m in self._known.in_slot(s, p)]
        found += [m for word in _words(triple) for m in self._known.mentioning(word)]
        return list({m.id: m for m in found}.values())

    def _near(self, memory: Memory, span: timedelta) -> bool:
        return abs(self._candidate.recorded - memory.recorded) <= span

    def _same_day(self, memory: Memory) -> bool:
        near = self._near(memory, SAME_DAY)
        return near or self._candidate.recorded.date() == memory.recorded.date()

    def _outcome(self, met: Meeting) -> Decision:
        """Say what follows from one meeting, by when each was said and by words of change."""
        if met.how == "same" or not self._gives_way(met.memory):
            return "new"
        if met.how == "fault" and not self._corrects:
            return "contradicts"
        if self._candidate.recorded < met.memory.recorded:
            return self._heard_late(met)
        if met.how == "sharper":
            return "supersedes" if self._tells_change else "refines"
        sure = met.how != "clash" or self._changes or self._corrects
        return "supersedes" if sure or self._newer(met) else "contradicts"

    def _newer(self, met: Meeting) -> bool:
        """Say whether a statement without words of change is newer by enough to be the true one.

        Homes and jobs change from one hour to the next, husbands do not.
        """
        if is_relation(met.triple.predicate):
            return not self._same_day(met.memory)
        return self._candidate.recorded > met.memory.recorded

    def _heard_late(self, met: Meeting) -> Decision:
        if met.how in ("sharper", "over"):
            return "new"
        return "contradicts" if self._same_day(met.memory) else "outdated"

    @property
    def _tells_change(self) -> bool:
        """Whether words of change are more than "my new …", which may tell of a first one."""
        return bool(CHANGES.search(re.sub(r"\bnew\b", "", self._candidate.text)))

    def _gives_way(self, known: Memory) -> bool:
        """Say whether a memory ends with the candidate: nothing else it states would be lost."""
        if known.kind == "note":
            return False
        rest = [t for t in statements(known.triples) if not self._replaces(t, known)]
        ends = {m.triple.predicate for m in self._meetings(known)}
        return not rest or all(t.predicate in BUNDLES.get(p, ()) for t in rest for p in ends)

    def _meetings(self, known: Memory) -> list[Meeting]:
        return [m for triple in self._said for m in self._meeting(triple, known)]

    def _replaces(self, known: Triple, memory: Memory) -> bool:
        if self._corrected or known.predicate.startswith(("former ", "not ")):
            return True
        others = [t for t in statements(memory.triples) if t != known]
        alone = tuple(t for t in memory.triples if t not in others)
        return bool(self._meetings(replace(memory, triples=alone)))

    def _all_over(self, met: list[Meeting]) -> bool:
        """Say whether nothing that the candidate states still holds."""
        over = {m.triple.predicate for m in met if self._outcome(m) == "outdated"}
        rest = [t.predicate for t in self._said if t.predicate not in over]
        return all(name in BUNDLES.get(p, ()) for name in rest for p in over)


def _words(triple: Triple) -> list[str]:
    """Return the words by which a memory is sought that may stand under any predicate."""
    if triple.predicate.startswith("not "):
        words = re.findall(r"[\w'’-]{4,}", triple.object)[-3:]
        return [word.removesuffix("ing") for word in words]
    return [] if triple.predicate in VALUES else [triple.predicate.split()[0]]


def _by_decision(found: Iterator[tuple[Decision, Memory]]) -> dict[Decision, tuple[Memory, ...]]:
    grouped: dict[Decision, dict[str, Memory]] = {}
    for decision, memory in found:
        grouped.setdefault(decision, {})[memory.id] = memory
    return {decision: tuple(memories.values()) for decision, memories in grouped.items()}


def _slot(triple: Triple) -> tuple[str, str]:
    return triple.subject.casefold(), triple.predicate
