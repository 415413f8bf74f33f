"""Two statements side by side, and the words for how they stand to each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from memcli.records import Memory, Triple

How = Literal["same", "sharper", "clash", "fault", "ended", "over", "corrected", "beside"]

CHANGING = re.compile(r"\b(?:now|these days|instead|again|switched)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement of the candidate, and one of a memory, about the same subject."""

    triple: Triple
    candidate: Memory
    known: Triple
    memory: Memory

    @property
    def predicates(self) -> set[str]:
        """The two predicates."""
        return {self.triple.predicate, self.known.predicate}

    @property
    def values(self) -> tuple[str, str]:
        """The value of the candidate and the one of the memory."""
        return self.triple.object, self.known.object

    @property
    def texts(self) -> tuple[str, str]:
        """The words of the candidate and those of the memory."""
        return self.candidate.text, self.memory.text

    @property
    def changes(self) -> bool:
        """Whether the candidate says that it holds now, or again."""
        return bool(CHANGING.search(self.candidate.text))
