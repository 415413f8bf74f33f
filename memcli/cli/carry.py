"""``memcli export``, ``memcli backup`` and ``memcli restore``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Profile, Yes, ask_passphrase, opened
from memcli.errors import InvalidInput

FORMATS = ("jsonl", "markdown")
BY = ("subject", "day")


def export(
    ctx: typer.Context,
    target: Annotated[
        Path | None, typer.Argument(help="A new file, or folder for Markdown; none: stdout.")
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="jsonl, markdown.")] = FORMATS[0],
    by: Annotated[str, typer.Option("--by", help="A note for each subject, day.")] = BY[0],
    profile: Profile = None,
) -> None:
    """Write all that is remembered: JSONL loses nothing, Markdown is for reading."""
    from memcli.archive import dump
    from memcli.export import write_new, write_vault

    if format not in FORMATS or by not in BY:
        raise InvalidInput(f"{format!r} by {by!r} is not known.", f"{FORMATS}, by {BY}")
    if format == "markdown" and target is None:
        raise InvalidInput("Markdown needs a folder.", "memcli export --format markdown FOLDER")
    with opened(ctx, profile=profile) as memory:
        if target is None:
            sys.stdout.writelines(dump(memory.store))
        elif format == "jsonl":
            size = write_new(target.expanduser(), dump(memory.store))
            ui.say(f"{target}: {ui.size(size)}; memcli import takes it back")
        else:
            files = write_vault(memory.store, target.expanduser(), by_day=by == "day")
            ui.say(f"{target}: {files} notes")


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file.")],
    encrypt: Annotated[
        bool, typer.Option("--encrypt", help="Ask for a passphrase (or $MEMCLI_PASSPHRASE).")
    ] = False,
    profile: Profile = None,
) -> None:
    """Copy everything that is remembered to a file, also while memcli is in use."""
    from memcli import backup

    passphrase = ask_passphrase(again=True) if encrypt else ""
    with opened(ctx, profile=profile) as memory:
        size = backup.backup(memory.store, file.expanduser(), passphrase)
    ui.out(f"{file}: {ui.size(size)}{', encrypted' if encrypt else ''}")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A backup.")],
    yes: Yes = False,
    profile: Profile = None,
) -> None:
    """Put a backup in the place of what is remembered now, which is kept beside it."""
    from memcli import backup, paths
    from memcli.store import cipher

    database = paths.profile(profile or ctx.obj.profile).database
    if not ui.confirm(f"Put {file} in the place of {database}?", yes=yes):
        raise typer.Exit(1)
    file = file.expanduser()
    passphrase = ask_passphrase() if backup.is_encrypted(file) else ""
    was = cipher.is_encrypted(database)
    old = backup.restore(file, database, passphrase)
    if was and not cipher.is_encrypted(database):
        ui.say("the backup was not encrypted, nor is the profile any more: memcli profile encrypt")
    ui.out(f"restored from {file}")
    if old:
        ui.say(f"what was there is kept in {old}: delete it once all is well")
