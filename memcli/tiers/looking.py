"""All that there is to know of one memory or turn: where it comes from, and what hangs on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from memcli.importers.base import Unreadable
from memcli.importers.encoding import decode
from memcli.records import Memory, Session, Source, Span, Turn
from memcli.text import clean
from memcli.tiers import editing
from memcli.tiers.long_term import LongTerm

AROUND = 120  # characters of the source on either side of a quote


@dataclass(frozen=True, slots=True)
class Dossier:
    """A memory or turn, and what belongs to it.

    ``context`` is its quote as it stands in the source, ``line`` where it begins in a file that is
    still as it was. ``replaced`` and ``replaced_by`` are memories, ``derived`` summaries of what it
    says, answers that were made from it and, of a turn, memories learnt from it.
    """

    record: Memory | Turn
    source: Source | None = None
    line: int | None = None
    session: Session | None = None
    context: str = ""
    versions: int = 1
    replaced: tuple[Memory, ...] = ()
    derived: tuple[Memory | Turn, ...] = ()
    conflicts: tuple[str, ...] = ()
    media: dict[str, int] = field(default_factory=dict)  # bytes by medium


def look(memory: LongTerm, record: Memory | Turn) -> Dossier:
    """Return what is known of a memory or turn."""
    store = memory.store
    turn = record if isinstance(record, Turn) else _said_in(memory, record)
    session = store.sessions.get(turn.session_id) if turn else None
    source_id = (record.source_id if isinstance(record, Memory) else None) or (
        session.source_id if session else None
    )
    source = store.sources.get(source_id) if source_id else None
    used = store.sessions.made_from(record.id)
    if isinstance(record, Turn):
        told = [*store.memories.of_turn(record.id), *store.memories.covering(record.id)]
        return Dossier(
            record, source, None, session, derived=(*told, *used), media=_media(memory, record)
        )
    line, context = _in_file(source, record) if source and not turn else (None, "")
    return Dossier(
        record, source, line, session,
        context=_around(turn.text, record.quote) if turn else context,
        versions=len(editing.versions(memory, record)),
        replaced=tuple(store.memories.replaced_by(record.id)),
        derived=(*(store.memories.covering(turn.id) if turn else ()), *used),
        conflicts=tuple(store.judgements.against(record.id)),
        media=_media(memory, record),
    )  # fmt: skip


def _said_in(memory: LongTerm, record: Memory) -> Turn | None:
    return memory.store.sessions.turn(record.turn_id) if record.turn_id else None


def _around(text: str, quote: str) -> str:
    """Return a quote with what stands around it; nothing if there is no more."""
    at = text.find(quote)
    if not quote or at < 0 or text.strip() == quote.strip():
        return ""
    start, end = max(at - AROUND, 0), min(at + len(quote) + AROUND, len(text))
    before, after = "…" * (start > 0), "…" * (end < len(text))
    return f"{before}{text[start:at]}»{quote}«{text[at + len(quote) : end]}{after}"


def _in_file(source: Source, record: Memory) -> tuple[int | None, str]:
    """Return the line a note stands on and what is around it, if the file still has it there."""
    span = record.span
    if span is None or not Path(source.uri).is_file():
        return None, ""
    try:
        text = decode(Path(source.uri).read_bytes())
    except (OSError, Unreadable):
        return None, ""
    if clean(text[span.start : span.end]) != record.quote:
        return None, ""
    return _line(text, span), _around(clean(text), record.quote)


def _line(text: str, span: Span) -> int:
    return len(re.findall(r"\r\n|\r|\n", text[: span.start])) + 1


def _media(memory: LongTerm, record: Memory | Turn) -> dict[str, int]:
    """Return the media that hold a memory or turn, with the bytes it takes in each."""
    store = memory.store
    number = (
        2 * store.memories.numbers([record.id])[record.id] + 1
        if isinstance(record, Memory)
        else 2 * store.sessions.numbers([record.id])[0]
    )
    vectors = {f"vector ({store.meta('embedder')})": len(v) for _, v in store.vectors.get([number])}
    return {"text": len(record.text.encode()), **vectors}
