"""Markdown notes, alone or in an Obsidian vault: front matter, links and tags, headings, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from memcli.errors import InvalidInput
from memcli.importers import obsidian
from memcli.importers.base import Format, Note, Record, Unreadable, when
from memcli.importers.chunks import TASK, chunk_markdown, titled
from memcli.importers.days import WEEKDAY, day_in, day_of, last_day
from memcli.importers.file import File
from memcli.importers.obsidian import plain
from memcli.importers.prose import SAMPLE, may_be_prose, odd
from memcli.records import Span

SUFFIXES = (".md", ".markdown", ".mdx")
FRONT_MATTER = re.compile(
    r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
MOST_ALIASES = 10
# Notion writes a page's properties below its title, and an id behind its name.
NOTION = re.compile(r"\A# .*\n\n((?:[A-Z][^:\n]{0,40}: .*\n)+)")
PROPERTY = re.compile(r"(?m)^([^:\n]+): (.*)$")
LARGEST_FRONT_MATTER = 64_000  # characters
SIGN = re.compile(
    r"(?m)^(?:#{1,6}[ ]\S|```|~~~|[ \t]*(?:[-*+]|\d+\.)[ ]\[[ xX/-]\][ ]|[ \t]*>[ ]\[!\w)"
    r"|(?<!\w)!?\[\[[^\W\d][^\[\]\n]*\]\]|^[ \t]*[-*+][ ].*\]\([^()\n]+\)"
)
# Tables, badges and HTML may stand in Markdown, and say nothing of whether it is.
NEUTRAL = re.compile(r"[ \t]*(?:\|.*\||\[?!\[.*\)|<.*>)[ \t]*$")
SAID = re.compile(r"(?m)\[\[|[-*] \[|^[ \t]*[-*+] \w+ \w+ \w")
SENTENCE = re.compile(r"\w \w+ .*[.!?:…]\W*$")
COMMENTS = re.compile(r"(?m)^#[ ].*\n#(?:[ ]|$)")  # headings do not follow upon each other so
FENCED = re.compile(r"(?ms)^(```|~~~).*?(?:^\1|\Z)")
DATE_KEYS = (
    *("date", "created", "date created", "date_created", "date-created", "created_at", "createdat"),
    *("created time", "creation date", "creation_date", "creation-date", "published", "start"),
)
HIDDEN_KEYS = (
    *("tags", "tag", "cssclass", "cssclasses", "title", "id", "uid", "publish"),
    *("kanban-plugin", "latitude", "longitude", "altitude"),
    *("date", "modified", "updated", "date modified", *DATE_KEYS[1:-1]),
)
DIARIES = ("journal", "journals", "diary", "diaries", "daily", "dailies", "dailynotes", "dailynote")
DIGITS = re.compile(r"\d{8}")
# Properties and tags of what somebody else wrote.
CLIPPED = frozenset({"source", "url", "author", "clipped", "clipping", "clippings"})


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a note's text: its title, date, tags and other properties."""

    title: str
    time: datetime | None
    tags: tuple[str, ...]
    properties: str
    end: int
    clipped: bool = False


def recognises(file: File) -> bool:
    """Say whether a file is Markdown by its name or content."""
    return may_be_prose(file) and (file.suffix in SUFFIXES or _is_markdown(file.start[:SAMPLE]))


def read(file: File) -> Iterator[Record]:
    """Yield the pieces of one note."""
    head = read_head(file.text, file.stem)
    own = not head.clipped
    if head.properties:
        quote = file.text[: head.end].strip()
        yield Note(
            head.properties, quote, Span(0, len(quote)), head.title, head.time, head.tags,
            links=obsidian.links(quote),
        )  # fmt: skip
    for chunk in chunk_markdown(obsidian.masked(file.text), head.end):
        quote = file.text[chunk.span.start : chunk.span.end]
        words, until, created = plain(chunk.text), None, None
        is_task = chunk.alone and TASK.match(quote)
        if is_task:
            words, until, created = obsidian.task(chunk.text)
        if not re.search(r"\w", words):
            continue
        yield Note(
            words, quote, chunk.span, titled(head.title, map(plain, chunk.headings)),
            created or last_day(chunk.headings) or head.time, head.tags,
            kind="task" if is_task else "note", valid_to=until, own=own,
            links=obsidian.links(chunk.text),
        )  # fmt: skip


def is_diary(file: File) -> bool:
    """Say whether the owner speaks in a note: it is named by its day, or lies among such."""
    stem = file.stem.replace("_", "-")
    folders = {*file.name.parts[:-1], file.path.parent.name}
    named = day_of(stem) or (DIGITS.fullmatch(WEEKDAY.sub("", stem)) and day_in(stem))
    return bool(named) or any(map(_holds_diary, folders))


@lru_cache(maxsize=256)
def _holds_diary(folder: str) -> bool:
    return re.sub(r"[^a-z]", "", folder.lower()) in DIARIES


def read_head(text: str, stem: str) -> Head:
    """Read a note's front matter, and make up from the file name what it does not say."""
    match = FRONT_MATTER.match(text)
    written = _front_matter(match[1]) if match else {}
    values = {key.lower(): value for key, value in written.items()}
    end = match.end() if match and values else 0
    name = obsidian.NOTION_ID.sub("", stem)
    if name != stem and (about := NOTION.match(text)):
        values = {key.lower(): value for key, value in PROPERTY.findall(about[1])}
        values["tags"] = values.get("tags", "").split(", ")
    tags = _listed(values.get("tags") or values.get("tag"))
    if isinstance(values.get("tags"), str):
        tags = [tag.lstrip("#") for tag in re.split(r"[,\s]+", values["tags"]) if tag]
    clipped = {key for key, value in values.items() if value} | {tag.lower() for tag in tags}
    tags += obsidian.tags(obsidian.masked(text[end:]))
    return Head(
        title=" ".join(_listed(values.get("title"))) or name,
        time=_date(name, values),
        tags=tuple(dict.fromkeys(tags)),
        properties=_properties(written),
        end=end,
        clipped=not CLIPPED.isdisjoint(clipped),
    )


def _is_markdown(start: str) -> bool:
    """Say whether a text shows the signs of Markdown, and what stands between them is prose."""
    front = FRONT_MATTER.match(start)
    text = start[front.end() :] if front else start
    prose = FENCED.sub("", text)
    lines = [line for line in prose.splitlines() if line.strip()]
    lines = [line for line in lines if not SIGN.match(line) and not NEUTRAL.match(line)]
    if COMMENTS.search(prose) or odd(lines):
        return False
    if front:
        keyed = re.match(r"[^\W\d][\w -]*:(?:\s|$)", front[1])
        return bool(keyed) and (bool(lines) or not text.strip())
    said = SAID.search(text) or any(map(SENTENCE.search, lines))
    return bool(said) and bool(SIGN.search(text))


def _front_matter(raw: str) -> dict[str, Any]:
    import yaml  # 30 ms

    if len(raw) > LARGEST_FRONT_MATTER:
        return {}
    try:
        # An alias could make a small text huge; hardly anybody writes one by hand in a note.
        aliases = sum(isinstance(e, yaml.AliasEvent) for e in yaml.parse(raw)) if "&" in raw else 0
        if aliases > MOST_ALIASES:
            raise Unreadable(f"front matter with {aliases} aliases, which may unfold without end")
        if aliases:
            return {}
        values = yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError, RecursionError):  # a template, or no front matter at all
        return {}
    if not isinstance(values, dict):
        return {}
    return {_string(key): value for key, value in values.items()}


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
    return [_string(item).lstrip("#") for item in values if item not in (None, "", [], {})]


def _string(value: Any) -> str:
    try:
        return str(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, lists in lists
        return ""


def _date(stem: str, values: dict[str, Any]) -> datetime | None:
    """Return the first date that can be read: in the name of the file, or else in its values."""
    if named := day_in(stem):
        return named
    given = (values[key] for key in DATE_KEYS if isinstance(values.get(key), (str, int, date)))
    return next(filter(None, map(_time, given)), None)


def _time(value: str | int | date) -> datetime | None:
    text = _string(value)
    if re.match(r"(?:2[2-9]|[3-9]\d)\d\d-", text):  # some of these years are no dates at all
        raise Unreadable(f"the date {text[:40]} is of the year {text[:4]}")
    try:
        return when(text)
    except InvalidInput:
        return None


FORMAT = Format("markdown", recognises, read, whole=True)
