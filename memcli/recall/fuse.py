"""One score out of several: a weighted sum whose parts are kept, so that it can be explained."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from memcli.recall.candidates import Candidate
from memcli.recall.plan import Query
from memcli.records import Memory, Turn
from memcli.sentences import split_sentences
from memcli.text import one_line

LONGEST_QUESTION = 300  # characters

# Each part lies between 0 and its weight (to be fitted: docs/lab.md).
WEIGHTS = {
    "words": 1.0,  # BM25, as a share of the best candidate's
    "meaning": 0.6,  # cosine
    "relation": 0.8,  # states just the relation that was asked for
    "speaker": 0.15,  # said by somebody the question names
    "time": 0.25,  # lies in a stretch of time the question names
    "said by you": 0.1,  # the owner's own words, not an answer's
    "only asks": -0.6,  # an earlier question of the owner's answers none
    "recent": 0.05,  # newer than the other candidates
    "outdated": -3.0,  # superseded: behind all that still holds, unless the past is asked for
}


def parts(candidates: list[Candidate], query: Query) -> list[dict[str, float]]:
    """Return the weighted parts of each candidate's score; parts of 0 are left out."""
    best = max((c.bm25 for c in candidates), default=0.0) or 1.0
    oldest, newest = _range(moment(c.record).timestamp() for c in candidates)
    scores = []
    for candidate in candidates:
        record = candidate.record
        raw = {
            "words": candidate.bm25 / best,
            "meaning": max(candidate.cosine, 0.0),
            "relation": float(candidate.in_slot),
            "speaker": float(bool(record.speaker) and record.speaker.lower() in query.names),
            "time": float(any(w.start <= moment(record) < w.end for w in query.dates)),
            "said by you": float(isinstance(record, Memory) or record.role == "user"),
            "only asks": float(only_asks(record)),
            "recent": (moment(record).timestamp() - oldest) / (newest - oldest)
            if newest > oldest
            else 0.0,
            "outdated": float(is_outdated(candidate) and not query.past),
        }
        scores.append({name: WEIGHTS[name] * value for name, value in raw.items() if value})
    return scores


def moment(record: Turn | Memory) -> datetime:
    """Return when a turn was said, or what a memory says was recorded."""
    return record.time if isinstance(record, Turn) else record.recorded


def is_outdated(candidate: Candidate) -> bool:
    """Say whether a memory was superseded, or something that was learnt from a turn."""
    if isinstance(candidate.record, Memory):
        return candidate.record.superseded_by is not None
    return any(memory.superseded_by is not None for memory in candidate.learnt)


def without_repeats(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Keep only the first of candidates that say the same."""
    kept: dict[str, Candidate] = {}
    for candidate in candidates:
        kept.setdefault(one_line(candidate.record.text.casefold()), candidate)
    return list(kept.values())


def only_asks(record: Turn | Memory) -> bool:
    """Say whether a turn of the owner's is nothing but questions."""
    if isinstance(record, Memory) or record.role != "user" or len(record.text) > LONGEST_QUESTION:
        return False
    return all(sentence.asks for sentence in split_sentences(record.text))


def _range(values: Iterable[float]) -> tuple[float, float]:
    listed = list(values)
    return (min(listed), max(listed)) if listed else (0.0, 0.0)
