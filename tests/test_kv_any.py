"""Conversations of any kind: whatever is spliced, cut, thinned or cancelled, the books agree."""

import random

import llama_cpp
import pytest
from conftest import CancelAfter
from ggufs import CHATML, write_llama, write_mamba

from memcli.config import KVConfig, ModelConfig, SamplingConfig
from memcli.engine.base import Cancel, Chunk, Message, Prompt
from memcli.engine.llama import LlamaEngine
from memcli.media.kv import KVMemory

LINES = [
    f"- 2024-01-{i + 1:02}: fact {i} of {'abcdef'[i % 6] * (i + 1)} things.\n" for i in range(28)
]
LEAD = "Be brief.\n"
RUNS = 8  # for each seed


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    llama = write_llama(folder / "tiny.gguf", eos=False, template=CHATML, context=512)
    return [llama, llama, llama, write_mamba(folder / "mamba.gguf", context=512)]


def settings(rng):
    return KVConfig(
        splice=rng.choice(["on", "auto"]), mode=rng.choice(["series", "parallel"]),
        again=rng.choice([-1, 0, 3, 8, 40, 1000]), keep=rng.choice([1.0, 1.0, 0.5, 0.1]),
        select=rng.choice(["surprise", "attention"]), limit=rng.choice([0.0, 100.0]),
        codec=rng.choice(["f16", "q8", "q4", "lowrank", "merged"]),
        ram=rng.choice([0, 256]), budget=rng.choice([0, 1, 100]),
    )  # fmt: skip


def prompt(rng, engine, window, policy):
    """Return a turn that fits, with some memories, and the window that it has."""
    lines = rng.sample(LINES, rng.choice([0, 0, 1, 2, 4]))
    asked = Message("user", rng.choice(["hi", "where is it?", "x" * rng.randrange(1, 60)]))
    while True:
        chunks = tuple(Chunk(f"m{LINES.index(line)}", line) for line in lines)
        text = "<memories>\n" + "".join(lines) + "</memories>\n"
        told = [Message("system", text, recalled=True, chunks=chunks)] if lines else []
        messages = (Message("system", LEAD), *window, *told, asked)
        if engine.prompt_size(messages) < 0.85 * engine.context_size or not (window or lines):
            return Prompt(messages, lead=LEAD, policy=policy), window, asked
        window, lines = (window[2:], lines) if window else (window, [])


def check(engine):
    """Tokens and positions agree, and nothing is left beside the conversation."""
    context = engine._context
    memory = context._context.memory
    first, end, width = context._overlap
    last = len(context.held) - 1 - ((end - first) - width if end > first else 0)
    assert llama_cpp.llama_memory_seq_pos_max(memory, 0) == last
    assert [llama_cpp.llama_memory_seq_pos_max(memory, s) for s in (1, 2)] == [-1, -1]


@pytest.mark.parametrize("seed", range(4))
def test_any_conversation(models, tmp_path, seed):
    rng = random.Random(seed)
    for _ in range(RUNS):
        cells = KVMemory(tmp_path / f"cells{rng.randrange(2)}", settings(rng), tmp_path / "kv.json")
        model = ModelConfig(str(rng.choice(models)), rng.choice([256, 300, 512]), threads=1)
        few = SamplingConfig(temperature=0.0, repeat_penalty=1.0, max_tokens=rng.choice([1, 5, 12]))
        engine = LlamaEngine(model, few, cache=tmp_path, cells=cells)
        policy, window = rng.choice(["window", "sinks", "compressive"]), []
        for _ in range(rng.randrange(3, 12)):
            given, window, asked = prompt(rng, engine, window, policy)
            cancel = CancelAfter(rng.randrange(1, 400)) if rng.random() < 0.25 else Cancel()
            answer = "".join(engine.answer(given, cancel))
            check(engine)
            if rng.random() < 0.15 and (snapshot := engine.snapshot()):
                assert engine.resume(snapshot)
            undone = rng.random() < 0.1
            said = [asked, Message("assistant", answer or "…")]
            window = window[:-2] if undone else [*window, *said]
        engine.close()
