"""A long conversation in a small context: python benchmarks/turns.py [TURNS].

Does a token still cost the same after hundreds of turns, and does memory grow? For each policy of
the window (chat.window), on a small llama with random weights and 512 tokens of context. Stored
cells may take 1 MiB of RAM here (kv.ram): else they would be seen to grow, up to what they may take.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from common import sentences
from ggufs import write_llama

import memcli

TURNS = int(sys.argv[1]) if len(sys.argv) > 1 else 500
EARLY, LATE = (50, 150), (TURNS - 100, TURNS)


def rss():
    """Return what the process takes now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def converse(path, policy, folder):
    """Yield the seconds a token and a turn took, and the tokens that were read, of each turn."""
    settings = {
        "model_path": str(path), "model_context": 512, "model_threads": 1,
        "kv_ram": 1, "sampling_max_tokens": 24, "sampling_temperature": 0.0, "chat_window": policy,
    }  # fmt: skip
    with memcli.open(folder=folder, **settings) as memory:
        for said in sentences(TURNS):
            start = time.perf_counter()
            stats = memory.chat_turn(said[:70]).stats
            turn = time.perf_counter() - start
            seconds = stats.first_token_s + (stats.written - 1) / (stats.tokens_per_s or 1)
            tokens = stats.read + stats.stored + stats.written
            yield seconds / tokens, turn, stats.read, rss()


with tempfile.TemporaryDirectory() as name:
    path = write_llama(
        Path(name) / "small.gguf", eos=False, context=512, layers=4, width=128, heads=4, q8=True
    )
    print(
        "| policy | ms a token, early | late | growth | tokens read a turn | ms a turn, early | late | MiB, early | late |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for policy in ("window", "sinks", "compressive"):
        turns = list(converse(path, policy, Path(name) / policy))
        parts = [turns[slice(*span)] for span in (EARLY, LATE)]
        token, whole = ([median(t[i] for t in part) * 1000 for part in parts] for i in (0, 1))
        read = sum(t[2] for t in turns) / len(turns)
        memory = [part[-1][3] for part in parts]
        print(
            f"| {policy} | {token[0]:.3f} | {token[1]:.3f} | {token[1] / token[0] - 1:+.1%} |"
            f" {read:.0f} | {whole[0]:.1f} | {whole[1]:.1f} | {memory[0]:.0f} | {memory[1]:.0f} |",
            flush=True,
        )
