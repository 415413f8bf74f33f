"""A process that uses a memory in every way, and says each action before it begins and once done."""

import itertools
import multiprocessing
import os
import pkgutil
import random
import sqlite3
import time

import memcli
from memcli import backup
from memcli.api import Memcli
from memcli.chat.ahead import write_cells
from memcli.engine.base import Cancel
from memcli.store import schema
from memcli.testing import HashEmbedder
from memcli.text import clean
from memcli.tiers import editing

HEAVY = ["chromadb", "chromadb_rust_bindings", "filelock", "ijson", "llama_cpp", "sqlite_utils"]
HEAVY += [m.name for m in pkgutil.walk_packages(memcli.__path__, "memcli.") if "__" not in m.name]
LINES = 30  # of an import
ENCRYPTED = 0.1  # of the backups: to derive a key takes a second
AHEAD = 8  # memories whose cells are written by one action

# Forked from a process that has all imported, a child acts at once.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(HEAVY)


class Plain(Memcli):
    """A memory whose embedder costs nothing; ``chroma`` and a ``model`` if they are asked for."""

    def __init__(self, top, *, chroma=False, model=None):
        os.environ["MEMCLI_HOME"] = str(top / "home")
        given = {"index.backend": "chroma" if chroma else "exact"}
        if model:
            given |= {"model.path": str(model), "model.threads": 1, "sampling.max_tokens": 6}
        super().__init__(folder=top / "profile", settings=given)

    def _load_embedder(self):
        return HashEmbedder()


def text(i):
    return f"The boat with the number tok{i}x lies in the harbour."


def make_old(file):
    """Bring a database that nobody has open back to schema 2, as an older memcli left it."""
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    for name in ("sources_content", "sessions_of_kind", "memories_of_kind"):
        db.execute(f"DROP INDEX {name}")
    for change in ("insert", "update", "delete"):
        db.execute(f"DROP TRIGGER turns_{change}_noted")
    db.execute("ALTER TABLE turns DROP COLUMN reply_to")
    schema._run_all(db, schema.journal_triggers("turns", schema._columns(db, "turns")))
    db.execute("DELETE FROM _sqlite_migrations WHERE name = 'imported'")
    db.execute("PRAGMA user_version = 2")
    db.execute("COMMIT")
    db.close()


class Actor:
    """Acts in one memory; each method is an action and says where it begins."""

    def __init__(self, pipe, top, seed, has):
        self.say, self.top, self.has = pipe.send, top, has
        self.rng = random.Random(seed)
        self.memory, self.own = Plain(top, **has), {}

    def remember(self, i):
        self.begin("remember", i)
        self.own[i] = self.memory.remember(text(i))[0].memory

    def chat(self, i):
        self.begin("chat", i)
        while not clean(self.memory.chat_turn(f"Where does the boat tok{i}x lie?").answer).strip():
            pass  # a model of random weights may say nothing, and nothing is stored then

    def edit(self, i):
        old = self._one()
        self.begin("edit", old, i)
        self.own[i] = editing.edit(self.memory.memory, self.own.pop(old), {"text": text(i)})

    def forget(self, i):
        old = self._one()
        self.begin("forget", old)
        gone = self.memory.forget(self.own.pop(old).id)
        assert gone.proof.ok, gone.proof

    def undo(self, i):
        self.begin("undo", i)
        self.memory.remember(text(i))
        self.memory.store.undo(self.memory.store.journal.last_action())

    def import_(self, i):
        file = self.top / "in" / f"{i}.jsonl"
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(f'{{"text": "Line {k} of tok{i}x."}}\n' for k in range(LINES)))
        self.begin("import", i)
        self.memory.import_paths([file])

    def consolidate(self, i):
        self.begin("consolidate", i)
        self.memory.consolidate()

    def backup(self, i):
        passphrase = "harbour" if self.rng.random() < ENCRYPTED else ""
        self.begin("backup", i, bool(passphrase))
        backup.backup(self.memory.store, self.top / f"backup-{i}.db", passphrase)

    def index(self, i):
        self.begin("index", i)
        self.memory.memory.meaning.semantics()[1].rebuild()

    def cells(self, i):
        self.memory.chat_turn("Where do all the boats lie?")
        self.begin("cells", i)
        self.memory.kv.prune(0)
        sum(stats.stored for stats in write_cells(self.memory, AHEAD, Cancel()))
        self.memory._conversation.suspend()

    def migration(self, i):
        self.memory.close()
        make_old(self.memory.paths.database)
        self.begin("migration", i)
        self.memory = Plain(self.top, **self.has)

    def begin(self, *what):
        self.say(("begin", *what))
        self.begun = time.perf_counter()

    def done(self):
        self.say(("done", time.perf_counter() - self.begun))

    def _one(self):
        return self.rng.choice(sorted(self.own))


ACTIONS = {
    "remember": Actor.remember, "edit": Actor.edit, "forget": Actor.forget, "undo": Actor.undo,
    "import": Actor.import_, "chat": Actor.chat, "consolidate": Actor.consolidate,
    "backup": Actor.backup, "index": Actor.index, "cells": Actor.cells,
    "migration": Actor.migration,
}  # fmt: skip


def use(pipe, top, seed, first, aim, has):
    """Act until killed, mostly in the way of ``aim``; texts are numbered from ``first`` on."""
    without = {"index"} - {"index" if has["chroma"] else ""}
    without |= {"consolidate"} if has["model"] else {"cells"}  # what such a model says takes long
    others = [name for name in ACTIONS if name not in without]
    actor = Actor(pipe, top, seed, has)
    for i in itertools.count(first):
        name = aim if actor.rng.random() < 0.4 else actor.rng.choice(others)
        ACTIONS[name if actor.own else "remember"](actor, i)
        actor.done()
