"""``memcli memory review|conflicts|resolve``."""

from __future__ import annotations

from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, opened
from memcli.errors import InvalidInput
from memcli.records import Turn


def review(
    ctx: typer.Context,
    id: Annotated[str | None, typer.Argument(help="Which find; none: list them.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Keep it after all.")] = False,
    text: Annotated[str, typer.Option("--text", help="Keep it in these words.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="Take it off the list.")] = False,
    as_json: Json = False,
) -> None:
    """Judge what a model found and your words do not prove."""
    from memcli.tiers import judging
    from memcli.tiers.long_term import fits, only

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


def conflicts(ctx: typer.Context, as_json: Json = False) -> None:
    """List pairs of memories that cannot both hold."""
    from memcli.tiers import judging

    with opened(ctx) as memory:
        pairs = judging.conflicts(memory.memory)
    found = [memory for pair in pairs for memory in pair]
    rows = ((ui.short(m.id), ui.day(m.recorded), m.kind, m.text) for m in found)
    ui.show(found, ("id", "recorded", "kind", "text"), rows, as_json=as_json)
    if pairs:
        ui.say("memcli memory resolve ID says which one holds; with --both, both do")


def resolve(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="The memory that holds.")],
    both: Annotated[bool, typer.Option("--both", help="Those against it hold as well.")] = False,
) -> None:
    """Settle a conflict: the others become history, or stand beside it."""
    from memcli.tiers import judging

    with opened(ctx) as memory:
        winner = memory.memory.find(id)
        if isinstance(winner, Turn):
            raise InvalidInput(f"{id} is a turn, and no memory.", "memcli memory conflicts")
        others = judging.resolve(memory.memory, winner, both=both)
    for other in others:
        ui.out(f"{'both hold' if both else 'no longer holds'}: {other.text}")
