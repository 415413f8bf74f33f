"""The database file: who may open it, what one action is, and what follows each change."""

import contextlib
import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import datetime, timezone

import pytest

from memcli.errors import MemcliError, StoreError, StoreLocked, StoreTooNew
from memcli.ids import UlidSource
from memcli.records import Memory, Session, Source, Span, Triple, Turn
from memcli.store import Store, schema
from memcli.store.explain import explain

WHEN = datetime(2024, 6, 12, 12, 0, tzinfo=timezone.utc)


def note(store, text, **more):
    return Memory(id=store.new_id(), kind="note", text=text, recorded=WHEN, **more)


def add(store, *texts):
    memories = [note(store, text) for text in texts]
    with store.action("remember"):
        store.memories.add(memories)
    return memories


def add_turns(store, *texts, derived=False):
    session = Session(store.new_id(), "talk", WHEN, WHEN)
    turns = [
        Turn(store.new_id(), session.id, i, "user", text, WHEN, derived=derived)
        for i, text in enumerate(texts)
    ]
    with store.action("chat"):
        store.sessions.add(session)
        store.sessions.add_turns(turns)
    return turns


def write_and_raise(store, error):
    """Fail in the middle of an action."""
    with store.action("remember"):
        store.memories.add([note(store, "half done")])
        raise error


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def journal(store):
    return store.db.execute("SELECT verb, summary FROM journal ORDER BY n").fetchall()


def found(store, *words):
    return [item for item, _ in store.texts.search(words, 10)]


def check_full_text(store):
    """Let FTS5 compare its index with every item; it raises where they differ."""
    store.db.execute("INSERT INTO items_fts(items_fts, rank) VALUES ('integrity-check', 1)")


# Opening


def test_a_new_database_is_readable_by_its_owner_only(tmp_path):
    """The database and the files SQLite puts beside it have mode 0600."""
    path = tmp_path / "memory.db"
    store = Store(path)
    add(store, "a secret")
    files = sorted(tmp_path.iterdir())
    assert path in files
    assert {file.name: oct(mode(file)) for file in files} == {
        file.name: oct(0o600) for file in files
    }
    store.close()


def test_every_folder_made_for_a_database_is_private(tmp_path):
    """All folders that had to be created on the way to the database have mode 0700."""
    folder = tmp_path / "home" / "profiles" / "work"
    Store(folder / "memory.db").close()
    made = [folder, folder.parent, folder.parent.parent]
    assert [oct(mode(f)) for f in made] == [oct(0o700)] * 3


def test_what_was_stored_is_there_after_opening_again(tmp_path):
    """Closing and opening loses nothing and writes nothing."""
    path = tmp_path / "memory.db"
    store = Store(path)
    [memory] = add(store, "the key is under the mat")
    store.close()
    again = Store(path)
    assert again.memories.get(memory.id) == memory
    assert len(journal(again)) == 1
    again.close()


def test_a_database_of_a_newer_memcli_is_refused(tmp_path):
    """A schema number beyond our own is an error that names both, and changes nothing."""
    path = tmp_path / "memory.db"
    Store(path).close()
    newer = schema.VERSION + 1
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {newer}")
    with pytest.raises(StoreTooNew, match=f"schema {newer}.*{schema.VERSION}") as caught:
        Store(path)
    assert caught.value.exit_code == 5
    assert caught.value.hint


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path):
    """Some other file is named in the error and keeps its bytes."""
    path = tmp_path / "memory.db"
    content = b"Dear diary, this is no database. " * 100
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"memory\.db.*not a memcli database"):
        Store(path)
    assert path.read_bytes() == content


def test_a_folder_in_place_of_the_database_is_refused(tmp_path):
    """A folder of that name is an error of the store."""
    (tmp_path / "memory.db").mkdir()
    with pytest.raises(StoreError, match=r"memory\.db"):
        Store(tmp_path / "memory.db")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    """A file where a folder should be is an error of the store with a hint."""
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StoreError, match="Cannot create") as caught:
        Store(tmp_path / "home" / "memory.db")
    assert "MEMCLI_HOME" in caught.value.hint


def test_a_database_that_cannot_be_created_is_explained(tmp_path):
    """A refusal by the file system is an error of the store, whichever call meets it."""
    path = tmp_path / "memory.db"
    path.symlink_to(path)  # a loop, which even an administrator cannot create a file through
    with pytest.raises(StoreError, match=r"memory\.db"):
        Store(path)


def test_many_may_create_the_same_database_at_once(tmp_path):
    """Threads that open a new store at the same moment all get it, with one schema."""
    path = tmp_path / "memory.db"
    gate = threading.Barrier(6)
    failures = []

    def open_it():
        gate.wait()
        try:
            Store(path).close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


# Actions


def test_an_action_is_one_transaction_with_one_journal_entry(store):
    """All that is written inside shows at once and is one line of the journal."""
    other = Store(store.path)
    with store.action("remember") as entry:
        store.memories.add([note(store, "one")])
        store.memories.add([note(store, "two")])
        entry.summary = "remembered 2"
        assert other.memories.count() == 0
    assert other.memories.count() == 2
    assert journal(store) == [("remember", "remembered 2")]
    other.close()


def test_an_exception_takes_back_the_whole_action(store):
    """A failure in an action leaves neither rows nor a journal entry nor full text."""
    with pytest.raises(ZeroDivisionError):
        write_and_raise(store, ZeroDivisionError)
    assert store.memories.count() == 0
    assert journal(store) == []
    assert found(store, "half") == []
    assert add(store, "the store still works")


def test_an_interruption_takes_back_the_whole_action(store):
    """Ctrl-C in an action is no half-written action."""
    with pytest.raises(KeyboardInterrupt):
        write_and_raise(store, KeyboardInterrupt)
    assert store.memories.count() == 0
    assert not store.db.conn.in_transaction


def test_an_action_that_changed_nothing_leaves_no_entry(store):
    """The journal lists changes, not attempts."""
    with store.action("remember") as entry:
        entry.summary = "remembered 0"
    assert journal(store) == []


def test_a_dry_run_does_everything_and_keeps_nothing(store):
    """Inside a dry run the writes can be read; after it they are gone."""
    with store.action("remember", dry_run=True):
        store.memories.add([note(store, "only for show")])
        assert store.memories.count() == 1
    assert store.memories.count() == 0
    assert journal(store) == []


def test_an_action_inside_another_joins_it(store):
    """Nested actions are one entry, under the outer verb, and fail together."""
    with store.action("outer"):
        store.memories.add([note(store, "one")])
        with store.action("inner"):
            store.memories.add([note(store, "two")])
    assert [verb for verb, _ in journal(store)] == ["outer"]
    with contextlib.suppress(ZeroDivisionError), store.action("outer"):
        with store.action("inner"):
            store.memories.add([note(store, "three")])
        raise ZeroDivisionError
    assert store.memories.count() == 2


def test_an_action_tells_its_id(store):
    """The running entry names the action that undo will ask for, given or made."""
    with store.action("remember", action_id="mine") as given:
        store.memories.add([note(store, "one")])
    with store.action("remember") as made:
        store.memories.add([note(store, "two")])
    assert [given.action_id, made.action_id] == ["mine", store.journal.last_action()]


def test_upkeep_leaves_no_entry(store):
    """Derived data changes without the journal."""
    [memory] = add(store, "one")
    [item] = list(store.memories.numbers([memory.id]).values())
    with store.upkeep():
        store.vectors.put([(2 * item + 1, b"\0\0")])
    assert len(journal(store)) == 1
    assert store.vectors.missing_count() == 0


# Records


def test_records_come_back_as_they_were_stored(store):
    """Every field of source, session, turn and memory survives the database."""
    source = Source(store.new_id(), "markdown", "/notes/a.md", "A", "markdown:a", "hash", WHEN)
    session = Session(store.new_id(), "talk", WHEN, WHEN, 1, source.id, "ext")
    turn = Turn(
        store.new_id(), session.id, 0, "other", "Grüße 👋", WHEN, "Ana", "x1", True, "id:x1", True
    )  # fmt: skip
    memory = Memory(
        id=store.new_id(), kind="fact", text="It's “so”; DROP TABLE", recorded=WHEN, quote="so",
        source_id=source.id, turn_id=turn.id, span=Span(0, 2), title="T", speaker="Ana",
        valid_from=WHEN, valid_to=WHEN.replace(year=1), superseded_by="other", pinned=True,
        tags=("ä", "b/c"), external_id="9", key="id:9",
        triples=(Triple("user", "home", "Ulm"), Triple("user", "likes", "tea")),
    )  # fmt: skip
    with store.action("test"):
        store.sources.add(source)
        store.sessions.add(session)
        store.sessions.add_turns([turn])
        store.memories.add([memory])
    assert store.sources.get(source.id) == source
    assert store.sessions.get(session.id) == session
    assert store.sessions.turn(turn.id) == turn
    assert store.memories.get(memory.id) == memory


def test_numbers_of_deleted_rows_are_never_used_again(store):
    """A row added after a deletion gets a number of its own, so that an old one means nothing."""
    memories = add(store, "one", "two")
    numbers = list(store.memories.numbers([m.id for m in memories]).values())
    with store.action("forget"):
        store.memories.delete([m.id for m in memories])
    [later] = add(store, "three")
    [number] = list(store.memories.numbers([later.id]).values())
    assert number > max(numbers)


def test_ids_sort_in_the_order_they_were_made():
    """Ids made within one millisecond are in order, distinct, and 26 characters long."""
    make = UlidSource()
    ids = [make() for _ in range(1000)]
    assert ids == sorted(set(ids))
    assert {len(id) for id in ids} == {26}


# What follows each change


def test_full_text_follows_memories(store):
    """A memory is found by its words from when it is added until it is deleted."""
    [memory] = add(store, "the bicycle is blue")
    [number] = list(store.memories.numbers([memory.id]).values())
    assert found(store, "bicycle") == [2 * number + 1]
    with store.action("edit"):
        store.db.execute("UPDATE memories SET text = 'the boat is blue' WHERE id = ?", [memory.id])
    check_full_text(store)
    assert found(store, "bicycle") == []
    assert found(store, "boat") == [2 * number + 1]
    with store.action("edit"):
        store.db.execute("UPDATE memories SET title = 'Harbour' WHERE id = ?", [memory.id])
    check_full_text(store)
    assert found(store, "harbour") == [2 * number + 1]
    with store.action("forget"):
        store.memories.delete([memory.id])
    check_full_text(store)
    assert found(store, "boat", "harbour") == []
    assert store.texts.count() == 0


def test_full_text_follows_turns(store):
    """A turn is found by its words from when it is added until it is deleted."""
    [turn] = add_turns(store, "we sail tomorrow")
    [number] = store.sessions.numbers([turn.id])
    assert found(store, "sailing") == [2 * number]
    with store.action("forget"):
        store.sessions.set_text(turn.id, "we walk tomorrow")
    check_full_text(store)
    assert found(store, "sail") == []
    assert found(store, "walk") == [2 * number]
    with store.action("forget"):
        store.sessions.delete_turns([turn.id])
    check_full_text(store)
    assert found(store, "walk") == []


def test_the_check_of_full_text_would_notice(store):
    """The comparison used in these tests fails on an index that misses a text."""
    add(store, "the bicycle is blue")
    store.db.execute("INSERT INTO items_fts(items_fts) VALUES ('delete-all')")
    with pytest.raises(sqlite3.DatabaseError):
        check_full_text(store)


def test_a_derived_answer_is_no_item(store):
    """What was made from memories has neither full text nor a vector to come, ever."""
    [turn] = add_turns(store, "you told me about the bicycle", derived=True)
    assert found(store, "bicycle") == []
    assert store.texts.count() == 0
    assert store.vectors.missing_count() == 0
    with store.action("forget"):
        store.sessions.set_text(turn.id, "[forgotten bicycle]")
    check_full_text(store)
    with store.action("forget"):
        store.sessions.delete_turns([turn.id])
    check_full_text(store)
    assert found(store, "bicycle") == []


def test_a_changed_text_loses_its_vector(store):
    """A vector belongs to a text: when the text changes, the item waits for another one."""
    [memory] = add(store, "the bicycle is blue")
    [(item, text)] = store.vectors.missing()
    assert text == "the bicycle is blue"
    with store.upkeep():
        store.vectors.put([(item, b"\0\0")])
    with store.action("pin"):
        store.db.execute("UPDATE memories SET pinned = 1 WHERE id = ?", [memory.id])
    assert store.vectors.count() == 1
    with store.action("edit"):
        store.db.execute("UPDATE memories SET text = 'the boat' WHERE id = ?", [memory.id])
    assert store.vectors.count() == 0
    assert store.vectors.missing() == [(item, "the boat")]
    assert store.vectors.changes_since(0) == [("put", item), ("drop", item)]


def test_the_outbox_says_when_it_was_cut(store):
    """A reader behind the rows that were kept is told to load everything."""
    with store.upkeep():
        store.vectors.put([(item, b"\0\0") for item in range(4)])
        store.db.execute("DELETE FROM outbox WHERE n <= 2")
    assert store.vectors.changes_since(1) is None
    assert store.vectors.changes_since(2) == [("put", 2), ("put", 3)]
    assert store.vectors.changes_since(4) == []


def test_words_are_searched_as_they_stand(store):
    """FTS5's own syntax in a word means nothing."""
    add(store, "notes on C++ and NEAR misses", 'she said "hello" to me')
    for word in ['"', "a OR b", "NEAR(", "*", "text:", "C++", "-", "(", "^x", "hello"]:
        store.texts.search([word], 5)
    assert len(found(store, '"hello"')) == 1


# Several at once


WRITER = """
import sys
from pathlib import Path
from memcli.records import Memory
from memcli.store import Store
store = Store(Path(sys.argv[1]))
for i in range(int(sys.argv[3])):
    with store.action("remember"):
        text = f"{sys.argv[2]} {i}"
        store.memories.add([Memory(store.new_id(), "note", text, store.clock())])
store.close()
"""


def test_two_processes_that_write_at_once_lose_nothing(tmp_path):
    """Each action of each process is there, with an entry of its own that holds its own change."""
    path = tmp_path / "memory.db"
    each = 25
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, str(each)])
        for name in ("left", "right")
    ]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    store = Store(path)
    texts = {memory.text for memory in store.memories.newest()}
    assert texts == {f"{name} {i}" for name in ("left", "right") for i in range(each)}
    counts = store.db.execute("SELECT count(*) FROM changes GROUP BY journal_n").fetchall()
    assert counts == [(1,)] * (2 * each)
    check_full_text(store)
    store.close()


def test_threads_that_write_at_once_lose_nothing(tmp_path):
    """Stores of one database in several threads wait for each other."""
    path = tmp_path / "memory.db"
    Store(path).close()
    failures = []

    def write(name):
        try:
            store = Store(path)
            for i in range(10):
                add(store, f"{name} {i}")
            store.close()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = Store(path)
    assert failures == []
    assert store.memories.count() == 40
    store.close()


def test_a_store_held_too_long_by_another_is_explained(store):
    """Waiting ends in an error that says who must finish, and nothing is written."""
    other = Store(store.path)
    store.db.execute("PRAGMA busy_timeout = 20")
    with other.action("hold"):
        other.memories.add([note(other, "first")])
        with pytest.raises(StoreLocked, match="in use by another process") as caught:
            add(store, "second")
    assert caught.value.exit_code == 5
    assert "Wait" in caught.value.hint
    assert [m.text for m in store.memories.newest()] == ["first"]
    other.close()


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("database is locked", StoreLocked, "in use by another process"),
        ("attempt to write a readonly database", StoreError, "cannot be written"),
        ("unable to open database file", StoreError, "cannot be written"),
        ("database or disk is full", StoreError, "disk is full"),
        ("file is not a database", StoreError, "damaged"),
        ("database disk image is malformed", StoreError, "damaged"),
        ("no such table: memories", StoreError, "refused: no such table"),
    ],
)
def test_each_refusal_of_the_database_is_explained(text, kind, says):
    """What SQLite says becomes what happened, with the file and something to do."""
    error = explain(sqlite3.OperationalError(text), "/somewhere/memory.db")
    assert type(error) is kind
    assert says in error.message
    assert "/somewhere/memory.db" in error.message
    assert error.hint
    assert isinstance(error, MemcliError)


def test_who_writes_keeps_the_others_waiting(tmp_path, monkeypatch):
    """One process at a time writes; one that is killed keeps nobody waiting; readers never wait."""
    monkeypatch.setattr("memcli.store.store.PATIENCE_S", 0.05)
    script = (
        "import sys; from pathlib import Path; from memcli.store import Store\n"
        "with Store(Path(sys.argv[1]))._turn(): print('mine', flush=True); sys.stdin.read()"
    )
    Store(tmp_path / "memory.db").close()
    command = [sys.executable, "-c", script, str(tmp_path / "memory.db")]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout.readline() == "mine\n"
        store = Store(tmp_path / "memory.db")
        assert store.memories.count() == 0
        with pytest.raises(StoreLocked), store.action("remember"):
            pass
        other.kill()
    with store.action("remember"), store.upkeep(), store._turn():
        store.set_meta("x", "y")
    store.close()
