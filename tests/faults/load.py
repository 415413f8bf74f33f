"""Several processes at once on one profile.

Readers have no patience at all (``PATIENCE_S = 0``): where one would wait for a writer, however
short, SQLite says "database is locked" instead, and that is counted. No clock has a say in it.

Run as a script, this is one of the processes: ``load.py ROLE FOLDER TIMES``.
"""

import contextlib
import io
import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from figures import Figure

import memcli
from memcli import doctor
from memcli.__main__ import main
from memcli.api import Memcli
from memcli.errors import StoreLocked
from memcli.index import chroma
from memcli.store import store as storing
from memcli.testing import HashEmbedder
from memcli.tiers import editing

WRITES = 2_000  # of each writer
LINES = 10  # of a file that is imported
ALONE = 20  # reads of each reader once nobody writes
STUCK_S = 600  # after which who still waits for a lock is taken to wait for ever
OPENINGS = 10  # of each process that uses Chroma
PAUSE_S = 0.2  # between two reads of a reader
KEPT = """SELECT text FROM memories WHERE turn_id IS NULL AND superseded_by IS NULL UNION ALL
    SELECT q.text FROM turns AS q JOIN turns AS a ON a.session_id = q.session_id
    AND a.seq = q.seq + 1 AND a.role = 'assistant' WHERE q.role = 'user'"""
COMMANDS = (
    "recall harbour", "ask 'Where does the boat lie?'", "memory list",
    "memory search boat", "memory show ID", "memory history ID", "memory stats",
    "memory sql 'SELECT count(*) FROM memories'", "session list", "session show SESSION",
)  # fmt: skip


def text(verb, i):
    return f"The boat with the number {verb}{i}x lies in the harbour."


# What the processes do


def chat(memory, i):
    memory.chat_turn(text("chat", i))


def bring(memory, i):
    if i % LINES:
        return
    file = memory.paths.folder.parent / f"{i}.jsonl"
    said = (text("import", k) for k in range(i, i + LINES))
    file.write_text("".join(json.dumps({"text": line}) + "\n" for line in said))
    memory.import_paths([file])


def remember(memory, i):
    memory.remember(text("remember", i))


def edit(memory, i):
    """Two writes: only the second one's text may be there afterwards."""
    if i % 2:
        old = memory.remember(text("draft", i))[0].memory
        editing.edit(memory.memory, old, {"text": text("edit", i)})


def list_(memory):
    memory.store.memories.newest(current=True, limit=50)


def show(memory):
    for found in memory.recall("harbour", limit=3):
        memory.memory.hit(memory.memory.find(found.id))


def recall(memory):
    memory.recall("Which boat lies in the harbour?")


def open_anew(memory):
    with memcli.open(folder=memory.paths.folder) as other:
        list_(other)
        recall(other)


WRITERS = {"chat": chat, "import": bring, "remember": remember, "edit": edit}
READERS = {"recall": recall, "list": list_, "show": show, "open": open_anew}


def write(memory, role, times):
    waits, take = [], memory.store._turns.take

    @contextlib.contextmanager
    def timed(patience):
        began = time.monotonic()
        with take(patience):
            waits.append(time.monotonic() - began)
            yield

    memory.store._turns.take = timed
    refused = [problem for i in range(times) for problem in refusals(WRITERS[role], memory, i)]
    return {"refused": refused, "longest": max(waits)}


def read(memory, role, times):
    """Read until the writers are done, and ``times`` more."""
    refused, took = [], {True: [], False: []}
    written = memory.paths.folder.parent / "written"
    while len(took[True]) < times:
        alone, began = written.exists(), time.monotonic()
        refused += refusals(READERS[role], memory)
        took[alone].append(1000 * (time.monotonic() - began))
        time.sleep(PAUSE_S)
    return {"refused": refused, "beside": took[False], "alone": took[True]}


def refusals(act, *values):
    try:
        act(*values)
    except StoreLocked as error:
        yield f"{act.__name__}: {error}"


def use_chroma(memory, role, times):
    """Open the profile again and again, each time with a turn at Chroma; see who else has one."""
    chroma.LOCK_PATIENCE_S = 10 * STUCK_S
    shared = []
    for i in range(times):
        with memcli.open(folder=memory.paths.folder, index_backend="chroma") as other:
            other.remember(text(f"{role}p{os.getpid()}", i))
            other.recall("Which boat lies in the harbour?")
            found = other.memory.meaning.semantics()  # None: on a slow machine, no vector yet
            shared += [found[1].note] if found and found[1].note else []
            shared += others_in(other.paths.chroma)
    return {"refused": shared}


def others_in(folder):
    """Yield the other processes that have a file of a folder open, whatever memcli thinks.

    The lock beside the folder is not in it: who waits for its turn opens it for a moment.
    """
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if link.parts[2] != str(os.getpid()) and folder in link.readlink().parents:
                yield f"{link.parts[2]} has {link.readlink()} open, and {os.getpid()} too"


def run_commands(memory, _, __):
    """Run commands that only read, as their own processes would, and return what did not end well."""
    ids = {
        "ID": memory.store.memories.newest()[0].id,
        "SESSION": memory.store.sessions.latest()[0].id,
    }
    memory.close()
    refused = []
    for line in COMMANDS:
        out, sys.argv = (
            io.StringIO(),
            ["memcli", *(ids.get(word, word) for word in shlex.split(line))],
        )
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main()
        refused += [f"{line} ended with {code}: {out.getvalue()[-300:]}"] if code else []
    return {"refused": refused}


OTHERS = {"chroma": use_chroma, "commands": run_commands}


def take_part(role, folder, times):
    Memcli._load_embedder = lambda self: HashEmbedder()
    act = write if role in WRITERS else read if role in READERS else OTHERS[role]
    storing.PATIENCE_S = {read: 0.0, run_commands: 3600.0}.get(act, storing.PATIENCE_S)
    memory = memcli.open(folder=Path(folder))
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(act(memory, role, int(times))), flush=True)


# What is counted


class Process:
    """One of the processes, which waits for the word to begin."""

    def __init__(self, role, folder, times, **environment):
        self.child = subprocess.Popen(
            [sys.executable, __file__, role, str(folder), str(times)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {name: str(value) for name, value in environment.items()},
        )  # fmt: skip
        assert self.child.stdout.readline() == "ready\n"

    def begin(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()

    def end(self, patience=None):
        """Return what it found; with ``patience`` (s), kill it after that time."""
        try:
            said = self.child.communicate(timeout=patience)[0]
        except subprocess.TimeoutExpired:
            self.child.kill()
            said = self.child.communicate()[0]
        ended = f"it ended with {self.child.returncode} and said nothing"
        return json.loads(said) if said else {"refused": [ended]}


def figures(top, share):
    yield from together(top / "together", max(20, int(WRITES * share)))
    yield beside_a_writer(top / "home")
    yield one_at_a_time(top / "chroma", max(1, int(OPENINGS * share)))


def together(top, writes):
    """Four writers and four readers on one profile; what was written is there once."""
    folder = top / "profile"
    with new_memory(folder) as memory:
        memory.chat_turn(text("first", 0))
    everyone = {role: Process(role, folder, writes) for role in WRITERS}
    everyone |= {role: Process(role, folder, ALONE) for role in READERS}
    for one in everyone.values():
        one.begin()
    wrote = [everyone[role].end() for role in WRITERS]
    (top / "written").touch()
    got = [everyone[role].end() for role in READERS]
    with new_memory(folder) as memory:
        wrong = [*miscounted(memory.store.db, writes), *unsound(memory)]
    refused = [problem for one in wrote for problem in one["refused"]]
    longest = max(one.get("longest", 0) for one in wrote)
    yield Figure("Load", "writes by four processes at once, beside four that read", 4 * writes,
                 len(wrong), "each there exactly once, in a sound database", tuple(wrong[:3]))  # fmt: skip
    yield Figure("Load", "of these, refused as locked", 4 * writes, len(refused),
                 f"the longest wait for the write lock: {longest:.1f} s of the"
                 f" {storing.PATIENCE_S:.0f} s of patience", tuple(refused[:3]))  # fmt: skip
    waited = [problem for one in got for problem in one["refused"]]
    reads = sum(len(one.get("beside", ())) for one in got)
    beside, alone = (statistics.median(got[0].get(when) or [0]) for when in ("beside", "alone"))
    yield Figure("Load", "reads beside them that had to wait for a lock", reads, len(waited),
                 f"half of the recalls took less than {beside:.0f} ms, and {alone:.0f} ms once"
                 " nobody wrote", tuple(waited[:3]))  # fmt: skip


def miscounted(db, writes):
    """Yield the writes that are not there exactly once, and drafts that are there still."""
    there = Counter(said for (said,) in db.execute(KEPT))
    for i in range(writes):
        expected = {"chat": 1, "import": 1, "remember": 1, "draft": 0, "edit": i % 2}
        for verb, times in expected.items():
            if there[text(verb, i)] != times:
                yield f"{verb} {i} is there {there[text(verb, i)]} times"


def unsound(memory):
    """Return what doctor finds wrong with a memory."""
    return [f"{f.name}: {f.says}" for f in doctor.examine(memory) if not f.ok and f.name != "disk"]


def beside_a_writer(home):
    """Run each command that reads while a writer holds the database, which it lets go of after."""
    folder = home / "profiles" / "default"
    with new_memory(folder) as memory:
        memory.chat_turn(text("chat", 0))
        memory.remember(text("remember", 0))
        reader = Process("commands", folder, 0, MEMCLI_HOME=home)
        memory.store.vectors.reset()  # as after an undo: an item has no vector yet
        memory.store.set_meta("unscrubbed", "1")  # as while another process forgets
        with memory.store.action("remember", dry_run=True):
            memory.remember(text("remember", 1))
            reader.begin()
            refused = reader.end(STUCK_S)["refused"]
    return Figure("Load", "commands that read, each ended while a writer held the database",
                  len(COMMANDS), len(refused), problems=tuple(refused))  # fmt: skip


def one_at_a_time(top, times):
    """Four processes that use one Chroma index; at the end it holds what the store holds."""
    folder = top / "profile"
    new_memory(folder).close()
    users = [Process("chroma", folder, times) for _ in range(4)]
    for user in users:
        user.begin()
    wrong = [problem for user in users for problem in user.end()["refused"]]
    with new_memory(folder, index_backend="chroma") as memory:
        memory.recall("harbour")  # takes in what is new
    with new_memory(folder, index_backend="chroma") as memory:
        wrong += unsound(memory)
    return Figure(
        "Load", "turns of four processes at one Chroma index", 4 * times, len(wrong),
        "nobody else had its files open, and it holds all", tuple(wrong[:3]),
    )  # fmt: skip


def new_memory(folder, **settings):
    memory = memcli.open(folder=folder, **settings)
    memory.memory.meaning._load_embedder = HashEmbedder
    return memory


if __name__ == "__main__":
    take_part(*sys.argv[1:])
