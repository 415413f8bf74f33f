"""Read a prompt with the stored cells of its memories in the place of their text.

A chunk (one line of memory) is written once behind a lead, a short beginning that is always the
same, and spliced wherever it is recalled: its first tokens are read again where it now stands
(EPIC, arXiv 2410.15332), the others' cells are moved to their new positions; or all chunks lie side
by side at the same positions (Memory³, arXiv 2407.01178; APE, arXiv 2502.05431).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from memcli.engine.base import CellStore, Stats
from memcli.engine.layout import Span
from memcli.engine.window import marked

if TYPE_CHECKING:
    from memcli.engine.llama_context import LlamaContext

FORESEEN = 4  # tokens of an answer that the two ways of reading are compared by


class Splicer:
    """Reads prompts into one model's context, with a store of cells."""

    def __init__(self, context: LlamaContext, store: CellStore, fingerprint: str) -> None:
        self._context = context
        self._store = store
        self._fingerprint = fingerprint

    def read(
        self, tokens: Sequence[int], at: int, spans: Sequence[Span], lead: Sequence[int],
        stats: Stats,
    ) -> None:  # fmt: skip
        """Read a prompt's tokens from ``at`` on, and splice the chunks among them.

        Raises:
            Interrupted: it was cancelled; what was read till then is held.
            ModelError: there is no room, or llama.cpp failed.
        """
        again = self._store.again
        ahead = [s for s in spans if s.start >= at and s.end - s.start > again(s.end - s.start)]
        if not ahead or not self._context.can_splice:
            self._context.read(tokens[at:])
        elif self._store.due(self._fingerprint):
            self._compare(tokens, at, ahead, lead, stats)
        elif self._store.trusted(self._fingerprint):
            self._splice(tokens, at, ahead, lead, stats)
        else:
            self._context.read(tokens[at:])

    def write(self, chunk: Sequence[int], id: str, lead: Sequence[int], stats: Stats) -> bytes:
        """Return the cells of a chunk, from the store or written now; nothing if they cannot be."""
        key = self.key(lead, chunk)
        if data := self._store.get(id, key, self._fingerprint):
            return data
        data = self._context.write(lead, chunk)
        stats.stored += len(chunk) if data else 0
        if not data:
            return b""
        by_attention = self._store.by_attention
        return self._store.put(
            id, key, self._fingerprint, data,
            lambda: scores(self._context, lead, chunk, by_attention=by_attention),
        )  # fmt: skip

    def key(self, lead: Sequence[int], chunk: Sequence[int]) -> str:
        """Return what cells are kept under: all that they were computed from."""
        numbers = np.array([len(lead), *lead, *chunk], np.int32)
        return hashlib.sha256(self._fingerprint.encode() + numbers.tobytes()).hexdigest()

    def _splice(
        self, tokens: Sequence[int], at: int, spans: Sequence[Span], lead: Sequence[int],
        stats: Stats,
    ) -> None:  # fmt: skip
        context, run = self._context, _together(spans)
        chunks = [(s, self.write(tokens[s.start : s.end], s.id, lead, stats)) for s in run]
        if all(data for _, data in chunks):
            context.read(tokens[at : run[0].start])
            at, begin = run[0].start, len(context.held)
            again = [self._store.again(span.end - span.start) for span in run]
            cuts = [
                (data, tokens[span.start : span.end], count)
                for (span, data), count in zip(chunks, again, strict=True)
            ]
            hold = context.overlay if self._store.side_by_side else context.splice
            if hold(cuts, len(lead)):
                at = run[-1].end
                stats.spliced += at - run[0].start - sum(again)
            else:
                context.keep(begin)
        context.read(tokens[at:])

    def _compare(
        self, tokens: Sequence[int], at: int, spans: Sequence[Span], lead: Sequence[int],
        stats: Stats,
    ) -> None:  # fmt: skip
        """Read both ways, tell the store how far they differ, and go on with the text's."""
        begin = len(self._context.held)
        self._splice(tokens, at, spans, lead, stats)
        spliced, said = self._foresee(tokens[-1])
        self._context.keep(begin)
        self._context.read(tokens[at:])
        plain, meant = self._foresee(tokens[-1])
        stats.spliced, stats.compared = 0, True
        same = sum(a == b for a, b in zip(said, meant, strict=True)) / max(len(meant), 1)
        self._store.judge(self._fingerprint, divergence(plain, spliced), same)

    def _foresee(self, last: int) -> tuple[NDArray[np.float32], list[int]]:
        """Return the logits of the next token, and the likeliest beginning of the answer."""
        context, begin = self._context, len(self._context.held)
        logits = context.logits()
        answer: list[int] = []
        for _ in range(min(FORESEEN, context.room)):
            answer.append(int(context.logits().argmax()))
            context.read(answer[-1:])
        context.keep(begin - 1)
        context.read([last])  # whose logits begin the answer
        return logits, answer


def divergence(plain: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return KL(plain ‖ other) of two next-token distributions from their logits, in nats."""
    p, q = (x.astype(np.float64) - x.max() for x in (plain, other))
    p, q = p - np.log(np.exp(p).sum()), q - np.log(np.exp(q).sum())
    return float((np.exp(p) * (p - q)).sum())


def scores(
    context: LlamaContext, lead: Sequence[int], chunk: Sequence[int], *, by_attention: bool = False
) -> NDArray[np.float32]:
    """Return how much each token of a chunk matters, from 0 to 1, of shape (tokens,).

    By how surprising it is, with a bonus for what names and numbers are written with; or, where
    that can be read, by the attention that it receives.
    """
    received = context.attention([*lead, *chunk]) if by_attention else None
    if received is not None:
        values = received[len(lead) :]
    else:
        values = context.surprise(lead, chunk)
        names = np.array([marked(context.piece(token)) for token in chunk])
        values = values + names * values.std()
    return np.array(values / max(float(values.max()), 1e-9), np.float32)


def _together(spans: Sequence[Span]) -> Sequence[Span]:
    """Return the chunks from the first on that follow each other directly."""
    run = [before.end == span.start for before, span in itertools.pairwise(spans)]
    return spans[: 1 + len(list(itertools.takewhile(bool, run)))]
