"""The reader of GGUF headers: what the ``gguf`` package writes, and whatever else a file may hold."""

import contextlib
import resource
import struct
import time

import gguf
import numpy as np
import pytest
from conftest import shared
from ggufs import CHATML, MERGES, vocabulary, write_llama
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memcli.engine.gguf import Header, read_header
from memcli.errors import ModelError, ModelNotFound

UINT32, INT32, STRING, ARRAY, UINT64, FLOAT64 = 4, 5, 8, 9, 10, 12


def text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def header_bytes(*pairs, version=3, count=None):
    """A GGUF without tensors whose pairs are already bytes."""
    start = b"GGUF" + struct.pack("<IQQ", version, 0, len(pairs) if count is None else count)
    return start + b"".join(pairs)


def pair(key, kind, value):
    return text(key) + struct.pack("<I", kind) + value


@pytest.fixture
def read(tmp_path):
    """Read bytes as if they were a file."""

    def read(raw):
        path = tmp_path / "some.gguf"
        path.write_bytes(raw)
        return read_header(path)

    return read


@pytest.fixture
def tiny(tmp_path):
    return write_llama(tmp_path / "tiny.gguf", context=128, seed=3)


def test_reads_what_the_gguf_package_wrote(tiny):
    """All that memcli asks of a header is there, in the right types."""
    header = read_header(tiny)
    assert header.path == tiny
    assert header.architecture == "llama"
    assert header.name == "tiny-3"
    assert header.chat_template == CHATML
    assert header.integer("context_length") == 128
    assert header.values["tokenizer.ggml.tokens"] == vocabulary()
    assert header.values["tokenizer.ggml.merges"] == MERGES
    assert header.values["tokenizer.ggml.add_bos_token"] is True
    assert not header.embeds


def test_reads_every_type_of_value(tmp_path):
    """Each scalar type, text, and lists of both come out as they went in."""
    path = tmp_path / "types.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    numbers = {
        "uint8": 255,
        "int8": -128,
        "uint16": 65535,
        "int16": -32768,
        "uint32": 2**32 - 1,
        "int32": -(2**31),
        "uint64": 2**64 - 1,
        "int64": -(2**63),
        "float32": 0.5,
        "float64": 0.1,
        "bool": True,
    }
    for kind, value in numbers.items():
        getattr(writer, f"add_{kind}")(kind, value)
    writer.add_string("string", "Zoë \U0001f40d")
    writer.add_array("numbers", [1, 2, 3])
    writer.add_array("texts", ["a", "", "\u00e9"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    values = read_header(path).values
    assert {kind: values[kind] for kind in numbers} == numbers
    assert values["string"] == "Zoë \U0001f40d"
    assert values["numbers"] == [1, 2, 3]
    assert values["texts"] == ["a", "", "\u00e9"]


def test_reads_the_same_as_the_gguf_package():
    """On real models our reader and the reference one agree on every pair."""
    for name in ("recall-2M-f16.gguf", "stories260K-f32.gguf"):
        path = shared("models", name)
        theirs = gguf.GGUFReader(str(path)).fields
        ours = read_header(path).values
        assert ours == {
            key: field.contents() for key, field in theirs.items() if not key.startswith("GGUF.")
        }


def test_says_which_models_embed():
    """A sentence embedder is told from chat models by its header."""
    assert read_header(shared("models", "all-MiniLM-L6-v2-q8_0.gguf")).embeds
    assert not read_header(shared("models", "recall-2M-f16.gguf")).embeds


def test_a_header_without_a_name_is_called_as_its_file(read):
    """A model that does not say its name gets the file's; one without a template has none."""
    header = read(header_bytes(pair("general.architecture", STRING, text("llama"))))
    assert header.name == "some"
    assert header.chat_template == ""
    assert header.integer("context_length") == 0
    assert header.integer("context_length", 512) == 512


def test_numbers_of_the_wrong_type_are_the_default(tmp_path):
    """A length that is text, or no number at all, does not stop a header from being read."""
    for odd in ("long", [1], float("nan"), float("inf")):
        values = {"general.architecture": "llama", "llama.context_length": odd}
        assert Header(tmp_path, values).integer("context_length", 7) == 7


def test_a_missing_file_is_named(tmp_path):
    """The error says which file is not there, and what to type next."""
    with pytest.raises(ModelNotFound) as caught:
        read_header(tmp_path / "none.gguf")
    assert str(tmp_path / "none.gguf") in caught.value.message
    assert caught.value.hint


def test_a_folder_is_no_model(tmp_path):
    """A folder is reported like a missing file."""
    with pytest.raises(ModelNotFound):
        read_header(tmp_path)


def test_a_file_that_may_not_be_read_is_an_error(tmp_path, monkeypatch):
    """A system error while reading names the file and the reason."""
    path = tmp_path / "locked.gguf"
    path.write_bytes(b"GGUF")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(ModelError, match="Permission denied"):
        read_header(path)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"GG",
        b"GGUF",
        b"PK\x03\x04" + bytes(100),
        b"ggjt" + bytes(100),
        header_bytes(version=1),
        header_bytes(version=3 << 24),  # big-endian
        header_bytes(pair("key", 99, b"")),
        header_bytes(count=1),
        b"not a model\n" * 1000,
    ],
    ids=["empty", "two", "magic", "zip", "old", "v1", "endian", "type", "ends", "text"],
)
def test_what_is_no_gguf_is_a_model_error(read, raw):
    """Other files, other versions and unknown types are refused, with the file's name."""
    with pytest.raises(ModelError, match=r"some\.gguf is not a whole GGUF file"):
        read(raw)


def test_a_header_cut_anywhere_is_a_model_error(read):
    """However much of the header is missing, reading it ends in the same error."""
    whole = header_bytes(
        pair("general.architecture", STRING, text("llama")),
        pair("llama.context_length", UINT32, struct.pack("<I", 64)),
        pair("texts", ARRAY, struct.pack("<IQ", STRING, 2) + text("a") + text("bc")),
        pair("numbers", ARRAY, struct.pack("<IQ", INT32, 3) + struct.pack("<3i", 1, 2, 3)),
    )
    assert read(whole).integer("context_length") == 64
    for length in range(len(whole)):
        with pytest.raises(ModelError):
            read(whole[:length])


def test_a_real_header_cut_anywhere_is_a_model_error(read, tiny):
    """The same for a header as the gguf package writes it, at 100 places."""
    raw = tiny.read_bytes()
    end = raw.index(b"<|im_start|>assistant")  # the template stands last
    for length in range(0, end, max(end // 100, 1)):
        with pytest.raises(ModelError):
            read(raw[:length])


@pytest.mark.parametrize(
    "raw",
    [
        header_bytes(count=2**64 - 1),
        header_bytes(struct.pack("<Q", 2**64 - 1)),
        header_bytes(struct.pack("<Q", 2**40) + b"key"),
        header_bytes(pair("key", STRING, struct.pack("<Q", 2**28) + b"a")),
        header_bytes(pair("key", STRING, struct.pack("<Q", 2**63) + b"a")),
        header_bytes(pair("key", ARRAY, struct.pack("<IQ", UINT64, 2**28))),
        header_bytes(pair("key", ARRAY, struct.pack("<IQ", FLOAT64, 2**62))),
        header_bytes(pair("key", ARRAY, struct.pack("<IQ", STRING, 2**28))),
        header_bytes(pair("key", ARRAY, struct.pack("<IQ", ARRAY, 2**28))),
        header_bytes(pair("key", ARRAY, struct.pack("<IQ", 99, 2**28))),
    ],
    ids=[
        "pairs",
        "key",
        "key40",
        "text28",
        "text63",
        "numbers",
        "floats",
        "texts",
        "lists",
        "type",
    ],
)
def test_absurd_lengths_are_refused_quickly(read, raw):
    """A length that the file cannot hold costs neither time nor memory."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(ModelError):
        read(raw)
    assert time.perf_counter() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


def test_lists_nested_without_end_are_refused(read):
    """A list in a list in a list, ten thousand deep, is a broken file and not a crash."""
    nested = struct.pack("<IQ", ARRAY, 1) * 10_000
    with pytest.raises(ModelError):
        read(header_bytes(pair("key", ARRAY, nested + struct.pack("<IQB", 0, 1, 7))))


def test_text_that_is_no_utf8_is_replaced(read):
    """Bytes that are no text do not stop a header from being read."""
    header = read(header_bytes(pair("general.name", STRING, struct.pack("<Q", 2) + b"a\xff")))
    assert header.name == "a\ufffd"


@given(st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_changed_bytes_give_a_header_or_a_model_error(read, data):
    """Whatever bytes a header has, it is read or refused, never anything else."""
    raw = bytearray(
        header_bytes(
            pair("general.architecture", STRING, text("llama")),
            pair("texts", ARRAY, struct.pack("<IQ", STRING, 2) + text("a") + text("bc")),
            pair("numbers", ARRAY, struct.pack("<IQ", FLOAT64, 2) + struct.pack("<2d", 1, 2)),
        )
    )
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=6)):
        raw[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ModelError):
        assert isinstance(read(bytes(raw)).architecture, str)


def test_weights_are_not_read(tmp_path):
    """A header is read though the weights behind it are missing."""
    path = write_llama(tmp_path / "m.gguf")
    raw = path.read_bytes()
    weights = len(raw) - raw.index(np.ones(64, dtype=np.float32).tobytes())
    path.write_bytes(raw[: len(raw) - weights])
    assert read_header(path).name == "tiny-0"
