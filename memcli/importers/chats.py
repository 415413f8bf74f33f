"""What the exports of several chat programs have in common: JSON whose values may be anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from memcli.errors import InvalidInput
from memcli.importers import json_stream
from memcli.importers.base import Record, Said, Skipped, Unreadable
from memcli.importers.file import File

MOST_LINES = 10_000  # of one message
MOST_TABLES = 8  # archives whose tables are kept; there is rarely more than one at a time

_tables: dict[tuple[str, int, int], dict[str, str]] = {}


def text_at(value: Any, *keys: str) -> str:
    """Return the text or whole number that lies within objects; of anything else, an empty text."""
    value = json_stream.inner(value, *keys)
    known = isinstance(value, (str, int)) and not isinstance(value, bool)
    return cleaned(str(value)) if known else ""


def cleaned(text: str) -> str:
    """Return a text without what can be written in JSON, but neither stored nor hashed."""
    return text.encode("utf-8", "replace").decode().replace("\0", "").strip()


def items_at(value: Any, key: str) -> list[Any]:
    """Return the list that an object has under a key; if it is none, an empty one."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def said_by(
    messages: Iterable[Any], said: Callable[[dict[str, Any]], Said | None]
) -> Iterator[Record]:
    """Yield what each message says, and which ones cannot be read; None says nothing."""
    for number, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            yield Skipped(f"message {number}", "it is not an object")
            continue
        try:
            found = said(message)
        except (InvalidInput, Unreadable) as error:
            yield Skipped(f"message {number}", str(error))
            continue
        if found is not None:
            yield found


def messages_of_lines(
    file: File, header: Callable[[str], re.Match[str] | None]
) -> Iterator[tuple[int, re.Match[str], list[str]]]:
    """Yield each message: the number of its first line, what its header is, and its other lines.

    Raises:
        Unreadable: no line has a header.
    """
    current: tuple[int, re.Match[str], list[str]] | None = None
    for number, raw in enumerate(file.text_lines(), 1):
        line = raw.replace("\0", "")
        if found := header(line):
            if current:
                yield current
            current = (number, found, [])
        elif current and len(current[2]) < MOST_LINES:
            current[2].append(line)
    if current is None:
        raise Unreadable("no line of it begins with a date, a time and a name")
    yield current


def table(file: File | None, read: Callable[[Any], Iterable[tuple[str, str]]]) -> dict[str, str]:
    """Return what ``read`` makes of a JSON file that many others are read with, such as names.

    It is parsed once, not for each of thousands of files beside it.
    """
    if file is None:
        return {}
    try:
        key = (str(file.path), file.size, hash(file.head))
        if key not in _tables:
            if len(_tables) >= MOST_TABLES:
                _tables.clear()
            _tables[key] = {}  # and so it stays where the file cannot be read
            _tables[key] = dict(
                pair for _, value in json_stream.values(file.open(), "") for pair in read(value)
            )
    except (Unreadable, OSError):  # messages without names are better than none
        return {}
    return _tables[key]


def folder_of(file: File) -> str:
    """Return the name of the folder, or of the zip, that a file lies in."""
    name = file.name.parent.name or file.path.parent.name
    return name[:-4] if name.lower().endswith(".zip") else name
