"""Long-term memory: the facade that every command, the chat and the Python API use."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from memcli.acquire.summarize import Complete, summarize, summary
from memcli.config import MemoryConfig
from memcli.errors import InvalidInput, NotFound, StoreError
from memcli.recall.strength import strengths
from memcli.records import FORGOTTEN, USER, Hit, Kind, Memory, Review, Session, Turn
from memcli.text import clean, one_line
from memcli.tiers.learning import Learning, Learnt
from memcli.tiers.meaning import Meaning

if TYPE_CHECKING:  # and loaded where it is used: lists and the like need none of it
    from memcli.acquire.extract import ModelExtractor
    from memcli.acquire.redact import Masked
    from memcli.engine.embed import Embedder
    from memcli.index.base import VectorIndex
    from memcli.manage.consolidate import Consolidated
    from memcli.manage.forget import Forgotten
    from memcli.recall.recall import Recall, Recalled
    from memcli.recall.rerank import Rerank
    from memcli.store import Store
    from memcli.store.store import Entry

SPARE_SECONDS = 1.0  # that an action may spend on texts without a vector besides its own

Record = TypeVar("Record", "Memory | Turn", Session, Review)


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
        self.learning = Learning(store, self.settings)
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
        # Nobody waits to read: where nothing can be written now, words are found.
        with contextlib.suppress(StoreError), self.store.patience(0):
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
        tags = [self.mask(tag).text for tag in tags]
        if not text:
            raise InvalidInput(
                "There is nothing to remember: the text is empty.", 'memcli remember "…"'
            )
        now, tags = self.store.clock(), tuple(map(clean, tags))
        candidates = self.learning.candidates(text, now, kind)  # no one need wait for the reading
        with self.writing("remember") as entry:
            learnt = [
                self.learning.keep(
                    replace(
                        self.learning.memory_of(found, now),
                        pinned=pin,
                        tags=tags,
                    ),
                    denies=found.denies,
                )
                for found in candidates
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
        if turns[0].copied:  # in a fork: nobody said them there
            with self.store.action("take back", action_id=turns[0].id) as entry:
                self.store.sessions.delete_turns([turn.id for turn in turns])
                entry.summary = f"took {len(turns)} turns out of a fork"
        else:
            self.store.undo(turns[0].id)
        if told:
            with self.store.action("undo") as entry:
                self.store.memories.delete(list(told))
                entry.summary = f"removed {len(told)} summaries of undone turns"
        self.meaning.embed_missing(seconds=SPARE_SECONDS)

    def redo_turns(self, id: str) -> None:
        """Bring back the exchange that began with a turn, after ``undo_turns``."""
        try:
            self.store.redo(id)
        except NotFound:  # copies: to take them back was an action of its own
            self.store.undo(id)

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
            keep=self.learning.keep_found,
        ).run(seconds=seconds)

    def rename_session(self, id: str, title: str) -> None:
        """Give a session another name."""
        title = self.mask(title).text
        with self.store.action("rename") as entry:
            self.store.sessions.rename(id, clean(title))
            entry.summary = f"named a session “{clean(title)}”"

    def fork_session(self, session: Session, *, at: Turn | None = None, title: str = "") -> Session:
        """Begin a new session with copies of another one's turns, up to and with ``at``.

        Copies are never recalled, nor learnt from; what is forgotten goes from them as well.

        Raises:
            InvalidInput: the turn is of another session.
            NotFound: the session holds no turns.
        """
        turns = self.store.sessions.turns(session.id)
        if at and at not in turns:
            raise InvalidInput("This turn is of another session.", "memcli session show ID")
        if not turns:
            raise NotFound("There is nothing to fork in this session yet.", "Say something first.")
        now, kept = self.store.clock(), turns[: turns.index(at) + 1 if at else None]
        title = clean(self.mask(title).text) or f"{session.title} (fork)".strip()
        fork = Session(self.store.new_id(), title, now, now)
        blank = partial(replace, session_id=fork.id, external_id="", derived=True)
        copies = {t.id: blank(t, id=self.store.new_id(), key=t.original) for t in kept}
        with self.store.action("fork") as entry:
            self.store.sessions.add(fork)
            self.store.sessions.add_copies(copies)
            entry.summary = f"forked {len(copies)} turns"
        return replace(fork, turns=len(copies))

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

    def hit(self, record: Turn | Memory) -> Hit:
        """Return a record as the hit that it would be by itself."""
        return self._recall.hit(record)

    @cached_property
    def _recall(self) -> Recall:
        from memcli.recall.recall import Recall  # 150 ms

        return Recall(self.store, self.meaning.semantics)

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

    def _summarize_again(self, old: Memory, covered: Sequence[str]) -> None:
        """Make the summary of a session anew; consolidation does it for those of several."""
        turns = [turn for id in covered if (turn := self.store.sessions.turn(id))]
        left = [turn for turn in turns if turn.text.replace(FORGOTTEN, "").strip()]
        if left and len({turn.session_id for turn in left}) == 1 and not old.superseded_by:
            with self.writing("forget"):
                self.summarize(left, None, tags=old.tags)


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
