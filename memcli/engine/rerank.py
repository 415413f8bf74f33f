"""Rerank: judge the best hits anew, by reading each one together with the question.

By a cross-encoder, which was trained for this, or by how likely the question is to the chat model
after a text (Sachan et al. 2022; de Jong et al. 2023). Import this only where reranking is on: it
loads llama.cpp (220 ms).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import llama_cpp as L
import numpy as np
from llama_cpp import _internals

from memcli import paths
from memcli.engine import gguf
from memcli.engine.calibrate import best_threads
from memcli.engine.cells import BATCH, WORK
from memcli.engine.llama import SMALLEST_CONTEXT, check_chat_model
from memcli.engine.llama_context import LlamaContext
from memcli.errors import ModelError
from memcli.records import Hit

ASKS = "\n\nQuestion:"
TOKEN = 16  # characters at the very most: the rest of a long text need not be tokenised


class Reranker(Protocol):
    """Says how well texts fit a question."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one number a text, higher for what fits better, on any scale."""

    def close(self) -> None:
        """Free the model."""


def load_reranker(kind: str, rerank_model: str, chat_model: str) -> Reranker:
    """Return what ``recall.rerank`` names; ``chat_model`` serves ``likelihood`` without another.

    Raises:
        ModelError: no model is set for it, or the one that is cannot be used.
    """
    judge = CrossEncoder if kind == "cross-encoder" else Likelihood
    if path := rerank_model or (chat_model if judge is Likelihood else ""):
        return judge(Path(path).expanduser())
    raise ModelError(
        f"recall.rerank is {kind}, and there is no model for it.",
        "memcli config set recall.rerank_model PATH, or: memcli config set recall.rerank off",
    )


def reranked(hits: Sequence[Hit], scores: Sequence[float], weight: float) -> list[Hit]:
    """Sort the first ``len(scores)`` hits by both judgements; the others keep their place behind.

    Each is scaled to 0…1 over the judged hits, and their weighted mean back to the range of the old
    scores, so that the scores of the list still fall. Part ``rerank`` is by how much a score
    changed. Ties keep their order, and scores that are no numbers change nothing.
    """
    if not scores or not all(map(math.isfinite, scores)):
        return list(hits)
    old = [hit.score for hit in hits[: len(scores)]]
    pairs = zip(_scaled(old), _scaled(scores), strict=True)
    means = [(1 - weight) * before + weight * now for before, now in pairs]
    best = []
    for i in sorted(range(len(means)), key=lambda i: -means[i]):
        change = min(old) + means[i] * (max(old) - min(old)) - old[i]
        parts = {**hits[i].parts, "rerank": change}
        best.append(replace(hits[i], score=sum(parts.values()), parts=parts))
    return [*best, *hits[len(scores) :]]


def _scaled(values: Sequence[float]) -> list[float]:
    low, span = min(values), max(values) - min(values)
    return [(value - low) / span if span else 0.0 for value in values]


class _Judge(LlamaContext):
    """A model that reads one text at a time, in one batch: longer texts are cut."""

    def __init__(self, path: Path, header: gguf.Header) -> None:
        self.size = min(header.integer("context_length"), BATCH)
        if self.size < SMALLEST_CONTEXT:
            raise ModelError(f"{path} reads only {self.size} tokens.", "Use another model.")
        super().__init__(path, size=self.size, gpu_layers=-1, threads=1)
        self.set_threads(best_threads(self, path, paths.cache()))

    def _evaluate(self, tokens: list[int], outputs: int) -> None:
        """Read tokens into an empty context, with results for the last ``outputs`` of them."""
        batch = _internals.LlamaBatch(n_tokens=len(tokens), embd=0, n_seq_max=1)
        batch.add_sequence(tokens, WORK, logits_all=False)
        for i in range(len(tokens) - outputs, len(tokens)):
            batch.batch.logits[i] = True
        self._context.kv_cache_clear()
        try:
            self._context.decode(batch)
        except RuntimeError as error:
            hint = "memcli config set recall.rerank off"
            raise ModelError(f"The reranking model failed: {error}.", hint) from error


class CrossEncoder(_Judge):
    """A GGUF with rank pooling, which reads question and text as one and returns a number."""

    def __init__(self, path: Path) -> None:
        header = gguf.read_header(path)
        if header.integer("pooling_type") != L.LLAMA_POOLING_TYPE_RANK:
            raise ModelError(
                f"{path} is no cross-encoder: its pooling type is not rank.",
                "Set recall.rerank_model to the GGUF of a reranker, such as bge-reranker-v2-m3.",
            )
        self._template = str(header.values.get("tokenizer.chat_template.rerank", ""))
        super().__init__(path, header)
        L.llama_set_embeddings(self._context.ctx, True)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return the model's number for each text: a logit, or a probability with some models."""
        return [self._score(self.pair(question, text)) for text in texts]

    def pair(self, question: str, text: str) -> list[int]:
        """Return the tokens of a pair as llama.cpp's server joins them, the text cut to fit."""
        question, text = question[: self.size], text[: TOKEN * self.size]
        while len(tokens := self._join(question, text)) > self.size and text:
            text = text[: len(text) * 7 // 8]
        return tokens[: self.size]

    def _score(self, tokens: list[int]) -> float:
        self._evaluate(tokens, outputs=len(tokens))
        return float(L.llama_get_embeddings_seq(self._context.ctx, WORK)[0])

    def _join(self, question: str, text: str) -> list[int]:
        if self._template:
            prompt = self._template.replace("{query}", self._plain(question))
            return self.tokenize(prompt.replace("{document}", self._plain(text)), special=True)
        separator, end = L.llama_vocab_sep(self._vocab), L.llama_vocab_eos(self._vocab)
        begins = [self.bos] if self.adds_bos else []
        ends = [end if end >= 0 else separator] if L.llama_vocab_get_add_eos(self._vocab) else []
        parts = [separator] if L.llama_vocab_get_add_sep(self._vocab) else []
        first, second = (self.tokenize(part, special=False) for part in (question, text))
        return [t for t in (*begins, *first, *ends, *parts, *second, *ends) if t >= 0]

    def _plain(self, text: str) -> str:
        """Take out what only a template may say: the names of control tokens."""
        for token in filter(self.is_control, self.tokenize(text, special=True)):
            text = text.replace(self.name(token), " ")
        return text


class Likelihood(_Judge):
    """A chat model: a text fits a question as well as it makes the question likely."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, check_chat_model(path))

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return the mean log-probability of the question's tokens after each text."""
        head = self.tokenize(ASKS, special=False)
        question = question[: TOKEN * self.size].strip()
        asks = self.tokenize(f"{ASKS} {question}", special=False)[: len(head) + self.size // 2]
        asked = max(len(asks) - len(head), 1)
        begin = [self.bos] if self.adds_bos else []
        room = self.size - len(begin) - len(asks)
        cut = (self.tokenize(text[: TOKEN * room], special=False)[:room] for text in texts)
        return [self._score([*begin, *tokens, *asks], asked) for tokens in cut]

    def _score(self, tokens: list[int], asked: int) -> float:
        self._evaluate(tokens[:-1], outputs=asked)  # each token's logits are about the next one
        return float(np.mean(self._log_probabilities(tokens[-asked:])))
