"""Start of the program against an empty Python, and a cold recall: python benchmarks/startup.py."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

TIMES = 9


def seconds(*command):
    """Return the median wall-clock time of a command."""
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


with tempfile.TemporaryDirectory() as home:
    os.environ["MEMCLI_HOME"] = home
    memcli = (sys.executable, "-m", "memcli")
    subprocess.run([*memcli, "import", "examples/notes"], check=True, capture_output=True)
    empty = seconds(sys.executable, "-c", "pass")
    helped = seconds(*memcli, "--help")
    recalled = seconds(*memcli, "recall", "Where is the spare key?")
    print(f"python -c pass   {1000 * empty:6.0f} ms")
    print(f"memcli --help    {1000 * helped:6.0f} ms  ({helped / empty:.1f} x)")
    print(f"memcli recall    {1000 * recalled:6.0f} ms")
