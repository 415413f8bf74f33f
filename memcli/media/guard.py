"""Whether a model reads spliced cells like text: measured at its first prompt, and now and then.

What was measured stands in one file for all profiles, by model and by how cells are kept.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from memcli import paths

DOUBTED = 3  # comparisons after which a bad one counts for good
EVERY = 50  # prompts, one of which is compared
LATEST = 20  # comparisons that count
AGREEMENT = 0.5  # of the first tokens; fewer, and the answers are different ones


@dataclass(slots=True)
class Record:
    """Comparisons of one model, (KL in nats, share of equal first tokens), and prompts since."""

    seen: list[tuple[float, float]] = field(default_factory=list)
    since: int = 0


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
        times = f"{self.compared} comparison" + "s" * (self.compared > 1)
        seen = (
            f"next token {self.divergence:.3f} nats from text's, {self.agreement:.0%} of first"
            f" tokens equal, in {times}"
        )
        return seen if self.trusted else f"text is read instead: {seen}"


class Guard:
    """What was measured of models, in a file; ``limit`` is the most divergence, in nats."""

    def __init__(self, file: Path, how: str, limit: float) -> None:
        """``how`` names the way in which cells are kept and spliced."""
        self._file = file
        self._how = how
        self._limit = limit
        self._records = self._read()

    def due(self, fingerprint: str) -> bool:
        """Say whether the next prompt should be compared, and count it.

        The first one is; if it differed, the next ones, too, for it may have been an exception.
        """
        record = self._records.setdefault(self._name(fingerprint), Record())
        record.since += 1
        doubted = len(record.seen) < DOUBTED and not self.verdict(fingerprint).trusted
        return not record.seen or doubted or record.since >= EVERY

    def judge(self, fingerprint: str, divergence: float, agreement: float) -> None:
        """Note a comparison."""
        name = self._name(fingerprint)
        seen = self._read().get(name, Record()).seen  # another process may have written it
        self._records[name] = Record([*seen, (divergence, agreement)][-LATEST:])
        self.flush()

    def flush(self) -> None:
        """Write down what is known; two processes may lose a count of prompts."""
        if not self._records:
            return
        records = self._read() | self._records
        plain = {name: {"seen": r.seen, "since": r.since} for name, r in records.items()}
        with contextlib.suppress(Exception):  # a cache that cannot be written is no reason to stop
            paths.write_private(self._file, json.dumps(plain, indent=1))

    def verdict(self, fingerprint: str) -> Verdict:
        """Return what is known of a model. One that was never compared is trusted."""
        record = self._records.get(self._name(fingerprint))
        if not record or not record.seen:
            return Verdict()
        divergence, agreement = (median(values) for values in zip(*record.seen, strict=True))
        good = divergence <= self._limit and agreement >= AGREEMENT  # and not where it is no number
        return Verdict(len(record.seen), divergence, agreement, good)

    def _name(self, fingerprint: str) -> str:
        return f"{fingerprint[:16]} {self._how}"

    def _read(self) -> dict[str, Record]:
        try:
            loaded = json.loads(self._file.read_text("utf-8"))
            return {
                str(name): Record([(float(a), float(b)) for a, b in r["seen"]], int(r["since"]))
                for name, r in loaded.items()
            }
        except (OSError, ValueError, TypeError, AttributeError, KeyError):
            return {}  # anybody may have written it
