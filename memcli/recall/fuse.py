"""One score out of several: a weighted sum whose parts are kept, so that it can be explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from memcli.recall.candidates import Candidate
from memcli.recall.plan import Query
from memcli.records import Memory, Turn
from memcli.sentences import split_sentences
from memcli.text import one_line

LONGEST_QUESTION = 120  # characters; a longer one tells something as well
LEAST_MEANING = 0.25  # weighted cosine that counts without any word

# From benchmarks/fit_recall.py, rounded; those from "relation" on are rules and not fitted.
WEIGHTS = {
    "words": 0.9,  # BM25 over the turn and its short neighbours, as a share of the best
    "phrases": 0.6,  # pairs of the question's words that stand together, likewise
    "session": 0.35,  # what the whole session tells of the question's words, likewise
    "meaning": 1.2,  # cosine
    "meaning nearby": 0.9,  # cosines of the turns before and after
    "likeness": 1.0,  # the likest word for each of the question's, by idf
    "likeness nearby": 0.5,
    "speaker": 0.8,  # said by somebody the question names
    "of themselves": 0.4,  # and that in the first person
    "time words": 0.8,  # tells a time, where the question asks when
    "said by you": 1.0,  # the owner's own words, not an answer's
    "relation": 1.5,  # states just the relation that was asked for
    "time": 0.6,  # lies in a stretch of time the question names
    "only asks": -3.0,  # an earlier question of the owner's answers none
    "recent": 0.02,  # newer than the other candidates
    "outdated": -5.0,  # superseded: behind all that still holds, unless the past is asked for
}


def parts(
    candidates: list[Candidate], features: list[dict[str, float]], query: Query
) -> list[dict[str, float]]:
    """Return the weighted parts of each candidate's score; parts of 0 are left out."""
    oldest, newest = _range(moment(c.record).timestamp() for c in candidates)
    span = (newest - oldest) or 1.0
    scores = []
    for candidate, figures in zip(candidates, features, strict=True):
        record = candidate.record
        raw = {
            **figures,
            "said by you": float(is_own(record)),
            "relation": float(candidate.in_slot),
            "time": float(any(w.start <= moment(record) < w.end for w in query.dates)),
            "only asks": float(only_asks(record)),
            "recent": (moment(record).timestamp() - oldest) / span,
            "outdated": float(is_outdated(candidate) and not query.past),
        }
        scores.append({name: WEIGHTS[name] * value for name, value in raw.items() if value})
    return scores


def speaks(parts: Mapping[str, float]) -> bool:
    """Say whether anything ties a candidate to the question, besides what ties every one."""
    tied = ("words", "relation", "likeness", "likeness nearby", "time")
    return any(name in parts for name in tied) or parts.get("meaning", 0.0) >= LEAST_MEANING


def moment(record: Turn | Memory) -> datetime:
    """Return when a turn was said, or what a memory says was recorded."""
    return record.time if isinstance(record, Turn) else record.recorded


def is_own(record: Turn | Memory) -> bool:
    """Say whether these are the owner's own words."""
    return record.kind != "summary" if isinstance(record, Memory) else record.role == "user"


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
    return all(s.asks and s.begins_as_question for s in split_sentences(record.text))


def _range(values: Iterable[float]) -> tuple[float, float]:
    listed = list(values)
    return (min(listed), max(listed)) if listed else (0.0, 0.0)
