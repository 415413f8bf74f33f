"""Processes that use a memory are killed; what must be true of that memory afterwards."""

import contextlib
import itertools
import os
import random
import re
import signal
import sqlite3
import time
from collections import Counter
from statistics import median

from acting import ACTIONS, AHEAD, LINES, PROCESSES, Plain, text, use
from figures import Figure
from ggufs import write_llama

from memcli.backup import check, is_encrypted
from memcli.chat.ahead import write_cells
from memcli.engine.base import Cancel
from memcli.errors import StoreError
from memcli.media import blob
from memcli.store.schema import VERSION

KILLS = 200
LIFE = 25  # kills of one memory, after which the next one begins
OLD = 2 * 86_400  # seconds: what a process left half written so long ago is nobody's any more
ANSWERED = """SELECT count(*) FROM turns AS q JOIN turns AS a ON a.session_id = q.session_id
    AND a.seq = q.seq + 1 AND a.role = 'assistant' WHERE instr(q.text, ?)"""
HALF = (".*.tmp", "*.copying*", "*.restoring*")


class Life:
    """One memory that is used, killed, looked at, and used again."""

    def __init__(self, top, seed, took):
        top.mkdir(exist_ok=True)
        self.top, self.folder, self.rng = top, top / "profile", random.Random(seed)
        self.model = write_llama(top / "tiny.gguf", eos=False, context=512)
        self.has = {"chroma": False, "model": None}
        self.took = took  # seconds of each action
        self.there, self.gone = set(), set()
        self.undone, self.imported, self.chats, self.backups = set(), set(), set(), set()
        self.open = None  # the action that was begun, and its numbers
        self.kills = self.acts = 0
        self.hit = Counter()  # kills within each kind of action

    def use_and_kill(self, aim):
        """Let a process act, kill it at some moment of an action, and note what it said."""
        chroma = aim == "index" or (aim != "cells" and self.rng.random() < 0.3)
        self.has = {"chroma": chroma, "model": self.model if aim == "cells" else None}
        pipe, its = PROCESSES.Pipe(duplex=False)
        given = (its, self.top, self.rng.randrange(10**9), 1_000_000 * (self.kills + 1), aim)
        child = PROCESSES.Process(target=use, args=(*given, self.has), daemon=True)
        child.start()
        its.close()
        least = self.acts + self.rng.randrange(1, 12)
        while self.acts < least or self.open is None or self.open[0] != aim:
            self._note(*pipe.recv())
        time.sleep(self.rng.uniform(0, 1.2 * median(self.took[aim][-9:])))
        os.kill(child.pid, signal.SIGKILL)
        with contextlib.suppress(EOFError):
            while True:
                self._note(*pipe.recv())
        child.join()
        self.kills += 1
        self.hit[self.open[0] if self.open else "none"] += 1

    def _note(self, what, *values):
        if what == "begin":
            self.open = values
            if values[0] == "forget":  # which may blank what was asked about it
                self.chats.clear()
            return
        action, *numbers = self.open
        self.open, self.acts = None, self.acts + 1
        self.took[action].append(*values)
        if action in ("edit", "forget"):
            self.there.discard(numbers[0])
        if action in ("remember", "edit"):
            self.there.add(numbers[-1])
        kept = {"forget": self.gone, "undo": self.undone, "import": self.imported}
        kept |= {"chat": self.chats, "backup": self.backups}
        if action in kept:
            kept[action].add(numbers[0])

    def problems(self):
        """Return what is not as it must be, after the memory was opened once more."""
        for file in self._half():  # as if the next start were days later
            os.utime(file, (time.time() - OLD,) * 2)
        with Plain(self.top, **self.has) as memory:
            found = [*self._unsound(memory.store.db), *self._wrong(memory.store)]
            found += [*self._unanswered(memory.store.db), *self._left(), *self._copies()]
            if self.has["chroma"]:
                found += self._unfound(memory)
            if self.has["model"]:
                found += self._damaged(memory)
        if self.has["model"]:
            found += self._not_mended()
        self.open = None
        return found

    def _unsound(self, db):
        if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            yield "the database is damaged"
        if db.execute("PRAGMA foreign_key_check").fetchall():
            yield "rows are missing"
        if db.execute("PRAGMA user_version").fetchone() != (VERSION,):
            yield "the schema is an old one"
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
        """Yield what was acknowledged and is not so, and what is half done; learn the rest."""
        texts = (m.text for m in store.memories.newest(current=True))
        count = Counter(int(i) for text in texts for i in re.findall(r"tok(\d+)x", text))
        action, *unsure = self.open or ("",)
        due = dict.fromkeys(self.there, 1) | dict.fromkeys(self.undone | self.gone, 0)
        for i, times in (due | dict.fromkeys(self.imported, LINES)).items():
            if i not in unsure and count[i] != times:
                yield f"{i} was acknowledged, and is there {count[i]} times instead of {times}"
        if action == "import" and count[unsure[0]] not in (0, LINES):
            yield f"the import {unsure[0]} is half done"
        if action == "edit" and sum(count[i] for i in unsure) != 1:
            yield f"the edit of {unsure[0]} is half done"
        if action in ("remember", "edit", "forget"):  # as it turned out
            self.there = (self.there - set(unsure)) | {i for i in unsure if count[i]}
        if action == "forget" and not count[unsure[0]]:
            self.gone.add(unsure[0])

    def _half(self):
        return [file for pattern in HALF for file in self.folder.rglob(pattern)]

    def _left(self):
        """Yield bytes of what was forgotten, and files that nobody will finish."""
        yield from (f"{file.name} was left" for file in self._half())
        for file in self.folder.rglob("*"):
            if file.is_file():
                held = {int(i) for i in re.findall(rb"tok(\d+)x", file.read_bytes())}
                for i in held & self.gone:
                    yield f"{i} was forgotten, and its bytes are in {file.name}"

    def _copies(self):
        """Yield copies of the database that are not whole: backups, and those before migrations."""
        for file in (*self.top.glob("backup-*.db"), *self.folder.glob("memory.db.auto-*")):
            if not is_encrypted(file):
                try:
                    check(file)
                except StoreError as error:
                    yield str(error)
        there = {int(file.stem[7:]) for file in self.top.glob("backup-*.db")}
        yield from (f"the backup {i} is not there" for i in self.backups - there)

    def _unfound(self, memory):
        """Yield what Chroma does not find; after the first search it may have to begin anew."""
        embedder, index = memory.memory.meaning.semantics()
        for i in self.rng.sample(sorted(self.there), min(3, len(self.there))):
            (query,) = embedder.embed([text(i)])
            for _ in range(2):
                if not (hits := index.search(query, 1)) or hits[0][1] < 0.99:
                    yield f"{i} is not found by its meaning"
        status = index.status()
        if status != {"vectors": memory.store.vectors.count(), "behind": 0, "note": ""}:
            yield f"the index stays behind: {status}"

    def _damaged(self, memory):
        """Yield blobs that are not whole, then damage all of them."""
        yield from (f"{file.name}: {why}" for file, why in memory.kv.verify())
        for file in memory.paths.states.glob("*.state"):
            try:
                blob.read(file, None)
            except blob.Refused as error:
                yield f"{file.name}: {error}"
        for cells in memory.kv.blobs():
            cells.file.write_bytes(cells.file.read_bytes()[: self.rng.randrange(cells.bytes)])

    def _not_mended(self):
        """Yield whether cells that were damaged are refused and made anew when they are needed."""
        with Plain(self.top, **self.has) as memory:
            sum(stats.stored for stats in write_cells(memory, AHEAD, Cancel()))
            damaged = [file for file, _ in memory.kv.verify()]
            if len(memory.kv.blobs()) - len(damaged) < min(AHEAD, len(self.there)):
                yield f"{len(damaged)} damaged cells are not made anew"
            for file in damaged:  # of what is not among the most used now
                file.unlink()


def figures(top, share=1):
    """Yield what is not as it must be after processes were killed, in turn within each action."""
    lives, problems, failed, took = [], [], 0, {name: [0.02] for name in ACTIONS}
    for n, aim in zip(range(round(KILLS * share)), itertools.cycle(ACTIONS), strict=False):
        if n % LIFE == 0:
            lives.append(Life(top / f"life-{n}", n, took))
        lives[-1].use_and_kill(aim)
        found = lives[-1].problems()
        failed += bool(found)
        problems += [f"{n}, killed in {aim}: {problem}" for problem in found]
    hit = sum((life.hit for life in lives), Counter())
    within = ", ".join(f"{name} {hit[name]}" for name in (*ACTIONS, "none"))
    acts = sum(life.acts for life in lives)
    note = f"after {acts} acknowledged actions; killed within {within}"
    yield Figure(
        "Crash", "processes killed at any moment", n + 1, failed, note, tuple(problems[:9])
    )
