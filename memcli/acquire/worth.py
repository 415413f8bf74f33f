"""Is a sentence worth keeping? A linear model's judgement, where no rule reads what it says.

    sentence → features (words, pairs of words, endings) → weights → a share, and a kind

Rules know some hundred ways to say some fifty things. What people tell of themselves besides
("I've been a bell ringer since I was fourteen") is kept as it was said, without triples. Two
logistic regressions judge it: whether it tells what lasts, and if so, of which kind it is.
``worth.tsv`` holds their weights, which ``benchmarks/worth.py`` learns from labelled turns.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from memcli.records import Kind

KINDS: tuple[Kind, ...] = ("fact", "event", "task")  # columns of the weights, after the first
SCALE = 100  # weights are whole numbers
KEPT = 0.80  # the worth from which a sentence is kept: of those, 15 of 16 are rightly
BIAS = ""  # the feature that every sentence has
TOKEN = re.compile(r"[^\W\d_]+|\d+|[?!.,:;\"]")
LONG = 5  # letters beyond which an ending tells something
BEGIN, END, NAME, NUMBER, YEAR = "^", "$", "<name>", "<number>", "<year>"


class Weights(NamedTuple):
    """What each feature says for keeping a sentence, and of its kind."""

    keep: dict[str, int]
    kinds: dict[str, tuple[int, ...]]


def worth(sentence: str) -> float:
    """Return how likely a sentence of the owner's tells what is worth keeping, from 0 to 1."""
    keep = _weights().keep
    total = sum([keep[feature] for feature in features(sentence) if feature in keep])
    return 1 / (1 + math.exp(-total / SCALE))


def kind_of(sentence: str) -> Kind:
    """Return of which kind a sentence is that is worth keeping."""
    kinds = _weights().kinds
    rows = [kinds[feature] for feature in features(sentence) if feature in kinds]
    totals = [sum(column) for column in zip(*rows, strict=True)]
    return KINDS[totals.index(max(totals))]


def features(sentence: str) -> set[str]:
    """Return what the model knows of a sentence."""
    tokens = [BEGIN, *_tokens(sentence), END]
    found = {BIAS, f"#{min(len(tokens) // 4, 6)}", *tokens}
    found.update(map(" ".join, itertools.pairwise(tokens)))
    found.update([f"^^{token}" for token in tokens[1:4]])
    found.update([f"-{token[-3:]}" for token in tokens if len(token) > LONG])
    return found


def _tokens(sentence: str) -> Iterator[str]:
    """Yield words in small letters, and signs; a name is announced, a number is any number."""
    for place, token in enumerate(TOKEN.findall(sentence)):
        if token.isdigit():
            yield YEAR if len(token) == 4 else NUMBER
        elif token.islower():
            yield token
        else:
            if place and token[0].isupper():
                yield NAME
            yield token.lower()


@cache
def _weights() -> Weights:
    weights = Weights({}, {})
    for line in files(__package__).joinpath("worth.tsv").read_text("utf-8").splitlines():
        feature, keep, *kinds = line.split("\t")
        weights.keep[feature] = int(keep)
        if kinds:
            weights.kinds[feature] = tuple(map(int, kinds))
    return weights
