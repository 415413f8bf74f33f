"""How an attack is counted, and where each one lives.

A module named in ``PARTS`` has ``figures(top, share)``, which attacks something in the folder
``top`` and yields a ``Figure`` for each kind of attack. ``share`` is how much of it is done: 1 is
what ``benchmarks/reliability.md`` tells, less is what the ordinary tests take time for.
"""

from dataclasses import dataclass

PARTS = (
    "killed", "broken", "jumping", "load", "day", "download", "hostile", "hostile_prompts", "masking",
    "modes", "network", "encrypted", "fuzz",
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """What was tried, and how often memcli did not hold."""

    part: str  # "Crash"
    what: str  # what was counted, as in "processes killed at any moment"
    tried: int
    failed: int
    note: str = ""  # more counts, as in "2 140 acknowledged actions"
    problems: tuple[str, ...] = ()  # the first of what went wrong
