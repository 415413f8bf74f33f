"""Calibration: the number of threads is measured once per machine and size of model."""

import json
import os

import pytest
from ggufs import write_llama

from memcli.engine.calibrate import best_threads


class Reader:
    """A context that only counts what is asked of it, and is fastest with one thread."""

    bos = 0

    def __init__(self):
        self.threads = []
        self.held = []

    def set_threads(self, threads):
        self.threads.append(threads)

    def read(self, tokens):
        self.held += tokens

    def keep(self, count):
        del self.held[count:]


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(bytes(1000))
    return path


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def test_tries_each_number_once_and_leaves_nothing(model, cache):
    """One thread, half and all cores are tried, and the context is empty afterwards."""
    reader, cores = Reader(), os.cpu_count() or 1
    chosen = best_threads(reader, model, cache)
    assert sorted(reader.threads) == sorted({1, max(cores // 2, 1), cores})
    assert chosen in reader.threads
    assert reader.held == []


def test_measured_only_the_first_time(model, cache):
    """The second start of the program takes the number from the file."""
    first = best_threads(Reader(), model, cache)
    again = Reader()
    assert best_threads(again, model, cache) == first
    assert again.threads == []


def test_the_file_decides(model, cache):
    """What stands in the file is believed, also where it would be measured otherwise."""
    best_threads(Reader(), model, cache)
    file = cache / "threads.json"
    known = json.loads(file.read_text())
    assert len(known) == 1
    file.write_text(json.dumps(dict.fromkeys(known, 77)))
    assert best_threads(Reader(), model, cache) == 77


def test_a_model_of_another_size_is_measured_too(model, cache, tmp_path):
    """Each size of model has its own number in the same file."""
    larger = tmp_path / "larger.gguf"
    larger.write_bytes(bytes(100_000))
    best_threads(Reader(), model, cache)
    reader = Reader()
    best_threads(reader, larger, cache)
    assert reader.threads
    assert len(json.loads((cache / "threads.json").read_text())) == 2


def test_a_model_of_a_like_size_is_not(model, cache, tmp_path):
    """A model with nearly as many bytes takes the number of the other."""
    like = tmp_path / "like.gguf"
    like.write_bytes(bytes(1020))
    best_threads(Reader(), model, cache)
    reader = Reader()
    best_threads(reader, like, cache)
    assert reader.threads == []


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[1, 2]", b"null", b"7", b'"text"', b"\xff\xfe", b"[[1]]", b"{}"],
)
def test_a_broken_file_is_measured_anew(model, cache, broken):
    """A file that cannot be understood is replaced by a whole one."""
    cache.mkdir()
    (cache / "threads.json").write_bytes(broken)
    reader = Reader()
    chosen = best_threads(reader, model, cache)
    assert reader.threads
    assert list(json.loads((cache / "threads.json").read_text()).values()) == [chosen]


@pytest.mark.parametrize("odd", ["two", None, 1.5, [], 0, -3])
def test_a_number_that_is_none_is_measured_anew(model, cache, odd):
    """A number of threads that no program could use is measured again."""
    best_threads(Reader(), model, cache)
    file = cache / "threads.json"
    file.write_text(json.dumps(dict.fromkeys(json.loads(file.read_text()), odd)))
    reader = Reader()
    chosen = best_threads(reader, model, cache)
    assert reader.threads
    assert chosen >= 1
    assert type(chosen) is int


def test_a_cache_that_cannot_be_written_is_no_error(model, tmp_path):
    """Where the cache folder cannot be made, the number is measured each time."""
    (tmp_path / "file").write_text("in the way")
    for _ in range(2):
        reader = Reader()
        assert best_threads(reader, model, tmp_path / "file" / "cache") >= 1
        assert reader.threads


def test_a_real_context_is_empty_afterwards(tmp_path, cache):
    """Measuring on llama.cpp itself ends with a number and with nothing held."""
    from memcli.engine.llama_context import LlamaContext

    path = write_llama(tmp_path / "tiny.gguf")
    context = LlamaContext(path, size=256, gpu_layers=0, threads=1)
    assert best_threads(context, path, cache) in {1, os.cpu_count(), (os.cpu_count() or 2) // 2}
    assert context.held == []
    context.close()
