"""``memcli memory edit|pin|unpin|mute|unmute|history|restore``, ``memcli undo`` and ``redo``."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Id, Json, Profile, Yes, opened
from memcli.errors import InvalidInput, NotFound
from memcli.records import Memory
from memcli.text import one_line

if TYPE_CHECKING:
    from memcli.api import Memcli

Count = Annotated[int, typer.Argument(min=1, help="How many actions.")]


def edit(
    ctx: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="Ids; several open together.")] = None,
    query: Annotated[str, typer.Option("--query", help="Edit what recall finds for this.")] = "",
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="key=value; without it $EDITOR opens.")
    ] = None,
) -> None:
    """Correct memories, by fields or in your editor; undo takes it back."""
    from memcli.tiers import editing

    with opened(ctx) as memory:
        hits = memory.recall(query) if query else []
        named = [*(ids or []), *(hit.id for hit in hits if hit.kind != "turn")]
        found = [_memory(memory, id) for id in named]
        if not found:
            raise NotFound("There is nothing to edit.", "Name an id, or give --query.")
        wanted = _set(changes, found) if changes else _edited(found)
        with memory.memory.writing("edit") as entry:
            done = [(old, editing.edit(memory.memory, old, wanted[old.id])) for old in found]
            entry.summary = f"edited {sum(old != new for old, new in done)} memories"
    for old, new in done:
        ui.out(f"{ui.short(new.id)}  {'unchanged' if new == old else 'edited'}: {new.text}")


def merge(
    ctx: typer.Context,
    id: Annotated[str, typer.Argument(help="The memory that stays.")],
    other: Annotated[str, typer.Argument(help="The one that becomes history.")],
    text: Annotated[str, typer.Option("--text", help="What it says from now on.")] = "",
) -> None:
    """Make one memory of two, with the tags and proofs of both; undo takes it back."""
    from memcli.tiers import merging

    with opened(ctx) as memory:
        new = merging.merge(memory.memory, _memory(memory, id), _memory(memory, other), text)
    ui.out(f"{ui.short(new.id)}  merged: {one_line(new.text)}")


def split(
    ctx: typer.Context,
    id: Id,
    into: Annotated[list[str] | None, typer.Option("--into", help="A part; repeatable.")] = None,
) -> None:
    """Make several memories of one, by sentence or as you say; undo takes it back."""
    from memcli.tiers import merging

    with opened(ctx) as memory:
        parts = merging.split(memory.memory, _memory(memory, id), into or ())
    for part in parts:
        ui.out(f"{ui.short(part.id)}  {one_line(part.text)}")


def pin(ctx: typer.Context, id: Id) -> None:
    """Show a memory to the model in every turn."""
    _flag(ctx, id, pinned="yes")


def unpin(ctx: typer.Context, id: Id) -> None:
    """Show a memory only where it fits."""
    _flag(ctx, id, pinned="no")


def mute(ctx: typer.Context, id: Id) -> None:
    """Keep a memory, and never recall it."""
    _flag(ctx, id, muted="yes")


def unmute(ctx: typer.Context, id: Id) -> None:
    """Recall a memory again."""
    _flag(ctx, id, muted="no")


def history(ctx: typer.Context, id: Id, as_json: Json = False) -> None:
    """Show what a memory was before each change, and what it is."""
    from memcli.tiers import editing

    with opened(ctx) as memory:
        versions = editing.versions(memory.memory, _memory(memory, id))
    if as_json:
        ui.json_lines(version for _, _, version in versions)
        return
    rows = (
        (str(i), at[:16].replace("T", " "), verb, version.text)
        for i, (at, verb, version) in enumerate(versions, 1)
    )
    ui.table(("version", "until", "changed by", "text"), rows)


def restore(
    ctx: typer.Context,
    id: Id,
    to: Annotated[int, typer.Option("--to", min=1, help="Which version; 1 is the first.")] = 1,
) -> None:
    """Make a memory say again what it said before; undo takes it back."""
    from memcli.tiers import editing

    with opened(ctx) as memory:
        now = _memory(memory, id)
        versions = editing.versions(memory.memory, now)
        if to > len(versions):
            raise NotFound(f"There are {len(versions)} versions.", "memcli memory history ID")
        wanted = editing.fields(versions[to - 1][2])
        new = editing.edit(memory.memory, now, wanted)
    ui.out(f"{ui.short(new.id)}  restored: {new.text}")


def undo(
    ctx: typer.Context,
    count: Count = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")] = False,
    yes: Yes = False,
    profile: Profile = None,
) -> None:
    """Take back the last actions that changed memories."""
    _step(ctx, count, profile, dry_run=dry_run, yes=yes, redo=False)


def redo(
    ctx: typer.Context,
    count: Count = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be.")] = False,
    yes: Yes = False,
    profile: Profile = None,
) -> None:
    """Do again what was undone last."""
    _step(ctx, count, profile, dry_run=dry_run, yes=yes, redo=True)


def _step(
    ctx: typer.Context, count: int, profile: str | None, *, dry_run: bool, yes: bool, redo: bool
) -> None:
    verb = "redo" if redo else "undo"
    with opened(ctx, profile=profile) as memory:
        actions = memory.store.journal.latest(count, undone=redo)
        if not actions:
            raise NotFound(f"There is nothing to {verb}.")
        for action in actions:
            ui.out(f"{action.at[:16].replace('T', ' ')}  {action.summary}")
        if dry_run:
            return
        if not ui.confirm(f"{verb.capitalize()} {len(actions)}?", yes=yes):
            raise typer.Exit(1)
        for action in actions:
            (memory.store.redo if redo else memory.store.undo)(action.id)
        memory.memory.meaning.embed_missing(seconds=5)
    ui.say(f"{verb}: done")


def _flag(ctx: typer.Context, id: str, **changes: str) -> None:
    from memcli.tiers import editing

    with opened(ctx) as memory:
        new = editing.edit(memory.memory, _memory(memory, id), changes)
    said = ", ".join(f"{name} {value}" for name, value in changes.items())
    ui.out(f"{ui.short(new.id)}  {said}: {one_line(new.text)}")


def _memory(memory: Memcli, id: str) -> Memory:
    found = memory.memory.find(id)
    if not isinstance(found, Memory):
        raise InvalidInput(f"{id} is a turn: what was said stays as it was said.")
    return found


def _set(changes: list[str], found: list[Memory]) -> dict[str, dict[str, str]]:
    pairs = [change.partition("=") for change in changes]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        raise InvalidInput(f"{wrong[0]!r} sets nothing.", "--set key=value")
    return {memory.id: {name.strip(): value for name, _, value in pairs} for memory in found}


def _edited(found: list[Memory]) -> dict[str, dict[str, str]]:
    """Open the forms in the user's editor; what does not parse is kept in a file."""
    from memcli.tiers import editing

    forms = "\n".join(editing.form(memory) for memory in found)
    text = _in_editor(forms)
    try:
        return _complete(editing.read_forms(text, [m.id for m in found]), found)
    except InvalidInput as error:
        kept = Path(tempfile.mkstemp(prefix="memcli-edit-", suffix=".md")[1])
        kept.write_text(text, "utf-8")
        raise InvalidInput(error.message, f"Your text is kept in {kept}.") from error


def _in_editor(text: str) -> str:
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="memcli-edit-") as folder:
        file = Path(folder, "memory.md")
        file.write_text(text, "utf-8")
        try:
            subprocess.run([*shlex.split(command), str(file)], check=True)  # noqa: S603
            edited = file.read_text("utf-8")
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise InvalidInput(
                f"The editor {command!r} failed ({error}); no memory was changed.",
                "Set EDITOR, or change fields with --set.",
            ) from error
    if not edited.strip():
        raise InvalidInput("The editor returned nothing; no memory was changed.")
    return edited


def _complete(edited: dict[str, dict[str, str]], found: list[Memory]) -> dict[str, dict[str, str]]:
    if missing := [memory.id for memory in found if memory.id not in edited]:
        raise InvalidInput(f"The form of {missing[0]} is gone; no memory was changed.")
    return edited
