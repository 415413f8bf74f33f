"""Servers that misbehave in every way, several times in a row, and pulls that are killed.

Whatever comes: the right file is put in place or none, what went wrong is said, what came is kept,
and a pull from an honest server then goes on to the right file.
"""

import hashlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pytest
from figures import Figure
from ggufs import write_llama
from hub_server import Bad, HubServer

from memcli import paths
from memcli.engine import download, web
from memcli.engine.download import Part
from memcli.engine.pull import pull
from memcli.errors import MemcliError

KINDS = [  # of misbehaviour, and what goes with it
    ("cuts", ""), ("resets", ""), ("stalls", ""), ("cuts chunks", ""), ("is slow", "0.0001"),
    ("hangs up", ""), ("talks nonsense", ""), ("ignores ranges", ""), ("has no more", ""),
    ("sends another piece", ""), ("says less", ""), ("says more", ""), ("says nothing", ""),
    ("sends chunks", ""), ("sends more", ""), ("flips a bit", ""), ("shows a page", ""),
    ("leads on", ""), ("leads on", "file:///etc/passwd"), ("leads round", ""), ("says", "0"),
]  # fmt: skip
STATUSES = (204, 206, 400, 401, 403, 404, 408, 410, 416, 418, 429, 500, 502, 503, 504)
BEHIND = ("cuts", "resets", "stalls")  # what may stand before and after it
WITHOUT_SUM = 0.4  # the share of pulls from an address that promises no checksum
KEEPING = {*BEHIND, "hangs up", "talks nonsense", "shows a page", "leads on", "leads round"}
HELPLESS = {"flips a bit", "sends more"}  # what nobody can see without a checksum or a size
COMMAND = "import sys; from memcli.__main__ import main; sys.argv[0] = 'memcli'; sys.exit(main())"


def figures(top, share):
    """Yield what servers and kills did to pulls in the folder ``top``."""
    model = write_llama(top / "model.gguf").read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEMCLI_HOME", str(top / "home"))
        patch.setenv("HF_TOKEN", "hf_none")
        yield _misbehaving(model, max(round(40 * share), 1))
        yield _killed(model, max(round(30 * share), 1))


def _misbehaving(model, rounds):
    tried, problems, ends = 0, [], Counter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download, "WAITS", (0.0, 0.0))
        patch.setattr(web, "TIMEOUT", 0.15)
        for seed in range(rounds):
            rng = random.Random(seed)
            for kind, value in KINDS:
                tried += 1
                found, end = _one(model, kind, value, rng)
                ends[end] += 1
                problems += [f"{kind} {value}, round {seed}: {problem}" for problem in found]
    note = f"{ends['right']} came right at once, {ends['refused']} after a clear refusal"
    what = f"pulls from servers that misbehave in {len(KINDS)} ways"
    return Figure("Download", what, tried, len(problems), note, tuple(problems[:20]))


def _one(model, kind, value, rng):
    """Pull from a server that misbehaves, then from an honest one; return what is wrong, and how it ended."""
    server = HubServer()
    url = server.put("Ana/Tiny", "tiny-Q4_K_M.gguf", model)
    summed = kind in HELPLESS or rng.random() > WITHOUT_SUM
    source = "hf:Ana/Tiny:Q4_K_M" if summed else url
    server.script.extend(_script(kind, value, rng, len(model)))
    target = paths.models() / "tiny.gguf"
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HF_ENDPOINT", server.url)
            return _twice(server, source, target, model, keeping=kind in KEEPING)
    finally:
        server.close()
        for file in paths.models().glob("tiny*"):
            file.unlink()


def _script(kind, value, rng, size):
    def bad(kind, value=""):
        at = rng.choice(STATUSES) if kind == "says" else rng.randrange(size)
        return Bad(kind, at or 1, value)

    before = [bad(rng.choice(BEHIND)) for _ in range(rng.randrange(3))]
    after = [bad(rng.choice(BEHIND)) for _ in range(rng.randrange(3))]
    return [*before, *(bad(kind, value) for _ in range(rng.randrange(1, 4))), *after]


def _twice(server, source, target, model, *, keeping):
    most, problems, end = 0, [], "right"

    def tell(done, total):
        nonlocal most
        most = max(most, Part(target).size)

    try:
        pull(source, "tiny", offline=False, tell=tell, say=lambda text: None)
    except MemcliError as error:
        end = "refused"
        if not error.message or not error.hint:
            problems.append("it failed without a word on what to do")
        if target.exists():
            problems.append("a file was put in place all the same")
        kept = Part(target).size
        if kept < (most if keeping else min(most, 1)):
            problems.append(f"{most} bytes had come, and {kept} are left")
        server.script.clear()
        pull(source, "tiny", offline=False, tell=tell, say=lambda text: None)
    except Exception as error:
        return [f"it failed unexpectedly: {error!r}"], "broken"
    if hashlib.sha256(target.read_bytes()).digest() != hashlib.sha256(model).digest():
        problems.append("the file is not right")
    return problems, end


def _killed(model, kills):
    """Kill pulls at any moment, again and again, until the file is there."""
    rng, problems, done = random.Random(5), [], 0
    while done < kills:
        server = HubServer()
        server.put("Ana/Tiny", "tiny-Q4_K_M.gguf", model)
        target, most = paths.models() / "tiny.gguf", 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HF_ENDPOINT", server.url)
            for _ in range(3):
                server.script.append(Bad("is slow", 3000, "0.01"))
                _pull_and_kill(target, rng.randrange(len(model)))
                done += 1
                if target.exists() and target.read_bytes() != model:
                    problems.append("a killed pull left a wrong file in place")
                if Part(target).size < most:
                    problems.append("a killed pull lost what came before")
                most = 0 if target.exists() else Part(target).size
            server.script.clear()
            pull("hf:Ana/Tiny:Q4_K_M", "tiny", offline=False, tell=lambda *_: None, say=str)
        if target.read_bytes() != model:
            problems.append("the file is not right in the end")
        server.close()
        for file in paths.models().glob("tiny*"):
            file.unlink()
    return Figure(
        "Download",
        "pulls killed at any byte, then gone on with",
        done,
        len(problems),
        "",
        tuple(problems),
    )


def _pull_and_kill(target, at):
    command = [sys.executable, "-c", COMMAND, "model", "pull", "hf:Ana/Tiny", "--as", "tiny"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    gone = threading.Timer(60, child.kill)
    gone.start()
    while child.poll() is None and Part(target).size < at:
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    gone.cancel()
