"""Cut a text into pieces that can be recalled on their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from memcli.records import Span
from memcli.sentences import split_sentences

TARGET = 600  # characters: paragraphs are put together up to this
LONGEST = 1_600  # characters: a paragraph beyond this is cut between sentences
FENCE = re.compile(r"^\s*(?:(```)(?!.*`)|(~~~))")
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a text, where it stands, and the headings above it."""

    text: str
    span: Span
    headings: tuple[str, ...]


def chunk_markdown(text: str, start: int = 0) -> Iterator[Chunk]:
    """Yield the pieces of a Markdown text from ``start`` on: paragraphs under their headings.

    A fenced block of code is never cut, unless it alone is longer than ``LONGEST``.
    """
    group: list[Chunk] = []
    for block in _blocks(text, start):
        together = block.span.end - group[0].span.start if group else 0
        if group and (block.headings != group[0].headings or together > TARGET):
            yield from _chunks(text, group)
            group = []
        group.append(block)
    yield from _chunks(text, group)


def _blocks(text: str, start: int) -> Iterator[Chunk]:
    """Yield the stretches between empty lines and headings."""
    headings: dict[int, str] = {}  # by their level
    begin: int | None = None
    fence, at = "", start
    for line in text[start:].splitlines(keepends=True):
        heading = None if fence else HEADING.match(line.rstrip("\r\n"))
        marker = FENCE.match(line.rstrip("\r\n"))
        mark = marker[0].strip() if marker else ""
        opens = mark and not fence
        if begin is not None and not fence and (heading or opens or not line.strip()):
            yield Chunk(text[begin:at], Span(begin, at), tuple(headings.values()))
            begin = None
        if heading:
            level = len(heading[1])
            headings = {n: headings[n] for n in headings if n < level} | {level: heading[2]}
        elif line.strip() and begin is None:
            begin = at
        at += len(line)
        if opens:
            fence = mark
        elif fence and begin is not None and mark == fence:
            yield Chunk(text[begin:at], Span(begin, at), tuple(headings.values()))
            fence, begin = "", None
    if begin is not None:
        yield Chunk(text[begin:at], Span(begin, at), tuple(headings.values()))


def _chunks(text: str, group: list[Chunk]) -> Iterator[Chunk]:
    if not group:
        return
    start, end = group[0].span.start, group[-1].span.end
    for span in _pieces(text, start, end):
        if piece := text[span.start : span.end].strip():
            begin = text.index(piece, span.start)
            yield Chunk(piece, Span(begin, begin + len(piece)), group[0].headings)


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut a stretch that is too long between sentences, or else anywhere."""
    if end - start <= LONGEST:
        yield Span(start, end)
        return
    begin = start
    for sentence in split_sentences(text[start:end]):
        stop = start + sentence.span.end
        while stop - begin > LONGEST:
            cut = max(begin + LONGEST // 2, min(start + sentence.span.start, begin + LONGEST))
            yield Span(begin, cut)
            begin = cut
        if stop - begin > TARGET:
            yield Span(begin, stop)
            begin = stop
    if begin < end:
        yield Span(begin, end)
