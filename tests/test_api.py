"""The Python API: the verbs of one handle."""

import memcli


def test_a_handle_chats_remembers_recalls_and_forgets():
    """One handle has one session, and what is said to it is recalled until it is forgotten."""
    with memcli.open() as memory:
        told = memory.chat_turn("My dog is called Rex.")
        asked = memory.chat_turn("What is my dog called?")
        assert [item.memory.text for item in told.learnt] == ["My dog is called Rex."]
        assert "Rex" in asked.answer
        assert len(memory.store.sessions.latest()) == 1
        memory.forget(told.learnt[0].memory.id)
        assert not any("Rex" in hit.text for hit in memory.recall("What is my dog called?"))


def test_settings_are_spelled_with_underscores():
    """A keyword of open() is the setting whose dot is an underscore."""
    with memcli.open(recall_limit=3) as memory:
        assert memory.config.recall.limit == 3
