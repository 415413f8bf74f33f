"""JSONL: one object a line, a note or, with ``session``, a turn of that session.

    {"text": "…", "id": "…", "session": "…", "speaker": "…", "role": "user", "time": "2024-05-31",
     "title": "…", "tags": ["…"]}

Only ``text`` is needed. A line that cannot be used is reported, and the others go in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
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
            reason = error.message if isinstance(error, InvalidInput) else str(error)
            problems.append(f"line {number}: {reason}")


def looks_like_jsonl(head: bytes) -> bool:
    """Say whether the first line of a file is a JSON object with a text."""
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return first[:1] == b"{" and b'"text"' in head


def _record(value: Any) -> Note | Said:
    if not isinstance(value, dict):
        raise InvalidInput("it is not an object")
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput('it has no "text"')
    text = text.replace("\x00", "")
    time = _time(value.get("time"))
    if value.get("session") in (None, ""):
        return Note(
            text, text, None, _string(value, "title"), time, _tags(value.get("tags")),
            _string(value, "speaker"), _string(value, "id"),
        )  # fmt: skip
    return Said(
        _string(value, "session"), text, _role(value.get("role")), _string(value, "speaker"), time,
        _string(value, "title"), _string(value, "id"),
    )  # fmt: skip


def _string(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    if found is None:
        return ""
    if isinstance(found, (dict, list)):
        raise InvalidInput(f'"{key}" is not a text')
    return str(found).replace("\x00", "")


def _time(value: Any) -> datetime | None:
    return None if value in (None, "") else parse_time(value)


def _role(value: Any) -> Role | None:
    if value in (None, ""):
        return None
    if value not in get_args(Role):
        raise InvalidInput(f'"role" is {value!r}, not one of {", ".join(get_args(Role))}')
    return value  # type: ignore[no-any-return]


def _tags(value: Any) -> tuple[str, ...]:
    if value in (None, ""):
        return ()
    return tuple(str(tag) for tag in value) if isinstance(value, list) else (str(value),)
