"""Is what was found enough? The second question of Self-Controlled Memory (Liang et al. 2023).

Where a question names a speaker, what misleads is the same thing said by another: so it counts how
much better somebody else's words fit than theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from memcli.recall import fuse
from memcli.recall.weights import SUPPORT, SUPPORT_OF_NAMED

if TYPE_CHECKING:
    from memcli.recall.candidates import Candidate
    from memcli.recall.features import Features
    from memcli.recall.plan import Query

JUDGED = 3  # the best candidates that are looked at
ALIKE = 0.7  # cosine from which a text says the same as the question


def support(
    query: Query,
    features: Features,
    best: Sequence[Candidate],
    pool: Sequence[Candidate],
    score: float,
) -> float:
    """Return how likely the ``best`` of a ``pool`` hold the answer, from 0 to 1.

    ``score`` is that of the very best.
    """
    judged = [c for c in best if not fuse.only_asks(c.record)][:JUDGED]
    if not judged or (not query.content and not query.predicates):
        return 0.0
    if any(c.in_slot for c in judged):
        return 1.0
    if query.speakers and any(features.named(c.record) for c in pool):
        return _logistic(SUPPORT_OF_NAMED, _whose(features, pool))
    if any(c.cosine >= ALIKE for c in judged):
        return 1.0
    covered = max(map(features.covered, judged))
    likest = max(covered, *map(features.likeness, judged))  # not every script has word vectors
    return _logistic(SUPPORT, {"score": score, "likest": likest, "covered": covered})


def _whose(features: Features, pool: Sequence[Candidate]) -> dict[str, float]:
    """Compare the words of those whom the question names with everybody else's."""
    likest = sorted(pool, key=features.likeness, reverse=True)
    theirs = next(c for c in likest if features.named(c.record))
    like, most = features.likeness(theirs), features.likeness(likest[0])
    share = sum(features.named(c.record) for c in likest[:JUDGED]) / len(likest[:JUDGED])
    return {"likest": like, "likelier elsewhere": most - like, "theirs": share}


def _logistic(weights: dict[str, float], figures: dict[str, float]) -> float:
    total = weights["bias"] + sum(weights[name] * value for name, value in figures.items())
    return 1 / (1 + math.exp(-total))
