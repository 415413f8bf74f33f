"""Set a candidate against what is known: new, known already, or in place of something.

Never decided by likeness of meaning alone: no threshold tells a duplicate from a related memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from memcli.acquire.predicates import is_single_valued
from memcli.records import Memory, Triple

Decision = Literal["new", "duplicate", "supersedes", "outdated"]
InSlot = Callable[[str, str], list[Memory]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a candidate is, and which memories it concerns.

    Those are the ones that say the same, the ones it takes the place of, or the newer one that
    took its place before it was heard of.
    """

    decision: Decision
    others: tuple[Memory, ...] = ()


def reconcile(candidate: Memory, in_slot: InSlot, same_text: Memory | None) -> Verdict:
    """Decide on one candidate.

    ``in_slot`` returns the current memories of a subject and predicate, and ``same_text`` is the
    current memory that says exactly the same, if there is one.
    """
    if same_text:
        return Verdict("duplicate", (same_text,))
    known = {m.id: m for t in candidate.triples for m in in_slot(t.subject, t.predicate)}.values()
    stating = [m for t in candidate.triples for m in known if states(m, t)]
    if candidate.triples and all(any(states(m, t) for m in stating) for t in candidate.triples):
        return Verdict("duplicate", (stating[0],))
    replaced = tuple(memory for memory in known if _gives_way(memory, candidate))
    if replaced:
        return Verdict("supersedes", replaced)
    later = (memory for memory in known if memory.recorded > candidate.recorded)
    newer = tuple(memory for memory in later if _gives_way(candidate, memory))
    return Verdict("outdated", newer[-1:]) if newer else Verdict("new")


def states(known: Memory, triple: Triple) -> bool:
    """Say whether a memory states this triple already, whatever else it says."""
    stated = ((_slot(t), t.object.casefold()) for t in known.triples)
    return (_slot(triple), triple.object.casefold()) in stated


def _gives_way(known: Memory, newer: Memory) -> bool:
    """Say whether a memory ends with a newer one: all that it states has one value and is replaced.

    An older statement that is imported later replaces nothing.
    """
    if known.kind == "note" or not known.triples or known.recorded > newer.recorded:
        return False
    slots = {_slot(triple) for triple in newer.triples}
    return all(is_single_valued(t.predicate) and _slot(t) in slots for t in known.triples)


def _slot(triple: Triple) -> tuple[str, str]:
    return triple.subject.casefold(), triple.predicate
