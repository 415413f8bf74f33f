"""The root of the command line: its options, and its commands in the order help shows them."""

from __future__ import annotations

from typing import Annotated

import typer

from memcli import __version__
from memcli.cli import (
    chat,
    config,
    demo,
    doctor,
    evaluate,
    importing,
    index,
    memory,
    model,
    recall,
    session,
)
from memcli.cli.common import State
from memcli.paths import DEFAULT_PROFILE

app = typer.Typer(
    name="memcli",
    help="A personal memory for a local language model. Nothing leaves this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich's help would double the time of --help
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"memcli {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    profile: Annotated[
        str, typer.Option("--profile", "-p", envvar="MEMCLI_PROFILE", help="Which memory to use.")
    ] = DEFAULT_PROFILE,
    offline: Annotated[
        bool, typer.Option("--offline", help="Make every use of the network an error.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Set what all commands share."""
    ctx.obj = State(profile=profile, settings={"network.offline": True} if offline else {})


chat.register(app)
recall.register(app)
importing.register(app)
app.add_typer(memory.app, name="memory")
app.add_typer(session.app, name="session")
app.add_typer(model.app, name="model")
app.add_typer(index.app, name="index")
app.add_typer(evaluate.app, name="eval")
app.add_typer(config.app, name="config")
doctor.register(app)
demo.register(app)
