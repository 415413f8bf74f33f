"""KV memory: spliced cells are those of the text, are kept well, and never do harm."""

import itertools
import json
import random
from dataclasses import replace

import numpy as np
import pytest
from ggufs import CHATML, write_llama, write_mamba

from memcli.api import Memcli
from memcli.config import KVConfig, ModelConfig, SamplingConfig
from memcli.engine.base import Cancel, Chunk, Message, Prompt
from memcli.engine.llama import LlamaEngine, fingerprint
from memcli.engine.splice import divergence
from memcli.media import kv_codec
from memcli.media.guard import Guard, Verdict
from memcli.media.kv import KVMemory

GREEDY = SamplingConfig(temperature=0.0, repeat_penalty=1.0, max_tokens=6)
LEAD = "Answer from the memories.\n"
LINES = [
    "- 2024-02-27: Igor lives in Oslo by the water.\n",
    "- 2024-03-01: Ana keeps nine bees in the north garden.\n",
    "- 2024-03-05: The spare key is under the blue pot.\n",
]
ON = KVConfig(splice="on", codec="f16", again=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def tiny(folder):
    return write_llama(folder / "tiny.gguf", eos=False, template=CHATML, context=1024)


@pytest.fixture
def load(tiny, tmp_path):
    engines = []

    def load(settings=None, path=tiny, **model):
        cells = KVMemory(tmp_path / "cells", settings, tmp_path / "kv.json") if settings else None
        given = ModelConfig(path=str(path), threads=1, **model)
        engines.append(LlamaEngine(given, GREEDY, cache=tmp_path, cells=cells))
        engines[-1].store_of = cells
        return engines[-1]

    yield load
    for engine in engines:
        engine.close()


def turn(lines=LINES, question="Where is it?", window=()):
    """Return a turn that recalls lines, each with an id of its own."""
    chunks = tuple(Chunk(f"m{i}", line) for i, line in enumerate(lines))
    told = Message("system", "".join(lines), recalled=True, chunks=chunks)
    messages = (Message("system", LEAD), *window, told, Message("user", question))
    return Prompt(messages, lead=LEAD)


def answer(engine, prompt):
    generation = engine.answer(prompt, Cancel())
    return "".join(generation), generation.stats


def read(engine, prompt):
    """Read a prompt without answering; return the logits of the next token."""
    tokens, spans = engine._layout.place(prompt.messages)
    engine._read_prompt(tokens, spans, prompt, stats := answer_stats())
    return engine._context.logits(), stats


def answer_stats():
    from memcli.engine.base import Stats

    return Stats()


# Splicing


def test_one_chunk_behind_its_lead_is_exact(load):
    """Where a chunk stands as it was written, its cells are those of the text, bit for bit.

    Read in batches that end where the splice's do: with others llama.cpp rounds otherwise.
    """
    plain, spliced = load(), load(replace(ON, again=0))
    prompt = turn(LINES[:1])
    tokens, (span,) = plain._layout.place(prompt.messages)
    for start, end in itertools.pairwise((0, span.start, span.end, len(tokens))):
        plain._context.read(tokens[start:end])
    after, stats = read(spliced, prompt)
    assert stats.spliced == span.end - span.start
    assert (after == plain._context.logits()).all()


@pytest.mark.parametrize("mode", ["series", "parallel"])
def test_all_read_again_is_the_text(load, mode):
    """With k = n nothing is spliced, and nothing differs."""
    before, _ = read(load(), turn())
    after, stats = read(load(replace(ON, again=1000, mode=mode)), turn())
    assert (stats.spliced, (after == before).all()) == (0, True)


def test_more_read_again_is_nearer_to_the_text(load):
    """The error falls with k, and is small where all but one token are read again."""
    plain = load()
    before, _ = read(plain, turn())
    shortest = min(map(plain.count, LINES))
    found = []
    for again in (0, shortest // 2, shortest - 1):
        after, stats = read(load(replace(ON, again=again)), turn())
        assert stats.spliced == sum(plain.count(line) - again for line in LINES)
        found.append(divergence(before, after))
    assert found[0] > found[1] > found[2]


def test_held_is_what_llama_holds(load):
    """Splicing, answering and taking out again keep tokens and positions in step, turn by turn."""
    import llama_cpp

    for mode in ("series", "parallel"):
        engine = load(replace(ON, mode=mode))
        window = []
        for question in ("Where is it?", "And the key?", "Who?"):
            said, stats = answer(engine, turn(question=question, window=window))
            assert stats.spliced > 0
            window += [Message("user", question), Message("assistant", said)]
            memory = engine._context._context.memory
            last = llama_cpp.llama_memory_seq_pos_max(memory, 0)
            assert last == len(engine._context.held) - 1  # the memories are out again
        assert stats.reused > 20


def test_window_is_reused_after_a_splice(load):
    """The next turn reads its memories' first tokens and its message, nothing that came before."""
    engine = load(ON)
    said, _ = answer(engine, turn())
    window = [Message("user", "Where is it?"), Message("assistant", said)]
    _, stats = answer(engine, turn(question="Why?", window=window))
    assert (stats.stored, stats.spliced > 20, stats.read < 60) == (0, True, True)


@pytest.mark.parametrize("mode", ["series", "parallel"])
def test_too_little_room_is_read_as_text_or_said(load, mode):
    """In a context that is nearly full cells cannot be written; the answer comes all the same."""
    engine = load(replace(ON, mode=mode), context=256)
    filler = [Message("user", "x" * 90), Message("assistant", "y")]
    text, stats = answer(engine, turn(LINES[:1], window=filler))
    assert text
    assert stats.read + stats.spliced + stats.reused <= 256


def test_cancelled_while_cells_are_written(load):
    """Ctrl-C in the middle leaves an engine that answers as a fresh one does."""
    engine = load(ON)
    cancel = Cancel()
    cancel.raise_()
    generation = engine.answer(turn(), cancel)
    assert ("".join(generation), generation.interrupted) == ("", True)
    assert answer(engine, turn())[0] == answer(load(ON), turn())[0]


def test_chunks_stand_in_merged_messages(load, folder):
    """A template without a place for memories puts them before the user's words: still spliced."""
    template = "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no') }}"
    template += "{% endif %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{{ 'assistant: ' }}"
    path = write_llama(folder / "narrow.gguf", eos=False, template=template, context=512)
    plain, spliced = load(path=path), load(ON, path=path)
    tokens, spans = spliced._layout.place(turn().messages)
    pieces = [b"".join(map(spliced._context.piece, tokens[s.start : s.end])) for s in spans]
    assert [p.decode() for p in pieces] == LINES
    before, after = read(plain, turn(LINES[:1]))[0], read(spliced, turn(LINES[:1]))
    assert (after[1].spliced > 10, divergence(before, after[0]) < 1e-3) == (True, True)


def test_recurrent_models_read_text(load, folder):
    """A state cannot be spliced: memories are read, and nothing is stored."""
    path = write_mamba(folder / "mamba.gguf", context=1024)
    engine = load(ON, path=path)
    said, stats = answer(engine, turn())
    assert (stats.spliced, stats.stored, engine.store_of.blobs()) == (0, 0, [])
    assert said == answer(load(path=path), turn())[0]


# The guard


def test_a_model_is_compared_first(load, monkeypatch):
    """The first prompt is read both ways, and answered from the text; so is one of fifty later."""
    monkeypatch.setattr("memcli.media.guard.AGREEMENT", 0.0)  # random weights agree on nothing
    engine = load(replace(ON, splice="auto", limit=100.0, again=8))
    said, stats = answer(engine, turn())
    assert (stats.compared, stats.spliced) == (True, 0)
    assert said == answer(load(), turn())[0]
    _, stats = answer(engine, turn())
    assert (stats.compared, stats.spliced > 0) == (False, True)
    engine.store_of.flush()
    again = load(replace(ON, splice="auto", limit=100.0, again=8))  # it is known on the next day
    compared = [answer(again, turn())[1].compared for _ in range(100)]
    assert (compared[0], sum(compared)) == (False, 2)


def test_past_the_limit_text_is_read(load):
    """A model that reads cells otherwise than text is not given any, and that is said."""
    engine = load(replace(ON, splice="auto", limit=0.0, again=0))
    first = [answer(engine, turn())[1].compared for _ in range(4)]
    assert first == [True, True, True, False]
    said, stats = answer(engine, turn())
    assert (stats.compared, stats.spliced) == (False, 0)
    assert said == answer(load(), turn())[0]
    assert "text is read instead" in engine.store_of.verdict(engine.fingerprint)
    other = load(replace(ON, splice="auto", limit=0.0, again=0))
    assert answer(other, turn())[1].compared is False


def test_one_exception_does_not_condemn(tmp_path):
    """Bad once, good twice: the median decides, and what is no number is never good."""
    guard = Guard(tmp_path / "kv.json", "series", 0.1)
    for seen, trusted in ((9.0, False), (0.01, False), (0.02, True)):
        assert guard.due("model")
        guard.judge("model", seen, 1.0)
        assert guard.verdict("model").trusted == trusted
    assert not guard.due("model")
    guard.judge("other", float("nan"), 1.0)
    assert not guard.verdict("other").trusted
    (tmp_path / "kv.json").write_text('{"x": [1, 2]}')
    assert Guard(tmp_path / "kv.json", "series", 0.1).verdict("model") == Verdict()


# Blobs


def test_a_thousand_damaged_blobs(load, tmp_path):
    """Truncated, mutated, of another model or line: refused with a reason, and the answer comes."""
    first = load(ON)
    wanted, _ = answer(first, turn())
    files = sorted((tmp_path / "cells").glob("*.kv"))
    whole = files[0].read_bytes()
    rng = random.Random(0)
    engine = load(ON)
    for i in range(1000):
        data = bytearray(whole)
        if i % 4 == 0:
            data = data[: rng.randrange(len(data))]
        elif i % 4 == 1:
            data = bytearray(files[1].read_bytes())  # another line under this name
        elif i % 4 == 2:
            data += rng.randbytes(rng.randrange(1, 50))
        if i % 4 == 3:
            for _ in range(rng.randrange(1, 5)):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        if bytes(data) == whole:
            continue
        files[0].write_bytes(data)
        engine.store_of._ram.clear()
        engine.store_of.refused = ""
        name, key = files[0].name, "x" * 64
        assert engine.store_of._load(name, key, engine.fingerprint) == b""
        assert "is not used" in engine.store_of.refused
    assert answer(engine, turn())[0] == wanted  # written again


def test_blobs_belong_to_one_model(load, folder):
    """Other weights make other keys: nothing of one model reaches another."""
    other = write_llama(folder / "other.gguf", eos=False, context=1024, seed=7)
    answer(load(ON), turn())
    _, stats = answer(load(ON, path=other), turn())
    assert stats.stored > 0


def test_every_byte_of_a_model_counts(tiny, tmp_path):
    """The fingerprint of a small file changes with any byte of it."""
    data = bytearray(tiny.read_bytes())
    copy = tmp_path / "copy.gguf"
    for at in (len(data) // 3, len(data) // 2, len(data) - 1):
        changed = bytearray(data)
        changed[at] ^= 1
        copy.write_bytes(changed)
        assert fingerprint(copy) != fingerprint(tiny)


def test_budgets_hold(load, tmp_path):
    """What is read most stays on disk; RAM holds no more than it may."""
    lines = [f"- 2024-01-01: Fact number {i} of a long row of facts.\n" for i in range(16)]
    engine = load(ON)
    for _ in range(3):
        answer(engine, turn(lines[:2]))
    answer(engine, turn(lines))
    store = engine.store_of
    store.flush()
    kept = store.size() // 3
    gone, freed = store.prune(kept)
    assert gone > 5
    assert freed > 0
    assert store.size() <= kept
    assert {b.id for b in store.blobs()} >= {"m0", "m1"}
    small = KVMemory(tmp_path / "small", replace(ON, budget=0, ram=0), tmp_path / "kv.json")
    engine.use_cells(small)
    assert answer(engine, turn(lines))[1].spliced > 0
    assert (small.size(), small._ram_size) == (0, 0)


def test_processes_share_blobs(run, process, tiny):
    """What one process wrote, another splices; what is forgotten leaves no cells."""
    run("model", "use", tiny)
    for name, value in (("kv.splice", "on"), ("sampling.max_tokens", "4"), ("model.threads", "1")):
        run("config", "set", name, value)
    run("remember", "The spare key is under the blue pot by the garden door.")
    id = run("memory", "list").out.split("\t")[0]
    assert "stored as cells" in run("ask", "Where is the spare key?", "--stats").err
    told = process("ask", "Where is the spare key?", "--stats").err
    assert ("spliced" in told, "as text" in told, "stored" in told) == (True, True, False)
    assert "KV cells" in run("memory", "show", id).out
    assert run("kv", "status").out.startswith("stored  1,")
    assert run("kv", "verify").out.strip() == "1 of 1 are whole"
    run("memory", "forget", id, "--yes")
    assert run("kv", "status").out.startswith("stored  0,")


def test_build_status_prune(run, tiny, own_home):
    """Cells can be written ahead, are then spliced at first sight, and can be deleted."""
    run("model", "use", tiny)
    for name, value in (("kv.splice", "on"), ("sampling.max_tokens", "4"), ("model.threads", "1")):
        run("config", "set", name, value)
    run("remember", "The spare key is under the blue pot by the garden door.")
    run("remember", "Ana keeps nine bees in the north garden.")
    assert "2 memories are stored as cells" in run("kv", "build").out
    assert run("kv", "build").out.startswith("0 tokens read")
    told = run("ask", "Where is the spare key?", "--stats").err
    assert ("spliced" in told, "stored" in told) == (True, False)
    rows = [json.loads(line) for line in run("kv", "status", "--json").out.splitlines()]
    assert rows[0]["reads"] == 2  # once by the second build
    (file, _) = sorted(own_home.rglob("*.kv"))
    file.write_bytes(file.read_bytes()[:-3])
    assert "blobs" in run("doctor").out
    assert "deleted" in run("kv", "verify").out
    assert run("kv", "prune").out.startswith("0 deleted")
    assert run("kv", "prune", "--to", "0").out.startswith("1 deleted")
    run("model", "use", "none")
    assert "no model" in run("kv", "build").err


def test_forgetting_takes_cells_from_a_running_chat(tiny, tmp_path):
    """Neither RAM nor the context holds what was forgotten."""
    settings = {"model.path": str(tiny), "kv.splice": "on", "sampling.max_tokens": 4}
    with Memcli(folder=tmp_path / "m", settings={**settings, "model.threads": 1}) as memory:
        (learnt,) = memory.remember("The spare key is under the blue pot.")
        memory.chat_turn("Where is the spare key?")
        assert memory.kv._ram
        memory.forget(learnt.memory.id)
        assert (memory.kv._ram, memory.kv.blobs()) == ({}, [])
        held = b"".join(map(memory.engine._context.piece, memory.engine._context.held))
        assert b"blue pot" not in held


# Codecs


@pytest.fixture(scope="module")
def cells():
    rng = np.random.default_rng(0)
    matrices = [rng.normal(0, 1, (40, 128)).astype(np.float16) for _ in range(8)]
    return kv_codec.Cells(np.arange(40, dtype=np.int32) + 12, tuple(matrices))


def test_a_state_is_put_together_as_it_was(load):
    """llama.cpp's own bytes survive being taken apart, but for the sequence that they came from."""
    engine = load()
    data = engine.cells_of(turn())
    again = kv_codec.build(kv_codec.parse(data))
    assert (len(again), kv_codec.build(kv_codec.parse(again))) == (len(data), again)
    assert (
        again[16 + 12 * len(kv_codec.parse(data).positions) :]
        == data[-len(again) :][16 + 12 * len(kv_codec.parse(data).positions) :]
    )


@pytest.mark.parametrize(("codec", "error", "share"), [
    ("f16", 0.0, 1.0), ("q8", 0.02, 0.5), ("q6", 0.1, 0.4), ("q4", 0.5, 0.3), ("lowrank", 4, 1.0),
])  # fmt: skip
def test_codecs(cells, codec, error, share):
    """What comes back is near to what went in, for the size that is promised."""
    data = kv_codec.encode(cells, codec)
    back = kv_codec.decode(data, codec)
    assert (back.positions == cells.positions).all()
    worst = max(
        float(np.abs(a.astype(float) - b).max())
        for a, b in zip(back.matrices, cells.matrices, strict=True)
    )
    assert worst <= error
    assert len(data) <= share * len(kv_codec.build(cells))


def test_merged_cells_are_half_as_many(cells):
    """Pairs become one cell, the last stays last, an odd one stands alone."""
    for rows in (40, 39, 1):
        part = cells.only(np.arange(rows))
        back = kv_codec.decode(kv_codec.encode(part, "merged"), "merged")
        assert len(back.positions) == -(-rows // 2)
        assert back.positions[-1] == part.positions[-1]


@pytest.mark.parametrize("codec", list(kv_codec.CODECS))
def test_codecs_refuse_what_is_none(cells, codec):
    """Whatever the bytes, there is an error and never a crash, or cells of the same shape."""
    data, rng = kv_codec.encode(cells, codec), random.Random(1)
    for _ in range(200):
        broken = bytearray(data)
        for _ in range(rng.randrange(1, 4)):
            broken[rng.randrange(min(len(broken), 200))] ^= 1 << rng.randrange(8)
        try:
            back = kv_codec.decode(bytes(broken[: rng.randrange(len(broken) + 1)]), codec)
        except ValueError:
            continue
        assert len(back.matrices) <= 2 * kv_codec.MOST_LAYERS


@pytest.mark.parametrize(
    "numbers",
    [(-5, 0), (0, 2, 64, 64), (1, -1), (1, 2, 64, 64, 7, 2**31 - 1), (1, 2, 2**31 - 1, 1, 7, 0)],
)
@pytest.mark.parametrize("codec", ["q8", "lowrank", "merged"])
def test_codecs_refuse_absurd_numbers(numbers, codec):
    """What is whole and holds counts, widths or a rank that nothing has is an error, too."""
    data = kv_codec.zstandard.compress(np.array(numbers, "<i4").tobytes())
    with pytest.raises(ValueError):
        kv_codec.decode(data, codec)


def test_small_numbers_and_zeros_are_kept():
    """Subnormal halves, zeros and large values come back with their sign."""
    values = np.array([[0, -6e-8, 6e-5, -1e-3, 1, -65504, 300, -0.25]], np.float16)
    cells = kv_codec.Cells(np.array([3], np.int32), (values, values[:, :1], values, values))
    back = kv_codec.decode(kv_codec.encode(cells, "q8"), "q8")
    assert np.allclose(back.matrices[0].astype(float), values.astype(float), atol=65504 / 127)
    assert back.matrices[0][0, 5] == pytest.approx(-65504, rel=0.01)
    assert back.matrices[1].shape == (1, 1)


def test_the_first_and_the_last_are_always_chosen():
    """Sinks and the last token stay whatever their score; the others by it."""
    scores = np.array([0, 0, 5, 1, 9, 2, 0], np.float32)
    assert kv_codec.chosen(scores, 0.6, 1).tolist() == [0, 2, 4, 6]
    assert kv_codec.chosen(scores, 0.1, 2).tolist() == [0, 1, 6]
    assert kv_codec.chosen(scores[:1], 0.1, 4).tolist() == [0]


@pytest.mark.parametrize("select", ["surprise", "attention"])
def test_a_share_of_the_cells_is_spliced(load, tmp_path, select):
    """Half of the cells: fewer bytes, another distribution, and turns go on."""
    whole = load(ON)
    answer(whole, turn())
    size = whole.store_of.size()
    whole.store_of.drop_all()
    engine = load(replace(ON, keep=0.5, select=select))
    said, stats = answer(engine, turn())
    assert stats.spliced > 10
    assert engine.store_of.size() < 0.75 * size
    window = [Message("user", "Where is it?"), Message("assistant", said)]
    assert answer(engine, turn(question="Why?", window=window))[1].reused > 10
