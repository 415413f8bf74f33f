"""What memcli writes is its owner's alone."""

import subprocess
import sys

import modes
import pytest
from commands import SECRET, open_to_others

import memcli

API = """
import os, sys
os.umask(int(sys.argv[1], 8))
import memcli
from memcli.testing import HashEmbedder
memcli.Memcli._load_embedder = lambda self: HashEmbedder()
with memcli.open() as memory:
    kept = memory.remember("The boat lies in Porto.")[0].memory
    memory.chat_turn("Where is the boat?")
    memory.forget(kept.id)
assert os.umask(0) == int(sys.argv[1], 8)
"""


def test_all_that_commands_write_is_private(tmp_path):
    """Folders have 0700 and files 0600 where the umask takes nothing; no secret is in them."""
    for figure in modes.figures(tmp_path, 0.1):
        assert figure.failed == 0, figure.problems
        assert figure.tried > 20
    assert (tmp_path / "umask-0" / "calls").read_text() == ""  # and nobody was called


@pytest.mark.parametrize("umask", ["0", "22", "177", "777"])
def test_a_program_keeps_its_umask(own_home, umask):
    """From Python the same holds, and the umask of the program stays as it is."""
    subprocess.run([sys.executable, "-c", API, umask], check=True)
    assert (own_home / "profiles" / "default" / "receipts").is_dir()
    assert open_to_others(own_home) == []


def test_a_file_that_was_open_is_closed(tmp_path):
    """A database that was copied with a looser mode is closed to others when it is opened."""
    memcli.open(folder=tmp_path / "a").close()
    (tmp_path / "a" / "memory.db").chmod(0o644)
    memcli.open(folder=tmp_path / "a").close()
    assert open_to_others(tmp_path / "a") == []


def test_nothing_that_was_said_is_logged(run, own_home):
    """Only the database holds what was said; a private session leaves nothing at all."""
    run("chat", stdin="I live in Lisbon by the Quarzwerk.\n")
    run("chat", "--private", stdin=f"My horse is Zorgbert. {SECRET}\n")
    holding = [
        f.name for f in own_home.rglob("*") if f.is_file() and b"Quarzwerk" in f.read_bytes()
    ]
    assert set(holding) <= {"memory.db", "memory.db-wal"}
    assert not any(b"Zorgbert" in f.read_bytes() for f in own_home.rglob("*") if f.is_file())
