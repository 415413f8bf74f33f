"""``memcli remember`` and ``memcli recall``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, Limit, Profile, kind_named, now, opened
from memcli.errors import NotFound
from memcli.records import MASKED

SHOWN = 400  # characters of a hit; --json has all of them


def remember(
    ctx: typer.Context,
    text: Annotated[
        list[str] | None, typer.Argument(help="What to keep; - or nothing: stdin.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", "-k", help="fact, preference, event, task, …")
    ] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Show it to the model in every turn.")] = False,
    tag: Annotated[
        list[str] | None, typer.Option("--tag", "-t", help="Add a tag; repeatable.")
    ] = None,
    as_json: Json = False,
    profile: Profile = None,
) -> None:
    """Keep something, word for word."""
    words = [word for word in text or [] if word != "-"]
    said = " ".join(words) or ui.piped()
    with opened(ctx, profile=profile) as memory:
        learnt = memory.remember(said, kind=kind_named(kind), pin=pin, tags=tag or ())
    if as_json:
        ui.json_lines(item.memory for item in learnt)
        return
    for item in learnt:
        ui.out(f"{ui.short(item.memory.id)}  {item.decision}: {item.memory.text}")
        for old in item.replaced:
            ui.say(f"  instead of {ui.short(old.id)}: {old.text}")
    if masked := sum(item.memory.text.count(MASKED) for item in learnt):
        ui.say(f"masked {masked} secrets; memory.secrets = keep would keep them")


def recall(
    ctx: typer.Context,
    query: Annotated[list[str], typer.Argument(help="What to look for.")],
    limit: Limit = 10,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="What was known, and held, on a day or moment.")
    ] = None,
    as_json: Json = False,
    profile: Profile = None,
) -> None:
    """Find the memories and turns that say most about something."""
    from memcli.periods import period

    then = _last_moment(period(as_of, now())) if as_of is not None else None
    with opened(ctx, profile=profile) as memory:
        hits = memory.recall(" ".join(query), limit=limit, as_of=then)
        note = memory.memory.meaning.note
    if note:
        ui.say(note)
    if not hits:
        raise NotFound(
            "Nothing that is remembered speaks of this.", "memcli memory list shows all."
        )
    if not hits.enough:
        ui.say("Nothing here clearly answers this; these come nearest.")
    if as_json:
        ui.json_lines(hits)
        return
    from memcli.recall.budget import where
    from memcli.text import one_line

    ui.table(
        ("id", "when", "score", "from", "text"),
        (
            (ui.short(hit.id), f"{hit.when.astimezone():%Y-%m-%d}", f"{hit.score:.2f}",
             where(hit)[:32], one_line(hit.text)[:SHOWN])
            for hit in hits
        ),
    )  # fmt: skip


def _last_moment(period: tuple[datetime, datetime]) -> datetime:
    start, end = period
    return end if start == end else end - timedelta(microseconds=1)
