"""Entries of a journal or calendar as pieces that can be recalled on their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from memcli.importers.chunks import LONGEST, Chunk, chunk_markdown
from memcli.records import Span


def pieces(text: str, offset: int = 0) -> Iterator[Chunk]:
    """Yield an entry whole, or cut if it is long, and where it stands from ``offset`` on."""
    if len(text) > LONGEST:
        for chunk in chunk_markdown(text):
            span = Span(offset + chunk.span.start, offset + chunk.span.end)
            yield replace(chunk, span=span)
    elif words := text.strip():
        start = offset + text.index(words)
        yield Chunk(words, Span(start, start + len(words)), ())


def numbered(id: str, number: int) -> str:
    """Return the id of an entry's piece: ``id``, ``id#2`` and so on; of no id, none."""
    return f"{id}#{number}" if id and number > 1 else id
