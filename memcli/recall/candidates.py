"""Collect what may answer a question: by words, by meaning, by relation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from memcli.records import USER, Memory, Turn

if TYPE_CHECKING:
    import numpy as np

    from memcli.index.base import VectorIndex
    from memcli.recall.plan import Query
    from memcli.store import Store

POOL = 64  # candidates from each side
# A word in more than this share of all items tells nothing apart and costs an OR its time.
COMMON_SHARE, COMMON_LEAST = 0.08, 50
SHORT = 300  # characters of a turn that is shown whole instead of what was learnt from it
FEWEST_WORDS = 2  # but so many of the rarest words are always looked for


@dataclass(frozen=True, slots=True)
class Words:
    """The words to look for, with how much each tells: ``weights`` is idf by stem."""

    searched: tuple[str, ...]
    weights: Mapping[str, float]


@dataclass(slots=True)
class Candidate:
    """A turn or a memory that may answer, and what speaks for it."""

    item: int
    record: Turn | Memory
    bm25: float = 0.0
    cosine: float = 0.0
    in_slot: bool = False
    learnt: list[Memory] = field(default_factory=list)  # from a turn

    def take(self, other: Candidate) -> None:
        """Take over what speaks for another candidate."""
        self.bm25 = max(self.bm25, other.bm25)
        self.cosine = max(self.cosine, other.cosine)
        self.in_slot |= other.in_slot


def weigh(store: Store, words: Sequence[str]) -> Words:
    """Weigh the words of a query by how rare they are, and leave out the common ones."""
    stems = store.texts.stems(words)
    total = store.texts.about()
    frequency = store.texts.document_frequencies([stem for stem in stems if stem])
    weights = {
        stem: math.log((total + 1) / (frequency.get(stem, 0) + 0.5)) for stem in stems if stem
    }
    known = [(w, s) for w, s in zip(words, stems, strict=True) if frequency.get(s)]
    known.sort(key=lambda pair: frequency[pair[1]])
    limit = max(COMMON_LEAST, COMMON_SHARE * total)
    searched = [w for i, (w, s) in enumerate(known) if i < FEWEST_WORDS or frequency[s] <= limit]
    return Words(tuple(searched), weights)


def collect(
    store: Store,
    index: VectorIndex | None,
    query: Query,
    words: Words,
    vector: np.ndarray | None,
    without: frozenset[str] = frozenset(),
) -> list[Candidate]:
    """Return the candidates of all kinds, each once, with their raw scores.

    ``vector`` is (d,) float32 of length 1. Every candidate gets its cosine, however it was found.
    """
    bm25 = dict(store.texts.search(words.searched, POOL))
    cosine: dict[int, float] = {}
    if index is not None and vector is not None:
        cosine = dict(index.search(vector, POOL))
    slots = {2 * n + 1 for p in query.predicates for n in store.memories.numbers_in_slot(USER, p)}
    items = sorted(bm25.keys() | cosine.keys() | slots)
    if index is not None and vector is not None:
        cosine |= index.similarities(vector, [item for item in items if item not in cosine])
    found = [
        Candidate(item, record, bm25.get(item, 0.0), cosine.get(item, 0.0), item in slots)
        for item, record in _records(store, items).items()
    ]
    return _fold(store, [c for c in found if c.record.id not in without], without)


def _records(store: Store, items: Sequence[int]) -> dict[int, Turn | Memory]:
    turns = store.sessions.turns_by_number([item // 2 for item in items if item % 2 == 0])
    memories = store.memories.by_number([item // 2 for item in items if item % 2])
    records: dict[int, Turn | Memory] = {2 * n: turn for n, turn in turns.items()}
    records.update({2 * n + 1: memory for n, memory in memories.items()})
    return records


def _fold(store: Store, candidates: list[Candidate], without: frozenset[str]) -> list[Candidate]:
    """Let a short turn stand for the memories learnt from it, which are parts of it.

    Not once one of them is superseded: then the others must be found without it.
    """
    by_turn = {c.record.id: c for c in candidates if isinstance(c.record, Turn)}
    parents = {
        c.record.turn_id for c in candidates if isinstance(c.record, Memory) and c.record.turn_id
    }
    missing = store.sessions.numbers(sorted(parents - by_turn.keys() - without))
    for number, turn in store.sessions.turns_by_number(missing).items():
        by_turn[turn.id] = Candidate(2 * number, turn)
    for memory in store.memories.of_turns(list(by_turn)):
        by_turn[memory.turn_id or ""].learnt.append(memory)
    whole = {id for id, turn in by_turn.items() if _is_whole(turn)}
    rest = []
    for candidate in candidates:
        record = candidate.record
        if isinstance(record, Memory) and record.turn_id in whole:
            by_turn[record.turn_id].take(candidate)
        elif isinstance(record, Memory):
            rest.append(candidate)
    found = {c.record.id for c in candidates}
    return rest + [turn for id, turn in by_turn.items() if id in found or id in whole]


def _is_whole(turn: Candidate) -> bool:
    current = all(memory.superseded_by is None for memory in turn.learnt)
    return bool(turn.learnt) and current and len(turn.record.text) <= SHORT
