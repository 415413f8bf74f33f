"""The owner judges: what could not be proved, and which of two memories holds."""

from __future__ import annotations

from memcli.errors import NotFound
from memcli.records import Memory, Review
from memcli.tiers.learning import Learnt
from memcli.tiers.long_term import LongTerm


def accept(memory: LongTerm, review: Review, text: str = "") -> Learnt:
    """Keep a find after all, in other words if ``text`` is given."""
    turn = memory.store.sessions.turn(review.turn_id)
    said = turn.time if turn else memory.store.clock()
    quote = review.text if turn and review.text in turn.text else ""
    kept = Memory(
        id=memory.store.new_id(), kind=review.kind, text=text or review.text, recorded=said,
        quote=quote, turn_id=review.turn_id, triples=() if text else review.triples,
    )  # fmt: skip
    with memory.writing("review") as entry:
        memory.store.judgements.remove_review(review.id)
        entry.summary = "accepted 1 find"
        return memory.learning.keep(kept)


def reject(memory: LongTerm, review: Review) -> None:
    """Take a find off the list."""
    with memory.store.action("review") as entry:
        memory.store.judgements.remove_review(review.id)
        entry.summary = "rejected 1 find"


def conflicts(memory: LongTerm) -> list[tuple[Memory, Memory]]:
    """Return the pairs of memories that cannot both hold, the older one first."""
    pairs = memory.store.judgements.conflicts()
    memories = {id: memory.store.memories.get(id) for pair in pairs for id in pair}
    found = ((memories[one], memories[other]) for one, other in pairs)
    return [(one, other) for one, other in found if one and other]


def resolve(memory: LongTerm, winner: Memory, *, both: bool = False) -> list[Memory]:
    """Let a memory take the place of those it is in conflict with, or let both stand.

    Raises:
        NotFound: it is in conflict with none.
    """
    others = [memory.find(id) for id in memory.store.judgements.against(winner.id)]
    if not others:
        raise NotFound(
            f"{winner.id} is in conflict with nothing.", "memcli memory conflicts lists them."
        )
    with memory.store.action("resolve") as entry:
        if both:
            memory.store.judgements.settle(winner.id)
        else:
            for other in others:
                memory.store.memories.supersede(other.id, winner.id, memory.store.clock())
        entry.summary = f"settled {len(others)} conflicts"
    return [other for other in others if isinstance(other, Memory)]
