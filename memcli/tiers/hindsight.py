"""Hindsight: what was said before is found again when something said later changes it.

    statement → words → memories and turns that share some → akin.py, pair by pair → verdict

Here come the statements in which the rules find nothing known. What was said before need not have
been worth keeping at the time: it becomes a memory when something takes its place or repeats it,
so that history has both. Of several the one counts of which the model is surest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from memcli.acquire.predicates import UNREAD
from memcli.acquire.rules import plainly_told
from memcli.acquire.select import LONGEST_SENTENCE
from memcli.acquire.worth import kind_of
from memcli.manage import akin
from memcli.manage.akin_words import FUNCTION_WORDS
from memcli.manage.reconcile import Decision, Verdict
from memcli.recall.candidates import weigh
from memcli.records import FORGOTTEN, Memory, Turn
from memcli.sentences import Sentence, split_sentences

if TYPE_CHECKING:
    from memcli.store import Store

SURE = 0.4  # the share from which a memory is taken to be meant
SURER = 0.5  # the same for what did not seem worth keeping when it was said
PLAIN = 0.5  # the share from which it is believed against a rule
TAKEN_UP = {"back", "change", "end", "now"}  # words without which nothing that was over holds again
DOUBTFUL = ("duplicate", "contradicts")  # what rules say too soon
MOST = 16  # items that share words, the best first
BACK = 2  # turns before a turn: an answer, and what the owner said before it
LATELY = timedelta(minutes=20)  # "No, it's 84" needs no word of what was said so long ago


@dataclass(frozen=True, slots=True)
class Earlier:
    """A statement made before: a memory, or one that a turn's sentence would be."""

    memory: Memory
    kept: bool


class Hindsight:
    """Sets a statement against what was said before it. It only reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def verdict(self, memory: Memory, around: str = "") -> Verdict | None:
        """Return what a statement does to the one said before that it is about, if there is one.

        ``around`` is the turn that it stands in.
        """
        if memory.source_id or len(memory.text) > LONGEST_SENTENCE:
            return None
        later = _statement(memory, around)
        if not later.content:  # "Oops, got that wrong."
            return None
        judged = [(self._judge(e, later, memory), e) for e in self._said_before(memory, later)]
        for shares, earlier in sorted(judged, key=lambda one: one[0][0]):
            if shares[0] > 1 - (SURE if earlier.kept else SURER):
                continue
            relation = akin.RELATIONS[shares.index(max(shares[1:]))]
            if found := self._follows(memory, later, earlier, relation):
                return found
        return None

    def doubts(self, memory: Memory, verdict: Verdict, around: str = "") -> Verdict:
        """Return a verdict of the rules, or another one where that is plainly wrong.

        Rules see only what they can read, and not that "Oops, got that wrong." stands before it.
        """
        same = verdict.others and verdict.others[0].text == memory.text
        if verdict.decision not in DOUBTFUL or memory.source_id or same:
            return verdict
        known = verdict.others[0]
        later = _statement(memory, around)
        shares = self._judge(Earlier(known, kept=True), later, memory)
        relation = akin.RELATIONS[shares.index(max(shares))]
        if max(shares) < PLAIN or relation in ("new", verdict.decision):
            return verdict
        return self._follows(memory, later, Earlier(known, kept=True), relation) or verdict

    def _judge(self, earlier: Earlier, later: akin.Statement, memory: Memory) -> list[float]:
        known = earlier.memory
        gap = (memory.recorded - known.recorded).total_seconds()
        over = known.superseded_by is not None
        return akin.judge(akin.statement(known.text), later, gap, over=over)

    def _follows(
        self, memory: Memory, later: akin.Statement, earlier: Earlier, relation: akin.Relation
    ) -> Verdict | None:
        """Return the verdict on a statement that stands in a relation to an earlier one."""
        known, decision = self._in_force(earlier.memory), relation
        if known is None or _of_one_breath(known, memory):
            return None
        older = memory.recorded < known.recorded
        if known is not earlier.memory:  # it had been over; does it hold again?
            if not older and TAKEN_UP.isdisjoint(later.cues):
                return None
            return self._verdict("outdated" if older else "supersedes", known, memory)
        again = decision == "duplicate" and _happened_again(known, memory)
        if again or (older and decision == "refines"):
            return None
        late: Decision = "outdated" if older and decision == "supersedes" else decision
        if earlier.kept:
            return self._verdict(late, known, memory)
        known = replace(known, id=self._store.new_id())
        return self._verdict(late, known, memory, unkept=(known,))

    def _verdict(
        self, decision: Decision, known: Memory, memory: Memory, unkept: tuple[Memory, ...] = ()
    ) -> Verdict:
        triples = tuple(t for t in memory.triples if t.predicate != UNREAD)
        return Verdict(decision, (known,), triples, unkept)

    def _in_force(self, memory: Memory) -> Memory | None:
        """Return what holds now in place of a memory; nothing where it just ended."""
        seen = {memory.id}
        while memory.superseded_by is not None:
            following = self._store.memories.get(memory.superseded_by)
            if following is None or following.id in seen:
                return None
            memory = following
            seen.add(memory.id)
        return memory

    def _said_before(self, memory: Memory, later: akin.Statement) -> Iterator[Earlier]:
        """Yield the statements that share a word with a later one, and those made just before."""
        store = self._store
        items = self._items(later)
        memories = store.memories.of_numbers([item // 2 for item in items if item % 2])
        mends = "correct" in later.cues
        lately = store.memories.newest(limit=2) if mends else []
        memories += [m for m in lately if _near(m.recorded, memory)]
        for known in {m.id: m for m in memories}.values():
            if _counts(known, memory) and known.text != memory.text:
                yield Earlier(known, kept=True)
        for earlier in self._unkept(self._turns(memory, items)):
            alike = akin.statement(earlier.memory.text).content & later.content
            if alike or (mends and _near(earlier.memory.recorded, memory)):
                yield earlier

    def _items(self, later: akin.Statement) -> list[int]:
        """Return the items that share the most telling words with a statement."""
        texts = self._store.texts
        words = weigh(self._store, [w for w in later.tokens if w not in FUNCTION_WORDS])
        found = texts.search(words.searched, MOST)
        found += texts.search_together(words.together, MOST) if not found else []
        return [item for item, _ in found]

    def _turns(self, memory: Memory, items: list[int]) -> list[Turn]:
        """Return the owner's turns among some items, and the one just before, heard earlier."""
        sessions = self._store.sessions
        said = sessions.turn(memory.turn_id) if memory.turn_id else None
        own = sessions.numbers([said.id])[0] if said else math.inf
        found = sessions.turns_by_number([i // 2 for i in items if not i % 2 and i // 2 < own])
        turns = list(found.values())
        while said and len(turns) < len(found) + BACK and (said := sessions.before(said)):
            turns.append(said)
        unique = {turn.id: turn for turn in turns if turn.role == "user" and not turn.derived}
        return list(unique.values())

    def _unkept(self, turns: list[Turn]) -> Iterator[Earlier]:
        """Yield what some turns tell that no memory holds."""
        kept = self._store.memories.of_turns([turn.id for turn in turns])
        for turn in turns:
            spans = [m.span for m in kept if m.turn_id == turn.id and m.span]
            for sentence in plainly_told(turn.text):
                begin, end = sentence.span.start, sentence.span.end
                if FORGOTTEN not in sentence.text and not any(
                    span.start < end and begin < span.end for span in spans
                ):
                    yield Earlier(_memory(sentence, turn), kept=False)


def _statement(memory: Memory, around: str) -> akin.Statement:
    """Return the whole sentence that a memory is a clause of."""
    whole = (s.text for s in split_sentences(around) if memory.text in s.text)
    return akin.statement(next(whole, memory.text), around[:LONGEST_SENTENCE])


def _memory(sentence: Sentence, turn: Turn) -> Memory:
    """Return what a sentence of a turn would be kept as."""
    return Memory(
        id="", kind=kind_of(sentence.text), text=sentence.text, quote=sentence.text,
        recorded=turn.time, turn_id=turn.id, span=sentence.span,
    )  # fmt: skip


def _happened_again(known: Memory, memory: Memory) -> bool:
    """Say whether what was done on one day is told of another day, which makes two events."""
    return known.kind == memory.kind == "event" and known.recorded.date() != memory.recorded.date()


def _near(said: datetime, memory: Memory) -> bool:
    return timedelta() <= memory.recorded - said <= LATELY


def _counts(known: Memory, memory: Memory) -> bool:
    """Say whether something known is a statement, and not of the same breath."""
    if known.kind == "summary" or (known.kind == "note" and known.source_id):
        return False
    return not _of_one_breath(known, memory) and len(known.text) <= LONGEST_SENTENCE


def _of_one_breath(known: Memory, memory: Memory) -> bool:
    same = known.turn_id == memory.turn_id
    return same and (memory.turn_id is not None or known.recorded == memory.recorded)
