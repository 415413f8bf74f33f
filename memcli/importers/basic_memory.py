"""basic-memory's notes: Markdown whose list items are observations and relations.

- [category] what was observed #tag (context)
- relation_type [[Another note]]
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from memcli.importers.base import Format, Note, Record
from memcli.importers.chunks import chunk_markdown, titled
from memcli.importers.file import File
from memcli.importers.markdown import FRONT_MATTER, Head, read_head
from memcli.importers.obsidian import TAG, plain
from memcli.importers.prose import may_be_prose
from memcli.records import Span, Triple

PERMALINK = re.compile(r"^permalink:[ \t]*['\"]?([^'\"\r\n]+)", re.MULTILINE)
# "[ ]" and "[x]" are tasks, and "[words](address)" is a link.
ITEM = re.compile(
    r"^[ \t]*[-*+] (?:\[(?![ xX/-]\])(?P<category>[^\[\]\r\n]{1,60})\] (?P<said>\S[^\r\n]*)"
    r"|(?P<relation>\w[^\[\]\r\n]{0,39}) \[\[(?P<target>[^\[\]|\r\n]+)(?:\|[^\[\]\r\n]*)?\]\]"
    r"[ \t]*(?P<context>\([^\r\n]*\))?)[ \t]*\r?$",
    re.MULTILINE,
)
OF_THE_TOOL = ("type: ", "permalink: ")


def recognises(file: File) -> bool:
    """Say whether a note has a permalink and an observation or a relation."""
    if "permalink:" not in file.start[:4096] or not may_be_prose(file):
        return False
    head = FRONT_MATTER.match(file.start.removeprefix("\ufeff"))
    return bool(head and PERMALINK.search(head[1]) and ITEM.search(file.start, head.end()))


def read(file: File) -> Iterator[Record]:
    """Yield the observations and relations, and the prose around them."""
    text = file.text
    head = read_head(text, file.stem)
    found = PERMALINK.search(text[: head.end])
    permalink = found[1].strip() if found else file.stem
    seen: set[str] = set()
    for item in ITEM.finditer(text, head.end):
        id = f"{permalink}#{_digest(item[0].strip())}"
        if id not in seen:
            seen.add(id)
            yield _observation(item, head, id) if item["category"] else _relation(item, head, id)
    yield from _prose(text, head)


def _observation(item: re.Match[str], head: Head, id: str) -> Note:
    tags = dict.fromkeys([item["category"].strip(), *TAG.findall(item["said"]), *head.tags])
    quote, span = _place(item)
    said = plain(item["said"])
    return Note(said, quote, span, head.title, head.time, tuple(tags), "", id, "fact")


def _relation(item: re.Match[str], head: Head, id: str) -> Note:
    verb, target = item["relation"].strip(), item["target"].strip()
    words = [head.title, verb.replace("_", " "), target, item["context"] or ""]
    quote, span = _place(item)
    return Note(
        " ".join(filter(None, words)), quote, span, head.title, head.time, head.tags, "", id,
        "fact",
        links=(target,), triples=(Triple(head.title, verb, target),),
    )  # fmt: skip


def _place(item: re.Match[str]) -> tuple[str, Span]:
    quote = item[0].strip()
    start = item.start() + item[0].index(quote)
    return quote, Span(start, start + len(quote))


def _prose(text: str, head: Head) -> Iterator[Record]:
    """Yield what else the note says: its items become spaces, so that spans stay as they are."""
    properties = [p for p in head.properties.split("; ") if p and not p.startswith(OF_THE_TOOL)]
    if properties:
        yield Note("; ".join(properties), "", None, head.title, head.time, head.tags)
    rest = text[: head.end] + ITEM.sub(lambda item: " " * len(item[0]), text[head.end :])
    for chunk in chunk_markdown(rest, head.end):
        there = text[chunk.span.start : chunk.span.end] == chunk.text
        words = plain(re.sub(r"\n[ \t\r\n]*\n", "\n\n", chunk.text))
        title = titled(head.title, chunk.headings)
        if re.search(r"\w", words):
            quote, span = (chunk.text, chunk.span) if there else ("", None)
            yield Note(words, quote, span, title, head.time, head.tags)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


FORMAT = Format("basic-memory", recognises, read, whole=True, own_ids=True)
