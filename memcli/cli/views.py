"""``memcli memory graph|timeline|on|stats|diff|sql``: the same memories seen in other ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Annotated, Any

import typer

from memcli.cli import pictures, ui
from memcli.cli.common import Json, Limit, now, opened
from memcli.cli.memory import row
from memcli.errors import InvalidInput, NotFound
from memcli.records import Memory
from memcli.text import clean, one_line

START = datetime(1, 1, 2, tzinfo=timezone.utc)
END = datetime(9999, 1, 1, tzinfo=timezone.utc)


def graph(
    ctx: typer.Context,
    subject: Annotated[str, typer.Argument(help="A name, a thing; me for yourself.")] = "me",
    depth: Annotated[int, typer.Option("--depth", min=1, max=9, help="How far to go.")] = 3,
    dot: Annotated[bool, typer.Option("--dot", help="Print it for Graphviz.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Print a page with a picture.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is known of somebody or something, and of what that leads to, as a tree."""
    from memcli.tiers.graph import grow

    with opened(ctx) as memory:
        tree = grow(memory.store.memories, clean(subject), depth)
    if not tree.branches:
        raise NotFound(f"Nothing is known of {subject!r}.", "memcli memory stats names subjects.")
    if as_json:
        ui.json_lines(tree.edges())
    elif dot:
        ui.out(pictures.dot(tree))
    elif html:
        ui.out(pictures.html(tree))
    else:
        ui.lines(pictures.outline(tree))


def timeline(
    ctx: typer.Context,
    topic: Annotated[list[str] | None, typer.Argument(help="Only what speaks of this.")] = None,
    limit: Limit = 200,
    as_json: Json = False,
) -> None:
    """List what happened in the order it happened, not in which it was said."""
    with opened(ctx) as memory:
        if topic:
            hits = memory.recall(" ".join(topic), limit=limit)
            found = memory.store.memories.of_ids([hit.id for hit in hits if hit.kind != "turn"])
            found.sort(key=_moment)
        else:
            found = memory.store.reports.timeline(START, END, limit)
    _dated(found, as_json=as_json)


def on(
    ctx: typer.Context,
    date: Annotated[list[str], typer.Argument(help="A day, or more: May 2024, last week …")],
    as_json: Json = False,
) -> None:
    """Show what happened and what was said on a day, or in a week, month or year."""
    from memcli.periods import period
    from memcli.store.filters import Filter

    start, end = period(" ".join(date), now())
    with opened(ctx) as memory:
        found = memory.store.reports.timeline(start, end)
        said = memory.store.sessions.matching_turns_of(Filter(since=start, until=end))
    if not found and not said:
        raise NotFound(f"Nothing is remembered of {' '.join(date)}.", "memcli memory timeline")
    if as_json:
        ui.json_lines([*found, *said])
        return
    rows = [(_moment(m), ui.short(m.id), str(m.kind), m.text) for m in found]
    rows += [(t.time, ui.short(t.id), t.speaker or t.role, t.text) for t in said]
    rows.sort(key=lambda each: each[0])
    ui.table(("when", "id", "", "text"), ((ui.minute(at), *rest) for at, *rest in rows))


def stats(ctx: typer.Context, as_json: Json = False) -> None:
    """Count what is remembered: by kind, by day, by subject, and what it takes on disk."""
    with opened(ctx) as memory:
        found = memory.store.reports.statistics()
        chroma = sum(f.stat().st_size for f in memory.paths.chroma.rglob("*") if f.is_file())
        derived = {"chroma": chroma, "states": memory.states.size()[1], "cells": memory.kv.size()}
    found = replace(found, storage={**found.storage, **derived})
    if as_json:
        ui.json_lines([found])
        return
    total = sum(found.kinds.values())
    ui.out(f"memories   {total}, and {found.superseded} that no longer hold")
    ui.out(f"turns      {found.turns} in {found.sessions} sessions; sources: {found.sources}")
    ui.out(f"kinds      {_named(found.kinds)}")
    ui.out(f"subjects   {_named(found.subjects)}")
    ui.out(f"storage    {', '.join(f'{n} {ui.size(size)}' for n, size in found.storage.items())}")
    ui.lines(pictures.calendar(found.days, now().date()))
    ui.lines(pictures.growth(found.days))


def diff(
    ctx: typer.Context,
    since: Annotated[list[str], typer.Argument(help="A day, last week, 2024-05-31T18:00 …")],
    as_json: Json = False,
) -> None:
    """Show what was learnt, changed and forgotten since then."""
    from memcli.periods import period

    with opened(ctx) as memory:
        found = memory.store.reports.difference(period(" ".join(since), now())[0])
    if as_json:
        ui.json_lines([found])
        return
    for memory_ in found.learnt:
        ui.out(f"+ {ui.short(memory_.id)}  {one_line(memory_.text)}")
    for before, memory_ in found.changed:
        ui.out(f"~ {ui.short(memory_.id)}  {one_line(before)} → {one_line(memory_.text)}")
    for memory_ in found.superseded:
        ui.out(f"- {ui.short(memory_.id)}  {one_line(memory_.text)}  (no longer holds)")
    ui.say(
        f"learnt {len(found.learnt)} · changed {len(found.changed)} · no longer holding"
        f" {len(found.superseded)} · forgettings {found.forgotten} · turns {found.turns}"
    )


def sql(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="A SELECT over memories, turns, triples, history.")],
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, help="The most it may take.")
    ] = 10,
    as_json: Json = False,
) -> None:
    """Ask the database, read only, over four views; times are ISO 8601 in UTC.

    memories: id, kind, text, quote, title, tags, recorded, valid_from, valid_to, superseded_by,
    pinned, muted, importance, source, turn_id

    turns: id, session_id, session, seq, role, speaker, text, time

    triples: memory_id, subject, predicate, object, current

    history: at, action, summary, undone, tbl, id, op, before
    """
    from memcli.store.sql import ask

    with opened(ctx) as memory:
        path, key = memory.paths.database, memory.store.key
    columns, rows = ask(path, query, key=key, seconds=seconds)
    if not columns:
        raise InvalidInput("This is no question.", 'memcli memory sql "SELECT …"')
    if as_json:
        ui.json_lines(dict(zip(columns, map(_plain, each), strict=True)) for each in rows)
    else:
        ui.table(columns, ([str(_plain(cell)) for cell in each] for each in rows))


def _dated(found: list[Memory], *, as_json: bool) -> None:
    if not found:
        raise NotFound("There are no such memories yet.", "memcli memory list shows all.")
    rows = ((row(m)[0], ui.day(_moment(m)), m.kind, m.text) for m in found)
    ui.show(found, ("id", "when", "kind", "text"), rows, as_json=as_json)


def _moment(memory: Memory) -> datetime:
    return memory.valid_from or memory.recorded


def _named(counts: Any) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def _plain(cell: Any) -> Any:
    return cell.hex() if isinstance(cell, bytes) else "" if cell is None else cell
