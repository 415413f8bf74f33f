"""Tidy up what was said: turns become facts and summaries, summaries of one topic another summary.

Each step is a transaction of its own, and what a model has to say is asked for before it begins: an
interruption loses at most the step at work, and the next run goes on from there. Nothing is ever
deleted: what a summary replaces stays in history.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from memcli.acquire.summarize import Complete, summarize, summary
from memcli.records import Memory, Session, Turn
from memcli.text import words

if TYPE_CHECKING:
    from memcli.acquire.extract import Extraction, ModelExtractor
    from memcli.engine.embed import Embedder
    from memcli.store import Store

SESSION, TOPIC = "session", "topic"  # tags of the two sorts of summaries
LEAST_TURNS, LEAST_NEW = 12, 6  # of a session worth a summary, and since its last one
LEAST_SESSIONS = 3  # of a topic
SAME_TOPIC = 0.55  # cosine of a session's summary with the first one of the topic
NEARLY_SAME = 0.92  # cosine of memories that are shown together; the owner decides
COMPARED = 5_000  # of the newest memories
TITLE_WORDS = 3
READ_AT_ONCE = 64  # turns that a model reads before what it found is stored
READ_MARK = "read_by_model"  # the last turn that was

Writing = Callable[[str], AbstractContextManager[object]]
Keep = Callable[["Extraction"], "tuple[int, int]"]  # how many were kept, and how many to review


@dataclass(slots=True)
class Consolidated:
    """What was done. ``alike`` are groups of memories that say nearly the same, where asked for."""

    sessions: int = 0
    topics: int = 0
    learnt: int = 0
    to_review: int = 0
    unfinished: bool = False
    alike: list[list[Memory]] = field(default_factory=list)


class Consolidation:
    """One run over one store.

    ``embedder`` is loaded when there is something to summarise; ``writing`` makes what is written
    an action that gives it vectors. With a model, ``complete`` answers a prompt, ``extractor``
    finds memories, and ``keep`` stores those.
    """

    def __init__(
        self,
        store: Store,
        embedder: Callable[[], Embedder],
        writing: Writing,
        *,
        complete: Complete | None = None,
        extractor: ModelExtractor | None = None,
        keep: Keep | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._writing = writing
        self._complete = complete
        self._extractor = extractor
        self._keep = keep
        self._done = Consolidated()

    def run(self, *, seconds: float = float("inf")) -> Consolidated:
        """Do what is to be done, but begin nothing new after ``seconds``."""
        end = time.monotonic() + seconds
        for step in self._steps():
            if time.monotonic() > end:
                self._done.unfinished = True
                break
            step()
        return self._done

    def _steps(self) -> Iterator[Callable[[], None]]:
        while self._extractor and (turns := self._unread()):
            yield partial(self._read, turns)
        for session in self._store.sessions.to_summarise(LEAST_TURNS, LEAST_NEW):
            yield partial(self._summarise_session, session)
        topics = self._topics()
        for key, topic in topics.items():
            yield partial(self._summarise_topic, key, topic)
        yield partial(self._retire_topics, set(topics))

    def _unread(self) -> dict[int, Turn]:
        mark = int(self._store.meta(READ_MARK, "0"))
        return self._store.sessions.after(mark, READ_AT_ONCE)

    def _read(self, turns: dict[int, Turn]) -> None:
        """Let the model read turns, session by session, and keep what it finds and proves."""
        if self._extractor is None or self._keep is None:
            return
        by_session = sorted(turns.values(), key=lambda turn: (turn.session_id, turn.seq))
        found = [
            self._extractor.extract_turns(list(said))
            for _, said in itertools.groupby(by_session, key=lambda turn: turn.session_id)
        ]
        with self._writing("consolidate"):
            for extraction in found:
                learnt, to_review = self._keep(extraction)
                self._done.learnt += learnt
                self._done.to_review += to_review
            self._store.set_meta(READ_MARK, str(max(turns)))

    def _summarise_session(self, session: Session) -> None:
        turns = [t for t in self._store.sessions.turns(session.id) if not t.copied]
        text = summarize(turns, self._embedder(), self._complete)
        old = self._store.memories.summaries_of(session.id, SESSION)
        with self._writing("consolidate"):
            new = self._add(text, turns, session.title, SESSION)
            for memory, _ in old:
                self._store.memories.supersede(memory.id, new.id, new.recorded)
        self._done.sessions += 1

    def _topics(self) -> dict[str, list[Memory]]:
        """Return groups of sessions' summaries that are about the same, by a key of each group."""
        groups = alike(self._store, self._store.memories.tagged(SESSION), SAME_TOPIC)
        return {_key(group): group for group in groups if len(group) >= LEAST_SESSIONS}

    def _summarise_topic(self, key: str, topic: list[Memory]) -> None:
        if any(memory.key == key for memory in self._store.memories.tagged(TOPIC)):
            return
        told = [Turn(m.id, m.id, 0, "other", m.text, m.recorded, m.title) for m in topic]
        text = summarize(told, self._embedder(), self._complete)
        turns = [turn for memory in topic for turn in self._store.memories.covered(memory.id)]
        with self._writing("consolidate"):
            self._add(text, turns, _named(topic), TOPIC, key)
        self._done.topics += 1

    def _retire_topics(self, keys: set[str]) -> None:
        """Close the summaries of topics that have another summary now, or are none any more."""
        old = [m for m in self._store.memories.tagged(TOPIC) if m.key not in keys]
        if old:
            with self._writing("consolidate"):
                for memory in old:
                    self._store.memories.supersede(memory.id, None, self._store.clock())

    def _add(self, text: str, turns: Sequence[Turn], title: str, tag: str, key: str = "") -> Memory:
        new = summary(self._store.new_id(), text, turns, title=title, tags=(tag,), key=key)
        self._store.memories.add_summary(new, turns)
        return new


def nearly_same(store: Store) -> list[list[Memory]]:
    """Return groups of current memories that say nearly the same, for the owner to merge."""
    newest = store.memories.newest(current=True, limit=COMPARED)
    groups = alike(store, [m for m in newest if m.kind != "summary"], NEARLY_SAME)
    return [group for group in groups if len(group) > 1]


def alike(store: Store, memories: list[Memory], least: float) -> list[list[Memory]]:
    """Put each memory that has a vector to the first group whose first one is like it.

    Two are alike from a cosine of ``least`` on.
    """
    from memcli.index.base import decode

    numbers = store.memories.numbers([memory.id for memory in memories])
    vectors = dict(store.vectors.get([2 * n + 1 for n in numbers.values()]))
    left = [m for m in memories if 2 * numbers[m.id] + 1 in vectors]
    if not left:
        return []
    matrix = decode([vectors[2 * numbers[memory.id] + 1] for memory in left])
    groups = []
    while left:
        near = matrix @ matrix[0] >= least
        near[0] = True
        groups.append([memory for memory, one in zip(left, near, strict=True) if one])
        left = [memory for memory, one in zip(left, near, strict=True) if not one]
        matrix = matrix[~near]
    return groups


def _key(topic: list[Memory]) -> str:
    return hashlib.sha256("".join(memory.id for memory in topic).encode()).hexdigest()[:24]


def _named(topic: list[Memory]) -> str:
    """Name a topic by the words that most of its summaries share."""
    counts = Counter(
        w for m in topic for w in dict.fromkeys(words(m.text)) if len(w) > 3 and w.isalpha()
    )
    shared = [word for word, count in counts.most_common() if count > len(topic) / 2]
    return ", ".join(sorted(shared[: 4 * TITLE_WORDS], key=len, reverse=True)[:TITLE_WORDS])
