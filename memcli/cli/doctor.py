"""``memcli doctor``."""

from __future__ import annotations

import typer

from memcli.cli import ui
from memcli.cli.common import Json, opened
from memcli.errors import MemcliError


def doctor(ctx: typer.Context, as_json: Json = False) -> None:
    """Check that all is well, and say how to mend what is not."""
    from memcli.doctor import examine, unopened

    try:
        with opened(ctx) as memory:
            findings = examine(memory)
    except MemcliError as error:
        findings = [unopened(error)]
    if as_json:
        ui.json_lines(findings)
    else:
        for finding in findings:
            ui.out(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}: {finding.says}")
            if not finding.ok:
                ui.out(f"      {finding.mend}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
