"""Hidden states: a session goes on where its model stopped, and nothing damaged reaches llama.cpp."""

import random

import numpy as np
import pytest
from ggufs import CHATML, write_llama, write_mamba

from memcli.api import Memcli
from memcli.config import ModelConfig, SamplingConfig
from memcli.engine.base import Cancel, Message, Prompt, Snapshot
from memcli.engine.llama import LlamaEngine
from memcli.media import blob
from memcli.media.blob import Refused
from memcli.media.state import States

GREEDY = SamplingConfig(temperature=0.0, repeat_penalty=1.0, max_tokens=8)
SAID = [Message("system", "Be brief.\n"), Message("user", "Igor lives in Oslo by the water.")]
MORE = Message("user", "And where does Ana live?")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def models(folder):
    llama = write_llama(folder / "tiny.gguf", eos=False, template=CHATML)
    return {"llama": llama, "mamba": write_mamba(folder / "mamba.gguf")}


@pytest.fixture
def load(models, tmp_path):
    engines = []

    def load(name):
        model = ModelConfig(path=str(models[name]), threads=1)
        engines.append(LlamaEngine(model, GREEDY, cache=tmp_path))
        return engines[-1]

    yield load
    for engine in engines:
        engine.close()


def answer(engine, messages):
    generation = engine.answer(Prompt(tuple(messages)), Cancel())
    return "".join(generation), generation.stats


def alike(one, other):
    """Let one engine spell answers that are no text, as random weights write them, like another."""
    one._layout.garbled = dict(other._layout.garbled)


def logits(engine):
    import llama_cpp

    context = engine._context
    pointer = llama_cpp.llama_get_logits_ith(context._context.ctx, -1)
    return np.ctypeslib.as_array(pointer, (context.vocab_size,)).copy()


@pytest.mark.parametrize("name", ["llama", "mamba"])
def test_resumed_as_if_never_left(load, tmp_path, name):
    """The next answer, its distribution and what it reads are those of a session that went on."""
    first, second = load(name), load(name)
    said, _ = answer(first, SAID)
    states = States(tmp_path / "states", 2**30)
    assert states.save("s", first, ["m1"]) > 0
    history = [*SAID, Message("assistant", said), MORE]
    there = answer(first, history)
    before = logits(first)
    restored = states.restore("s", second)
    alike(second, first)
    assert (restored.profile, restored.tokens > 10) == (("m1",), True)
    here = answer(second, history)
    assert here[0] == there[0]
    assert (here[1].reused, here[1].read) == (there[1].reused, there[1].read)
    assert (logits(second) == before).all()


def test_cells_that_were_moved_are_saved_as_they_are(load, tmp_path):
    """Recalled memories are cut out after an answer; the state saved then is that of the rest."""
    told = [SAID[0], Message("system", "- Igor has a boat.\n", recalled=True), SAID[1]]
    first, second = load("llama"), load("llama")
    said, _ = answer(first, told)
    assert second.resume(first.snapshot())
    alike(second, first)
    history = [*SAID, Message("assistant", said), MORE]
    there, here = answer(first, history), answer(second, history)
    assert (here[0], here[1].read) == (there[0], there[1].read)
    assert np.allclose(logits(second), logits(first), atol=0.02)  # the order of cells differs


def test_a_recurrent_state_has_one_size(load):
    """However much was read, a recurrent model's state is as large."""
    engine, sizes = load("mamba"), []
    for length in (1, 20):
        answer(engine, [Message("user", "word " * length)])
        sizes.append(len(engine.snapshot().data))
    assert sizes[0] == sizes[1]


def test_states_of_others_are_refused(load, tmp_path):
    """A state of another model, or none, leaves the engine to read again."""
    llama, mamba = load("llama"), load("mamba")
    states = States(tmp_path, 2**30)
    answer(llama, SAID)
    states.save("s", llama, [])
    assert "another model" in states.restore("s", mamba).note
    assert states.restore("other", llama).note == ""
    assert not mamba.resume(llama.snapshot())
    assert answer(mamba, SAID)[1].read > 0


def test_a_thousand_damaged_files(load, tmp_path):
    """Truncated, mutated, lengthened, from nowhere: refused with a reason, and the answer comes."""
    engine = load("llama")
    whole, _ = answer(engine, SAID)
    states = States(tmp_path, 2**30)
    states.save("s", engine, [])
    (file,) = tmp_path.glob("*.state")
    data, chance = file.read_bytes(), random.Random(4)
    for i in range(1000):
        harmed = bytearray(data)
        if i % 4 == 0:
            harmed = harmed[: chance.randrange(len(data))]
        elif i % 4 == 1:
            harmed += chance.randbytes(chance.randrange(1, 50))
        else:
            for _ in range(chance.randrange(1, 9)):
                at = chance.randrange(200 if i % 4 == 2 else len(data))
                harmed[at] ^= chance.randrange(1, 256)
        file.write_bytes(harmed)
        assert "is read again" in states.restore("s", engine).note
    assert answer(engine, SAID)[0] == whole


def test_what_llama_cpp_refuses_leaves_nothing_behind(load):
    """A state whose checksum is right and whose content is not is no state."""
    engine = load("llama")
    whole, _ = answer(engine, SAID)
    kept = engine.snapshot()
    for wrong in (
        Snapshot(kept.tokens, b""),
        Snapshot(kept.tokens, kept.data[:-1]),
        Snapshot(kept.tokens, kept.data + b"x"),
        Snapshot(kept.tokens[:-1], kept.data),
        Snapshot((), kept.data),
        Snapshot(kept.tokens * 1000, kept.data),
    ):
        assert not engine.resume(wrong)
        assert answer(engine, SAID)[0] == whole


def test_budget(load, tmp_path):
    """The states used longest ago go first; without a budget none is kept."""
    engine = load("llama")
    answer(engine, SAID)
    size = States(tmp_path, 2**30).save("a", engine, [])
    states = States(tmp_path, 2 * size + 10)
    for name in "bc":
        states.save(name, engine, [])
    assert {file.stem for file in tmp_path.glob("*.state")} == {"b", "c"}
    assert States(tmp_path / "none", 0).save("a", engine, []) == 0
    assert States(tmp_path / "small", 10).save("a", engine, []) == 0


def test_blobs_are_private_and_whole(tmp_path):
    """A blob is read as it was written, by its owner only, under its fingerprint only."""
    file = tmp_path / "deep" / "x"
    blob.write(file, {"fingerprint": "f", "n": 1}, b"data")
    header, data = blob.read(file, "f")
    assert (header["n"], bytes(data), file.stat().st_mode & 0o777) == (1, b"data", 0o600)
    for path, fingerprint in ((file, "g"), (tmp_path / "no", "f")):
        with pytest.raises(Refused):
            blob.read(path, fingerprint)
    assert [path.name for path in file.parent.iterdir()] == ["x"]


def test_a_blob_of_something_else_is_no_document(tmp_path):
    """What lies under a document's name and is none is listed as damaged, and cannot be opened."""
    states = States(tmp_path, 2**30)
    blob.write(tmp_path / "doc-x.state", {"fingerprint": "f", "key": "k"}, b"cells")
    (known,) = states.documents()
    assert (known["name"], known["tokens"]) == ("x", 0)
    assert "damaged" in known["source"]


def test_a_chat_goes_on(run, models, own_home):
    """chat --continue says what it did not have to read; forgetting deletes what models had in mind."""
    run("model", "use", models["llama"])
    run("config", "set", "sampling.max_tokens", "4")
    run("chat", stdin="I live in Lisbon.\nThe sky is blue.\n")
    assert len(list(own_home.rglob("*.state"))) == 2  # the session's, and that of the prefix
    result = run("chat", "--continue", stdin="What colour is the sky?\n/stats\n")
    assert "tokens of this session are in the model again, unread" in result.err
    reused = [line for line in result.err.splitlines() if "tokens reused" in line]
    assert not any(line.startswith("0 tokens reused") for line in reused)
    id = run("memory", "list").out.split("\t")[0]
    assert run("memory", "forget", id, "--yes").code == 0
    assert not list(own_home.rglob("*.state"))
    assert "unread" not in run("chat", "--continue", stdin="Hello.\n").err


def test_a_private_chat_leaves_no_state(run, models, own_home):
    """Nothing of a private session is kept."""
    run("model", "use", models["llama"])
    run("config", "set", "sampling.max_tokens", "4")
    run("chat", "--private", stdin="I live in Lisbon.\n")
    (prefix,) = own_home.rglob("*.state")
    assert prefix.name.startswith("prefix-")


def test_what_prompts_begin_with_is_read_once(run, models):
    """The second question does not read the system prompt again, until what it says changes."""
    run("model", "use", models["llama"])
    run("config", "set", "sampling.max_tokens", "4")
    run("config", "set", "chat.system", "You are a helpful assistant who knows the user well.")

    def reused(question):
        err = run("ask", question, "--stats").err
        return int(err.split(" tokens reused")[0].split()[-1])

    assert reused("What is new?") == 0
    first = reused("How is the weather?")
    assert first > 10
    assert reused("Is it far?") == first
    run("remember", "The gate is always closed at night.", "--pin")
    assert 0 < reused("Is it late?") < first + 5
    assert reused("Is it warm?") > first


def test_doctor_finds_states_of_nothing(run, own_home):
    """A state whose session is gone is found, and deleted by --fix."""
    run("remember", "I live in Lisbon.")
    with Memcli() as memory:
        blob.write(memory.paths.states / "gone.state", {"fingerprint": "f"}, b"x")
    assert "FAIL  blobs: 1 of sessions that are gone" in run("doctor").out
    assert run("doctor", "--fix").code == 0
    assert not list(own_home.rglob("*.state"))
