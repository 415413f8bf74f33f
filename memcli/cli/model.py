"""``memcli model``: use, list, info."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, State
from memcli.errors import NotFound

app = typer.Typer(name="model", help="The chat model.", no_args_is_help=True)


@app.command(epilog="Example: memcli model use ~/models/qwen2.5-1.5b-instruct-q4_k_m.gguf")
def use(path: Annotated[str, typer.Argument(help="A GGUF file; none: answer by quoting.")]) -> None:
    """Chat with this model from now on. The file stays where it is."""
    from memcli import config

    if path == "none":
        config.set_value("model.path", "")
        ui.out("no model: answers are quotes from your memories")
        return
    from memcli.engine.llama import check_chat_model

    file = Path(path).expanduser().resolve()
    header = check_chat_model(file)
    config.set_value("model.path", str(file))
    if not header.chat_template:
        ui.say(f"{file.name} has no chat template: a plain one will be used")
    ui.out(f"model: {header.name} ({file})")


@app.command("list", epilog="Example: memcli model list")
def list_(ctx: typer.Context, as_json: Json = False) -> None:
    """List the GGUF files beside the model in use and in the usual places."""
    from memcli.engine.models import find_models

    found = find_models(_configured(ctx))
    if not found:
        raise NotFound("No GGUF file was found.", "memcli model use PATH takes one from anywhere.")
    rows = (("*" * m.in_use, m.name, f"{m.size / 2**20:.0f} MB", m.path) for m in found)
    ui.show(found, ("", "name", "size", "path"), rows, as_json=as_json)


@app.command(epilog="Example: memcli model info")
def info(
    ctx: typer.Context,
    path: Annotated[str | None, typer.Argument(help="A GGUF file; else the one in use.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a model file says about itself."""
    from memcli.engine.models import describe

    chosen = path or _configured(ctx)
    if not chosen:
        raise NotFound("No model is in use.", "memcli model use PATH sets one.")
    described = describe(Path(chosen).expanduser())
    ui.show([described], ("", ""), described.lines(), as_json=as_json)


def _configured(ctx: typer.Context) -> str:
    from memcli import config

    state: State = ctx.obj
    return config.load(state.settings).model.path
