"""What the commands share: the state of this run, and opening memory from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from memcli.api import Memcli
    from memcli.records import Kind
    from memcli.store.filters import Filter

Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="The most to show.")]
Id = Annotated[str, typer.Argument(help="An id, or its first or last characters.")]
Subject = Annotated[str, typer.Option("--subject", help="What is known of somebody or something.")]
SessionId = Annotated[str, typer.Option("--session", help="What comes from a session.")]
SourcePath = Annotated[str, typer.Option("--source", help="What comes from a file or folder.")]
Tag = Annotated[str, typer.Option("--tag", "-t", help="What has this tag.")]
Since = Annotated[str, typer.Option("--since", help="Recorded from then on: a day, last week …")]
Until = Annotated[str, typer.Option("--until", help="… and to the end of a day.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Model = Annotated[str | None, typer.Option("--model", "-m", help="A GGUF chat model, or its name.")]
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
        settings["model.path"] = model_path(model)
    name = profile or state.profile
    ask = partial(ask_passphrase, f"Passphrase of {name}")
    return Memcli(name, settings=settings, passphrase=ask)


def ask_passphrase(
    question: str = "Passphrase", variable: str = "MEMCLI_PASSPHRASE", *, again: bool = False
) -> str:
    """Return the passphrase of the environment, or ask for it.

    Raises:
        InvalidInput: it is empty, or nobody is there to ask.
    """
    import os
    import sys

    from memcli.errors import InvalidInput

    given = os.environ.get(variable, "")
    if not given and sys.stdin and sys.stdin.isatty():
        given = typer.prompt(
            question,
            hide_input=True,
            confirmation_prompt=again,
            default="",
            show_default=False,
            err=True,
        )
    if not given:
        raise InvalidInput("There is no passphrase.", f"Set {variable}, or type one.")
    return str(given)


def model_path(model: str) -> str:
    """Return the path of a model that is given by path or short name; nothing for nothing.

    Raises:
        ModelNotFound: it is the name of a model that is not here.
    """
    from memcli.engine.shelf import locate

    return str(locate(model)) if model else ""


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


def now() -> datetime:
    """Return the present moment in the time zone that is here."""
    from datetime import datetime

    return datetime.now().astimezone()


def filtered(
    memory: Memcli,
    *,
    subject: str = "",
    session: str = "",
    source: str = "",
    since: str = "",
    until: str = "",
    **more: Any,
) -> Filter:
    """Return the filter that options name.

    Raises:
        NotFound: there is no such session.
        InvalidInput: a day is none, or a session's id fits several.
    """
    from pathlib import Path

    from memcli.store.filters import Filter

    path = Path(source).expanduser()
    return Filter(
        subject=subject,
        session=memory.memory.find_session(session).id if session else "",
        source=str(path.resolve()) if source and path.exists() else source,
        since=_stretch(since)[0] if since else None,
        until=_stretch(until)[1] if until else None,
        **more,
    )


def _stretch(text: str) -> tuple[datetime, datetime]:
    from memcli.periods import period  # 25 ms

    return period(text, now())
