"""A day of use, or a year of a light one, in one process: nothing may grow but what is remembered.

Run as a script, this is that process: ``day.py FOLDER ACTIONS [MODEL]``. It prints what it takes of
the machine ten times on its way, and at the end how large its database is beside a new one that
holds the same.
"""

import ctypes
import gc
import json
import os
import random
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from figures import Figure
from ggufs import write_llama

import memcli
from memcli import archive
from memcli.api import Memcli
from memcli.testing import HashEmbedder
from memcli.tiers import editing

ACTIONS, TURNS = 10_000, 500
SAMPLES = 10
SETTLED = 1  # the sample after which nothing may grow any more: that at 20 %
MEMORIES, SESSIONS = 60, 6  # that are kept: the oldest are forgotten
TURNS_OF_ONE = 12
PAGES = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
GROWTH = 1.1
LOOSE = 1.2  # of a database beside a new one of the same content
LOG = 8 * 2**20  # bytes of SQLite's write-ahead log: its own limit of 4 MiB, and one transaction
WORDS = "boat harbour lantern violin garden letter winter Porto Clara bridge onion ladder".split()
EACH = {
    "remember": 25, "chat": 20, "recall": 15, "list": 10, "edit": 8, "undo": 5, "import": 5,
    "conversation": 5, "open": 4, "forget": 2, "consolidate": 1,
}  # fmt: skip
SPOKEN = {"chat": 40, "forget": 1}
MODEL = {"model_context": 512, "model_threads": 1, "sampling_max_tokens": 16}


class Day:
    """One handle that is used in every way."""

    def __init__(self, folder, **settings):
        self.rng = random.Random(7)
        self.folder = folder
        self.memory = memcli.open(folder=folder / "profile", **settings)
        self.talk = self.memory.conversation()

    def act(self, verb):
        getattr(self, f"_{verb}")()

    def text(self):
        return f"The {' '.join(self.rng.choices(WORDS, k=6))} has number {self.rng.randrange(500)}."

    def _remember(self):
        self.memory.remember(self.text())

    def _chat(self):
        for _ in self.talk.say(self.rng.choice([self.text(), "Where is the violin?"]))[1]:
            pass
        if len(self.talk.turns) > TURNS_OF_ONE:
            self._conversation()

    def _conversation(self):
        self.talk.suspend()
        self.talk = self.memory.conversation()

    def _recall(self):
        self.memory.recall(self.text())

    def _list(self):
        self.memory.store.memories.newest(current=True)

    def _edit(self):
        for old in self.memory.store.memories.newest(current=True, limit=1):
            editing.edit(self.memory.memory, old, {"text": self.text()})

    def _undo(self):
        self._remember()
        self.memory.store.undo(self.memory.store.journal.last_action())

    def _import(self):
        file = self.folder / f"{self.rng.randrange(10)}.jsonl"
        file.write_text("".join(json.dumps({"text": self.text()}) + "\n" for _ in range(5)))
        self.memory.import_paths([file])

    def _open(self):
        """As another command would, beside this one."""
        with memcli.open(folder=self.folder / "profile") as other:
            other.recall(self.text())

    def _forget(self):
        store = self.memory.store
        old = store.memories.newest()[MEMORIES:]
        talks = [s for s in store.sessions.latest()[SESSIONS:] if s != self.talk.session]
        old += [turn for session in talks for turn in store.sessions.turns(session.id)]
        if old:
            self.memory.forget(*(record.id for record in old))

    def _consolidate(self):
        self.memory.consolidate()

    def taken(self):
        """Return what this process takes of the machine now.

        Memory is what is in use, not what was freed and is kept for later (after each VACUUM, a
        few MiB); the pages of the database that SQLite keeps, which grow with its journal, are.
        """
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
        log = self.folder / "profile" / "memory.db-wal"
        return {
            "memory": resident,
            "handles": len([*Path("/proc/self/fd").iterdir()]),
            "threads": len([*Path("/proc/self/task").iterdir()]),
            "log": log.stat().st_size,
        }

    def sizes(self):
        """Return the bytes of the database, and of a new one that took in all that it holds."""
        lines = [line.encode() for line in archive.dump(self.memory.store)]
        with memcli.open(folder=self.folder / "fresh") as fresh:
            archive.load(fresh.memory, lines)
            fresh.memory.meaning.embed_missing()
            return [pages(self.memory.store), pages(fresh.store)]


def pages(store):
    """Return the bytes of the pages of a database, those not in the file yet included."""
    return store.db.execute(PAGES).fetchone()[0]


def live(folder, actions, model=""):
    Memcli._load_embedder = lambda self: HashEmbedder()
    day, samples = Day(Path(folder), **({"model_path": model} | MODEL if model else {})), []
    verbs = SPOKEN if model else EACH
    for verb in verbs:  # so that all is loaded and compiled
        day.act(verb)
    for i in range(1, int(actions) + 1):
        day.act(*day.rng.choices([*verbs], verbs.values()))
        if i * SAMPLES % int(actions) < SAMPLES:
            samples.append(day.taken())
    day._forget()
    print(json.dumps({"samples": samples, "sizes": day.sizes()}))


def figures(top, share):
    tiny = write_llama(top / "tiny.gguf", eos=False, context=1024)
    yield lived(top / "day", "actions of all kinds in one process", int(ACTIONS * share))
    yield lived(top / "spoken", "turns with a model in one process", int(TURNS * share), tiny)


def lived(folder, what, actions, *model):
    folder.mkdir()
    told = [sys.executable, __file__, str(folder), str(actions), *map(str, model)]
    life = json.loads(subprocess.run(told, stdout=subprocess.PIPE, check=True).stdout)
    wrong = tuple(grown(**life))
    after = life["samples"][SETTLED:]
    more = max(s["memory"] for s in after) / after[0]["memory"] - 1
    says = (
        f"{more:+.1%} memory since the first fifth, {after[-1]['handles']} handles,"
        f" {after[-1]['threads']} threads, a log of {max(s['log'] for s in after) / 2**20:.1f} MiB,"
        f" a database {life['sizes'][0] / life['sizes'][1]:.2f} times as large as a new one"
    )
    return Figure("Load", what, actions, len(wrong), says, wrong)


def grown(samples, sizes):
    """Yield what a process takes more of, the longer it lives."""
    first, *later = samples[SETTLED:]
    for what, most in (("memory", GROWTH), ("handles", 1), ("threads", 1)):
        taken = [sample[what] for sample in later]
        if max(taken) > most * first[what]:
            yield f"{what}: {first[what]}, and then {taken}"
    if max(sample["log"] for sample in samples) > LOG:
        yield f"the log: {[sample['log'] for sample in samples]}"
    if sizes[0] > LOOSE * sizes[1]:
        yield f"the database has {sizes[0]} bytes, a new one of the same content {sizes[1]}"


if __name__ == "__main__":
    live(*sys.argv[1:])
