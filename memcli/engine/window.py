"""A working context that stays the same size: what becomes of the cells of turns that leave it.

The prompt is the system prompt and the recent turns; older turns have left it. Their cells lie in
the middle of the context. With ``window`` what follows them is read again; with ``sinks`` they are
cut out and the rest moves up (StreamingLLM, arXiv 2309.17453: the beginning stays, as the sink of
attention); with ``compressive`` the ones that say most stay as a far past of bounded size
(compressive memory, arXiv 1911.05507; cells chosen as in H2O, arXiv 2306.14048, but by what the
tokens are, for attention is not to be had while answering).
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memcli.engine.base import Snapshot

if TYPE_CHECKING:
    from memcli.engine.llama_context import LlamaContext

RECOGNISED = 12  # tokens by which the first turn of the window is found among those held
PAST = 0.125  # of the context, for the far past
CHECKPOINTS = 4
FADING = 0.9  # of its weight is left to what stays for another round


class Window:
    """The tokens that one context holds, as its prompts see them.

    ``past`` (start, length) are held tokens that stand in no prompt any more. A model that cannot
    cut returns to a checkpoint instead: what it had in mind before the last memories, or messages.
    """

    def __init__(self, context: LlamaContext, size: int) -> None:
        self.past = (0, 0)
        self.stained = False  # what is held cannot be what another prompt begins with
        self._context = context
        self._size = size
        self._weights: list[float] = []  # of the past's tokens
        self._checkpoints: deque[Snapshot] = deque(maxlen=CHECKPOINTS)

    def reach(self, tokens: Sequence[int], policy: str) -> int:
        """Hold as much of what a prompt begins with as can be without reading; return how much.

        Never all: its last token must be read, for its logits begin the answer.
        """
        context = self._context
        held, wanted = common(self._seen(), tokens[:-1], context)
        if policy != "window" and context.can_cut and held < len(self._seen()):
            self._let_go(tokens, held, wanted, policy)
            held, wanted = common(self._seen(), tokens[:-1], context)
        whole = held + self.past[1] + len(tokens) - wanted
        if context.bounded and whole > self._size:
            held = wanted = 0  # the same beginning, but in more tokens than there is room for
        if not context.can_cut and held < len(context.held):
            return self._go_back(tokens)
        self.keep(held)
        return wanted if context.held else 0

    def keep(self, count: int) -> None:
        """Drop all but the first ``count`` of the seen tokens; what is past leaves with them."""
        start, length = self.past
        if count <= start:
            self._forget_past()
        else:
            count += length
        self._context.keep(count)

    def clear(self) -> None:
        """Hold nothing, and know of nothing to go back to."""
        self.keep(0)
        self._checkpoints.clear()

    def cut(self, start: int, end: int, tokens: Sequence[int]) -> None:
        """Take the seen tokens from ``start`` to ``end`` out, if they are those of ``tokens``."""
        past, length = self.past
        shift = length if start >= past else 0
        if self._context.can_cut and self._seen()[:end] == list(tokens[:end]):
            self._context.cut(start + shift, end + shift)

    def mark(self) -> None:
        """Make a checkpoint of what is held."""
        held = tuple(self._context.held)
        if data := self._context.save(len(held)):
            self._checkpoints.append(Snapshot(held, data))

    def checkpoint(self) -> Snapshot | None:
        """Return the last checkpoint."""
        return self._checkpoints[-1] if self._checkpoints else None

    def resume(self, snapshot: Snapshot) -> bool:
        """Hold what a snapshot holds, and say whether it could be; if not, hold nothing."""
        self._forget_past()
        self.stained = False
        done = self._context.load(snapshot.data, snapshot.tokens)
        if done and len(snapshot.past) == len(self.past):
            self.past = (snapshot.past[0], snapshot.past[1])
            self._weights = [1.0] * self.past[1]
        if done and not self._context.can_cut:
            self._checkpoints.append(snapshot)
        return done

    def _go_back(self, tokens: Sequence[int]) -> int:
        """Hold the checkpoint that most of a prompt begins with; return how much of it that is."""
        best, wanted = None, 0
        for checkpoint in self._checkpoints:
            here, there = common(checkpoint.tokens, tokens[:-1], self._context)
            if here == len(checkpoint.tokens) and there > wanted:
                best, wanted = checkpoint, there
        self._context.keep(0)
        return wanted if best and self._context.load(best.data, best.tokens) else 0

    def _seen(self) -> list[int]:
        held, (start, length) = self._context.held, self.past
        return held[:start] + held[start + length :]

    def _forget_past(self) -> None:
        self.past, self._weights = (0, 0), []

    def _let_go(self, tokens: Sequence[int], held: int, wanted: int, policy: str) -> None:
        """Take out the turns that left the window, if the prompt goes on with what follows them.

        The prompt and what is seen begin with the same ``wanted`` and ``held`` tokens.
        """
        at, length = self.past
        back = max(held - at, 0) if length else 0  # the past stays where it is
        start, wanted = held - back, wanted - back
        end = _find(self._seen(), tokens[wanted : wanted + RECOGNISED], start + 1)
        if end < at:  # not found, or on the wrong side of the past
            return
        if policy == "sinks":
            self._context.cut(start, end + length)
            self._forget_past()
        else:
            self._thin(start, end + length)

    def _thin(self, start: int, end: int) -> None:
        """Keep the held tokens from ``start`` to ``end`` that say most, as the far past."""
        context, (at, _) = self._context, self.past
        tokens = context.held[start:end]
        weights = [weight(context.piece(token)) for token in tokens]
        for i, old in enumerate(self._weights):
            weights[at - start + i] = FADING * old
        best = sorted(range(len(tokens)), key=lambda i: -weights[i])
        kept = sorted(best[: int(self._size * PAST)])
        borders = [-1, *kept, len(tokens)]
        for before, after in reversed(list(itertools.pairwise(borders))):
            context.cut(start + before + 1, start + after)
        self.past, self._weights = (start, len(kept)), [weights[i] for i in kept]


def marked(piece: bytes) -> bool:
    """Say whether a token is such as names and numbers are written with."""
    text = piece.decode("utf-8", "ignore").strip()
    return bool(text) and (text[0].isupper() or any(map(str.isdigit, text)))


def weight(piece: bytes) -> float:
    """Return how much a token says by itself: names and numbers most, then long words."""
    return marked(piece) + min(len(piece.strip()), 8) / 8


def _find(tokens: Sequence[int], part: Sequence[int], start: int) -> int:
    """Return where ``part`` begins in ``tokens``, from ``start`` on; -1 if nowhere."""
    size = len(part)
    places = range(start, len(tokens) - size + 1)
    return next((i for i in places if size and tokens[i : i + size] == list(part)), -1)


def common(held: Sequence[int], wanted: Sequence[int], vocabulary: Any) -> tuple[int, int]:
    """Return how many tokens of each side spell the same beginning.

    Compared by bytes, not by tokens: a model may have written its answer in other tokens than the
    tokenizer would, and the same text need not be read twice for that.
    """
    i = j = 0
    here = there = b""  # bytes of one side that the other has not reached yet
    same = (0, 0)
    while True:
        if not here and not there:
            same = (i, j)
            if i < len(held) and j < len(wanted) and held[i] == wanted[j]:
                i, j = i + 1, j + 1
                continue
        tokens, at = (held, i) if len(here) <= len(there) else (wanted, j)
        if at == len(tokens) or vocabulary.is_control(tokens[at]):
            return same
        if tokens is held:
            here, i = here + vocabulary.piece(held[i]), i + 1
        else:
            there, j = there + vocabulary.piece(wanted[j]), j + 1
        length = min(len(here), len(there))
        if here[:length] != there[:length]:
            return same
        here, there = here[length:], there[length:]


def difference(longer: Sequence[int], shorter: Sequence[int]) -> tuple[int, int]:
    """Return the stretch of ``longer`` between its common head and tail with ``shorter``."""
    most = min(len(longer), len(shorter))
    start = tail = 0
    while start < most and longer[start] == shorter[start]:
        start += 1
    while tail < most - start and longer[-1 - tail] == shorter[-1 - tail]:
        tail += 1
    return start, len(longer) - tail
