"""``memcli backup`` and ``memcli restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Profile, Yes, opened


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file.")],
    profile: Profile = None,
) -> None:
    """Copy everything that is remembered to a file, also while memcli is in use."""
    from memcli import export

    with opened(ctx, profile=profile) as memory:
        size = export.backup(memory.store, file.expanduser())
    ui.out(f"{file}: {size / 1e6:.1f} MB")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A backup.")],
    yes: Yes = False,
    profile: Profile = None,
) -> None:
    """Put a backup in the place of what is remembered now, which is kept beside it."""
    from memcli import export, paths

    database = paths.profile(profile or ctx.obj.profile).database
    if not ui.confirm(f"Put {file} in the place of {database}?", yes=yes):
        raise typer.Exit(1)
    old = export.restore(file.expanduser(), database)
    ui.out(f"restored from {file}")
    if old:
        ui.say(f"what was there is kept in {old}: delete it once all is well")
