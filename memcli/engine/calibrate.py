"""Find the fastest number of threads, once per machine and size of model.

More is not always faster: two threads on two busy cores were measured 2 to 3 times slower than one.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from memcli import paths

if TYPE_CHECKING:
    from memcli.engine.llama_context import LlamaContext

TRIED_TOKENS, TRIES = 16, 3


def best_threads(context: LlamaContext, model: Path, cache: Path) -> int:
    """Return the number of threads that reads and writes fastest; measured only the first time."""
    file = cache / "threads.json"
    size = model.stat().st_size.bit_length()
    machine = f"{platform.node()} {os.cpu_count()} cores, 2^{size} bytes"
    known: dict[str, int] = {}
    with contextlib.suppress(OSError, ValueError, AttributeError):  # anybody may have written it
        loaded = json.loads(file.read_text("utf-8")).items()
        known = {name: threads for name, threads in loaded if type(threads) is int and threads > 0}
    if machine not in known:
        known[machine] = _measure(context)
        with contextlib.suppress(Exception):  # a cache that cannot be written is no reason to stop
            paths.write_private(file, json.dumps(known, indent=1))
    return known[machine]


def _measure(context: LlamaContext) -> int:
    cores = os.cpu_count() or 1
    seconds = {threads: _time(context, threads) for threads in {1, max(cores // 2, 1), cores}}
    return min(seconds, key=seconds.__getitem__)


def _time(context: LlamaContext, threads: int) -> float:
    """Return the median seconds to read some tokens at once, then one by one."""
    context.set_threads(threads)
    token = max(context.bos, 0)
    seconds = []
    for _ in range(TRIES):
        start = time.perf_counter()
        context.read([token] * TRIED_TOKENS)
        for _ in range(TRIED_TOKENS // 4):
            context.read([token])
        seconds.append(time.perf_counter() - start)
        context.keep(0)
    return statistics.median(seconds)
