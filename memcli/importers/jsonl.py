"""JSONL: one object a line, a note or, with ``session``, a turn of that session.

    {"text": "…", "id": "…", "session": "…", "speaker": "…", "role": "user", "time": "2024-05-31",
     "title": "…", "tags": ["…"]}

Only ``text`` is needed. A line that cannot be used is reported, and the others go in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from memcli.dates import parse_time
from memcli.errors import InvalidInput
from memcli.importers.base import Note, Said
from memcli.records import Role

KIND = "jsonl"


def read(lines: Iterable[bytes], problems: list[str]) -> Iterator[Note | Said]:
    """Yield the records of a file, and add to ``problems`` what is wrong with the other lines."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _record(json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8")))
        except (ValueError, InvalidInput, RecursionError) as error:
            problems.append(f"line {number}: {error}")


def looks_like_jsonl(head: bytes) -> bool:
    """Say whether the first line of a file is a JSON object with a text."""
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return first[:1] == b"{" and b'"text"' in head


def _record(value: Any) -> Note | Said:
    if not isinstance(value, dict):
        raise InvalidInput("it is not an object")
    given = {key: item for key, item in value.items() if item not in (None, "")}
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput('it has no "text"')
    text = text.replace("\x00", "")
    title, speaker, id = (_string(given, key) for key in ("title", "speaker", "id"))
    time = parse_time(given["time"]) if "time" in given else None
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
