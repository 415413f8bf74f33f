"""One llama.cpp model with one context that is ours: what calls llama.cpp to chat.

The context holds ``held``, the tokens of sequence 0 in order; token i stands at position i. The
rules each call keeps to were measured: see docs/lab.md. ``_internals`` is llama-cpp-python's
own, so its version is pinned to a range that was tried.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # else ggml runs gdb before it aborts

import llama_cpp as L
from llama_cpp import _internals

from memcli.config import SamplingConfig
from memcli.engine.grammar import Constrained
from memcli.errors import ModelError

BATCH = 512
WORK, SCRATCH, SEQUENCES = 0, 1, 3  # sequence 0 is the conversation; one more is for splicing
PENALISED_TOKENS = 64
NO_SLOT, ABORTED = 1, 2  # return codes of llama_decode
LEVEL_ERROR = 4

_errors: deque[str] = deque(maxlen=1)  # llama.cpp's last word on why something failed


def _log(level: int, text: bytes, _: Any) -> None:
    if level == LEVEL_ERROR:
        _errors.append(text.decode("utf-8", "replace").strip())


_log_callback = L.llama_log_callback(_log)  # referenced here for as long as llama.cpp may call it
L.llama_log_set(_log_callback, ctypes.c_void_p(0))


class Interrupted(Exception):
    """The reading of a prompt was cancelled; what was read stays in the context."""


class LlamaContext:
    """A model, its vocabulary, and the cells of one conversation."""

    def __init__(self, path: Path, *, size: int, gpu_layers: int, threads: int) -> None:
        """Load a model and make a context of ``size`` tokens.

        Raises:
            ModelError: llama.cpp cannot load the file, or has no memory for the context.
        """
        self.cancelled: Callable[[], bool] = lambda: False
        self.held: list[int] = []
        self._model = self._load(path, gpu_layers)
        self._vocab = self._model.vocab
        self._context = self._make(path, size, threads)
        self._abort = L.ggml_abort_callback(lambda _: self.cancelled())
        L.llama_set_abort_callback(self._context.ctx, self._abort, None)
        self.vocab_size = L.llama_vocab_n_tokens(self._vocab)
        model = self._model.model
        self.can_cut = not (L.llama_model_is_recurrent(model) or L.llama_model_is_hybrid(model))
        self.bos = L.llama_vocab_bos(self._vocab)
        self.adds_bos = bool(L.llama_vocab_get_add_bos(self._vocab)) and self.bos >= 0

    def close(self) -> None:
        """Free the context, then the model."""
        self._context.close()
        self._model.close()

    def set_threads(self, threads: int) -> None:
        """Use this many threads from now on."""
        L.llama_set_n_threads(self._context.ctx, threads, threads)

    # Text and tokens

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of a text; control tokens are only recognised with ``special``."""
        if not text:
            return []
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 8
        tokens = (L.llama_token * room)()
        count = L.llama_tokenize(self._vocab, raw, len(raw), tokens, room, False, special)
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for; a control token stands for none."""
        length = 64
        while True:
            buffer = ctypes.create_string_buffer(length)
            needed = L.llama_token_to_piece(self._vocab, token, buffer, length, 0, False)
            if needed >= 0:
                return buffer.raw[:needed]
            length = -needed

    def name(self, token: int) -> str:
        """Return how a control token is spelled in a template; empty if there is no such token."""
        known = 0 <= token < self.vocab_size  # llama.cpp ends the process for others
        return str(self._model.token_get_text(token)) if known else ""

    def is_control(self, token: int) -> bool:
        """Say whether a token is one that only a template may use."""
        return bool(L.llama_vocab_is_control(self._vocab, token))

    def ends_answer(self, token: int) -> bool:
        """Say whether a model says with this token that it has finished."""
        return token < 0 or bool(L.llama_vocab_is_eog(self._vocab, token))

    # The cells

    def keep(self, count: int) -> None:
        """Drop all but the first ``count`` tokens; a recurrent model can only drop everything."""
        if count < len(self.held):
            self._drop(count)

    def cut(self, start: int, end: int) -> None:
        """Take tokens ``start`` to ``end`` out and move the rest together.

        Only for models that ``can_cut``.
        """
        if start >= end:
            return
        memory = self._context.memory
        L.llama_memory_seq_rm(memory, WORK, start, end)
        L.llama_memory_seq_add(memory, WORK, end, -1, start - end)
        del self.held[start:end]

    def read(self, tokens: Sequence[int]) -> None:
        """Evaluate tokens after those held.

        Raises:
            Interrupted: ``cancelled`` came true; what was read till then is held.
            ModelError: there is no room, or llama.cpp failed.
        """
        for start in range(0, len(tokens), BATCH):
            self._decode(list(tokens[start : start + BATCH]))

    def save(self, count: int) -> bytes:
        """Return the state of the first ``count`` held tokens.

        Nothing where the context is too full for it, or the model cannot part with the others.
        """
        context, memory = self._context.ctx, self._context.memory
        whole = count == len(self.held)
        if not (whole or self.can_cut) or not self._settle():
            return b""
        L.llama_memory_seq_cp(memory, WORK, SCRATCH, 0, -1 if whole else count)
        size = L.llama_state_seq_get_size(context, SCRATCH)
        buffer = (ctypes.c_uint8 * size)()
        written = L.llama_state_seq_get_data(context, buffer, size, SCRATCH)
        L.llama_memory_seq_rm(memory, SCRATCH, -1, -1)
        return ctypes.string_at(buffer, written)  # not a slice: that is a list of numbers

    def load(self, data: bytes, tokens: Sequence[int]) -> bool:
        """Hold tokens whose state was saved, instead of what is held; say whether it fits them.

        If not, nothing is held.
        """
        context, memory = self._context.ctx, self._context.memory
        self.keep(0)
        L.llama_memory_seq_rm(memory, WORK, -1, -1)
        if not tokens or len(tokens) > L.llama_n_ctx(context):
            return False
        buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        # Into a sequence of its own: a state that is refused leaves its sequence empty.
        taken = L.llama_state_seq_set_data(context, buffer, len(data), SCRATCH)
        last = L.llama_memory_seq_pos_max(memory, SCRATCH)
        fits = bool(taken == len(data) and last == len(tokens) - 1)
        if fits:
            L.llama_memory_seq_cp(memory, SCRATCH, WORK, -1, -1)
            self.held = list(tokens)
        L.llama_memory_seq_rm(memory, SCRATCH, -1, -1)
        return fits

    def _settle(self) -> bool:
        """Have llama.cpp turn cells that were moved, which it puts off until it decodes next."""
        batch = _internals.LlamaBatch(n_tokens=1, embd=0, n_seq_max=1)
        token = max(self.bos, 0)
        raw = batch.batch
        raw.n_tokens, raw.token[0], raw.pos[0] = 1, token, 0
        raw.n_seq_id[0], raw.seq_id[0][0], raw.logits[0] = 1, SCRATCH, False
        code = L.llama_decode(self._context.ctx, raw)
        L.llama_memory_seq_rm(self._context.memory, SCRATCH, -1, -1)
        batch.close()
        return bool(code == 0)

    def sampler(self, settings: SamplingConfig, grammar: str = "") -> Any:
        """Return a chain of samplers; it must not outlive the context.

        With a grammar the likeliest of the tokens that it allows is chosen, and repeating costs
        nothing: what is written is for a machine, and may have to quote.

        Raises:
            ModelError: llama.cpp cannot read the grammar.
        """
        if grammar:
            return Constrained(self._vocab, self.vocab_size, grammar)
        chain = _internals.LlamaSampler()
        penalty = settings.repeat_penalty
        if penalty != 1.0:
            chain.add_penalties(self.vocab_size, PENALISED_TOKENS, penalty, 0.0, 0.0)
        if settings.temperature <= 0:
            chain.add_greedy()
            return chain
        chain.add_min_p(settings.min_p)  # first: it needs no sorting of the vocabulary
        chain.add_top_p(settings.top_p)
        chain.add_temp(settings.temperature)
        chain.add_dist(settings.seed if settings.seed >= 0 else L.LLAMA_DEFAULT_SEED)
        return chain

    def sample(self, chain: Any) -> int:
        """Choose the next token from the last one's logits; -1 if a grammar allows none."""
        return int(chain.sample(self._context, -1))

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
        reason = "the context is full" if code == NO_SLOT else _why(f"code {code}")
        raise ModelError(
            f"The model could not read on: {reason}.", "Start a new session with /new."
        )

    def _drop(self, start: int) -> None:
        start = start if self.can_cut else 0
        L.llama_memory_seq_rm(self._context.memory, WORK, start or -1, -1)
        del self.held[start:]

    @staticmethod
    def _load(path: Path, gpu_layers: int) -> Any:
        _errors.clear()
        params = L.llama_model_default_params()
        params.n_gpu_layers = gpu_layers if gpu_layers >= 0 else 0x7FFFFFFF
        try:
            return _internals.LlamaModel(path_model=str(path), params=params, verbose=True)
        except ValueError:
            raise ModelError(
                f"llama.cpp cannot load {path}: {_why('no reason given')}.",
                "Use another GGUF; memcli model list shows those found.",
            ) from None

    def _make(self, path: Path, size: int, threads: int) -> Any:
        params = L.llama_context_default_params()
        params.n_ctx = size
        params.n_batch = params.n_ubatch = min(BATCH, size)
        params.n_seq_max = SEQUENCES
        params.kv_unified = True
        params.flash_attn_type = L.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.n_threads = params.n_threads_batch = threads
        params.no_perf = True
        try:
            return _internals.LlamaContext(model=self._model, params=params, verbose=False)
        except ValueError:
            raise ModelError(
                f"{path}: a context of {size} tokens cannot be made ({_why('no memory')}).",
                "Set a smaller model.context.",
            ) from None


def _why(otherwise: str) -> str:
    return _errors[-1] if _errors else otherwise
