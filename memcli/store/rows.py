"""Rows in, records out: how each record is spelled in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from memcli.records import Memory, Session, Source, Span, Turn


def to_text(time: datetime) -> str:
    """Write a time as ISO 8601 in UTC, so that text order is time order."""
    # Not strftime: it drops the leading zeros of years before 1000 on some systems.
    return time.astimezone(timezone.utc).replace(tzinfo=None).isoformat("T", "microseconds") + "Z"


def to_time(text: str) -> datetime:
    """Read back what ``to_text`` wrote."""
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=timezone.utc)


def _maybe_text(time: datetime | None) -> str | None:
    return None if time is None else to_text(time)


def _maybe_time(text: str | None) -> datetime | None:
    return None if text is None else to_time(text)


SOURCE = "id, kind, uri, title, key, content_hash, time"


def source_row(source: Source) -> tuple[Any, ...]:
    """Return the values of the columns ``SOURCE``."""
    return (
        source.id, source.kind, source.uri, source.title, source.key, source.content_hash,
        _maybe_text(source.time),
    )  # fmt: skip


def read_source(row: Sequence[Any]) -> Source:
    """Read the columns ``SOURCE``."""
    return Source(
        id=row[0], kind=row[1], uri=row[2], title=row[3], key=row[4], content_hash=row[5],
        time=_maybe_time(row[6]),
    )  # fmt: skip


SESSION = "id, title, started, source_id, external_id"


def session_row(session: Session) -> tuple[Any, ...]:
    """Return the values of the columns ``SESSION``."""
    started = to_text(session.started)
    return session.id, session.title, started, session.source_id, session.external_id


TURN = (
    "id, session_id, seq, role, text, time, speaker, external_id, interrupted, key, derived,"
    " reply_to"
)


def turn_row(turn: Turn) -> tuple[Any, ...]:
    """Return the values of the columns ``TURN``."""
    return (
        turn.id, turn.session_id, turn.seq, turn.role, turn.text, to_text(turn.time),
        turn.speaker, turn.external_id, int(turn.interrupted), turn.key,
        int(turn.derived), turn.reply_to,
    )  # fmt: skip


def read_turn(row: Sequence[Any]) -> Turn:
    """Read the columns ``TURN``."""
    return Turn(
        id=row[0], session_id=row[1], seq=row[2], role=row[3], text=row[4], time=to_time(row[5]),
        speaker=row[6], external_id=row[7], interrupted=bool(row[8]), key=row[9],
        derived=bool(row[10]), reply_to=row[11],
    )  # fmt: skip


MEMORY = (
    "id, kind, text, recorded, quote, source_id, turn_id, span_start, span_end, title, speaker,"
    " valid_from, valid_to, superseded_by, pinned, tags, external_id, key, importance,"
    " muted"
)


def memory_row(memory: Memory) -> tuple[Any, ...]:
    """Return the values of the columns ``MEMORY``."""
    span = memory.span
    return (
        memory.id, memory.kind, memory.text, to_text(memory.recorded), memory.quote,
        memory.source_id, memory.turn_id, span and span.start, span and span.end, memory.title,
        memory.speaker, _maybe_text(memory.valid_from), _maybe_text(memory.valid_to),
        memory.superseded_by, int(memory.pinned), json.dumps(memory.tags, ensure_ascii=False),
        memory.external_id, memory.key, memory.importance,
        int(memory.muted),
    )  # fmt: skip


def read_memory(row: Sequence[Any]) -> Memory:
    """Read the columns ``MEMORY``; the triples stand in another table."""
    return Memory(
        id=row[0], kind=row[1], text=row[2], recorded=to_time(row[3]), quote=row[4],
        source_id=row[5], turn_id=row[6], span=None if row[7] is None else Span(row[7], row[8]),
        title=row[9], speaker=row[10], valid_from=_maybe_time(row[11]),
        valid_to=_maybe_time(row[12]), superseded_by=row[13], pinned=bool(row[14]),
        tags=tuple(json.loads(row[15])) if row[15] != "[]" else (), external_id=row[16],
        key=row[17], importance=row[18], muted=bool(row[19]),
    )  # fmt: skip


def columns(names: str, table: str) -> str:
    """Qualify a list of column names with their table."""
    return ", ".join(f"{table}.{name.strip()}" for name in names.split(","))


def marks(values: Sequence[Any]) -> str:
    """Return as many ``?`` as there are values, for an ``IN`` list."""
    return ", ".join("?" * len(values))
