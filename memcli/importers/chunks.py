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
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Block:
    span: Span
    headings: tuple[str, ...]


def chunk_markdown(text: str, start: int = 0) -> Iterator[Chunk]:
    """Yield the pieces of a Markdown text from ``start`` on: paragraphs under their headings.

    A fenced block of code is never cut, unless it alone is longer than ``LONGEST``.
    """
    group: list[_Block] = []
    for block in _blocks(text, start):
        together = block.span.end - group[0].span.start if group else 0
        if group and (block.headings != group[0].headings or together > TARGET):
            yield from _chunks(text, group)
            group = []
        group.append(block)
    yield from _chunks(text, group)


def _blocks(text: str, start: int) -> Iterator[_Block]:
    """Yield the stretches between empty lines and headings."""
    headings: list[tuple[int, str]] = []
    begin: int | None = None
    fence, at = "", start
    for line in text[start:].splitlines(keepends=True):
        heading = None if fence else HEADING.match(line.rstrip("\r\n"))
        marker = FENCE.match(line.rstrip("\r\n"))
        opens = bool(marker) and not fence
        if begin is not None and not fence and (heading or opens or not line.strip()):
            yield _Block(Span(begin, at), tuple(title for _, title in headings))
            begin = None
        if heading:
            level = len(heading[1])
            headings = [(n, title) for n, title in headings if n < level] + [(level, heading[2])]
        elif line.strip() and begin is None:
            begin = at
        at += len(line)
        if marker and (opens or fence == marker[0].strip()):
            fence = marker[0].strip() if opens else ""
            if not opens and begin is not None:
                yield _Block(Span(begin, at), tuple(title for _, title in headings))
                begin = None
    if begin is not None:
        yield _Block(Span(begin, at), tuple(title for _, title in headings))


def _chunks(text: str, group: list[_Block]) -> Iterator[Chunk]:
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
