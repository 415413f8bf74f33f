"""Recall: a question in, ranked hits out, with whether they are enough to answer it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from memcli.recall import fuse
from memcli.recall.candidates import Candidate, collect, weigh
from memcli.recall.features import Features
from memcli.recall.plan import Query, plan, with_speakers
from memcli.records import Hit, Memory, Origin, Turn

if TYPE_CHECKING:
    from memcli.engine.embed import Embedder, WordVectors
    from memcli.index.base import VectorIndex
    from memcli.store import Store

ENOUGH = 0.5  # support from which an answer is given
JUDGED = 3  # hits that the judgement "enough" looks at
ENOUGH_COVERED = 0.5  # of what the question's words tell
ENOUGH_ALIKE = 0.7  # cosine
ENOUGH_LIKE = 0.75  # of the query's words find a like one


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
        """
        query = plan(text, asked_at)
        if not query.words or limit <= 0:
            return Recalled()
        query = with_speakers(query, self._store.sessions.speakers_among(query.names))
        words = weigh(self._store, query.words)
        embedder, index = self._semantics() or (None, None)
        vector = embedder.embed([" ".join(query.words)])[0] if embedder else None
        pool = collect(self._store, index, query, words, vector, frozenset(without))
        features = Features(pool, query, words.weights, self._store.texts, self._words_of(embedder))
        scored = sorted(
            zip(pool.candidates, fuse.parts(pool.candidates, features.all(), query), strict=True),
            key=lambda pair: (-sum(pair[1].values()), -pair[0].item),
        )
        parts = {candidate.item: part for candidate, part in scored}
        relevant = (candidate for candidate, part in scored if fuse.speaks(part))
        best = fuse.without_repeats(relevant)[:limit]
        return Recalled(
            (self._hit(candidate, parts[candidate.item]) for candidate in best),
            support=float(self._enough(query, features, best)),
            past=query.past,
        )

    def _words_of(self, embedder: Embedder | None) -> WordVectors | None:
        """Return the word vectors of an embedder that has any."""
        if embedder is None or not embedder.embeds_words:
            return None
        if self._word_vectors is None:
            from memcli.engine.embed import WordVectors

            self._word_vectors = WordVectors(embedder)
        return self._word_vectors

    def _enough(self, query: Query, features: Features, best: list[Candidate]) -> bool:
        """Judge whether the best candidates speak of what was asked."""
        judged = [c for c in best if not fuse.only_asks(c.record)][:JUDGED]
        if not query.content and not query.predicates:
            return False
        return any(
            c.in_slot
            or c.cosine >= ENOUGH_ALIKE
            or features.covered(c) >= ENOUGH_COVERED
            or features.likeness(c) >= ENOUGH_LIKE
            for c in judged
        )

    def _hit(self, candidate: Candidate, parts: dict[str, float]) -> Hit:
        record = candidate.record
        outdated = [m.valid_to for m in candidate.learnt if m.superseded_by is not None]
        return Hit(
            id=record.id,
            kind="turn" if isinstance(record, Turn) else record.kind,
            text=record.text,
            when=fuse.moment(record),
            score=sum(parts.values()),
            parts=parts,
            source=self._origin(record),
            external_ids=self._external_ids(record),
            valid_to=_held_until(record) or next(iter(outdated), None),
        )

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


def _held_until(record: Turn | Memory) -> datetime | None:
    superseded = isinstance(record, Memory) and record.superseded_by is not None
    return record.valid_to if superseded and isinstance(record, Memory) else None
