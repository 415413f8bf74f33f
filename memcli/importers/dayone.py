"""Day One: the JSON export, and of Day One Classic the ``.doentry`` files and the plain text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from memcli.errors import InvalidInput
from memcli.importers import json_stream
from memcli.importers.base import Format, Note, Record, Skipped, Unreadable, when
from memcli.importers.chunks import HEADING, titled
from memcli.importers.file import File
from memcli.importers.pieces import numbered, pieces

# Either it says when its entries were made, or it has what only Day One writes.
OURS = frozenset({
    "entries.item.richText", "entries.item.creationDevice", "entries.item.creationOSName",
    "entries.item.starred", "entries.item.timeZone",
})  # fmt: skip
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>~|<&=:])")
MOMENT = re.compile(r"!\[[^\[\]\n]*\]\((?:dayone-moment:[^()\n]*|photos/[^()\n]*)\)")
ENTRY = re.compile(r"(?m)^\tDate:\t(.*)\n((?:\t[A-Z][\w ]{1,20}(?::.*)?\n)*)")
GMT = re.compile(r"(?:GMT|UTC)([+-])(\d\d?)(?::?(\d\d))?")
ZONES = {
    "CEST": "+0200", "CET": "+0100", "MESZ": "+0200", "MEZ": "+0100", "BST": "+0100",
    "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700",
    "MDT": "-0600", "PST": "-0800", "PDT": "-0700", "JST": "+0900", "AEST": "+1000",
    "AEDT": "+1100", "EET": "+0200", "EEST": "+0300", "WEST": "+0100", "WET": "+0000",
    "UTC": "+0000", "GMT": "+0000",
}  # fmt: skip
# The months in German, French and Spanish, by their first letters.
MONTHS = (
    "ja e", "f", "mär mar", "av ab", "mai may", "juin jun",
    "juil jul", "ao ag", "se", "o", "n", "d",
)  # fmt: skip


def recognises(file: File) -> bool:
    """Say whether a file is one of Day One's three."""
    if file.outline:
        dated = "entries.item.creationDate" in file.outline
        return dated or ("metadata.version" in file.outline and bool(OURS & file.outline))
    if file.head[:200].find(b"<plist") >= 0 or file.head.startswith(b"<?xml"):
        return b"<key>Creation Date</key>" in file.head and b"<key>Entry Text</key>" in file.head
    return file.start[:9].lstrip("\ufeff\r\n").startswith("\tDate:\t")


def read(file: File) -> Iterator[Record]:
    """Yield the entries of a journal."""
    if file.outline:
        for number, (_, value) in enumerate(json_stream.values(file.open(), "entries.item"), 1):
            yield from _tried(_entry, value, file.stem, f"entry {number}")
    elif file.start.lstrip("\ufeff \r\n").startswith("<"):
        yield from _tried(_classic, _plist(file), "", "the entry")
    else:
        yield from _plain_text(file)


def _tried(make: Any, value: Any, journal: str, where: str) -> Iterator[Record]:
    try:
        yield from make(value, journal)
    except (InvalidInput, Unreadable) as error:
        yield Skipped(where, str(error))


def _entry(value: Any, journal: str) -> Iterator[Note]:
    if not isinstance(value, dict):
        raise InvalidInput("it is not an object")
    text = value.get("text")
    text = text if isinstance(text, str) else _rich(value.get("richText"))
    tags = value.get("tags")
    yield from _notes(
        _markdown(text), journal, when(value.get("creationDate")), _id(value.get("uuid")),
        _tags(tags if isinstance(tags, list) else [], starred=value.get("starred") is True),
    )  # fmt: skip


def _classic(value: dict[str, Any], journal: str) -> Iterator[Note]:
    made = value.get("Creation Date")
    renamed = {
        "text": value.get("Entry Text"), "uuid": value.get("UUID"), "tags": value.get("Tags"),
        "starred": value.get("Starred"),
        "creationDate": f"{made.isoformat()}Z" if isinstance(made, datetime) else made,
    }  # fmt: skip
    yield from _entry(renamed, journal)


def _plain_text(file: File) -> Iterator[Record]:
    text = file.text.replace("\r\n", "\n").replace("\r", "\n")
    found = [*ENTRY.finditer(text)]
    for number, entry in enumerate(found, 1):
        end = found[number].start() if number < len(found) else len(text)
        given = re.search(r"(?m)^\tTags?:\s*(.*)$", entry[2])
        tags = re.split(r"\s*,\s*", given[1].strip()) if given else []
        starred = re.search(r"(?m)^\tStarred(?!:\s*(?:No|False))", entry[2]) is not None
        try:
            yield from _notes(
                text[entry.end() : end], file.stem, _date(entry[1]), "",
                _tags(tags, starred=starred),
            )  # fmt: skip
        except (InvalidInput, Unreadable) as error:
            yield Skipped(f"entry {number}", str(error))


def _notes(
    text: str, journal: str, time: datetime | None, id: str, tags: tuple[str, ...]
) -> Iterator[Note]:
    heading = next(filter(None, map(HEADING.match, text.strip().split("\n", 5)[:5])), None)
    title = heading[2] if heading else journal
    for number, piece in enumerate(pieces(text), 1):
        yield Note(
            piece.text, piece.text, title=titled(title, piece.headings), time=time, tags=tags,
            external_id=numbered(id, number), own=True,
        )  # fmt: skip


def _markdown(text: str) -> str:
    """Return Day One's Markdown without its escapes and the places of its photos."""
    return re.sub(r"\n{3,}", "\n\n", ESCAPED.sub(r"\1", MOMENT.sub("", text)))


def _rich(value: Any) -> str:
    """Return the words of an entry that has only ``richText``, which is JSON within JSON."""
    if not isinstance(value, str) or not value:
        return ""
    data = io.BytesIO(value.encode("utf-8", "replace"))
    paths = json_stream.values(data, "contents.item.text")
    return "".join(text for _, text in paths if isinstance(text, str))


def _plist(file: File) -> dict[str, Any]:
    import plistlib

    try:
        found = plistlib.loads(file.data)
    except Unreadable:
        raise
    except Exception as error:  # of the parser for XML, or of what a value should be
        raise Unreadable(f"not a property list: {' '.join(str(error).split())[:100]}") from error
    if not isinstance(found, dict):
        raise Unreadable("no entry of Day One")
    return found


def _date(spelled: str) -> datetime | None:
    """Read "31 May 2024 at 09:00:00 CEST" and its like, with the months of some languages."""
    text = re.sub(r"\s+(?:at|um|à|a las)\s+", " ", spelled.replace("\u202f", " ").strip()[:80])
    text = GMT.sub(lambda found: f"{found[1]}{int(found[2]):02}{found[3] or '00'}", text)
    words = [ZONES.get(word, word) for word in text.split()]
    try:
        return when(" ".join(words))
    except InvalidInput:
        pass
    words = [_month(word.casefold()) for word in words if word.casefold() not in ("de", "del")]
    return when(" ".join(word for word in words if not re.fullmatch(r"[A-Z]{3,5}", word)))


def _month(word: str) -> str:
    for number, begins in enumerate(MONTHS):
        if word[:1].isalpha() and len(word) > 2 and word.startswith(tuple(begins.split())):
            return "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[number]
    return word.upper()


def _tags(given: list[Any], *, starred: bool) -> tuple[str, ...]:
    tags = [tag.strip() for tag in given if isinstance(tag, str)]
    return tuple(dict.fromkeys(filter(None, [*tags, "starred" * starred])))


def _id(value: Any) -> str:
    return value if isinstance(value, str) else ""


FORMAT = Format("dayone", recognises, read, own_ids=True)
