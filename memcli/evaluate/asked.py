"""The memory that is asked: a new one that was told a conversation, or the user's own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import memcli
from memcli.errors import InvalidInput
from memcli.evaluate.questions import Conversation, Question
from memcli.text import one_line

DEEPEST = 1000  # hits in which an external id is looked for


@dataclass(frozen=True, slots=True)
class Asked:
    """A memory, what it holds as ids and ``texts``, and what is asked of it."""

    memory: memcli.Memcli
    texts: list[tuple[str, str]]
    questions: tuple[Question, ...]
    own: bool


Ask = Callable[[Conversation], AbstractContextManager[Asked]]


@contextmanager
def ask(
    conversation: Conversation, *, own: Callable[[], memcli.Memcli], settings: Mapping[str, Any]
) -> Iterator[Asked]:
    """Open the user's ``own`` memory, or one that has ``settings`` and is deleted afterwards.

    Raises:
        InvalidInput: a turn cannot be imported.
    """
    if conversation.turns is None:
        with own() as memory:
            texts = list(memory.texts())
            questions = tuple(_resolved(memory, texts, q) for q in conversation.questions)
            yield Asked(memory, texts, questions, own=True)
        return
    # A Chroma server may hold the user's own vectors: scanning finds the same, and touches none.
    settings = {**settings, "index.backend": "exact"}
    with (
        tempfile.TemporaryDirectory(prefix="memcli-eval-") as folder,
        memcli.open(folder=folder, **settings) as memory,
    ):
        _tell(memory, conversation.turns, Path(folder, "turns.jsonl"))
        texts = [(turn["id"], turn["text"]) for turn in conversation.turns]
        yield Asked(memory, texts, conversation.questions, own=False)


def _tell(memory: memcli.Memcli, turns: list[dict[str, str]], file: Path) -> None:
    file.write_text("".join(json.dumps(turn) + "\n" for turn in turns), "utf-8")
    report = memory.import_paths([file])
    if report.skipped:
        raise InvalidInput(f"A turn cannot be imported: {report.skipped[0][1]}.")
    memory.rebuild_index()  # an import puts off the vectors that take long


def _resolved(
    memory: memcli.Memcli, texts: Iterable[tuple[str, str]], question: Question
) -> Question:
    """Return a question whose evidence are ids of this memory, which holds ``texts``."""
    named = (_named(memory, texts, question, id) for group in question.evidence for id in group)
    spoken = (
        frozenset(id for id, text in texts if _plain(words) in _plain(text))
        for words in question.texts
    )
    return replace(question, evidence=(*named, *spoken), texts=())


def _named(
    memory: memcli.Memcli, texts: Iterable[tuple[str, str]], question: Question, name: str
) -> frozenset[str]:
    """Return the items that an id names: by its beginning or end, else by the id elsewhere."""
    part = name.strip().lower()
    if fitting := frozenset(id for id, _ in texts if id.startswith(part) or id.endswith(part)):
        return fitting
    hits = memory.recall(question.text, limit=DEEPEST, asked_at=question.asked_at)
    return frozenset(hit.id for hit in hits if name in hit.external_ids)


def _plain(text: str) -> str:
    return one_line(text).casefold()
