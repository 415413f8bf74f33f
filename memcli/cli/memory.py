"""``memcli memory``: list, show, forget."""

from __future__ import annotations

from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, Limit, Yes, kind_named, opened
from memcli.errors import InvalidInput, MemcliError, NotFound
from memcli.manage.forget import Forgotten
from memcli.records import KINDS, Memory, Turn
from memcli.text import one_line
from memcli.tiers import choosing, judging
from memcli.tiers.long_term import fits, only

app = typer.Typer(name="memory", help="See and change what is remembered.", no_args_is_help=True)


@app.command("list", epilog="Example: memcli memory list --kind fact --json")
def list_(
    ctx: typer.Context,
    kind: Annotated[
        str | None, typer.Option("--kind", "-k", help=f"One of {', '.join(KINDS)}.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Superseded memories too.")] = False,
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List memories, the newest first."""
    with opened(ctx) as memory:
        found = memory.store.memories.newest(
            kind=kind_named(kind), current=not everything, limit=limit
        )
    if not found:
        raise NotFound("There are no such memories yet.", 'memcli remember "…" keeps one.')
    rows = (
        (ui.short(m.id), ui.day(m.recorded), m.kind + " †" * bool(m.superseded_by), m.text)
        for m in found
    )
    ui.show(found, ("id", "recorded", "kind", "text"), rows, as_json=as_json)


@app.command(epilog="Example: memcli memory show j3a7p7")
def show(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="An id, or its first or last characters.")],
    as_json: Json = False,
) -> None:
    """Show a memory or a turn, with what proves it."""
    with opened(ctx) as memory:
        record = memory.memory.find(id)
        source_id = record.source_id if isinstance(record, Memory) else None
        source = memory.store.sources.get(source_id) if source_id else None
    if as_json:
        ui.json_lines([record])
        return
    shown = _turn(record) if isinstance(record, Turn) else _memory(record)
    if source:
        shown["source"] = f"{source.kind} {source.uri}"
    for name, value in shown.items():
        if value:
            ui.out(f"{name + ':':<12}{value}")


@app.command(epilog="Example: memcli memory forget j3a7p7 --yes")
def forget(
    ctx: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of memories or turns.")] = None,
    query: Annotated[str, typer.Option("--query", help="What recall finds for this.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="All that is known of one.")] = "",
    session: Annotated[str, typer.Option("--session", help="A whole session.")] = "",
    source: Annotated[str, typer.Option("--source", help="An imported file's path.")] = "",
    since: Annotated[str, typer.Option("--since", help="What was recorded from a day on.")] = "",
    until: Annotated[str, typer.Option("--until", help="… and to the end of a day.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Yes = False,
) -> None:
    """Erase memories for good, with the words that prove them, and prove it. No undo."""
    with opened(ctx) as memory:
        wanted = choosing.Wanted(tuple(ids or ()), query, subject, session, source, since, until)
        found = choosing.choose(memory.memory, wanted)
        for record in found:
            ui.say(f"{ui.short(record.id)}  {one_line(record.text)[:200]}")
        if dry_run:
            ui.out(f"would be forgotten: {len(found)}, and what was derived from them")
            return
        if not ui.confirm(f"Forget {len(found)} for good?", yes=yes):
            raise typer.Exit(1)
        gone = memory.forget(*(record.id for record in found))
    ui.out(f"forgotten: {gone.memories} memories, {gone.turns} turns, {gone.blanked} turns blanked")
    _prove(gone)


def _prove(gone: Forgotten) -> None:
    """Say that nothing is left, or what is.

    Raises:
        MemcliError: something is.
    """
    proof = gone.proof
    if proof is None or proof.ok:
        size = f"{proof.size / 1e6:.1f} MB in {proof.files} files" if proof else "nothing"
        ui.say(f"searched {size}, and recall: nothing is left")
        return
    left = [*proof.remains, *(f"memory {ui.short(id)}" for id in proof.recalled)]
    raise MemcliError(
        f"The same words are still in {', '.join(left)}.",
        "Forget what else says them: memcli memory forget --query …",
    )


@app.command(epilog="Example: memcli memory review j3a7p7 --accept")
def review(
    ctx: typer.Context,
    id: Annotated[str | None, typer.Argument(help="Which find; none: list them.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Keep it after all.")] = False,
    text: Annotated[str, typer.Option("--text", help="Keep it in these words.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="Take it off the list.")] = False,
    as_json: Json = False,
) -> None:
    """Judge what a model found and your words do not prove."""
    with opened(ctx) as memory:
        waiting = memory.store.judgements.reviews()
        if id is None:
            rows = ((ui.short(r.id), r.kind, r.reason, r.text) for r in waiting)
            ui.show(waiting, ("id", "kind", "why it waits", "text"), rows, as_json=as_json)
            return
        found = only([r for r in waiting if fits(r.id, id)], id, "find", "memcli memory review")
        if accept or text:
            learnt = judging.accept(memory.memory, found, text)
            ui.out(f"{ui.short(learnt.memory.id)}  {learnt.decision}: {learnt.memory.text}")
        elif reject:
            judging.reject(memory.memory, found)
            ui.out(f"rejected: {found.text}")
        else:
            raise InvalidInput("What shall become of it?", "--accept, --text TEXT or --reject")


@app.command(epilog="Example: memcli memory conflicts")
def conflicts(ctx: typer.Context, as_json: Json = False) -> None:
    """List pairs of memories that cannot both hold."""
    with opened(ctx) as memory:
        pairs = judging.conflicts(memory.memory)
    found = [memory for pair in pairs for memory in pair]
    rows = ((ui.short(m.id), ui.day(m.recorded), m.kind, m.text) for m in found)
    ui.show(found, ("id", "recorded", "kind", "text"), rows, as_json=as_json)
    if pairs:
        ui.say("memcli memory resolve ID says which one holds; with --both, both do")


@app.command(epilog="Example: memcli memory resolve j3a7p7")
def resolve(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="The memory that holds.")],
    both: Annotated[bool, typer.Option("--both", help="Those against it hold as well.")] = False,
) -> None:
    """Settle a conflict: the others become history, or stand beside it."""
    with opened(ctx) as memory:
        winner = memory.memory.find(id)
        if isinstance(winner, Turn):
            raise InvalidInput(f"{id} is a turn, and no memory.", "memcli memory conflicts")
        others = judging.resolve(memory.memory, winner, both=both)
    for other in others:
        ui.out(f"{'both hold' if both else 'no longer holds'}: {other.text}")


def _memory(memory: Memory) -> dict[str, str]:
    return {
        "id": memory.id,
        "kind": memory.kind + (" (pinned)" if memory.pinned else ""),
        "text": memory.text,
        "quote": memory.quote if memory.quote != memory.text else "",
        "title": memory.title,
        "recorded": ui.minute(memory.recorded),
        "holds from": ui.day(memory.valid_from),
        "holds until": ui.day(memory.valid_to),
        "replaced by": memory.superseded_by or "",
        "triples": "; ".join(f"{t.subject} · {t.predicate} · {t.object}" for t in memory.triples),
        "tags": ", ".join(memory.tags),
        "turn": memory.turn_id or "",
    }


def _turn(turn: Turn) -> dict[str, str]:
    return {
        "id": turn.id,
        "kind": f"turn by {turn.speaker or turn.role}" + " (interrupted)" * turn.interrupted,
        "text": turn.text,
        "said": ui.minute(turn.time),
        "session": turn.session_id,
    }
