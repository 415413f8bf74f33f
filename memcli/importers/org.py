"""Org mode: headlines, their tags, tasks, properties and times, and the text below them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from memcli.importers.base import Format, Note, Record
from memcli.importers.chunks import LONGEST_HEADING, Mark, Marks, chunk_markdown, titled, with_code
from memcli.importers.days import day_in, day_of, planned, read_day
from memcli.importers.file import File
from memcli.importers.obsidian import HIDDEN
from memcli.importers.prose import may_be_prose

HEADLINE = re.compile(r"(\*+)[ \t]+(\S.*)", re.DOTALL)
OPEN = frozenset("TODO NEXT STARTED WAITING WAIT DOING NOW LATER IN-PROGRESS HOLD".split())
DONE = frozenset(("DONE", "CANCELLED", "CANCELED"))
STATES = re.compile(r"(?im)^#\+(?:SEQ_|TYP_)?TODO:[ \t]*([^\r\n]*)")
COOKIE = re.compile(r"\[#[A-Z0-9]\][ \t]*|\[\d*/\d*\]|\[\d*%\]")
TAGS = re.compile(r"[ \t]+:([\w@#%:]+):[ \t]*$")
TIME = re.compile(r"[<\[](\d{4}-\d\d-\d\d)(?: [^\W\d]+\.?)?(?: (\d{1,2}:\d\d))?[^>\]\n]{0,40}[>\]]")
ABOUT = re.compile(r"[ \t]*(?:DEADLINE|SCHEDULED|CLOSED):.*|[ \t]*:PROPERTIES:[ \t]*", re.DOTALL)
ABOUT_LINE = re.compile(
    r"[ \t]*(?::[\w-]+:(?:[ \t].*)?|(?:DEADLINE|SCHEDULED|CLOSED|CLOCK):.*"
    r'|- State "[^"]*"[ ]+from\b.*\]|- (?:Rescheduled|Refiled|New deadline)\b.*\])[ \t\\]*$'
)
ID = re.compile(r"(?im)^[ \t]*:(?:CUSTOM_)?ID:[ \t]+(\S+)")
CREATED = re.compile(r"(?im)^[ \t]*:CREATED:[ \t]+(\S[^\r\n]*)")
LARGEST_HEAD = 64_000  # characters that keywords are looked for in
KEYWORD = re.compile(r"(?im)^[ \t]*#\+(TITLE|DATE|FILETAGS|TAGS|ROAM_TAGS):[ \t]*([^\r\n]*)")
HIDE = re.compile(r"[ \t]*#(?:\s|$|\+(?!begin|end))", re.IGNORECASE)
BEGIN = re.compile(r"[ \t]*#\+begin_(\w+)", re.IGNORECASE)
LINK = re.compile(r"\[\[([^\[\]\n]+)\](?:\[([^\[\]\n]+)\])?\]")
AWAY = re.compile(r"[a-z][\w+.-]{1,20}:", re.IGNORECASE)
STARS = re.compile(r"(?m)^\*+[ \t]+")
FRAME = re.compile(r"(?im)^[ \t]*#\+(?:begin|end)_(?!src|example)\w+.*$\n?")
SIGN = re.compile(
    r"(?im)^#\+(?:title|date|filetags|startup|begin_\w+|author|options)\b"
    r"|^[ \t]*:PROPERTIES:[ \t]*$|^\*+ (?:TODO|DONE) |^[ \t]*(?:DEADLINE|SCHEDULED): <\d"
)


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline with what is said of it: ``[#A]``, ``:tags:``, a drawer and when it is planned."""

    title: str
    state: str
    tags: tuple[str, ...]
    time: datetime | None
    id: str


def recognises(file: File) -> bool:
    """Say whether a file has headlines, and signs that only Org mode has; or its name says so."""
    if not may_be_prose(file):
        return False
    headlines = file.start.startswith("* ") or "\n* " in file.start
    return file.suffix == ".org" or bool(
        (headlines or "#+" in file.start) and SIGN.search(file.start)
    )


def read(file: File) -> Iterator[Record]:
    """Yield the pieces of an Org file."""
    said = {key.upper(): value.strip() for key, value in KEYWORD.findall(file.text[:LARGEST_HEAD])}
    tags = _tags(" ".join(said.get(key, "") for key in ("FILETAGS", "TAGS", "ROAM_TAGS")))
    title = said.get("TITLE") or file.stem
    time = _time(said.get("DATE", "")) or day_in(file.stem)
    states = _states(file.text)
    known: set[str] = set()
    for chunk in chunk_markdown(hidden(file.text), marks=_marks(states), opens=opens):
        above = [headline(raw, states) for raw in chunk.headings]
        first = HEADLINE.match(chunk.text) if chunk.alone else None
        here = headline(first[2], states) if first else None
        words = here.title if here else plain(chunk.text)
        if not re.search(r"\w", words):
            continue
        of = [*above, here] if here else above
        id = of[-1].id if of else ""
        is_task = here is not None and states.get(here.state, False)
        yield Note(
            words, file.text[chunk.span.start : chunk.span.end], chunk.span,
            titled(title, (each.title for each in above)),
            next((each.time for each in reversed(of) if each.time), time),
            tuple(dict.fromkeys((*tags, *(tag for each in of for tag in each.tags)))),
            external_id="" if id in known else id, kind="task" if is_task else "note",
            valid_to=planned(chunk.text) if is_task else None, links=links(chunk.text), own=True,
        )  # fmt: skip
        known.add(id)


def hidden(text: str) -> str:
    """Return a text whose comments, keywords and lone properties are hidden, in their places."""
    drawer, shown = False, []
    for line, code in with_code(text.splitlines(keepends=True), opens):
        bare = line.strip().upper()
        drawer = drawer or bare in (":LOGBOOK:", ":CLOCK:")
        hide = drawer or (not code and HIDE.match(line))
        shown.append(re.sub(r"[^\r\n]", HIDDEN, line) if hide else line)
        drawer = drawer and bare != ":END:"
    return "".join(shown)


def opens(line: str) -> str:
    """Return what ends the block that a line begins, if it does."""
    found = BEGIN.match(line)
    return f"#+end_{found[1].lower()}" if found else ""


def plain(text: str) -> str:
    """Return Org's text as people read it: links by their labels, no drawers."""
    text = STARS.sub("", FRAME.sub("", text.replace(HIDDEN, "")))
    text = LINK.sub(lambda m: m[2] or m[1], text)
    lines = (line.rstrip() for line in text.split("\n") if not ABOUT_LINE.match(line))
    return "\n".join(lines).strip()


def links(text: str) -> tuple[str, ...]:
    """Return the notes that a text links to by name."""
    found = []
    for match in LINK.finditer(text):
        target, label = match[1], match[2]
        if target.startswith("id:"):
            found.append(label or "")
        elif target.startswith("file:") or not AWAY.match(target):
            name = re.sub(r"::.*", "", target.removeprefix("file:")).lstrip("*#")
            found.append(name.rsplit("/", 1)[-1].removesuffix(".org") if "." in name else name)
    return tuple(dict.fromkeys(filter(None, found)))


def headline(raw: str, states: Mapping[str, bool]) -> Headline:
    """Read a headline and the lines about it; ``states`` says which keywords mean open tasks."""
    first, _, about = raw.rstrip().partition("\n")
    first = first.rstrip()
    word, *rest = first.split(None, 1)
    keyword = word if rest and word in states else ""
    text = COOKIE.sub("", rest[0] if keyword else first)
    tags = TAGS.search(text[-LONGEST_HEADING:])
    title = text[: len(text.rstrip()) - len(tags[0].rstrip())] if tags else text
    id, made = ID.search(about), CREATED.search(about)
    return Headline(
        " ".join(plain(TIME.sub("", title)).split()) or plain(title), keyword,
        tuple(_tags(tags[1])) if tags else (), _time(title) or (_time(made[1]) if made else None),
        id[1] if id else "",
    )  # fmt: skip


def _states(text: str) -> dict[str, bool]:
    """Return the keywords of a file, each with whether what bears it is still to be done."""
    states = dict.fromkeys(OPEN, True)
    for line in STATES.findall(text):
        words = re.sub(r"\([^()\n]*\)", " ", line).replace("|", " | ").split()
        done = words.index("|") if "|" in words else len(words) - 1  # the last is then DONE
        states.update((word, at < done) for at, word in enumerate(words) if word != "|")
    return states | dict.fromkeys(DONE, False)


def _marks(states: Mapping[str, bool]) -> Marks:
    """Return what tells headlines, of which some are tasks."""
    return lambda lines, at: _mark(lines, at, states)


def _mark(lines: Sequence[str], at: int, states: Mapping[str, bool]) -> Mark | None:
    """Tell a headline with the lines about it; one with nothing below it is a piece of its own."""
    found = HEADLINE.match(lines[at])
    if not found or len(lines[at]) > LONGEST_HEADING:
        return None
    end = at + 1
    while end < len(lines) and ABOUT.match(lines[end]):
        drawer = lines[end].strip() == ":PROPERTIES:"
        end += 1
        while drawer and end < len(lines) and ABOUT_LINE.match(lines[end].rstrip("\r\n")):
            drawer = lines[end].strip().upper() != ":END:"
            end += 1
    raw = "".join([found[2], *lines[at + 1 : end]])
    below = end
    while below < len(lines) and not lines[below].strip(HIDDEN + " \t\r\n"):
        below += 1
    following = HEADLINE.match(lines[below]) if below < len(lines) else None
    empty = below == len(lines) or bool(following and len(following[1]) <= len(found[1]))
    here = headline(raw, states)
    task = states.get(here.state, False)
    return Mark(end - at, len(found[1]), raw, empty or task, bool(task or here.id or here.tags))


def _tags(text: str) -> list[str]:
    return list(dict.fromkeys(filter(None, re.split(r"[:\s,]+", text))))


def _time(text: str) -> datetime | None:
    if found := TIME.search(text):
        return read_day(f"{found[1]} {found[2] or ''}")
    return day_of(text)


FORMAT = Format("org", recognises, read, whole=True)
