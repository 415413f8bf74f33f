"""One llama.cpp model with one context that is ours: what calls llama.cpp to chat.

``_internals`` is llama-cpp-python's own, so its version is pinned to a range that was tried.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import llama_cpp as L
import numpy as np
from llama_cpp import _internals
from numpy.typing import NDArray

from memcli.config import SamplingConfig
from memcli.engine.attention import Attention
from memcli.engine.cells import BATCH, errors, keeps_cells, why
from memcli.engine.chunks import AUX, SEQUENCES, ChunkCells
from memcli.engine.grammar import Constrained
from memcli.errors import ModelError

PENALISED_TOKENS = 64
WATCHED = 768  # tokens; what the attention of more would take grows with their square


class LlamaContext(ChunkCells):
    """A model, its vocabulary, and the cells of one conversation."""

    def __init__(self, path: Path, *, size: int, gpu_layers: int, threads: int) -> None:
        """Load a model and make a context of ``size`` tokens.

        Raises:
            ModelError: llama.cpp cannot load the file, or has no memory for the context.
        """
        self._model = self._load(path, gpu_layers)
        self._vocab = self._model.vocab
        made = self._make(path, size, threads)
        self._attention: Attention | None = None
        super().__init__(self._model.model, made, L.llama_vocab_n_tokens(self._vocab))
        self.bos = L.llama_vocab_bos(self._vocab)
        self.adds_bos = bool(L.llama_vocab_get_add_bos(self._vocab)) and self.bos >= 0

    def close(self) -> None:
        """Free the contexts, then the model."""
        if self._attention:
            self._attention.close()
        self._context.close()
        self._model.close()

    def set_threads(self, threads: int) -> None:
        """Use this many threads from now on."""
        L.llama_set_n_threads(self._context.ctx, threads, threads)

    def attention(self, tokens: list[int]) -> NDArray[np.float32] | None:
        """Return the attention that each token receives, see ``engine.attention``.

        None where it cannot be read, or there are more than ``WATCHED`` tokens.
        """
        if len(tokens) > WATCHED:
            return None
        if self._attention is None:  # one for all: the model lets go of none before it closes
            self._attention = Attention(self._model, WATCHED, L.llama_n_threads(self._context.ctx))
        return self._attention.received(tokens)

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

    def is_marker(self, token: int) -> bool:
        """Say whether a token is recognised in any text, though it is not as words are.

        Some models declare the markers of their templates so, rather than as control tokens.
        """
        attributes = L.llama_vocab_get_attr(self._vocab, token)
        return bool(attributes & L.LLAMA_TOKEN_ATTR_USER_DEFINED)

    def ends_answer(self, token: int) -> bool:
        """Say whether a model says with this token that it has finished."""
        return token < 0 or bool(L.llama_vocab_is_eog(self._vocab, token))

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

    @staticmethod
    def _load(path: Path, gpu_layers: int) -> Any:
        errors.clear()
        params = L.llama_model_default_params()
        params.n_gpu_layers = gpu_layers if gpu_layers >= 0 else 0x7FFFFFFF
        try:
            return _internals.LlamaModel(path_model=str(path), params=params, verbose=True)
        except ValueError:
            raise ModelError(
                f"llama.cpp cannot load {path}: {why('no reason given')}.",
                "Use another GGUF; memcli model list shows those found.",
            ) from None

    def _make(self, path: Path, size: int, threads: int) -> Any:
        params = L.llama_context_default_params()
        params.n_ctx = size
        params.n_batch = params.n_ubatch = min(BATCH, size)
        # Each sequence of a model with a state takes a whole one.
        params.n_seq_max = SEQUENCES if keeps_cells(self._model.model) else AUX + 1
        params.kv_unified = True
        params.flash_attn_type = L.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.n_threads = params.n_threads_batch = threads
        params.no_perf = True
        try:
            return _internals.LlamaContext(model=self._model, params=params, verbose=False)
        except ValueError:
            raise ModelError(
                f"{path}: a context of {size} tokens cannot be made ({why('no memory')}).",
                "Set a smaller model.context.",
            ) from None
