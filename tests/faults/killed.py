"""A process that uses a memory until it is killed, and what must be true of that memory afterwards.

It says each action twice: before it begins, and when it was told that it is done.
"""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time

ACTIONS = (
    "remember",
    "remember",
    "chat",
    "edit",
    "forget",
    "undo",
    "import",
    "backup",
    "consolidate",
)
LINES = 30  # of an import
ANSWERED = """SELECT count(*) FROM turns AS q JOIN turns AS a ON a.session_id = q.session_id
    AND a.seq = q.seq + 1 AND a.role = 'assistant' WHERE instr(q.text, ?)"""

USE = """
import json, random, sys
from pathlib import Path
import memcli
from memcli import backup
from memcli.api import Memcli
from memcli.testing import HashEmbedder
from memcli.tiers import editing

Memcli._load_embedder = lambda self: HashEmbedder()
folder, seed, first = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
memory = memcli.open(folder=folder)
store, own = memory.store, {}

def say(what, *values):
    print(json.dumps([what, *values]), flush=True)

def text(i):
    return f"The boat with the number tok{i}x lies in the harbour."

for i in range(first, first + 100_000):
    action = rng.choice(ACTIONS) if own else "remember"
    if action == "remember":
        say("begin", action, i)
        own[i] = memory.remember(text(i))[0].memory
    elif action == "chat":
        say("begin", action, i)
        memory.chat_turn(f"Where does the boat tok{i}x lie?")
    elif action in ("edit", "forget"):
        old = rng.choice(sorted(own))
        say("begin", action, old, i)
        if action == "edit":
            own[i] = editing.edit(memory.memory, own.pop(old), {"text": text(i)})
        else:
            memory.forget(own.pop(old).id)
    elif action == "undo":
        say("begin", action, i)
        memory.remember(text(i))
        store.undo(store.journal.last_action())
    elif action == "import":
        say("begin", action, i)
        file = folder.parent / "in" / f"{i}.jsonl"
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(json.dumps({"text": f"Line {k} of tok{i}x."}) + "\\n" for k in range(LINES)))
        memory.import_paths([file])
    elif action == "backup":
        say("begin", action, i)
        backup.backup(store, folder.parent / f"backup-{i}.db")
    else:
        say("begin", action, i)
        memory.consolidate()
    say("done", action, i)
""".replace("ACTIONS", repr(ACTIONS)).replace("LINES", str(LINES))


class Life:
    """One memory that is used, killed, looked at, and used again."""

    def __init__(self, top, seed):
        self.folder, self.rng = top / "profile", random.Random(seed)
        self.there, self.gone = set(), set()
        self.chats, self.backups = [], []
        self.imported, self.open = {}, None
        self.kills = self.acts = 0

    def use_and_kill(self):
        """Let a process act, kill it at some moment, and note what it was told was done."""
        arguments = [self.folder, self.rng.randrange(10**9), 1_000_000 * (self.kills + 1)]
        child = subprocess.Popen(
            [sys.executable, "-c", USE, *map(str, arguments)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(self.rng.randrange(2, 60)):
            line = child.stdout.readline()
            assert line, "the process ended by itself"
            self._note(json.loads(line))
        time.sleep(self.rng.uniform(0, 0.05))
        child.send_signal(signal.SIGKILL)
        for line in child.communicate()[0].splitlines():
            self._note(json.loads(line)) if line.endswith("]") else None
        self.kills += 1

    def _note(self, said):
        what, action, *values = said
        if what == "begin":
            self.open = (action, *values)
            if action == "forget":  # which may blank what was asked about it
                self.chats.clear()
            return
        action, *values = self.open
        self.open, self.acts = None, self.acts + 1
        if action == "remember":
            self.there.add(values[0])
        elif action == "edit":
            self.there.discard(values[0])
            self.there.add(values[1])
        elif action == "forget":
            self.there.discard(values[0])
            self.gone.add(values[0])
        elif action == "undo":
            self.gone.discard(values[0])
        elif action == "import":
            self.imported[values[0]] = LINES
        elif action == "chat":
            self.chats.append(values[0])
        elif action == "backup":
            self.backups.append(values[0])

    def problems(self):
        """Return what is not as it must be, after the memory was opened once more."""
        import memcli

        with memcli.open(folder=self.folder) as memory:
            found = [*self._unsound(memory.store.db), *self._wrong(memory.store)]
            found += self._unanswered(memory.store.db)
        unsure = set(self.open[1:]) if self.open else set()
        data = b"".join(p.read_bytes() for p in self.folder.rglob("*") if p.is_file())
        found += [f"{i} was forgotten, and its bytes are there" for i in self.gone - unsure
                  if f"tok{i}x".encode() in data]  # fmt: skip
        for i in self.backups[-1:]:
            copied = sqlite3.connect(self.folder.parent / f"backup-{i}.db")
            if copied.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                found.append(f"backup {i} is damaged")
            copied.close()
        self.open = None
        return found

    def _unsound(self, db):
        if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            yield "the database is damaged"
        if db.execute("PRAGMA foreign_key_check").fetchall():
            yield "rows are missing"
        try:
            db.execute("INSERT INTO items_fts(items_fts, rank) VALUES ('integrity-check', 1)")
        except sqlite3.Error as error:
            yield f"full text does not fit the texts: {error}"
        stray = "SELECT count(*) FROM vectors WHERE item NOT IN (SELECT item FROM items)"
        if db.execute(stray).fetchone()[0]:
            yield "there are vectors of nothing"

    def _unanswered(self, db):
        for i in self.chats:  # what was asked is kept even if the answer was cut off
            if db.execute(ANSWERED, [f"tok{i}x"]).fetchone()[0] != 1:
                yield f"the exchange {i} was acknowledged, and is not there"

    def _wrong(self, store):
        texts = [m.text for m in store.memories.newest(current=True)]

        def count(i):
            return sum(f"tok{i}x" in text for text in texts)

        action, *unsure = self.open or ("",)
        for i in self.there - set(unsure):
            if count(i) != 1:
                yield f"{i} was acknowledged, and is there {count(i)} times"
        for i in self.imported:
            if count(i) != LINES:
                yield f"of the import {i} {count(i)} lines are there"
        if action == "import" and count(*unsure) not in (0, LINES):
            yield f"the import {unsure[0]} is half done"
        if action == "edit" and sum(map(count, unsure)) != 1:
            yield f"the edit of {unsure[0]} is half done"
        if action in ("remember", "edit", "forget"):  # as it turned out
            self.there = (self.there - set(unsure)) | {i for i in unsure if count(i)}
