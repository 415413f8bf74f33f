"""What encryption at rest costs: opening, remembering and recalling, beside a plain profile.

python benchmarks/encrypted.py [MEMORIES]
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from common import sentences

import memcli
from memcli import encryption
from memcli.paths import ProfilePaths

KEY = "a passphrase"
TIMES = 30


def median(action):
    took = []
    for i in range(TIMES):
        began = time.perf_counter()
        action(i)
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def measured(folder, key):
    """Return milliseconds of each thing."""
    with memcli.open(folder=folder, passphrase=key) as memory:
        texts = list(sentences(TIMES, seed=7))
        memory.recall("warm up")
        return {
            "opening": median(lambda i: memcli.open(folder=folder, passphrase=key).close()),
            "remember": median(lambda i: memory.remember(texts[i] + key)),
            "recall": median(lambda i: memory.recall(texts[i], limit=5)),
        }


def main(count):
    with tempfile.TemporaryDirectory() as top:
        files = ProfilePaths(Path(top) / "profile")
        with memcli.open(folder=files.folder) as memory:
            notes = Path(top) / "notes.txt"
            notes.write_text("\n\n".join(sentences(count)))
            memory.import_paths([notes])
        plain = measured(files.folder, "")
        began = time.perf_counter()
        encryption.rewrite(files, "", KEY)
        wrote = time.perf_counter() - began
        size = files.database.stat().st_size / 2**20
        sealed = measured(files.folder, KEY)
    print(f"{size:.0f} MiB encrypted in {wrote:.1f} s")
    for name, took in plain.items():
        print(f"{name}: {took:.1f} ms in the clear, {sealed[name]:.1f} ms encrypted")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
