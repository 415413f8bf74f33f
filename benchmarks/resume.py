"""Resume of a session against reading it again: python benchmarks/resume.py [TOKENS].

On a llama of 0.5 B parameters with random weights (24 layers, d 896, Q8_0), which the benchmark writes.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from ggufs import write_llama

from memcli.config import ModelConfig, SamplingConfig
from memcli.engine.base import Cancel, Message, Prompt
from memcli.engine.llama import LlamaEngine
from memcli.media.state import States

TOKENS = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
ROUNDS = 3


def first_token(engine, messages):
    """Return the seconds to the first token, and how many tokens were read for it."""
    start = time.perf_counter()
    generation = engine.answer(Prompt(tuple(messages)), Cancel())
    next(iter(generation), "")
    return time.perf_counter() - start, generation.stats.read


with tempfile.TemporaryDirectory() as folder:
    path = write_llama(
        Path(folder) / "half.gguf",
        eos=False, context=4096, layers=24, width=896, heads=14, kv=2, feed=4864, q8=True,
    )  # fmt: skip
    settings = SamplingConfig(temperature=0.0, max_tokens=1)
    model = ModelConfig(path=str(path), threads=2)
    states = States(Path(folder) / "states", 2**32)
    said = [Message("user", "a" * TOKENS)]
    asked = [*said, Message("assistant", "b"), Message("user", "And now?")]
    plain, resumed = [], []
    for _ in range(ROUNDS):
        engine = LlamaEngine(model, settings, cache=Path(folder))
        plain.append(first_token(engine, asked))
        engine.close()
        engine = LlamaEngine(model, settings, cache=Path(folder))
        first_token(engine, said)
        size = states.save("s", engine, [])
        engine.close()
        engine = LlamaEngine(model, settings, cache=Path(folder))
        start = time.perf_counter()
        tokens = states.restore("s", engine).tokens
        restoring = time.perf_counter() - start
        seconds, read = first_token(engine, asked)
        resumed.append((restoring + seconds, read))
        engine.close()
    again, back = (median(s for s, _ in took) for took in (plain, resumed))
    print(f"{plain[0][1]} tokens read again: first token after {again:.2f} s")
    print(f"{tokens} resumed ({size / 1e6:.0f} MB), {resumed[0][1]} read: after {back:.3f} s")
    print(f"{again / back:.0f} times sooner")
