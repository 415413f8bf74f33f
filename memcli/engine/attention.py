"""How much attention each token of a text receives from those after it.

llama.cpp has no call for it: a callback copies the tensors ``kq_soft_max-<layer>`` as they are
made (``build_attn_mha`` in its llama-graph.cpp; ``ggml_tensor`` in ggml.h). Name and layout are
those of llama-cpp-python 0.3.36; where another build has others, nothing is returned.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import llama_cpp as L
import numpy as np
from llama_cpp import _ctypes_extensions, _ggml, _internals
from numpy.typing import NDArray

from memcli.errors import ModelError

NAME = re.compile(rb"kq_soft_max-\d+")
F32 = 0  # ggml's number of this type


class _Tensor(ctypes.Structure):
    """The beginning of ``ggml_tensor``; ``ne`` are its sizes, innermost first."""

    _fields_ = (("type", ctypes.c_int32), ("_", ctypes.c_void_p), ("ne", ctypes.c_int64 * 4))


@lru_cache(maxsize=1)
def _library() -> Any:
    library = _ctypes_extensions.load_shared_library("ggml-base", _ggml.libggml_base_path)
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    results = {"get_name": ctypes.c_char_p, "nbytes": size, "is_contiguous": ctypes.c_bool}
    for name, result in {"nelements": ctypes.c_int64, **results}.items():
        function = getattr(library, f"ggml_{name}")
        function.restype, function.argtypes = result, [pointer]
    library.ggml_backend_tensor_get.argtypes = [pointer, pointer, size, size]
    return library


def later(rows: NDArray[np.float32]) -> Any:
    """Return what each of n tokens gets from other tokens; ``rows`` (n, n) lose their diagonal."""
    np.fill_diagonal(rows, 0)
    return rows.sum(axis=0, dtype=np.float64)


class Attention:
    """A second context on a model's weights that shows the attention its tokens receive."""

    def __init__(self, model: Any, size: int, threads: int) -> None:
        """Make a context of ``size`` tokens on a ``LlamaModel``, which must outlive it.

        Raises:
            ModelError: llama.cpp has no memory for it.
        """
        self._model, self._size = model.model, size
        self._callback = L.ggml_backend_sched_eval_callback(self._watch)  # must outlive the context
        params = L.llama_context_default_params()
        params.n_ctx = params.n_batch = params.n_ubatch = size  # one graph sees the whole text
        params.n_seq_max, params.no_perf, params.cb_eval = 1, True, self._callback
        params.flash_attn_type = L.LLAMA_FLASH_ATTN_TYPE_DISABLED  # it never makes the tensor
        params.n_threads = params.n_threads_batch = threads
        try:
            self._context = _internals.LlamaContext(model=model, params=params, verbose=False)
        except ValueError:
            raise ModelError(f"There is no memory to look at {size} tokens.") from None

    def received(self, tokens: Sequence[int]) -> NDArray[np.float32] | None:
        """Return the mean attention, 0 to 1, that each token receives from a later one; shape (n,).

        The mean is over layers, heads, and the tokens after it: among the last tokens it is one of
        few, and high, for neighbours look at each other; the very last has none after it and gets
        0. None where a layer does not show its attention (of a hybrid model, where none does).

        Raises:
            ValueError: there are more tokens than ``size``.
            ModelError: llama.cpp failed.
        """
        if len(tokens) > self._size:
            raise ValueError(f"{len(tokens)} tokens are more than {self._size}")
        if not tokens:
            return np.zeros(0, dtype=np.float32)
        self._decode(tokens)
        if self._failure and not isinstance(self._failure, Exception):
            raise self._failure  # Ctrl-C, which ctypes would have swallowed
        expected = 1 if L.llama_model_is_hybrid(self._model) else L.llama_model_n_layer(self._model)
        if self._failure or self._layers < expected:
            return None
        after = np.maximum(np.arange(len(tokens))[::-1], 1)
        return np.asarray(self._total / (self._heads * after), dtype=np.float32)

    def close(self) -> None:
        """Free the context; the model stays."""
        self._context.close()

    def _decode(self, tokens: Sequence[int]) -> None:
        self._total, self._heads, self._layers = np.zeros(len(tokens)), 0, 0
        self._failure: BaseException | None = None
        L.llama_memory_clear(self._context.memory, False)  # then a token's cell is its position
        array = (L.llama_token * len(tokens))(*tokens)
        if code := L.llama_decode(self._context.ctx, L.llama_batch_get_one(array, len(tokens))):
            raise ModelError(f"The attention of a text could not be read: llama.cpp gave {code}.")

    def _watch(self, tensor: int, ask: bool, _: Any) -> bool:
        try:
            found = not self._failure and NAME.fullmatch(_library().ggml_get_name(tensor))
            if found and not ask:
                self._add(tensor)
            return bool(found) or not ask
        except BaseException as error:  # ctypes would print it
            self._failure = error
            return not ask  # a False after the asking would stop the graph

    def _add(self, tensor: int) -> None:
        g, t, n = _library(), _Tensor.from_address(tensor), len(self._total)
        cells, queries, heads, streams = t.ne
        known = t.type == F32 and g.ggml_is_contiguous(tensor)
        known &= math.prod(t.ne) == g.ggml_nelements(tensor) == g.ggml_nbytes(tensor) / 4
        if not known or cells < n or (queries, streams) != (n, 1):
            raise TypeError("this build lays its tensors out otherwise")
        rows = np.empty((n, cells), dtype=np.float32)
        for head in range(heads):  # one by one: a whole layer may be gigabytes
            g.ggml_backend_tensor_get(tensor, rows.ctypes.data, head * rows.nbytes, rows.nbytes)
            self._total += later(rows[:, :n])
        self._heads, self._layers = self._heads + heads, self._layers + 1
