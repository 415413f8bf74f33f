"""An import that is killed, again and again, ends as one that nobody disturbed."""

import json
import random
import subprocess
import sys

import pytest

from memcli.store import Store

KILLS = 30
IMPORT = """
import os, signal, sys, threading
from pathlib import Path
from memcli.importing import Choices, Importer
from memcli.index.exact import ExactIndex
from memcli.store import Store
from memcli.testing import HashEmbedder
from memcli.tiers.long_term import LongTerm

store = Store(Path(sys.argv[1]))
memory = LongTerm(store, HashEmbedder, lambda e: ExactIndex(store.vectors, e.dims))
if delay := float(sys.argv[3]):
    threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()
report = Importer(memory, Choices(frozenset({"ana"}))).paths([Path(sys.argv[2])])
print(report.new + report.updated)
store.close()
os._exit(0)
"""


@pytest.fixture
def vault(tmp_path):
    """Notes that link, a diary that teaches, and a long chat, of which some is hers."""
    folder = tmp_path / "vault"
    (folder / "journal").mkdir(parents=True)
    for i in range(300):
        text = f"# Boats\n\nBoat {i} lies next to [[Boat {i + 1}]]. #sea\n\n# Sails\n\nRed {i}.\n"
        (folder / f"Boat {i}.md").write_text(text)
    for i in range(60):
        day = folder / "journal" / f"2024-{1 + i // 28:02d}-{1 + i % 28:02d}.md"
        day.write_text(f"I met Bo at the harbour. I like boat {i}.\n")
    with (folder / "talk.jsonl").open("w") as file:
        for i in range(1_200):
            said = {
                "session": "s",
                "speaker": ("Ana", "Bo")[i % 2],
                "text": f"My boat is number {i}.",
                "time": f"2024-03-{1 + i // 100:02d}T10:00:{i % 60:02d}Z",
            }
            file.write(json.dumps(said) + "\n")
    return folder


def run(database, vault, delay=0.0):
    """Import in a process of its own; return its exit status and what it said."""
    command = [sys.executable, "-c", IMPORT, database, vault, str(delay)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout.strip() or done.stderr


def content(database):
    """Return all that a person would see, without ids."""
    store = Store(database)
    queries = [
        "SELECT kind, uri, title, content_hash FROM sources ORDER BY uri",
        """SELECT t.seq, t.role, t.speaker, t.text, t.key FROM turns AS t ORDER BY t.seq""",
        """SELECT m.kind, m.text, m.quote, m.title, m.tags, m.key, m.span_start, m.recorded,
                  m.superseded_by IS NULL, s.uri, t.text FROM memories AS m
           LEFT JOIN sources AS s ON s.id = m.source_id LEFT JOIN turns AS t ON t.id = m.turn_id
           ORDER BY s.uri, t.seq, m.key, m.text""",
        "SELECT m.text, subject, predicate, object FROM triples JOIN memories AS m ON m.id = memory_id ORDER BY 1, 2, 3, 4",
        "SELECT count(*) FROM vectors",
        "SELECT count(*) FROM unembedded",
    ]
    found = [store.db.execute(query).fetchall() for query in queries]
    assert store.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store.close()
    return found


def test_killed_at_any_moment_it_goes_on_where_it_was(tmp_path, vault):
    """After thirty kills and one run to the end, everything is there once; and a last one agrees."""
    code, said = run(tmp_path / "calm.db", vault)
    assert code == 0, said
    rng, killed = random.Random(7), 0
    wild = tmp_path / "wild.db"
    while killed < KILLS:
        code, said = run(wild, vault, rng.uniform(0.001, 0.6))
        assert code in (0, -9), said
        killed += code == -9
        if code == 0 and rng.random() < 0.5:  # done: another one begins, to be killed as well
            wild.unlink()
    code, said = run(wild, vault)
    assert code == 0, said
    assert content(wild) == content(tmp_path / "calm.db")
    assert run(wild, vault) == (0, "0")
