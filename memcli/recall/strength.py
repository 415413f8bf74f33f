"""How strong a memory is: it grows with use and fades with time (after ACT-R's base level).

Strength changes a memory's rank, never whether it is there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime

HALF_LIFE_DAYS = 90.0  # after which an unused memory has half its strength
FULL = 10  # uses that make a memory as strong as it can be

Uses = Mapping[str, tuple[int, datetime]]  # by id: how often, and when last


def strengths(uses: Uses, now: datetime) -> dict[str, float]:
    """Return the strength of each record that was ever used, from 0 to 1."""
    return {id: _strength(times, (now - last).days) for id, (times, last) in uses.items()}


def importance(importances: Iterable[float]) -> float:
    """Return how far the most important of some memories lies off the usual, from -1 to 1."""
    return 2 * max(importances, default=0.5) - 1


def _strength(times: int, days: int) -> float:
    grown = min(math.log1p(times) / math.log1p(FULL), 1.0)
    return grown * math.pow(0.5, max(days, 0) / HALF_LIFE_DAYS)
