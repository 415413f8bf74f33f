"""``memcli config``: show, set, path."""

from __future__ import annotations

from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import State

app = typer.Typer(name="config", help="Settings.", no_args_is_help=True)


@app.command(epilog="Example: memcli config show")
def show(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show every setting with where its value came from."""
    from memcli import config

    state: State = ctx.obj
    items = list(config.load(state.settings).items())
    if as_json:
        import json

        print(json.dumps({key: {"value": value, "from": origin} for key, value, origin in items}))
        return
    docs = {key: field.metadata["doc"] for key, field in config.declared()}
    ui.table(
        ("setting", "value", "from", "meaning"),
        ((key, repr(value), origin, docs[key]) for key, value, origin in items),
    )


@app.command("set", epilog="Example: memcli config set user.name Ana")
def set_(
    key: Annotated[str, typer.Argument(help="Such as sampling.temperature.")],
    value: Annotated[str, typer.Argument(help="The new value.")],
) -> None:
    """Write a setting to the configuration file."""
    from memcli import config

    ui.out(f"{key} = {config.set_value(key, value)!r}")


@app.command(epilog="Example: $EDITOR $(memcli config path)")
def path() -> None:
    """Print where the configuration file is."""
    from memcli import paths

    ui.out(str(paths.config_file()))
