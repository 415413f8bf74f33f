"""ReStructuredText: titles by their underlines, field lists, directives, roles and links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from memcli.importers.base import Format, Note, Record
from memcli.importers.chunks import LONGEST_HEADING, Mark, Marks, chunk_markdown, titled
from memcli.importers.days import day_in, day_of, last_day, read_day
from memcli.importers.file import File
from memcli.importers.markdown import is_diary
from memcli.importers.obsidian import HIDDEN
from memcli.importers.prose import SAMPLE, may_be_prose

LINE = re.compile(r"([=\-`:'\"~^_*+#<>.])\1{2,}[ \t]*")
FIELD = re.compile(r":([A-Za-z][\w -]{0,40}):(?:[ \t]+(.*))?$")
EXPLICIT = re.compile(r"([ \t]*)\.\.(?:[ \t]+(.*))?$")
DIRECTIVE = re.compile(r"([\w:+-]+)::(?:[ \t]+(.*))?$")
# Directives whose words are part of the text; of all others nothing is shown.
SAID = frozenset(
    "note warning tip hint important caution attention danger error admonition seealso epigraph"
    " code code-block sourcecode literalinclude topic sidebar pull-quote highlights rubric"
    " deprecated versionadded versionchanged math parsed-literal container quote list-table".split()
)
ROLE = re.compile(r":[\w+-]{1,40}(?::[\w+-]{1,40}){0,2}:`([^`<>\n]+?)(?:[ \t]*<[^<>`\n]+>)?`")
LINK = re.compile(r"`([^`<>\n]+?)[ \t]*<([^<>`\n]+)>`__?")
NAMED = re.compile(r"`([^`\n]+)`__?|``([^`\n]+)``")
SIGN = re.compile(
    r"(?m)^[ \t]*\.\.[ \t]+(?:[\w:-]+::|_[^:\n]+:)|:[a-z][\w:-]*:`[^`\n]+`|`[^`<\n]+<[^>\n]+>`_"
    r"|^:[A-Za-z][\w -]{0,40}:[ \t]|::[ \t]*$"
)


def recognises(file: File) -> bool:
    """Say whether a file has underlined titles, and a directive, role or field; or its name."""
    if not may_be_prose(file):
        return False
    start = file.start[:SAMPLE]
    hinted = any(hint in start for hint in (":: ", "::\n", "`_", ":`", ".. ", "\n:"))
    return file.suffix == ".rst" or (hinted and bool(SIGN.search(start)) and _has_title(start))


def read(file: File) -> Iterator[Record]:
    """Yield the pieces of a document."""
    fields = _fields(file.text)
    tags = tuple(filter(None, re.split(r"[,;]\s*", fields.get("tags", ""))))
    written = fields.get("date", "")
    time = day_of(written) or read_day(written) or day_in(file.stem)
    own = is_diary(file)
    for chunk in chunk_markdown(hidden(file.text), marks=_marks(), opens=lambda line: ""):
        words = plain(chunk.text)
        if re.search(r"\w", words):
            title = titled(fields.get("title") or file.stem, map(plain, chunk.headings))
            quote = file.text[chunk.span.start : chunk.span.end]
            day = last_day(chunk.headings) or time
            yield Note(words, quote, chunk.span, title, day, tags, own=own)


def hidden(text: str) -> str:
    """Return a text whose comments, directives and fields are hidden, in their places."""
    shown: list[str] = []
    inside: int | None = None  # the indent of what holds the lines that are hidden
    options = False
    for line in text.splitlines(keepends=True):
        bare = line.rstrip()
        indent = len(bare) - len(bare.lstrip())
        if inside is not None and bare and indent <= inside:
            inside = None
        found = EXPLICIT.match(bare) if inside is None else None
        words = ""
        if found:
            name = DIRECTIVE.match(found[2] or "")
            said = name is not None and name[1].lower() in SAID
            inside, options = (None, True) if said else (indent, False)
            words = (name[2] or "") if name and said and "code" not in name[1] else ""
        elif inside is None:
            options = options and bool(FIELD.match(bare.strip()))
        hide = bare and (found or inside is not None or options or FIELD.match(bare))
        keep = len(bare) - len(words) if hide else 0
        shown.append(HIDDEN * keep + line[keep if not hide or words else len(bare) :])
    return "".join(shown)


def plain(text: str) -> str:
    """Return the text as people read it: roles and links by their words."""
    text = LINK.sub(r"\1", ROLE.sub(r"\1", text.replace(HIDDEN, "").replace("\r\n", "\n")))
    text = NAMED.sub(lambda match: match[1] or match[2], text)
    text = re.sub(r"(?m)::$", ":", re.sub(r"(?m)[ \t]+$", "", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip(" \t\n")


def _fields(text: str) -> dict[str, str]:
    """Return the fields that stand at the top, or right below the title."""
    found = map(FIELD.match, text[:4000].splitlines()[:40])
    return {match[1].lower(): (match[2] or "").strip() for match in found if match}


def _has_title(start: str) -> bool:
    lines = start.splitlines()[:400]
    return any(_title(lines, at) for at in range(len(lines)))


def _title(lines: Sequence[str], at: int) -> tuple[str, str, int] | None:
    """Return the style, the words and the number of lines of a title, if one begins there."""
    over = LINE.fullmatch(lines[at].rstrip("\r\n"))
    title = at + bool(over)
    if title + 1 >= len(lines) or not (words := lines[title].strip()):
        return None
    under = LINE.fullmatch(lines[title + 1].rstrip("\r\n"))
    if not under or len(words) > LONGEST_HEADING or LINE.fullmatch(words):
        return None
    if len(under[0].rstrip()) < len(words) or HIDDEN in words:
        return None
    if over and over[0].rstrip() != under[0].rstrip():
        return None
    if not over and lines[title][:1].isspace():
        return None
    return under[1] * (2 if over else 1), words, 3 if over else 2


def _marks() -> Marks:
    """Return what tells titles; the order in which styles come up is that of their levels."""
    styles: list[str] = []

    def mark(lines: Sequence[str], at: int) -> Mark | None:
        found = _title(lines, at)
        if not found:
            return None
        if found[0] not in styles:
            styles.append(found[0])
        return Mark(lines=found[2], level=styles.index(found[0]) + 1, title=found[1])

    return mark


FORMAT = Format("rst", recognises, read, whole=True)
