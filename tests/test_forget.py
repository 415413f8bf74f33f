"""Forgetting: no byte is left, nothing brings it back, and the rest stays."""

import sqlite3
from datetime import datetime, timezone

import pytest

from memcli import config as configuration
from memcli.chat.turn import Conversation
from memcli.engine.extractive import ExtractiveEngine
from memcli.errors import MemcliError, StoreError
from memcli.index.exact import ExactIndex
from memcli.records import FORGOTTEN, Memory, Session, Turn
from memcli.store import Store
from memcli.testing import HashEmbedder, ScriptedEngine
from memcli.tiers.long_term import LongTerm

SECRET = "zqxwvkjhgf"
WHEN = datetime(2024, 6, 12, 12, 0, tzinfo=timezone.utc)


def traces(folder, text=SECRET):
    """Return the files that hold a text in any of the ways it might be spelled."""
    spellings = [text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.name for file in files if any(s in file.read_bytes() for s in spellings)]


def talk(memory, engine):
    return Conversation(memory, engine, configuration.load())


def say(conversation, text):
    """Say something and let the answer run to its end."""
    exchange, pieces = conversation.say(text)
    for _ in pieces:
        pass
    return exchange


def check_full_text(store):
    store.db.execute("INSERT INTO items_fts(items_fts, rank) VALUES ('integrity-check', 1)")


def test_no_byte_of_a_forgotten_memory_is_left(memory, tmp_path):
    """Every file of the store held it or may have; afterwards none does, open or closed."""
    for i in range(30):
        memory.remember(f"Note {i} about the garden")
    [learnt] = memory.remember(f"The combination of the safe is {SECRET}")
    assert traces(tmp_path)
    forgotten = memory.forget([learnt.memory])
    assert (forgotten.memories, forgotten.turns, forgotten.blanked) == (1, 0, 0)
    assert traces(tmp_path) == []
    memory.close()
    assert traces(tmp_path) == []


def test_the_other_memories_stay(memory):
    """Forgetting one leaves the texts, full text and vectors of all others as they were."""
    kept = [memory.remember(f"Note {i} about the garden")[0].memory for i in range(5)]
    [learnt] = memory.remember(f"The combination is {SECRET}", kind="note")
    vectors = memory.store.vectors.all()
    memory.forget([learnt.memory])
    assert sorted(memory.store.memories.newest(), key=lambda m: m.id) == kept
    assert memory.store.vectors.all() == vectors[:-1]
    assert {hit.id for hit in memory.recall("garden")} == {m.id for m in kept}
    assert all(SECRET not in hit.text for hit in memory.recall(SECRET))
    check_full_text(memory.store)


def test_forgetting_erases_what_updates_left_in_the_journal(memory, tmp_path):
    """Older wordings, kept for undo, go with the memory."""
    [learnt] = memory.remember(f"I live in {SECRET.title()}.")
    memory.remember("I live in Porto.")
    with memory.store.action("edit"):
        memory.store.db.execute(
            "UPDATE memories SET text = 'no longer secret', quote = '' WHERE id = ?",
            [learnt.memory.id],
        )
    assert traces(tmp_path, SECRET.title())
    memory.forget([memory.store.memories.get(learnt.memory.id)])
    assert traces(tmp_path, SECRET.title()) == []
    assert [m.text for m in memory.store.memories.newest()] == ["I live in Porto."]


def test_undo_cannot_bring_back_what_was_forgotten(memory, tmp_path):
    """Neither the action that stored it nor the forgetting itself can be played to get it back."""
    [learnt] = memory.remember(f"The combination is {SECRET}")
    journal = memory.store.journal
    stored = journal.last_action()
    memory.forget([learnt.memory])
    actions = memory.store.db.execute("SELECT action_id FROM journal ORDER BY n DESC").fetchall()
    assert journal.last_action() in (None, stored)
    for (action_id,) in actions:
        try:
            memory.store.undo(action_id)
        except MemcliError:
            continue
    assert memory.store.memories.get(learnt.memory.id) is None
    assert traces(tmp_path) == []


def test_undo_of_what_came_before_still_works(memory):
    """The actions on other memories can be undone after a forgetting."""
    memory.remember("The garden is green")
    before = memory.store.journal.last_action()
    [learnt] = memory.remember(f"The combination is {SECRET}")
    memory.forget([learnt.memory])
    memory.store.undo(before)
    assert memory.store.memories.newest() == []


def test_the_words_that_prove_a_memory_are_blanked_in_their_turn(memory, tmp_path):
    """The turn stays with the rest of its words; the session named after it loses its name."""
    conversation = talk(memory, ScriptedEngine(["Nice."]))
    exchange = say(conversation, f"I live in {SECRET.title()}. The weather is fine today.")
    [learnt] = exchange.learnt
    session = conversation.session
    assert SECRET.title() in memory.store.sessions.get(session.id).title
    memory.forget([learnt.memory])
    turns = memory.store.sessions.turns(session.id)
    assert turns[0].text == f"{FORGOTTEN} The weather is fine today."
    assert memory.store.sessions.get(session.id).title == ""
    assert traces(tmp_path, SECRET.title()) == []
    check_full_text(memory.store)


@pytest.mark.parametrize("engine", [ExtractiveEngine(), ScriptedEngine([f"It is {SECRET}."])])
def test_answers_made_from_a_forgotten_memory_are_blanked(memory, tmp_path, engine):
    """An answer that a memory went into is blanked as a whole.

    So is the question, if it names what nothing else does.
    """
    memory.remember("The weather is fine.")
    [learnt] = memory.remember(f"The combination of the safe is {SECRET}")
    conversation = talk(memory, engine)
    exchange = say(conversation, "What is the combination of the safe?")
    assert SECRET in exchange.answer
    forgotten = memory.forget([learnt.memory])
    turns = memory.store.sessions.turns(conversation.session.id)
    assert [turn.text for turn in turns] == [FORGOTTEN, FORGOTTEN]
    assert forgotten.blanked == 2
    assert traces(tmp_path) == []


def test_a_forgotten_turn_takes_along_what_was_learnt_from_it(memory, tmp_path):
    """Forgetting a turn erases the turn, its memories, and the answer to it."""
    conversation = talk(memory, ScriptedEngine([f"So {SECRET} it is."]))
    exchange = say(conversation, f"I live in {SECRET.title()}.")
    assert len(exchange.learnt) == 1
    [said, _] = memory.store.sessions.turns(conversation.session.id)
    forgotten = memory.forget([], [said])
    assert (forgotten.memories, forgotten.turns, forgotten.blanked) == (1, 1, 1)
    assert [t.text for t in memory.store.sessions.turns(conversation.session.id)] == [FORGOTTEN]
    assert memory.store.memories.count() == 0
    assert traces(tmp_path) == []
    assert traces(tmp_path, SECRET.title()) == []


def test_an_answer_that_read_a_turn_in_the_window_is_blanked_with_it(memory, tmp_path):
    """A later answer made from a turn still in the window was made from that turn."""
    conversation = talk(memory, ScriptedEngine(["Noted.", f"The password is {SECRET}."]))
    say(conversation, f"Between us, the password of the shed is {SECRET}")
    say(conversation, "What is the password of the shed?")
    [said, *_] = memory.store.sessions.turns(conversation.session.id)
    memory.forget(memory.store.memories.of_turn(said.id), [said])
    texts = [turn.text for turn in memory.store.sessions.turns(conversation.session.id)]
    assert not any(SECRET in text for text in texts), texts
    assert traces(tmp_path) == []


def test_summaries_that_cover_a_forgotten_turn_are_made_anew(memory, tmp_path):
    """A summary may repeat anything of what it covers: what is left is quoted instead."""
    session = Session(memory.store.new_id(), "talk", WHEN, WHEN)
    texts = [f"The combination is {SECRET}", "The garden is green"]
    turns = [
        Turn(memory.store.new_id(), session.id, i, "user", text, WHEN)
        for i, text in enumerate(texts)
    ]
    with memory.writing("chat"):
        memory.store.sessions.add(session)
        memory.store.sessions.add_turns(turns)
    memory.summarize(turns, lambda prompt: f"- The user told that the combination is {SECRET}.")
    forgotten = memory.forget([], turns[:1])
    assert (forgotten.memories, forgotten.turns) == (1, 1)
    (summary,) = memory.store.memories.newest()
    assert summary.text == "user: The garden is green"
    assert [turn.text for turn in memory.store.memories.covered(summary.id)] == [texts[1]]
    assert [turn.text for turn in memory.store.sessions.turns(session.id)] == [texts[1]]
    assert traces(tmp_path) == []


def test_the_vector_index_forgets_as_well(memory):
    """What was forgotten is nobody's neighbour any more."""
    [learnt] = memory.remember(f"The combination is {SECRET}")
    memory.remember("The garden is green")
    embedder, index = memory.meaning.semantics()
    [query] = embedder.embed([f"The combination is {SECRET}"])
    [(nearest, cosine), _] = index.search(query, 5)
    assert cosine > 0.99
    memory.forget([learnt.memory])
    assert nearest not in dict(index.search(query, 5))


def test_forgetting_a_memory_whose_turn_is_gone_works(memory, tmp_path):
    """A proof that is no longer there needs no blanking."""
    with memory.writing("remember"):
        memory.store.memories.add(
            [Memory(memory.store.new_id(), "note", SECRET, WHEN, quote=SECRET)]
        )
    memory.forget(memory.store.memories.newest())
    assert traces(tmp_path) == []


def test_bytes_that_another_reader_holds_are_not_passed_over_in_silence(memory, tmp_path):
    """While another process still reads the old pages, forgetting fails rather than pretend."""
    [learnt] = memory.remember(f"The combination is {SECRET}")
    memory.store.db.execute("PRAGMA busy_timeout = 20")
    reader = Store(memory.store.path)
    reader.db.execute("BEGIN")
    reader.memories.count()
    try:
        memory.forget([learnt.memory])
        said = "forgotten"
    except MemcliError as error:
        said = error.message
    left = traces(tmp_path)
    reader.db.execute("ROLLBACK")
    reader.close()
    assert said != "forgotten" or left == []


def test_forgetting_is_finished_at_the_next_start(tmp_path, monkeypatch):
    """What a reader kept in the log is erased when the store is opened the next time."""
    monkeypatch.setattr("memcli.store.store.PATIENCE_S", 0.05)
    path = tmp_path / "memory.db"
    store = Store(path)
    memory = LongTerm(store, HashEmbedder, lambda e: ExactIndex(store.vectors, e.dims))
    learnt = memory.remember("The vault opens with zanzibarquux.")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM memories").fetchall()
    with pytest.raises(StoreError):
        memory.forget([item.memory for item in learnt])
    reader.close()
    store.close()
    Store(path).close()
    assert not any(b"zanzibarquux" in file.read_bytes() for file in tmp_path.iterdir())


def test_what_was_undone_before_is_forgotten_too(tmp_path):
    """An undone exchange leaves no copy of a forgotten text in the journal."""
    store = Store(tmp_path / "memory.db")
    memory = LongTerm(store, HashEmbedder, lambda e: ExactIndex(store.vectors, e.dims))
    engine = ScriptedEngine(["Noted.", f"The word is {SECRET}.", "Fine."])
    conversation = Conversation(memory, engine, configuration.load())
    for text in (f"My favourite word is {SECRET}.", "What is my favourite word?"):
        for _ in conversation.say(text)[1]:
            pass
    conversation.undo()
    memory.forget(store.memories.newest())
    store.close()
    assert traces(tmp_path) == []
