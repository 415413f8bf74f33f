"""``memcli index``: status, rebuild."""

from __future__ import annotations

from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, opened

app = typer.Typer(
    name="index", help="The index of vectors, which can always be made again.", no_args_is_help=True
)


@app.command(epilog="Example: memcli index status --json")
def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Show what the index holds, and how far it is behind the store."""
    with opened(ctx) as memory:
        found = memory.index_status()
    ui.show([found], ("", ""), found.lines(), as_json=as_json)


@app.command(epilog="Example: memcli index rebuild")
def rebuild(
    ctx: typer.Context,
    vectors: Annotated[
        bool, typer.Option("--vectors", help="Compute all vectors anew, too.")
    ] = False,
) -> None:
    """Compute missing vectors, and make the Chroma index anew where it is used."""
    with opened(ctx) as memory:
        embedded = memory.rebuild_index(vectors=vectors)
        found = memory.index_status()
    ui.out(f"computed {embedded} vectors; {found.backend} index: {found.indexed} of {found.items}")
