"""``memcli memory list|show|search``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import (
    Id,
    Json,
    Limit,
    SessionId,
    Since,
    SourcePath,
    Subject,
    Tag,
    Until,
    filtered,
    kind_named,
    opened,
)
from memcli.errors import InvalidInput, NotFound
from memcli.records import KINDS, Memory, to_dict

if TYPE_CHECKING:
    from memcli.tiers.looking import Dossier

ORDERS = "newest, oldest, importance, used, text"
COLUMNS = ("id", "recorded", "kind", "text")


def list_(
    ctx: typer.Context,
    kind: Annotated[
        str | None, typer.Option("--kind", "-k", help=f"One of {', '.join(KINDS)}.")
    ] = None,
    subject: Subject = "",
    session: SessionId = "",
    source: SourcePath = "",
    tag: Tag = "",
    since: Since = "",
    until: Until = "",
    pinned: Annotated[bool, typer.Option("--pinned", help="Pinned ones.")] = False,
    muted: Annotated[bool, typer.Option("--muted", help="Muted ones.")] = False,
    superseded: Annotated[
        bool, typer.Option("--superseded", help="Only what was superseded.")
    ] = False,
    conflicts: Annotated[bool, typer.Option("--conflicts", help="What cannot all hold.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Superseded memories too.")] = False,
    sort: Annotated[str, typer.Option("--sort", help=f"{ORDERS}.")] = "newest",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List memories, the newest first."""
    from memcli.store.filters import Filter

    if sort not in ORDERS.split(", "):
        raise InvalidInput(f"{sort!r} is no order.", f"Orders are {ORDERS}.")
    with opened(ctx) as memory:
        wanted = filtered(
            memory, kind=kind_named(kind), subject=subject, session=session, source=source,
            tag=tag, since=since, until=until, pinned=pinned, muted=muted, in_conflict=conflicts,
            superseded=superseded, current=not (everything or superseded),
        )  # fmt: skip
        found = memory.store.memories.matching_all(wanted, order=sort, limit=limit)
        total = memory.store.memories.count_matching(wanted) if len(found) == limit else len(found)
    if not found:
        plain = wanted == Filter(current=True)
        hint = 'memcli remember "…" keeps one.' if plain else "memcli memory list --all"
        raise NotFound("There are no such memories yet.", hint)
    ui.show(found, COLUMNS, map(row, found), as_json=as_json)
    if total > len(found):
        ui.say(f"{len(found)} of {total} are shown; --limit shows more")


def search(
    ctx: typer.Context,
    query: Annotated[list[str], typer.Argument(help="What to look for.")],
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Find memories by meaning and words; ``recall`` finds what was said as well."""
    with opened(ctx) as memory:
        hits = memory.recall(" ".join(query), limit=3 * limit)
        records = [memory.memory.find(hit.id) for hit in hits if hit.kind != "turn"]
    found = [record for record in records if isinstance(record, Memory)][:limit]
    if not found:
        raise NotFound("No memory speaks of this.", "memcli recall looks in what was said, too.")
    ui.show(found, COLUMNS, map(row, found), as_json=as_json)


def show(ctx: typer.Context, id: Id, as_json: Json = False) -> None:
    """Show a memory or a turn, with what proves it and what hangs on it."""
    from memcli.tiers.looking import look

    with opened(ctx) as memory:
        found = look(memory.memory, memory.memory.find(id))
        if cells := memory.kv.of(found.record.id):
            found.media["KV cells"] = cells
    if as_json:
        belongs = to_dict(found)
        ui.json_lines([{**belongs.pop("record"), **belongs}])
        return
    shown = _memory(found) if isinstance(found.record, Memory) else _turn(found)
    for name, value in (shown | _belongings(found)).items():
        if value:
            ui.out(f"{name + ':':<12}{value}")


def row(memory: Memory) -> tuple[str, ...]:
    """Return a memory as a row of ``COLUMNS``."""
    kind = memory.kind + " †" * bool(memory.superseded_by)
    return ui.short(memory.id), ui.day(memory.recorded), kind, memory.text


def _memory(found: Dossier) -> dict[str, str]:
    memory = found.record
    assert isinstance(memory, Memory)
    marks = [name for name in ("pinned", "muted") if getattr(memory, name)]
    return {
        "id": memory.id,
        "kind": memory.kind + (f" ({', '.join(marks)})" if marks else ""),
        "text": memory.text,
        "quote": memory.quote if memory.quote != memory.text and not found.context else "",
        "in context": found.context,
        "title": memory.title,
        "recorded": ui.minute(memory.recorded),
        "holds from": ui.day(memory.valid_from),
        "holds until": ui.day(memory.valid_to),
        "replaced by": ui.short(memory.superseded_by or ""),
        "triples": "; ".join(f"{t.subject} · {t.predicate} · {t.object}" for t in memory.triples),
        "tags": ", ".join(memory.tags),
        "turn": ui.short(memory.turn_id or ""),
    }


def _turn(found: Dossier) -> dict[str, str]:
    turn = found.record
    assert not isinstance(turn, Memory)
    return {
        "id": turn.id,
        "kind": f"turn by {turn.speaker or turn.role}" + " (interrupted)" * turn.interrupted,
        "text": turn.text,
        "said": ui.minute(turn.time),
    }


def _belongings(found: Dossier) -> dict[str, str]:
    source, session = found.source, found.session
    line = f", line {found.line}" if found.line else ""
    return {
        "source": f"{source.kind} {source.uri}{line}" if source else "",
        "session": f"{ui.short(session.id)} {session.title}" if session else "",
        "versions": f"{found.versions} (memcli memory history)" if found.versions > 1 else "",
        "replaced": "; ".join(f"{ui.short(m.id)} {m.text}" for m in found.replaced),
        "in conflict": ", ".join(map(ui.short, found.conflicts)),
        "derived": "; ".join(f"{ui.short(r.id)} {r.text[:60]}" for r in found.derived),
        "media": ", ".join(f"{name} {size} bytes" for name, size in found.media.items()),
    }
