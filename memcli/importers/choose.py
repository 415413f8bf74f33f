"""Which format a file is of: its content decides, and its name only between kinds of prose."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from memcli.errors import InvalidInput
from memcli.importers import (
    agents,
    basic_memory,
    chatgpt,
    claude,
    csv_table,
    dayone,
    discord,
    gemini,
    ics,
    instagram,
    jrnl,
    jsonl,
    logseq,
    mail,
    markdown,
    mcp_memory,
    mem0,
    org,
    pdf,
    rst,
    signal,
    slack,
    telegram,
    text,
    whatsapp,
)  # fmt: skip
from memcli.importers.base import Format, Unreadable
from memcli.importers.encoding import encoding_of
from memcli.importers.file import File

# In the order in which they are tried: what shows itself by its content comes before prose.
FORMATS = (
    pdf.FORMAT, ics.FORMAT, *mail.FORMATS,
    chatgpt.FORMAT, claude.FORMAT, gemini.FORMAT, mcp_memory.FORMAT, mem0.FORMAT, agents.FORMAT,
    dayone.FORMAT, *jrnl.FORMATS[1:],
    discord.FORMAT, telegram.FORMAT, instagram.FORMAT, slack.FORMAT, signal.FORMAT, whatsapp.FORMAT,
    jrnl.FORMATS[0], jsonl.FORMAT, basic_memory.FORMAT, csv_table.FORMAT,
    logseq.FORMAT, org.FORMAT, rst.FORMAT, markdown.FORMAT, text.FORMAT,
)  # fmt: skip
ALSO = {  # what people call some of them
    "obsidian": "markdown", "md": "markdown", "txt": "text", "ical": "ics", "calendar": "ics",
    "messenger": "instagram", "claude-code": "agents", "codex": "agents", "mcp": "mcp-memory",
}  # fmt: skip
SIGNATURES = {
    rb"\s*\Z": "an empty file", rb"\s*(?:\[\s*\]|\{\s*\})\s*\Z": "JSON that holds nothing",
    rb"\x89PNG": "a PNG image", rb"\xff\xd8\xff": "a JPEG image", rb"GIF8": "a GIF image",
    rb"RIFF": "a sound, film or WebP image", rb"%PDF": "a PDF", rb"SQLite format 3": "a database",
    rb"\x1f\x8b": "gzip", rb"7z\xbc\xaf": "a 7z archive", rb"PK\x03\x04": "a zip within a zip",
    rb"\x7fELF|MZ": "a program", rb"ID3|OggS": "a sound", rb"\{\\rtf": "RTF",
    rb"%!PS": "PostScript",
}  # fmt: skip


@cache
def formats() -> dict[str, Format]:
    """Return all formats by name: ours, and those that other packages register.

    An entry point of the group ``memcli.importers`` is a ``Format``; it is tried before ours.

    Raises:
        InvalidInput: one that another package registers cannot be loaded.
    """
    others = map(_loaded, entry_points(group="memcli.importers"))
    return {format.name: format for format in (*others, *FORMATS)}


def _loaded(found: EntryPoint) -> Format:
    try:
        format = found.load()
    except Exception as error:  # it is somebody else's module
        raise InvalidInput(
            f"The importer {found.name} of another package cannot be loaded: {error}.",
            f"Mend or uninstall the package of {found.value}.",
        ) from error
    if not isinstance(format, Format):
        raise InvalidInput(f"The importer {found.name} is no Format: {found.value}.")
    return format


def choose(file: File, name: str = "") -> Format:
    """Return the format of a file, or the one of that name.

    Raises:
        Unreadable: none takes it; the message says what was seen in it.
        InvalidInput: there is no format of that name.
    """
    if name:
        return named(name)
    may_be = (f for f in formats().values() if not f.begins or file.begins in f.begins)
    found = next((format for format in may_be if format.recognises(file)), None)
    if found is None:
        raise Unreadable(f"unknown format: {seen(file)}")
    return found


def named(name: str) -> Format:
    """Return the format of that name.

    Raises:
        InvalidInput: there is none.
    """
    name = ALSO.get(name.lower(), name.lower())
    if name not in formats():
        known = ", ".join(sorted(formats()))
        raise InvalidInput(f"There is no format {name!r}.", f"Formats are {known}.")
    return formats()[name]


def seen(file: File) -> str:
    """Say what a file looks like, to somebody who wonders why it was not imported."""
    for pattern, what in SIGNATURES.items():
        if re.match(pattern, file.head):
            return what
    if file.outline:
        paths = sorted(path for path in file.outline if path.count(".") < 2)
        return f"JSON with {', '.join(paths[:6])}"
    if tag := re.match(r"\s*(?:<[?!][^>]{0,400}>\s*)*<([\w:?!-]{1,40})", file.start):
        return f"XML or HTML, <{tag[1]}>"
    if not file.start:
        try:
            return encoding_of(file.head)
        except Unreadable as error:
            return f"{error}; it begins with {file.head[:12]!r}"
    return f"text that reads like no notes: it begins with {file.start[:40]!r}"
