"""Answers from spliced memories against answers from their text: python benchmarks/kv_answers.py.

On a small model that was trained to answer from dated memory lines (full attention only), and the
questions that came with it. Exact match, and the share whose value is named where there is one.
"""

import json
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from memcli.config import KVConfig, ModelConfig, SamplingConfig
from memcli.engine.base import Cancel, Chunk, Message, Prompt
from memcli.engine.llama import LlamaEngine
from memcli.media.kv import KVMemory

SHARED = Path(__file__).parents[2] / "shared"
MODEL = SHARED / "models" / "recall-2M-f16.gguf"
QUESTIONS = SHARED / "data" / "recall" / "dev.jsonl"
LEAD = "Answer from the memories.\n"
PLAIN = KVConfig(splice="on", codec="f16", again=8, ram=4096, budget=4096)
WAYS = {
    "text": replace(PLAIN, splice="off"),
    **{f"series, k = {k}": replace(PLAIN, again=k) for k in (0, 2, 4, 8, 16)},
    "series, k = n": replace(PLAIN, again=10_000),
    **{f"parallel, k = {k}": replace(PLAIN, mode="parallel", again=k) for k in (0, 4, 8, 16)},
    **{f"keep {share}": replace(PLAIN, keep=share) for share in (0.9, 0.75, 0.5, 0.25, 0.1)},
    "keep 0.9, by attention": replace(PLAIN, keep=0.9, select="attention"),
    **{codec: replace(PLAIN, codec=codec) for codec in ("q8", "q6", "q4", "lowrank", "merged")},
    "the default": KVConfig(splice="on", ram=4096, budget=4096),
}


def prompt(sample):
    """Return the prompt of a sample, each memory a chunk, in the form that the model knows."""
    chunks = tuple(Chunk(f"m{i}", f"- {line}\n") for i, line in enumerate(sample["memories"]))
    told = Message("system", "".join(c.text for c in chunks), recalled=True, chunks=chunks)
    asked = Message("user", sample["question"])
    return Prompt((Message("system", LEAD), told, asked), lead=LEAD)


def measure(settings, samples, folder):
    """Return exact match, values named, and tokens stored, of one way to hold the memories."""
    cells = KVMemory(folder, settings, folder / "guard.json")
    model = ModelConfig(path=str(MODEL), threads=1)
    greedy = SamplingConfig(temperature=0.0, repeat_penalty=1.0, max_tokens=40)
    engine = LlamaEngine(
        model, greedy, cache=folder, cells=None if settings.splice == "off" else cells
    )
    right = named = stored = 0
    for sample in samples:
        generation = engine.answer(prompt(sample), Cancel())
        answer = "".join(generation).strip()
        stored += generation.stats.stored
        right += answer == sample["answer"]
        named += bool(sample["value"]) and sample["value"] in answer
    engine.close()
    able = sum(bool(sample["value"]) for sample in samples)
    return right / len(samples), named / able, stored


def main():
    """Print the table."""
    samples = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    if len(sys.argv) > 1:
        samples = samples[: int(sys.argv[1])]
    print(f"{len(samples)} questions, {MODEL.name}, f16 cells and k = 8 unless said otherwise")
    print("| held as | exact match | value named | bytes a token on disk |\n|---|---|---|---|")
    tokens = Counter()  # stored, by the folder that they are in
    with tempfile.TemporaryDirectory() as name:
        for way, settings in WAYS.items():
            folder = (
                Path(name) / f"{settings.codec}-{settings.keep}-{settings.select}"
            )  # ways that keep alike share
            folder.mkdir(exist_ok=True)
            right, named, stored = measure(settings, samples, folder)
            tokens[folder] += stored
            size = sum(file.stat().st_size for file in folder.glob("*.kv")) / (tokens[folder] or 1)
            print(f"| {way} | {right:.3f} | {named:.3f} | {size:.0f} |", flush=True)


main()
