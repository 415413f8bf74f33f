"""JSONL: one object a line, a note or, with ``session``, a turn of that session.

    {"text": "…", "id": "…", "session": "…", "speaker": "…", "role": "user", "time": "2024-05-31",
     "title": "…", "tags": ["…"]}

Only ``text`` is needed. A line that cannot be used is reported, and the others go in. ``date`` is
another word for ``time``; where there is no ``text``, other names that leave no doubt do as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from memcli.errors import InvalidInput
from memcli.importers.base import Format, Note, Record, Said, Skipped, Unreadable, when
from memcli.importers.file import File
from memcli.records import Role

OURS = ("text", "id", "session", "speaker", "role", "time", "title", "tags")
ALSO = {
    "text": ("body", "content", "note", "message"),
    "time": ("date", "created", "created_at", "timestamp"),
    "speaker": ("author", "from"),
}
OF = {name: ours for ours, names in ALSO.items() for name in names}
KNOWN = {*OURS, *(name for names in ALSO.values() for name in names)}


def recognises(file: File) -> bool:
    """Say whether the first line is an object with a text, under another name only if alone."""
    first, *others = file.start.lstrip("\ufeff \t\r\n").split("\n", 1)
    if first[:1] != "{":
        return False
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):  # it may be cut at the end of the head
        cut = not others and len(file.head) < file.size
        return cut and file.columns.get("text", "text") in file.outline
    own = file.columns.get("text", "text") in value or value.keys() <= KNOWN - {"role"}
    return own and isinstance(renamed(value, file.columns).get("text"), str)


def read(file: File) -> Iterator[Record]:
    """Yield the records of a file, and what is wrong with the lines that are none."""
    for number, line in enumerate(file.lines(), 1):
        if line is None:
            yield Skipped(f"line {number}", "longer than a record may be")
        elif line.strip():
            try:
                value = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
                yield record(renamed(value, file.columns))
            except (ValueError, InvalidInput, RecursionError, Unreadable) as error:
                yield Skipped(f"line {number}", str(error))


def renamed(value: Any, columns: Mapping[str, str], *, table: bool = False) -> Any:
    """Return an object with our names for what has others: those asked for, or plain synonyms.

    Synonyms are for tables, and for objects without a text; ``date`` is one everywhere.
    """
    if not isinstance(value, dict):
        return value
    named = {OF.get(ours, ours): value[name] for ours, name in columns.items() if name in value}
    synonyms = ALSO if table or "text" not in value else {"time": ("date",)}
    for ours, names in synonyms.items():
        also = [name for name in names if name in value]
        if ours not in value and ours not in named and (len(also) == 1 or "date" in also):
            named[ours] = value[also[0]]
    return value | named


def record(value: Any) -> Note | Said:
    """Return the note or turn that an object is.

    Raises:
        InvalidInput: it is none.
    """
    if not isinstance(value, dict):
        raise InvalidInput("it is not an object")
    given = {key: item for key, item in value.items() if item not in (None, "")}
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput('it has no "text"')
    text = text.replace("\x00", "")
    title, speaker, id = (_string(given, key) for key in ("title", "speaker", "id"))
    time = when(given.get("time"))
    if "session" in given:
        return Said(_string(given, "session"), text, _role(given), speaker, time, title, id)
    return Note(text, text, None, title, time, _tags(given), speaker, id)


def _string(given: dict[str, Any], key: str) -> str:
    found = given.get(key, "")
    if isinstance(found, (dict, list)):
        raise InvalidInput(f'"{key}" is not a text')
    return str(found).replace("\x00", "")


def _role(given: dict[str, Any]) -> Role | None:
    role: Role | None = given.get("role")
    if role is not None and role not in get_args(Role):
        raise InvalidInput(f'"role" is {role!r}, not one of {", ".join(get_args(Role))}')
    return role


def _tags(given: dict[str, Any]) -> tuple[str, ...]:
    tags = given.get("tags", [])
    return tuple(map(str, tags)) if isinstance(tags, list) else (str(tags),)


FORMAT = Format("jsonl", recognises, read)
