"""``memcli consolidate``."""

from __future__ import annotations

from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, Model, Profile, opened


def consolidate(
    ctx: typer.Context,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0, help="Begin nothing new after so long.")
    ] = float("inf"),
    model: Model = None,
    as_json: Json = False,
    profile: Profile = None,
) -> None:
    """Make facts and summaries of what was said; nothing is deleted, and undo takes it back."""
    with opened(ctx, profile=profile, model=model) as memory:
        done = memory.consolidate(seconds=seconds)
    if as_json:
        ui.json_lines([done])
        return
    ui.out(
        f"summarised {done.sessions} sessions, {done.topics} topics · learnt {done.learnt}"
        f" · to review {done.to_review}"
    )
    for group in done.alike:
        ui.say("nearly the same:")
        for one in group:
            ui.say(f"  {ui.short(one.id)}  {one.text[:200]}")
    if done.unfinished:
        ui.say("time is up: the next memcli consolidate goes on from here")
