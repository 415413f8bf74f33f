"""``memcli session``: list, show."""

from __future__ import annotations

from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, Limit, opened
from memcli.errors import NotFound

app = typer.Typer(name="session", help="See what was said.", no_args_is_help=True)


@app.command("list", epilog="Example: memcli session list")
def list_(ctx: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List sessions, the one used last first."""
    with opened(ctx) as memory:
        found = memory.store.sessions.latest(limit=limit)
    if not found:
        raise NotFound("There are no sessions yet.", "memcli chat starts one.")
    rows = (
        (ui.short(s.id), ui.minute(s.updated), str(s.turns), s.title or "(no name)") for s in found
    )
    ui.show(found, ("id", "last used", "turns", "title"), rows, as_json=as_json)


@app.command(epilog="Example: memcli session show 5eq2hv")
def show(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="An id, or its first or last characters.")],
    as_json: Json = False,
) -> None:
    """Show the turns of a session, word for word."""
    with opened(ctx) as memory:
        turns = memory.store.sessions.turns(memory.memory.find_session(id).id)
    if as_json:
        ui.json_lines(turns)
        return
    for turn in turns:
        mark = " (interrupted)" if turn.interrupted else ""
        ui.say(f"{ui.short(turn.id)}  {ui.minute(turn.time)}")
        ui.out(f"{turn.speaker or turn.role}{mark}: {turn.text}\n")
