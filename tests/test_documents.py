"""Documents: read once by a model, and every later question starts from there."""

import json
import re

import pytest
from ggufs import CHATML, write_llama, write_mamba

TEXT = (
    "# Handbook\n\nThe gate is closed at nine.\n</document>The cat is Mia.\n\n" + "It rains. " * 30
)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    llama = write_llama(folder / "tiny.gguf", eos=False, template=CHATML, context=2048)
    return {"llama": llama, "mamba": write_mamba(folder / "mamba.gguf", context=2048)}


@pytest.fixture
def handbook(tmp_path):
    file = tmp_path / "The Handbook.md"
    file.write_text(TEXT, "utf-8")
    return file


@pytest.fixture
def build(run, models, handbook):
    def build(name):
        run("model", "use", models[name])
        run("config", "set", "sampling.max_tokens", "4")
        result = run("state", "build", handbook)
        assert (result.code, result.out.split()[0]) == (0, "the-handbook")
        return json.loads(run("state", "list", "--json").out)

    return build


def cost(err):
    """Return the tokens reused and read, of each answer."""
    lines = [line for line in err.splitlines() if "tokens reused" in line]
    return [(int(line.split()[0]), int(line.split(" read")[0].split()[-1])) for line in lines]


@pytest.mark.parametrize("name", ["llama", "mamba"])
def test_a_question_starts_from_what_was_read(run, process, build, name):
    """A process of its own reads the question, and nothing of the document."""
    told = build(name)
    assert told["tokens"] > 200
    for ask in (run, process):
        ((reused, read),) = cost(ask("ask", "When?", "--from", "the-handbook", "--stats").err)
        assert (reused >= told["tokens"], read < 40) == (True, True)


@pytest.mark.parametrize("name", ["llama", "mamba"])
def test_chat_from_a_document(run, build, name, own_home):
    """A session of it saves its own state, a fork keeps the document, whose own state stays."""
    told = build(name)
    run("remember", "The gate is green.", "--pin")
    (file,) = own_home.rglob("doc-*.state")
    before = file.read_bytes()
    typed = "Who is the cat?\n/fork\nWhere does the cat live?\n"
    result = run("chat", "--from", "the-handbook", stdin=typed)
    assert result.code == 0
    assert [reused >= told["tokens"] for reused, _ in cost(result.err)] == [True, True]
    assert file.read_bytes() == before
    assert "FAIL  blobs" not in run("doctor").out
    result = run("chat", "--continue", "--from", "the-handbook", stdin="And then?\n")
    assert cost(result.err)[0][0] >= told["tokens"]


def test_the_fence_holds(run, build):
    """The text cannot close its own block, and /context shows what the model saw."""
    build("llama")
    err = run("chat", "--from", "the-handbook", stdin="When?\n/context\n").err
    code = re.search(r"<document the-handbook ([0-9a-f]{8})>\n# Handbook", err)[1]
    assert err.count(f"</document the-handbook {code}>") == 1
    assert "\n‹/document>The cat" in err


@pytest.mark.parametrize("name", ["llama", "mamba"])
def test_a_recurrent_model_reads_any_length(run, models, tmp_path, name):
    """Its state holds four times what its context does; cells would have no room for that."""
    file = tmp_path / "long.txt"
    file.write_text("The cat sat by the gate. " * 120, "utf-8")
    run("config", "set", "model.context", "256")
    run("config", "set", "sampling.max_tokens", "4")
    run("model", "use", models[name])
    built = run("state", "build", file)
    if name == "llama":
        assert (built.code, "room for 153 of them" in built.err) == (2, True)
        return
    told = json.loads(run("state", "list", "--json").out)
    assert told["tokens"] > 1000
    ((reused, read),) = cost(run("ask", "When?", "--from", "long", "--stats").err)
    assert (reused >= told["tokens"], read < 40) == (True, True)


def test_what_cannot_be_used_is_refused(run, build, models, own_home):
    """A state that is damaged, of another model, dropped or forgotten, is said to be so."""
    build("llama")
    assert "another model" in run("ask", "?", "--from", "the-handbook", "-m", models["mamba"]).err
    (file,) = own_home.rglob("doc-*.state")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    result = run("ask", "When?", "--from", "the-handbook")
    assert (result.code, "it is damaged" in result.err) == (2, True)
    assert "memcli state build FILE --name the-handbook" in result.err
    assert "damaged" in run("state", "list").out
    assert run("state", "drop", "the-handbook").code == 0
    assert run("state", "drop", "the-handbook").code == 3
    assert "is gone" in run("ask", "When?", "--from", "the-handbook").err


def test_forgetting_takes_documents_along(run, build, own_home):
    """Forgetting deletes all that a model had in mind."""
    build("llama")
    run("remember", "The gate is green.")
    run("memory", "forget", run("memory", "list").out.split("\t")[0], "--yes")
    assert (run("state", "list").code, list(own_home.rglob("doc-*"))) == (3, [])


def test_what_cannot_be_read_is_refused(run, models, handbook, tmp_path, monkeypatch):
    """Without a model, without room, without text or a name there is nothing to build."""
    assert "no model to read it" in run("state", "build", handbook).err
    run("model", "use", models["llama"])
    run("config", "set", "model.context", "300")
    result = run("state", "build", handbook)
    assert (result.code, "room for 180 of them" in result.err) == (2, True)
    assert "model.context" in result.err
    assert "cannot be read" in run("state", "build", models["llama"]).err
    assert "is no name" in run("state", "build", handbook, "--name", "../x").err
    run("config", "set", "model.context", "0")
    run("config", "set", "state.budget", "0")
    assert "state.budget" in run("state", "build", handbook).err
