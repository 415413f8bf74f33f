"""Fit the weights of memcli/recall/fuse.py: python benchmarks/fit_recall.py DATA.

Coordinate ascent on R@10 and MRR of both sets of recall_quality.py at once, each set counting the
same, with leave-one-conversation-out figures beside the final ones. Prints the weights.
"""

import json
import os
import random
import sys
import tempfile
from pathlib import Path

import numpy as np
from recall_quality import sets

import memcli
from memcli.recall import fuse

RULES = {"relation", "time", "only asks", "recent", "outdated"}  # not fitted
NAMES = [name for name in fuse.WEIGHTS if name not in RULES]
START = np.array([fuse.WEIGHTS[name] for name in NAMES])
STEPS = (0.3, 0.15)


def collect(data):
    """Return {set: [conversation: [(figures (parts, hits), rules (hits,), which hits answer, of how many)]]}."""
    rules = {name: fuse.WEIGHTS[name] for name in RULES}
    fuse.WEIGHTS.update(dict.fromkeys(NAMES, 1.0))
    found = {}
    for name, conversations in sets(data):
        found[name] = []
        for i, (turns, questions) in enumerate(conversations):
            with memcli.open(f"{name}-{i}") as memory:
                file = Path(os.environ["MEMCLI_HOME"]) / "turns.jsonl"
                file.write_text("\n".join(map(json.dumps, turns)), "utf-8")
                memory.import_paths([file])
                found[name].append(
                    [one(memory.recall(q, limit=400), e, rules) for q, e in questions]
                )
    return found


def one(hits, evidence, rules):
    """Return what is needed of the hits of one question."""
    figures = np.array([[hit.parts.get(name, 0.0) for hit in hits] for name in NAMES])
    fixed = np.array([sum(hit.parts.get(name, 0.0) for name in rules) for hit in hits])
    answers = np.array([bool(evidence & set(hit.external_ids)) for hit in hits], dtype=bool)
    return figures, fixed, answers, len(evidence)


def measure(weights, conversations):
    """Return (R@10, MRR) over all questions."""
    figures = []
    for conversation in conversations:
        for parts, fixed, answers, total in conversation:
            if not answers.any():
                figures.append((0.0, 0.0))
                continue
            scores = weights @ parts + fixed
            ranks = (scores[None, :] > scores[answers][:, None]).sum(axis=1)
            figures.append(((ranks < 10).sum() / total, 1 / (1 + ranks.min())))
    return np.mean(figures, axis=0)


def gain(weights, found):
    """Return what is maximised."""
    return sum(r10 + 0.5 * mrr for r10, mrr in (measure(weights, c) for c in found.values()))


def fit(found, seed=0):
    """Return the best weights that steps along single coordinates lead to."""
    rng = random.Random(seed)
    weights, best = START.copy(), gain(START, found)
    for step in STEPS:
        better = True
        while better:
            better = False
            for k in rng.sample(range(len(weights)), len(weights)):
                for change in (step, -step):
                    tried = weights.copy()
                    tried[k] = max(0.0, tried[k] + change)
                    if (value := gain(tried, found)) > best + 1e-4:
                        weights, best, better = tried, value, True
    return weights


def held_out(found, name):
    """Return the figures of a set when each of its conversations is left out of the fit in turn."""
    figures = []
    for i, left in enumerate(found[name]):
        rest = {**found, name: found[name][:i] + found[name][i + 1 :]}
        figures.append(measure(fit(rest), [left]))
    return np.mean(figures, axis=0)


with tempfile.TemporaryDirectory() as home:
    os.environ["MEMCLI_HOME"] = home
    gathered = collect(Path(sys.argv[1]))
fitted = fit(gathered)
print({name: round(float(value), 2) for name, value in zip(NAMES, fitted, strict=True)})
for which, conversations in gathered.items():
    before, after = measure(START, conversations), measure(fitted, conversations)
    print(f"{which}: R@10, MRR before {before.round(3)}, fitted {after.round(3)}", flush=True)
    print(f"{which}: held out {held_out(gathered, which).round(3)}", flush=True)
