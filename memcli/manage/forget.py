"""Erase memories and turns with all that was derived from them, and leave no bytes behind.

Order matters: first rows (whose triggers take full text and vectors along), then the journal's
copies of them, then the free pages and the write-ahead log that still hold the old bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from memcli.records import Memory, Turn

if TYPE_CHECKING:
    from memcli.store import Store

BLANK = "[forgotten]"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased, by number only."""

    memories: int
    turns: int
    blanked: int


def forget(store: Store, memories: Iterable[Memory], turns: Iterable[Turn] = ()) -> Forgotten:
    """Erase memories, and turns with what was learnt from them.

    The words that prove a memory are blanked in their turn. Summaries that cover a turn which
    changes are erased too: they may repeat what it said.
    """
    turns = {turn.id: turn for turn in turns}
    gone = {memory.id: memory for memory in memories}
    for turn_id in turns:
        gone.update({memory.id: memory for memory in store.memories.of_turn(turn_id)})
    proofs = _proofs(store, gone.values(), turns)
    with store.action("forget") as entry:
        for turn_id in [*turns, *proofs]:
            gone.update({m.id: m for m in store.memories.covering(turn_id)})
        rows = store.memories.numbers(list(gone))
        turn_rows = store.sessions.numbers([*turns, *proofs])
        store.memories.delete(list(gone))
        store.sessions.delete_turns(list(turns))
        for turn in proofs.values():
            store.sessions.set_text(turn.id, turn.text)
        store.journal.erase("memories", rows)
        store.journal.erase("turns", turn_rows)
        store.journal.erase_children("triples", "memory_id", list(gone))
        entry.summary = f"forgot {len(gone)} memories and {len(turns)} turns"
    store.scrub()
    return Forgotten(len(gone), len(turns), len(proofs))


def _proofs(store: Store, memories: Iterable[Memory], erased: dict[str, Turn]) -> dict[str, Turn]:
    """Return the turns that prove memories, with those words blanked."""
    proofs: dict[str, Turn] = {}
    for memory in memories:
        if not memory.turn_id or memory.turn_id in erased:
            continue
        turn = proofs.get(memory.turn_id) or store.sessions.turn(memory.turn_id)
        if turn and memory.quote:
            proofs[turn.id] = replace(turn, text=turn.text.replace(memory.quote, BLANK))
    return proofs
