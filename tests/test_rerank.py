"""Reranking: how both judgements are joined, and both judges on real llama.cpp."""

import dataclasses
import itertools
import json
from datetime import datetime, timezone

import gguf
import numpy as np
import pytest
from conftest import shared
from ggufs import write_llama, write_mamba
from hypothesis import given
from hypothesis import strategies as st

from memcli import config
from memcli.engine.rerank import CrossEncoder, Likelihood, load_reranker, reranked
from memcli.errors import InvalidInput, ModelError, ModelNotFound
from memcli.records import Hit

CONTROLS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "▁who ▁is ▁my ▁mother ▁paula ▁the ▁cat ▁sleeps ▁in ▁oslo ▁rain ing".split()
VOCABULARY = [*CONTROLS, *WORDS]
WHEN = datetime(2024, 5, 1, tzinfo=timezone.utc)
ASK = "who is my mother"
TEXTS = ["paula is my mother", "the cat sleeps in oslo", "rain", ""]


def write_bert(path, *, pooling=4, template="", add_eos=False, context=64, width=32):
    """Write a BERT of one layer with random weights and the head of a cross-encoder."""
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(str(path), "bert")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(2 * width)
    writer.add_head_count(2)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_uint32("bert.pooling_type", pooling)
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(VOCABULARY)
    writer.add_token_types([3] * len(CONTROLS) + [1] * len(WORDS))
    writer.add_token_type_count(2)
    for name, id in {"padding": 0, "unknown": 1, "bos": 2, "seperator": 3, "mask": 4}.items():
        writer.add_uint32(f"tokenizer.ggml.{name}_token_id", id)
    if add_eos:
        writer.add_eos_token_id(3)
        writer.add_add_eos_token(True)
    if template:
        writer.add_string("tokenizer.chat_template.rerank", template)

    def tensor(name, *shape):
        writer.add_tensor(name, rng.normal(0, 0.3, shape).astype(np.float32))

    def layer(name, outputs, inputs):
        tensor(f"{name}.weight", outputs, inputs)
        tensor(f"{name}.bias", outputs)

    def norm(name):
        writer.add_tensor(f"{name}.weight", np.ones(width, dtype=np.float32))
        writer.add_tensor(f"{name}.bias", np.zeros(width, dtype=np.float32))

    tensor("token_embd.weight", len(VOCABULARY), width)
    tensor("token_types.weight", 2, width)
    tensor("position_embd.weight", context, width)
    norm("token_embd_norm")
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        layer(f"blk.0.{name}", width, width)
    norm("blk.0.attn_output_norm")
    layer("blk.0.ffn_up", 2 * width, width)
    layer("blk.0.ffn_down", width, 2 * width)
    norm("blk.0.layer_output_norm")
    layer("cls", width, width)
    layer("cls.output", 1, width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def hits(*scores):
    """Hits named a, b, c … with these scores."""
    return [
        Hit(id=chr(97 + i), kind="note", text="", when=WHEN, score=score, parts={"words": score})
        for i, score in enumerate(scores)
    ]


def names(found):
    return "".join(hit.id for hit in found)


@pytest.fixture(scope="module")
def load():
    """Load judges, each file once, and free them at the end."""
    judges = {}

    def load(kind, path):
        if path not in judges:
            judges[path] = kind(path)
        return judges[path]

    yield load
    for judge in judges.values():
        judge.close()


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return write_bert(tmp_path_factory.mktemp("models") / "cross.gguf")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return write_llama(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="module")
def mamba(tmp_path_factory):
    return write_mamba(tmp_path_factory.mktemp("models") / "mamba.gguf")


# Joining the judgements


def test_half_and_half():
    """Each judgement is scaled to 0…1, and the means back to where the old scores lay."""
    best = reranked(hits(3.0, 2.0, 1.0), [-9.0, -5.0, -7.0], 0.5)
    assert [(hit.id, hit.score) for hit in best] == [("b", 2.5), ("a", 2.0), ("c", 1.5)]
    assert [hit.parts["rerank"] for hit in best] == [0.5, -1.0, 0.5]


@pytest.mark.parametrize(("weight", "order"), [(0.0, "abcd"), (0.4, "abcd"), (1.0, "cbad")])
def test_weight(weight, order):
    """Without weight nothing changes; with all of it only the new judgement counts."""
    assert names(reranked(hits(3.0, 2.0, 1.0, 0.5), [1.0, 2.0, 3.0], weight)) == order


def test_the_rest_stays_behind():
    """Hits that were not judged stay as they are, behind those that were."""
    found = hits(4.0, 3.0, 2.0, 1.0)
    best = reranked(found, [0.0, 1.0], 1.0)
    assert names(best) == "bacd"
    assert best[2:] == found[2:]


@pytest.mark.parametrize("scores", [[], [1.0, float("nan")], [float("-inf"), 0.0]])
def test_no_judgement(scores):
    """No scores, and scores that are no numbers, change nothing."""
    found = hits(3.0, 2.0)
    assert reranked(found, scores, 1.0) == found


def test_ties_keep_their_order():
    """Hits between which neither judgement sees a difference stay in order."""
    assert names(reranked(hits(1.0, 1.0, 1.0), [2.0, 2.0, 2.0], 0.5)) == "abc"


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-99, 99)), max_size=9),
    st.integers(0, 3),
    st.floats(0, 1),
)
def test_scores_fall_and_are_the_sum_of_their_parts(pairs, rest, weight):
    """Whatever is judged, the same hits come out, the scores fall, and each is its parts' sum."""
    old = sorted((score for score, _ in pairs), reverse=True)
    found = hits(*old, *[-10.0 - i for i in range(rest)])
    best = reranked(found, [score for _, score in pairs], weight)
    assert sorted(names(best)) == sorted(names(found))
    assert all(hit.score == pytest.approx(sum(hit.parts.values())) for hit in best)
    assert all(a.score >= b.score - 1e-9 for a, b in itertools.pairwise(best))


# A cross-encoder


def ids(text):
    return [VOCABULARY.index(word) for word in text.split()]


def test_pair(load, bert, tmp_path):
    """A pair is joined as llama.cpp's server does, with an end where the vocabulary wants one."""
    plain = load(CrossEncoder, bert)
    pair = ids("[CLS] ▁who ▁is [SEP] ▁the ▁cat")
    assert plain.pair("Who is", "the cat") == pair
    ended = load(CrossEncoder, write_bert(tmp_path / "ended.gguf", add_eos=True))
    assert ended.pair("who is", "the cat") == ids("[CLS] ▁who ▁is [SEP] [SEP] ▁the ▁cat [SEP]")


def test_template(load, tmp_path):
    """A model's own template joins the pair; a control token counts there and not in the text."""
    path = write_bert(tmp_path / "t.gguf", template="[CLS] {document} [SEP] {query} [SEP]")
    pair = load(CrossEncoder, path).pair("who is", "the [SEP]cat")
    assert pair == ids("[CLS] ▁the ▁cat [SEP] ▁who ▁is [SEP]")


def test_cross_encoder_scores(load, bert):
    """Each text gets a number of its own, the same each time and in any company."""
    judge = load(CrossEncoder, bert)
    scores = judge.scores(ASK, TEXTS)
    assert np.isfinite(scores).all()
    assert len(set(scores)) == len(TEXTS)
    assert judge.scores(ASK, TEXTS[::-1]) == scores[::-1]
    assert judge.scores(ASK, []) == []


@pytest.mark.parametrize("template", ["", "[CLS] {query} [SEP] {document} [SEP]"])
def test_long_texts_are_cut(load, tmp_path, template):
    """Texts and questions longer than the model reads are cut; its own frame stays whole."""
    judge = load(CrossEncoder, write_bert(tmp_path / "long.gguf", template=template))
    pair = judge.pair(ASK, "the cat " * 5000)
    assert 50 < len(pair) <= 64
    assert pair[:6] == ids("[CLS] ▁who ▁is ▁my ▁mother [SEP]")
    assert not template or pair[-1] == 3
    assert np.isfinite(judge.scores("who " * 5000, ["the " * 5000])).all()


def test_no_cross_encoder(tmp_path):
    """Files that are no cross-encoders are refused with what to do."""
    with pytest.raises(ModelNotFound):
        CrossEncoder(tmp_path / "missing.gguf")
    (tmp_path / "text.gguf").write_text("no model")
    for path in (
        tmp_path / "text.gguf",
        write_bert(tmp_path / "mean.gguf", pooling=1),
        write_llama(tmp_path / "chat.gguf"),
        write_bert(tmp_path / "short.gguf", context=32),
    ):
        with pytest.raises(ModelError) as error:
            CrossEncoder(path)
        assert str(path) in error.value.message
        assert error.value.hint


def test_broken_cross_encoder(tmp_path, bert):
    """A file whose weights are cut off is an error, not the end of the process."""
    path = tmp_path / "cut.gguf"
    path.write_bytes(bert.read_bytes()[:-2000])
    with pytest.raises(ModelError):
        CrossEncoder(path)


# The likelihood


def test_likelihood_is_a_mean(load, tiny):
    """The score is the mean of what a softmax says of each token of the question."""
    judge = load(Likelihood, tiny)
    frame = judge.tokenize("\n\nQuestion:", special=False)
    tokens = judge.tokenize("\n\nQuestion: the cat", special=False)
    before = [judge.bos, *judge.tokenize("rain", special=False)]
    steps = [
        judge._score([*before, *tokens[:i]], 1) for i in range(len(frame) + 1, len(tokens) + 1)
    ]
    assert len(steps) > 2
    assert judge.scores("the cat", ["rain"]) == pytest.approx([np.mean(steps)], abs=1e-3)


@pytest.mark.parametrize("model", ["tiny", "mamba"])
def test_likelihood_scores(load, model, request):
    """Scores are log-probabilities, the same each time and in any company."""
    judge = load(Likelihood, request.getfixturevalue(model))
    scores = judge.scores(ASK, TEXTS)
    assert np.isfinite(scores).all()
    assert max(scores) < 0
    assert judge.scores(ASK, TEXTS[::-1]) == pytest.approx(scores[::-1], abs=1e-4)
    assert judge.scores(ASK, []) == []


@pytest.mark.parametrize("question", ["", "?", "why " * 5000, "\udc80"])
def test_any_question_and_text(load, tiny, question):
    """Empty and very long ones, and what is no Unicode, are judged too."""
    texts = ["", "cat " * 5000, "<s></s><|im_end|>", "\udc80"]
    assert np.isfinite(load(Likelihood, tiny).scores(question, texts)).all()


def test_no_chat_model(tmp_path, bert):
    """An embedding model cannot say how likely a question is."""
    with pytest.raises(ModelError, match="cannot chat"):
        Likelihood(bert)
    with pytest.raises(ModelNotFound):
        Likelihood(tmp_path / "missing.gguf")


@pytest.mark.parametrize("name", ["recall-2M-f16.gguf", "stories260K-f32.gguf"])
def test_trained_models_find_the_line(load, name):
    """The line that holds the answer comes first far more often than the 18 % of chance."""
    judge = load(Likelihood, shared("models", name))
    lines = shared("data", "recall", "dev.jsonl").read_text("utf-8").splitlines()[:60]
    right = []
    for sample in map(json.loads, lines):
        fitting = [bool(sample["value"]) and sample["value"] in m for m in sample["memories"]]
        if any(fitting):
            right.append(fitting[np.argmax(judge.scores(sample["question"], sample["memories"]))])
    assert len(right) > 40
    assert np.mean(right) > 0.4


# Settings


def test_load_reranker(bert, tiny):
    """The settings choose the judge; the chat model serves where no other is set."""
    chat = str(tiny)
    for kind, model, judge in (
        ("cross-encoder", str(bert), CrossEncoder),
        ("likelihood", "", Likelihood),
        ("likelihood", chat, Likelihood),
    ):
        loaded = load_reranker(kind, model, chat if not model else "")
        assert isinstance(loaded, judge)
        loaded.close()


@pytest.mark.parametrize(("kind", "chat"), [("likelihood", ""), ("cross-encoder", "chat.gguf")])
def test_no_model(kind, chat):
    """Reranking without a model for it is an error that says how to set one."""
    with pytest.raises(ModelError, match=kind) as error:
        load_reranker(kind, "", chat)
    assert "memcli config set recall.rerank" in error.value.hint


def test_settings():
    """Reranking is off by default, and its settings have limits."""
    settings = config.load().recall
    values = [value for name, value in dataclasses.asdict(settings).items() if "rerank" in name]
    assert values == ["off", "", 20, 0.2]
    for key, value in {"": "on", "_top": "1", "_weight": "1.5"}.items():
        with pytest.raises(InvalidInput):
            config.load({f"recall.rerank{key}": value})
