"""Summaries of turns: by the model, or by picking the sentences closest to all the others."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from memcli import prompts
from memcli.engine.embed import Embedder
from memcli.records import Memory, Turn
from memcli.sentences import split_sentences
from memcli.text import one_line, unfenced

SENTENCES = 4  # in an extractive summary
MOST_READ = 400  # sentences compared; a window seldom holds more
SHORTEST = 20  # characters; shorter sentences are greetings and thanks

# A prompt in, the model's whole answer out; nothing if it cannot read so much, or was stopped.
Complete = Callable[[str], str]


def summarize(turns: Sequence[Turn], embedder: Embedder, complete: Complete | None) -> str:
    """Return a summary of turns; by the model if it can read them and says something."""
    text = complete(_prompt(turns)).strip() if complete else ""
    return text or central_sentences(turns, embedder)


def _prompt(turns: Sequence[Turn]) -> str:
    """Return what a model is asked: each turn on one line, so that it can fake no other."""

    def plain(text: str) -> str:
        return unfenced(one_line(text))

    said = [replace(t, text=plain(t.text), speaker=plain(t.speaker)) for t in turns]
    return prompts.render("summarize", turns=said, code=secrets.token_hex(4))


def summary(id: str, text: str, turns: Sequence[Turn], **more: Any) -> Memory:
    """Return a summary of turns as a memory; ``more`` are further fields of it."""
    return Memory(id, "summary", text, max(turn.time for turn in turns), **more)


def central_sentences(turns: Sequence[Turn], embedder: Embedder) -> str:
    """Return the most central sentences of turns in their order, each with its speaker.

    Centrality is a sentence's mean cosine with all others (LexRank without the walk: Erkan and
    Radev 2004). Sentences are quoted, so nothing can be invented.
    """
    import numpy as np

    said = [
        (turn.speaker or turn.role, sentence.text)
        for turn in turns
        if turn.copied or not turn.derived  # else it repeats what others said
        for sentence in split_sentences(turn.text)
        if len(sentence.text) >= SHORTEST and not sentence.asks
    ]
    said = said[:: 1 + len(said) // MOST_READ]
    if not said:
        told = [turn for turn in turns if turn.copied or not turn.derived] or turns
        return " ".join(f"{turn.speaker or turn.role}: {turn.text}" for turn in told)[:200]
    vectors = embedder.embed([text for _, text in said])
    centrality = (vectors @ vectors.T).mean(axis=1)
    best = sorted(np.argsort(-centrality, kind="stable")[:SENTENCES])
    return " ".join(f"{said[i][0]}: {said[i][1]}" for i in best)
