"""The nouns of an evaluation: questions, and the conversations they are asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what must be found for it.

    Of each set in ``evidence`` one id must be found; ``texts``, looked up in the memory that is
    asked, become such sets. Without either only the answer counts, or that there is none.
    """

    text: str
    category: str = "all"
    evidence: tuple[frozenset[str], ...] = ()
    answer: str | None = None
    asked_at: datetime | None = None
    answerable: bool = True
    texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not self.text.strip():
            raise ValueError("a question has no text")


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns as ``memcli import`` reads them in JSONL; None: ask the user's own memory."""

    turns: list[dict[str, str]] | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class EvalSet:
    """What one file or folder asks."""

    name: str
    conversations: tuple[Conversation, ...]

    def questions(self) -> Iterator[Question]:
        """Yield the questions of all conversations."""
        for conversation in self.conversations:
            yield from conversation.questions

    def sample(self, size: int | None) -> EvalSet:
        """Return ``size`` questions, evenly spread, with their conversations; None: all."""
        every = list(self.questions())
        least = min(size or len(every), len(every))
        kept = {id(every[i * len(every) // least]) for i in range(least)}
        parts = (
            replace(c, questions=tuple(q for q in c.questions if id(q) in kept))
            for c in self.conversations
        )
        return replace(self, conversations=tuple(part for part in parts if part.questions))
