"""KV memory on learned weights: what is spliced is read like text. Tables: benchmarks/kv_*.py."""

import json

import numpy as np
import pytest
from conftest import SHARED

from memcli.config import KVConfig, ModelConfig, SamplingConfig
from memcli.engine.base import Cancel, Chunk, Message, Prompt, Stats
from memcli.engine.layout import Span
from memcli.engine.llama import LlamaEngine
from memcli.engine.splice import Splicer
from memcli.media.kv import KVMemory

MODELS, DATA = SHARED / "models", SHARED / "data"
GREEDY = SamplingConfig(temperature=0.0, repeat_penalty=1.0, max_tokens=40)
LEAD = "Answer from the memories.\n"
ASKED = 60
pytestmark = pytest.mark.skipif(not MODELS.exists(), reason="the shared models are not here")


@pytest.fixture
def load(tmp_path):
    engines = []

    def load(name, settings=None):
        cells = KVMemory(tmp_path / "cells", settings, tmp_path / "kv.json") if settings else None
        model = ModelConfig(path=str(MODELS / name), threads=1)
        engines.append(LlamaEngine(model, GREEDY, cache=tmp_path, cells=cells))
        return engines[-1], cells

    yield load
    for engine in engines:
        engine.close()


def prompt(sample):
    chunks = tuple(Chunk(f"m{i}", f"- {line}\n") for i, line in enumerate(sample["memories"]))
    told = Message("system", "".join(c.text for c in chunks), recalled=True, chunks=chunks)
    return Prompt((Message("system", LEAD), told, Message("user", sample["question"])), lead=LEAD)


def test_answers_are_those_of_the_text(load):
    """As many questions are answered rightly from cells as from text, by the default."""
    lines = (DATA / "recall" / "dev.jsonl").read_text("utf-8").splitlines()
    samples = [json.loads(line) for line in lines[-ASKED:]]
    text, _ = load("recall-2M-f16.gguf")
    spliced, _ = load("recall-2M-f16.gguf", KVConfig(splice="on"))
    right, tokens = [0, 0], 0
    for sample in samples:
        for i, engine in enumerate((text, spliced)):
            generation = engine.answer(prompt(sample), Cancel())
            right[i] += "".join(generation).strip() == sample["answer"]
            tokens += generation.stats.spliced
    assert right[0] > ASKED / 2
    assert abs(right[1] - right[0]) <= 1
    assert tokens > 50 * ASKED


def test_the_guard_believes_a_model_that_reads_alike(load):
    """On learned weights the first comparison passes, and naive thinning does not."""
    sample = json.loads((DATA / "recall" / "dev.jsonl").read_text("utf-8").splitlines()[0])
    for settings, trusted in ((KVConfig(), True), (KVConfig(keep=0.1, again=0), False)):
        engine, cells = load("recall-2M-f16.gguf", settings)
        for _ in range(3):
            list(engine.answer(prompt(sample), Cancel()))
        assert cells.guard.verdict(engine.fingerprint).trusted == trusted


def test_perplexity_is_near_to_that_of_the_text(load, tmp_path):
    """Stories whose first half was spliced go on as likely as if it had been read."""
    engine, _ = load("stories260K-f32.gguf")
    context, rng = engine._context, np.random.default_rng(5)
    costs = {0: [], -1: [], 63: []}
    for number in range(4):
        story = written(context, rng)
        spans = [Span(at, at + 64, f"s{number}-{at}") for at in (12, 76, 140, 204)]
        context.keep(0)
        context.read(story[:269])
        plain = log_probabilities(context, story[269:])
        for again, cost in costs.items():
            cells = KVMemory(tmp_path / f"{again}", KVConfig(splice="on", again=again), tmp_path)
            context.keep(0)
            Splicer(context, cells, "x").read(story[:269], 0, spans, story[:12], stats := Stats())
            assert stats.spliced > 0
            cost.append(np.mean(plain) - np.mean(log_probabilities(context, story[269:])))
    lost = {again: np.exp(np.mean(cost)) - 1 for again, cost in costs.items()}
    assert lost[-1] < 0.02
    assert abs(lost[63]) < 0.002


def written(context, rng):
    """Return the tokens of a story that the model writes."""
    context.keep(0)
    context.read([context.bos])
    while len(context.held) < 380:
        logits = context.logits().astype(np.float64)
        p = np.exp(logits - logits.max())
        context.read([int(rng.choice(len(p), p=p / p.sum()))])
    return list(context.held)


def log_probabilities(context, tokens):
    found = []
    for token in tokens:
        logits = context.logits().astype(np.float64)
        found.append(logits[token] - logits.max() - np.log(np.exp(logits - logits.max()).sum()))
        context.read([token])
    return found
