"""The cells of a model's context: read, drop, move, save, load.

``held`` are the tokens of the conversation (sequence ``WORK``) in order; token i stands at position
i, except where memories lie side by side at the same positions (``overlay``). The rules that each
call keeps to were measured: see docs/lab.md.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # else ggml runs gdb before it aborts

import llama_cpp as L
import numpy as np
from llama_cpp import _internals
from numpy.typing import NDArray

from memcli.errors import ModelError

BATCH = 512
WORK, SCRATCH = 0, 1  # sequences: the conversation, and one to build in
NO_SLOT, ABORTED = 1, 2  # return codes of llama_decode
LEVEL_ERROR = 4

errors: deque[str] = deque(maxlen=1)  # llama.cpp's last word on why something failed


def _log(level: int, text: bytes, _: Any) -> None:
    if level == LEVEL_ERROR:
        errors.append(text.decode("utf-8", "replace").strip())


_log_callback = L.llama_log_callback(_log)  # referenced here for as long as llama.cpp may call it
L.llama_log_set(_log_callback, ctypes.c_void_p(0))


def why(otherwise: str) -> str:
    """Return what llama.cpp said last of a failure."""
    return errors[-1] if errors else otherwise


class Interrupted(Exception):
    """The reading of a prompt was cancelled; what was read stays in the context."""


def keeps_cells(model: Any) -> bool:
    """Say whether a model has nothing but cells in mind, one for each token, and no state."""
    return not (L.llama_model_is_recurrent(model) or L.llama_model_is_hybrid(model))


class Cells:
    """What a context of llama.cpp holds."""

    def __init__(self, model: Any, context: Any, vocab_size: int) -> None:
        self.held: list[int] = []
        self.cancelled: Callable[[], bool] = lambda: False
        self.vocab_size = vocab_size
        self._context = context
        self._batch = int(L.llama_n_batch(context.ctx))  # more at once would end the process
        self._abort = L.ggml_abort_callback(lambda _: self.cancelled())
        L.llama_set_abort_callback(context.ctx, self._abort, None)
        # An encoder, as rerankers are, has no memory at all; a recurrent one has a single state.
        self.bounded = not L.llama_model_is_recurrent(model)
        self.can_cut = keeps_cells(model)
        memory = context.memory
        self.can_splice = bool(self.can_cut and memory and L.llama_memory_can_shift(memory))
        self._overlap = (0, 0, 0)  # tokens from … to … stand at this many positions

    # The conversation

    def keep(self, count: int) -> None:
        """Drop all but the first ``count`` tokens; a recurrent model can only drop everything."""
        if count < len(self.held):
            self._drop(count)

    def cut(self, start: int, end: int) -> None:
        """Take tokens ``start`` to ``end`` out and move the rest together.

        Only for models that ``can_cut``. What lies side by side leaves as a whole or, with all
        that follows, not at all.
        """
        first, last, _ = self._overlap
        if start >= end:
            return
        if first < last and not (start <= first and last <= end):
            self._drop(min(start, first))
            return
        memory = self._context.memory
        begin, stop = self._position(start), self._position(end)
        L.llama_memory_seq_rm(memory, WORK, begin, stop)
        L.llama_memory_seq_add(memory, WORK, stop, -1, begin - stop)
        self._overlap = (0, 0, 0)
        del self.held[start:end]

    def read(self, tokens: Sequence[int]) -> None:
        """Evaluate tokens after those held.

        Raises:
            Interrupted: ``cancelled`` came true; what was read till then is held.
            ModelError: there is no room, or llama.cpp failed.
        """
        for start in range(0, len(tokens), self._batch):
            self._decode(list(tokens[start : start + self._batch]))

    @property
    def room(self) -> int:
        """How many more tokens fit."""
        return int(L.llama_n_ctx(self._context.ctx)) - len(self.held)

    def logits(self) -> NDArray[np.float32]:
        """Return the logits of the token after the last one read, of shape (vocabulary,)."""
        pointer = L.llama_get_logits_ith(self._context.ctx, -1)
        return np.array(np.ctypeslib.as_array(pointer, (self.vocab_size,)), np.float32)

    # States

    def save(self, count: int) -> bytes:
        """Return the state of the first ``count`` held tokens.

        Nothing where the context is too full for it, or the model cannot part with the others.
        """
        whole = count == len(self.held)
        if not (whole or self.can_cut) or self._overlap[1] or not self._settle():
            return b""
        L.llama_memory_seq_cp(self._context.memory, WORK, SCRATCH, 0, -1 if whole else count)
        return self._take()

    def load(self, data: bytes, tokens: Sequence[int]) -> bool:
        """Hold tokens whose state was saved, instead of what is held; say whether it fits them.

        If not, nothing is held.
        """
        memory = self._context.memory
        self.keep(0)
        L.llama_memory_seq_rm(memory, WORK, -1, -1)
        if not tokens or (self.bounded and len(tokens) > L.llama_n_ctx(self._context.ctx)):
            return False
        fits = self._put(data, len(tokens) - 1)
        if fits:
            L.llama_memory_seq_cp(memory, SCRATCH, WORK, -1, -1)
            self.held = list(tokens)
        self._clear(SCRATCH)
        return fits

    def _feed(
        self, tokens: Sequence[int], at: int, sequence: int, *, outputs: bool = False
    ) -> None:
        """Evaluate tokens in a sequence of their own, from a position on."""
        self._feed_all([(t, at + i, sequence) for i, t in enumerate(tokens)], outputs=outputs)

    def _feed_all(self, tokens: Sequence[tuple[int, int, int]], *, outputs: bool = False) -> None:
        """Evaluate tokens, each at a position of a sequence.

        Raises:
            Interrupted: ``cancelled`` came true.
            ModelError: there is no room, or llama.cpp failed.
        """
        for start in range(0, len(tokens), self._batch):
            part = tokens[start : start + self._batch]
            batch = _internals.LlamaBatch(n_tokens=len(part), embd=0, n_seq_max=1)
            raw = batch.batch
            raw.n_tokens = len(part)
            for i, (token, position, sequence) in enumerate(part):
                raw.token[i], raw.pos[i], raw.logits[i] = token, position, outputs
                raw.n_seq_id[i], raw.seq_id[i][0] = 1, sequence
            code = L.llama_decode(self._context.ctx, raw)
            batch.close()
            if code == ABORTED:
                raise Interrupted
            if code:
                raise ModelError(f"The model could not read on: {why(f'code {code}')}.")

    def _take(self, *, clear: bool = True) -> bytes:
        """Return the state of the scratch sequence, and empty it."""
        context = self._context.ctx
        size = L.llama_state_seq_get_size(context, SCRATCH)
        buffer = (ctypes.c_uint8 * size)()
        written = L.llama_state_seq_get_data(context, buffer, size, SCRATCH)
        if clear:
            self._clear(SCRATCH)
        return ctypes.string_at(buffer, written)  # not a slice: that is a list of numbers

    def _put(self, data: bytes, last: int) -> bool:
        """Load a state into the scratch sequence; say whether all of it came, up to ``last``.

        Never into another one: a state that is refused leaves its sequence empty.
        """
        context = self._context.ctx
        buffer = ctypes.c_char_p(data)
        pointer = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_uint8))
        taken = L.llama_state_seq_set_data(context, pointer, len(data), SCRATCH)
        return bool(
            taken == len(data) and L.llama_memory_seq_pos_max(self._context.memory, SCRATCH) == last
        )

    def _settle(self) -> bool:
        """Have llama.cpp turn cells that were moved, which it puts off until it decodes next."""
        try:
            self._feed([0], 0, SCRATCH)
        except (ModelError, Interrupted):
            return False
        finally:
            self._clear(SCRATCH)
        return True

    def _decode(self, tokens: list[int]) -> None:
        if self.cancelled():
            raise Interrupted
        array = (L.llama_token * len(tokens))(*tokens)
        code = L.llama_decode(self._context.ctx, L.llama_batch_get_one(array, len(tokens)))
        if code == 0:
            self.held += tokens
            return
        # Finished parts of an aborted batch stay in the cache; without them ``held`` is true again.
        self._drop(len(self.held))
        if code == ABORTED:
            raise Interrupted
        reason = "the context is full" if code == NO_SLOT else why(f"code {code}")
        raise ModelError(
            f"The model could not read on: {reason}.", "Start a new session with /new."
        )

    def _drop(self, start: int) -> None:
        start = start if self.can_cut else 0
        first, last, _ = self._overlap
        if first < start < last:  # a part of what lies side by side cannot be told from the rest
            start = first
        L.llama_memory_seq_rm(self._context.memory, WORK, self._position(start) or -1, -1)
        if start <= first:
            self._overlap = (0, 0, 0)
        del self.held[start:]

    def _position(self, index: int) -> int:
        first, last, width = self._overlap
        return index if index <= first else index - (last - first) + width

    def _clear(self, sequence: int) -> None:
        L.llama_memory_seq_rm(self._context.memory, sequence, -1, -1)
