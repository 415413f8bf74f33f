"""Learn which sentences are worth keeping: python benchmarks/worth.py [--write]

The turns of ``worth.jsonl`` were written and labelled sentence by sentence by several writers, for
this purpose. Each writer is judged by what the others teach; then all of them together teach the
weights that ``memcli/acquire/worth.tsv`` holds.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from memcli.acquire import worth

TURNS = Path(__file__).with_name("worth.jsonl")
WEIGHTS = Path(worth.__file__).with_name("worth.tsv")
LEAST = 3  # sentences that have a feature
ROUNDS, PENALTY = 300, 1.0
LABELS = ("none", *worth.KINDS)
PRECISIONS = (0.97, 0.95, 0.92, 0.90)


def read():
    """Return (writer, features, label) of each sentence."""
    lines = map(json.loads, TURNS.read_text("utf-8").splitlines())
    return [
        (line["writer"], worth.features(sentence), LABELS.index(label))
        for line in lines
        for sentence, label in line["turn"]
    ]


def matrix(sentences, places):
    """Return (n, features) float32, 1 where a sentence has a feature."""
    rows = np.zeros((len(sentences), len(places)), dtype=np.float32)
    for row, (_, features, _) in zip(rows, sentences, strict=True):
        row[[places[feature] for feature in features if feature in places]] = 1
    return rows


def taught(sentences):
    """Return the features that are common enough, and (features, 1 + kinds) weights."""
    counts = Counter(feature for _, features, _ in sentences for feature in features)
    places = {f: i for i, f in enumerate(sorted(f for f, n in counts.items() if n >= LEAST))}
    x, labels = matrix(sentences, places), np.array([label for *_, label in sentences])
    none, keep = regression(x, labels > 0, 2).T
    kinds = regression(x[labels > 0], labels[labels > 0] - 1, len(worth.KINDS))
    return places, np.column_stack([keep - none, kinds])


def regression(x, labels, classes, *, rounds=ROUNDS, penalty=PENALTY):
    """Return (features, classes) weights of a multinomial logistic regression with an L2 penalty.

    By Nesterov's accelerated gradient; the step is what the largest curvature allows.
    """
    y = np.eye(classes, dtype=np.float32)[labels.astype(int)]
    step = 1 / (largest(x) / 2 + penalty)
    weights = ahead = np.zeros((x.shape[1], classes), dtype=np.float32)
    for i in range(rounds):
        slope = x.T @ (shares(x @ ahead) - y) + penalty * ahead
        before, weights = weights, ahead - step * slope
        ahead = weights + i / (i + 3) * (weights - before)
    return weights


def largest(x):
    """Return the largest eigenvalue of the Gram matrix, by the power method, and a little more."""
    vector = np.ones(x.shape[1], dtype=np.float32)
    for _ in range(50):
        vector = x.T @ (x @ (vector / np.linalg.norm(vector)))
    return 1.05 * float(np.linalg.norm(vector))


def shares(totals):
    """Return (n, classes) probabilities."""
    odds = np.exp(totals - totals.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def judged(sentences):
    """Yield (worth, whether it is, whether its kind is right): each writer by what others teach."""
    for writer in sorted({writer for writer, *_ in sentences}):
        places, weights = taught([s for s in sentences if s[0] != writer])
        theirs = [s for s in sentences if s[0] == writer]
        totals = matrix(theirs, places) @ weights
        for (keep, *kinds), (*_, label) in zip(totals.tolist(), theirs, strict=True):
            yield 1 / (1 + np.exp(-keep)), label > 0, 1 + kinds.index(max(kinds)) == label


def report(sentences):
    """Print how many of the sentences worth keeping are found at several precisions."""
    worths, right, kinds = map(np.array, zip(*judged(sentences), strict=True))
    order = np.argsort(-worths)
    hits = np.cumsum(right[order])
    precision = hits / np.arange(1, len(order) + 1)
    print(f"{len(order)} sentences, {right.sum()} of them worth keeping")
    for least in PRECISIONS:
        last = np.flatnonzero(precision >= least)[-1]
        share, recall = worths[order][last], hits[last] / right.sum()
        print(f"precision {least:.2f}: recall {recall:.2f}, from a worth of {share:.2f}")
    kept = worths >= worth.KEPT
    print(f"kept: precision {right[kept].mean():.3f}, recall {right[kept].sum() / right.sum():.3f}")
    print(f"kinds right: {kinds[right & kept].mean():.3f}")


def write(places, weights):
    """Write the weights as whole numbers, and none that count for nothing."""
    with WEIGHTS.open("w", encoding="utf-8", newline="\n") as file:
        for feature, place in places.items():
            keep, *kinds = np.rint(weights[place] * worth.SCALE).astype(int).tolist()
            if keep or any(kinds):
                file.write(
                    "\t".join([feature, str(keep), *map(str, kinds if any(kinds) else ())]) + "\n"
                )


if __name__ == "__main__":
    known = read()
    if "--write" in sys.argv:
        write(*taught(known))
    report(known)
