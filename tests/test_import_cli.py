"""memcli import at the command line: its options, what it says, and following a folder."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from memcli.importing import Importer


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "boat.md").write_text("# Boat\n\nThe hull is oak.\n", "utf-8")
    (folder / "drafts").mkdir()
    (folder / "drafts" / "sail.md").write_text("# Sail\n\nThe sail is red.\n", "utf-8")
    return folder


def report(result):
    return json.loads(result.out)


def test_a_zip_and_standard_input(run, folder):
    """Neither is unpacked anywhere, and each is known again."""
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        archive.writestr("keel.md", "# Keel\n\nThe keel is lead.\n")
    for new in (1, 0):
        assert report(run("import", folder / "old.zip", "--json"))["new"] == new
        piped = run("import", "-", "--json", stdin="# Mast\n\nThe mast is tall.\n")
        assert report(piped)["new"] == new
    assert "The keel is lead." in run("recall", "keel").out
    assert "The mast is tall." in run("recall", "mast").out


def test_only_some_files(run, folder):
    """--only and --exclude choose; what they leave out is not even named."""
    found = report(run("import", folder, "--only", "*.md", "--exclude", "drafts", "--json"))
    assert (found["files"], found["new"], found["skipped"]) == (1, 1, [])


def test_only_what_is_newer(run, tmp_path):
    """--since takes a day as people say it; all too old is exit code 3, and said."""
    file = tmp_path / "x.jsonl"
    file.write_text(
        '{"text": "Old.", "time": "2020-01-01"}\n{"text": "New.", "time": "2024-05-31"}\n'
    )
    assert run("import", file, "--since", "2025").code == 3
    result = run("import", file, "--since", "2024")
    assert result.out.startswith("new 1 · ")
    assert "records from before that day: 1" in result.err
    assert run("import", file, "--since", "when I was young").code == 2


def test_other_columns(run, tmp_path):
    """--map names the columns of a table; a map that is none is exit code 2."""
    file = tmp_path / "x.csv"
    file.write_text(
        "nr,inhalt,wann\n1,Der Rumpf ist aus Eiche.,2024-05-31\n2,Das Segel ist rot.,\n"
    )
    assert run("import", file).code == 3
    result = run("import", file, "--map", "text=inhalt,date=wann,id=nr")
    assert result.out.startswith("new 2 · ")
    [hull] = [json.loads(m) for m in run("recall", "Rumpf", "--json").out.splitlines()][:1]
    assert hull["when"] == "2024-05-31T00:00:00Z"
    assert run("import", file, "--map", "text").code == 2
    assert "Formats are" in run("import", file, "--format", "excel").err


def test_whose_words(run, tmp_path):
    """Nobody being the user is said, with the names; --me makes her words hers."""
    file = tmp_path / "chat.txt"
    file.write_text(
        "31/05/24, 18:00 - Ana: I live in Ulm.\n31/05/24, 18:01 - Bo: I live in Bonn.\n"
    )
    result = run("import", file)
    assert "--me NAME says it; here speak Ana, Bo" in result.err
    result = run("import", file, "--me", "Ana")
    assert "learnt 1" in result.out
    assert run("memory", "list").out.count("I live in") == 1
    assert "+ " in run("memory", "diff", "today").out


def test_what_is_gone(run, folder):
    """A deleted file is named with what to do; --prune does it, and undo takes that back."""
    run("import", folder)
    (folder / "boat.md").unlink()
    assert "files that are gone: 1 (boat.md); --prune" in run("import", folder).err
    (folder / "drafts" / "sail.md").unlink()
    result = run("import", folder, "--prune")
    assert (result.code, "records removed: 2" in result.err) == (0, True)
    assert "hull" not in run("memory", "list").out
    run("undo", "--yes")
    assert "hull" in run("memory", "list").out


def test_reasons_are_grouped(run, folder):
    """Fifty pictures in a vault are one line."""
    for i in range(8):
        (folder / f"{i}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    result = run("import", folder)
    assert (
        "skipped 8: unknown format: a PNG image (0.png, 1.png, 2.png, 3.png, 4.png, …)"
        in result.err
    )
    assert "skipped 8" in result.out


def test_stopped_by_hand(run, folder, monkeypatch):
    """Ctrl-C says that what is in stays; the exit code is that of an interruption."""

    def stop(self, paths):
        raise KeyboardInterrupt

    monkeypatch.setattr(Importer, "paths", stop)
    result = run("import", folder)
    assert "the same command goes on from there" in result.err
    assert result.code == 130


def test_a_folder_is_followed(folder, tmp_path):
    """What is written while memcli watches comes in, and Ctrl-C ends it without an error."""
    pytest.importorskip("watchfiles")
    env = os.environ | {"MEMCLI_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "memcli", "import", str(folder), "--watch", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, text=True
    ) as child:
        assert json.loads(child.stdout.readline())["new"] == 2
        child.stderr.readline()  # it watches
        time.sleep(1)
        (folder / "keel.md").write_text("# Keel\n\nThe keel is lead.\n", "utf-8")
        assert json.loads(child.stdout.readline())["new"] == 1
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 0
