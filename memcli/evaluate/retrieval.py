"""How much of the evidence each system finds, and whether memcli knows when there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from memcli.errors import InvalidInput, NotFound
from memcli.evaluate.asked import Ask, Asked
from memcli.evaluate.questions import EvalSet, Question
from memcli.evaluate.systems import MEMCLI, SYSTEMS, Search

if TYPE_CHECKING:
    from memcli.recall.recall import Recalled

CUTS = (5, 10, 20)
FIGURES = (*(f"recall@{cut}" for cut in CUTS), "recall_all@10", "mrr", "newest_first")
RESAMPLES, SEED = 1000, 0

Progress = Callable[[int, int], None]  # the number of a conversation, and how many there are


@dataclass(frozen=True, slots=True)
class Searched:
    """How one search went: its ``FIGURES``, and how long it took.

    ``newest_first`` is None where it cannot be said: not both ends of the evidence were found.
    """

    category: str
    figures: tuple[float | None, ...]
    ms: float


def measure(chosen: EvalSet, ask: Ask, names: Sequence[str], progress: Progress) -> dict[str, Any]:
    """Ask systems, all or some by name, every question that has evidence; return the figures.

    Raises:
        InvalidInput: there is no system of a name.
        NotFound: no question can be scored.
    """
    if unknown := [name for name in names if name not in SYSTEMS]:
        raise InvalidInput(f"There is no system {unknown[0]!r}.", f"Known: {', '.join(SYSTEMS)}.")
    searched: dict[str, list[Searched]] = {name: [] for name in names or SYSTEMS}
    judged: list[tuple[Question, Recalled]] = []
    judging = MEMCLI in searched and any(not q.answerable for q in chosen.questions())
    for number, conversation in enumerate(chosen.conversations, 1):
        progress(number, len(chosen.conversations))
        with ask(conversation) as asked:
            for name in searched:
                searched[name] += _search(SYSTEMS[name](asked), asked)
            judged += _judge(asked) if judging else []
    return _report(chosen.name, searched, judged)


def ranks(found: Sequence[str], evidence: Iterable[frozenset[str]]) -> list[float]:
    """Return for each set of ids where the first of it was found, from 1; infinity for nowhere."""
    return [
        next((place for place, id in enumerate(found, 1) if id in group), inf) for group in evidence
    ]


def retrieved(found: Sequence[str], evidence: Iterable[frozenset[str]]) -> tuple[float | None, ...]:
    """Return the ``FIGURES`` of one search; the evidence stands in the order it was said."""
    places = ranks(found, evidence)
    shares = [sum(place <= cut for place in places) / len(places) for cut in CUTS]
    both = len(places) > 1 and max(places[0], places[-1]) < inf
    newest_first = float(places[-1] < places[0]) if both else None
    return (*shares, float(max(places) <= 10), 1 / min(places), newest_first)


def share(values: Sequence[float]) -> float | None:
    """Return the mean to 4 digits; None of nothing."""
    return round(sum(values) / len(values), 4) if values else None


def auroc(high: Sequence[float], low: Sequence[float]) -> float | None:
    """Return how often one of ``high`` is above one of ``low``, a tie counting half."""
    import numpy as np

    over = np.subtract.outer(np.asarray(high, dtype=float), np.asarray(low, dtype=float))
    return round(float((over > 0).mean() + (over == 0).mean() / 2), 4) if over.size else None


def interval(values: Sequence[float]) -> list[float]:
    """Return the middle 95 % of the means of resampled values (Efron's percentile bootstrap)."""
    import numpy as np

    drawn = np.random.default_rng(SEED).integers(len(values), size=(RESAMPLES, len(values)))
    means = np.asarray(values, dtype=float)[drawn].mean(axis=1)
    return [round(float(bound), 4) for bound in np.percentile(means, (2.5, 97.5))]


def by_category(items: Sequence[Any], report: Callable[[list[Any]], Any]) -> dict[str, Any]:
    """Return a report on the items of each ``category``."""
    kinds = sorted({item.category for item in items})
    return {kind: report([item for item in items if item.category == kind]) for kind in kinds}


def _search(search: Search, asked: Asked) -> Iterator[Searched]:
    for question in asked.questions:
        if question.evidence:
            start = time.perf_counter()
            found = search(question, max(CUTS))
            ms = (time.perf_counter() - start) * 1000
            yield Searched(question.category, retrieved(found, question.evidence), ms)


def _judge(asked: Asked) -> list[tuple[Question, Recalled]]:
    return [(q, asked.memory.recall(q.text, asked_at=q.asked_at)) for q in asked.questions]


def _report(
    name: str, searched: dict[str, list[Searched]], judged: list[tuple[Question, Recalled]]
) -> dict[str, Any]:
    questions = min(map(len, searched.values()))
    if not questions and not judged:
        raise NotFound(f"No question of this {name} set has evidence, so none can be scored.")
    systems = {system: _system(done) for system, done in searched.items() if done}
    report = {"set": name, "questions": questions, "systems": systems}
    return {**report, "abstention": _abstention(judged)} if judged else report


def _system(done: list[Searched]) -> dict[str, Any]:
    import numpy as np

    p50, p95 = np.percentile([search.ms for search in done], (50, 95)).round(4).tolist()
    columns = dict(zip(FIGURES, zip(*(s.figures for s in done), strict=True), strict=True))
    return {
        **_means(done),
        "p50_ms": p50,
        "p95_ms": p95,
        "intervals": {key: interval(columns[key]) for key in ("recall@10", "mrr")},
        "by_category": by_category(done, lambda some: {"questions": len(some), **_means(some)}),
    }


def _means(done: list[Searched]) -> dict[str, float | None]:
    columns = zip(*(search.figures for search in done), strict=True)
    known = ([value for value in column if value is not None] for column in columns)
    return dict(zip(FIGURES, map(share, known), strict=True))


def _abstention(judged: list[tuple[Question, Recalled]]) -> dict[str, Any]:
    told = [recalled for question, recalled in judged if question.answerable]
    absent = [recalled for question, recalled in judged if not question.answerable]
    return {
        "questions": len(absent),
        "auroc": auroc([r.support for r in told], [r.support for r in absent]),
        "said_enough": {
            "answerable": share([r.enough for r in told]),
            "unanswerable": share([r.enough for r in absent]),
        },
    }
