"""What people write in Markdown notes besides Markdown: links, comments, callouts and tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import unquote

from memcli.importers.chunks import TASK, closes, fence_of, with_code
from memcli.importers.days import read_day

HIDDEN = "\0"  # stands for each letter of a comment, so that all others keep their places
# What closes a bracket is looked for up to the next opening one only, or a text of nothing but
# opening ones would take the square of its length.
WIKILINK = re.compile(r"(!?)\[\[([^\[\]|#\n]*)(?:#([^\[\]|\n]*))?(?:\|([^\[\]\n]*))?\]\]")
FILE_LINK = re.compile(
    r"(?<!!)\[[^\[\]\n]*\]\(<?([^()<>\[\]\n]+?\.(?:md|markdown|mdx))(?:#[^()\[\]\n]*)?>?\)"
)
NO_PROSE = re.compile(r"`[^`\n]*`|\]\([^()\[\]\n]*\)|\[\[[^\[\]\n]*\]\]")
TAG = re.compile(r"(?<![\w/&#])#([^\W\d][\w/-]*)")
MOST_TAGS = 100
COMMENT = re.compile(r"^[ \t]*(?:`{3,}|~{3,}).*$|`[^`\n]*`|%%|<!--", re.MULTILINE)
CLOSING = {"%%": "%%", "<!--": "-->"}
CALLOUT = re.compile(r"[ \t]*(?:>[ \t]?)+\[![^\[\]\n]+\][+-]?[ \t]*(.*)")
# What plugins compute from other notes.
QUERY = re.compile(
    r"(?ms)^[ \t>]*(```+)[ \t]*(?:dataview(?:js)?|tasks|query|base)[ \t]*$"
    r".*?(?:^[ \t>]*\1[ \t]*$\n?|\Z)"
)
NOTION_ID = re.compile(r" [0-9a-f]{32}$")
QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)+")
BLOCK_ID = re.compile(r"(?:^|[ \t]+)\^(?=[\d-]*[A-Za-z])[A-Za-z0-9-]+[ \t]*$")
MARKED = re.compile(r"[\[=^>`~]")
ENDS = re.compile(r"[ \t\r\f\v]\n")
TRAILING = re.compile(r"[ \t\r\f\v]+$", re.MULTILINE)
HIGHLIGHT = re.compile(r"==(?=[^\s=])([^=\n]+)(?<=\S)==")

_DAY = r"(?:\[\[)?(?P<day{}>(?:19|20|21)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d)?)(?:\]\])?"
DATE = re.compile(
    rf"(?P<sign>[📅📆🗓⏳⌛🛫➕✅❌])\ufe0f?\s*{_DAY.format(1)}"
    rf"|[\[(@]?\b(?P<word>due|scheduled|start|created|completion|cancelled)"
    rf"(?:\(|::?[ \t]*){_DAY.format(2)}[\])]?|@\{{?{_DAY.format(3)}\}}?",
    re.IGNORECASE,
)
NAMES = {
    "📅": "due",
    "📆": "due",
    "🗓": "due",
    "⏳": "scheduled",
    "⌛": "scheduled",
    "➕": "created",
}
_FIELDS = "📅📆🗓⏳⌛🛫➕✅❌🔁🆔⛔🏁"
OTHER = re.compile(  # how important it is, when it comes again, and what it depends on
    rf"[🔺⏫🔼🔽⏬]\ufe0f?|[🔁🆔⛔🏁]\ufe0f?[^{_FIELDS}🔺⏫🔼🔽⏬#\n]*|@@\{{[\d:]+\}}"
    r"|[\[(](?:repeat|priority|id|dependsOn)::[^\[\]()\n]*[\])]"
)


def masked(text: str) -> str:
    """Return a text in which comments are hidden, and every other letter is where it was."""
    if "%%" not in text and "<!--" not in text:
        return text
    parts, at, fence = [], 0, ""
    unclosed: set[str] = set()
    for match in COMMENT.finditer(text):
        if match.start() < at or match[0] in unclosed:
            continue
        if match[0] not in CLOSING:
            opening = "" if fence else fence_of(match[0])
            fence = opening or ("" if fence and closes(match[0], fence) else fence)
        elif not fence:
            closing = CLOSING[match[0]]
            end = text.find(closing, match.end())
            if end < 0:
                unclosed.add(match[0])
                continue
            end += len(closing)
            parts += [text[at : match.start()], HIDDEN * (end - match.start())]
            at = end
    return "".join([*parts, text[at:]])


def plain(text: str) -> str:
    """Return Markdown as people read it: links by their words, no embedded files or marks."""
    text = QUERY.sub("", text.replace(HIDDEN, "").replace("&nbsp;", " "))
    if not MARKED.search(text):  # as most are
        return (TRAILING.sub("", text) if ENDS.search(text) else text).strip()
    lines = text.split("\n")
    return "\n".join(line.rstrip() for line in _plain(lines)).strip()


def _plain(lines: list[str]) -> Iterator[str]:
    callout = False
    for line, code in with_code(lines):
        found, quoted = CALLOUT.match(line), QUOTED.match(line)
        callout = bool(found) or (callout and bool(quoted))
        if code:
            yield line
        elif found:
            title = _words(found[1].strip())
            yield title + ":" * bool(title and title[-1] not in ":.?!")
        else:
            yield _words(line[quoted.end() :] if callout and quoted else line)


def _words(line: str) -> str:
    line = WIKILINK.sub(lambda m: "" if m[1] else (m[4] or m[2] or m[3] or ""), line)
    return HIGHLIGHT.sub(r"\1", BLOCK_ID.sub("", line.rstrip()))


def links(text: str, *, folders: bool = False) -> tuple[str, ...]:
    """Return the notes that a text links to by name, with their ``folders`` only if asked for."""
    if "[[" not in text and "](" not in text:
        return ()
    found = [match[2] for match in WIKILINK.finditer(text) if not match[1]]
    found += [unquote(match[1]) for match in FILE_LINK.finditer(text) if "://" not in match[1]]
    names = (re.sub(r"\.(?:md|markdown|mdx)$", "", name.strip()) for name in found)
    names = (NOTION_ID.sub("", name) for name in names)
    shown = (name if folders else PurePosixPath(name).name for name in names)
    return tuple(dict.fromkeys(name.replace(HIDDEN, "") for name in shown if name.strip()))


def tags(text: str) -> list[str]:
    """Return the tags in a text, but for its code and links."""
    if not TAG.search(text):
        return []
    prose = (line for line, code in with_code(text.split("\n")) if not code)
    return list(dict.fromkeys(TAG.findall(NO_PROSE.sub(" ", "\n".join(prose)))))[:MOST_TAGS]


def task(text: str) -> tuple[str, datetime | None, datetime | None]:
    """Return what an open task says, until when it is to be done, and when it was written down."""
    dates: dict[str, str] = {}
    for match in DATE.finditer(text):
        name = NAMES.get(match["sign"] or "", (match["word"] or "").lower())
        name = name or ("" if match["sign"] else "due")
        dates.setdefault(name, match["day1"] or match["day2"] or match["day3"])
    words = OTHER.sub(" ", DATE.sub(" ", TASK.sub("", text, count=1)))
    until = read_day(dates.get("due", "")) or read_day(dates.get("scheduled", ""))
    words = re.sub(r" ?\n ?", "\n", re.sub(r"[ \t]+", " ", words))
    return plain(words), until, read_day(dates.get("created", ""))
