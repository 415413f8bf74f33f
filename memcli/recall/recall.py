"""Recall: a question in, ranked hits out, with whether they are enough to answer it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from memcli.recall import fuse
from memcli.recall.candidates import Candidate, Pool, collect, moment, weigh
from memcli.recall.features import Features
from memcli.recall.judge import support
from memcli.recall.newer import DEPTH
from memcli.recall.plan import Query, plan, with_speakers
from memcli.recall.strength import strengths
from memcli.records import FORGOTTEN, Hit, Memory, Origin, Turn

if TYPE_CHECKING:
    from memcli.engine.embed import Embedder, WordVectors
    from memcli.index.base import VectorIndex
    from memcli.store import Store

EVENTS = ("event", "task")  # what happens at a time, rather than holds from then on
ENOUGH = 0.5  # support from which an answer is given


# A question that goes by way of somebody: "my sister", "Ana's boss", "the friend who …".
CHAIN = re.compile(
    r"(?:\b(?:my|his|her|our|their)|\w['’]s) (?:\w+ )?(?:mother|mom|father|dad|parents?|sister"
    r"|brother|son|daughter|wife|husband|partner|girlfriend|boyfriend|friend|cousin|aunt|uncle|grand\w+|boss"
    r"|manager|colleague|neighbou?r|doctor|dentist|teacher|landlord|company|employer|team|dog|cat)\b"
    r"|\bthe \w+ (?:who|that|where|which)\b",
    re.IGNORECASE,
)
NAME = re.compile(r"(?<=[\w,;:] )[A-Z]\w+")  # not at the start of a sentence
HOP_TEXT, HOPS, HOP_ITEMS = 600, 3, 12  # characters looked at, names, what speaks of them


@dataclass(frozen=True, slots=True)
class _Found:
    pool: Pool
    features: Features
    scored: list[tuple[Candidate, dict[str, float]]]  # the best first


Beside = dict[tuple[str, int], Turn]  # by session and place in it


class Recalled(list[Hit]):
    """The hits, the best first, and how much they support an answer: ``support`` from 0 to 1.

    ``past`` says that the question was about what held before.
    """

    def __init__(
        self, hits: Iterable[Hit] = (), *, support: float = 0.0, past: bool = False
    ) -> None:
        super().__init__(hits)
        self.support = support
        self.past = past

    @property
    def enough(self) -> bool:
        """Whether the hits seem to hold an answer."""
        return self.support >= ENOUGH

    def only(self, hits: Iterable[Hit]) -> Recalled:
        """Return some of the hits with the same judgement."""
        return Recalled(hits, support=self.support, past=self.past)


class Recall:
    """Searches one store. ``semantics`` gives embedder and index, loaded when first needed."""

    def __init__(
        self, store: Store, semantics: Callable[[], tuple[Embedder, VectorIndex] | None]
    ) -> None:
        self._store = store
        self._semantics = semantics
        self._word_vectors: WordVectors | None = None

    def __call__(
        self,
        text: str,
        *,
        asked_at: datetime,
        limit: int,
        without: Collection[str] = (),
        as_of: datetime | None = None,
    ) -> Recalled:
        """Return at most ``limit`` hits for a question asked at a moment.

        ``without`` names turns that are known anyway; what was learnt from them may be a hit.
        ``as_of`` asks what was known at a moment: memories superseded since still hold.
        """
        query = plan(text, asked_at)
        if not query.words or limit <= 0:
            return Recalled()
        if query.agenda and as_of is None and (agenda := self._agenda(query, limit)):
            return agenda
        query = with_speakers(query, self._store.sessions.speakers_among(query.names))
        search = partial(self._search, query, asked_at, frozenset(without), as_of)
        found = search()
        if found.scored and (hops := self._hops(query, found.scored[0][0])):
            found = search(hops)
        parts = {candidate.item: part for candidate, part in found.scored}
        relevant = (candidate for candidate, part in found.scored if fuse.speaks(part))
        best = fuse.diverse(relevant, max(limit, DEPTH))
        score = sum(parts[best[0].item].values()) if best else 0.0
        enough = support(query, found.features, best, found.pool.candidates, score)
        best = found.features.newer_first(best)[:limit]
        beside = self._beside(best, without)
        hits = (self._hit(c, parts[c.item], beside) for c in best)
        return Recalled(hits, support=enough, past=query.past)

    def hit(self, record: Turn | Memory) -> Hit:
        """Return a record as the hit that it would be by itself."""
        return self._hit(Candidate(0, record), {}, {})

    def _agenda(self, query: Query, limit: int) -> Recalled | None:
        """Return what is in a calendar for the days that are asked for, whatever it is."""
        found = {
            memory.id: memory
            for when in query.dates
            for memory in self._store.reports.agenda(when.start, when.end, limit)
        }
        hits = (self._hit(Candidate(0, m), {"in its time": 1.0}, {}) for m in found.values())
        return Recalled(islice(hits, limit), support=1.0) if found else None

    def _search(
        self,
        query: Query,
        asked_at: datetime,
        without: frozenset[str],
        as_of: datetime | None,
        hops: frozenset[int] = frozenset(),
    ) -> _Found:
        """Collect and score the candidates, with ``hops`` among them."""
        words = weigh(self._store, query.words)
        embedder, index = self._semantics() or (None, None)
        vector = embedder.embed([" ".join(query.words)])[0] if embedder else None
        pool = collect(self._store, index, query, words, vector, without, as_of, hops)
        features = Features(pool, query, words.weights, self._store.texts, self._words_of(embedder))
        uses = self._store.sessions.uses([c.record.id for c in pool.candidates])
        used = strengths(uses, asked_at)
        parts = fuse.parts(pool.candidates, features.all(), query, hops, used)
        scored = zip(pool.candidates, parts, strict=True)
        best_first = sorted(scored, key=lambda pair: (-sum(pair[1].values()), -pair[0].item))
        return _Found(pool, features, best_first)

    def _hops(self, query: Query, best: Candidate) -> frozenset[int]:
        """Return what speaks of those whom the best candidate names, if the question asks on.

        "Where does my sister live?" finds "My sister is Ana", and that leads to "Ana lives in …".
        """
        if not CHAIN.search(query.text):
            return frozenset()
        asked = {word.lower() for word in query.words} | query.speakers
        named = dict.fromkeys(NAME.findall(best.record.text[:HOP_TEXT]))
        names = [name for name in named if name.lower() not in asked]
        found = self._store.texts.search(names[:HOPS], HOP_ITEMS)
        return frozenset(item for item, _ in found) - {best.item}

    def _words_of(self, embedder: Embedder | None) -> WordVectors | None:
        """Return the word vectors of an embedder that has any."""
        if embedder is None or not embedder.embeds_words:
            return None
        if self._word_vectors is None:
            from memcli.engine.embed import WordVectors

            self._word_vectors = WordVectors(embedder)
        return self._word_vectors

    def _hit(self, candidate: Candidate, parts: dict[str, float], beside: Beside) -> Hit:
        record = candidate.record
        before, after = (_said_beside(record, beside, offset) for offset in (-1, 1))
        events = [m.valid_from for m in candidate.learnt if m.kind in EVENTS]
        outdated = [m.valid_to for m in candidate.learnt if m.superseded_by is not None]
        return Hit(
            id=record.id,
            kind="turn" if isinstance(record, Turn) else record.kind,
            text=record.text,
            when=moment(record),
            score=sum(parts.values()),
            parts=parts,
            source=self._origin(record),
            external_ids=self._external_ids(record),
            valid_from=_happens(record) or next(iter(events), None),
            valid_to=_held_until(record) or next(iter(outdated), None),
            before=self._answered(record) or before,
            after=after,
        )

    def _answered(self, record: Turn | Memory) -> str:
        """Return the turn that a turn says it answers, which need not be the one before it."""
        if isinstance(record, Memory) or not record.reply_to:
            return ""
        key = f"id:{record.reply_to}"
        found = self._store.sessions.by_key(record.session_id, [key]).get(key)
        return _spoken(found)

    def _beside(self, best: list[Candidate], without: Collection[str]) -> Beside:
        """Return the turns beside some, but none that is known anyway or tells what is outdated."""
        store = self._store
        numbers = store.sessions.beside([c.item // 2 for c in best if c.item % 2 == 0])
        turns = store.sessions.turns_by_number(numbers).values()
        learnt = store.memories.of_turns([turn.id for turn in turns])
        unfit = {memory.turn_id for memory in learnt if memory.superseded_by is not None}
        unfit |= set(without)
        return {
            (turn.session_id, turn.seq): turn
            for turn in turns
            if turn.id not in unfit and turn.text != FORGOTTEN
        }

    def _origin(self, record: Turn | Memory) -> Origin:
        if isinstance(record, Turn):
            return self._of_turn(record)
        turn = self._store.sessions.turn(record.turn_id) if record.turn_id else None
        if turn:
            return self._of_turn(turn)
        if record.kind == "summary":
            return Origin("session", title=record.title, speaker="summary")
        source = self._store.sources.get(record.source_id) if record.source_id else None
        if source is None:
            return Origin("command", title=record.title, speaker=record.speaker)
        return Origin(
            source.kind, title=record.title or source.title, uri=source.uri, speaker=record.speaker
        )

    def _of_turn(self, turn: Turn) -> Origin:
        session = self._store.sessions.get(turn.session_id)
        source = (
            self._store.sources.get(session.source_id) if session and session.source_id else None
        )
        speaker = turn.speaker or ("" if turn.role == "user" else turn.role)
        return Origin(
            "session",
            title=session.title if session else "",
            uri=source.uri if source else "",
            session_id=turn.session_id,
            speaker=speaker,
        )

    def _external_ids(self, record: Turn | Memory) -> tuple[str, ...]:
        if isinstance(record, Turn) or record.external_id:
            return (record.external_id,) if record.external_id else ()
        turn = self._store.sessions.turn(record.turn_id) if record.turn_id else None
        return (turn.external_id,) if turn and turn.external_id else ()


def _happens(record: Turn | Memory) -> datetime | None:
    event = isinstance(record, Memory) and record.kind in EVENTS
    return record.valid_from if event and isinstance(record, Memory) else None


def _held_until(record: Turn | Memory) -> datetime | None:
    superseded = isinstance(record, Memory) and record.superseded_by is not None
    return record.valid_to if superseded and isinstance(record, Memory) else None


def _said_beside(record: Turn | Memory, beside: Beside, offset: int) -> str:
    """Return the turn before (-1) or after (1) a turn with its speaker; empty for a memory."""
    place = ("", 0) if isinstance(record, Memory) else (record.session_id, record.seq + offset)
    return _spoken(beside.get(place))


def _spoken(turn: Turn | None) -> str:
    return f"{turn.speaker or turn.role}: {turn.text}" if turn else ""
