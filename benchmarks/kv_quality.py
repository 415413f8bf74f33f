"""What splicing and thinning cells costs on learned weights: python benchmarks/kv_quality.py [STORIES [CHUNK]].

A small model that was trained on children's stories writes some. Each is cut into chunks, the
memories, and a rest, the question. For every way of holding the memories: the mean KL of the next
token (nats) and the perplexity over the rest, against the plain context, where all was read in one.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from memcli.config import KVConfig, ModelConfig, SamplingConfig
from memcli.engine.base import Stats
from memcli.engine.llama import LlamaEngine
from memcli.engine.splice import Span, Splicer
from memcli.media.kv import KVMemory

MODEL = Path(__file__).parents[2] / "shared" / "models" / "stories260K-f32.gguf"
STORIES = int(sys.argv[1]) if len(sys.argv) > 1 else 24
CHUNK = int(sys.argv[2]) if len(sys.argv) > 2 else 64  # tokens
LENGTH, LEAD, CHUNKS = 400, 12, 256 // CHUNK  # what is left of a story is the question
PLAIN = KVConfig(splice="on", codec="f16", again=8)
WAYS = {
    **{f"series, k = {k}": replace(PLAIN, again=k) for k in (0, 4, 8, 16, 32, CHUNK - 1)},
    **{f"parallel, k = {k}": replace(PLAIN, mode="parallel", again=k) for k in (0, 8, 16, 32)},
    **{f"keep {s}": replace(PLAIN, keep=s) for s in (0.9, 0.75, 0.5, 0.25, 0.1)},
    **{
        f"keep {s}, by attention": replace(PLAIN, keep=s, select="attention")
        for s in (0.9, 0.75, 0.5, 0.25, 0.1)
    },
    **{codec: replace(PLAIN, codec=codec) for codec in ("q8", "q6", "q4", "lowrank", "merged")},
    "the default": KVConfig(splice="on"),
}


def write_stories(context):
    """Return stories that the model writes, at temperature 1, as tokens; none ends early."""
    rng, stories = np.random.default_rng(1), []
    while len(stories) < STORIES:
        context.keep(0)
        context.read([context.bos])
        while len(context.held) < LENGTH:
            logits = context.logits().astype(np.float64)
            p = np.exp(logits - logits.max())
            context.read([int(rng.choice(len(p), p=p / p.sum()))])
        stories.append(list(context.held))
    return stories


def distributions(context, rest):
    """Return log-probabilities of the next token, before each token of the rest."""
    found = []
    for token in rest:
        logits = context.logits().astype(np.float64)
        logits -= logits.max()
        found.append(logits - np.log(np.exp(logits).sum()))
        context.read([token])
    return np.array(found)


def measure(context, stories, settings, folder):
    """Return mean KL, perplexity, and bytes a token on disk of one way, and the plain perplexity."""
    cells = KVMemory(folder, settings, folder / "guard.json")
    splicer = Splicer(context, cells, "benchmark")
    divergences, chosen, plain_chosen, stored = [], [], [], 0
    for number, story in enumerate(stories):
        lead, end = story[:LEAD], LEAD + CHUNK * CHUNKS
        spans = [Span(at, at + CHUNK, f"s{number}-{at}") for at in range(LEAD, end, CHUNK)]
        rest = story[end + 1 :]
        context.keep(0)
        context.read(story[: end + 1])
        plain = distributions(context, rest)
        context.keep(0)
        stats = Stats()
        splicer.read(story[: end + 1], 0, spans, lead, stats)
        stored += stats.stored
        other = distributions(context, rest)
        divergences.append((np.exp(plain) * (plain - other)).sum(axis=1).mean())
        rows = np.arange(len(rest))
        chosen.append(other[rows, rest].mean())
        plain_chosen.append(plain[rows, rest].mean())
    size = sum(blob.bytes for blob in cells.blobs()) / max(stored, 1)
    return np.mean(divergences), np.exp(-np.mean(chosen)), np.exp(-np.mean(plain_chosen)), size


def main():
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        greedy = SamplingConfig(temperature=0.0, max_tokens=1)
        model = ModelConfig(path=str(MODEL), threads=1)
        engine = LlamaEngine(model, greedy, cache=Path(folder))
        context = engine._context
        stories = write_stories(context)
        print(f"{STORIES} stories of {LENGTH} tokens, {CHUNKS} chunks of {CHUNK} behind {LEAD}")
        print("| held as | KL (nats) | perplexity | against plain | bytes a token |")
        print("|---|---|---|---|---|")
        for way, settings in WAYS.items():
            with tempfile.TemporaryDirectory() as kept:
                kl, ppl, plain, size = measure(context, stories, settings, Path(kept))
            print(
                f"| {way} | {kl:.5f} | {ppl:.3f} | {ppl / plain - 1:+.2%} | {size:.0f} |",
                flush=True,
            )
        print(f"| plain text | 0 | {plain:.3f} | | |")
        engine.close()


main()
