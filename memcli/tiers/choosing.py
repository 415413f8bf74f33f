"""Which memories and turns the owner means to forget: by id, words, subject, source or date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memcli.errors import InvalidInput, NotFound
from memcli.recall.plan import plan
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
    """Return what recall is sure of, what is nearly as near, and all that names what is named."""
    hits = memory.recall(query, limit=10)
    ids = [h.id for h in hits if h.score >= CLOSE * hits[0].score] if hits.enough else []
    asked = plan(query, memory.store.clock())
    ids += memory.store.texts.holding_all([name for name in asked.names if name in asked.words])
    return [memory.find(id) for id in dict.fromkeys(ids)]


def _named(memory: LongTerm, ids: Sequence[str], query: str) -> Iterator[Memory | Turn]:
    yield from (memory.find(id) for id in ids)
    if query:
        yield from close(memory, query)


def _fitting(memory: LongTerm, wanted: Filter) -> list[Memory | Turn]:
    return [
        *memory.store.memories.matching_all(wanted),
        *memory.store.sessions.matching_turns_of(wanted),
    ]
