"""Long-term memory: the facade that every command, the chat and the Python API use."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from memcli.acquire.candidate import Candidate
from memcli.acquire.summarize import Complete, summarize, summary
from memcli.config import MemoryConfig
from memcli.errors import InvalidInput, NotFound
from memcli.recall.strength import strengths
from memcli.records import FORGOTTEN, USER, Kind, Memory, Review, Session, Span, Triple, Turn
from memcli.sentences import split_sentences
from memcli.text import clean, one_line
from memcli.tiers.meaning import Meaning

if TYPE_CHECKING:  # and loaded where it is used: lists and the like need none of it
    from memcli.acquire.extract import Doubt, Extraction, ModelExtractor
    from memcli.acquire.predicates import Predicates
    from memcli.acquire.redact import Masked
    from memcli.acquire.rules import RuleExtractor
    from memcli.engine.embed import Embedder
    from memcli.index.base import VectorIndex
    from memcli.manage.consolidate import Consolidated
    from memcli.manage.forget import Forgotten
    from memcli.manage.identity import Lookups
    from memcli.manage.reconcile import Decision, Verdict
    from memcli.recall.recall import Recall, Recalled
    from memcli.recall.rerank import Rerank
    from memcli.store import Store
    from memcli.store.store import Entry

LATEST = 5  # memories that "it" and "that" may mean
REPLACING = ("supersedes", "refines")
SPARE_SECONDS = 1.0  # that an action may spend on texts without a vector besides its own

Record = TypeVar("Record", "Memory | Turn", Session, Review)


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


class LongTerm:
    """Remembers, recalls and forgets in one store.

    ``rerank`` may put what is recalled in another order; ``load_embedder`` and ``choose_index`` are
    as for ``Meaning``.
    """

    def __init__(
        self,
        store: Store,
        load_embedder: Callable[[], Embedder],
        choose_index: Callable[[Embedder], VectorIndex],
        rerank: Rerank | None = None,
        settings: MemoryConfig | None = None,
    ) -> None:
        self.store = store
        self.settings = settings or MemoryConfig()
        self.meaning = Meaning(store, load_embedder, choose_index)
        self._rerank = rerank

    # Verbs

    def recall(
        self,
        text: str,
        *,
        limit: int = 10,
        asked_at: datetime | None = None,
        without: Collection[str] = (),
        as_of: datetime | None = None,
    ) -> Recalled:
        """Return at most ``limit`` memories and turns that may answer; see ``Recall``."""
        asked_at = (asked_at or as_of or self.store.clock()).astimezone()
        self.meaning.embed_missing(seconds=SPARE_SECONDS)
        top = max(limit, self._rerank.top) if self._rerank and limit > 0 else limit
        found = self._recall(
            clean(text), asked_at=asked_at, limit=top, without=without, as_of=as_of
        )
        return found.only(self._rerank(text, found)[:limit]) if self._rerank else found

    def remember(
        self, text: str, *, kind: Kind | None = None, pin: bool = False, tags: Sequence[str] = ()
    ) -> list[Learnt]:
        """Keep a text that the owner gave, and say what became of it.

        A text made of statements that the rules can read becomes a memory for each; any other
        becomes one memory as a whole.

        Raises:
            InvalidInput: the text is empty.
        """
        text = self.mask(clean(text).strip()).text
        if not text:
            raise InvalidInput(
                "There is nothing to remember: the text is empty.", 'memcli remember "…"'
            )
        now = self.store.clock()
        with self.writing("remember") as entry:
            learnt = [
                self.keep(
                    replace(self._memory(found, now), pinned=pin, tags=tuple(tags)),
                    denies=found.denies,
                )
                for found in self._candidates(text, now, kind)
            ]
            entry.summary = f"remembered {len(learnt)}"
        return learnt

    def mask(self, text: str) -> Masked:
        """Return a text as it may be stored: without secrets, unless the owner keeps them."""
        from memcli.acquire.redact import Masked, mask  # 40 ms

        return mask(text) if self.settings.secrets == "mask" else Masked(text, ())

    def forget(
        self,
        memories: Sequence[Memory],
        turns: Sequence[Turn] = (),
        *,
        keep_source: bool = False,
        dry_run: bool = False,
    ) -> Forgotten:
        """Erase memories and turns, and all that was derived from them; see ``manage.forget``.

        Summaries of a session are made anew from what is left of it, in its own words.
        """
        from memcli.manage.forget import forget

        try:
            gone = forget(self.store, memories, turns, keep_source=keep_source, dry_run=dry_run)
        finally:
            if self.store.vectors.count() and (semantics := self.meaning.semantics()):
                semantics[1].refresh()
        if dry_run:
            return gone
        for old in gone.summaries:
            self._summarize_again(old, gone.covered[old.id])
        again = {old.id for old in gone.summaries if self.store.memories.same_text(old.text)}
        return replace(gone, derived=tuple(r for r in gone.derived if r.id not in again))

    def undo_turns(self, turns: Sequence[Turn]) -> None:
        """Take back an exchange with what was learnt from it, and the summaries that tell of it."""
        told = {m.id for turn in turns for m in self.store.memories.covering(turn.id)}
        self.store.undo(turns[0].id)
        if told:
            with self.store.action("undo") as entry:
                self.store.memories.delete(list(told))
                entry.summary = f"removed {len(told)} summaries of undone turns"
        self.meaning.embed_missing(seconds=SPARE_SECONDS)

    def learn(self, turn: Turn) -> list[Learnt]:
        """Keep what the owner states about themselves in a turn; call it inside ``writing``."""
        candidates = self.extractor.extract(turn.text, turn.time.astimezone())
        learnt = []
        for candidate in candidates:
            memory = self._memory(candidate, turn.time, turn_id=turn.id)
            verdict = self._reconcile(memory, candidate.denies)
            if verdict.triples or not memory.triples:  # else nothing was understood of it
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
            memory = self._memory(candidate, turn.time, turn_id=turn.id)
            verdict = self._reconcile(memory, candidate.denies)
            if verdict.decision not in ("new", "duplicate"):
                reason = f"it does not go with what is known: {verdict.others[0].text}"
                reviews.append(self._review(turn.id, memory, reason))
            else:
                learnt += self._settle(memory, verdict).decision == "new"
        self.store.judgements.add_reviews(reviews)
        return learnt, len(reviews)

    def states(self, text: str) -> list[Triple]:
        """Return the triples that the rules read off a text."""
        found = self.extractor.extract(text, self.store.clock().astimezone())
        return [triple for candidate in found for triple in candidate.triples]

    def profile(self) -> list[Memory]:
        """Return what the owner said of themselves, what matters most and is used most first."""
        facts = self.store.memories.stated_of(USER)
        used = strengths(self.store.sessions.uses([m.id for m in facts]), self.store.clock())
        return sorted(facts, key=lambda m: (-m.importance - used.get(m.id, 0.0), m.id))

    def consolidate(
        self,
        *,
        complete: Complete | None = None,
        extractor: ModelExtractor | None = None,
        seconds: float = float("inf"),
    ) -> Consolidated:
        """Tidy up what was said; see ``manage.consolidate``. All of it is one action to undo."""
        from memcli.manage.consolidate import Consolidation

        action = self.store.new_id()
        return Consolidation(
            self.store,
            lambda: self.meaning.embedder,
            lambda verb: self.writing(verb, action_id=action),
            complete=complete,
            extractor=extractor,
            keep=self.keep_found,
        ).run(seconds=seconds)

    def rename_session(self, id: str, title: str) -> None:
        """Give a session another name."""
        with self.store.action("rename") as entry:
            self.store.sessions.rename(id, title)
            entry.summary = f"named a session “{title}”"

    def summarize(
        self, turns: Sequence[Turn], complete: Complete | None, *, tags: Sequence[str] = ()
    ) -> Memory:
        """Store a summary of some turns of one session, which stay as they are."""
        session = self.store.sessions.get(turns[0].session_id)
        title = session.title if session else ""
        text = self.summary_text(turns, complete)
        memory = summary(self.store.new_id(), text, turns, title=title, tags=tuple(tags))
        with self.writing("summarize") as entry:
            self.store.memories.add_summary(memory, turns)
            entry.summary = f"summarised {len(turns)} turns"
        return memory

    def summary_text(self, turns: Sequence[Turn], complete: Complete | None) -> str:
        """Return a summary of some turns without storing it."""
        return summarize(turns, self.meaning.embedder, complete)

    # Finding by id

    def find(self, part: str) -> Memory | Turn:
        """Return the memory or turn whose id is, begins with or ends with ``part``.

        Raises:
            NotFound: there is none.
            InvalidInput: there are several.
        """
        part = part.strip().lower()
        if exact := self.store.memories.get(part) or self.store.sessions.turn(part):
            return exact
        found: list[Memory | Turn] = [*self.store.memories.matching(part)] if part else []
        found += self.store.sessions.matching_turns(part) if part else []
        return only(found, part, "memory", "memcli memory list")

    def find_session(self, part: str) -> Session:
        """Return the session whose id is, begins with or ends with ``part``.

        Raises:
            NotFound: there is none.
            InvalidInput: there are several.
        """
        part = part.strip().lower()
        found = self.store.sessions.matching(part) if part else []
        exact = [session for session in found if session.id == part]
        return only(exact or found, part, "session", "memcli session list")

    @cached_property
    def _recall(self) -> Recall:
        from memcli.recall.recall import Recall  # 150 ms

        return Recall(self.store, self.meaning.semantics)

    @cached_property
    def extractor(self) -> RuleExtractor:
        """What reads statements off a text; only writing needs it, and its table takes 30 ms."""
        from memcli.acquire.rules import RuleExtractor
        from memcli.manage.identity import knows
        from memcli.manage.reconcile import echoes

        return RuleExtractor(
            partial(knows, self.store.memories.of_object),
            lambda text, said: echoes(Memory("", "fact", text, said), self._known),
        )

    @contextlib.contextmanager
    def writing(self, verb: str, *, action_id: str = "", dry_run: bool = False) -> Iterator[Entry]:
        """Make what is written one action; its texts get their vectors in the same transaction."""
        _ = self.meaning.embedder  # loaded before the write lock is taken
        with self.store.action(verb, action_id=action_id, dry_run=dry_run) as entry:
            before = self.store.vectors.missing_count()
            yield entry
            written = self.store.vectors.missing_count() - before
            self.meaning.embed_missing(at_least=written, seconds=SPARE_SECONDS)

    def close(self) -> None:
        """Let go of the index and the database."""
        self.meaning.close()
        if self._rerank:
            self._rerank.close()
        self.store.close()

    @cached_property
    def _known(self) -> Lookups:
        from memcli.manage.identity import Lookups

        memories = self.store.memories
        return Lookups(
            memories.in_slot,
            memories.of_object,
            memories.mentioning,
            memories.predicates_of,
            lambda: memories.newest(current=True, limit=LATEST),
        )

    @cached_property
    def _predicates(self) -> Predicates:
        from memcli.acquire.predicates import Predicates

        single, many = self.settings.single_valued, self.settings.many_valued
        return Predicates(*(frozenset(re.split(r"\s*,\s*", names)) for names in (single, many)))

    def _reconcile(self, memory: Memory, denies: str) -> Verdict:
        from memcli.manage.reconcile import reconcile

        memories = self.store.memories
        return reconcile(
            memory,
            memories.in_slot,
            memories.same_text(memory.text),
            known=self._known,
            denies=denies,
            table=self._predicates,
        )

    def _settle(self, memory: Memory, verdict: Verdict) -> Learnt:
        memories, others = self.store.memories, verdict.others
        memory = replace(memory, triples=verdict.triples)
        if verdict.decision == "duplicate":
            if memory.turn_id:
                memories.add_proof(others[0].id, memory.turn_id, memory.quote)
            elif memory.text != others[0].text:  # in other words, which nothing else holds
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

    def _summarize_again(self, old: Memory, covered: Sequence[str]) -> None:
        """Make the summary of a session anew; consolidation does it for those of several."""
        turns = [turn for id in covered if (turn := self.store.sessions.turn(id))]
        left = [turn for turn in turns if turn.text.replace(FORGOTTEN, "").strip()]
        if left and len({turn.session_id for turn in left}) == 1 and not old.superseded_by:
            with self.writing("forget"):
                self.summarize(left, None, tags=old.tags)

    def _review(self, turn_id: str, found: Memory | Doubt, reason: str) -> Review:
        return Review(self.store.new_id(), turn_id, found.kind, found.text, reason, found.triples)

    def _candidates(self, text: str, now: datetime, kind: Kind | None) -> list[Candidate]:
        found = self.extractor.extract(text, now.astimezone())
        sentences = [sentence.span for sentence in split_sentences(text)]
        understood = bool(found) and all(
            any(s.start <= c.span.start < s.end for c in found) for s in sentences
        )
        whole = Span(0, len(text))
        if understood and kind is None:
            return found if len(found) > 1 else [replace(found[0], quote=text, span=whole)]
        triples = tuple(triple for candidate in found for triple in candidate.triples)
        return [Candidate(kind or "note", text, whole, triples)]

    def _memory(self, candidate: Candidate, said: datetime, turn_id: str | None = None) -> Memory:
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


def fits(id: str, part: str) -> bool:
    """Say whether an id is named by its first or last characters."""
    return bool(part) and (id.startswith(part.lower()) or id.endswith(part.lower()))


def only(found: list[Record], part: str, noun: str, listing: str) -> Record:
    """Return the only one of those that ``part`` of an id names.

    Raises:
        NotFound: there is none.
        InvalidInput: there are several.
    """
    if not found:
        raise NotFound(f"There is no {noun} {part!r}.", f"{listing} shows them.")
    if len(found) > 1:
        ids = "; ".join(f"{r.id} {one_line(getattr(r, 'text', ''))[:40]}".strip() for r in found)
        raise InvalidInput(f"{part!r} fits several: {ids}.", "Give more of the id.")
    return found[0]
