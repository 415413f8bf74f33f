"""Most commands one after the other in one process, to see what they write and whom they call."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from ggufs import write_llama
from secret_texts import filled

TESTS = Path(__file__).resolve().parents[1]
SECRET = filled("ghp_[A-Za-z0-9]{36}", random.Random(3))
NOTE = f"""# The boat {SECRET}

Ana moved to Porto. The token of the harbour is {SECRET}. See [[Harbour {SECRET}]]. #boat

## Keys

The spare key is under the blue pot.
"""
SAID = f"My name is Ana and I live in Lisbon.\nMy token is {SECRET}.\nWhere do I live?\n"
COMMANDS = [
    ("remember", f"The harbour's token is {SECRET}.", "--tag", f"x,{SECRET}"),
    ("remember", "The boat lies in Porto."),
    ("import", "notes", "--tag", "journal"),
    ("chat", SAID),
    ("chat --private", "My brother is Igor.\n"),
    ("ask", "Where is the spare key?"),
    ("recall", "spare key", "--json"),
    ("recall", "token"),
    ("memory list",),
    ("memory edit {id} --set", f"text=The boat lies in Porto with {SECRET}."),
    ("memory pin {id}",),
    ("session rename {session}", f"Harbour {SECRET}"),
    ("session fork {session} --title", f"Fork {SECRET}"),
    ("session export {session} out/session.md",),
    ("undo --yes",),
    ("redo --yes",),
    ("export out/memory.jsonl",),
    ("export out/vault --format markdown",),
    ("backup out/memory.db",),
    ("backup out/memory.age --encrypt",),
    ("remember", "Tomas paddles a violet kayak."),
    ("memory forget {id} --yes",),
    ("restore out/memory.age --yes",),
    ("config set index.backend chroma",),
    ("index rebuild",),
    ("recall", "the boat"),
    ("index status",),
    ("config set sampling.max_tokens 4",),
    ("config set kv.splice on",),
    ("model list",),
    ("model info model.gguf",),
    ("model use model.gguf",),
    ("ask", "Where is the boat?"),
    ("kv build --limit 2",),
    ("kv status",),
    ("state build notes/boat.md --name boat",),
    ("chat", SAID),
    ("model use none",),
    ("consolidate",),
    ("doctor --fix",),
    ("doctor",),
    ("demo",),
]
RUN = """
import io, json, os, sys
os.umask(int(sys.argv[1], 8))
calls = open("calls", "a", buffering=1)
WATCHED = "connect sendto sendmsg bind getaddrinfo gethostbyname gethostbyaddr".split()

def heard(event, arguments):
    if event.startswith("socket.") and event[7:] in WATCHED:
        print(event, arguments[1:], file=calls)

sys.addaudithook(heard)
from memcli.__main__ import main

def ids():
    import memcli
    with memcli.open() as memory:
        newest, sessions = memory.store.memories.newest(current=True), memory.store.sessions.latest()
    return {"id": newest[0].id if newest else "", "session": sessions[0].id if sessions else ""}

for words, *rest in json.loads(sys.argv[2]):
    if "{" in words:
        words = words.format_map(ids())
    typed = rest.pop() if words.startswith("chat") else ""
    sys.argv = ["memcli", *words.split(), *rest]
    sys.stdin = io.TextIOWrapper(io.BytesIO(typed.encode()))
    if code := main():
        sys.exit(f"{sys.argv} ended with {code}")
"""


def run_all(top, umask=0o022, *, before=(), commands=COMMANDS):
    """Run the commands in a new folder and return how that ended; ``calls`` lists what they called.

    ``before`` is a command that runs the process. What is written lies in ``home`` and ``out``.
    """
    top.mkdir(parents=True)
    (top / "notes").mkdir()
    (top / "out").mkdir(mode=0o700)
    (top / "notes" / "boat.md").write_text(NOTE)
    write_llama(top / "model.gguf", eos=False, context=2048)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEMCLI_")}
    return subprocess.run(
        [*before, sys.executable, "-c", RUN, f"{umask:o}", json.dumps(commands)],
        cwd=top, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280, check=False,
        env={**kept, "MEMCLI_HOME": str(top / "home"), "MEMCLI_PASSPHRASE": "kelp",
             "PYTHONPATH": os.pathsep.join([str(TESTS.parent), *sys.path]), "EDITOR": "true"},
    )  # fmt: skip


def open_to_others(*folders):
    """Return what is written in some folders that has not the mode 0700, or 0600 for files."""
    found = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    return [
        f"{path}: {path.stat().st_mode & 0o777:o}"
        for path in found
        if path.stat().st_mode & 0o777 != (0o700 if path.is_dir() else 0o600)
    ]


def can(*command):
    """Say whether a command that a test needs is here, and may be used."""
    return (
        bool(shutil.which(command[0]))
        and not subprocess.run([*command, "true"], capture_output=True, check=False).returncode
    )
