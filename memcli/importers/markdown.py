"""Markdown notes, alone or in an Obsidian vault: front matter, links and tags, headings, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from memcli.errors import InvalidInput
from memcli.importers.base import Format, Note, Record, when
from memcli.importers.chunks import chunk_markdown
from memcli.importers.file import File
from memcli.records import Span

SUFFIXES = (".md", ".markdown")
FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
LARGEST_FRONT_MATTER = 64_000  # characters
WIKILINK = re.compile(r"(!?)\[\[([^\]|#]*)(?:#([^\]|]*))?(?:\|([^\]]*))?\]\]")
NO_TAGS = re.compile(r"(?ms)^\s*(```|~~~).*?^\s*\1|`[^`\n]*`|\]\([^)\n]*\)|\[\[[^\]]*\]\]")
TAG = re.compile(r"(?<![\w/&#])#([^\W\d][\w/-]*)")
FILE_DATE = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")
DATE_KEYS = ("date", "created", "published", "start")
HIDDEN_KEYS = (
    *("tags", "tag", "cssclass", "cssclasses", "aliases", "title", "id", "uid", "publish"),
    *("date", "created", "published", "modified", "updated"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a note's text: its title, date, tags and other properties."""

    title: str
    time: datetime | None
    tags: tuple[str, ...]
    properties: str
    end: int


def recognises(file: File) -> bool:
    """Say whether a file is Markdown by its name or content."""
    return file.prose and file.suffix in SUFFIXES


def read(file: File) -> Iterator[Record]:
    """Yield the pieces of one note."""
    yield from _notes(file.text, read_head(file.text, file.stem))


def read_head(text: str, stem: str) -> Head:
    """Read a note's front matter, and make up from the file name what it does not say."""
    match = FRONT_MATTER.match(text)
    values = _front_matter(match[1]) if match else {}
    end = match.end() if match and values else 0
    tags = _listed(values.get("tags") or values.get("tag"))
    tags += TAG.findall(NO_TAGS.sub(" ", text[end:]))
    return Head(
        title=str(values.get("title") or stem),
        time=_date(stem, values),
        tags=tuple(dict.fromkeys(tags)),
        properties=_properties(values),
        end=end,
    )


def plain(text: str) -> str:
    """Return Markdown as people read it: links by their words, no embedded files."""
    text = WIKILINK.sub(lambda m: "" if m[1] else (m[4] or m[2] or m[3]), text)
    return re.sub(r"[ \t]+\n", "\n", text).strip()


def _notes(text: str, head: Head) -> Iterator[Record]:
    if head.properties:
        quote = text[: head.end].strip()
        span = Span(0, len(quote))
        yield Note(head.properties, quote, span, head.title, head.time, head.tags)
    for chunk in chunk_markdown(text, head.end):
        if re.search(r"\w", words := plain(chunk.text)):
            below = (plain(title) for title in chunk.headings if title != head.title)
            title = " › ".join([head.title, *below])
            yield Note(words, chunk.text, chunk.span, title, head.time, head.tags)


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


def _date(stem: str, values: dict[str, Any]) -> datetime | None:
    """Return the first date that can be read: in the name of the file, or else in its values."""
    named = FILE_DATE.search(stem)
    given = ["-".join(named.groups())] if named else []
    given += [values[key] for key in DATE_KEYS if isinstance(values.get(key), (str, int, date))]
    return next(filter(None, map(_time, given)), None)


def _time(value: str | int | date) -> datetime | None:
    try:
        return when(str(value))
    except InvalidInput:
        return None


FORMAT = Format("markdown", recognises, read, whole=True)
