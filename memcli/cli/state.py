"""``memcli state``: build, list, drop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, Model, opened
from memcli.errors import NotFound

Name = Annotated[str, typer.Argument(help="The name of a document.")]


def build(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(help="A text file.")],
    name: Annotated[str, typer.Option("--name", help="What to call it.")] = "",
    model: Model = None,
) -> None:
    """Let the model read a document once; questions then start --from it."""
    from memcli.chat.ahead import read_document
    from memcli.chat.repl import interruptible
    from memcli.engine.base import Cancel
    from memcli.media import documents

    document, cancel = documents.read(source.expanduser(), name), Cancel()
    with opened(ctx, model=model) as memory, interruptible(cancel):
        size = read_document(memory, document, cancel)
    ui.out(f"{document.name}  {len(document.text)} characters, {ui.size(size)}")
    ui.say(f"memcli ask --from {document.name} QUESTION starts from it")


def list_(ctx: typer.Context, as_json: Json = False) -> None:
    """List the documents that a model has read."""
    with opened(ctx) as memory:
        found = memory.states.documents()
    if not found:
        raise NotFound("No document has been read.", "memcli state build FILE reads one.")
    rows = ((d["name"], str(d["tokens"]), ui.size(d["bytes"]), d["source"]) for d in found)
    ui.show(found, ("name", "tokens", "size", "source"), rows, as_json=as_json)


def drop(ctx: typer.Context, name: Name) -> None:
    """Delete what a model has in mind of a document; the file stays."""
    with opened(ctx) as memory:
        if not memory.states.drop_document(name):
            raise NotFound(f"There is no document {name!r}.", "memcli state list shows them.")
    ui.out(f"{name}  is dropped")
