"""Find the turns that hold the answer: python benchmarks/recall_quality.py DATA, with DATA/locomo and
DATA/beam as their authors publish them. Everything goes through the public API, as a user's would.
"""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

import memcli

LIMIT = 20
BEAM_KINDS = """contradiction_resolution information_extraction instruction_following knowledge_update
multi_session_reasoning preference_following temporal_reasoning""".split()


def locomo(path):
    """Yield (turns, questions) of each conversation; categories 1 to 4 have an answer."""
    for conversation in json.loads(path.read_text("utf-8")):
        told = conversation["conversation"]
        sessions = [key for key in told if re.fullmatch(r"session_\d+", key)]
        turns = [
            {"id": t["dia_id"], "session": key, "speaker": t["speaker"], "text": t["text"],
             "time": told[f"{key}_date_time"]}
            for key in sessions for t in told[key]
        ]  # fmt: skip
        yield (
            turns,
            [
                (q["question"], set(q["evidence"]))
                for q in conversation["qa"]
                if q["category"] != 5 and q["evidence"]
            ],
        )


def beam(folder):
    """Yield (turns, questions) of one chat."""
    batches = json.loads((folder / "chat.json").read_text("utf-8"))
    turns = [
        {"id": str(t["id"]), "session": str(batch["batch_number"]), "role": t["role"],
         "text": re.sub(r"->-> [\d,]+\s*$", "", t["content"]).strip()}
        for batch in batches for group in batch["turns"] for t in group
    ]  # fmt: skip
    probes = json.loads((folder / "probing_questions.json").read_text("utf-8"))
    asked = [(q["question"], ids(q.get("source_chat_ids"))) for k in BEAM_KINDS for q in probes[k]]
    yield turns, [(question, evidence) for question, evidence in asked if evidence]


def ids(value):
    """Return all numbers in a nested value, as texts."""
    if isinstance(value, int):
        return {str(value)}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {id for item in inner for id in ids(item)}


def measure(name, conversations):
    """Import each conversation into a profile of its own, ask, and print the means."""
    figures = []
    for i, (turns, questions) in enumerate(conversations):
        with tempfile.TemporaryDirectory() as folder, memcli.open(f"{name}-{i}") as memory:
            file = Path(folder) / "turns.jsonl"
            file.write_text("\n".join(map(json.dumps, turns)), "utf-8")
            memory.import_paths([file])
            for question, evidence in questions:
                found = [
                    id for hit in memory.recall(question, limit=LIMIT) for id in hit.external_ids
                ]
                found = list(dict.fromkeys(found))
                first = next((1 / (n + 1) for n, id in enumerate(found) if id in evidence), 0)
                shares = [len(evidence & set(found[:k])) / len(evidence) for k in (5, 10, 20)]
                figures.append((*shares, first))
    means = [sum(column) / len(figures) for column in zip(*figures, strict=True)]
    r5, r10, r20, mrr = means
    print(
        f"{name}: {len(figures)} questions, R@5 {r5:.3f}, R@10 {r10:.3f}, R@20 {r20:.3f}, MRR {mrr:.3f}"
    )


def sets(data):
    """Yield (name, conversations) of each set."""
    yield "locomo", locomo(data / "locomo" / "locomo_dev.json")
    yield "beam", (c for folder in sorted((data / "beam").iterdir()) for c in beam(folder))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["MEMCLI_HOME"] = home
        for name, conversations in sets(Path(sys.argv[1])):
            measure(name, conversations)
