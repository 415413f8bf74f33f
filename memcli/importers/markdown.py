"""Markdown notes, alone or in an Obsidian vault: front matter, links and tags, headings, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from memcli.dates import parse_time
from memcli.errors import InvalidInput
from memcli.importers.base import Note, decode
from memcli.importers.chunks import Chunk, chunk_markdown
from memcli.records import Span

KIND = "markdown"
FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
LARGEST_FRONT_MATTER = 64_000  # characters
WIKILINK = re.compile(r"(!?)\[\[([^\]|#]*)(?:#([^\]|]*))?(?:\|([^\]]*))?\]\]")
NO_TAGS = re.compile(r"(?ms)^\s*(```|~~~).*?^\s*\1|`[^`\n]*`|\]\([^)\n]*\)|\[\[[^\]]*\]\]")
TAG = re.compile(r"(?<![\w/&#])#([^\W\d][\w/-]*)")
FILE_DATE = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")
DATE_KEYS = ("date", "created", "published", "start")
HIDDEN_KEYS = ("tags", "tag", "cssclass", "cssclasses", "aliases", "title", "id", "uid", "publish")


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a note's text: its title, date, tags and other properties."""

    title: str
    time: datetime | None
    tags: tuple[str, ...] = ()
    properties: str = ""
    end: int = 0
    raw: str = field(default="", repr=False)


def read(data: bytes, path: Path) -> tuple[Head, Iterator[Note]]:
    """Read one note.

    Raises:
        Unreadable: the file is no text.
    """
    text = decode(data)
    head = read_head(text, path)
    return head, _notes(text, head)


def read_head(text: str, path: Path) -> Head:
    """Read a note's front matter, and make up from the file name what it does not say."""
    match = FRONT_MATTER.match(text)
    values = _front_matter(match[1]) if match else {}
    end = match.end() if match and values else 0
    return Head(
        title=str(values.get("title") or path.stem),
        time=_date_in_name(path.stem) or _date_in(values),
        tags=tuple(
            dict.fromkeys([*_listed(values.get("tags") or values.get("tag")), *_tags(text, end)])
        ),
        properties=_properties(values),
        end=end,
        raw=text[:end].strip(),
    )


def plain(text: str) -> str:
    """Return Markdown as people read it: links by their words, no embedded files."""
    text = WIKILINK.sub(lambda m: "" if m[1] else (m[4] or m[2] or m[3]), text)
    return re.sub(r"[ \t]+\n", "\n", text).strip()


def _notes(text: str, head: Head) -> Iterator[Note]:
    if head.properties:
        span = Span(0, len(head.raw))
        yield Note(head.properties, head.raw, span, head.title, head.time, head.tags)
    for chunk in chunk_markdown(text, head.end):
        if re.search(r"\w", words := plain(chunk.text)):
            title = " › ".join(_path(head, chunk))
            yield Note(words, chunk.text, chunk.span, title, head.time, head.tags)


def _path(head: Head, chunk: Chunk) -> list[str]:
    return [head.title, *(plain(title) for title in chunk.headings if title != head.title)]


def _front_matter(raw: str) -> dict[str, Any]:
    import yaml  # 30 ms

    # An alias could make a small text huge; nobody writes one by hand in a note.
    if len(raw) > LARGEST_FRONT_MATTER or re.search(r"(?m)[:\-]\s*[&*]\w+", raw):
        return {}
    try:
        values = yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError, RecursionError):  # a template, or no front matter at all
        return {}
    return {str(key): value for key, value in values.items()} if isinstance(values, dict) else {}


def _properties(values: dict[str, Any]) -> str:
    """Return front matter as a sentence, such as ``author: Ana; rating: 7``."""
    shown = {
        key: ", ".join(_listed(value))
        for key, value in values.items()
        if key.lower() not in HIDDEN_KEYS
    }
    return "; ".join(f"{key}: {plain(value)}" for key, value in shown.items() if value)


def _listed(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{key} {', '.join(_listed(item))}" for key, item in value.items()]
    values = value if isinstance(value, list) else [value]
    return [str(item).lstrip("#") for item in values if item not in (None, "", [], {})]


def _tags(text: str, start: int) -> list[str]:
    return TAG.findall(NO_TAGS.sub(" ", text[start:]))


def _date_in(values: dict[str, Any]) -> datetime | None:
    for key in DATE_KEYS:
        value = values.get(key)
        if isinstance(value, (str, int, date)):
            try:
                return parse_time(value.isoformat() if isinstance(value, date) else str(value))
            except InvalidInput:
                continue
    return None


def _date_in_name(stem: str) -> datetime | None:
    if not (match := FILE_DATE.search(stem)):
        return None
    try:
        return parse_time("-".join(match.groups()))
    except InvalidInput:
        return None
