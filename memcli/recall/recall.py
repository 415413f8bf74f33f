"""Recall: a question in, ranked hits out, with whether they are enough to answer it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from memcli.recall import fuse
from memcli.recall.candidates import Candidate, collect, weigh
from memcli.recall.plan import Query, plan
from memcli.records import Hit, Memory, Origin, Turn

if TYPE_CHECKING:
    from memcli.engine.embed import Embedder
    from memcli.index.base import VectorIndex
    from memcli.store import Store

JUDGED = 3  # hits that the judgement "enough" looks at
ENOUGH_COVERED = 0.5  # of what the question's words tell
ENOUGH_ALIKE = 0.62  # cosine


@dataclass(frozen=True, slots=True)
class Recalled:
    """The hits, the best first; ``enough`` says whether they seem to support an answer.

    ``past`` says that the question was about what held before.
    """

    hits: tuple[Hit, ...]
    enough: bool
    past: bool = False


class Recall:
    """Searches one store. ``semantics`` gives embedder and index, loaded when first needed."""

    def __init__(
        self, store: Store, semantics: Callable[[], tuple[Embedder, VectorIndex] | None]
    ) -> None:
        self._store = store
        self._semantics = semantics

    def __call__(
        self, text: str, *, asked_at: datetime, limit: int, without: Collection[str] = ()
    ) -> Recalled:
        """Return at most ``limit`` hits for a question asked at a moment.

        ``without`` names turns that are known anyway; what was learnt from them may be a hit.
        """
        query = plan(text, asked_at)
        if not query.words or limit <= 0:
            return Recalled((), enough=False)
        words = weigh(self._store, query.words)
        semantics = self._semantics()
        vector = semantics[0].embed([query.text])[0] if semantics else None
        index = semantics[1] if semantics else None
        found = collect(self._store, index, query, words, vector, frozenset(without))
        scored = sorted(
            zip(found, fuse.parts(found, query), strict=True),
            key=lambda pair: (-sum(pair[1].values()), -pair[0].item),
        )
        parts = {candidate.item: part for candidate, part in scored}
        best = fuse.without_repeats(candidate for candidate, _ in scored)[:limit]
        return Recalled(
            tuple(self._hit(candidate, parts[candidate.item]) for candidate in best),
            enough=self._enough(query, words.weights, best),
            past=query.past,
        )

    def _enough(self, query: Query, weights: Mapping[str, float], best: list[Candidate]) -> bool:
        """Judge whether the best candidates speak of what was asked."""
        judged = [c for c in best if not fuse.only_asks(c.record)][:JUDGED]
        if not query.content and not query.predicates:
            return False
        if any(c.in_slot or c.cosine >= ENOUGH_ALIKE for c in judged):
            return True
        wanted = sum(weights.values())
        covered = self._store.texts.stem_sets([_searched_text(c.record) for c in judged])
        shares = [sum(weights[s] for s in weights.keys() & stems) for stems in covered]
        return bool(wanted) and max(shares, default=0.0) >= ENOUGH_COVERED * wanted

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


def _searched_text(record: Turn | Memory) -> str:
    name = record.speaker if isinstance(record, Turn) else record.title
    return f"{name} {record.text}"
