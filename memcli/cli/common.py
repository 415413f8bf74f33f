"""What the commands share: the state of this run, and opening memory from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from memcli.api import Memcli
    from memcli.records import Kind

Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="The most to show.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="Path of a GGUF chat model.")]
Profile = Annotated[str | None, typer.Option("--profile", "-p", help="Which memory to use.")]


@dataclass(slots=True)
class State:
    """What the root options said."""

    profile: str
    settings: dict[str, Any] = field(default_factory=dict)


def opened(ctx: typer.Context, *, profile: str | None = None, model: str | None = None) -> Memcli:
    """Open the memory that the options name."""
    from memcli.api import Memcli  # 200 ms with what it opens

    state: State = ctx.obj
    settings = dict(state.settings)
    if model is not None:
        settings["model.path"] = model
    return Memcli(profile or state.profile, settings=settings)


def kind_named(name: str | None) -> Kind | None:
    """Return the kind of memory with this name.

    Raises:
        InvalidInput: there is no such kind.
    """
    from memcli.errors import InvalidInput
    from memcli.records import KINDS

    if name is None:
        return None
    for kind in KINDS:
        if kind == name:
            return kind
    raise InvalidInput(f"{name!r} is no kind of memory.", f"Kinds are {', '.join(KINDS)}.")


def end_of(day: str) -> datetime:
    """Return the moment that ``--as-of`` names; of a day, its last.

    Raises:
        InvalidInput: it is no date.
    """
    from datetime import datetime, timedelta, timezone

    from memcli.dates import parse_time

    here = timezone(datetime.now().astimezone().utcoffset() or timedelta())
    moment = parse_time(day, default_zone=here)
    whole_day = moment.astimezone().time() == datetime.min.time() and ":" not in day
    return moment + timedelta(days=1, microseconds=-1) if whole_day else moment
