"""Take in one input: clean text, and what sort of utterance it is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from memcli.acquire.sentences import split_sentences

QUESTION = re.compile(
    r"^(?:(?:and|so|but|ok|okay|hey|hi|hello|please|well|now)[, ]+)*"
    r"(?:what|who|whom|whose|when|where|why|which|how|do|does|did|am|is|are|was|were|can|could"
    r"|will|would|should|shall|has|have i|had|may i|tell me|show me|list|give me|find|search"
    r"|look up|summari[sz]e|describe|explain|remind me (?:what|who|when|where|how|of|about))\b",
    re.IGNORECASE,
)
# Control characters that no text needs and terminals obey; tab and line feed stay.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Input:
    """One utterance. ``asks`` says that it wants an answer rather than to tell something."""

    text: str
    asks: bool


def take_in(raw: str) -> Input:
    """Clean an utterance and decide what it is."""
    text = clean(raw).strip()
    return Input(text, asks=asks(text))


def clean(raw: str) -> str:
    """Return text that can be stored and printed: NFC, plain line ends, no control characters."""
    text = raw.encode("utf-8", "replace").decode("utf-8")  # lone surrogates become "?"
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", text)


def asks(text: str) -> bool:
    """Say whether an utterance asks: it ends as a question, or begins as one or as a request."""
    sentences = list(split_sentences(text[-2_000:]))
    if not sentences:
        return False
    return sentences[-1].asks or bool(QUESTION.match(sentences[-1].text))
