"""Take in one input: clean text, and what sort of utterance it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from memcli.acquire.redact import Masked
from memcli.sentences import split_sentences
from memcli.text import clean


@dataclass(frozen=True, slots=True)
class Input:
    """One utterance. ``asks`` says that it wants an answer rather than to tell something.

    ``secrets`` are the kinds of what was masked in it, one for each place.
    """

    text: str
    asks: bool
    secrets: tuple[str, ...] = ()


def take_in(raw: str, mask: Callable[[str], Masked]) -> Input:
    """Clean an utterance, mask its secrets and decide what it is."""
    masked = mask(clean(raw).strip())
    return Input(masked.text, asks(masked.text), masked.secrets)


def asks(text: str) -> bool:
    """Say whether an utterance asks: it ends as a question, or begins as one or as a request."""
    sentences = list(split_sentences(text[-2_000:]))
    if not sentences:
        return False
    return sentences[-1].asks or sentences[-1].begins_as_question
