"""One memory of two, several of one; a doctor that mends."""

import json
import sqlite3

import pytest


def listed(run, *options):
    rows = (r.split("\t") for r in run("memory", "list", *options).out.splitlines())
    return {row[3]: row[0] for row in rows}


@pytest.fixture
def two(run):
    run("remember", "The boiler is loud.", "--tag", "house")
    run("remember", "The boiler makes a lot of noise.", "--tag", "noise", "--pin")
    return list(listed(run).values())[::-1]


def test_merge(run, two):
    """The first one stays with the marks of both; the other is history; undo takes it back."""
    before = run("memory", "list", "--all", "--json").out
    assert run("memory", "merge", *two, "--text", "The boiler is noisy.").code == 0
    (kept,) = [json.loads(line) for line in run("memory", "list", "--json").out.splitlines()]
    assert (kept["text"], kept["tags"], kept["pinned"]) == (
        "The boiler is noisy.", ["house", "noise"], True,
    )  # fmt: skip
    assert kept["id"].endswith(two[0])
    assert run("memory", "merge", *two).code == 2  # the other is history
    run("undo", "--yes")
    assert run("memory", "list", "--all", "--json").out == before


def test_merge_with_itself(run, two):
    """One memory cannot be merged."""
    assert run("memory", "merge", two[0], two[0]).code == 2
    assert len(listed(run)) == 2


def test_forgetting_what_was_merged(run, two, own_home):
    """Who forgets the merged memory forgets both."""
    run("memory", "merge", *two)
    assert run("memory", "forget", two[0], "--yes").code == 0
    assert run("memory", "list", "--all").code == 3
    data = b"".join(f.read_bytes() for f in own_home.rglob("*") if f.is_file())
    assert b"boiler" not in data


def test_split(run, own_home):
    """Each sentence becomes a memory, read anew; forgetting one part reaches the whole."""
    run("remember", "Ana is my sister. The Krakow trip costs 300 euros.", "--kind", "note")
    (id,) = listed(run).values()
    assert run("memory", "split", id).code == 0
    parts = listed(run)
    assert set(parts) == {"Ana is my sister.", "The Krakow trip costs 300 euros."}
    assert "sister: Ana" in run("memory", "graph").out
    assert run("memory", "split", id).code == 2
    assert run("memory", "forget", parts["The Krakow trip costs 300 euros."], "--yes").code == 0
    data = b"".join(f.read_bytes() for f in own_home.rglob("*") if f.is_file())
    assert b"Krakow" not in data
    assert set(listed(run, "--all")) == {"Ana is my sister."}


def test_split_into(run):
    """The owner may say the parts; a single sentence has none of its own."""
    run("remember", "The attic is dry and the cellar is wet.", "--kind", "note")
    (id,) = listed(run).values()
    assert run("memory", "split", id).code == 2
    assert run("memory", "split", id, "--into", "Dry attic.", "--into", "Wet cellar.").code == 0
    assert set(listed(run)) == {"Dry attic.", "Wet cellar."}
    run("undo", "--yes")
    assert list(listed(run).values()) == [id]


def test_doctor_mends(run, two, own_home):
    """Orphans, a wrong vector, full text that lies and open files are found and mended."""
    (file,) = own_home.rglob("memory.db")
    db = sqlite3.connect(file)
    db.execute("UPDATE vectors SET vector = zeroblob(512) WHERE n = 1")
    db.execute("INSERT INTO vectors(item, vector) VALUES (777, zeroblob(512))")
    db.execute("INSERT INTO items_fts(rowid, text, title) VALUES (999, 'ghost', '')")
    db.commit()
    db.close()
    file.parent.chmod(0o755)
    found = run("doctor")
    assert found.code == 1
    failed = {line.split(":")[0][6:] for line in found.out.splitlines() if line.startswith("FAIL")}
    assert failed == {"full text", "orphans", "permissions", "index", "vectors"}
    assert "memcli doctor --fix" in found.out
    result = run("doctor", "--fix")
    assert result.code == 0, result.out
    assert "memory.db.auto-fix" in result.err
    assert run("doctor").code == 0
    assert "noise" in run("recall", "noise").out


def test_doctor_json(run, two):
    """Each finding has a name, what it says and what mends it."""
    findings = [json.loads(line) for line in run("doctor", "--json").out.splitlines()]
    assert all(set(finding) == {"name", "ok", "says", "mend"} for finding in findings)
    assert all(finding["ok"] for finding in findings)
