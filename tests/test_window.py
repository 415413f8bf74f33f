"""A working context of one size: what leaves it is read again, cut out, or thinned."""

import llama_cpp
import pytest
from ggufs import CHATML, write_llama

from memcli.api import Memcli
from memcli.engine.window import PAST, weight

SAID = [f"On day {i} the lamp at door {i * 7} was {c}." for i, c in enumerate("abcdefghijkl" * 4)]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return write_llama(folder / "tiny.gguf", eos=False, template=CHATML, context=512)


def talk(tiny, folder, policy, said=SAID, more=()):
    """Have a conversation; return the handle and the stats of each turn."""
    settings = {
        "model.path": str(tiny), "model.context": 512, "model.threads": 1, "chat.window": policy,
        "sampling.max_tokens": 12, "sampling.temperature": 0.0, "recall.limit": 0, **dict(more),
    }  # fmt: skip
    memory = Memcli(folder=folder, settings=settings)
    return memory, [memory.chat_turn(text).stats for text in said]


def held(memory):
    context = memory.engine._context
    return b"".join(map(context.piece, context.held)).decode("utf-8", "replace")


@pytest.mark.parametrize("policy", ["window", "sinks", "compressive"])
def test_the_context_never_overflows(tiny, tmp_path, policy):
    """However long one talks: tokens and positions agree, and stay within the context."""
    memory, turns = talk(tiny, tmp_path, policy)
    with memory:
        context = memory.engine._context
        last = llama_cpp.llama_memory_seq_pos_max(context._context.memory, 0)
        assert last == len(context.held) - 1 < 512
        assert [stats.stopped for stats in turns if "full" in stats.stopped] == []
        assert SAID[-1] in held(memory)


@pytest.mark.parametrize("policy", ["sinks", "compressive"])
def test_nothing_is_read_again(tiny, tmp_path, policy):
    """When turns leave, only what is new is read; with a plain window the rest is, too."""
    memory, turns = talk(tiny, tmp_path, policy)
    memory.close()
    plain, again = talk(tiny, tmp_path / "plain", "window")
    plain.close()
    new = max(stats.read for stats in turns[1:])
    assert new < 90
    assert max(stats.read for stats in again[1:]) > 2 * new


def test_the_far_past_is_bounded_and_says_most(tiny, tmp_path):
    """Of turns that left, names and numbers stay, in order, and no more than there is room for."""
    memory, _ = talk(tiny, tmp_path, "compressive", SAID[:24])
    with memory:
        window = memory.engine._window
        start, length = window.past
        assert 0 < length <= int(512 * PAST)
        context = memory.engine._context
        past = b"".join(map(context.piece, context.held[start : start + length])).decode()
        assert sum(c.isdigit() for c in past) > len(past) / 3
        assert weight(b" Oslo") > weight(b" the") > weight(b",")


@pytest.mark.parametrize("policy", ["sinks", "compressive"])
def test_a_session_goes_on_with_its_past(tiny, tmp_path, policy):
    """What was cut out or thinned is so in the saved state; the next turn reads what is new."""
    memory, turns = talk(tiny, tmp_path, policy, SAID[:30])
    memory._conversation.suspend()
    session, past = memory._conversation.session, memory.engine._window.past
    answers = [turn.text for turn in memory._conversation.turns]
    memory.close()
    again, _ = talk(tiny, tmp_path, policy, [])
    with again:
        conversation = again.conversation(session)
        assert again.engine._window.past == past
        assert [turn.text for turn in conversation.turns] == answers
        exchange, pieces = conversation.say("And now?")
        list(pieces)
        assert exchange.stats.reused > turns[-1].reused / 3


@pytest.mark.parametrize("policy", ["window", "sinks", "compressive"])
def test_what_is_forgotten_leaves_the_cells(tiny, tmp_path, policy):
    """After forgetting, no cell is left that saw it: all is read again, without it."""
    memory, _ = talk(tiny, tmp_path, policy, ["My dog is called Quax.", *SAID[:14]])
    with memory:
        (turn, *_) = memory._conversation.turns
        memory.forget(turn.id)
        _, stats = memory.chat_turn("And now?"), memory._conversation.last.stats
        assert stats.reused <= 2  # what a summary made meanwhile begins with, too
        assert "Quax" not in held(memory)
