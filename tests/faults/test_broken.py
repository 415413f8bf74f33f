"""What breaks around a memory: nothing is lost, it is said clearly, and afterwards all goes on."""

import os

import jumping
import pytest
from broken import figures, held

from memcli.api import Memcli
from memcli.chat import repl
from memcli.store import store as database
from memcli.testing import HashEmbedder

SHARE = 0.1
LONG_AGO = 1_700_000_000  # seconds


@pytest.fixture
def memory(monkeypatch, tmp_path):
    """A profile whose database nobody waits for, and whose embedder costs nothing."""
    monkeypatch.setattr(database, "PATIENCE_S", 0.05)
    monkeypatch.setattr(Memcli, "_load_embedder", lambda self: HashEmbedder())
    with Memcli() as memory:
        yield memory


class Screen:
    """Keeps what is shown to somebody who types."""

    terminal = True

    def __init__(self):
        self.lines = []

    def answer(self, pieces):
        self.lines.append("".join(pieces))

    def say(self, text):
        self.lines.append(text)

    def confirm(self, question):
        return True


def test_what_breaks_is_said_and_loses_nothing(tmp_path):
    """A full disk, a read-only folder, a jumping clock, a lock: each command holds."""
    found = [*figures(tmp_path, SHARE), *jumping.figures(tmp_path, SHARE)]
    assert [problem for figure in found for problem in figure.problems] == []
    assert {figure.part for figure in found} == {"Full disk", "Read-only", "Clock", "Lock"}
    assert all(figure.tried > 10 and figure.failed == 0 for figure in found)


def test_a_chat_goes_on_after_a_lock(memory, own_home, monkeypatch):
    """What was typed while another process wrote stands in the next line, and Enter sends it."""
    memory.remember("The spare key is under the blue pot.")
    screen, lock = Screen(), held(own_home)

    def typed(chat):
        lock.__enter__()
        yield "I live in Oslo.", False
        assert chat.prefill == "I live in Oslo."
        assert memory.store.sessions.latest() == []
        lock.__exit__(None, None, None)
        line, chat.prefill = chat.prefill, ""
        yield line, False
        assert chat.prefill == ""

    monkeypatch.setattr(repl, "_typed", typed)
    conversation = memory.conversation()
    repl.run(memory, conversation, screen)
    assert any("is in use by another process" in line for line in screen.lines)
    (session,) = memory.store.sessions.latest()
    said = [turn.text for turn in memory.store.sessions.turns(session.id) if turn.role == "user"]
    assert said == ["I live in Oslo."] == [t.text for t in conversation.turns if t.role == "user"]


def test_a_turn_that_was_not_stored_is_not_in_the_window(memory):
    """After a full disk a conversation knows no turn that the store does not."""
    conversation = memory.conversation()
    list(conversation.say("I live in Lisbon.")[1])
    known = list(conversation.turns)
    pages = memory.store.db.execute("PRAGMA page_count").fetchone()[0]
    memory.store.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(database.StoreError, match="disk is full"):
        conversation.say("The ladder leans on the shed. " * 2000)
    assert conversation.turns == known
    memory.store.db.execute("PRAGMA max_page_count = 1000000")
    list(conversation.say("And I work in Porto.")[1])
    assert [t.id for t in conversation.turns] == [
        t.id for t in memory.store.sessions.turns(conversation.session.id)
    ]


def test_recall_does_not_wait_for_a_writer(memory, own_home):
    """Texts without a vector are found by their words while another process writes."""
    memory.remember("The spare key is under the blue pot.")
    with memory.store.upkeep():
        memory.store.vectors.reset()
    with held(own_home):
        assert memory.recall("spare key")[0].text == "The spare key is under the blue pot."
        assert "no vector yet" in memory.memory.meaning.note
    memory.recall("spare key")
    assert memory.memory.meaning.note == ""


def test_half_written_files_are_swept(memory):
    """What killed processes left is deleted when it is old, and at once when one forgets."""
    (learnt,) = memory.remember("The spare key is under the blue pot.")
    folder = memory.paths.folder
    names = (".history.1.tmp", "states/.s.state.1.tmp", "memory.db.copying", "memory.db.restoring")
    left = [folder / name for name in names]
    (folder / "states").mkdir()

    def leave():
        for file in left:
            file.write_text("The spare key is under the blue pot.")

    leave()
    Memcli().close()
    assert all(file.exists() for file in left)
    for file in left:
        os.utime(file, (LONG_AGO, LONG_AGO))
    Memcli().close()
    assert not any(file.exists() for file in left)
    leave()
    assert memory.forget(learnt.memory.id).proof.ok
    assert not any(file.exists() for file in left)


def test_forgetting_that_was_cut_short_is_finished(memory, monkeypatch):
    """Killed after the rows are gone, the next start erases the rest: log, copies, states."""
    (learnt,) = memory.remember("The spare key is under the blue pot.")
    kept = memory.store.copy_aside("schema-2")
    monkeypatch.setattr(database.Store, "scrub", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        memory.forget(learnt.memory.id)
    monkeypatch.undo()
    assert kept.exists()
    memory.close()
    database.Store(memory.paths.database).close()
    assert not kept.exists()
    data = b"".join(file.read_bytes() for file in memory.paths.folder.rglob("*") if file.is_file())
    assert b"blue" not in data
