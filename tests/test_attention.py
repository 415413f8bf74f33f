"""The attention that tokens receive: real llama.cpp, on tiny models and one that was trained."""

import re
import signal

import gguf
import llama_cpp as L
import numpy as np
import pytest
from conftest import shared
from ggufs import write_llama, write_mamba

from memcli.engine import attention
from memcli.engine.llama_context import LlamaContext

TOKENS = [0, *np.random.default_rng(7).integers(4, 260, 39).tolist()]
AFTER = np.maximum(np.arange(40)[::-1], 1)


@pytest.fixture
def opened(request):
    def opened(path):
        context = LlamaContext(path, size=512, gpu_layers=0, threads=2)
        request.addfinalizer(context.close)
        seen = attention.Attention(context._model, 300, 2)
        request.addfinalizer(seen.close)  # before its model
        return context, seen

    return opened


@pytest.fixture
def llama(opened, tmp_path):
    return opened(write_llama(tmp_path / "llama.gguf", layers=3))


def test_as_recomputed_from_the_weights(opened, tmp_path):
    path = write_llama(tmp_path / "one.gguf", layers=1, kv=2)  # 4 heads of 16 numbers
    weights = {t.name: t.data.astype(float) for t in gguf.GGUFReader(path).tensors}
    x = weights["token_embd.weight"][TOKENS]
    x /= np.sqrt((x**2).mean(1, keepdims=True) + 1e-5)
    turn = np.exp(1j * np.arange(40)[:, None, None] * 10000.0 ** (-np.arange(8) / 8))  # RoPE
    q, k = (x @ weights[f"blk.0.attn_{name}.weight"].T for name in "qk")
    q, k = (y.reshape(40, -1, 8, 2) @ [1, 1j] * turn for y in (q, k))
    scores = np.einsum("qhd,khd->hqk", q, k.repeat(2, axis=1).conj()).real
    rows = np.exp(scores / 4) * np.tri(40)
    rows *= np.tri(40, k=-1) / rows.sum(-1, keepdims=True)
    expected = rows.sum((0, 1)) / 4 / AFTER
    np.testing.assert_allclose(opened(path)[1].received(TOKENS), expected, rtol=5e-3)  # f16 keys


def test_a_trained_model_gives_one_and_its_first_token_is_a_sink(opened, monkeypatch):
    context, seen = opened(shared("models", "stories260K-f32.gguf"))
    rows, later = [], attention.later
    monkeypatch.setattr(attention, "later", lambda r: (rows.append(r.copy()), later(r))[1])
    text = "Once upon a time there was a girl named Lily. She had a red ball. " * 2
    got = seen.received([context.bos, *context.tokenize(text, special=False)][:40])
    np.testing.assert_allclose(np.sum(rows, axis=2), 1, atol=1e-5)  # layers and heads, queries
    assert (got * AFTER).argmax() == 0  # of all, in sum
    assert got[: len(got) // 2].argmax() == 0  # in the mean, of those with many after them


def test_it_depends_on_the_tokens_alone_and_leaves_the_conversation_alone(llama):
    context, seen = llama
    context.read(TOKENS)

    def logits(*looks):
        context.keep(20)
        seen_now = [seen.received(tokens) for tokens in looks]
        context.read(TOKENS[20:])
        return seen_now, L.llama_get_logits_ith(context._context.ctx, -1)[: context.vocab_size]

    (first, other, again), after = logits(TOKENS, [5] * 300, TOKENS)
    assert after == logits()[1]
    assert np.array_equal(first, again)
    assert other[:-1].all()
    assert [*seen.received([])] == [] and [*seen.received([0])] == [0]  # noqa: PT018
    with pytest.raises(ValueError, match="301 tokens are more than 300"):
        seen.received([5] * 301)


def test_none_where_a_layer_is_not_shown(opened, llama, tmp_path, monkeypatch):
    assert opened(write_mamba(tmp_path / "mamba.gguf"))[1].received(TOKENS) is None
    for name, other in (("NAME", re.compile(rb"kq_soft_max-[01]")), ("F32", 1), ("later", 0)):
        with monkeypatch.context() as patch:
            patch.setattr(attention, name, other)
            assert llama[1].received(TOKENS) is None
    monkeypatch.setattr(attention, "later", lambda rows: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        llama[1].received(TOKENS)
