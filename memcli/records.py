"""The words of memcli as types: frozen values that cross from one room to the next.

Times are aware datetimes in UTC. Ids are time-ordered strings (``ids.py``).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from memcli.text import escaped

Role = Literal["user", "assistant", "system", "other"]  # other: somebody else in a chat
Kind = Literal["fact", "preference", "event", "task", "profile", "summary", "note"]
KINDS: tuple[Kind, ...] = ("fact", "preference", "event", "task", "profile", "summary", "note")
FORGOTTEN = "[forgotten]"  # what stands in a turn in place of forgotten words
MASKED = "[secret: "  # begins what stands in place of a secret
LINKS = "links to"  # the predicate by which a note names other things
USER = "user"  # the subject of what the owner says of themselves


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source's text: characters ``start`` to ``end``, end not included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where text came from.

    ``uri`` is a path, or empty for what was typed. ``key`` names the source for ever: a second
    import of the same key updates it instead of adding another.
    """

    id: str
    kind: str
    uri: str = ""
    title: str = ""
    key: str = ""
    content_hash: str = ""
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """An ordered list of turns."""

    id: str
    title: str
    started: datetime
    updated: datetime
    turns: int = 0
    source_id: str | None = None
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, verbatim. ``interrupted`` marks an answer stopped before its end.

    ``key`` names an imported turn within its session, so that it is imported once. A ``derived``
    answer was made from recalled memories and is never recalled itself; a derived turn with a
    ``key`` is a copy, in a fork, of the turn with that id. ``reply_to`` is the ``external_id`` of
    the turn that it answers, where an imported chat says so.
    """

    id: str
    session_id: str
    seq: int
    role: Role
    text: str
    time: datetime
    speaker: str = ""
    external_id: str = ""
    interrupted: bool = False
    key: str = ""
    derived: bool = False
    reply_to: str = ""

    @property
    def original(self) -> str:
        """The id of the turn that this one is a copy of; of no copy, its own."""
        return self.key if self.derived and self.key else self.id

    @property
    def copied(self) -> bool:
        """Whether this is a copy."""
        return self.original != self.id


@dataclass(frozen=True, slots=True)
class Triple:
    """Subject, predicate and object read off a memory."""

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True, slots=True)
class Memory:
    """One thing worth keeping, with the words that prove it.

    ``recorded`` is when the source said it; when memcli stored it is in the id. It holds from
    ``valid_from`` to ``valid_to`` where the text or a later memory says so. ``key`` names an
    imported note within its source, so that it is imported once.
    """

    id: str
    kind: Kind
    text: str
    recorded: datetime
    quote: str = ""
    source_id: str | None = None
    turn_id: str | None = None
    span: Span | None = None
    title: str = ""
    speaker: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    superseded_by: str | None = None
    pinned: bool = False
    tags: tuple[str, ...] = ()
    external_id: str = ""
    key: str = ""
    triples: tuple[Triple, ...] = ()
    importance: float = 0.5  # from 0 to 1
    muted: bool = False  # kept, and never recalled


@dataclass(frozen=True, slots=True)
class Review:
    """Something found in a turn that could not be proved, for the owner to judge.

    ``reason`` says in their words why it was not simply kept.
    """

    id: str
    turn_id: str
    kind: Kind
    text: str
    reason: str
    triples: tuple[Triple, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a hit came from, in terms a person recognises."""

    kind: str
    title: str = ""
    uri: str = ""
    session_id: str = ""
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """One recalled memory or turn. ``score`` is the sum of ``parts``; higher is better.

    ``external_ids`` are the ids that the imported lines or turns behind the hit had elsewhere.
    ``valid_from`` is when the event it tells happens, where the words say so; ``valid_to`` is
    set when the memory no longer holds. ``before`` and ``after`` are the turns
    around a turn in its session, as ``Speaker: text``.
    """

    id: str
    kind: str
    text: str
    when: datetime
    score: float
    parts: Mapping[str, float] = field(default_factory=dict)
    source: Origin = field(default_factory=lambda: Origin("command"))
    external_ids: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    before: str = ""
    after: str = ""


def to_dict(record: Any) -> dict[str, Any]:
    """Turn a record into plain JSON values: times as ISO 8601 in UTC, tuples as lists."""
    return {f.name: _plain(getattr(record, f.name)) for f in dataclasses.fields(record)}


def to_json(record: Any) -> str:
    """Write a record as one line of JSON whose keys are the record's fields."""
    return escaped(json.dumps(to_dict(record), ensure_ascii=False))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return to_dict(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 6)
    return value
