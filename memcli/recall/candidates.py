"""Collect what may answer a question: by words, by meaning, by relation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from memcli.records import USER, Memory, Turn
from memcli.text import apart

if TYPE_CHECKING:
    import numpy as np

    from memcli.index.base import VectorIndex
    from memcli.recall.plan import Query
    from memcli.store import Store
    from memcli.store.sessions import Spoken

POOL = 32  # candidates from each side
WIDE_POOL, SMALL_STORE = 140, 5_000  # items: where searching costs little, more can be judged
BEST_SHARE = 0.7  # of them from each side bring the turns beside them
LATER = 8  # times as many where those said after a moment are left out
REACH = 1  # turns on each side of a candidate that are looked at
# A word in more than this share of all items tells nothing apart and costs an OR its time.
COMMON_SHARE, COMMON_LEAST = 0.08, 50
SHORT = 300  # characters of a turn that is shown whole instead of what was learnt from it
FEWEST_WORDS = 2  # but so many of the rarest words are always looked for
MOST_RANKED = 1_000  # items that hold any of the words searched; ranking takes 2 µs each
TOGETHER = 3  # so many of the rarest words are looked for together where they hold more
MOST_PARTS = 96  # words, or pairs of letters of unspaced words


Record = TypeVar("Record", bound="Turn | Memory")


@dataclass(frozen=True, slots=True)
class Words:
    """The words to look for, with how much each tells: ``weights`` is idf by stem.

    ``together`` are the rarest, where ``searched`` had to leave some out because all are common.
    """

    searched: tuple[str, ...]
    weights: Mapping[str, float]
    together: tuple[str, ...] = ()


@dataclass(slots=True)
class Candidate:
    """A turn or a memory that may answer, and what speaks for it."""

    item: int
    record: Turn | Memory
    cosine: float = 0.0
    in_slot: bool = False
    learnt: list[Memory] = field(default_factory=list)  # from a turn

    def take(self, other: Candidate) -> None:
        """Take over what speaks for another candidate."""
        self.cosine = max(self.cosine, other.cosine)
        self.in_slot |= other.in_slot


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates of a query, with the turns around them by row number, and their cosines."""

    candidates: list[Candidate]
    around: Mapping[int, Spoken] = field(default_factory=dict)
    cosines: Mapping[int, float] = field(default_factory=dict)


def weigh(store: Store, words: Sequence[str]) -> Words:
    """Weigh the words of a query by how rare they are, and leave out the common ones."""
    words = list(dict.fromkeys(part for word in words for part in apart(word)))[:MOST_PARTS]
    stems = store.texts.stems(words)
    total = store.texts.about()
    frequency = store.texts.document_frequencies([stem for stem in stems if stem])
    weights = {stem: _idf(frequency.get(stem, 0), total) for stem in stems if stem}
    known = [(w, s) for w, s in zip(words, stems, strict=True) if frequency.get(s)]
    known.sort(key=lambda pair: frequency[pair[1]])
    limit = max(COMMON_LEAST, COMMON_SHARE * total)
    rare = [pair for i, pair in enumerate(known) if i < FEWEST_WORDS or frequency[pair[1]] <= limit]
    ranked = itertools.accumulate(frequency[stem] for _, stem in rare)
    searched = tuple(w for (w, _), r in zip(rare, ranked, strict=True) if r <= MOST_RANKED)
    together = tuple(w for w, _ in known[:TOGETHER]) if len(searched) < len(rare) else ()
    return Words(searched, weights, together)


def _idf(frequency: int, total: int) -> float:
    return math.log(1 + max(total - frequency + 0.5, 0) / (frequency + 0.5))


def collect(
    store: Store,
    index: VectorIndex | None,
    query: Query,
    words: Words,
    vector: np.ndarray | None,
    without: frozenset[str] = frozenset(),
    as_of: datetime | None = None,
    also: frozenset[int] = frozenset(),
) -> Pool:
    """Return the candidates of all kinds, each once, with their raw scores.

    ``vector`` is (d,) float32 of length 1. Every candidate gets its cosine, however it was found.
    The turns beside the best ones are candidates too: the answer often stands beside the question.
    ``as_of`` leaves out what was said later, and takes memories as they stood then; ``also`` are
    items that are candidates anyway.
    """
    size = _pool_size(store, as_of)
    bm25 = dict(store.texts.search_together(words.together, size))
    bm25 |= store.texts.search(words.searched, size)
    cosine: dict[int, float] = {}
    if index is not None and vector is not None:
        cosine = dict(index.search(vector, size))
    slots = {2 * n + 1 for p in query.predicates for n in store.memories.numbers_in_slot(USER, p)}
    items = bm25.keys() | cosine.keys() | slots | also
    best = [item for found in (bm25, cosine) for item in list(found)[: int(BEST_SHARE * size)]]
    items |= {2 * n for n in store.sessions.beside([i // 2 for i in best if i % 2 == 0])}
    records = _records(store, sorted(items))
    around = store.sessions.around([item // 2 for item in items if item % 2 == 0], REACH)
    if index is not None and vector is not None:
        wanted = items | {2 * n for n in around}
        cosine |= index.similarities(vector, sorted(wanted - cosine.keys()))
    found = [
        Candidate(item, _stood(record, as_of), cosine.get(item, 0.0), item in slots)
        for item, record in records.items()
        if record.id not in without and (as_of is None or moment(record) <= as_of)
    ]
    cosines = {n: cosine.get(2 * n, 0.0) for n in around}
    return Pool(_fold(store, found, without, as_of), around, cosines)


def _pool_size(store: Store, as_of: datetime | None) -> int:
    size = WIDE_POOL if store.texts.about() <= SMALL_STORE else POOL
    return size if as_of is None else size * LATER


def _records(store: Store, items: Sequence[int]) -> dict[int, Turn | Memory]:
    turns = store.sessions.turns_by_number([item // 2 for item in items if item % 2 == 0])
    memories = store.memories.by_number([item // 2 for item in items if item % 2])
    records: dict[int, Turn | Memory] = {2 * n: turn for n, turn in turns.items()}
    records.update({2 * n + 1: memory for n, memory in memories.items()})
    return records


def moment(record: Turn | Memory) -> datetime:
    """Return when a turn was said, or what a memory says was recorded."""
    return record.time if isinstance(record, Turn) else record.recorded


def _stood(record: Record, as_of: datetime | None) -> Record:
    """Return a memory without the end that came to it after a moment; a turn as it is."""
    if not isinstance(record, Memory) or as_of is None:
        return record
    if record.valid_to is None or record.valid_to <= as_of:
        return record
    return replace(record, superseded_by=None, valid_to=None)


def _fold(
    store: Store,
    candidates: list[Candidate],
    without: frozenset[str],
    as_of: datetime | None,
) -> list[Candidate]:
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
        by_turn[memory.turn_id or ""].learnt.append(_stood(memory, as_of))
    whole = {id for id, turn in by_turn.items() if _is_whole(turn)}
    rest = []
    for candidate in candidates:
        record = candidate.record
        if isinstance(record, Memory) and record.muted:
            continue
        if isinstance(record, Memory) and record.turn_id in whole:
            by_turn[record.turn_id].take(candidate)
        elif isinstance(record, Memory):
            rest.append(candidate)
    found = {c.record.id for c in candidates}
    by_turn = {id: turn for id, turn in by_turn.items() if not any(m.muted for m in turn.learnt)}
    return rest + [turn for id, turn in by_turn.items() if id in found or id in whole]


def _is_whole(turn: Candidate) -> bool:
    current = all(memory.superseded_by is None for memory in turn.learnt)
    return bool(turn.learnt) and current and len(turn.record.text) <= SHORT
