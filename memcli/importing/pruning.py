"""Files of earlier imports that are no longer there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from memcli.importers.walk import STDIN
from memcli.records import Source
from memcli.store import Store


def find_gone(store: Store, tops: Iterable[Path], seen: Collection[str]) -> list[Source]:
    """Return the sources below some paths whose files are no longer there.

    A file that was left out by a pattern is there. What was in a zip is gone when the zip is, or
    when the zip was read and it was not in it.
    """
    found = (
        source
        for top in tops
        if top != STDIN
        for source in store.sources.within(str(top.resolve()))
        if source.uri not in seen and _is_gone(Path(source.uri), seen)
    )
    return list({source.id: source for source in found}.values())


def remove(store: Store, gone: Iterable[Source]) -> int:
    """Delete what came from some sources, to be undone as any action; return how many records."""
    count = 0
    for source in gone:
        turns = store.sessions.of_source(source.id)
        notes = store.memories.of_source(source.id)
        learnt = [m.id for id in turns for m in store.memories.of_turn(id)]
        count += len(turns) + len(notes)
        sessions = {t.session_id for id in turns if (t := store.sessions.turn(id))}
        store.memories.delete([*notes, *learnt])
        store.sessions.delete_turns(turns)
        store.sessions.delete_empty(list(sessions))
        store.sources.delete_empty([source.id])
    return count


def is_there(path: Path) -> bool:
    """Say whether a path is one of a file; what lies in a zip may have any name."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _is_gone(path: Path, seen: Collection[str]) -> bool:
    if is_there(path):
        return False
    archive = next(filter(is_there, path.parents), path)
    return not archive.is_file() or any(other.startswith(f"{archive}/") for other in seen)
