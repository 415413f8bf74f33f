"""One score out of several: a weighted sum whose parts are kept, so that it can be explained."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from memcli.recall.candidates import Candidate, moment
from memcli.recall.plan import Query
from memcli.recall.strength import importance
from memcli.recall.weights import WEIGHTS
from memcli.records import Memory, Turn
from memcli.sentences import split_sentences
from memcli.text import one_line

LONGEST_QUESTION = 120  # characters; a longer one tells something as well
NEARLY_SAME = 0.8  # of the words of two texts together, in both
LEAST_MEANING = 0.2  # cosine that counts without any word

MOSTLY = 0.4  # of a turn: one of which so much was superseded is outdated as a whole


def parts(
    candidates: list[Candidate],
    features: list[dict[str, float]],
    query: Query,
    hops: Collection[int] = (),
    strengths: Mapping[str, float] = MappingProxyType({}),
) -> list[dict[str, float]]:
    """Return the weighted parts of each candidate's score; parts of 0 are left out.

    ``hops`` are the items that speak of what the best hits of a first search name; ``strengths``
    are those of the records by id, 0 where there is none.
    """
    oldest, newest = _range(moment(c.record).timestamp() for c in candidates)
    span = (newest - oldest) or 1.0
    scores = []
    for candidate, figures in zip(candidates, features, strict=True):
        record = candidate.record
        raw = {
            **figures,
            "relation": float(candidate.in_slot),
            "time": float(any(w.start <= moment(record) < w.end for w in query.dates)),
            "only asks": float(only_asks(record)),
            "recent": (moment(record).timestamp() - oldest) / span,
            "quoted": _quoted(record, query.phrases),
            "pinned": float(isinstance(record, Memory) and record.pinned),
            "second hop": float(candidate.item in hops),
            "used": strengths.get(record.id, 0.0),
            "importance": importance(m.importance for m in _memories(candidate)),
            "summary": float(record.kind == "summary") if isinstance(record, Memory) else 0.0,
            "outdated": 0.0 if query.past else outdated(candidate),
        }
        if query.intent == "summary":
            raw["summary"] *= -1
        scores.append({name: WEIGHTS[name] * value for name, value in raw.items() if value})
    return scores


def _memories(candidate: Candidate) -> Sequence[Memory]:
    return [candidate.record] if isinstance(candidate.record, Memory) else candidate.learnt


def speaks(parts: Mapping[str, float]) -> bool:
    """Say whether anything ties a candidate to the question, besides what ties every one."""
    tied = ("words", "relation", "likeness", "likeness nearby", "time", "quoted", "second hop")
    return any(name in parts for name in tied) or (
        parts.get("meaning", 0.0) >= LEAST_MEANING * WEIGHTS["meaning"]
    )


def outdated(candidate: Candidate) -> float:
    """Return how much of a memory or turn was superseded: a long turn tells other things, too."""
    if isinstance(candidate.record, Memory):
        return float(candidate.record.superseded_by is not None)
    past = sum(len(memory.quote) for memory in candidate.learnt if memory.superseded_by is not None)
    share = past / max(len(candidate.record.text), 1)
    return 1.0 if share >= MOSTLY else share


def diverse(candidates: Iterable[Candidate], limit: int) -> list[Candidate]:
    """Return the first ``limit`` candidates that say something else each.

    Of those that say the same only the first is kept; near-duplicates come after all others, and
    so does a turn whose memory was kept, or the memory of a turn that was.
    """
    seen: set[str] = set()
    turns: set[tuple[str, str]] = set()
    kept: list[tuple[Candidate, frozenset[str]]] = []
    late: list[Candidate] = []
    for candidate in candidates:
        text = one_line(candidate.record.text.casefold())
        if text in seen:
            continue
        seen.add(text)
        words = frozenset(text.split())
        whole, part = _turn_of(candidate.record)
        if part in turns or any(_nearly_same(words, others) for _, others in kept):
            late.append(candidate)
        else:
            kept.append((candidate, words))
            turns.add(whole)
        if len(kept) == limit:
            break
    return [*(candidate for candidate, _ in kept), *late][:limit]


def _turn_of(record: Turn | Memory) -> tuple[tuple[str, str], tuple[str, str]]:
    """Name a turn, or a memory's turn, and what would tell the same: the memory, or the turn."""
    names = [("turn", record.id), ("learnt", record.id)]
    if isinstance(record, Memory):
        names = [("learnt", record.turn_id or record.id), ("turn", record.turn_id or record.id)]
    return names[0], names[1]


def _nearly_same(words: frozenset[str], others: frozenset[str]) -> bool:
    return len(words & others) >= NEARLY_SAME * len(words | others)


def only_asks(record: Turn | Memory) -> bool:
    """Say whether a turn of the owner's is nothing but questions."""
    if isinstance(record, Memory) or record.role != "user" or len(record.text) > LONGEST_QUESTION:
        return False
    return all(s.asks and s.begins_as_question for s in split_sentences(record.text))


def _quoted(record: Turn | Memory, phrases: Sequence[str]) -> float:
    """Return the share of the phrases quoted in a question that a text holds."""
    if not phrases:
        return 0.0
    text = one_line(record.text.casefold())
    found = sum(one_line(phrase.casefold()) in text for phrase in phrases)
    return found / len(phrases)


def _range(values: Iterable[float]) -> tuple[float, float]:
    listed = list(values)
    return (min(listed), max(listed)) if listed else (0.0, 0.0)
