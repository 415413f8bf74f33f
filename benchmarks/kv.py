"""First token with memories, text against splice: python benchmarks/kv.py [FILE.gguf].

Without a file, on a llama of 0.5 B parameters with random weights (24 layers, d 896, Q8_0), which
the benchmark writes. The same table, for one's own model: memcli bench kv --model FILE.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from ggufs import write_llama

from memcli.config import ModelConfig
from memcli.evaluate.kv import Row, measure

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else write_llama(
        folder / "half.gguf",
        eos=False, context=8192, layers=24, width=896, heads=14, kv=2, feed=4864, q8=True,
    )  # fmt: skip
    print(
        "| memories | held as | first token | sooner | read | spliced |\n|---|---|---|---|---|---|"
    )
    for one in measure(ModelConfig(path=str(path), threads=2), folder):
        if isinstance(one, Row):
            print(
                f"| {one.memories} | {one.way} | {one.seconds:.3f} s | {one.sooner:.1f} × "
                f"| {one.read} | {one.spliced} |", flush=True,
            )  # fmt: skip
        else:
            print(
                f"{one.codec}: {one.bytes_per_token:.0f} bytes a token, {one.share:.1%} of f16,"
                f" a memory written in {one.write_ms:.1f} ms, read in {one.read_ms:.1f}"
            )
