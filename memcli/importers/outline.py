"""Blocks within blocks, as outliners write them: whole where short, else by their children."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from memcli.importers.chunks import TARGET, Opens, closes

DEEPEST_SHOWN = 6  # blocks above a piece that stand in its title


@dataclass(slots=True)
class Block:
    """A block: its lines from ``start`` to ``own``, and those of its children to ``end``.

    ``after`` is the number of the next block that is none of its children.
    """

    text: str
    depth: int
    start: int
    own: int
    end: int = 0
    after: int = 0
    task: bool = False
    tasks: int = 0  # in it and its children
    id: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an outline that is one record, beginning with a block, and those above it."""

    block: Block
    end: int
    above: tuple[str, ...]


def parse(text: str, start: int, depth: Callable[[str], int | None], opens: Opens) -> list[Block]:
    """Return the blocks of an outline in order; what stands before the first is one too."""
    blocks: list[Block] = []
    fence, at = "", start
    for line in text[start:].splitlines(keepends=True):
        level = None if fence else depth(line)
        if level is None and not blocks and line.strip():
            level = 0
        if level is not None:
            blocks.append(Block("", level, at, at))
        at += len(line)
        if blocks:
            blocks[-1].own = at
        opening = "" if fence else opens(line)
        fence = opening or ("" if fence and closes(line, fence) else fence)
    for block in blocks:
        block.text = text[block.start : block.own]
    return blocks


def pieces(blocks: list[Block]) -> Iterator[Piece]:
    """Yield the records of an outline: a block with its children, if it is short and no task."""
    _measure(blocks)
    waiting: Piece | None = None
    above: list[tuple[Block, str]] = []
    number = 0
    while number < len(blocks):
        block = blocks[number]
        while above and above[-1][0].depth >= block.depth:
            above.pop()
        whole = block.end - block.start <= TARGET and not block.tasks
        piece = Piece(
            block,
            block.end if whole else block.own,
            tuple(text for _, text in above[-DEEPEST_SHOWN:]),
        )
        if waiting and above and _goes_with(waiting, piece):
            waiting = Piece(waiting.block, piece.end, waiting.above)
        else:
            if waiting:
                yield waiting
            waiting = piece
        if not whole:
            above.append((block, block.text.split("\n", 1)[0]))
        number = block.after if whole else number + 1
    if waiting:
        yield waiting


def _goes_with(first: Piece, next: Piece) -> bool:
    """Say whether a piece may stand in one record with that before it."""
    apart = first.block.task or next.block.task or next.block.id
    below = next.above[: len(first.above)] == first.above
    return not apart and below and next.end - first.block.start <= TARGET


def _measure(blocks: list[Block]) -> None:
    """Find where each block's children end, and count the tasks in it."""
    open_blocks: list[Block] = []
    last = blocks[-1].own if blocks else 0
    for number, block in enumerate(blocks):
        while open_blocks and open_blocks[-1].depth >= block.depth:
            _close(open_blocks, number, block.start)
        open_blocks.append(block)
    while open_blocks:
        _close(open_blocks, len(blocks), last)


def _close(open_blocks: list[Block], number: int, end: int) -> None:
    block = open_blocks.pop()
    block.after, block.end = number, end
    block.tasks += block.task
    if open_blocks:
        open_blocks[-1].tasks += block.tasks
