"""Whether a model reads spliced cells like text: measured on its first prompts, and now and then.

What was measured stands in one file for all profiles, by model and by how cells are kept.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from memcli import paths

FIRST = 3  # prompts that are compared before a model is believed
EVERY = 50  # and then one of so many
LATEST = 20  # comparisons that count
AGREEMENT = 0.5  # of the first tokens; fewer, and the answers are different ones


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a model: how often it was compared, and medians of what was seen."""

    compared: int = 0
    divergence: float = 0.0
    agreement: float = 1.0
    trusted: bool = True

    def __str__(self) -> str:
        """Say it to the user."""
        if not self.compared:
            return "not compared with text yet"
        seen = (
            f"next token {self.divergence:.3f} nats from text's, {self.agreement:.0%} of first"
            f" tokens equal, in {self.compared} comparisons"
        )
        return seen if self.trusted else f"text is read instead: {seen}"


class Guard:
    """What was measured of models, in a file; ``limit`` is the most divergence, in nats."""

    def __init__(self, file: Path, how: str, limit: float) -> None:
        """``how`` names the way in which cells are kept and spliced."""
        self._file = file
        self._how = how
        self._limit = limit
        self._since: dict[str, int] = {}  # prompts spliced since the last comparison, by model
        self._seen = self._read()

    def due(self, fingerprint: str) -> bool:
        """Say whether the next prompt should be compared, and count it."""
        if len(self._of(fingerprint)) < FIRST:
            return True
        self._since[fingerprint] = self._since.get(fingerprint, 0) + 1
        return self._since[fingerprint] % EVERY == 0

    def judge(self, fingerprint: str, divergence: float, agreement: float) -> None:
        """Note a comparison."""
        self._seen = self._read()  # another process may have written it
        latest = [*self._of(fingerprint), [divergence, agreement]][-LATEST:]
        self._seen[self._name(fingerprint)] = latest
        with contextlib.suppress(Exception):  # a cache that cannot be written is no reason to stop
            paths.write_private(self._file, json.dumps(self._seen, indent=1))

    def verdict(self, fingerprint: str) -> Verdict:
        """Return what is known of a model. One that has not been compared enough is trusted."""
        seen = self._of(fingerprint)
        if not seen:
            return Verdict()
        divergence, agreement = (median(values) for values in zip(*seen, strict=True))
        bad = not (divergence <= self._limit and agreement >= AGREEMENT)
        return Verdict(len(seen), divergence, agreement, not bad or len(seen) < FIRST)

    def _of(self, fingerprint: str) -> list[list[float]]:
        return self._seen.get(self._name(fingerprint), [])

    def _name(self, fingerprint: str) -> str:
        return f"{fingerprint[:16]} {self._how}"

    def _read(self) -> dict[str, list[list[float]]]:
        try:
            loaded = json.loads(self._file.read_text("utf-8"))
            return {
                str(name): [[float(a), float(b)] for a, b in seen] for name, seen in loaded.items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}  # anybody may have written it
