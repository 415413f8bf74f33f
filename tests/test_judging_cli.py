"""What the owner judges, and what is masked, through the command line and the chat."""

import re

import pytest

from memcli.api import Memcli
from memcli.records import Review, Triple

SECRET = "My wifi password is hunter2-XK94."
BIRTHDAYS = ("My birthday is on 14 May.", "My birthday is on 9 November.")


def listed(run, *more):
    return [line.split("\t") for line in run("memory", "list", *more).out.splitlines()]


def everything(folder):
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("words", [("remember", SECRET), ("ask", "--keep", SECRET)])
def test_secret_is_masked(run, own_home, words):
    """A password reaches no file; what it was stays visible."""
    run(*words)
    assert b"hunter2" not in everything(own_home)
    assert b"[secret: password]" in everything(own_home)


def test_masked_is_counted(run):
    """remember says what it masked, and how to keep it."""
    assert "masked 1 secrets" in run("remember", SECRET).err


def test_secret_in_chat_is_masked(run, own_home):
    """The chat says what was masked."""
    result = run("chat", stdin=f"{SECRET}\n")
    assert "masked: 1 × password" in result.err
    assert b"hunter2" not in everything(own_home)


def test_secret_in_an_import_is_masked(run, own_home, tmp_path):
    """An import masks too, and says how many."""
    (tmp_path / "note.md").write_text(f"# Wifi\n\n{SECRET}\n", "utf-8")
    result = run("import", tmp_path / "note.md")
    assert "masked 1 secrets" in result.err
    assert b"hunter2" not in everything(own_home)
    assert run("import", tmp_path / "note.md").out.startswith("new 0 · updated 0 · unchanged 1")


def test_secrets_can_be_kept(run, own_home, monkeypatch):
    """The owner may want their passwords remembered."""
    monkeypatch.setenv("MEMCLI_MEMORY_SECRETS", "keep")
    assert "masked" not in run("remember", SECRET).err
    assert b"hunter2" in everything(own_home)


def test_conflict(run):
    """Two birthdays cannot both hold: both stay, the owner is asked and says which."""
    run("remember", BIRTHDAYS[0])
    assert "contradicts" in run("remember", BIRTHDAYS[1]).out
    shown = run("memory", "conflicts")
    assert [line.split("\t")[3] for line in shown.out.splitlines()] == list(BIRTHDAYS)
    assert "memory resolve" in shown.err
    wrong, right = (line.split("\t")[0] for line in shown.out.splitlines())
    assert BIRTHDAYS[0] in run("memory", "resolve", right).out
    assert [row[3] for row in listed(run)] == [BIRTHDAYS[1]]
    assert run("memory", "conflicts").out == ""
    assert run("memory", "resolve", wrong).code == 3


def test_conflict_in_chat(run):
    """The line after an answer asks, and /resolve answers it."""
    said = run("chat", stdin=f"{BIRTHDAYS[0]}\n{BIRTHDAYS[1]}\n/conflicts\n").err
    assert "in conflict: birthday" in said
    second = re.findall(r"^(\w{6})  \S+  My birthday", said, re.MULTILINE)[1]
    assert (
        "this holds: My birthday is on 9 November." in run("chat", stdin=f"/resolve {second}\n").err
    )
    assert [row[3] for row in listed(run)] == [BIRTHDAYS[1]]


def test_resolve_both(run):
    """Both may hold after all."""
    run("remember", BIRTHDAYS[0])
    run("remember", BIRTHDAYS[1])
    assert "both hold" in run("memory", "resolve", listed(run)[0][0], "--both").out
    assert len(listed(run)) == 2
    assert run("memory", "conflicts").out == ""


@pytest.mark.parametrize("id", ["zzzzzz", ""])
def test_resolve_of_nothing(run, id):
    """What is in no conflict cannot be resolved."""
    run("remember", "The key hangs behind the door.")
    assert run("memory", "resolve", id).code in (2, 3)


@pytest.fixture
def waiting(run):
    """Put one find of a model on the list, and return its short id."""
    run("ask", "--keep", "I bank somewhere.")
    with Memcli() as memory, memory.store.action("test"):
        (session,) = memory.store.sessions.latest()
        turn = memory.store.sessions.turns(session.id)[0]
        triple = Triple("user", "bank", "somewhere")
        review = Review(
            memory.store.new_id(), turn.id, "fact", "I bank somewhere.", "why", (triple,)
        )
        memory.store.judgements.add_reviews([review, review])
        assert memory.store.judgements.reviews() == [review]
    return review.id[-6:]


def test_review_lists(run, waiting):
    """The list says why a find waits."""
    assert run("memory", "review").out == f"{waiting}\tfact\twhy\tI bank somewhere.\n"


def test_review_accept(run, waiting):
    """An accepted find is a memory, proved by its turn."""
    assert "I bank somewhere." in run("memory", "review", waiting, "--accept").out
    assert [row[3] for row in listed(run, "--kind", "fact")] == ["I bank somewhere."]
    assert run("memory", "review").out == ""


def test_review_reject(run, waiting):
    """A rejected find is gone from the list, and no memory."""
    run("memory", "review", waiting, "--reject")
    assert (run("memory", "review").out, run("memory", "list", "--kind", "fact").code) == ("", 3)


def test_review_in_other_words(run, waiting):
    """--text keeps the owner's words."""
    run("memory", "review", waiting, "--text", "My bank is Y.")
    assert [row[3] for row in listed(run, "--kind", "fact")] == ["My bank is Y."]


@pytest.mark.parametrize("more", [(), ("zzzzzz", "--accept")])
def test_review_bad_input(run, waiting, more):
    """Without a verdict nothing happens, and an unknown find is named."""
    result = run("memory", "review", *(more or (waiting,)))
    assert result.code in (2, 3)
    assert run("memory", "review").out.startswith(waiting)


def test_consolidate(run):
    """consolidate says what it did; a second run has nothing to do."""
    said = "".join(f"The harvest of field {i} was good this year.\n" for i in range(6))
    run("chat", stdin=said)  # summarised when the chat ends
    assert run("memory", "list", "--kind", "summary").out.count("\n") == 1
    assert run("consolidate").out == "summarised 0 sessions, 0 topics · learnt 0 · to review 0\n"


def test_profile_enters_the_prompt(memory):
    """What the owner said of themselves stands in every prompt, the most important first."""
    from memcli import config
    from memcli.chat.turn import Conversation
    from memcli.testing import ScriptedEngine

    memory.remember("I love jazz.")
    memory.remember("I'm allergic to walnuts.")
    engine = ScriptedEngine(["Yes."])
    exchange, pieces = Conversation(memory, engine, config.load()).say("Tell me a joke.")
    list(pieces)
    told = exchange.context.messages[0].text
    assert told.index("walnuts") < told.index("jazz")
    none = Conversation(memory, engine, config.load({"memory.profile": 0}))
    assert "walnuts" not in none.say("Tell me a joke.")[0].context.messages[0].text
