"""The owner changes memories: by fields, or in a small Markdown form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from memcli.dates import parse_time
from memcli.errors import InvalidInput
from memcli.records import KINDS, Kind, Memory
from memcli.store import rows
from memcli.text import clean, one_line
from memcli.tiers.long_term import LongTerm

YES, NO = ("yes", "true", "1"), ("no", "false", "0", "")


def edit(memory: LongTerm, old: Memory, changes: Mapping[str, str]) -> Memory:
    """Change fields of a memory and return it as it is now. Its history keeps what it was.

    A new text is read for triples anew. The quote stays: it is what the source says. A field that
    is spelled as ``fields`` does has not changed, whatever its spelling would be read as.

    Raises:
        InvalidInput: there is no such field, or it cannot have such a value.
    """
    known = {name: text.strip() for name, text in fields(old).items()}
    given = {name: memory.mask(clean(text).strip()).text for name, text in changes.items()}
    values = {name: _value(name, text) for name, text in given.items() if text != known.get(name)}
    new = replace(old, **values)
    if new == old:
        return old
    if new.text != old.text:
        new = replace(new, triples=tuple(memory.learning.states(new.text)))
    with memory.writing("edit") as entry:
        memory.store.memories.update(new)
        if new.triples != old.triples:
            memory.store.memories.set_triples(new)
        changed = [name for name in values if getattr(new, name) != getattr(old, name)]
        entry.summary = f"edited {old.id[-6:]}: {', '.join(changed)}"
    return new


def versions(memory: LongTerm, now: Memory) -> list[tuple[str, str, Memory]]:
    """Return what a memory was, each with until when and what changed it, and last what it is."""
    number = memory.store.memories.numbers([now.id])[now.id]
    before = memory.store.journal.versions("memories", number)
    names = rows.MEMORY.split(", ")
    old = [
        (at, verb, replace(now, **_changed(rows.read_memory([row.get(name) for name in names]))))
        for at, verb, row in before
        if all(name in row for name in names)
    ]
    return [*old, ("", "", now)]


def fields(memory: Memory) -> dict[str, str]:
    """Return the fields that can be edited, as they are spelled; but for the text on one line."""
    shown = {name: one_line(_shown(getattr(memory, name))) for name in READERS}
    return {**shown, "text": memory.text}


def form(memory: Memory) -> str:
    """Return a memory as Markdown with front matter, to be edited."""
    head = [f"{name}: {value}" for name, value in fields(memory).items() if name != "text"]
    return "\n".join([f"--- {memory.id}", *head, "---", memory.text, ""])


def read_forms(text: str, ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """Read the forms of some memories back: the changes by id.

    A line in a memory's text that looks like the first one of another form is text.

    Raises:
        InvalidInput: one of them is not what ``form`` wrote.
    """
    found = re.split(rf"^--- ({'|'.join(ids)})\n", text, flags=re.MULTILINE)
    if found[0].strip() or len(found) < 3:
        raise InvalidInput("This is no form of a memory: its first line, --- and the id, is gone.")
    return {id: _read(id, body) for id, body in zip(found[1::2], found[2::2], strict=True)}


def _changed(version: Memory) -> dict[str, Any]:
    return {name: getattr(version, name) for name in (*READERS, "superseded_by")}


def _read(id: str, body: str) -> dict[str, str]:
    head, mark, text = body.partition("\n---\n")
    lines = [line.partition(": ") for line in head.split("\n") if line.strip()]
    if not mark or any(not colon and not name.endswith(":") for name, colon, _ in lines):
        raise InvalidInput(f"The form of {id} is broken.", "Leave its --- lines and its colons.")
    return {**{name.rstrip(":"): value for name, _, value in lines}, "text": text}


def _value(name: str, text: str) -> Any:
    try:
        return READERS[name](text)
    except (KeyError, ValueError):
        known = ", ".join(READERS)
        raise InvalidInput(f"{name} = {text!r} cannot be set.", f"Fields are {known}.") from None


def _text(text: str) -> str:
    if not text:
        raise ValueError(text)
    return text


def _kind(text: str) -> Kind:
    return KINDS[KINDS.index(text)]


def _tags(text: str) -> tuple[str, ...]:
    return tuple(tag for tag in re.split(r"[,\s]+", clean(text)) if tag)


def _yes(text: str) -> bool:
    if text.lower() not in (*YES, *NO):
        raise ValueError(text)
    return text.lower() in YES


def _share(text: str) -> float:
    if not 0 <= float(text) <= 1:
        raise ValueError(text)
    return float(text)


def _time(text: str) -> datetime | None:
    return parse_time(text) if text else None


READERS: dict[str, Callable[[str], Any]] = {
    "text": _text,
    "kind": _kind,
    "title": one_line,
    "tags": _tags,
    "pinned": _yes,
    "muted": _yes,
    "importance": _share,
    "valid_from": _time,
    "valid_to": _time,
}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat()
    return ", ".join(value) if isinstance(value, tuple) else str("" if value is None else value)
