"""What an import did, for the person who asked for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

MOST_SKIPPED = 1_000  # that are named one by one; a broken file may have millions
MOST_SPEAKERS = 1_000


@dataclass(slots=True)
class Report:
    """What an import did. ``skipped`` pairs what was left out with the reason.

    ``gone`` are the files of earlier imports that are no longer there, and ``removed`` how many
    records went with them; ``strangers`` counts who spoke in chats, as long as nobody of them is
    known to be the owner.
    """

    files: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    earlier: int = 0  # records from before the day asked for
    learnt: int = 0
    conflicts: int = 0
    masked: int = 0  # secrets
    forgotten: int = 0  # records that were forgotten once, and stay so
    moved: int = 0  # files
    removed: int = 0
    left_out: int = 0
    bytes: int = 0  # that were read
    seconds: float = field(default=0.0, compare=False)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    strangers: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        """The number of notes and turns that were read."""
        return self.new + self.updated + self.unchanged

    def skip(self, path: object, reason: str) -> None:
        """Count something that was left out, and name it if not too many are."""
        self.left_out += 1
        if len(self.skipped) < MOST_SKIPPED:
            self.skipped.append((str(path), reason))
