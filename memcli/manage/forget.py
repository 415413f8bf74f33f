"""Erase memories and turns with all that was derived from them, and leave no bytes behind.

Order matters: first rows (whose triggers take full text and vectors along), then the journal's
copies of them, then the free pages and the write-ahead log that still hold the old bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from memcli.manage.prove import Proof
from memcli.records import FORGOTTEN, Memory, Turn
from memcli.store import Store


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased, by number. ``ids`` and ``texts`` serve to prove it, and are kept nowhere."""

    memories: int
    turns: int
    blanked: int
    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = field(default=(), repr=False)
    proof: Proof | None = None


def forget(store: Store, memories: Iterable[Memory], turns: Iterable[Turn] = ()) -> Forgotten:
    """Erase memories, and turns with what was learnt from them.

    The words that prove a memory are blanked in their turn. What may repeat them goes as well:
    answers that were made from them are blanked, summaries that cover them are erased, and a
    session named after them loses its name.
    """
    erased = {turn.id: turn for turn in turns}
    gone = {memory.id: memory for memory in memories}
    for turn_id in erased:
        gone.update({memory.id: memory for memory in store.memories.of_turn(turn_id)})
    blanked = _proofs(store, gone.values(), erased)
    blanked |= _answers(store, [*gone, *erased, *blanked], erased)
    touched = [*erased, *blanked]
    with store.action("forget") as entry:
        for turn_id in touched:
            gone.update({memory.id: memory for memory in store.memories.covering(turn_id)})
        numbers = {"memories": list(store.memories.numbers(list(gone)).values())}
        numbers["reviews"] = store.judgements.of_turns(touched)
        numbers["turns"] = store.sessions.numbers(touched)
        numbers["sessions"] = store.sessions.unname([*erased.values(), *blanked.values()])
        before = [turn for id in blanked if (turn := store.sessions.turn(id))]
        texts = [text for m in gone.values() for text in (m.quote, m.text)]
        texts += [turn.text for turn in erased.values()]
        store.forgotten.add([*texts, *(turn.text for turn in before)])
        store.memories.delete(list(gone))
        store.judgements.remove(numbers["reviews"])
        store.sessions.delete_turns(list(erased))
        for turn_id, turn in blanked.items():
            store.sessions.set_text(turn_id, turn.text)
        for table, rows in numbers.items():
            store.journal.erase(table, rows)
        for table in ("triples", "proofs"):
            store.journal.erase_children(table, "memory_id", list(gone))
        store.journal.erase_copies(
            [*(m.quote for m in gone.values()), *(t.text for t in erased.values())]
        )
        entry.summary = f"forgot {len(gone)} memories and {len(erased)} turns"
    store.scrub()
    ids = (*gone, *erased)
    return Forgotten(len(gone), len(erased), len(blanked), ids, tuple(dict.fromkeys(texts)))


def _proofs(store: Store, memories: Iterable[Memory], erased: dict[str, Turn]) -> dict[str, Turn]:
    """Return the turns that say what memories hold, with those words blanked."""
    proofs: dict[str, Turn] = {}
    for memory in memories:
        first = [(memory.turn_id, memory.quote)] if memory.turn_id and memory.quote else []
        for turn_id, quote in [*first, *store.memories.proofs(memory.id)]:
            turn = proofs.get(turn_id) or store.sessions.turn(turn_id)
            if turn and turn_id not in erased:
                proofs[turn_id] = replace(turn, text=turn.text.replace(quote, FORGOTTEN))
    return proofs


def _answers(store: Store, used: Iterable[str], erased: dict[str, Turn]) -> dict[str, Turn]:
    """Return the answers that were made from memories or turns, wholly blanked.

    Wholly, because an answer may say the same in other words.
    """
    made = {turn.id: turn for id in used for turn in store.sessions.made_from(id)}
    return {id: replace(turn, text=FORGOTTEN) for id, turn in made.items() if id not in erased}
