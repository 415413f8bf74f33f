"""``memcli import``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, Profile, opened
from memcli.errors import NotFound

if TYPE_CHECKING:
    from memcli.importing import Report


def import_(
    ctx: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Markdown, text and JSONL files, or folders.")
    ],
    tag: Annotated[
        list[str] | None, typer.Option("--tag", "-t", help="Add a tag; repeatable.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do it all, then take it back.")
    ] = False,
    allow_again: Annotated[
        bool, typer.Option("--allow-again", help="Take what was forgotten once, too.")
    ] = False,
    as_json: Json = False,
    profile: Profile = None,
) -> None:
    """Import notes and chats that are not there yet."""
    with opened(ctx, profile=profile) as memory:
        report = memory.import_paths(
            paths, tags=tag or (), dry_run=dry_run, allow_again=allow_again, progress=_progress
        )
    if as_json:
        ui.json_lines([report])
    else:
        _show(report, dry_run=dry_run)
    if not report.records:
        reason = report.skipped[0][1] if report.skipped else "no Markdown, text or JSONL was found"
        raise NotFound(f"Nothing was imported: {reason.rstrip('.')}.")


def _progress(report: Report) -> None:
    if ui.is_terminal(sys.stderr):
        print(f"\r{report.files} files, {report.records} records …", end="\r", file=sys.stderr)


def _show(report: Report, *, dry_run: bool) -> None:
    if report.forgotten:
        ui.say(f"{report.forgotten} records stay forgotten; --allow-again would take them")
    if report.masked:
        ui.say(f"masked {report.masked} secrets; memory.secrets = keep would keep them")
    for name, reason in report.skipped[:20]:
        ui.say(f"skipped {name}: {reason}")
    if len(report.skipped) > 20:
        ui.say(f"… and {len(report.skipped) - 20} more")
    ui.out(
        f"new {report.new} · updated {report.updated} · unchanged {report.unchanged}"
        f" · skipped {len(report.skipped)} · learnt {report.learnt}"
        f" ({report.files} files){' — dry run, nothing was kept' if dry_run else ''}"
    )
