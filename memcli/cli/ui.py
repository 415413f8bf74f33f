"""All that is printed. stdout is data, stderr is talk; colour and tables only on a terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

import typer

from memcli.text import CONTROL, escaped, one_line
from memcli.text import size as size  # noqa: PLC0414  every command says sizes so

if TYPE_CHECKING:
    from rich.console import Console

Rows = Iterable[Sequence[str]]

SHORT_ID = 6  # the last characters of an id: the first ones are its time, and much alike
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)|\r")
FENCE = re.compile(r"(?m)^\s*(?:```|~~~)")


def safe(text: str) -> str:
    """Return text without what a terminal would obey: escape sequences and control characters."""
    return CONTROL.sub("", ESCAPES.sub("", text))


def short(id: str) -> str:
    """Return enough of an id to name it."""
    return id[-SHORT_ID:]


def day(time: datetime | None) -> str:
    """Return a date as it is here; nothing for none."""
    return f"{time.astimezone():%Y-%m-%d}" if time else ""


def minute(time: datetime) -> str:
    """Return a time to the minute, as it is here."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}"


def out(text: str = "") -> None:
    """Print a line of data."""
    print(safe(text))


def lines(texts: Iterable[str]) -> None:
    """Print lines of data."""
    for text in texts:
        out(text)


def say(text: str) -> None:
    """Print a line of talk, dim on a terminal."""
    text = safe(text)
    if is_terminal(sys.stderr):
        text = f"\x1b[2m{text}\x1b[0m"
    print(text, file=sys.stderr, flush=True)


def json_lines(records: Iterable[Any]) -> None:
    """Print records as JSON, one a line; dictionaries as they are."""
    import json

    from memcli.records import to_json

    for record in records:
        plain = isinstance(record, dict)
        print(escaped(json.dumps(record, ensure_ascii=False)) if plain else to_json(record))


def show(records: Iterable[Any], columns: Sequence[str], rows: Rows, *, as_json: bool) -> None:
    """Print records as JSON, or the rows that show them as a table."""
    if as_json:
        json_lines(records)
    else:
        table(columns, rows)


def table(columns: Sequence[str], rows: Rows) -> None:
    """Print a table on a terminal, else lines of tab-separated values without a head."""
    lines = ([safe(one_line(cell)) for cell in row] for row in rows)
    if not sys.stdout.isatty():
        for line in lines:
            print(*line, sep="\t")
        return
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for i, name in enumerate(columns):
        last = i == len(columns) - 1
        grid.add_column(name, no_wrap=not last, overflow="fold" if last else "ellipsis")
    for line in lines:
        grid.add_row(*map(Text, line))
    console().print(grid)


def console() -> Console:
    """Return a rich console on stdout; it honours NO_COLOR by itself."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False)


def is_terminal(stream: TextIO) -> bool:
    """Say whether a stream is a terminal that wants colour."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def is_terminal_out() -> bool:
    """Say whether what is printed goes to a terminal."""
    return sys.stdout.isatty()


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
    return typer.confirm(safe(question), err=True)


class Terminal:
    """A chat's screen: Markdown on a terminal, raw text otherwise."""

    def __init__(self) -> None:
        self.terminal = bool(sys.stdin) and sys.stdin.isatty()

    def answer(self, pieces: Iterator[str]) -> None:
        """Print an answer: block by finished block on a terminal, piece by piece in a pipe."""
        if not sys.stdout.isatty():
            for piece in pieces:
                print(safe(piece), end="", flush=True)
            print(flush=True)
            return
        from rich.markdown import Markdown

        for block in blocks(pieces):
            # A link shows where it leads: that is all there is to judge an answer's links by.
            console().print(Markdown(safe(block), hyperlinks=False))

    def say(self, text: str) -> None:
        """Print a line of talk."""
        say(text)

    def confirm(self, question: str) -> bool:
        """Ask on a terminal; in a pipe the answer is no."""
        return self.terminal and typer.confirm(safe(question), err=True)


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
    for gap in re.finditer("\n\n", text):
        block = text[: gap.start()]
        if block.strip() and len(FENCE.findall(block)) % 2 == 0:
            return gap.end()
    return None
