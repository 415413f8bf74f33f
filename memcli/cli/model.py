"""``memcli model``: pull, use, list, info, remove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, State, Yes
from memcli.errors import MemcliError, NotFound

if TYPE_CHECKING:
    from memcli.config import Config
    from memcli.engine.models import ModelFile

app = typer.Typer(name="model", help="The chat model.", no_args_is_help=True)

As = Annotated[str, typer.Option("--as", help="A short name for it.")]
OTHER_USES = ("embedder.model", "recall.rerank_model")


@app.command(epilog="Example: memcli model pull qwen2.5-1.5b --use")
def pull(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(help="A name, hf:ORG/REPO:QUANT or https://…; none: list the names.")
    ] = "",
    as_: As = "",
    use: Annotated[bool, typer.Option("--use", help="Chat with it from now on.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch a model, or go on fetching it; this alone uses the network."""
    from memcli.cli import progress
    from memcli.engine import pull as pulling

    if not source:
        _offers(as_json=as_json)
        return
    offline = _config(ctx).network.offline
    with progress.fetching(quiet=as_json) as (tell, say):
        model = pulling.pull(source, as_, offline=offline, tell=tell, say=say)
    if use:
        _use(model.path)
    if as_json:
        (found,) = (one for one in _found(ctx) if one.alias == model.name)
        ui.json_lines([found])
        return
    ui.out(f"{model.name}: {ui.size(model.here)}, {model.path}")
    if not use:
        ui.say(_next(model.path, model.name))


@app.command(epilog="Example: memcli model use ~/models/qwen2.5-1.5b-q4_k_m.gguf --as qwen")
def use(
    model: Annotated[str, typer.Argument(help="A GGUF file or a name; none: answer by quoting.")],
    as_: As = "",
) -> None:
    """Chat with this model from now on. The file stays where it is."""
    from memcli import config
    from memcli.engine import shelf

    if model == "none":
        config.set_value("model.path", "")
        ui.out("no model: answers are quotes from your memories")
        return
    file = shelf.locate(model).resolve()
    if as_:
        shelf.check_name(as_, (file,))
    _use(file)
    if as_:
        shelf.Named(as_, (file,)).save()


@app.command("list", epilog="Example: memcli model list")
def list_(ctx: typer.Context, as_json: Json = False) -> None:
    """List the models with a name, and the GGUF files beside the one in use and in usual places."""
    found = _found(ctx)
    if not found:
        raise NotFound(
            "No GGUF file was found.",
            "memcli model pull fetches one; memcli model use PATH takes one from anywhere.",
        )
    rows = (("*" * m.in_use, m.name, _size(m), m.alias, m.path) for m in found)
    ui.show(found, ("", "name", "size", "alias", "path"), rows, as_json=as_json)
    for one in found:
        if not one.size:
            ui.say(f"{one.path} is missing: memcli model remove {one.alias} forgets its name")
        elif one.here < 1:
            ui.say(f"{one.alias} is here in part: memcli model pull {one.alias} goes on")


@app.command(epilog="Example: memcli model info")
def info(
    ctx: typer.Context,
    model: Annotated[str, typer.Argument(help="A GGUF file or a name; else the one in use.")] = "",
    as_json: Json = False,
) -> None:
    """Show what a model file says about itself."""
    from memcli.engine.models import describe
    from memcli.engine.shelf import locate

    chosen = model or _config(ctx).model.path
    if not chosen:
        raise NotFound("No model is in use.", "memcli model use PATH sets one.")
    described = describe(locate(chosen))
    ui.show([described], ("", ""), described.lines(), as_json=as_json)


@app.command(epilog="Example: memcli model remove qwen2.5-0.5b")
def remove(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A name that memcli model list shows.")],
    yes: Yes = False,
) -> None:
    """Delete a model that was pulled; of a file elsewhere, forget the name only."""
    from memcli import config
    from memcli.engine import shelf

    named = shelf.get(name)
    if not named:
        raise NotFound(
            f"{name} is no model that memcli fetched or named.",
            "memcli model list shows them. Files of your own are yours to delete.",
        )
    if not named.source:
        named.forget()
        ui.out(f"the name {name} is forgotten; {named.path} stays")
        return
    settings = _config(ctx)
    _check_unused(named.path, settings)
    if ui.confirm(f"Delete {name}, {ui.size(named.here)}?", yes=yes):
        with shelf.alone(name):
            named.forget()
        ui.out(f"{name} is deleted")
        if _same(named.path, settings.model.path):
            config.set_value("model.path", "")
            ui.say("it was in use: answers are quotes from your memories now")


def _offers(*, as_json: bool) -> None:
    from memcli.engine.catalogue import OFFERS

    rows = ((o.name, f"{o.size} GB", f"{o.ram} GB", o.licence, o.good_for) for o in OFFERS)
    ui.show(OFFERS, ("name", "about", "memory", "licence", "good for"), rows, as_json=as_json)
    if not as_json:
        ui.say("memcli model pull NAME fetches one; hf:ORG/REPO:QUANT or an address any other")


def _use(file: Path) -> None:
    from memcli import config
    from memcli.engine.llama import check_chat_model

    header = check_chat_model(file)
    config.set_value("model.path", str(file))
    if not header.chat_template:
        ui.say(f"{file.name} has no chat template: a plain one will be used")
    ui.out(f"model: {header.name} ({file})")


def _next(path: Path, name: str) -> str:
    from memcli.engine.gguf import read_header

    if read_header(path).embeds:
        return f"memcli config set embedder.model {path} searches with it"
    return f"memcli model use {name} makes it the model of every chat"


def _check_unused(path: Path, settings: Config) -> None:
    for key, value, _ in settings.items():
        if key in OTHER_USES and _same(path, value):
            default = "wordllama" if key == "embedder.model" else "''"
            raise MemcliError(f"{path} is in use as {key}.", f"memcli config set {key} {default}")


def _same(path: Path, configured: str) -> bool:
    return bool(configured) and Path(configured).expanduser().resolve() == path.resolve()


def _size(model: ModelFile) -> str:
    size = ui.size(model.size)
    return size if model.here == 1 else f"{size}, {model.here:.0%}"


def _found(ctx: typer.Context) -> list[ModelFile]:
    from memcli.engine.models import find_models

    return find_models(_config(ctx).model.path)


def _config(ctx: typer.Context) -> Config:
    from memcli import config

    state: State = ctx.obj
    return config.load(state.settings)
