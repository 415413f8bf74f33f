"""Learning: what is said becomes memories, set against what is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from memcli.acquire.candidate import Candidate
from memcli.config import MemoryConfig
from memcli.records import Kind, Memory, Review, Span, Triple, Turn
from memcli.sentences import split_sentences

if TYPE_CHECKING:  # and loaded where it is used: lists and the like need none of it
    from memcli.acquire.extract import Doubt, Extraction
    from memcli.acquire.predicates import Predicates
    from memcli.acquire.rules import RuleExtractor
    from memcli.manage.identity import Lookups
    from memcli.manage.reconcile import Decision, Verdict
    from memcli.store import Store
    from memcli.tiers.hindsight import Hindsight

LATEST = 5  # memories that "it" and "that" may mean
LEARNT = "\t"  # stands in the key of what was learnt from a note, after the note's own
REPLACING = ("supersedes", "refines")


@dataclass(frozen=True, slots=True)
class Learnt:
    """What became of one candidate. ``others`` are the memories it replaced or contradicts."""

    memory: Memory
    decision: Decision
    others: tuple[Memory, ...] = ()

    @property
    def replaced(self) -> tuple[Memory, ...]:
        """The memories that it took the place of."""
        return self.others if self.decision in REPLACING else ()


class Learning:
    """Reads statements, and keeps what is new, changed or in conflict.

    What keeps is called inside ``LongTerm.writing``.
    """

    def __init__(self, store: Store, settings: MemoryConfig) -> None:
        self.store = store
        self.settings = settings

    def read(self, turn: Turn) -> list[Candidate]:
        """Return what the owner states about themselves in a turn; the first time takes 0.5 s."""
        return self.extractor.extract(turn.text, turn.time.astimezone(), unread=True)

    def learn(self, turn: Turn, found: list[Candidate] | None = None) -> list[Learnt]:
        """Keep what the owner states about themselves in a turn; ``found`` is what was read."""
        found = self.read(turn) if found is None else found
        place = partial(replace, turn_id=turn.id)
        return self._learn(found, turn.time, place, turn.text)

    def learn_note(self, note: Memory) -> list[Learnt]:
        """Keep what the owner states about themselves in a note of their own."""

        def place(memory: Memory) -> Memory:
            at = note.quote.find(memory.quote)
            start = at + note.span.start if note.span and at >= 0 else None
            span = None if start is None else Span(start, start + len(memory.quote))
            key = f"{note.key}{LEARNT}0"
            return replace(memory, source_id=note.source_id, span=span, key=key, tags=note.tags)

        said = note.recorded.astimezone()
        found = self._of_notes.extract(note.text, said, first_person=True)
        return self._learn(found, note.recorded, place)

    def _learn(
        self,
        found: list[Candidate],
        said: datetime,
        place: Callable[[Memory], Memory],
        around: str = "",
    ) -> list[Learnt]:
        learnt = []
        for candidate in found:
            memory = place(self.memory_of(candidate, said))
            verdict = self._reconcile(memory, candidate.denies, around)
            known = verdict.decision != "new"
            if known or verdict.triples or not memory.triples:  # else nothing was understood of it
                learnt.append(self._settle(memory, verdict))
        return learnt

    def keep(self, memory: Memory, *, denies: str = "") -> Learnt:
        """Set a memory against what is known, and store it unless it is known already.

        ``denies`` is a value that the words say was wrong.
        """
        return self._settle(memory, self._reconcile(memory, denies))

    def keep_found(self, extraction: Extraction) -> tuple[int, int]:
        """Keep what a model found and proved; return how many were kept, and how many to review.

        What would take the place of something known, or contradicts it, is for the owner to judge.
        """
        reviews = [
            self._review(doubt.turn_id, doubt, doubt.reason) for doubt in extraction.doubtful
        ]
        learnt = 0
        for turn, candidate in extraction.found:
            memory = self.memory_of(candidate, turn.time, turn_id=turn.id)
            verdict = self._reconcile(memory, candidate.denies)
            read_now = [other.text for other in verdict.others] == [memory.text]
            if verdict.decision not in ("new", "duplicate") and not read_now:
                reason = f"it does not go with what is known: {verdict.others[0].text}"
                reviews.append(self._review(turn.id, memory, reason))
            else:
                learnt += self._settle(memory, verdict).decision != "duplicate"
        self.store.judgements.add_reviews(reviews)
        return learnt, len(reviews)

    def states(self, text: str) -> list[Triple]:
        """Return the triples that the rules read off a text."""
        found = self.extractor.extract(text, self.store.clock().astimezone())
        return [triple for candidate in found for triple in candidate.triples]

    @cached_property
    def extractor(self) -> RuleExtractor:
        """What reads statements off a text; only writing needs it, and its table takes 30 ms."""
        from memcli.acquire.rules import RuleExtractor
        from memcli.manage.identity import knows

        return RuleExtractor(partial(knows, self.store.memories.of_object))

    @cached_property
    def _of_notes(self) -> RuleExtractor:
        """What reads statements off notes, in which people are not known by name alone."""
        from memcli.acquire.rules import RuleExtractor

        return RuleExtractor()

    @cached_property
    def _known(self) -> Lookups:
        from memcli.manage.identity import Lookups

        memories = self.store.memories
        return Lookups(
            memories.in_slot,
            memories.of_object,
            memories.mentioning,
            lambda: memories.newest(current=True, limit=LATEST),
        )

    @cached_property
    def _predicates(self) -> Predicates:
        from memcli.acquire.predicates import Predicates

        single, many = self.settings.single_valued, self.settings.many_valued
        return Predicates(*(frozenset(re.split(r"\s*,\s*", names)) for names in (single, many)))

    @cached_property
    def _hindsight(self) -> Hindsight:
        from memcli.tiers.hindsight import Hindsight

        return Hindsight(self.store)

    def _reconcile(self, memory: Memory, denies: str, around: str = "") -> Verdict:
        from memcli.manage.reconcile import reconcile

        memories = self.store.memories
        same = memories.same_text(memory.text)
        unread = same if same and memory.triples and not same.triples else None
        verdict = reconcile(
            memory,
            memories.in_slot,
            None if unread else same,  # of a text it is not known what it states
            known=self._known,
            denies=denies,
            table=self._predicates,
        )
        if unread and unread.turn_id and verdict.decision == "new":
            return replace(verdict, decision="refines", others=(unread,))
        if verdict.decision == "new":
            return self._hindsight.verdict(memory, around) or verdict
        return self._hindsight.doubts(memory, verdict, around)

    def _settle(self, memory: Memory, verdict: Verdict) -> Learnt:
        memories, others = self.store.memories, verdict.others
        memories.add(verdict.unkept)
        memory = replace(memory, triples=verdict.triples)
        if verdict.decision == "duplicate":
            if memory.turn_id:
                memories.add_proof(others[0].id, memory.turn_id, memory.quote)
            elif (
                not memory.source_id and memory.text != others[0].text
            ):  # in other words, which nothing else holds
                memories.add([memory])
                memories.supersede(memory.id, others[0].id, memory.recorded)
            return Learnt(others[0], "duplicate")
        memories.add([memory])
        if verdict.decision == "outdated":  # an old statement that was heard late
            memories.supersede(memory.id, others[0].id, others[0].recorded)
            return Learnt(memory, "outdated")
        for other in others:
            if verdict.decision == "contradicts":
                self.store.judgements.add_conflict(memory.id, other.id)
            else:
                memories.supersede(other.id, memory.id, memory.recorded)
        return Learnt(memory, verdict.decision, others)

    def _review(self, turn_id: str, found: Memory | Doubt, reason: str) -> Review:
        return Review(self.store.new_id(), turn_id, found.kind, found.text, reason, found.triples)

    def candidates(self, text: str, now: datetime, kind: Kind | None) -> list[Candidate]:
        """Return what a text that the owner gave is to be kept as: statements, or itself.

        It is taken apart only where rules read all of it.
        """
        found = self.extractor.extract(text, now.astimezone())
        sentences = [sentence.span for sentence in split_sentences(text)]
        found = [c for c in found if c.triples or len(sentences) == 1]
        understood = bool(found) and all(
            any(s.start <= c.span.start < s.end for c in found) for s in sentences
        )
        whole = Span(0, len(text))
        if understood and kind is None:
            return found if len(found) > 1 else [replace(found[0], quote=text, span=whole)]
        triples = tuple(triple for candidate in found for triple in candidate.triples)
        return [Candidate(kind or "note", text, whole, triples)]

    def memory_of(self, candidate: Candidate, said: datetime, turn_id: str | None = None) -> Memory:
        """Return a candidate as a memory that is not stored yet."""
        return Memory(
            id=self.store.new_id(),
            kind=candidate.kind,
            text=candidate.quote,
            quote=candidate.quote,
            recorded=said,
            turn_id=turn_id,
            span=candidate.span,
            valid_from=candidate.valid_from,
            valid_to=candidate.valid_to,
            triples=candidate.triples,
            importance=candidate.importance,
        )
