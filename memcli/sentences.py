"""Cut text into sentences, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from memcli.records import Span

ABBREVIATIONS = (
    "mr",
    "mrs",
    "ms",
    "dr",
    "prof",
    "st",
    "e.g",
    "i.e",
    "etc",
    "vs",
    "no",
    "jr",
    "sr",
    "a.m",
    "p.m",
)
END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+|[。！？]+")


QUESTION = re.compile(
    r"^(?:(?:and|so|but|ok|okay|hey|hi|hello|please|well|now)[, ]+)*"
    r"(?:what|who|whom|whose|when|where|why|which|how|do|does|did|am|is|are|was|were|can|could"
    r"|will|would|should|shall|has|have i|had|may i|tell me|show me|list|give me|find|search"
    r"|look up|summari[sz]e|describe|explain|remind me (?:what|who|when|where|how|of|about))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence without surrounding white space, and where it stands."""

    text: str
    span: Span

    @property
    def asks(self) -> bool:
        """Whether the sentence ends as a question does."""
        return bool(re.search(r"[?？][!?…\"'”’)\] ]*$", self.text))

    @property
    def begins_as_question(self) -> bool:
        """Whether the sentence begins as a question or a request does."""
        return bool(QUESTION.match(self.text))


def split_sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text in order; an abbreviation's or a number's dot ends none."""
    start = 0
    for match in END.finditer(text):
        if match.group() == "." and _abbreviates(text, match.start()):
            continue
        yield from _sentence(text, start, match.end())
        start = match.end()
    yield from _sentence(text, start, len(text))


def _abbreviates(text: str, dot: int) -> bool:
    word = re.search(r"[\w.]*$", text[max(0, dot - 12) : dot])
    last = word.group().lower() if word else ""
    return last in ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last != "i")


def _sentence(text: str, start: int, end: int) -> Iterator[Sentence]:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        begin = start + piece.index(stripped[0])
        yield Sentence(stripped, Span(begin, begin + len(stripped)))
