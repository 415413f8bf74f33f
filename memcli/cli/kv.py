"""``memcli kv``: status, build, prune, verify; and ``memcli bench kv``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, Model, Profile, opened
from memcli.errors import InvalidInput, MemcliError

if TYPE_CHECKING:
    from memcli.evaluate.kv import Row, Stored

MANY = 10_000
SHOWN = 20

bench_app = typer.Typer(name="bench", help="Measure on this machine.", no_args_is_help=True)


def status(ctx: typer.Context, as_json: Json = False, profile: Profile = None) -> None:
    """Show how many memories are stored as cells, what they take, and which save most."""
    with opened(ctx, profile=profile) as memory:
        blobs, settings = memory.kv.blobs(), memory.config.kv
        known = _known_model(memory.config.model.path)
        verdict = memory.kv.verdict(known) if known else "no model"
    if as_json:
        ui.json_lines({"id": b.id, "bytes": b.bytes, "reads": b.reads} for b in blobs)
        return
    size = sum(blob.bytes for blob in blobs)
    ui.out(f"stored  {len(blobs)}, {ui.size(size)} of {settings.budget} MiB; {settings.codec}")
    ui.out(f"model   {verdict}")
    rows = ((ui.short(b.id), str(b.reads), ui.size(b.bytes)) for b in blobs[:SHOWN])
    ui.table(("memory", "reads", "size"), rows)


def build(
    ctx: typer.Context,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="At most so many memories.")
    ] = MANY,
    model: Model = None,
    profile: Profile = None,
) -> None:
    """Write the cells of memories ahead of their recall, the ones used most first."""
    from memcli.chat.ahead import write_cells
    from memcli.chat.repl import interruptible
    from memcli.engine.base import Cancel

    cancel = Cancel()
    with opened(ctx, profile=profile, model=model) as memory, interruptible(cancel):
        tokens = sum(stats.stored for stats in write_cells(memory, limit, cancel))
        blobs, size = memory.kv.blobs(), memory.kv.size()
    ui.out(f"{tokens} tokens read; {len(blobs)} memories are stored as cells, {ui.size(size)}")


def prune(
    ctx: typer.Context,
    to: Annotated[
        int | None, typer.Option("--to", min=0, help="MiB that may stay; kv.budget if not given.")
    ] = None,
    profile: Profile = None,
) -> None:
    """Delete stored cells, those that save least first. Nothing is lost but time."""
    with opened(ctx, profile=profile) as memory:
        most = memory.config.kv.budget if to is None else to
        gone, size = memory.kv.prune(most * 2**20)
    ui.out(f"{gone} deleted, {ui.size(size)} free")


def verify(ctx: typer.Context, profile: Profile = None) -> None:
    """Check every stored blob of cells against its checksum, and delete what is damaged."""
    with opened(ctx, profile=profile) as memory:
        count, damaged = len(memory.kv.blobs()), list(memory.kv.verify())
    for file, why in damaged:
        file.unlink(missing_ok=True)
        ui.out(f"{file.name}  {why}: deleted, it is written again when it is recalled")
    ui.out(f"{count - len(damaged)} of {count} are whole")


@bench_app.command(epilog="Example: memcli bench kv --model ~/models/qwen2.5-0.5b-q8_0.gguf")
def kv(
    ctx: typer.Context,
    model: Model = None,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Runs of each.")] = 3,
    as_json: Json = False,
) -> None:
    """Compare reading memories with splicing their cells, with your model on this machine."""
    from memcli import paths
    from memcli.evaluate.kv import Row, measure

    with opened(ctx, model=model) as memory:
        settings = memory.config.model
    if not settings.path:
        raise InvalidInput("There is no model to measure.", "memcli bench kv --model FILE")
    found = []
    for one in measure(settings, paths.cache(), rounds=rounds):
        found.append(one)
        if isinstance(one, Row):
            ui.say(f"{one.memories} tokens, {one.way}: {one.seconds:.3f} s")
    if as_json:
        ui.json_lines(found)
        return
    rows = [_row(one) for one in found if isinstance(one, Row)]
    ui.table(("memories", "held as", "first token", "sooner", "read", "spliced", "KL"), rows)
    codecs = [one for one in found if not isinstance(one, Row)]
    ui.table(("codec", "bytes a token", "of f16", "written", "read"), map(_stored, codecs))


def _row(one: Row) -> tuple[str, ...]:
    return (
        str(one.memories), one.way, f"{one.seconds:.3f} s", f"{one.sooner:.1f} ×",
        str(one.read), str(one.spliced),
        "" if one.divergence is None else f"{one.divergence:.4f}",
    )  # fmt: skip


def _stored(one: Stored) -> tuple[str, ...]:
    return (
        one.codec, f"{one.bytes_per_token:.0f}", f"{one.share:.1%}",
        f"{one.write_ms:.1f} ms", f"{one.read_ms:.1f} ms",
    )  # fmt: skip


def _known_model(path: str) -> str:
    from memcli.engine.llama import fingerprint

    try:
        return fingerprint(Path(path).expanduser()) if path else ""
    except (OSError, MemcliError):
        return ""
