"""Whatever an owner does, and in whatever order, some things stay true."""

import contextlib
import re
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from memcli.archive import TABLES_OF_TEXT, dump, load
from memcli.errors import MemcliError
from memcli.index.exact import ExactIndex
from memcli.store import Store
from memcli.testing import CountingIds, FixedClock, HashEmbedder
from memcli.tiers import editing, merging
from memcli.tiers.long_term import LongTerm

TOKEN = re.compile(r"zq\d+xv")
SHAPES = (
    "I live in {}.",
    "My sister is called {}.",
    "The {} is red. The {} is blue.",
    "{} and tea",
)
WHICH = st.integers(0, 50)


def opened(folder, name="memory.db"):
    store = Store(Path(folder) / name, clock=FixedClock(), ids=CountingIds())
    store.db.execute("PRAGMA synchronous = OFF")
    return LongTerm(store, HashEmbedder, lambda e: ExactIndex(store.vectors, e.dims))


def content(memory):
    """Return all rows that hold what is remembered, and no history."""
    db = memory.store.db
    return {t: db.execute(f"SELECT * FROM {t} ORDER BY n").fetchall() for t in TABLES_OF_TEXT}


class Owner(RuleBasedStateMachine):
    """Adds, edits, pins, merges, splits, supersedes, forgets, undoes and redoes."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.memory = opened(self.folder.name)
        self.count = 0
        self.forgotten = set()

    def teardown(self):
        self.memory.close()
        self.folder.cleanup()

    def token(self):
        self.count += 1
        return f"zq{self.count}xv"

    def filled(self, shape):
        """Return a statement with words that no other statement has."""
        return re.sub(r"\{\}", lambda _: self.token(), shape)

    def chosen(self, which):
        current = self.memory.store.memories.newest(current=True)
        return current[which % len(current)] if current else None

    def has_some(self):
        return self.memory.store.memories.count() > 0

    @rule(shape=st.sampled_from(SHAPES), pin=st.booleans())
    def add(self, shape, pin):
        """New statements, which supersede what stands in the same slot."""
        self.memory.remember(self.filled(shape), pin=pin)

    @precondition(has_some)
    @rule(which=WHICH, shape=st.sampled_from(SHAPES))
    def edit_and_back(self, which, shape):
        """Undo after an edit is the identity."""
        if old := self.chosen(which):
            before = content(self.memory)
            editing.edit(self.memory, old, {"text": self.filled(shape)})
            self.memory.store.undo(self.memory.store.journal.last_action())
            self.memory.meaning.embed_missing()
            assert content(self.memory) == before

    @precondition(has_some)
    @rule(which=WHICH, shape=st.sampled_from(SHAPES))
    def edit(self, which, shape):
        if old := self.chosen(which):
            editing.edit(self.memory, old, {"text": self.filled(shape)})

    @precondition(has_some)
    @rule(which=WHICH, flag=st.sampled_from(["pinned", "muted"]), on=st.sampled_from(["yes", "no"]))
    def mark(self, which, flag, on):
        if old := self.chosen(which):
            editing.edit(self.memory, old, {flag: on})

    @precondition(has_some)
    @rule(which=WHICH, other=WHICH)
    def merge(self, which, other):
        one, two = self.chosen(which), self.chosen(other)
        if one and two and one.id != two.id:
            merging.merge(self.memory, one, two)

    @precondition(has_some)
    @rule(which=WHICH)
    def split(self, which):
        if old := self.chosen(which):
            with contextlib.suppress(MemcliError):  # one sentence
                merging.split(self.memory, old)

    @precondition(has_some)
    @rule(which=WHICH)
    def forget(self, which):
        """What a memory says is noted, to be looked for ever after."""
        if old := self.chosen(which):
            self.memory.forget([old])
            self.forgotten.update(TOKEN.findall(old.text))

    @rule()
    def undo(self):
        if last := self.memory.store.journal.last_action():
            with contextlib.suppress(MemcliError):  # what it touched was forgotten
                self.memory.store.undo(last)
                self.memory.meaning.embed_missing()

    @rule()
    def redo(self):
        for action in self.memory.store.journal.latest(1, undone=True):
            with contextlib.suppress(MemcliError):
                self.memory.store.redo(action.id)
                self.memory.meaning.embed_missing()

    @invariant()
    def every_index_is_true_to_the_memories(self):
        """Full text, vectors and memories are of the same things."""
        db = self.memory.store.db
        items = {row[0] for row in db.execute("SELECT item FROM items")}
        assert items == {row[0] for row in db.execute("SELECT item FROM vectors")}
        assert items == {row[0] for row in db.execute("SELECT id FROM items_fts_docsize")}
        db.execute("INSERT INTO items_fts(items_fts, rank) VALUES ('integrity-check', 1)")
        assert not db.execute("PRAGMA foreign_key_check").fetchall()

    @invariant()
    def nothing_forgotten_is_there(self):
        """No row of any table, history among them, holds a forgotten word."""
        lines = dump(self.memory.store)
        assert not [line for line in lines if not self.forgotten.isdisjoint(TOKEN.findall(line))]

    @invariant()
    def a_copy_is_the_same(self):
        """Export, import, export: byte for byte."""
        lines = list(dump(self.memory.store))
        copy = opened(self.folder.name, f"copy{len(lines)}.db")
        with contextlib.closing(copy):
            load(copy, [line.encode() for line in lines])
            assert list(dump(copy.store)) == lines
        for file in Path(self.folder.name).glob("copy*"):
            file.unlink()


TestOwner = Owner.TestCase
TestOwner.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
