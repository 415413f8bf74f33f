"""Break memcli on purpose, count what held, and write the table in reliability.md.

python benchmarks/reliability.py [PART] [--share 1]     (all parts: at most 30 minutes)
"""

import argparse
import importlib
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent / "tests" / "faults")]

from figures import PARTS  # noqa: E402

WITHIN = "RELIABILITY"  # set for the parts of a whole run
AT_ONCE = 2  # parts; most of them wait for processes and the disk
TABLE = HERE / "reliability.md"
HEAD = """# What was broken on purpose, and what held

Written by `python benchmarks/reliability.py`; with the name of a part it does that one again. The
ordinary tests do a share of the same. The code of each part is `tests/faults/PART.py`. What is
promised: [guarantees](../docs/guarantees.md).

| part | attack | what was tried | times | failed | more |
|---|---|---|---:|---:|---|
"""


def measured(part, share):
    """Return the figures of one part as lines of the table; say what went wrong."""
    with tempfile.TemporaryDirectory() as top:
        figures = list(importlib.import_module(part).figures(Path(top), share))
    for figure in figures:
        print(*(problem[:300] for problem in figure.problems), sep="\n", file=sys.stderr)
    return [
        f"| {part} | {f.part} | {f.what} | {f.tried} | {f.failed} | {f.note} |" for f in figures
    ]


def replace(part, lines):
    """Put the lines of a part in the place of those in the table."""
    before = TABLE.read_text("utf-8").splitlines()
    old = [n for n, line in enumerate(before) if line.startswith(f"| {part} |")]
    at = old[0] if old else max(n for n, line in enumerate(before) if line.startswith("|")) + 1
    after = [*before[:at], *lines, *before[at + len(old) :]]
    TABLE.write_text("\n".join(after) + "\n", "utf-8")


def in_process(part, share):
    """Measure a part in a process of its own, so that none sees what another one left."""
    began = time.perf_counter()
    told = [sys.executable, __file__, part, "--share", str(share)]
    env = {**os.environ, WITHIN: "yes"}
    done = subprocess.run(told, stdout=subprocess.PIPE, text=True, check=True, env=env)
    print(f"{part}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return done.stdout.splitlines()


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("part", nargs="?", choices=PARTS)
    asked.add_argument("--share", type=float, default=1.0)
    asked = asked.parse_args()
    if asked.part:
        lines = measured(asked.part, asked.share)
        print(*lines, sep="\n")
        if asked.share == 1 and not os.environ.get(WITHIN):
            replace(asked.part, lines)
        return
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = list(pool.map(partial(in_process, share=asked.share), PARTS))
    table = HEAD + "\n".join(line for lines in parts for line in lines)
    minutes = (time.perf_counter() - began) / 60
    where = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    where += f", {platform.system()}, {minutes:.0f} minutes"
    print(f"{table}\n\n{where}.")
    if asked.share == 1:
        TABLE.write_text(f"{table}\n\n{where}.\n", "utf-8")


if __name__ == "__main__":
    main()
