"""Fit memcli/recall/weights.py: python benchmarks/fit_recall.py FILE [FILE …].

Each FILE is a set that ``memcli eval retrieval`` reads; all count the same. The weights minimise
the listwise softmax loss of each piece of evidence against all hits that are none, which carries
over better than climbing R@10 itself. Prints the weights, and the figures on conversations that
were left out of the fit, each in turn, beside those of the present weights.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

import memcli
from memcli.evaluate import sets
from memcli.evaluate.retrieval import retrieved
from memcli.recall import candidates, weights

NAMES = list(weights.FITTED)
PRESENT = np.array([weights.FITTED[name] for name in NAMES])
POOL, DEEP = 300, 500  # a wide pool, so that the weights learn what to leave out
STEPS, RATE, DECAY = 200, 0.05, 1e-3


def collect(path):
    """Return for each conversation its questions: (figures (parts, hits), rules (hits,), hits, evidence)."""
    found = []
    for conversation in sets.read(path).conversations:
        with tempfile.TemporaryDirectory() as folder, memcli.open(folder=folder) as memory:
            file = Path(folder) / "turns.jsonl"
            file.write_text("\n".join(map(json.dumps, conversation.turns)), "utf-8")
            memory.import_paths([file])
            found.append([_asked(memory, q) for q in conversation.questions if q.evidence])
    return found


def _asked(memory, question):
    hits = memory.recall(question.text, limit=DEEP, asked_at=question.asked_at)
    figures = np.array([[hit.parts.get(name, 0.0) for hit in hits] for name in NAMES])
    rules = np.array([sum(hit.parts.get(name, 0.0) for name in weights.RULES) for hit in hits])
    ids = [hit.external_ids[0] if hit.external_ids else hit.id for hit in hits]
    is_evidence = np.array([any(id in group for group in question.evidence) for id in ids], bool)
    return figures, rules, ids, is_evidence, question.evidence


def fit(found):
    """Return the weights of the least loss over {set: [conversation: [question]]} (Adam)."""
    lists = [
        (figures, rules, is_evidence, 1 / sum(map(len, conversations)))
        for conversations in found
        for conversation in conversations
        for figures, rules, _, is_evidence, _ in conversation
        if is_evidence.any() and not is_evidence.all()
    ]
    scale = np.sqrt(np.mean([(figures**2).mean(axis=1) for figures, *_ in lists], axis=0)) + 1e-9
    w = 4 * PRESENT * scale
    first, second = np.zeros_like(w), np.zeros_like(w)
    for step in range(1, STEPS + 1):
        slope = 2 * DECAY * w + sum(
            share * _slope(w / scale, *rest) / scale for *rest, share in lists
        )
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        size = np.sqrt(second / (1 - 0.99**step)) + 1e-8
        w -= RATE * (1 - step / STEPS) * first / (1 - 0.9**step) / size
    return w / scale / (w / scale)[NAMES.index("words")] * PRESENT[NAMES.index("words")]


def _slope(w, figures, rules, is_evidence):
    """Return the gradient of the mean loss -log(e_i / (e_i + sum of e over no evidence))."""
    scores = w @ figures + 4 * rules
    raised = np.exp(scores - scores.max())
    others = raised[~is_evidence]
    missed = others.sum() / (raised[is_evidence] + others.sum() + 1e-30)
    mean_other = figures[:, ~is_evidence] @ others / (others.sum() + 1e-30)
    return (missed.sum() * mean_other - figures[:, is_evidence] @ missed) / len(missed)


def measure(w, conversations):
    """Return (R@5, R@10, R@20, all@10, MRR) over all questions."""
    figures = []
    for conversation in conversations:
        for parts, rules, ids, _, evidence in conversation:
            order = np.argsort(-(w @ parts + rules), kind="stable")
            figures.append(retrieved(list(dict.fromkeys(ids[i] for i in order)), evidence))
    return np.mean(figures, axis=0).round(3)


def held_out(found, which):
    """Return the figures of a set when each of its conversations is left out of the fit in turn."""
    rows, sizes = [], []
    for i, left in enumerate(found[which]):
        rest = [c[:i] + c[i + 1 :] if n == which else c for n, c in enumerate(found)]
        rows.append(measure(fit(rest), [left]))
        sizes.append(len(left))
    return np.average(rows, axis=0, weights=sizes).round(3)


candidates.POOL = candidates.WIDE_POOL = POOL
weights.WEIGHTS.update(dict.fromkeys(NAMES, 1.0))
gathered = [collect(Path(file)) for file in sys.argv[1:]]
fitted = fit(gathered)
for name, weight in zip(NAMES, fitted, strict=True):
    print(f'    "{name}": {weight:.2f},')
for number, (file, conversations) in enumerate(zip(sys.argv[1:], gathered, strict=True)):
    print(f"{file}: R@5, R@10, R@20, all@10, MRR")
    print(f"  present weights {measure(PRESENT, conversations)}")
    print(f"  fitted          {measure(fitted, conversations)}")
    print(f"  left out        {held_out(gathered, number)}", flush=True)
