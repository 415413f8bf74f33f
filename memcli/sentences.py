"""Cut text into sentences, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from memcli.records import Span

ABBREVIATIONS = "mr mrs ms dr prof st e.g i.e etc vs no jr sr a.m p.m".split()
# A run of marks is tried once only, or a text of nothing else would take the square of its length.
# Its first character stands first, so that only that is looked for.
END = re.compile(
    r"[.!?…\n。！？](?:(?<=[.!?…])(?<![.!?…].)[.!?…]*[\"'”’)\]]*(?=\s|$)|(?<=\n)\n*|(?<=[。！？])[。！？]*)"
)
ASKS = frozenset("?？")
MARKS = "?？!…\"'”’)] "  # what may stand behind the mark of a question
WRAPPED = 60  # characters; a longer line that ends without a mark was wrapped
ORDINAL = re.compile(  # "am 4. Mai" goes on
    r"\D?\d{1,2}\. (?:Januar|Februar|März|April|Mai|Juni|Juli|August|September"
    r"|Oktober|November|Dezember)\b"
)
BULLET = re.compile(
    r"[ \t]*(?:[-*•–]|\d{1,2}[.)])[ \t]+(?!(?:i|i'm|i’m|my|we|our)\b)", re.IGNORECASE
)
NUMBER = re.compile(r"\n[ \t]*\d{1,2}\.$")
OPEN = re.compile(  # a line that cannot end here
    r"(?:,|\b(?:a|an|and|am|are|as|at|but|by|for|from|in|is|my|near|of|on|or|our|than|that|the|to|was"
    r"|with|your|love|like|hate|have|called|named|because|who|which|very|really|i|his|her|it's|i'm))$",
    re.IGNORECASE,
)
JOINED = re.compile(r"(?:and|or|but|in|at|of|to|from|with|for|because|since|so)\b[^:]")


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
        return not ASKS.isdisjoint(self.text[len(self.text.rstrip(MARKS)) :])

    @property
    def begins_as_question(self) -> bool:
        """Whether the sentence begins as a question or a request does."""
        return bool(QUESTION.match(self.text))


def split_sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text in order; an abbreviation's or a number's dot ends none."""
    start = 0
    for match in END.finditer(text):
        ends = match.end() == len(text)  # whatever the dot is, nothing goes on
        if match.group() == "." and not ends and _abbreviates(text, match.start()):
            continue
        if match.group() == "\n" and _wraps(text, start, match.start()):
            continue
        yield from _sentence(text, start, match.end())
        start = match.end()
    yield from _sentence(text, start, len(text))


def _abbreviates(text: str, dot: int) -> bool:
    if ORDINAL.match(text, max(0, dot - 2)) or NUMBER.search(text, max(0, dot - 6), dot + 1):
        return True
    word = re.search(r"[\w.]*$", text[max(0, dot - 12) : dot])
    last = word.group().lower() if word else ""
    return last in ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last != "i")


def _wraps(text: str, start: int, newline: int) -> bool:
    """Say whether a line goes on in the next one: it cannot end so, or was as long as a page."""
    line = text[max(start, text.rfind("\n", 0, newline) + 1, newline - 200) : newline].rstrip()
    after = text[newline + 1 : newline + 20]
    if BULLET.match(after):  # the items of a list belong to what stands above them
        return line.endswith(":") or bool(BULLET.match(line))
    if not line or not after[:1].isalnum():
        return False
    long = len(line) >= WRAPPED and line[-1].isalnum()
    return long or bool(OPEN.search(line) or JOINED.match(after))


def _sentence(text: str, start: int, end: int) -> Iterator[Sentence]:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        begin = start + piece.index(stripped[0])
        yield Sentence(stripped, Span(begin, begin + len(stripped)))
