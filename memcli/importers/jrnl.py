"""jrnl: the journal as one file or a folder of days, and its JSON export."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeGuard

from memcli.errors import InvalidInput
from memcli.importers import json_stream
from memcli.importers.base import Format, Note, Record, Skipped, Unreadable, when
from memcli.importers.chunks import titled
from memcli.importers.days import day_of
from memcli.importers.file import File
from memcli.importers.pieces import pieces
from memcli.sentences import split_sentences

# Its own spelling, or one that people choose for it; of slashes nobody knows which is the month.
TIME = r"(?:\d{4}-\d\d-\d\d|\d\d?\.\d\d?\.\d{4}) \d\d?:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?"
# "[2024-05-31 09:00] Title"; before version 2 without the brackets.
ENTRY = re.compile(
    rf"(?m)^(?:\[(?P<time>{TIME})\]|(?P<old>{TIME})(?= [^\s\-|\[]))[ \t]?(?P<title>.*)"
)
SPOKEN = re.compile(r"[^:\n]{1,50}:(?:\s|$)")  # as in a chat, or a log: "Ana: …"
TAG = re.compile(r"(?<![\w@./])@(\w[\w-]*)")
KEYS = frozenset({"entries.item.title", "entries.item.body", "entries.item.date"})
LONGEST_TITLE = 100


def recognises(file: File) -> bool:
    """Say whether a file begins with an entry, and most entries read like no chat or log."""
    start = file.start.removeprefix("\ufeff").lstrip("\r\n")
    if not (first := ENTRY.match(start[:300])):
        return False
    text = start.replace("\r\n", "\n")
    found = [*ENTRY.finditer(text)]
    spoken = sum(bool(SPOKEN.match(entry["title"])) for entry in found)
    if spoken * 2 > len(found):
        return False
    apart = sum(text[: entry.start()].endswith("\n\n") for entry in found[1:])
    return bool(first["time"]) or apart * 2 >= len(found) - 1


def recognises_json(file: File) -> bool:
    """Say whether a file is what ``jrnl --format json`` writes."""
    return file.outline >= KEYS


def read(file: File) -> Iterator[Record]:
    """Yield the entries of a journal, each with its place in the file."""
    text = file.text
    found = [*ENTRY.finditer(text)]
    for number, entry in enumerate(found, 1):
        start = entry.start("title")
        end = found[number].start() if number < len(found) else len(text)
        try:
            yield from _notes(text[start:end], start, entry["time"] or entry["old"])
        except (InvalidInput, Unreadable) as error:
            yield Skipped(f"entry {number}", str(error))


def read_json(file: File) -> Iterator[Record]:
    """Yield the entries of a JSON export."""
    for number, (_, value) in enumerate(json_stream.values(file.open(), "entries.item"), 1):
        try:
            yield from _exported(value)
        except (InvalidInput, Unreadable) as error:
            yield Skipped(f"entry {number}", str(error))


def _exported(value: Any) -> Iterator[Note]:
    if not isinstance(value, dict):
        raise InvalidInput("it is not an object")
    title, body, day, time = (
        found if isinstance(found := value.get(key), str) else ""
        for key in ("title", "body", "date", "time")
    )
    starred, tags = value.get("starred") is True, value.get("tags")
    given = (
        [tag.removeprefix("@") for tag in tags if isinstance(tag, str)] if _is_list(tags) else []
    )
    for note in _notes(f"{title.strip()}\n{body}", None, f"{day} {time}".strip(), given):
        yield replace(note, tags=(*note.tags, "starred")) if starred else note


def _notes(text: str, start: int | None, time: str, tags: Iterable[str] = ()) -> Iterator[Note]:
    """Yield an entry, cut if it is long; without a start it has no place in a file."""
    head = text.strip().split("\n", 1)[0].rstrip()
    moment = day_of(time) or when(time)
    starred = head.endswith("*") and not head.endswith("**")
    tags = dict.fromkeys([*tags, *TAG.findall(text), *["starred"] * starred])
    title = next((each.text for each in split_sentences(head[:1000])), "")[:LONGEST_TITLE]
    for piece in pieces(text, start or 0):
        quote, span = piece.text, piece.span
        words = quote.replace(head, head.rstrip(" *"), 1) if starred else quote
        if words:
            yield Note(
                words, quote, None if start is None else span,
                titled(title.rstrip(" *"), piece.headings), moment, tuple(tags), own=True,
            )  # fmt: skip


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


FORMATS = (
    Format("jrnl", recognises, read, whole=True),
    Format("jrnl-json", recognises_json, read_json),
)
