"""Counting tokens: as llama.cpp does where the vocabulary allows it, marked as a guess elsewhere."""

import socket
from pathlib import Path

import pytest
from conftest import shared
from ggufs import MERGES, write_llama
from hypothesis import given, settings
from hypothesis import strategies as st

from memcli.engine.gguf import Header, read_header
from memcli.engine.tokens import PATTERNS, SLICE, counter_for, encoding_of, estimate

TEXTS = [
    "",
    " ",
    "\n",
    "   \n\t  ",
    "the",
    "The theatre in the there, then",
    " the  the   the",
    "It's the cat's; they're WE'LL don't",
    "in 2024-02-27 at 12:30, 1234567890 ½ ²",
    "<|im_start|>user\n</s><s><|im_end|>",
    "Grüße aus Zürich, señor Ñandú",
    "Привет, мир! Ψυχή שלום مرحبا",
    "今日は良い天気です。東京は",
    "\U0001f40d\U0001f9e0 family: \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "e\u0301 combining, \ufeff bom, \u00a0 no-break, \u3000 wide",
    "\x00\x01\x1b[31m",
    "a" * 500,
    "¡¿!?…—«»" * 20,
    "line\r\nline\rline\n\n\nline",
    "def f(x):\n    return x ** 2  # code\n",
]
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
words = st.lists(
    st.sampled_from([*TEXTS[4:14], " ", "\n", "'s", "'S", "the ", "Ünïcode", "7", "\u0661", "_"]),
    max_size=12,
).map("".join)


class Vocabulary:
    """llama.cpp's own tokenizer for a file, without its weights."""

    def __init__(self, path):
        import llama_cpp
        from llama_cpp import _internals

        params = llama_cpp.llama_model_default_params()
        params.vocab_only = True
        self.model = _internals.LlamaModel(path_model=str(path), params=params, verbose=False)

    def count(self, text):
        return len(self.model.tokenize(text.encode(), add_bos=False, special=False))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    path = write_llama(tmp_path_factory.mktemp("models") / "tiny.gguf")
    return counter_for(read_header(path)), Vocabulary(path)


@pytest.fixture(scope="module")
def trained():
    path = shared("models", "recall-2M-f16.gguf")
    return counter_for(read_header(path)), Vocabulary(path)


@pytest.fixture
def offline(monkeypatch):
    """No connection is ever made, and no encoding was downloaded before."""

    def refuse(*_):
        raise AssertionError("went online")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def nothing_downloaded(monkeypatch, tmp_path):
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "none"))


def bpe(merges, pre="gpt-2", model="gpt2"):
    """A header with nothing but a vocabulary."""
    values = {
        "tokenizer.ggml.model": model,
        "tokenizer.ggml.pre": pre,
        "tokenizer.ggml.merges": merges,
    }
    return Header(Path("some.gguf"), values)


def test_counts_by_hand():
    """Bytes join in the order of the merges, and only inside a word."""
    count = counter_for(bpe(MERGES)).count
    assert count("") == 0
    assert count("th") == 1
    assert count("the") == 1
    assert count(" the") == 1
    assert count("the the") == 2
    assert count("hte") == 3
    assert count("é") == 2  # two bytes, no merge


@pytest.mark.parametrize("text", TEXTS)
def test_counts_like_llama_cpp(tiny, text):
    """On a byte-level BPE model the count is the one of llama.cpp's own tokenizer."""
    counter, vocabulary = tiny
    assert counter.count(text) == vocabulary.count(text)


@pytest.mark.parametrize("text", TEXTS)
def test_counts_like_llama_cpp_on_a_trained_vocabulary(trained, text):
    """The same on a vocabulary that was learnt, with a thousand merges."""
    counter, vocabulary = trained
    assert counter.exact
    assert counter.count(text) == vocabulary.count(text)


@given(any_text | words)
@settings(max_examples=300, deadline=None)
def test_any_text_counts_like_llama_cpp(tiny, trained, text):
    """There is no text, in any script, on which the two counts differ."""
    for counter, vocabulary in (tiny, trained):
        assert counter.count(text) == vocabulary.count(text)


@pytest.mark.parametrize("pre", sorted(PATTERNS))
def test_each_known_way_of_cutting_counts_like_llama_cpp(tmp_path, pre):
    """Each family of tokenizers that is said to be exact is so."""
    path = write_llama(tmp_path / "m.gguf", pre=pre)
    counter, vocabulary = counter_for(read_header(path)), Vocabulary(path)
    assert counter.exact
    for text in TEXTS:
        assert (text, counter.count(text)) == (text, vocabulary.count(text))


def test_a_long_text_counts_like_llama_cpp(trained):
    """A text of several slices counts as in one piece, but for a few tokens at each cut."""
    counter, vocabulary = trained
    text = "Igor lives in Oslo and likes the theatre. " * (3 * SLICE // 42)
    cuts = (len(text) - 1) // SLICE
    assert abs(counter.count(text) - vocabulary.count(text)) <= 4 * cuts


def test_a_word_of_a_megabyte_takes_no_minute(trained):
    """Text without a space is counted in slices: merging takes the square of a word's length."""
    counter, _ = trained
    assert counter.count("a" * 1_000_000) > 1000


def test_half_a_character_is_counted(tiny):
    """Text that cannot be encoded, such as a broken file name, still has a count."""
    counter, _ = tiny
    assert counter.count("a\ud800b") > 2


def test_without_merges_a_count_is_an_estimate(offline, nothing_downloaded):
    """A model whose vocabulary is of another kind gets an estimate that says so."""
    counter = counter_for(read_header(shared("models", "stories260K-f32.gguf")))
    assert not counter.exact
    assert counter.name == "characters / 4"
    assert counter.count("12345") == 2


@pytest.mark.parametrize(
    "header",
    [
        None,
        Header(Path("some.gguf"), {}),
        bpe(MERGES, model="llama"),
        bpe(MERGES, pre="unheard-of"),
        bpe([]),
    ],
    ids=["no model", "nothing", "spm", "unknown", "empty"],
)
def test_what_cannot_be_exact_says_so(offline, nothing_downloaded, header):
    """Without a model, a byte-level vocabulary or a known way of cutting, a count is a guess."""
    counter = counter_for(header)
    assert not counter.exact
    assert counter.count("Where does Igor live?") == 6


@pytest.mark.parametrize(
    "merges",
    ["t h", [1, 2], ["日 本"], [["t", "h"]], 7, [""]],
    ids=["text", "numbers", "characters", "lists", "number", "empty"],
)
def test_a_broken_vocabulary_is_no_error(offline, nothing_downloaded, merges):
    """Merges that are none make an estimate, for a header may hold anything."""
    counter = counter_for(bpe(merges))
    assert counter.count("four") >= 1


def test_never_goes_online(offline, nothing_downloaded, tmp_path):
    """No way of counting opens a connection."""
    counter_for(None).count("text")
    counter_for(read_header(write_llama(tmp_path / "m.gguf"))).count("text")


def test_a_download_that_is_not_there_is_not_looked_for_online(offline, monkeypatch, tmp_path):
    """Without tiktoken's file on disk the count is an estimate by characters."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert counter_for(None).name == "characters / 4"


def test_a_damaged_download_does_not_go_online(offline, monkeypatch, tmp_path):
    """A cached encoding that is damaged leads to the estimate: tiktoken would fetch it again."""
    import hashlib

    from memcli.engine import tokens

    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    name = hashlib.sha1(tokens.FALLBACK_URL.encode()).hexdigest()
    (tmp_path / name).write_bytes(b"damaged")
    monkeypatch.setattr("tiktoken.registry.ENCODINGS", {})  # as in a program that just began
    assert counter_for(None).count("12345") == 2


def test_the_estimate_rounds_up():
    """Four characters are a token, and so is a part of four."""
    assert [estimate("x" * n) for n in (0, 1, 4, 5, 8, 9)] == [0, 1, 1, 2, 2, 3]


def test_only_bpe_makes_an_encoding(tmp_path):
    """An encoding is made where it would be exact, and carries the model's name."""
    assert encoding_of(bpe(MERGES)).name == "some"
    assert encoding_of(bpe(MERGES, model="bert")) is None
    assert encoding_of(bpe(MERGES, pre="unheard-of")) is None
