"""``memcli import``."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memcli.cli import ui
from memcli.cli.common import Json, Profile, now, opened
from memcli.cli.progress import following
from memcli.errors import InvalidInput, NotFound
from memcli.text import one_line

if TYPE_CHECKING:
    from memcli.api import Memcli
    from memcli.importers.walk import Wanted
    from memcli.importing import Report

MOST_NAMED = 20  # reasons; and files with the same one
MOST_FILES = 5


def import_(
    ctx: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Files, folders and zips; - is standard input.")
    ],
    format: Annotated[
        str, typer.Option("--format", "-f", help="Do not guess the format from the content.")
    ] = "",
    me: Annotated[
        list[str] | None, typer.Option("--me", help="Your name in these chats; repeatable.")
    ] = None,
    since: Annotated[
        str, typer.Option("--since", help="Only what is dated from then on: a day, last week …")
    ] = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only files like *.md; repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="No files like drafts/*; repeatable.")
    ] = None,
    columns: Annotated[
        str, typer.Option("--map", help="Columns of CSV and JSONL: text=body,time=created.")
    ] = "",
    tag: Annotated[
        list[str] | None, typer.Option("--tag", "-t", help="Add a tag; repeatable.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do it all, then take it back.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove what came from files that are gone.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and import what changes, until Ctrl-C.")
    ] = False,
    allow_again: Annotated[
        bool, typer.Option("--allow-again", help="Take what was forgotten once, too.")
    ] = False,
    as_json: Json = False,
    profile: Profile = None,
) -> None:
    """Import notes, diaries, mail, calendars and chats that are not there yet."""
    from memcli.importers.walk import Wanted
    from memcli.periods import period

    wanted = Wanted(tuple(only or ()), tuple(exclude or ()), _columns(columns))
    options: dict[str, Any] = {
        "format": format, "me": me or (), "tags": tag or (), "dry_run": dry_run, "prune": prune,
        "allow_again": allow_again, "since": period(since, now())[0] if since else None,
    }  # fmt: skip
    with opened(ctx, profile=profile) as memory:
        report = _import(memory, paths, wanted, options, as_json=as_json)
        if not (report.records or report.removed or watch):
            raise NotFound(f"Nothing was imported: {_why(report)}.")
        if watch:
            _watch(memory, paths, wanted, options, as_json=as_json)


def _import(
    memory: Memcli, paths: list[Path], wanted: Wanted, options: dict[str, Any], *, as_json: bool
) -> Report:
    try:
        with following(paths, wanted, quiet=as_json) as progress:
            report = memory.import_paths(paths, wanted=wanted, progress=progress, **options)
    except KeyboardInterrupt:
        ui.say("stopped; what is in stays, and the same command goes on from there")
        raise
    if as_json:
        ui.json_lines([report])
    else:
        _show(report, dry_run=options["dry_run"])
    return report


def _watch(
    memory: Memcli, paths: list[Path], wanted: Wanted, options: dict[str, Any], *, as_json: bool
) -> None:
    """Import what changes, again and again, until somebody stops it."""
    from dataclasses import replace

    from memcli.importing.watching import changes

    ui.say(f"watching {', '.join(map(str, paths))}; Ctrl-C stops")
    with contextlib.suppress(KeyboardInterrupt):
        for changed in changes(paths):
            among = replace(wanted, among=changed)
            report = memory.import_paths(paths, wanted=among, **options)
            if report.new or report.updated or report.gone:
                ui.json_lines([report]) if as_json else _show(report, dry_run=options["dry_run"])


def _columns(text: str) -> dict[str, str]:
    """Read ``text=body,time=created``.

    Raises:
        InvalidInput: it is not written like that.
    """
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if not all(ours.strip() and theirs.strip() for ours, _, theirs in pairs):
        raise InvalidInput(f"{text!r} maps no columns.", "Write --map text=body,time=created.")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _why(report: Report) -> str:
    if report.earlier:
        return f"all {report.earlier} records are from before that day"
    if report.forgotten:
        return f"its {report.forgotten} records were forgotten once"
    if report.skipped:
        path, reason = report.skipped[0]
        return f"{path}: {reason.rstrip('.')}"
    return f"no file with notes or chats was found ({report.files} files looked at)"


def _show(report: Report, *, dry_run: bool) -> None:
    for text in (*_skipped(report), *_remarks(report)):
        ui.say(one_line(text))  # a file's name may have several
    counts = {
        "new": report.new, "updated": report.updated, "unchanged": report.unchanged,
        "skipped": report.left_out, "learnt": report.learnt, "conflicts": report.conflicts,
    }  # fmt: skip
    end = " — dry run, nothing was kept" if dry_run else ""
    if ui.is_terminal_out():
        counts = {"files": report.files, "records": report.records} | counts
        cells = [f"{count:,}".replace(",", " ") for count in counts.values()]
        ui.table([*counts, "seconds"], [[*cells, f"{report.seconds:.1f}{end}"]])
    else:
        text = " · ".join(
            f"{name} {count}" for name, count in counts.items() if name != "conflicts"
        )
        text += f" · conflicts {report.conflicts}" if report.conflicts else ""
        ui.out(f"{text} ({report.files} file{'s' * (report.files != 1)}){end}")


def _skipped(report: Report) -> list[str]:
    """Return what was left out, by its reason."""
    by_reason = defaultdict(list)
    for path, reason in report.skipped:
        by_reason[reason].append(path)
    said = []
    for reason, paths in list(by_reason.items())[:MOST_NAMED]:
        if len(paths) == 1:
            said.append(f"skipped {paths[0]}: {reason}")
        else:
            more = ", …" if len(paths) > MOST_FILES else ""
            names = ", ".join(Path(path).name for path in paths[:MOST_FILES])
            said.append(f"skipped {len(paths)}: {reason} ({names}{more})")
    if len(by_reason) > MOST_NAMED or report.left_out > len(report.skipped):
        said.append("… and more; --json lists up to 1 000")
    return said


def _remarks(report: Report) -> list[str]:
    """Return what the owner should know besides the counts."""
    said = []
    if report.earlier:
        said.append(f"records from before that day: {report.earlier}")
    if report.forgotten:
        said.append(f"{report.forgotten} records stay forgotten; --allow-again would take them")
    if report.masked:
        said.append(f"masked {report.masked} secrets; memory.secrets = keep would keep them")
    if report.moved:
        said.append(f"files that lie elsewhere now, known by what is in them: {report.moved}")
    if report.removed:
        said.append(f"records removed: {report.removed}; memcli undo brings them back")
    elif report.gone:
        names = ", ".join(Path(path).name for path in report.gone[:MOST_FILES])
        more = ", …" if len(report.gone) > MOST_FILES else ""
        said.append(
            f"files that are gone: {len(report.gone)} ({names}{more});"
            " --prune removes what they said"
        )
    if report.strangers:
        most = [name for name, _ in report.strangers.most_common(MOST_FILES)]
        names = ", ".join(most) + ", …" * (len(report.strangers) > MOST_FILES)
        said.append(f"whose words are yours? --me NAME says it; here speak {names}")
    if report.learnt:
        said.append("memcli memory diff today shows what was learnt")
    return said
