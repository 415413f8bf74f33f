"""The owner's hands on memories: edit, pin, mute, history, restore, undo and redo."""

import json
import stat
from pathlib import Path

import pytest

from memcli.records import Memory
from memcli.testing import NOON
from memcli.tiers import editing

POT, BLUE = "The key is under the pot.", "The key is under the blue pot."


@pytest.fixture
def key(run):
    """Remember where the key is, and return the memory's short id."""
    run("remember", POT)
    return run("memory", "list").out.split("\t")[0]


def shown(run, id):
    return json.loads(run("memory", "show", id, "--json").out)


def editor(tmp_path, monkeypatch, script):
    """Make a shell script that edits the file it is given the user's editor."""
    path = tmp_path / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("EDITOR", str(path))
    monkeypatch.delenv("VISUAL", raising=False)


def test_set(run, key):
    """--set changes fields; the quote stays what the source says, recall finds the new words."""
    result = run("memory", "edit", key, "--set", f"text={BLUE}", "--set", "tags=home, keys")
    assert result.out == f"{key}  edited: {BLUE}\n"
    now = shown(run, key)
    assert (now["text"], now["quote"], now["tags"]) == (BLUE, POT, ["home", "keys"])
    assert BLUE in run("recall", "blue").out


def test_edited_text_is_read_anew(run):
    """Triples follow the text."""
    run("remember", "I live in Lisbon.")
    id = run("memory", "list").out.split("\t")[0]
    run("memory", "edit", id, "--set", "text=I live in Porto.")
    assert [t["object"] for t in shown(run, id)["triples"]] == ["Porto"]


@pytest.mark.parametrize(
    "change", ["text=", "kind=rumour", "importance=7", "importance=x", "pinned=perhaps", "id=1", "tags",
               "valid_from=someday", "recorded=2024-01-01"],
)  # fmt: skip
def test_bad_change(run, key, change):
    """A field that is not there, or a value it cannot have, changes nothing."""
    before = shown(run, key)
    result = run("memory", "edit", key, "--set", change)
    assert (result.code, result.out) == (2, "")
    assert shown(run, key) == before


def test_editor(run, key, tmp_path, monkeypatch):
    """The form's text and head are taken over; nothing else is."""
    editor(
        tmp_path,
        monkeypatch,
        "sed -i -e 's/the pot/the blue pot/' -e 's/pinned: no/pinned: yes/' $1",
    )
    assert run("memory", "edit", key).out == f"{key}  edited: {BLUE}\n"
    now = shown(run, key)
    assert (now["text"], now["pinned"], now["kind"]) == (BLUE, True, "note")


def test_editor_that_changes_nothing(run, key, tmp_path, monkeypatch):
    """Leaving the form as it is is no action."""
    editor(tmp_path, monkeypatch, "true")
    assert run("memory", "edit", key).out == f"{key}  unchanged: {POT}\n"
    assert "remembered" in run("undo", "--dry-run").out


def test_many_at_once(run, tmp_path, monkeypatch):
    """--query opens what recall finds; the difference is applied to each, as one action."""
    run("remember", POT)
    run("remember", "The pot was a present.")
    editor(tmp_path, monkeypatch, "sed -i 's/ pot/ urn/' $1")
    assert run("memory", "edit", "--query", "pot").out.count("edited") == 2
    assert "urn" not in run("undo", "--yes").out + run("memory", "list").out


@pytest.mark.parametrize(
    "script", ["false", "true > $1", "sed -i /---/d $1", "sed -i '3s/.*/nonsense/' $1"]
)
def test_editor_that_fails(run, key, tmp_path, monkeypatch, script):
    """An editor that fails, empties or breaks the form changes nothing."""
    editor(tmp_path, monkeypatch, script)
    result = run("memory", "edit", key)
    assert result.code == 2
    assert shown(run, key)["text"] == POT


def test_broken_form_is_kept(run, key, tmp_path, monkeypatch):
    """What was written is not lost with the form."""
    editor(tmp_path, monkeypatch, "echo 'a long text' > $1")
    kept = run("memory", "edit", key).err.split("kept in ")[1].strip().rstrip(".")
    assert Path(kept).read_text("utf-8") == "a long text\n"


def test_pin_and_mute(run, key):
    """A pinned memory says so; a muted one is kept and never recalled."""
    run("memory", "pin", key)
    assert shown(run, key)["pinned"]
    run("memory", "unpin", key)
    assert not shown(run, key)["pinned"]
    run("memory", "mute", key)
    assert run("recall", "pot").code == 3
    assert POT in run("memory", "list").out
    run("memory", "unmute", key)
    assert POT in run("recall", "pot").out


def test_muted_statement_in_chat(run):
    """What was learnt from a turn and muted is not recalled by way of that turn."""
    run("chat", stdin="I live in Lisbon.\n")
    run("memory", "mute", run("memory", "list").out.split("\t")[0])
    assert run("recall", "Where do I live?").code == 3


def test_history_and_restore(run, key):
    """Each version is kept, and can be made the present one; that can be undone."""
    run("memory", "edit", key, "--set", f"text={BLUE}")
    assert [line.split("\t")[3] for line in run("memory", "history", key).out.splitlines()] == [
        POT,
        BLUE,
    ]
    run("memory", "restore", key, "--to", "1")
    assert shown(run, key)["text"] == POT
    run("undo", "--yes")
    assert shown(run, key)["text"] == BLUE
    assert run("memory", "restore", key, "--to", "99").code == 3


def test_forgotten_versions(run, key, own_home):
    """Forgetting takes the history along."""
    run("memory", "edit", key, "--set", "text=The key is with Xaver.")
    run("memory", "edit", key, "--set", "text=The key is with Yvonne.")
    run("memory", "forget", key, "--yes")
    left = b"".join(file.read_bytes() for file in own_home.rglob("*") if file.is_file())
    assert not any(word in left for word in (b"Xaver", b"Yvonne", b"pot"))


def test_undo_and_redo(run, key):
    """undo takes back the last actions, newest first, and redo does them again."""
    run("memory", "edit", key, "--set", f"text={BLUE}")
    said = run("undo", "2", "--dry-run").out
    assert said.index("edited") < said.index("remembered")
    assert shown(run, key)["text"] == BLUE
    run("undo", "2", "--yes")
    assert run("memory", "list").code == 3
    run("redo", "--yes")
    assert POT in run("memory", "list").out


@pytest.mark.parametrize("verb", ["undo", "redo"])
def test_nothing_to_undo(run, verb):
    """Where nothing was done there is nothing to take back."""
    assert run(verb, "--yes").code == 3


def test_undo_asks(run, key):
    """Without somebody to say yes nothing is undone."""
    assert run("undo").code == 2
    assert POT in run("memory", "list").out


def test_turn_is_not_edited(run):
    """What was said stays as it was said."""
    run("ask", "--keep", "The rain is warm.")
    turn = json.loads(run("recall", "rain", "--json").out.splitlines()[0])["id"]
    assert run("memory", "edit", turn, "--set", "text=x").code == 2


def test_a_field_holds_no_control_characters(run, key):
    """What an editor or a paste brings along is left out, and what has nothing else is refused."""
    assert run("memory", "edit", key, "--set", "text=\x1b").code == 2
    changes = (
        "--set",
        "text=I live in Rome.\n\x1b\n",
        "--set",
        "tags=a\x1b[2J",
        "--set",
        "title=Two\nlines",
    )
    assert run("memory", "edit", key, *changes).code == 0
    (shown,) = map(json.loads, run("memory", "list", "--json").out.splitlines())
    assert (shown["text"], shown["tags"], shown["title"]) == (
        "I live in Rome.",
        ["a[2J"],
        "Two lines",
    )


def test_a_form_with_any_title_is_read_back():
    """A character that some take for the end of a line ends none."""
    memory = Memory("0" * 26, "fact", "I live in Rome.", NOON, title="one\u2028two")
    assert editing.read_forms(editing.form(memory), [memory.id])[memory.id]["title"] == "one two"
