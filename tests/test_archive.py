"""All that is remembered as JSON and back; Markdown for other tools."""

import errno
import json
import os

import pytest

from memcli.api import Memcli


@pytest.fixture
def told(run, tmp_path):
    """A memory with history: statements, a chat, an import, edits, things undone and forgotten."""
    run("remember", "My sister Ana lives in Oslo.", "--tag", "family")
    run("remember", "I live in Lisbon.")
    run("remember", "I live in Porto.")
    run("remember", "The code is 1234.")
    run("chat", stdin="I work at Quarzwerk.\nWhere do I live?\n日本語も「話す」\n")
    note = tmp_path / "note.md"
    note.write_text("# Trip\n\nThe ferry leaves at nine.\n", "utf-8")
    run("import", note)
    (id,) = [r.split("\t")[0] for r in run("memory", "list").out.splitlines() if "Oslo" in r]
    run("memory", "edit", id, "--set", "text=My sister Ana lives in Bergen.")
    run("memory", "pin", id)
    run("undo", "--yes")
    (id,) = [r.split("\t")[0] for r in run("memory", "list").out.splitlines() if "1234" in r]
    run("memory", "forget", id, "--yes")
    return id


def exported(run, file, *options):
    assert run("export", file, *options).code == 0
    return file.read_bytes()


def test_round_trip_is_the_identity(run, told, tmp_path):
    """Into an empty profile everything comes back, history included; twice changes nothing."""
    first = exported(run, tmp_path / "a.jsonl")
    result = run("import", tmp_path / "a.jsonl", "--profile", "other")
    assert result.code == 0
    assert exported(run, tmp_path / "b.jsonl", "--profile", "other") == first
    assert "new 0 " in run("import", tmp_path / "a.jsonl", "--profile", "other").out
    assert exported(run, tmp_path / "c.jsonl", "--profile", "other") == first
    assert "Quarzwerk" in run("recall", "employer", "--profile", "other").out
    assert run("--profile", "other", "doctor").code == 0


def test_stdout_is_the_same(run, told, tmp_path):
    """Without a file the archive goes to stdout."""
    assert run("export").out.encode() == exported(run, tmp_path / "a.jsonl")


def test_history_comes_along(run, told, tmp_path):
    """Versions, undo and redo work in the copy as in the original."""
    exported(run, tmp_path / "a.jsonl")
    run("import", tmp_path / "a.jsonl", "--profile", "other")
    for step in (("redo", "--yes"), ("undo", "2", "--yes"), ("redo", "2", "--yes")):
        assert run(*step).out == run(*step, "--profile", "other").out
        here, there = run("memory", "list", "--all"), run("-p", "other", "memory", "list", "--all")
        assert here.out == there.out


def test_merged_into_another_memory(run, told, tmp_path):
    """Elsewhere what is not there yet is added as one action, which can be undone."""
    exported(run, tmp_path / "a.jsonl")
    run("remember", "I like plums.", "--profile", "other")
    before = run("-p", "other", "memory", "list", "--all").out
    dry = run("import", tmp_path / "a.jsonl", "--profile", "other", "--dry-run")
    assert run("-p", "other", "memory", "list", "--all").out == before
    wet = run("import", tmp_path / "a.jsonl", "--profile", "other")
    assert dry.out.split(" — ")[0] == wet.out.strip()
    ours = set(run("memory", "list", "--all").out.splitlines())
    theirs = set(run("-p", "other", "memory", "list", "--all").out.splitlines())
    assert theirs == ours | set(before.splitlines())
    assert "new 0 " in run("import", tmp_path / "a.jsonl", "--profile", "other").out
    run("undo", "--yes", "--profile", "other")
    assert run("-p", "other", "memory", "list", "--all").out == before
    assert run("-p", "other", "doctor").code == 0


def test_what_was_forgotten_stays_so(run, told, tmp_path):
    """An archive from before a forgetting does not bring it back, unless asked."""
    exported(run, tmp_path / "a.jsonl")
    run("memory", "forget", "--session", run("session", "list").out.split("\t")[0], "--yes")
    (porto,) = [r.split("\t")[0] for r in run("memory", "list").out.splitlines() if "Porto" in r]
    run("memory", "forget", porto, "--yes")
    result = run("import", tmp_path / "a.jsonl")
    assert "stay forgotten" in result.err
    assert "Porto" not in run("memory", "list", "--all").out
    assert "Quarzwerk" not in run("export").out
    run("import", tmp_path / "a.jsonl", "--allow-again")
    assert "Quarzwerk" in run("recall", "employer").out


def test_a_memory_that_forgot_all_is_not_empty(run, tmp_path):
    """What was forgotten stays so even where nothing else is remembered."""
    run("remember", "The code is 1234.")
    exported(run, tmp_path / "a.jsonl")
    run("memory", "forget", "--since", "2000", "--yes")
    run("import", tmp_path / "a.jsonl")
    assert run("memory", "list").code == 3


def spoilt(lines):
    """Yield archives that are wrong in one way each."""
    rows = [json.loads(line) for line in lines]
    at = next(i for i, row in enumerate(rows) if row.get("table") == "memories")
    yield "cut", "\n".join([*lines[:at], lines[at][:40]])
    yield "newer", "\n".join([json.dumps({"memcli": 1, "schema": 99}), *lines[1:]])
    for change in (
        {"recorded": "yesterday"}, {"text": 5}, {"table": "sqlite_master"}, {"extra": 1},
        {"text": "\ud800"}, {"n": 2**63}, {"turn_id": "no such turn"}, {"tags": "no JSON"}, {"n": "one"}, {"id": None},
    ):  # fmt: skip
        changed = [dict(row, **change) if i == at else row for i, row in enumerate(rows)]
        yield str(change), "\n".join(map(json.dumps, changed))
    yield "twice", "\n".join([*lines, lines[at]])
    yield "nothing behind", "\n".join([*lines[:at], "[]", *lines[at:]])


def test_damaged_archives(run, told, tmp_path):
    """Of an archive that is wrong anywhere nothing is taken, and the reason is said."""
    lines = exported(run, tmp_path / "a.jsonl").decode().splitlines()
    for i, (name, text) in enumerate(spoilt(lines)):
        file = tmp_path / f"bad{i}.jsonl"
        file.write_text(text, "utf-8")
        result = run("import", file, "--profile", f"p{i}")
        assert result.code in (3, 5), name
        assert "Traceback" not in result.err
        assert run("-p", f"p{i}", "memory", "list").code == 3, name


def test_a_full_disk_leaves_no_half_of_a_file(run, told, tmp_path, monkeypatch):
    """When an export cannot be finished it says so, and nothing is left of it."""

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    for target in (("a.jsonl",), ("vault", "--format", "markdown")):
        result = run("export", tmp_path / target[0], *target[1:])
        assert (result.code, "No space left" in result.err) == (5, True)
    monkeypatch.undo()
    assert not list(tmp_path.rglob("*.part")) + list(tmp_path.glob("a.jsonl"))


def test_an_export_overwrites_nothing(run, told, tmp_path):
    """A file, or a folder with something in it, stays as it is."""
    file = tmp_path / "a.jsonl"
    file.write_text("mine", "utf-8")
    assert run("export", file).code == 2
    assert run("export", tmp_path, "--format", "markdown").code == 2
    assert run("export", tmp_path / "no" / "where.jsonl").code == 2
    assert run("export", "--format", "markdown").code == 2
    assert run("export", tmp_path / "x", "--format", "xml").code == 2
    assert file.read_text("utf-8") == "mine"


def test_markdown(run, told, tmp_path):
    """A note for each subject, with links between them; or one for each day."""
    folder = tmp_path / "vault"
    assert run("export", folder, "--format", "markdown").code == 0
    assert {"Me.md", "Ana.md", "Notes.md"} == {file.name for file in folder.iterdir()}
    mine = (folder / "Me.md").read_text("utf-8")
    assert "- My sister Ana lives in Bergen. [[Ana]] #family (20" in mine
    assert "Lisbon" not in mine
    days = tmp_path / "days"
    run("export", days, "--format", "markdown", "--by", "day")
    assert len(list(days.iterdir())) == 1


def test_names_of_notes_stay_in_their_folder(run, tmp_path):
    """Whatever a subject is called, its note lies in the folder, under a name of its own."""
    from memcli.records import Memory, Triple

    names = ["../../etc/passwd", "a/b", "A/B", "...", "x" * 300, "con:", "", "[[x]]|y#z"]
    with Memcli() as memory, memory.store.action("test"):
        now = memory.store.clock()
        memory.store.memories.add(
            Memory(f"{i:026d}", "fact", f"fact {i}", now, triples=(Triple(name, "is", "x"),))
            for i, name in enumerate(names)
        )
    folder = tmp_path / "deep" / "vault"
    assert run("export", folder, "--format", "markdown").code == 0
    assert len(list(folder.iterdir())) == len(names)
    assert list((tmp_path / "deep").iterdir()) == [folder]


def test_an_archive_from_before_replies_is_taken_in(run, told, tmp_path):
    """Columns that came later have their defaults, in the history as well."""
    older = []
    for line in map(json.loads, exported(run, tmp_path / "a.jsonl").splitlines()):
        if "memcli" in line:
            line["schema"] = 2
        if line.get("table") == "turns":
            del line["reply_to"]
        if line.get("table") == "changes" and line["tbl"] == "turns" and line["before"]:
            before = json.loads(line["before"])
            line["before"] = json.dumps({k: v for k, v in before.items() if k != "reply_to"})
        older.append(json.dumps(line) + "\n")
    (tmp_path / "older.jsonl").write_text("".join(older), "utf-8")
    assert run("import", tmp_path / "older.jsonl", "--profile", "other").code == 0
    here, there = (
        run(*profile, "memory", "list", "--all").out for profile in ((), ("-p", "other"))
    )
    assert here == there
    for _ in range(4):
        assert run("undo", "--yes").out == run("-p", "other", "undo", "--yes").out
    assert run("-p", "other", "doctor").code == 0
