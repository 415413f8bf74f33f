"""Signal, by way of the program signal-export: ``chat.md`` and ``data.json`` of each chat.

    [2019-12-24, 12:23] Ana: Hello!
    [2019-12-24 12:24:07] Me: Hello
    Ana!

Each line of ``data.json`` is a message. Both files say the same, so of two the second is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from memcli.errors import InvalidInput
from memcli.importers.base import Format, Record, Said, Skipped, Unreadable, when
from memcli.importers.chats import folder_of, messages_of_lines, said_by, text_at
from memcli.importers.file import File

HEADER = re.compile(r"\[(\d{4}-\d\d-\d\d)(,?) (\d\d:\d\d(?::\d\d)?)\] ?(.*)", re.DOTALL)
NAMED = re.compile(r"([^:\n]{1,60}):(?=\s|$)(.*)", re.DOTALL)
KEYS = {"date", "sender", "body", "reactions", "attachments"}
OWNER = "Me"  # as the program calls whose chats they are
# What the program adds to a message: a quotation, reactions, stickers and attached files.
QUOTED = re.compile(r"\A\s*(?:^>.*\n?)+", re.MULTILINE)
ADDED = re.compile(
    r"^\(- .* -\)$|^\(\( .{0,40} \)\)$"
    r"|!?\[[^\[\]\n]*\]\(\.{0,2}/?(?:media|exported_stickers)/[^()\n]*\)",
    re.MULTILINE,
)
GENERATED = re.compile(
    r"(?:Incoming|Outgoing|Missed) (?:\w+ )?call(?: \([^()\n]{1,60}\))?"
    r"|\(This message was deleted\)"
)
SEEN = 200  # lines that a chat is known by


def recognises(file: File) -> bool:
    """Say whether it is a chat: not a journal, whose titles name nobody, and not WhatsApp's."""
    return file.outline >= KEYS or _is_chat(file)


def read(file: File) -> Iterator[Record]:
    """Yield the messages of one chat.

    Raises:
        Unreadable: there is no message in it.
    """
    if file.head.lstrip()[:1] == b"{":
        yield from said_by(_parsed(file), lambda message: _from_json(message, _title(file)))
        return
    twin = file.near("data.json")
    if twin is not None and twin.outline >= KEYS:
        yield Skipped(str(file.name), "data.json beside it has the same messages")
        return
    yield from _written(file)


def _is_chat(file: File) -> bool:
    if not HEADER.match(file.start):
        return False
    lines = file.start.split("\n", SEEN)[:SEEN]
    if file.size > len(file.head):
        lines.pop()  # it may be cut
    headers = [found for line in lines if (found := HEADER.match(line))]
    named = [NAMED.match(header[4]) for header in headers]
    names = [found[1] for found in named if found]
    if len(names) < len(headers) or any("\u200e" in header[4] for header in headers):
        return False  # WhatsApp marks its own words so
    if OWNER in names or file.name.name in ("chat.md", "index.md"):
        return True
    if len(headers[0][3]) > len("12:23"):  # an iPhone's WhatsApp has seconds, but no such line ends
        ends = [header for header in headers if header[4].rstrip("\r").endswith("  ")]
        return len(ends) * 2 > len(headers)
    return bool(headers[0][2]) or len(set(names)) < len(names)  # a journal has no comma


def _written(file: File) -> Iterator[Record]:
    for number, header, more in messages_of_lines(file, HEADER.match):
        named = NAMED.match(header[4])
        text = _spoken("\n".join([named[2], *more])) if named else ""
        if named and text:
            try:
                yield _said(named[1], text, f"{header[1]} {header[3]}", _title(file))
            except (InvalidInput, Unreadable) as error:
                yield Skipped(f"line {number}", str(error))


def _spoken(text: str) -> str:
    """Return what somebody said, without what Signal or the program added to it."""
    if text.lstrip(" ").startswith("\n"):
        text = QUOTED.sub("", text, count=1)  # the words of the one who is answered
    lines = (line.rstrip() for line in ADDED.sub("", text).strip().split("\n"))
    text = "\n".join(lines)
    return "" if GENERATED.fullmatch(text) else text


def _parsed(file: File) -> Iterator[Any]:
    for line in file.lines():
        if line is None or line.strip():
            try:
                yield json.loads((line or b"").decode())
            except (ValueError, RecursionError):
                yield None  # which is no object, and said to be none


def _from_json(message: dict[str, Any], title: str) -> Said | None:
    text = text_at(message, "body")
    gone = message.get("deleted") is True or message.get("call")
    if not text or gone or GENERATED.fullmatch(text):
        return None
    return _said(text_at(message, "sender"), text, text_at(message, "date"), title)


def _said(speaker: str, text: str, time: str, title: str) -> Said:
    owner = speaker == OWNER
    name = "" if owner or speaker == "No-Sender" else speaker
    return Said(title, text, "user" if owner else None, name, when(time), title)


def _title(file: File) -> str:
    """Return the chat's name: that of its folder, unless the file has one of its own."""
    return folder_of(file) if file.stem in ("chat", "index", "data") else file.stem


FORMAT = Format("signal", recognises, read, own_ids=True)
