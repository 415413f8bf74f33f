"""The extractive engine: no model, and no word that is not in the memories."""

import pytest

from memcli.engine.base import Cancel, Message, Prompt
from memcli.engine.extractive import KEPT, NOTHING, ExtractiveEngine


@pytest.fixture
def say():
    """The engine's whole answer to a prompt."""

    def say(**prompt):
        return "".join(ExtractiveEngine().answer(Prompt((), **prompt), Cancel()))

    return say


def test_answers_by_quoting(say):
    """A question gets the memories that support an answer, one a line, as they are."""
    quotes = ("2024-02-27: Igor lives in Oslo.", "2021-03-23: I am allergic to figs.")
    assert say(quotes=quotes) == "\n".join(quotes)


def test_says_that_it_knows_nothing(say):
    """A question without memories gets a plain no, and nothing made up."""
    assert say() == NOTHING == "I don't have that in my memories."


def test_says_what_was_noted(say):
    """A statement gets the list of what was learnt from it."""
    assert say(asks=False, noted=("Igor lives in Oslo.", "Igor has a cat.")) == (
        "Noted:\n- Igor lives in Oslo.\n- Igor has a cat."
    )


def test_says_that_the_text_is_kept(say):
    """A statement from which nothing was learnt is kept word for word, and the answer says so."""
    assert say(asks=False) == KEPT


def test_a_statement_is_not_answered_with_quotes(say):
    """Memories that resemble a statement are no answer to it."""
    assert say(asks=False, quotes=("Igor lives in Oslo.",)) == KEPT


def test_counts_are_estimates():
    """Without a model a prompt's size is the sum of its messages' estimates."""
    engine = ExtractiveEngine()
    messages = [Message("system", "Be brief."), Message("user", "Where does Igor live?")]
    assert engine.count("") == 0
    assert engine.prompt_size([]) == 0
    assert engine.prompt_size(messages) == sum(engine.count(m.text) for m in messages) > 0


def test_needs_no_prompt():
    """No prompt can be too long for an engine that does not read it."""
    engine = ExtractiveEngine()
    generation = engine.answer(Prompt((Message("user", "why " * 100_000),)), Cancel())
    assert "".join(generation) == NOTHING
    assert not generation.interrupted
    assert not engine.reads_prompts
    engine.close()
