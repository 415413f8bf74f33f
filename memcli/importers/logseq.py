"""Logseq: journals and pages, whose blocks stand within blocks, in Markdown or in Org mode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import unquote

from memcli.importers import obsidian, org
from memcli.importers.base import Format, Note, Record
from memcli.importers.chunks import fence_of, titled, with_code
from memcli.importers.chunks import pieces as cut
from memcli.importers.days import day_in, planned
from memcli.importers.file import File
from memcli.importers.markdown import CLIPPED, read_head
from memcli.importers.obsidian import MOST_TAGS
from memcli.importers.outline import Piece, parse, pieces
from memcli.importers.prose import SAMPLE, may_be_prose

FOLDERS = ("journals", "pages")
UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
OURS = re.compile(rf"(?m)^[ \t]*(?:[-*] )?(?:id:: {UUID}|collapsed:: true)[ \t]*\r?$")
PROPERTY = re.compile(r"[ \t]*(?:[-*][ \t]+)?([^\s:`()\[\]{}]{1,60})::(?:[ \t]+(.*))?$")
ORG_PROPERTY = re.compile(r"[ \t]*(?:#\+|:)([\w-]+):(?:[ \t]+(.*))?$")
BULLET = re.compile(r"([ \t]*)-(?:[ \t]+|\r?$)")
HEADING = re.compile(r"(#{1,6})[ \t]")
HEADED = re.compile(r"^([ \t]*(?:-[ \t]+)?)#{1,6}[ \t]+")
STARS = re.compile(r"(\*+)[ \t]")
TASK = re.compile(
    r"[ \t]*(?:[-*]+[ \t]+)?(?:#{1,6}[ \t]+)?"
    r"(?:TODO|DOING|NOW|LATER|WAITING|WAIT|IN-PROGRESS)[ \t]+(?:\[#[A-C]\][ \t]*)?(?=\S)"
)
ID = re.compile(
    rf"(?m)^[ \t]*(?:[-*] )?(?::(?:custom_)?id:|id::) ({UUID})[ \t]*\r?$", re.IGNORECASE
)
REFERENCE = re.compile(rf"\[([^\[\]\n]*)\]\(\(\({UUID}\)\)\)|\(\({UUID}\)\)")
LABELLED = re.compile(r"\[([^\[\]\n]+)\]\(\[\[[^\[\]\n]+\]\]\)")
PRIORITY = re.compile(r"\[#[A-C]\]")
MACRO = re.compile(r"\{?\{\{([\w-]+)[ \t]*([^{}\n]*)\}\}\}?")
SHOWN_MACROS = ("video", "youtube", "vimeo", "bilibili", "tweet", "twitter", "cloze", "img")
QUERY = re.compile(r"(?is)#\+BEGIN_QUERY.*?(?:#\+END_QUERY|\Z)")
DRAWER = re.compile(
    r"(?is)^[ \t]*:(?:LOGBOOK|PROPERTIES):.*?^[ \t]*:END:[ \t]*(?:\n|\Z)", re.MULTILINE
)
DROPPED = re.compile(
    r"[ \t]*(?:-[ \t]+)?(?:(?:SCHEDULED|DEADLINE|CLOSED):[ \t]*[<\[]|#\+(?:BEGIN|END)_(?!SRC|EX))"
)
LONG_TAG = re.compile(r"#\[\[([^\[\]\n]+)\]\]")
HIDDEN_KEYS = ("title", "id", "collapsed", "icon", "public", "filters", "heading", "tags", "file")


def recognises(file: File) -> bool:
    """Say whether a file lies in a Logseq graph, or is an outline with what Logseq writes in it."""
    if not may_be_prose(file):
        return False
    if file.path.parent.name in FOLDERS and file.near("../logseq/config.edn"):
        return True
    lines = [line for line in file.start[:SAMPLE].splitlines() if line.strip()]
    rest = next((n for n, line in enumerate(lines) if not PROPERTY.match(line)), len(lines))
    outline = all(line[:1] in "-\t " for line in lines[rest:])
    return outline and bool(lines) and bool(rest or OURS.search(file.start))


def read(file: File) -> Iterator[Record]:
    """Yield the pieces of a journal or page."""
    text, is_org = file.text, file.suffix == ".org"
    head = read_head(text, file.stem)
    end, said = _page(text, head.end, org=is_org)
    told = ((key, _plain(value)) for key, value in said.items() if key.lower() not in HIDDEN_KEYS)
    shown = "; ".join([*filter(None, [head.properties]), *(f"{k}: {v}" for k, v in told if v)])
    said = {key.lower(): value for key, value in said.items()}
    title = said.get("title") or (head.title if head.title != file.stem else _name(file.stem))
    tags = [*_listed(said.get("tags", "")), *_listed(said.get("filetags", "").replace(":", ","))]
    time, own = day_in(file.stem) or head.time, CLIPPED.isdisjoint(said) and not head.clipped
    for span in cut(text, 0, end) if shown else ():
        quote = text[span.start : span.end]
        yield Note(
            shown, quote, span, title, time, tuple(tags), links=obsidian.links(quote, folders=True)
        )
        break
    blocks = parse(text, end, _stars if is_org else _indent, _opens)
    for block in blocks:
        found = ID.search(block.text)
        block.task, block.id = bool(TASK.match(block.text)), found[1] if found else ""
    for piece in pieces(blocks):
        yield from _notes(text, piece, title, tags, time, own=own, is_org=is_org)


def _notes(
    text: str, piece: Piece, title: str, tags: list[str], time: datetime | None,
    *, own: bool, is_org: bool,
) -> Iterator[Note]:  # fmt: skip
    block, id = piece.block, piece.block.id
    is_task = block.task
    above = (" ".join(_words(line, is_org=is_org).split()) for line in piece.above)
    where = titled(title, (line[:100] for line in above))
    for span in cut(text, block.start, piece.end):
        quote = text[span.start : span.end]
        words = _words(TASK.sub("", quote, count=1) if is_task else quote, is_org=is_org)
        if not re.search(r"\w", words):
            continue
        links = (
            org.links(quote) if is_org else obsidian.links(LONG_TAG.sub("", quote), folders=True)
        )
        own_tags = (*tags, *LONG_TAG.findall(quote), *obsidian.tags(PRIORITY.sub(" ", quote)))
        yield Note(
            words, quote, span, where, time, tuple(dict.fromkeys(own_tags))[:MOST_TAGS],
            external_id=id, kind="task" if is_task else "note",
            valid_to=planned(quote) if is_task else None, links=links, own=own,
        )  # fmt: skip
        id, is_task = "", False


def _words(quote: str, *, is_org: bool) -> str:
    """Return blocks as people read them, without what Logseq keeps in them."""
    text = DRAWER.sub("", QUERY.sub("", quote.replace("\r\n", "\n")))
    lines = [
        line for line, code in with_code(text.split("\n"), _code)
        if code or not (DROPPED.match(line) or PROPERTY.match(line))
    ]  # fmt: skip
    bullets = sum(bool(BULLET.match(line)) for line in lines)
    if bullets == 1 and lines:
        lines[0] = BULLET.sub("", lines[0])
    lines = [HEADED.sub(r"\1", line) for line in lines if line.strip(" \t-") or not line]
    text = "\n".join(lines)
    return org.plain(_plain(text)) if is_org else _plain(text)


def _plain(text: str) -> str:
    text = REFERENCE.sub(lambda match: match[1] or "", LABELLED.sub(r"\1", text))
    text = MACRO.sub(lambda match: match[2] if match[1] in SHOWN_MACROS else "", text)
    return obsidian.plain(text)


def _page(text: str, start: int, *, org: bool) -> tuple[int, dict[str, str]]:
    """Return where a page's properties end, and what they say."""
    said: dict[str, str] = {}
    at = start
    for line in text[start:].splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        found = (ORG_PROPERTY if org else PROPERTY).match(bare)
        if bare.strip() and not found:
            break
        if found and bare.lstrip()[:2] in ("- ", "* ") and said:
            break  # a block of properties is the page's only if it comes first
        at += len(line)
        if found and found[1].lower() not in ("properties", "end"):
            said[found[1]] = found[2] or ""
    return at, said


def _indent(line: str) -> int | None:
    """Return how deep a line's block is, in Markdown: headings without a bullet hold the others."""
    if found := BULLET.match(line):
        return len(found[1].expandtabs(4))
    found = HEADING.match(line)
    return len(found[1]) - 7 if found else None


def _stars(line: str) -> int | None:
    found = STARS.match(line)
    return len(found[1]) if found else None


def _opens(line: str) -> str:
    bullet = BULLET.match(line)
    line = line[bullet.end() :] if bullet else line
    return fence_of(line) or org.opens(line)


def _code(line: str) -> str:
    """Return what ends the code that a line begins: unlike a note's, its words are kept as is."""
    found = _opens(line)
    return found if found[0:1] != "#" or found in ("#+end_src", "#+end_example") else ""


def _listed(value: str) -> list[str]:
    names = (re.sub(r"[\[\]#]", "", part).strip() for part in re.split(r"[,，]|\]\]\s+", value))
    return list(filter(None, names))


def _name(stem: str) -> str:
    """Return the name of the page that a file holds."""
    return unquote(stem.replace("___", "/"))


FORMAT = Format("logseq", recognises, read, whole=True)
