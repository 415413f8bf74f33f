"""The owner makes one memory of two, or several of one. What was there becomes history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memcli.errors import InvalidInput
from memcli.records import Memory
from memcli.sentences import split_sentences
from memcli.text import clean
from memcli.tiers.long_term import LongTerm


def merge(memory: LongTerm, kept: Memory, other: Memory, text: str = "") -> Memory:
    """Let one memory stand for both: it has the tags, the triples and the proofs of either.

    With ``text`` it says that instead. The other one becomes history.

    Raises:
        InvalidInput: they are one memory, or one of them is history already.
    """
    if kept.id == other.id:
        raise InvalidInput(f"{kept.id} is one memory already.")
    _refuse_history(kept, other)
    store = memory.store
    new = replace(
        kept,
        text=memory.mask(clean(text).strip()).text or kept.text,
        tags=tuple(dict.fromkeys((*kept.tags, *other.tags))),
        triples=tuple(dict.fromkeys((*kept.triples, *other.triples))),
        pinned=kept.pinned or other.pinned,
        importance=max(kept.importance, other.importance),
    )
    with memory.writing("merge") as entry:
        store.memories.update(new)
        store.memories.set_triples(new)
        said = [(other.turn_id, other.quote)] if other.turn_id else []
        for turn_id, quote in [*said, *store.memories.proofs(other.id)]:
            store.memories.add_proof(kept.id, turn_id, quote)
        store.memories.supersede(other.id, kept.id, store.clock())
        entry.summary = f"merged {other.id[-6:]} into {kept.id[-6:]}"
    return new


def split(memory: LongTerm, old: Memory, texts: Sequence[str] = ()) -> list[Memory]:
    """Make a memory of each text, or of each sentence; the old one becomes history.

    Each keeps the source of the old one, and the part of its quote that it is, if any.

    Raises:
        InvalidInput: it would not become several, or it is history already.
    """
    _refuse_history(old)
    parts = [memory.mask(clean(text).strip()).text for text in texts]
    parts = parts or [sentence.text for sentence in split_sentences(old.text)]
    parts = [part for part in parts if part]
    if len(parts) < 2:
        raise InvalidInput(
            f"“{old.text[:80]}” is one sentence.", "Say the parts: --into TEXT --into TEXT"
        )
    new = [
        replace(
            old, id=memory.store.new_id(), text=part, key="", external_id="",
            triples=tuple(memory.learning.states(part)), quote=part if part in old.quote else "",
        )
        for part in parts
    ]  # fmt: skip
    with memory.writing("split") as entry:
        memory.store.memories.add(new)
        memory.store.memories.supersede(old.id, new[0].id, memory.store.clock())
        entry.summary = f"split {old.id[-6:]} into {len(new)}"
    return new


def _refuse_history(*memories: Memory) -> None:
    for memory in memories:
        if memory.superseded_by is not None:
            raise InvalidInput(f"{memory.id} no longer holds.", "memcli memory show ID says why.")
