"""``memcli session``: list, show, search, fork, rename, export, delete."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Id, Json, Limit, Yes, opened
from memcli.errors import InvalidInput, NotFound
from memcli.records import Memory, Turn

if TYPE_CHECKING:
    from memcli.records import Session

COLUMNS = ("id", "last used", "turns", "title")


def list_(ctx: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List sessions, the one used last first."""
    with opened(ctx) as memory:
        found = memory.store.sessions.latest(limit=limit)
    if not found:
        raise NotFound("There are no sessions yet.", "memcli chat starts one.")
    ui.show(found, COLUMNS, map(_row, found), as_json=as_json)


def show(ctx: typer.Context, id: Id, as_json: Json = False) -> None:
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


def search(
    ctx: typer.Context,
    query: Annotated[list[str], typer.Argument(help="What was spoken of.")],
    limit: Limit = 10,
    as_json: Json = False,
) -> None:
    """Find sessions by what was said in them, the one that says most about it first."""
    with opened(ctx) as memory:
        hits = memory.recall(" ".join(query), limit=10 * limit)
        scores: dict[str, float] = defaultdict(float)
        for hit in hits:
            record = memory.memory.find(hit.id)
            turn_id = None if isinstance(record, Turn) else record.turn_id
            turn = memory.store.sessions.turn(turn_id) if turn_id else record
            if isinstance(turn, Turn):
                scores[turn.session_id] += hit.score
        best = [memory.store.sessions.get(id) for id in sorted(scores, key=lambda id: -scores[id])]
    found = [session for session in best if session][:limit]
    if not found:
        raise NotFound("No session speaks of this.", "memcli session list shows all.")
    ui.show(found, COLUMNS, map(_row, found), as_json=as_json)


def fork(
    ctx: typer.Context,
    id: Id,
    at: Annotated[str, typer.Option("--at", help="The last turn to copy.")] = "",
    title: Annotated[str, typer.Option("--title", help="The name of the new session.")] = "",
) -> None:
    """Begin a new session with copies of another one's turns; undo takes it back."""
    with opened(ctx) as memory:
        session = memory.memory.find_session(id)
        turn = memory.memory.find(at) if at else None
        if isinstance(turn, Memory):
            raise InvalidInput(f"{at} is a memory, and no turn.", "memcli session show ID")
        made = memory.fork(session, at=turn, title=title.strip())
    ui.out(f"{ui.short(made.id)}  “{made.title}”, {made.turns} turns of {ui.short(session.id)}")
    ui.say(f"memcli chat --session {ui.short(made.id)} goes on from there")


def rename(
    ctx: typer.Context, id: Id, title: Annotated[list[str], typer.Argument(help="Its new name.")]
) -> None:
    """Give a session another name; undo takes it back."""
    name = " ".join(title).strip()
    if not name:
        raise InvalidInput("A session needs a name.", "memcli session rename ID NAME")
    with opened(ctx) as memory:
        session = memory.memory.find_session(id)
        memory.memory.rename_session(session.id, name)
    ui.out(f"{ui.short(session.id)}  is now “{name}”")


def export(
    ctx: typer.Context,
    id: Id,
    file: Annotated[Path | None, typer.Argument(help="A new file; without one, stdout.")] = None,
    as_json: Json = False,
) -> None:
    """Write what was said as Markdown, or as JSON, one turn a line."""
    from memcli.export import transcript, write_new

    with opened(ctx) as memory:
        session = memory.memory.find_session(id)
        text = transcript(session, memory.store.sessions.turns(session.id), as_json=as_json)
    if file:
        write_new(file.expanduser(), [text])
        ui.say(f"written to {file}")
    else:
        ui.out(text.rstrip("\n"))


def delete(ctx: typer.Context, id: Id, yes: Yes = False) -> None:
    """Forget a session for good, with what was learnt from it, and prove it."""
    from memcli.cli.forget import forget_all

    with opened(ctx) as memory:
        session = memory.memory.find_session(id)
        forget_all(memory, [*memory.store.sessions.turns(session.id)], yes=yes)


def _row(session: Session) -> tuple[str, ...]:
    return (
        ui.short(session.id),
        ui.minute(session.updated),
        str(session.turns),
        session.title or "(no name)",
    )
