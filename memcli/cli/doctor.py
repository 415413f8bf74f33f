"""``memcli doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, opened
from memcli.errors import MemcliError

if TYPE_CHECKING:
    from memcli.doctor import Finding


def doctor(
    ctx: typer.Context,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend what is safe to mend, after a copy.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check that all is well, and say how to mend what is not."""
    from memcli.doctor import examine, mend, unopened

    try:
        with opened(ctx) as memory:
            findings = examine(memory)
            kept, mended = mend(memory, findings) if fix else (None, [])
            findings = examine(memory) if mended else findings
    except MemcliError as error:
        findings, kept, mended = [unopened(error)], None, []
    for name in mended:
        ui.say(f"mended: {name}")
    if kept:
        ui.say(f"the database as it was: {kept}")
    if as_json:
        ui.json_lines(findings)
    else:
        _show(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _show(findings: list[Finding]) -> None:
    for finding in findings:
        ui.out(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}: {finding.says}")
        if not finding.ok:
            ui.out(f"      {finding.mend}")
