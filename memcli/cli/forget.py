"""``memcli memory forget``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Since, SourcePath, Until, Yes, filtered, opened
from memcli.errors import MemcliError
from memcli.text import one_line

if TYPE_CHECKING:
    from memcli.api import Memcli
    from memcli.manage.forget import Forgotten
    from memcli.records import Memory, Turn


def forget(
    ctx: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of memories or turns.")] = None,
    query: Annotated[str, typer.Option("--query", help="What recall finds for this.")] = "",
    subject: Annotated[str, typer.Option("--subject", help="All that is known of one.")] = "",
    session: Annotated[str, typer.Option("--session", help="A whole session.")] = "",
    source: SourcePath = "",
    since: Since = "",
    until: Until = "",
    keep_source: Annotated[
        bool, typer.Option("--keep-source", help="Leave what was said as it was said.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Yes = False,
) -> None:
    """Erase memories for good, with the words that prove them, and prove it. No undo."""
    from memcli.tiers import choosing

    with opened(ctx) as memory:
        wanted = filtered(
            memory, subject=subject, session=session, source=source, since=since, until=until
        )
        found = choosing.choose(memory.memory, ids or (), query, wanted)
        forget_all(memory, found, keep_source=keep_source, dry_run=dry_run, yes=yes)


def forget_all(
    memory: Memcli,
    found: list[Memory | Turn],
    *,
    keep_source: bool = False,
    dry_run: bool = False,
    yes: bool = False,
) -> None:
    """Show what would go, ask, erase it, and say whether the proof holds.

    Raises:
        Exit: the answer was no.
        MemcliError: something is left.
    """
    for record in found:
        ui.say(f"{ui.short(record.id)}  {one_line(record.text)[:200]}")
    ids = [record.id for record in found]
    planned = memory.forget(*ids, keep_source=keep_source, dry_run=True)
    for record in planned.derived:
        ui.say(f"{ui.short(record.id)}  {one_line(record.text)[:200]}  (derived from it)")
    if dry_run:
        ui.out(f"would be forgotten: {_counts(planned)}")
        return
    if not ui.confirm(f"Forget {_counts(planned)} for good?", yes=yes):
        raise typer.Exit(1)
    gone = memory.forget(*ids, keep_source=keep_source)
    ui.out(f"forgotten: {_counts(gone)}")
    _prove(gone)


def _counts(gone: Forgotten) -> str:
    return f"{gone.memories} memories, {gone.turns} turns, {gone.blanked} turns blanked"


def _prove(gone: Forgotten) -> None:
    proof = gone.proof
    if proof is None or proof.ok:
        size = f"{ui.size(proof.size)} in {proof.files} files" if proof else "nothing"
        ui.say(f"searched {size}, and recall: nothing is left")
        return
    left = [*proof.remains, *(f"memory {ui.short(id)}" for id in proof.recalled)]
    kept = any(".before-" in name for name in left)
    raise MemcliError(
        f"The same words are still in {', '.join(left)}.",
        "Delete the old copy that restore kept."
        if kept
        else "Forget what else says them: memcli memory forget --query …",
    )
