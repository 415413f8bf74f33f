"""Take in one input: clean text, and what sort of utterance it is."""

from __future__ import annotations

from dataclasses import dataclass

from memcli.sentences import split_sentences
from memcli.text import clean


@dataclass(frozen=True, slots=True)
class Input:
    """One utterance. ``asks`` says that it wants an answer rather than to tell something."""

    text: str
    asks: bool


def take_in(raw: str) -> Input:
    """Clean an utterance and decide what it is."""
    text = clean(raw).strip()
    return Input(text, asks=asks(text))


def asks(text: str) -> bool:
    """Say whether an utterance asks: it ends as a question, or begins as one or as a request."""
    sentences = list(split_sentences(text[-2_000:]))
    if not sentences:
        return False
    return sentences[-1].asks or sentences[-1].begins_as_question
