"""Embedders: wordllama from its wheel, a sentence embedder through llama.cpp, and unit rows."""

import socket

import numpy as np
import pytest
from conftest import shared
from ggufs import write_llama
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from memcli.engine.embed import (
    LONGEST_TEXT,
    GgufEmbedder,
    WordLlamaEmbedder,
    load_embedder,
    unit_rows,
)
from memcli.errors import ModelError, ModelNotFound

TEXTS = [
    "Igor lives in Oslo.",
    "Igor has moved to the capital of Norway.",
    "The bread needs an hour in the oven.",
    "今日は良い天気です。",
    "x",
]


@pytest.fixture(scope="module")
def words():
    return load_embedder("wordllama")


@pytest.fixture(scope="module")
def sentences():
    return load_embedder(str(shared("models", "all-MiniLM-L6-v2-q8_0.gguf")))


@pytest.fixture(params=["words", "sentences"])
def embedder(request):
    return request.getfixturevalue(request.param)


def alike(some, others):
    """Whether rows point the same way, but for the noise of 8-bit weights."""
    return bool(((some * others).sum(axis=-1) > 1 - 1e-3).all())


@pytest.fixture
def offline(monkeypatch):
    def refuse(*_):
        raise AssertionError("went online")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_rows_have_length_1(embedder):
    """Each text becomes a row of the promised type, size and length."""
    rows = embedder.embed(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (len(TEXTS), embedder.dims)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_dims_and_ids(words, sentences):
    """The two embedders differ in size and in id, so their vectors are never mixed."""
    assert (words.id, words.dims) == ("wordllama-256-sif", 256)
    assert sentences.dims == 384
    assert sentences.id.startswith("all-MiniLM-L6-v2-q8_0-")


def test_similar_texts_lie_nearer(embedder):
    """Two texts on the same thing are nearer to each other than to one on another."""
    a, b, c, *_ = embedder.embed(
        ["My dog is called Rex.", "The name of my dog is Rex.", "Interest rates rose in May."]
    )
    assert a @ b > 0.6
    assert a @ b > a @ c + 0.3


def test_meaning_counts_for_a_sentence_embedder(sentences):
    """A sentence embedder finds what is said in other words."""
    home, moved, bread, *_ = sentences.embed(TEXTS)
    assert home @ moved > home @ bread + 0.2


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "\u200b", "\ud800", "\U0001f40d", "."])
def test_a_text_without_words_has_a_finite_row(embedder, text):
    """Empty and odd texts get a row of length 1 or of zeros, and their neighbours keep theirs."""
    rows = embedder.embed(["Igor lives in Oslo.", text, "Igor lives in Oslo."])
    assert np.isfinite(rows).all()
    assert np.linalg.norm(rows[1]) == pytest.approx(1, abs=1e-5) or not rows[1].any()
    assert rows[0] @ rows[2] > 0.999


def test_no_texts_make_no_rows(embedder):
    """Nothing in, nothing out, in the right shape."""
    assert embedder.embed([]).shape == (0, embedder.dims)


def test_a_batch_is_as_good_as_one_by_one(embedder):
    """A text has the same row whatever is embedded with it."""
    texts = [*TEXTS, *(f"{text} {text} {text}" for text in TEXTS), "Igor " * 100]
    together = embedder.embed(texts)
    alone = np.vstack([embedder.embed([text]) for text in texts])
    assert alike(together, alone)


def test_a_long_text_is_cut_and_does_not_fail(embedder):
    """What exceeds a model's context, or our limit, is left out of the vector."""
    long = "Igor lives in Oslo. " * 1000
    assert len(long) > LONGEST_TEXT
    rows = embedder.embed([long, "x" * 50_000, long + "And there is more.", *TEXTS[:3]])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    assert alike(rows[0], rows[2])
    assert rows[0] @ rows[3] > rows[0] @ rows[5]


def test_texts_of_many_lengths_are_packed(sentences):
    """Short and long texts in one call come out in their order."""
    texts = [" ".join(["Oslo"] * n) for n in (1, 300, 2, 60, 3, 40, 50, 1)]
    rows = sentences.embed(texts)
    assert alike(rows[0], rows[7])
    assert alike(rows, np.vstack([sentences.embed([text]) for text in texts]))


def test_never_goes_online(offline):
    """The built-in embedder is loaded from its wheel and nothing else."""
    assert load_embedder("wordllama").embed(["text"]).any()


def test_a_missing_file_is_named(tmp_path):
    """The path of an embedder that is not there stands in the error."""
    with pytest.raises(ModelNotFound, match=r"none\.gguf"):
        load_embedder(str(tmp_path / "none.gguf"))


def test_a_path_may_begin_with_a_tilde(tmp_path, monkeypatch):
    """A tilde stands for the user's folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ModelNotFound) as caught:
        load_embedder("~/none.gguf")
    assert str(tmp_path / "none.gguf") in caught.value.message


def test_a_chat_model_is_no_embedder(tmp_path):
    """A model that makes no vector of a text is refused, with what to set instead."""
    path = write_llama(tmp_path / "chat.gguf")
    with pytest.raises(ModelError, match="not an embedding model") as caught:
        GgufEmbedder(path)
    assert "embedder.model" in caught.value.hint


def test_a_trained_chat_model_is_no_embedder():
    """The same for a chat model that was trained."""
    with pytest.raises(ModelError, match="not an embedding model"):
        GgufEmbedder(shared("models", "recall-2M-f16.gguf"))


def test_junk_is_no_embedder(tmp_path):
    """A file that is no GGUF is refused."""
    path = tmp_path / "junk.gguf"
    path.write_bytes(b"junk" * 1000)
    with pytest.raises(ModelError, match=r"junk\.gguf"):
        GgufEmbedder(path)


def test_an_embedder_cut_short_is_refused(tmp_path):
    """A download that did not finish is a model error, as for a chat model."""
    raw = shared("models", "all-MiniLM-L6-v2-q8_0.gguf").read_bytes()
    path = tmp_path / "half.gguf"
    path.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(ModelError, match=r"half\.gguf"):
        GgufEmbedder(path)


def test_unit_rows_by_hand():
    """A row is divided by its length; one of zeros stays; what is not finite counts as zero."""
    nan, inf = float("nan"), float("inf")
    rows = unit_rows(np.array([[3, 4], [0, 0], [nan, nan], [nan, 2], [inf, 2], [-inf, 0]]))
    assert rows.dtype == np.float32
    assert rows == pytest.approx(
        np.array([[0.6, 0.8], [0, 0], [0, 0], [0, 1], [0, 1], [0, 0]], dtype=np.float32)
    )


def test_unit_rows_of_nothing():
    """No rows stay no rows."""
    assert unit_rows(np.zeros((0, 4))).shape == (0, 4)


def test_unit_rows_leaves_its_argument_alone():
    """The matrix given is not changed."""
    matrix = np.array([[3.0, 4.0]], dtype=np.float32)
    unit_rows(matrix)
    assert matrix.tolist() == [[3, 4]]


@pytest.mark.parametrize("scale", [1e-15, 1e-9, 1e9, 1e15])
def test_unit_rows_of_any_size(scale):
    """Rows of tiny and of huge numbers have length 1 as well."""
    rows = unit_rows(np.array([[3, 4]]) * scale)
    assert rows == pytest.approx(np.array([[0.6, 0.8]]), abs=1e-5)


@given(
    arrays(np.float32, (3, 4), elements=st.floats(width=32, min_value=-(2**50), max_value=2**50))
)
@settings(max_examples=100, deadline=None)
def test_unit_rows_are_of_length_0_or_1(matrix):
    """No row is of another length, and none has a number that is none."""
    matrix[np.abs(matrix) < 1e-15] = 0
    rows = unit_rows(matrix)
    assert np.isfinite(rows).all()
    lengths = np.linalg.norm(rows, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))
    assert np.array_equal(lengths == 0, ~matrix.any(axis=1))


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_wordllama_gives_the_vectors_of_its_own_package():
    """Reading wordllama's files directly changes nothing about its vectors."""
    from pathlib import Path

    import wordllama

    folder = Path(wordllama.__file__).parent
    theirs = wordllama.WordLlama.load(dim=256, cache_dir=folder, disable_download=True)
    texts = ["Where is the spare key?", "naïve café, 日本", "x" * 3000, "the the the"]
    expected = unit_rows(theirs.embed(texts))
    ours = WordLlamaEmbedder()
    ours._weights = np.ones_like(ours._weights)  # but for the weights, which are ours
    np.testing.assert_allclose(ours.embed(texts), expected, atol=2e-4)
