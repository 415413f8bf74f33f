"""Which memories and turns the owner means: by id, words, subject, session, source or date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from memcli.dates import parse_time
from memcli.errors import InvalidInput, NotFound
from memcli.recall.candidates import moment
from memcli.records import Memory, Turn
from memcli.tiers.long_term import LongTerm

CLOSE = 0.8  # of the best hit's score: what is further off is not meant


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is meant; each that is given adds to it, but days narrow what the others name."""

    ids: tuple[str, ...] = ()
    query: str = ""
    subject: str = ""
    session: str = ""
    source: str = ""
    since: str = ""
    until: str = ""


def choose(memory: LongTerm, wanted: Wanted) -> list[Memory | Turn]:
    """Return the memories and turns that are meant, each once.

    Raises:
        InvalidInput: nothing is named, a day is none, or an id fits several.
        NotFound: there is nothing like it.
    """
    if not any(astuple(wanted)):
        raise InvalidInput("Forget what?", "Name ids, or --query, --subject, --session, --source …")
    start, end = _days(wanted)
    named = [*_named(memory, wanted)]
    if not any(astuple(wanted)[:5]):
        named = list(memory.store.memories.newest()) + memory.store.sessions.between(start, end)
    found = {r.id: r for r in named if start <= moment(r) < end}
    if not found:
        raise NotFound("Nothing that is remembered is meant by this.", "memcli memory list")
    return list(found.values())


def _named(memory: LongTerm, wanted: Wanted) -> Iterator[Memory | Turn]:
    store = memory.store
    yield from (memory.find(id) for id in wanted.ids)
    if wanted.query:
        hits = memory.recall(wanted.query, limit=10)
        close = [h for h in hits if h.score >= CLOSE * hits[0].score] if hits.enough else []
        yield from (memory.find(hit.id) for hit in close)
    if wanted.subject:
        yield from store.memories.about(wanted.subject, current=False)
    if wanted.session:
        yield from store.sessions.turns(memory.find_session(wanted.session).id)
    if wanted.source:
        yield from store.memories.of_source(wanted.source)
        yield from store.sessions.of_source(wanted.source)


def _days(wanted: Wanted) -> tuple[datetime, datetime]:
    start = parse_time(wanted.since or "0001-01-02")
    end = parse_time(wanted.until or "9998-12-30") + timedelta(days=1)
    return start, end
