"""Forks: a session goes on in a copy of itself, and nothing is remembered twice for it."""

import json

import pytest
from ggufs import CHATML, write_llama

from memcli.api import Memcli
from memcli.errors import InvalidInput
from memcli.records import FORGOTTEN

SAID = "I live in Lisbon.\nMy sister is called Xanthi.\n"


@pytest.fixture
def said(run):
    """A session without a model, and its fork; returns both ids."""
    run("chat", stdin=SAID)
    session = json.loads(run("session", "list", "--json").out)["id"]
    result = run("session", "fork", session, "--title", "Another way")
    assert (result.code, "memcli chat --session" in result.err) == (0, True)
    assert "“Another way”, 4 turns of" in result.out
    (fork,) = {
        json.loads(line)["id"] for line in run("session", "list", "--json").out.splitlines()
    } - {session}
    return session, fork


def turns(run, session):
    return [json.loads(line) for line in run("session", "show", session, "--json").out.splitlines()]


def texts(run, session):
    return [turn["text"] for turn in turns(run, session)]


def test_a_fork_says_the_same(run, said):
    """Roles, texts and times are those of the originals; ids are new."""
    kept = ("role", "speaker", "text", "time", "interrupted", "seq")
    one, other = (turns(run, id) for id in said)
    assert [[t[k] for k in kept] for t in one] == [[t[k] for k in kept] for t in other]
    assert {t["id"] for t in one}.isdisjoint(t["id"] for t in other)


def test_up_to_a_turn(run, said):
    """--at is the last turn copied; a turn of another session is refused."""
    first = turns(run, said[0])[0]["id"]
    assert "1 turns of" in run("session", "fork", said[0], "--at", first).out
    with Memcli() as memory:
        session = memory.memory.find_session(said[1])
        with pytest.raises(InvalidInput):
            memory.fork(session, at=memory.store.sessions.turn(first))


def test_nothing_is_found_or_learnt_twice(run, said):
    """Recall finds the originals only, and copies make nothing stronger, summarised or learnt."""
    with Memcli() as memory:
        copies = {turn.id for turn in memory.store.sessions.turns(said[1])}
        originals = [turn.id for turn in memory.store.sessions.turns(said[0])]
        found = [hit.id for hit in memory.recall("Lisbon sister Xanthi", limit=50)]
        assert found
        assert copies.isdisjoint(found)
        assert memory.store.sessions.uses(originals) == {}
        assert [s.id for s in memory.store.sessions.to_summarise(2, 2)] == [said[0]]
        assert all(turn.derived for turn in memory.store.sessions.turns(said[1]))


def test_forgetting_reaches_forks_of_forks(run, said, own_home):
    """What is forgotten goes from copies, copies of copies, and what was answered from them."""
    run("session", "fork", said[1])
    run("chat", "--continue", stdin="What is my sister called?\n")
    ids = [json.loads(line)["id"] for line in run("session", "list", "--json").out.splitlines()]
    assert len(ids) == 3
    sister = next(t["id"] for t in turns(run, said[0]) if "Xanthi" in t["text"])
    assert run("memory", "forget", sister, "--yes").code == 0
    assert not any(b"Xanthi" in f.read_bytes() for f in own_home.rglob("*") if f.is_file())
    for id in ids:
        assert "I live in Lisbon." in texts(run, id)
    assert run("memory", "forget", turns(run, said[0])[0]["id"], "--yes").code == 0
    assert not any(b"Lisbon" in f.read_bytes() for f in own_home.rglob("*") if f.is_file())


def test_deleting_a_fork_leaves_the_original(run, said):
    """A fork can be deleted; the original stays whole, and so does a fork of the fork."""
    run("session", "fork", said[1])
    before = texts(run, said[0])
    result = run("session", "delete", said[1], "--yes")
    assert (result.code, result.err.count("nothing is left")) == (0, 1)
    assert texts(run, said[0]) == before
    assert run("recall", "Where do I live?").code == 0
    (other,) = {
        json.loads(line)["id"] for line in run("session", "list", "--json").out.splitlines()
    } - {said[0]}
    assert texts(run, other) == before
    assert FORGOTTEN not in "".join(before)


def test_undo(run, said):
    """A fork is one action."""
    assert "forked 4 turns" in run("undo", "--yes").out
    assert len(run("session", "list").out.splitlines()) == 1
    assert run("redo", "--yes").code == 0
    assert texts(run, said[1]) == texts(run, said[0])


def test_saying_it_differently(run, said):
    """In a chat a fork is where the last thing said is said in another way."""
    result = run("chat", "--session", said[0], stdin="/fork Elsewhere\n/edit I live in Porto.\n")
    assert "4 turns copied: this is now" in result.err
    assert len(turns(run, said[0])) == 4
    (fork,) = [
        s
        for line in run("session", "list", "--json").out.splitlines()
        if (s := json.loads(line))["title"] == "Elsewhere"
    ]
    assert [t for t in texts(run, fork["id"]) if t.startswith(("I live", "My"))] == [
        "I live in Lisbon.",
        "I live in Porto.",
    ]
    assert "not stored yet" in run("chat", "--private", stdin="Hello.\n/fork\n").err


def test_the_model_goes_on(run, tmp_path):
    """A fork has in mind what the session had, in a chat and from the command line."""
    run("model", "use", write_llama(tmp_path / "tiny.gguf", eos=False, template=CHATML))
    run("config", "set", "sampling.max_tokens", "4")
    result = run("chat", stdin="I live in Lisbon.\n/fork\nAnd what now?\n")
    reused = [int(line.split()[0]) for line in result.err.splitlines() if "tokens reused" in line]
    assert (reused[0], reused[1] > 20) == (0, True)
    session = json.loads(run("session", "list", "--json").out.splitlines()[0])["id"]
    run("session", "fork", session)
    result = run("chat", "--continue", stdin="And then?\n")
    assert "tokens of this session are in the model again, unread" in result.err
