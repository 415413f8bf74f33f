"""The turn pipeline: what is stored when, what is recalled, and what undo takes back."""

import pytest

from memcli import config
from memcli.chat.turn import Conversation
from memcli.engine.base import Cancel
from memcli.engine.extractive import KEPT, NOTHING, ExtractiveEngine
from memcli.errors import ContextTooSmall, InvalidInput, MemcliError, NotFound
from memcli.testing import ScriptedEngine


class BrokenEngine(ScriptedEngine):
    """Fails when it is to answer, or after its first word."""

    def __init__(self, *, after_a_word=False):
        super().__init__()
        self._after_a_word = after_a_word

    def answer(self, prompt, cancel):
        generation = super().answer(prompt, cancel)
        if not self._after_a_word:
            raise RuntimeError("out of memory")
        generation.pieces = self._break()
        return generation

    def _break(self):
        yield "Well"
        raise RuntimeError("out of memory")


@pytest.fixture
def chat(memory):
    """Begin a conversation with an engine that answers with these replies."""

    def chat(*replies, engine=None, session=None, private=False, settings=None):
        engine = engine or ScriptedEngine(replies)
        loaded = config.load(settings)
        return Conversation(memory, engine, loaded, session=session, private=private)

    return chat


def say(conversation, text, **more):
    """Say something, use up the answer, and return the exchange."""
    exchange, pieces = conversation.say(text, **more)
    for _ in pieces:
        pass
    return exchange


def stored(conversation):
    """Return who said what, as the store has it."""
    store = conversation.memory.store
    if conversation.session is None:
        return []
    return [(turn.role, turn.text) for turn in store.sessions.turns(conversation.session.id)]


def current(memory):
    return [m.text for m in reversed(memory.store.memories.newest(current=True))]


def test_turn_is_stored(chat):
    """Both sides of a turn are stored verbatim, in order."""
    conversation = chat("Hello Ana.", "Fine.")
    say(conversation, "Hello, who are you?")
    say(conversation, "And how are you?")
    assert stored(conversation) == [
        ("user", "Hello, who are you?"),
        ("assistant", "Hello Ana."),
        ("user", "And how are you?"),
        ("assistant", "Fine."),
    ]


def test_exchange(chat):
    """An exchange holds the answer, what was learnt, and what it cost."""
    exchange = say(chat("Nice city."), "I live in Lisbon.")
    assert exchange.answer == "Nice city."
    assert [item.memory.text for item in exchange.learnt] == ["I live in Lisbon."]
    assert (exchange.stats.written, exchange.interrupted, exchange.input.asks) == (2, False, False)


def test_user_words_are_stored_before_the_engine_runs(chat):
    """When the answer begins, what the user said is stored and learnt from already."""
    conversation = chat("Nice.")
    conversation.say("I live in Lisbon.")  # the answer's pieces are never asked for
    assert stored(conversation) == [("user", "I live in Lisbon.")]
    assert current(conversation.memory) == ["I live in Lisbon."]


@pytest.mark.parametrize("after_a_word", [False, True])
def test_engine_that_fails_loses_nothing(chat, after_a_word):
    """An engine that raises costs neither what was said nor what was learnt."""
    conversation = chat(engine=BrokenEngine(after_a_word=after_a_word))
    with pytest.raises(RuntimeError):
        say(conversation, "I live in Lisbon.")
    assert stored(conversation)[0] == ("user", "I live in Lisbon.")
    assert current(conversation.memory) == ["I live in Lisbon."]


def test_chat_goes_on_after_a_failure(chat, memory):
    """After an engine failed the same conversation can go on, and be undone."""
    conversation = chat(engine=BrokenEngine())
    with pytest.raises(RuntimeError):
        say(conversation, "I live in Lisbon.")
    conversation.undo()
    assert stored(conversation) == []
    assert memory.store.memories.count() == 0


def test_interrupted_answer_is_kept(chat):
    """The part of an answer that was said before Ctrl-C is stored and marked."""
    conversation, cancel = chat("one two three"), Cancel()
    exchange, pieces = conversation.say("Count.", cancel)
    next(pieces)
    cancel.raise_()
    assert list(pieces) == []
    assert exchange.interrupted
    last = conversation.memory.store.sessions.turns(conversation.session.id)[-1]
    assert (last.text, last.interrupted) == ("one", True)


def test_closed_answer_is_kept(chat):
    """An answer whose reader went away is kept as far as it was read."""
    conversation = chat("one two three")
    exchange, pieces = conversation.say("Count.")
    next(pieces)
    pieces.close()
    assert exchange.interrupted
    assert stored(conversation)[-1] == ("assistant", "one")


def test_interrupted_before_the_first_word(chat):
    """An answer of which nothing was said leaves no turn."""
    conversation, cancel = chat("one"), Cancel()
    cancel.raise_()
    say(conversation, "Count.", cancel=cancel)
    assert stored(conversation) == [("user", "Count.")]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07"])
def test_empty_message(chat, text):
    """An empty message is an error, and nothing is stored."""
    conversation = chat()
    with pytest.raises(InvalidInput):
        conversation.say(text)
    assert conversation.memory.store.sessions.count() == 0


def test_message_that_cannot_fit(chat):
    """A message too long for the model is an error, and the chat goes on."""
    conversation = chat("Yes.", engine=ScriptedEngine(["Yes."], context_size=200))
    with pytest.raises(ContextTooSmall):
        conversation.say("word " * 500)
    say(conversation, "Short?")
    assert stored(conversation) == [("user", "Short?"), ("assistant", "Yes.")]


def test_undo_takes_back_turns_and_what_was_learnt(chat, memory):
    """Undo removes the last exchange and the memories learnt from it, and nothing else."""
    conversation = chat("Ah.", "Oh.")
    say(conversation, "My name is Ana.")
    say(conversation, "I live in Lisbon.")
    gone = conversation.undo()
    assert [turn.text for turn in gone] == ["I live in Lisbon.", "Oh."]
    assert stored(conversation) == [("user", "My name is Ana."), ("assistant", "Ah.")]
    assert current(memory) == ["My name is Ana."]
    assert "I live in Lisbon." not in [h.text for h in memory.recall("Where do I live?")]


def test_undo_restores_what_was_superseded(chat, memory):
    """Undo of a change makes what held before hold again."""
    conversation = chat()
    say(conversation, "I live in Lisbon.")
    say(conversation, "I moved to Porto.")
    assert current(memory) == ["I moved to Porto."]
    conversation.undo()
    assert current(memory) == ["I live in Lisbon."]
    assert memory.recall("Where do I live?")[0].text == "I live in Lisbon."


def test_undo_again_and_again(chat, memory):
    """Undo goes back turn by turn to an empty session, and then says so."""
    conversation = chat()
    for text in ("I live in Lisbon.", "I moved to Porto.", "I live in Braga."):
        say(conversation, text)
    for _ in range(3):
        conversation.undo()
    assert stored(conversation) == []
    assert memory.store.memories.count() == 0
    with pytest.raises(NotFound):
        conversation.undo()


def test_undo_of_what_was_changed_since(chat, memory):
    """A turn whose memory was changed by something later is not taken back in silence."""
    conversation = chat()
    say(conversation, "I live in Lisbon.")
    memory.remember("I moved to Porto.")
    with pytest.raises(MemcliError):
        conversation.undo()
    assert stored(conversation)[0] == ("user", "I live in Lisbon.")


def test_after_undo_the_engine_does_not_see_it(chat):
    """What was taken back is in no later prompt."""
    conversation = chat("Ah.", "Oh.")
    say(conversation, "My secret word is xylophone.")
    conversation.undo()
    say(conversation, "What is my secret word?")
    assert all("xylophone" not in m.text for m in conversation.engine.prompts[-1].messages)


def test_private_stores_nothing(chat, memory):
    """A private session leaves no trace in the store."""
    conversation = chat("Ah.", private=True)
    exchange = say(conversation, "I live in Lisbon.")
    assert exchange.learnt == []
    assert [turn.text for turn in conversation.turns] == ["I live in Lisbon.", "Ah."]
    assert memory.store.sessions.count() == memory.store.memories.count() == 0
    assert memory.store.sessions.latest() == []
    assert memory.store.journal.last_action() is None


def test_private_recalls(chat, memory):
    """A private session is answered from what is known."""
    memory.remember("The spare key is under the blue pot.")
    exchange = say(chat(engine=ExtractiveEngine(), private=True), "Where is the spare key?")
    assert "under the blue pot" in exchange.answer


def test_private_undo(chat):
    """A private session takes its last exchange back, too."""
    conversation = chat("Ah.", "Oh.", private=True)
    say(conversation, "One.")
    say(conversation, "Two.")
    conversation.undo()
    assert [turn.text for turn in conversation.turns] == ["One.", "Ah."]


def test_keep_stores_a_private_session(chat, memory):
    """A private session that is kept is stored whole, and learnt from."""
    conversation = chat("Ah.", "Oh.", "Eh.", private=True)
    say(conversation, "I live in Lisbon.")
    say(conversation, "Hm.")
    conversation.keep()
    say(conversation, "More.")
    assert stored(conversation) == [
        ("user", "I live in Lisbon."), ("assistant", "Ah."), ("user", "Hm."),
        ("assistant", "Oh."), ("user", "More."), ("assistant", "Eh."),
    ]  # fmt: skip
    assert current(memory) == ["I live in Lisbon."]


def test_keep_of_an_empty_private_session(chat):
    """Keeping a private session before anything was said makes it an ordinary one."""
    conversation = chat("Ah.", private=True)
    conversation.keep()
    say(conversation, "Hello.")
    assert stored(conversation) == [("user", "Hello."), ("assistant", "Ah.")]


def test_kept_derived_answers_are_not_recalled(chat, memory):
    """An answer made from memories in a private session is not recalled once that is kept."""
    memory.remember("The spare key is under the blue pot.")
    conversation = chat(engine=ExtractiveEngine(), private=True)
    say(conversation, "Where is the spare key?")
    conversation.keep()
    assert all("told by you" not in h.text for h in memory.recall("spare key", limit=9))


def test_keep_of_an_interrupted_answer(chat):
    """A kept session still marks the answer that was interrupted."""
    conversation, cancel = chat("one two", private=True), Cancel()
    _, pieces = conversation.say("Count.", cancel)
    next(pieces)
    cancel.raise_()
    list(pieces)
    conversation.keep()
    last = conversation.memory.store.sessions.turns(conversation.session.id)[-1]
    assert (last.text, last.interrupted) == ("one", True)


def test_overflow_is_summarised(chat, memory):
    """When the window overflows the engine summarises its oldest turns, which stay in the store."""

    class Summing(ScriptedEngine):
        def answer(self, prompt, cancel):
            asked = prompt.messages[0].text.startswith("Summarise")
            self._replies = ["They spoke of rain." if asked else "An answer of some words."]
            return super().answer(prompt, cancel)

    conversation = chat(engine=Summing(context_size=200))
    for i in range(12):
        say(conversation, f"This is message number {i} about the rain in the hills.")
    assert len(stored(conversation)) == 24
    summaries = [m for m in memory.store.memories.newest() if m.kind == "summary"]
    assert summaries
    assert {m.text for m in summaries} == {"They spoke of rain."}
    prefix = conversation.engine.prompts[-1].messages[0].text
    assert "Earlier in this conversation: They spoke of rain." in prefix
    assert conversation.last.context.turns_left_out > 0
    assert "earlier turns" in conversation.last.context.report()
    for prompt in conversation.engine.prompts:
        assert conversation.engine.prompt_size(prompt.messages) <= 200


def test_summarised_turns_stay_recallable(chat, memory):
    """A turn that left the window is still found, word for word."""
    conversation = chat(engine=ScriptedEngine(context_size=200))
    say(conversation, "The umbrella stands behind the piano.")
    for i in range(12):
        say(conversation, f"This is message number {i} about the rain in the hills.")
    assert memory.recall("umbrella")[0].text == "The umbrella stands behind the piano."


def test_summary_is_known_when_resumed(chat, memory):
    """A session that goes on another day begins with its summary and its last turns."""
    conversation = chat(engine=ScriptedEngine(context_size=200))
    for i in range(12):
        say(conversation, f"This is message number {i} about the rain in the hills.")
    resumed = chat(engine=ScriptedEngine(context_size=200), session=conversation.session)
    say(resumed, "Go on.")
    messages = resumed.engine.prompts[-1].messages
    assert "Earlier in this conversation:" in messages[0].text
    assert any("message number 11" in message.text for message in messages)
    assert all("message number 0 " not in m.text for m in messages[1:] if not m.recalled)


def test_resume(chat):
    """A resumed session goes on where it was left."""
    first = chat("Hello Ana.")
    say(first, "Hello there.")
    second = chat("Again.", session=first.session)
    assert [turn.text for turn in second.turns] == ["Hello there.", "Hello Ana."]
    say(second, "And now?")
    assert [turn.text for turn in second.turns] == [text for _, text in stored(second)]
    seen = [message.text for message in second.engine.prompts[0].messages]
    assert seen[1:3] == ["Hello there.", "Hello Ana."]


def test_undo_in_a_resumed_session(chat, memory):
    """What was said the day before can be taken back today."""
    first = chat("Ah.")
    say(first, "I live in Lisbon.")
    chat(session=first.session).undo()
    assert stored(first) == []
    assert memory.store.memories.count() == 0


def test_two_writers_of_one_session(chat):
    """Two conversations on one session never lose each other's turns."""
    one = chat("A.", "C.")
    say(one, "a")
    two = chat("B.", session=one.session)
    say(two, "b")
    say(one, "c")
    assert [text for _, text in stored(one)] == ["a", "A.", "b", "B.", "c", "C."]


def test_derived_answers_are_not_recalled(chat, memory):
    """An answer that quotes memories never comes back as a memory."""
    memory.remember("The spare key is under the blue pot.")
    conversation = chat(engine=ExtractiveEngine())
    answer = say(conversation, "Where is the spare key?").answer
    assert "blue pot" in answer
    again = say(conversation, "Where is the spare key?").answer
    assert again == answer
    assert all(hit.source.speaker != "assistant" for hit in conversation.last.recalled)


def test_answer_that_the_model_made_up_is_recalled(chat, memory):
    """What a model says of its own, with no memory to support it, is found again."""
    conversation = chat("Try the onion tart of Alsace.")
    say(conversation, "Suggest a dish for dinner.")
    assert memory.recall("onion tart")[0].source.speaker == "assistant"


def test_question_is_recalled_from_another_session(chat):
    """What was said in one session answers a question in another."""
    say(chat(), "The umbrella stands behind the piano.")
    answer = say(chat(engine=ExtractiveEngine()), "Where is the umbrella?").answer
    assert "The umbrella stands behind the piano." in answer


def test_turns_in_the_window_are_not_recalled_again(chat):
    """What the model sees in its window anyway is not recalled beside it."""
    conversation = chat("Ah.", "There.")
    say(conversation, "The umbrella stands behind the piano.")
    say(conversation, "Where is the umbrella?")
    texts = [message.text for message in conversation.engine.prompts[-1].messages]
    assert sum("behind the piano" in text for text in texts) == 1


def test_pinned_memories_are_in_every_prompt(chat, memory):
    """A pinned memory stands in the prefix, whatever is asked."""
    memory.remember("Ana wants short answers.", pin=True)
    conversation = chat()
    say(conversation, "What is rain?")
    assert "- Ana wants short answers." in conversation.engine.prompts[0].messages[0].text


def test_extractive_answers(chat):
    """Without a model a statement is acknowledged by what it taught, a question by quotes."""
    conversation = chat(engine=ExtractiveEngine())
    assert say(conversation, "Where do I live?").answer == NOTHING
    assert say(conversation, "I live in Lisbon.").answer == "Noted:\n- I live in Lisbon."
    assert say(conversation, "The weather is fine.").answer == KEPT
    answer = say(conversation, "Where do I live?").answer
    assert answer.startswith("- “I live in Lisbon.” (2024-06-12, chat")


@pytest.mark.parametrize(
    ("said", "doubted"),
    [
        ("Where is the spare key?", False),
        ("What colour is the neighbour's old pot?", True),
        ("I saw a strange old pot at the market.", False),
    ],
)
def test_model_is_told_when_memories_may_not_answer(chat, memory, said, doubted):
    """A question that the memories do not seem to answer is marked so for the model."""
    memory.remember("The spare key is under the blue pot.")
    conversation = chat("Ah.")
    exchange = say(conversation, said)
    assert exchange.recalled
    recalled = [m.text for m in conversation.engine.prompts[-1].messages if m.recalled]
    assert any("may not hold the answer" in text for text in recalled) == doubted


def test_learning_can_be_switched_off(chat, memory):
    """With chat.learn off turns are stored, and nothing is learnt from them."""
    conversation = chat(settings={"chat.learn": False})
    assert say(conversation, "I live in Lisbon.").learnt == []
    assert memory.store.memories.count() == 0


def test_recall_can_be_switched_off(chat, memory):
    """With recall.limit 0 nothing is recalled."""
    memory.remember("The spare key is under the blue pot.")
    conversation = chat(settings={"recall.limit": 0})
    assert say(conversation, "Where is the spare key?").recalled == []


def test_other_engine(chat):
    """The same conversation goes on with another engine."""
    conversation = chat("Ah.")
    say(conversation, "Hello there.")
    other = conversation.with_engine(ScriptedEngine(["Oh."]))
    say(other, "And now?")
    assert [text for _, text in stored(other)] == ["Hello there.", "Ah.", "And now?", "Oh."]


def test_other_engine_in_a_private_session(chat, memory):
    """A private session stays private, and whole, with another engine."""
    conversation = chat("Ah.", private=True)
    say(conversation, "Hello there.")
    other = conversation.with_engine(ScriptedEngine(["Oh."]))
    say(other, "And now?")
    assert [turn.text for turn in other.turns] == ["Hello there.", "Ah.", "And now?", "Oh."]
    assert memory.store.sessions.count() == 0


def test_session_is_named_after_its_first_words(chat):
    """A session bears its first words, cut at a word."""
    conversation = chat()
    say(conversation, "What shall we cook for the twelve guests\nwho come on Sunday evening?")
    assert conversation.session.title == "What shall we cook for the twelve guests who…"


def test_forgotten_turn_leaves_the_conversation(chat, memory):
    """After forgetting, reload takes the words out of the running conversation."""
    conversation = chat()
    say(conversation, "My secret word is xylophone.")
    memory.forget([], [conversation.turns[0]])
    conversation.reload()
    assert all("xylophone" not in turn.text for turn in conversation.turns)
    say(conversation, "What now?")
    assert all("xylophone" not in m.text for m in conversation.engine.prompts[-1].messages)


def test_conversation_too_long_for_the_model_is_summarised_without_it(chat, memory):
    """Turns that the model cannot read at once leave the window all the same, and the chat goes on."""
    long = chat()
    for i in range(60):
        say(long, f"On day {i} I walked to the harbour and counted {i} boats there.")
    small = ScriptedEngine(["Fine."], context_size=100)
    resumed = chat(engine=small, session=long.session)
    assert say(resumed, "How are you?").answer == "Fine."
    assert len(small.prompts) == 1
    assert len(memory.store.memories.newest(kind="summary")) == 1


def test_summary_can_be_stopped(chat):
    """Ctrl-C while older turns are summarised stops that, and they are picked from instead."""
    engine = ScriptedEngine(["Yes."] * 40, context_size=80)
    conversation = chat(engine=engine)
    cancel = Cancel()
    cancel.raise_()
    for i in range(12):
        say(conversation, f"I have counted {i} boats in the harbour today.", cancel=cancel)
    asked = [
        p.messages[0].text for p in engine.prompts if p.messages[0].text.startswith("Summarise")
    ]
    assert asked
    summaries = conversation.memory.store.memories.newest(kind="summary")
    assert all("boats in the harbour" in memory.text for memory in summaries)


def test_undo_takes_summaries_along(chat, memory):
    """A summary that tells of an undone turn goes with it."""
    conversation = chat(engine=ScriptedEngine(context_size=60))
    for i in range(10):
        say(conversation, f"Secret number {i} is written on the wall of the shed.")
    assert memory.store.memories.newest(kind="summary")
    for _ in range(10):
        conversation.undo()
    assert memory.store.memories.newest(kind="summary") == []
    assert memory.recall("secret number") == []


def test_summary_is_not_said_by_the_user(chat, memory):
    """A summary comes from its session, and is never quoted as an answer."""
    replies = [f"Lemon trees, told {i} times." for i in range(40)]
    conversation = chat(engine=ScriptedEngine(replies, context_size=60))
    for i in range(10):
        say(conversation, f"The gardener planted {i} lemon trees behind the shed.")
    found = [hit for hit in memory.recall("lemon trees", limit=60) if hit.kind == "summary"]
    assert [(hit.source.kind, hit.source.speaker) for hit in found][:1] == [("session", "summary")]
    assert all("said by you" not in hit.parts for hit in found)


def test_what_cannot_be_said_instead_leaves_the_exchange(chat, memory):
    """An undone exchange can be brought back with all that was learnt from it."""
    conversation = chat("Nice.")
    say(conversation, "I live in Lisbon.")
    before = stored(conversation)
    undone = conversation.undo()[0].id
    conversation.redo(undone)
    assert stored(conversation) == before
    assert current(memory) == ["I live in Lisbon."]


def test_forgetting_blanks_every_turn_that_said_it(chat, memory):
    """What was said again in other turns is blanked there as well."""
    first = chat("Fine.")
    say(first, "I live in Lisbon.")
    second = chat("Fine.")
    say(second, "As I told you, I live in Lisbon.")
    say(second, "By the way, I live in Lisbon")
    memory.forget([m for m in memory.store.memories.newest() if m.triples])
    assert all("Lisbon" not in text for _, text in stored(first) + stored(second)[2:])
    assert memory.recall("Where do I live?") == [] or all(
        "Lisbon" not in hit.text for hit in memory.recall("Where do I live?")
    )
