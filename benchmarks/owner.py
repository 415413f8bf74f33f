"""What an owner waits for: python benchmarks/owner.py [MEMORIES].

A list of so many memories (100 000), in a process of its own; the import of 10 000 notes, its undo,
its redo, and its forgetting with both proofs.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from statistics import median

MEMORIES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
NOTES = 10_000
ROUNDS = 5
WORDS = [f"word{i}" for i in range(5_000)]


def memcli(*arguments):
    """Run a command and return the seconds it took."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "memcli", *map(str, arguments)], check=True, capture_output=True
    )
    return time.perf_counter() - start


def fill(path):
    """Write memories past all that reads them; they have no vectors, which lists do not need."""
    from memcli.records import Memory
    from memcli.store import Store

    store, start = Store(path), datetime(2015, 1, 1, tzinfo=timezone.utc)
    chance = random.Random(1)
    with store.upkeep():
        store.db.execute("INSERT INTO journal(action_id, at, verb) VALUES ('x', 'x', 'fill')")
        store.memories.add(
            Memory(
                store.new_id(),
                "fact",
                " ".join(chance.choices(WORDS, k=10)),
                start + timedelta(minutes=i),
            )
            for i in range(MEMORIES)
        )
    store.close()


with tempfile.TemporaryDirectory() as folder:
    os.environ["MEMCLI_HOME"] = folder
    fill(Path(folder, "profiles", "many", "memory.db"))
    for name, options in (
        ("memory list", ()),
        ("memory list --limit all", ("-n", MEMORIES)),
        ("memory list --subject", ("--subject", "nobody")),
        ("memory stats", None),
    ):
        words = ("memory", "list", *options) if options is not None else ("memory", "stats")
        try:
            took = [memcli("-p", "many", *words) for _ in range(ROUNDS)]
        except subprocess.CalledProcessError:  # nothing is known of nobody
            continue
        print(f"{name} of {MEMORIES}: {median(took):.2f} s")
    notes = Path(folder, "notes.jsonl")
    chance = random.Random(2)
    notes.write_text(
        "\n".join(
            json.dumps({"id": str(i), "text": " ".join(chance.choices(WORDS, k=60))})
            for i in range(NOTES)
        ),
        "utf-8",
    )
    for name, words in (
        ("import", ("import", notes)),
        ("undo", ("undo", "--yes")),
        ("redo", ("redo", "--yes")),
        ("export", ("export", Path(folder, "all.jsonl"))),
        ("import of the export", ("-p", "copy", "import", Path(folder, "all.jsonl"))),
        ("forget, with its proofs", ("memory", "forget", "--source", notes, "--yes")),
    ):
        print(f"{name} of {NOTES} notes: {memcli(*words):.2f} s")
