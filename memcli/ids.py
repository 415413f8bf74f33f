"""Time-ordered ids and the clock: the two things that tests must be able to fix."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timezone

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
RANDOM_BITS = 80
ID_LENGTH = 26

Clock = Callable[[], datetime]
NewId = Callable[[], str]


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(timezone.utc)


class UlidSource:
    """Make ids as ULIDs do: 48 bits of milliseconds, then 80 random bits, in 26 characters.

    Two ids from one source always sort in the order they were made, within a millisecond and
    across a clock that steps backwards: then the last number is counted up by one.
    """

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        """Return the next id."""
        fresh = (time.time_ns() // 1_000_000) << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
        self._last = fresh if fresh > self._last else self._last + 1
        return encode(self._last)


def encode(number: int) -> str:
    """Write a 128-bit number in 26 characters of base 32, most significant first."""
    return "".join(ALPHABET[number >> 5 * i & 31] for i in reversed(range(ID_LENGTH)))


new_id: NewId = UlidSource()
