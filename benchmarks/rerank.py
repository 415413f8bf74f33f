"""What reranking by likelihood changes: python benchmarks/rerank.py DATA MODEL [QUESTIONS].

DATA holds locomo/locomo_dev.json; MODEL is a GGUF chat model. Everything goes through the public API.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from recall_quality import locomo

import memcli

LIMIT = 20


def ask(memory, questions):
    """Return (recall at 10, reciprocal rank, seconds) of each question, after a warm-up."""
    memory.recall(questions[0][0], limit=LIMIT)
    figures = []
    for question, evidence in questions:
        start = time.perf_counter()
        hits = memory.recall(question, limit=LIMIT)
        seconds = time.perf_counter() - start
        found = list(dict.fromkeys(id for hit in hits for id in hit.external_ids))
        first = next((1 / (n + 1) for n, id in enumerate(found) if id in evidence), 0)
        figures.append((len(evidence & set(found[:10])) / len(evidence), first, seconds))
    return figures


def measure(path, count, **settings):
    """Import conversations until ``count`` questions are asked, and print the means."""
    figures = []
    for turns, questions in locomo(path):
        with (
            tempfile.TemporaryDirectory() as folder,
            memcli.open(folder=folder, **settings) as memory,
        ):
            file = Path(folder) / "turns.jsonl"
            file.write_text("\n".join(map(json.dumps, turns)), "utf-8")
            memory.import_paths([file])
            figures += ask(memory, questions[: count - len(figures)])
        if len(figures) >= count:
            break
    r10, mrr, seconds = (sum(column) / len(figures) for column in zip(*figures, strict=True))
    name = settings.get("recall_rerank", "off")
    print(
        f"{name}: {len(figures)} questions, R@10 {r10:.3f}, MRR {mrr:.3f}, {1000 * seconds:.0f} ms"
    )


if __name__ == "__main__":
    data = Path(sys.argv[1]) / "locomo" / "locomo_dev.json"
    questions = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    measure(data, questions)
    measure(data, questions, recall_rerank="likelihood", model_path=sys.argv[2])
