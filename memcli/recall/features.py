"""What speaks for each candidate: raw figures, mostly between 0 and 1, for ``fuse`` to weigh.

A turn is judged with the turns around it, but only as far as they are short: a long turn is its own
context. That is how one formula serves chats of one-liners and chats of long answers.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from memcli.recall.candidates import REACH, Candidate, Pool
from memcli.recall.newer import newer_first
from memcli.recall.plan import STOP, Query
from memcli.records import Memory, Turn
from memcli.store.sessions import Spoken
from memcli.text import words

if TYPE_CHECKING:
    from memcli.engine.embed import WordVectors
    from memcli.store.texts import Texts

WINDOW = 60  # stems: a turn's window takes in its neighbours up to this
SHORT = 60  # stems: only so short a neighbour lends its meaning
# What a question calls its kind: "Dentist, 14:00" is somebody's dentist appointment.
CALLED = {"event": ("appointment", "event", "meeting"), "task": ("task",)}
LONGEST = 6_000  # characters of a text that are looked at
SHORT_QUESTION = 25  # words
K1, B = 1.2, 0.75  # BM25's usual constants
AVERAGE = 60.0  # stems in a window
ALIKE_FROM = 0.35  # cosine of two words below which they have nothing to do with each other

TIME_WORDS = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|last|next|ago|weeks?|weekend|months?|years?|since|recently"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|\d{4}|summer|winter|spring|autumn|fall)\b",
    re.IGNORECASE,
)
# How the owner wishes to be served: "Always show version numbers when I ask about libraries."
STANDING = re.compile(
    r"\b(?:always|never|from now on|whenever|every time|remember to)\b[^.?!\n]*\b(?:when|if|"
    r"whenever|include|use|format|provide|maintain|keep|avoid|give|show|write|mention|answer|reply|call)\b",
    re.IGNORECASE,
)
PREFERS = re.compile(r"\b(?:prefer(?:red|s|ence)?|rather than|favou?rite)\b", re.IGNORECASE)
# What a question asks for, and what its answer then holds: a number, a place, a person.
KINDS = [
    (
        re.compile(r"\bhow (?:many|much|long|often|old|far|big|tall)\b", re.IGNORECASE),
        re.compile(
            r"\b(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|"
            r"twice|couple|several|both|first|second|third)\b",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(
            r"\bwhere\b|\b(?:what|which) (?:city|country|place|state|town)\b", re.IGNORECASE
        ),
        re.compile(r"\b(?:in|at|to|from|near) (?:the )?[A-Z]\w+"),
    ),
    (
        re.compile(r"\bwho(?:se|m)?\b", re.IGNORECASE),
        re.compile(
            r"(?<=[a-z,;] )[A-Z][a-z]+|\b(?:mom|mother|dad|father|sister|brother|friends?|wife|"
            r"husband|partner|son|daughter|kids|children|family|cousin|aunt|uncle|grand\w+|team|"
            r"colleagues?|boss)\b"
        ),
    ),
]
FIRST_PERSON = re.compile(r"\b(?:i|i['’](?:m|ve|d|ll)|my|me|mine|we|our)\b", re.IGNORECASE)
Record = Turn | Memory | Spoken


@dataclass(slots=True)
class _Seen:
    """A text as BM25 sees it: how often each stem of the query occurs, and its length."""

    counts: Counter[str]
    length: int
    stems: tuple[str, ...] = ()


class Features:
    """Computes the figures of one pool for one query."""

    def __init__(
        self,
        pool: Pool,
        query: Query,
        weights: Mapping[str, float],
        texts: Texts,
        word_vectors: WordVectors | None,
    ) -> None:
        self._pool = pool
        self._query = query
        self._weights = weights  # stem of the query -> idf
        self._texts = texts
        self._word_vectors = word_vectors
        self._records: dict[str, Record] = {turn.id: turn for turn in pool.around.values()}
        self._records |= {c.record.id: c.record for c in pool.candidates}
        self._words = {id: words(_titled(record)) for id, record in self._records.items()}
        asked = words(query.text)
        self._stem_of = texts.table(set(asked).union(*self._words.values()))
        self._asked = [self._stem_of[word] for word in asked]
        self._seen: dict[str, _Seen] = {}
        self._places = {(t.session_id, t.seq): t for t in pool.around.values()}
        self._cosines = {pool.around[n].id: c for n, c in pool.cosines.items()}

    def all(self) -> list[dict[str, float]]:
        """Return the figures of each candidate, in the order of the pool."""
        found = self._pool.candidates
        windows = [self._window(candidate) for candidate in found]
        columns = {
            "words": _share([self._bm25(window) for window in windows]),
            "phrases": _share([self._phrases(c.record) for c in found]),
            "session": _share(self._sessions()),
            "meaning": [max(c.cosine, 0.0) for c in found],
            "nearest": _share([max(c.cosine, 0.0) for c in found]),
            "meaning nearby": [self._nearby(c.record, self._cosines) for c in found],
            "likeness": [self._likeness.get(c.record.id, 0.0) for c in found],
            "likeness nearby": [self._nearby(c.record, self._likeness) for c in found],
            "speaker": [float(self.named(c.record)) for c in found],
            "of themselves": [float(self._of_themselves(c.record)) for c in found],
            "time words": [float(self._tells_time(c.record)) for c in found],
            "said by you": [float(self._speaks_of_it(c.record)) for c in found],
            "standing wish": [float(self._wishes(c.record, STANDING)) for c in found],
            "preference": [float(self._wishes(c.record, PREFERS)) for c in found],
            "answer's kind": [float(self._answers_in_kind(c.record)) for c in found],
            "ends asking": [float(self._ends_asking(c.record)) for c in found],
            "length": [self._beyond_a_window(c.record) for c in found],
        }
        names = list(columns)
        return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def covered(self, candidate: Candidate) -> float:
        """Return the share of what the query's words tell that a candidate's window holds."""
        total = sum(self._weights.values())
        called = CALLED.get(getattr(candidate.record, "kind", ""), ())
        seen = {*self._window(candidate).counts, *map(self._stem_of.get, called)}
        return sum(w for s, w in self._weights.items() if s in seen) / total if total else 0.0

    def newer_first(self, best: Sequence[Candidate]) -> list[Candidate]:
        """Return hits with newer figures before the older ones that they change."""
        turns = {
            memory.id: candidate.record
            for candidate in self._pool.candidates
            if isinstance(candidate.record, Turn)
            for memory in candidate.learnt
        }
        return newer_first(self._query, best, turns, self._weights, self._stem_of)

    def likeness(self, candidate: Candidate) -> float:
        """Return how well a candidate's words match the query's, by meaning and idf."""
        return self._likeness.get(candidate.record.id, 0.0)

    def _look(self, record: Record) -> _Seen:
        if record.id not in self._seen:
            stems = tuple(map(self._stem_of.__getitem__, self._words[record.id]))
            found = [stem for stem in stems if stem in self._weights]
            self._seen[record.id] = _Seen(Counter(found), len(stems), stems)
        return self._seen[record.id]

    def _neighbour(self, turn: Turn, offset: int) -> Spoken | None:
        return self._places.get((turn.session_id, turn.seq + offset))

    def _window(self, candidate: Candidate) -> _Seen:
        """Add the neighbours to a turn, the nearest first, while all are short together."""
        record = candidate.record
        own = self._look(record)
        if isinstance(record, Memory) or own.length >= WINDOW:
            return own
        counts, length = Counter(own.counts), own.length
        for side in (-1, 1):
            for distance in range(1, REACH + 1):
                turn = self._neighbour(record, side * distance)
                seen = self._look(turn) if turn else None
                if seen is None or length + seen.length > WINDOW:
                    break
                counts.update(seen.counts)
                length += seen.length
        return _Seen(counts, length)

    def _bm25(self, seen: _Seen) -> float:
        norm = K1 * (1 - B + B * seen.length / AVERAGE)
        return sum(
            self._weights[stem] * count * (K1 + 1) / (count + norm)
            for stem, count in seen.counts.items()
        )

    def _phrases(self, record: Turn | Memory) -> float:
        """Add up the idf of the query's pairs of words that stand together in a text."""
        seen = self._look(record)
        if not seen.counts:
            return 0.0
        pairs = self._pairs.intersection(itertools.pairwise(seen.stems))
        return sum(self._weights.get(a, 0.0) + self._weights.get(b, 0.0) for a, b in pairs)

    @cached_property
    def _pairs(self) -> set[tuple[str, str]]:
        pairs = itertools.pairwise(self._asked)
        return {(a, b) for a, b in pairs if a in self._weights or b in self._weights}

    def _sessions(self) -> list[float]:
        """Return, for each candidate, how much of the query its whole session speaks of."""
        found: dict[str, set[str]] = defaultdict(set)
        for turn in self._pool.around.values():
            found[turn.session_id] |= self._look(turn).counts.keys()
        told = {s: sum(self._weights[stem] for stem in stems) for s, stems in found.items()}
        records = [candidate.record for candidate in self._pool.candidates]
        return [told.get(r.session_id, 0.0) if isinstance(r, Turn) else 0.0 for r in records]

    def _nearby(self, record: Turn | Memory, figures: Mapping[str, float]) -> float:
        """Return the sum of a figure over a turn's two neighbours, the one before counting more."""
        if isinstance(record, Memory):
            return 0.0
        total = 0.0
        for offset, weight in ((-1, 1.0), (1, 0.6)):
            turn = self._neighbour(record, offset)
            if turn and self._look(turn).length < SHORT:
                total += weight * max(figures.get(turn.id, 0.0), 0.0)
        return total

    @cached_property
    def _likeness(self) -> dict[str, float]:
        """Match each word of the query with the likest word of each text, weighted by idf.

        The late interaction of ColBERT (Khattab and Zaharia 2020), with static word vectors.
        """
        import numpy as np

        asked = [w.lower() for w in self._query.words if w.lower() not in self._query.speakers]
        if self._word_vectors is None or not asked:
            return {}
        of_each = {id: set(found).difference(STOP) for id, found in self._words.items()}
        vocabulary = {word for found in of_each.values() for word in found if word.isalpha()}
        places = {word: i for i, word in enumerate(vocabulary)}
        if not places:
            return {}
        wanted = self._word_vectors(asked)  # (words of the query, d)
        alike = self._word_vectors(list(places)) @ wanted.T  # (pool, query)
        alike = np.clip((alike - ALIKE_FROM) / (1 - ALIKE_FROM), 0, 1)
        idf = np.array([self._weights.get(s, 0.0) for s in self._texts.stems(asked)], np.float32)
        total = float(idf.sum()) or 1.0
        rows = {id: [places[w] for w in found if w in places] for id, found in of_each.items()}
        rows = {id: found for id, found in rows.items() if found}
        ends = list(itertools.accumulate(map(len, rows.values()), initial=0))
        of_all = alike[list(itertools.chain.from_iterable(rows.values()))]
        likest = (np.maximum.reduceat(of_all, ends[:-1]) * idf).sum(axis=1)  # (texts,)
        return dict(zip(rows, (likest / total).tolist(), strict=True))

    def named(self, record: Turn | Memory) -> bool:
        """Say whether the question names who said this."""
        return bool(record.speaker) and record.speaker.lower() in self._query.speakers

    def _of_themselves(self, record: Turn | Memory) -> bool:
        return self.named(record) and bool(FIRST_PERSON.search(record.text))

    def _speaks_of_it(self, record: Turn | Memory) -> bool:
        """Say whether the owner's own words speak of what is asked, not just those around them."""
        return is_own(record) and bool(self._look(record).counts)

    def _tells_time(self, record: Turn | Memory) -> bool:
        return self._query.asks_when and bool(TIME_WORDS.search(record.text[:LONGEST]))

    def _answers_in_kind(self, record: Turn | Memory) -> bool:
        text = record.text[:LONGEST]
        return any(told.search(text) for told in self._kinds)

    @cached_property
    def _kinds(self) -> list[re.Pattern[str]]:
        return [told for asked, told in KINDS if asked.search(self._query.text)]

    def _ends_asking(self, record: Turn | Memory) -> bool:
        return self._look(record).length < SHORT_QUESTION and record.text.rstrip().endswith("?")

    def _beyond_a_window(self, record: Turn | Memory) -> float:
        """Return the logarithm of a turn's words beyond a window; notes are cut to size already."""
        if isinstance(record, Memory):
            return 0.0
        return math.log1p(max(self._look(record).length - WINDOW, 0))

    def _wishes(self, record: Turn | Memory, wish: re.Pattern[str]) -> bool:
        asked = self._query.intent == "preference" and is_own(record)
        return asked and bool(wish.search(record.text[:LONGEST]))


def is_own(record: Turn | Memory) -> bool:
    """Say whether these are the owner's own words."""
    return record.kind != "summary" if isinstance(record, Memory) else record.role == "user"


def _titled(record: Record) -> str:
    title = f"{record.title} " if isinstance(record, Memory) and record.title else ""
    return title + record.text[:LONGEST]


def _share(values: list[float]) -> list[float]:
    """Return values as shares of the largest one."""
    most = max(values, default=0.0)
    return [value / most for value in values] if most > 0 else values
