"""Gemini: Google Takeout's ``MyActivity.json``, and exports of one conversation.

Takeout lists prompts with their answers, the newest first, mostly without a word on which
conversation they are of; those of one day are then one session.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from memcli.importers.assistants import each, string, texts, time_or_none
from memcli.importers.base import Format, Record, Said, Skipped
from memcli.importers.file import File
from memcli.importers.json_stream import inner
from memcli.records import Role

OURS = re.compile(r'"(?:header|products)"\s*:\s*(?:\[\s*)?"[^"]{0,40}(?:Gemini|Bard)')
ACTIVITY = {"item.header", "item.title", "item.time"}
THREAD = {"conversations.item.author", "conversations.item.content"}
AUTHORS: dict[str, Role] = {
    "user": "user", "human": "user", "gemini": "assistant", "bard": "assistant",
    "model": "assistant", "assistant": "assistant",
}  # fmt: skip
PROMPTED = re.compile(
    r"(?:Prompted|Asked(?: Gemini| Bard)?:?|Said|Branched|Eingegebener Prompt:|Запит:)\s+"
)
OTHERWISE = re.compile(r"(?:Created|Used|Gave|Added|Selected|Viewed|Opened|Visited)\b")
CONVERSATION = re.compile(r"gemini\.google\.com/app/(\w+)")
TAG = re.compile(r"(</?[a-zA-Z][^<>]*>)")
NAME = re.compile(r"[a-zA-Z]+[1-6]?")
# What a tag is to a reader; of the others only their content stands.
BREAKS = {"br": "\n", "li": "\n- ", "tr": "\n", "td": " ", "th": " ", "div": "\n"} | dict.fromkeys(
    ("p", "ul", "ol", "pre", "table", "blockquote", "hr", "h1", "h2", "h3", "h4", "h5", "h6"),
    "\n\n",
)


def recognises(file: File) -> bool:
    """Say whether a file is of Takeout's activity with Gemini, or one conversation with it."""
    found = file.outline
    thread = found >= THREAD or found >= {f"item.{path}" for path in THREAD}
    return thread or bool(found >= ACTIVITY and OURS.search(file.start))


def read(file: File) -> Iterator[Record]:
    """Yield the turns, those of one session that stand together by their time."""
    if {"conversations", "item.conversations"} & file.outline:
        yield from each(file, _thread, "conversation")
        return
    records = each(file, _activity, "entry")
    for _, group in groupby(records, key=lambda record: getattr(record, "session", "")):
        yield from sorted(group, key=_moment)


def _moment(record: Record) -> float:
    return record.time.timestamp() if isinstance(record, Said) and record.time else 0.0


def _activity(value: dict[str, Any], where: str) -> Iterator[Record]:
    header, title = string(value.get("header")), string(value.get("title"))
    if not re.search("Gemini|Bard", f"{header} {value.get('products')}") or OTHERWISE.match(title):
        return
    time, wrong = time_or_none(value.get("time"))
    if time is None:
        yield Skipped(where, wrong or "it has no time")
        return
    items = value.get("safeHtmlItem")
    items = items if isinstance(items, list) else []
    answer = "\n\n".join(filter(None, (_plain(string(inner(item, "html"))) for item in items)))
    link = CONVERSATION.search(f"{value.get('titleUrl')} {value.get('details')}")
    session, name = link[1] if link else f"{time:%Y-%m-%d}", f"{header} {time:%Y-%m-%d}"
    prompt, known = PROMPTED.subn("", title, count=1) if PROMPTED.match(title) else (title, 0)
    if prompt and (known or answer):  # in another language the verb stays
        yield Said(session, prompt, "user", "", time, name, f"{value['time']} prompt")
    if answer:
        yield Said(session, answer, "assistant", "", time, name, f"{value['time']} answer")


def _thread(value: dict[str, Any], where: str) -> Iterator[Record]:
    title, messages = string(value.get("title")), value.get("conversations")
    messages = messages if isinstance(messages, list) else []
    first = string(inner(messages[0], "created_at")) if messages else ""
    session = string(value.get("id")) or f"{title} {first}".strip() or where
    for number, message in enumerate(messages, 1):
        role = AUTHORS.get(string(inner(message, "author")).lower())
        text = "\n\n".join(texts(inner(message, "content")))
        time, wrong = time_or_none(inner(message, "created_at"))
        if wrong or not role:
            yield Skipped(f"{where}, message {number}", wrong or "nobody said it")
        elif text:
            yield Said(session, text, role, "", time, title, string(inner(message, "id")))


def _plain(markup: str) -> str:
    """Return HTML as text; the standard library's parser takes minutes over odd comments."""
    found, verbatim = [], False
    for part in TAG.split(markup):
        if not TAG.fullmatch(part):
            words = html.unescape(part)
            found.append(words if verbatim else re.sub(r"\s+", " ", words))
            continue
        closing, name = part[1] == "/", NAME.findall(part)[0].lower()
        verbatim = not closing if name == "pre" else verbatim
        if not closing or BREAKS.get(name) == "\n\n":
            found.append(BREAKS.get(name, ""))
    lines = (line if line.startswith("  ") else line.strip() for line in "".join(found).split("\n"))
    text = re.sub(r"(?m)^-\n+", "- ", "\n".join(lines))  # a paragraph within a list's item
    return re.sub(r"\n{3,}", "\n\n", text).strip()


FORMAT = Format("gemini", recognises, read, own_ids=True, begins=b"[{")
