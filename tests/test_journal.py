"""Undo: the inverse of a journal entry, and of itself."""

import contextlib
import tempfile
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memcli.errors import MemcliError, NotFound
from memcli.records import Memory, Session, Triple, Turn
from memcli.store import Store
from memcli.testing import CountingIds, FixedClock

WHEN = datetime(2024, 6, 12, 12, 0, tzinfo=timezone.utc)
CONTENT = ("sources", "sessions", "turns", "memories", "triples", "covers", "uses")


def add(store, text, action_id=""):
    memory = Memory(
        store.new_id(), "note", text, WHEN, triples=(Triple("user", "says", text or "nothing"),)
    )
    with store.action("remember", action_id=action_id):
        store.memories.add([memory])
    return memory


def update(store, memory, text, action_id=""):
    with store.action("edit", action_id=action_id):
        store.memories.update(replace(memory, text=text))


def content(store):
    """Return all that undo answers for."""
    return {table: store.db.execute(f"SELECT * FROM {table}").fetchall() for table in CONTENT}


def last_undo(store):
    """Return the id of the newest undoing, which is what redo asks for."""
    return store.db.execute(
        "SELECT action_id FROM journal WHERE undoes IS NOT NULL ORDER BY n DESC LIMIT 1"
    ).fetchone()[0]


def check_full_text(store):
    store.db.execute("INSERT INTO items_fts(items_fts, rank) VALUES ('integrity-check', 1)")


def undo(store, action_id):
    """Undo, and return the id of the action that redoes it."""
    store.undo(action_id)
    return last_undo(store)


def test_undo_of_an_addition_removes_it(store):
    """What was added is gone with its triples and its full text."""
    empty = content(store)
    add(store, "the boat", "a")
    store.undo("a")
    assert content(store) == empty
    assert store.texts.search(["boat"], 5) == []
    check_full_text(store)


def test_undo_of_an_update_restores_what_was(store):
    """The text, and its full text, are as before the update."""
    memory = add(store, "the boat", "a")
    before = content(store)
    update(store, memory, "the bicycle", "b")
    store.undo("b")
    assert content(store) == before
    assert store.texts.search(["bicycle"], 5) == []
    assert len(store.texts.search(["boat"], 5)) == 1


def test_undo_of_a_deletion_brings_all_of_it_back(store):
    """Turns and what hangs on them return under their old numbers."""
    session = Session(store.new_id(), "talk", WHEN, WHEN)
    turn = Turn(store.new_id(), session.id, 0, "user", "I sail", WHEN)
    memory = Memory(
        store.new_id(), "fact", "I sail", WHEN, turn_id=turn.id,
        triples=(Triple("user", "does", "sailing"),),
    )  # fmt: skip
    with store.action("chat"):
        store.sessions.add(session)
        store.sessions.add_turns([turn])
        store.memories.add([memory])
        store.db.execute(
            "INSERT INTO covers(memory_id, turn_id) VALUES (?, ?)", [memory.id, turn.id]
        )
        store.sessions.add_uses(turn.id, [memory.id])
    before = content(store)
    with store.action("delete", action_id="d"):
        store.sessions.delete_turns([turn.id])
        store.memories.delete([memory.id])
    assert content(store) != before
    store.undo("d")
    assert {table: sorted(rows) for table, rows in content(store).items()} == before
    check_full_text(store)


def test_undo_says_what_was_undone(store):
    """The summaries of the entries are returned, the oldest first."""
    for summary in ("first", "second"):
        with store.action("import", action_id="a") as entry:
            store.memories.add([Memory(store.new_id(), "note", summary, WHEN)])
            entry.summary = summary
    assert store.undo("a") == ["first", "second"]
    assert store.memories.count() == 0


def test_undo_of_undo_is_redo(store):
    """Undoing the undoing does the action again, and it can be undone again, and so on."""
    empty = content(store)
    add(store, "the boat", "a")
    full = content(store)
    for _ in range(3):
        redo = undo(store, "a")
        assert content(store) == empty
        store.undo(redo)
        assert content(store) == full
    check_full_text(store)


def test_an_action_is_undone_once(store):
    """A second undo of the same action finds nothing."""
    add(store, "the boat", "a")
    store.undo("a")
    with pytest.raises(NotFound, match="nothing left to undo in a"):
        store.undo("a")


def test_an_unknown_action_is_not_found(store):
    """Undo of what never was is an error that names it, and leaves no entry."""
    with pytest.raises(NotFound, match="nowhere"):
        store.undo("nowhere")
    assert store.db.execute("SELECT count(*) FROM journal").fetchone()[0] == 0


def test_undo_is_refused_when_something_was_changed_later(store):
    """What a later action touched stays as it is until that one is undone."""
    memory = add(store, "the boat", "a")
    update(store, memory, "the bicycle", "b")
    before = content(store)
    with pytest.raises(MemcliError, match=r"changed later \(edit") as caught:
        store.undo("a")
    assert "later change first" in caught.value.hint
    assert content(store) == before
    store.undo("b")
    store.undo("a")
    assert store.memories.count() == 0


def test_an_action_on_other_rows_does_not_stand_in_the_way(store):
    """Only what touches the same rows counts as a later change."""
    add(store, "the boat", "a")
    kept = add(store, "the bicycle", "b")
    store.undo("a")
    assert store.memories.newest() == [kept]


def test_a_change_between_the_entries_of_one_action_is_a_later_change(store):
    """An action of several entries is not undone over what another did to its first ones."""
    memory = add(store, "the boat", "chat")
    update(store, memory, "the corrected boat", "correction")
    add(store, "the answer", "chat")
    with pytest.raises(MemcliError, match="changed later"):
        store.undo("chat")
    assert store.memories.get(memory.id).text == "the corrected boat"


def test_redo_is_refused_when_its_ground_was_undone(store):
    """An update cannot be done again on a memory whose addition was undone meanwhile."""
    memory = add(store, "the boat", "a")
    update(store, memory, "the bicycle", "b")
    redo_update = undo(store, "b")
    redo_addition = undo(store, "a")
    with pytest.raises(MemcliError):
        store.undo(redo_update)
    store.undo(redo_addition)
    store.undo(redo_update)
    assert [m.text for m in store.memories.newest()] == ["the bicycle"]


def test_the_last_action_is_the_newest_that_is_not_undone(store):
    """Undo by default goes back one action at a time."""
    assert store.journal.last_action() is None
    add(store, "one", "a")
    add(store, "two", "b")
    assert store.journal.last_action() == "b"
    redo = undo(store, "b")
    assert store.journal.last_action() == "a"
    store.undo(redo)
    assert store.journal.last_action() == "b"


def test_a_failed_undo_changes_nothing(store):
    """An undo that breaks off half-way is taken back as a whole."""
    memory = add(store, "the boat", "a")
    with store.action("delete", action_id="d"):
        store.memories.delete([memory.id])
    with store.action("other"):  # the id is taken, so that the row cannot come back
        store.memories.add([replace(memory, text="a stranger of the same id")])
    before = content(store)
    with pytest.raises(MemcliError):
        store.undo("d")
    assert content(store) == before


TEXTS = st.text(alphabet="ab äß'\"\n{}🎈", max_size=6)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "update", "supersede", "delete"]),
        st.integers(0, 5),
        TEXTS,
    ),
    min_size=1,
    max_size=8,
)


def step(store, action_id, what, which, text):
    """Do one step on one of the memories that are there; a step on none is an addition."""
    there = sorted(store.memories.newest(), key=lambda memory: memory.id)
    chosen = there[which % len(there)] if there else None
    if what == "add" or chosen is None:
        add(store, text, action_id)
    elif what == "update":
        update(store, chosen, text, action_id)
    else:
        with store.action(what, action_id=action_id):
            if what == "delete":
                store.memories.delete([chosen.id])
            else:
                newer = Memory(store.new_id(), "fact", text, WHEN)
                store.memories.add([newer])
                store.memories.supersede(chosen.id, newer.id, WHEN)


@given(STEPS)
@settings(max_examples=25, deadline=None)
def test_undoing_all_in_reverse_passes_through_every_state_and_back(steps):
    """Undo restores the state before each action, down to the empty store; redo goes up again."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "memory.db", clock=FixedClock(), ids=CountingIds())
        store.db.execute("PRAGMA synchronous = OFF")
        with contextlib.closing(store):
            states = [content(store)]
            for i, (what, which, text) in enumerate(steps):
                step(store, f"step {i}", what, which, text)
                states.append(content(store))
                check_full_text(store)
            redos = []
            for i in reversed(range(len(steps))):
                redos.append(undo(store, f"step {i}"))
                assert content(store) == states[i]
                check_full_text(store)
            assert store.memories.count() == 0
            assert store.texts.count() == 0
            assert store.vectors.missing_count() == 0
            for i, redo in enumerate(reversed(redos), 1):
                store.undo(redo)
                assert content(store) == states[i]
            check_full_text(store)
