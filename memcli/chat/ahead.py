"""What a model reads ahead of any question: a document, and the lines of memories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from memcli.engine.base import Cancel, Prompt, Stats
from memcli.errors import InvalidInput
from memcli.store.filters import Filter

if TYPE_CHECKING:
    from memcli.api import Memcli
    from memcli.chat.turn import Conversation
    from memcli.media.documents import Document
    from memcli.records import Memory

DOCUMENT_SHARE = 0.6  # of a context with cells, for a document; the rest is for the talk
LINES = 16  # memories that are laid out at once


def read_document(memory: Memcli, document: Document, cancel: Cancel) -> int:
    """Let the model read a document, and keep its state; return the bytes that it takes.

    Raises:
        InvalidInput: there is no model, or no room for the document.
        KeyboardInterrupt: ``cancel`` was raised.
    """
    engine = memory.engine
    if not engine.reads_prompts:
        raise InvalidInput("There is no model to read it.", "memcli model use PATH sets one.")
    document = replace(document, text=memory.memory.mask(document.text).text)
    tokens = engine.count(document.fenced(memory.store.fence()))
    room = int(DOCUMENT_SHARE * engine.context_size)
    if tokens > room and engine.bounded:
        raise InvalidInput(
            f"The document has {tokens} tokens, and there is room for {room} of them.",
            "Set a larger model.context, or use a recurrent model (Mamba, RWKV).",
        )
    conversation = memory.conversation(private=True, document=document)
    engine.read_begin(conversation.short_term.begin((), "", ()), cancel)
    return memory.states.save_document(document, engine)


def write_cells(memory: Memcli, most: int, cancel: Cancel) -> Iterator[Stats]:
    """Have the model write the cells of memories, the ones used most first, as the budget allows.

    They are laid out as the lines that they are when they are recalled by themselves. What it cost
    is yielded.

    Raises:
        InvalidInput: there is no model.
        StoreError: the file system refuses.
    """
    conversation = memory.conversation(private=True)
    if not memory.engine.reads_prompts:
        raise InvalidInput("There is no model to read them.", "memcli model use PATH sets one.")
    best = _most_used(memory)[:most]
    for start in range(0, len(best), LINES):
        if cancel.raised or memory.kv.full:
            return
        yield memory.engine.store(_told(conversation, best[start : start + LINES]), cancel)
        if memory.kv.unwritten:
            raise memory.kv.unwritten


def _most_used(memory: Memcli) -> list[Memory]:
    current = [
        m for m in memory.store.memories.matching_all(Filter(current=True)) if m.kind != "summary"
    ]
    uses = memory.store.sessions.uses([m.id for m in current])
    return sorted(current, key=lambda m: (uses[m.id][0] if m.id in uses else 0, m.id), reverse=True)


def _told(conversation: Conversation, memories: list[Memory]) -> Prompt:
    hits = [conversation.memory.hit(memory) for memory in memories]
    short_term = conversation.short_term
    return Prompt(tuple(short_term.told(hits)), lead=short_term.lead)
