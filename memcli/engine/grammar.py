"""Answers that a grammar allows: for what a program reads, not a person."""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp as L
import numpy as np

from memcli.errors import ModelError


class Constrained:
    """Chooses the likeliest token that a grammar allows.

    The grammar looks at the likeliest token alone, and at the whole vocabulary only if it refuses
    that one: it takes 16 ms to go through 150,000 tokens.
    """

    def __init__(self, vocab: Any, size: int, grammar: str) -> None:
        """Read a grammar (GBNF) for a vocabulary of ``size`` tokens.

        Raises:
            ModelError: llama.cpp cannot read it.
        """
        self._vocab, self._size = vocab, size
        self._grammar = L.llama_sampler_init_grammar(
            vocab, grammar.encode("utf-8", "replace"), b"root"
        )
        if not self._grammar:  # a null pointer, which is not None
            raise ModelError(
                f"llama.cpp cannot read the grammar that begins {grammar[:60]!r}.",
                "This is a mistake in memcli: please report it.",
            )

    def sample(self, context: Any, index: int) -> int:
        """Return the next token after the one at ``index``, or -1 if none is allowed."""
        logits = L.llama_get_logits_ith(context.ctx, index)
        scores = np.ctypeslib.as_array(logits, (self._size,))
        token = int(np.argmax(scores))
        if np.isneginf(self._allowed(np.array([token]), scores)).all():
            allowed = self._allowed(np.arange(self._size), scores)
            token = int(np.argmax(allowed))
            if np.isneginf(allowed[token]):
                return -1
        if not L.llama_vocab_is_eog(self._vocab, token):  # after the end there is nothing to follow
            L.llama_sampler_accept(self._grammar, token)
        return token

    def close(self) -> None:
        """Free the grammar."""
        if self._grammar:
            L.llama_sampler_free(self._grammar)
        self._grammar = None

    def _allowed(self, tokens: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """Return the tokens' scores, minus infinity for those that the grammar refuses."""
        data = np.zeros(len(tokens), [("id", np.int32), ("logit", np.float32), ("p", np.float32)])
        data["id"], data["logit"] = tokens, scores[tokens]
        pointer = data.ctypes.data_as(ctypes.POINTER(L.llama_token_data))
        array = L.llama_token_data_array(pointer, len(tokens), -1, False)
        L.llama_sampler_apply(self._grammar, ctypes.byref(array))
        return data["logit"]
