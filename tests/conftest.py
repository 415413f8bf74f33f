"""Fixtures that every test may use. No test can touch a person's memory: see ``own_home``."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memcli.engine.base import Cancel
from memcli.index.exact import ExactIndex
from memcli.store import Store
from memcli.testing import CountingIds, FixedClock, HashEmbedder
from memcli.tiers.long_term import LongTerm

os.environ["TZ"] = "UTC"  # what has no zone is of this machine: here, always of the same
time.tzset()
# A shell ignores Ctrl-C for what it runs in the background; the tests of Ctrl-C must not hang there.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).resolve().parents[2] / "shared"


class CancelAfter(Cancel):
    """Raises itself when it has been looked at some times, as a signal would in the middle."""

    def __init__(self, looks):
        self.looks = looks

    @property
    def raised(self):
        self.looks -= 1
        return self.looks < 0


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Give each test a data folder of its own, and none of the settings of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("MEMCLI_"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("MEMCLI_HOME", str(home))
    monkeypatch.setenv("NO_COLOR", "1")
    return home


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def store(tmp_path, clock):
    opened = Store(tmp_path / "memory.db", clock=clock, ids=CountingIds())
    yield opened
    opened.close()


@pytest.fixture
def memory(store):
    """Long-term memory with an embedder that costs nothing."""
    return LongTerm(store, HashEmbedder, lambda embedder: ExactIndex(store.vectors, embedder.dims))


@dataclass
class Result:
    code: int
    out: str
    err: str


@pytest.fixture
def run():
    """Run a command in this process, through the one exit point, and return what it printed."""
    from memcli.__main__ import main

    def run(*arguments, stdin=""):
        runner = CliRunner()
        with runner.isolation(input=stdin) as (out, err, _):
            argv, sys.argv = sys.argv, ["memcli", *map(str, arguments)]
            try:
                code = main()
            finally:
                sys.argv = argv
            sys.stdout.flush()
            sys.stderr.flush()
            return Result(code, out.getvalue().decode(), err.getvalue().decode())

    return run


@pytest.fixture
def process():
    """Run a command in a process of its own."""

    def process(*arguments, stdin="", **options):
        done = subprocess.run(
            [sys.executable, "-m", "memcli", *map(str, arguments)],
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True,
            timeout=120,
            check=False,
            **options,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return process


def shared(*parts):
    """Return a path of the evaluation data, or skip the test where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the evaluation data is not here: {'/'.join(parts)}")
    return path
