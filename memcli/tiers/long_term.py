"""Long-term memory: the facade that every command, the chat and the Python API use."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from memcli.acquire.candidate import Candidate
from memcli.acquire.redact import Masked, mask
from memcli.acquire.summarize import Complete, summarize
from memcli.config import MemoryConfig
from memcli.errors import InvalidInput, NotFound
from memcli.manage import forget as forgetting
from memcli.manage.reconcile import Decision, reconcile
from memcli.recall.recall import Recall, Recalled
from memcli.records import Kind, Memory, Session, Span, Turn
from memcli.sentences import split_sentences
from memcli.text import clean
from memcli.tiers.meaning import Meaning

if TYPE_CHECKING:
    from memcli.acquire.rules import RuleExtractor
    from memcli.engine.embed import Embedder
    from memcli.index.base import VectorIndex
    from memcli.recall.rerank import Rerank
    from memcli.store import Store
    from memcli.store.store import Entry

SPARE_SECONDS = 1.0  # that an action may spend on texts without a vector besides its own

Record = TypeVar("Record", "Memory | Turn", Session)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What became of one candidate. ``replaced`` are the memories it superseded."""

    memory: Memory
    decision: Decision
    replaced: tuple[Memory, ...] = ()


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
        self._recall = Recall(store, self.meaning.semantics)
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
        memories = [self._memory(candidate, now) for candidate in self._candidates(text, now, kind)]
        with self.writing("remember") as entry:
            learnt = [self.keep(replace(m, pinned=pin, tags=tuple(tags))) for m in memories]
            entry.summary = f"remembered {len(learnt)}"
        return learnt

    def mask(self, text: str) -> Masked:
        """Return a text as it may be stored: without secrets, unless the owner keeps them."""
        return mask(text) if self.settings.secrets == "mask" else Masked(text, ())

    def forget(
        self, memories: Sequence[Memory], turns: Sequence[Turn] = ()
    ) -> forgetting.Forgotten:
        """Erase memories and turns, and all that was derived from them, to the last byte."""
        try:
            return forgetting.forget(self.store, memories, turns)
        finally:
            if self.store.vectors.count() and (semantics := self.meaning.semantics()):
                semantics[1].refresh()

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
        return [self.keep(self._memory(c, turn.time, turn_id=turn.id)) for c in candidates]

    def keep(self, memory: Memory) -> Learnt:
        """Set a memory against what is known, and store it unless it is known already."""
        memories = self.store.memories
        verdict = reconcile(memory, memories.in_slot, memories.same_text(memory.text))
        if verdict.decision == "duplicate":
            known = verdict.others[0]
            if memory.turn_id:
                memories.add_proof(known.id, memory.turn_id, memory.quote)
            return Learnt(known, "duplicate")
        memories.add([memory])
        if verdict.decision == "outdated":  # an old statement that was imported late
            newer = verdict.others[0]
            memories.supersede(memory.id, newer.id, newer.recorded)
            return Learnt(memory, verdict.decision)
        for old in verdict.others:
            memories.supersede(old.id, memory.id, memory.recorded)
        return Learnt(memory, verdict.decision, verdict.others)

    def summarize(self, turns: Sequence[Turn], complete: Complete | None) -> Memory:
        """Store a summary of some turns of one session, which stay as they are."""
        session = self.store.sessions.get(turns[0].session_id)
        memory = Memory(
            id=self.store.new_id(),
            kind="summary",
            text=self.summary_text(turns, complete),
            recorded=turns[-1].time,
            title=session.title if session else "",
        )
        with self.writing("summarize") as entry:
            self.store.memories.add([memory])
            self.store.memories.cover(memory.id, [turn.id for turn in turns])
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
        found: list[Memory | Turn] = [*self.store.memories.matching(part)] if part else []
        found += self.store.sessions.matching_turns(part) if part else []
        exact = [record for record in found if record.id == part]
        return _only(exact or found, part, "memory", "memcli memory list")

    def find_session(self, part: str) -> Session:
        """Return the session whose id is, begins with or ends with ``part``.

        Raises:
            NotFound: there is none.
            InvalidInput: there are several.
        """
        part = part.strip().lower()
        found = self.store.sessions.matching(part) if part else []
        exact = [session for session in found if session.id == part]
        return _only(exact or found, part, "session", "memcli session list")

    @cached_property
    def extractor(self) -> RuleExtractor:
        """What reads statements off a text; only writing needs it, and its table takes 30 ms."""
        from memcli.acquire.rules import RuleExtractor

        return RuleExtractor()

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
        )


def _only(found: list[Record], part: str, noun: str, listing: str) -> Record:
    if not found:
        raise NotFound(f"There is no {noun} {part!r}.", f"{listing} shows them.")
    if len(found) > 1:
        ids = ", ".join(record.id for record in found)
        raise InvalidInput(f"{part!r} fits several: {ids}.", "Give more of the id.")
    return found[0]
