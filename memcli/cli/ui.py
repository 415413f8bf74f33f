"""All that is printed. stdout is data, stderr is talk; colour and tables only on a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console

SHORT_ID = 6  # the last characters of an id: the first ones are its time, and much alike
ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


def safe(text: str) -> str:
    """Return text without what a terminal would obey: escape sequences and control characters."""
    return ESCAPES.sub("", text)


def short(id: str) -> str:
    """Return enough of an id to name it."""
    return id[-SHORT_ID:]


def out(text: str = "") -> None:
    """Print a line of data."""
    print(safe(text) if sys.stdout.isatty() else text)


def say(text: str) -> None:
    """Print a line of talk, dim on a terminal."""
    text = safe(text)
    if is_terminal(sys.stderr):
        text = f"\x1b[2m{text}\x1b[0m"
    print(text, file=sys.stderr, flush=True)


def json_lines(records: Iterable[Any]) -> None:
    """Print records as JSON, one a line."""
    from memcli.records import to_json

    for record in records:
        print(to_json(record))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on a terminal, else lines of tab-separated values without a head."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(" ".join(cell.split()) for cell in row))
        return
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for i, name in enumerate(columns):
        last = i == len(columns) - 1
        grid.add_column(name, no_wrap=not last, overflow="fold" if last else "ellipsis")
    for row in rows:
        grid.add_row(*(Text(safe(cell)) for cell in row))
    console(sys.stdout).print(grid)


def markdown(text: str) -> None:
    """Print a finished block of Markdown."""
    from rich.markdown import Markdown

    console(sys.stdout).print(Markdown(safe(text)))


def console(stream: TextIO) -> Console:
    """Return a rich console on a stream; it honours NO_COLOR by itself."""
    from rich.console import Console

    return Console(file=stream, highlight=False)


def is_terminal(stream: TextIO) -> bool:
    """Say whether a stream is a terminal that wants colour."""
    import os

    return stream.isatty() and not os.environ.get("NO_COLOR")


def piped() -> str:
    """Return what was piped in; nothing on a terminal. Bytes that are no UTF-8 are replaced."""
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def confirm(question: str, *, yes: bool) -> bool:
    """Ask before something that cannot be undone.

    Raises:
        InvalidInput: nobody is there to answer.
    """
    from memcli.errors import InvalidInput

    if yes:
        return True
    if not sys.stdin or not sys.stdin.isatty():
        raise InvalidInput(f"{question} Nobody is there to say yes.", "Add --yes.")
    return typer.confirm(question, err=True)


class Terminal:
    """A chat's screen: Markdown on a terminal, raw text otherwise."""

    def __init__(self) -> None:
        self.terminal = bool(sys.stdin) and sys.stdin.isatty()

    def answer(self, pieces: Iterator[str]) -> None:
        """Print an answer: block by finished block on a terminal, piece by piece in a pipe."""
        if not sys.stdout.isatty():
            for piece in pieces:
                print(piece, end="", flush=True)
            print(flush=True)
            return
        for block in blocks(pieces):
            markdown(block)

    def say(self, text: str) -> None:
        """Print a line of talk."""
        say(text)

    def confirm(self, question: str) -> bool:
        """Ask on a terminal; in a pipe the answer is no."""
        return self.terminal and typer.confirm(question, err=True)


def chat_screen() -> Terminal:
    """Return the screen of a chat."""
    return Terminal()


def blocks(pieces: Iterable[str]) -> Iterator[str]:
    """Put pieces together to blocks of Markdown: up to an empty line that is in no code block.

    Each is printed once it is whole: rich's Live repeats or hides what is taller than the screen
    (rich #3263).
    """
    waiting = ""
    for piece in pieces:
        waiting += piece
        while (cut := _block_end(waiting)) is not None:
            yield waiting[:cut]
            waiting = waiting[cut:]
    if waiting.strip():
        yield waiting


def _block_end(text: str) -> int | None:
    end = text.find("\n\n")
    while end >= 0:
        if len(re.findall(r"(?m)^\s*(?:```|~~~)", text[:end])) % 2 == 0 and text[:end].strip():
            return end + 2
        end = text.find("\n\n", end + 2)
    return None
