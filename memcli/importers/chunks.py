"""Cut a text into pieces that can be recalled on their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from memcli.importers.days import LONGEST_DAY, day_of
from memcli.records import Span
from memcli.sentences import split_sentences

TARGET = 600  # characters: paragraphs are put together up to this
LONGEST = 1_600  # characters: a paragraph beyond this is cut between sentences
LONGEST_HEADING = 300  # characters; a longer one is a paragraph, or each title would repeat it
FENCE = re.compile(r"\s*(`{3,}(?=[^`]*$)|~{3,})")
HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)", re.DOTALL)
TASK = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ /])\][ \t]+(?=\S)")
CHECKBOX = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[.\][ \t]")
MOST_LINES = 50  # of one task
UNDERLINE = re.compile(r"\s*(?:-{3,}|={3,})\s*")
OF_A_DAY = 7  # the level of a line that is a day, below all headings


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a text, where it stands, and the headings above it.

    One that stands ``alone`` is put together with no other, such as a task.
    """

    text: str
    span: Span
    headings: tuple[str, ...]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Lines that are no paragraph: a heading, if they have a level, or a piece, or both."""

    lines: int = 1
    level: int = 0
    title: str = ""
    piece: bool = False
    alone: bool = False


Marks = Callable[[Sequence[str], int], "Mark | None"]
Opens = Callable[[str], str]


def fence_of(line: str) -> str:
    """Return the fence that a line of Markdown begins a block of code with, or nothing."""
    found = FENCE.match(line)
    return found[1] if found else ""


def closes(line: str, fence: str) -> bool:
    """Say whether a line ends the block that began with a fence."""
    line = line.strip().lower()
    return line == fence or (line.startswith(fence) and not line.strip(fence[0]))


def with_code(lines: Iterable[str], opens: Opens = fence_of) -> Iterator[tuple[str, bool]]:
    """Yield lines, each with whether it is code or the fence around it."""
    fence = ""
    for line in lines:
        opening = "" if fence else opens(line)
        yield line, bool(fence or opening)
        fence = opening or ("" if fence and closes(line, fence) else fence)


def prose_mark(lines: Sequence[str], at: int) -> Mark | None:
    """Tell the headings of Markdown, and the days of a diary."""
    line = lines[at]
    if (found := HEADING.match(line)) and len(line) < LONGEST_HEADING:
        return Mark(level=len(found[1]), title=found[2].rstrip().rstrip("#").rstrip() or "#")
    # A day at the end of a letter dates nothing, and is a word of it.
    if (
        len(line) <= LONGEST_DAY
        and day_of(line)
        and any(below.strip() for below in lines[at + 1 : at + 4])
    ):
        ruled = bool(UNDERLINE.fullmatch(lines[at + 1]))
        return Mark(lines=1 + ruled, level=OF_A_DAY, title=line.strip(" \t\r\n:"))
    return None


def markdown_mark(lines: Sequence[str], at: int) -> Mark | None:
    """Tell the headings, days and open tasks of Markdown."""
    if not TASK.match(lines[at]):
        return prose_mark(lines, at)
    return Mark(lines=_task_lines(lines, at), piece=True, alone=True)


def _task_lines(lines: Sequence[str], at: int) -> int:
    """Return of how many lines a task is: what is indented below it says more of it."""
    indent, end = _indent(lines[at]), at + 1
    for number in range(at + 1, min(len(lines), at + MOST_LINES)):
        line = lines[number]
        if line.strip() and (_indent(line) <= indent or CHECKBOX.match(line) or fence_of(line)):
            break
        end = number + 1 if line.strip() else end
    return end - at


def _indent(line: str) -> int:
    line = line.expandtabs(4)
    return len(line) - len(line.lstrip())


def chunk_markdown(
    text: str, start: int = 0, marks: Marks = markdown_mark, opens: Opens = fence_of
) -> Iterator[Chunk]:
    """Yield the pieces of a text from ``start`` on: paragraphs under their headings.

    A fenced block of code is never cut, unless it alone is longer than ``LONGEST``.
    """
    group: list[Chunk] = []
    for block in _blocks(text, start, marks, opens):
        together = block.span.end - group[0].span.start if group else 0
        apart = group and (block.alone or group[0].alone or block.headings != group[0].headings)
        if apart or together > TARGET:
            yield from _chunks(text, group)
            group = []
        group.append(block)
    yield from _chunks(text, group)


def _blocks(text: str, start: int, marks: Marks, opens: Opens) -> Iterator[Chunk]:
    """Yield the stretches between empty lines and headings."""
    headings: dict[int, str] = {}  # by their level
    begin: int | None = None
    fence, at, number = "", start, 0
    lines = text[start:].splitlines(keepends=True)
    while number < len(lines):
        line = lines[number]
        mark = None if fence else marks(lines, number)
        opening = "" if fence or mark else opens(line)
        path = tuple(headings.values())
        if begin is not None and not fence and (mark or opening or not line.strip()):
            yield Chunk(text[begin:at], Span(begin, at), path)
            begin = None
        taken = mark.lines if mark else 1
        end = at + sum(map(len, lines[number : number + taken]))
        if mark and mark.level:
            headings = {n: headings[n] for n in headings if n < mark.level}
        if mark and mark.piece:
            yield Chunk(text[at:end], Span(at, end), tuple(headings.values()), mark.alone)
        if mark and mark.level:
            headings[mark.level] = mark.title
        elif not mark and line.strip() and begin is None:
            begin = at
        if opening:
            fence = opening
        elif fence and begin is not None and closes(line, fence):
            yield Chunk(text[begin:end], Span(begin, end), path)
            fence, begin = "", None
        at, number = end, number + taken
    if begin is not None:
        yield Chunk(text[begin:at], Span(begin, at), tuple(headings.values()))


def _chunks(text: str, group: list[Chunk]) -> Iterator[Chunk]:
    if not group:
        return
    alone = group[0].alone
    for piece in pieces(text, group[0].span.start, group[-1].span.end):
        yield Chunk(text[piece.start : piece.end], piece, group[0].headings, alone)
        alone = False


def pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a stretch of a text without white space around it, cut where it is too long."""
    for span in _cut(text, start, end):
        if piece := text[span.start : span.end].strip():
            begin = text.index(piece, span.start)
            yield Span(begin, begin + len(piece))


def titled(title: str, headings: Iterable[str]) -> str:
    """Return the way from a note's title, through the headings above it, to a piece of it."""
    return " › ".join(each for each in (title, *(h for h in headings if h != title)) if each)


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
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
