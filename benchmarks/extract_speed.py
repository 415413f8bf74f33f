"""Turns that rules read in a second, on one core: python benchmarks/extract_speed.py."""

import json
import time
from datetime import datetime, timezone
from pathlib import Path

from memcli.acquire.rules import RuleExtractor

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "acquire.jsonl"
SAID = datetime(2024, 6, 12, 12, tzinfo=timezone.utc)
SHORT = 40  # characters
ROUNDS = 10  # over the golden utterances, of which half hold something
HOSTILE = {
    "one word": "a" * 100_000,
    "dots": "." * 100_000 + "x",
    "questions": "?" * 100_000 + "x",
    "quotes": "\"'" * 50_000,
    "lines": "I live in\n" * 10_000,
    "clauses": "and I am, " * 10_000,
    "statements": "I live in Lisbon and I love tea. " * 3_000,
    "backticks": "```" * 33_333,
    "speakers": "Ana: I am\n" * 10_000,
    "spaces": "I" + " " * 100_000 + "live in Oslo.",
}


def seconds(texts):
    """Return how long reading texts takes."""
    extractor = RuleExtractor()
    start = time.perf_counter()
    for text in texts:
        extractor.extract(text, SAID)
    return time.perf_counter() - start


lines = [json.loads(line)["text"] for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
short = [line for line in lines if len(line) <= SHORT]
for name, texts in (("golden utterances", lines), (f"up to {SHORT} characters", short)):
    seconds(texts)
    best = min(seconds(texts) for _ in range(ROUNDS))
    print(f"{name:20} {len(texts) / best:8.0f} turns a second")
for name, text in HOSTILE.items():
    print(f"100 KB of {name:10}{1000 * seconds([text]):6.0f} ms")
