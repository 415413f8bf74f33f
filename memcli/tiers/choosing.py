"""Which memories and turns the owner means to forget: by id, words, subject, source or date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memcli.errors import InvalidInput, NotFound
from memcli.records import Memory, Turn
from memcli.store.filters import Filter
from memcli.tiers.long_term import LongTerm

CLOSE = 0.8  # of the best hit's score: what is further off is not meant


def choose(
    memory: LongTerm, ids: Sequence[str] = (), query: str = "", wanted: Filter | None = None
) -> list[Memory | Turn]:
    """Return the memories and turns that are meant, each once.

    ``ids`` and ``query`` name them, of which ``wanted`` keeps some; without them it names all that
    it fits.

    Raises:
        InvalidInput: nothing is named, or an id fits several.
        NotFound: there is nothing like it.
    """
    wanted = wanted or Filter()
    if not ids and not query and wanted == Filter():
        raise InvalidInput("Forget what?", "Name ids, or --query, --subject, --session, --source …")
    found = list(_named(memory, ids, query))
    if wanted != Filter():
        fitting = _fitting(memory, wanted)
        kept = {record.id for record in fitting}
        found = [r for r in found if r.id in kept] if ids or query else fitting
    if not found:
        raise NotFound("Nothing that is remembered is meant by this.", "memcli memory list")
    return list({record.id: record for record in found}.values())


def close(memory: LongTerm, query: str) -> list[Memory | Turn]:
    """Return what recall is sure of, and what is nearly as near as the best."""
    hits = memory.recall(query, limit=10)
    best = [hit for hit in hits if hit.score >= CLOSE * hits[0].score] if hits.enough else []
    return [memory.find(hit.id) for hit in best]


def _named(memory: LongTerm, ids: Sequence[str], query: str) -> Iterator[Memory | Turn]:
    yield from (memory.find(id) for id in ids)
    if query:
        yield from close(memory, query)


def _fitting(memory: LongTerm, wanted: Filter) -> list[Memory | Turn]:
    return [
        *memory.store.memories.matching_all(wanted),
        *memory.store.sessions.matching_turns_of(wanted),
    ]
