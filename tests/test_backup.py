"""Backup and restore: whole, checked, and with the old state kept."""

import contextlib
import sqlite3

import pytest

POT = "The key is under the pot."


@pytest.fixture
def saved(run, tmp_path):
    run("remember", POT)
    file = tmp_path / "memory.backup"
    assert run("backup", file).code == 0
    return file


def test_round_trip(run, saved, own_home):
    """What was remembered then is back, and what came since is kept beside it."""
    run("remember", "The boiler is in the cellar.")
    result = run("restore", saved, "--yes")
    assert result.code == 0
    assert "kept in" in result.err
    assert run("memory", "list").out.endswith(f"{POT}\n")
    assert run("memory", "list").out.count("\n") == 1
    assert POT in run("recall", "key").out
    (old,) = own_home.rglob("memory.db.before-*")
    assert b"boiler" in old.read_bytes()


def test_restore_into_another_profile(run, saved):
    """A backup opens where nothing was remembered yet."""
    assert run("restore", saved, "--yes", "--profile", "other").code == 0
    assert POT in run("recall", "key", "--profile", "other").out


def test_backup_is_private_and_overwrites_nothing(run, saved):
    """Only its owner may read a backup; a file that is there stays."""
    assert saved.stat().st_mode & 0o777 == 0o600
    before = saved.read_bytes()
    assert run("backup", saved).code == 2
    assert saved.read_bytes() == before


def test_backup_that_cannot_be_written(run, saved, tmp_path):
    """A folder that is not there is named, and no half of a file is left."""
    assert run("backup", tmp_path / "nowhere" / "file").code == 2
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("harm", ["cut", "garbled", "empty", "text", "missing"])
def test_damaged_backup(run, saved, harm):
    """A backup that is not sound changes nothing."""
    data = saved.read_bytes()
    broken = {"cut": data[: len(data) // 2], "garbled": data[:4096] + b"x" * 8192 + data[12288:],
              "empty": b"", "text": b"hello"}  # fmt: skip
    if harm == "missing":
        saved.unlink()
    else:
        saved.write_bytes(broken[harm])
    result = run("restore", saved, "--yes")
    assert result.code in (3, 5)
    assert "Traceback" not in result.err
    assert POT in run("memory", "list").out


def test_restore_asks(run, saved):
    """Without somebody to say yes nothing is restored."""
    run("remember", "The boiler is in the cellar.")
    assert run("restore", saved).code == 2
    assert "boiler" in run("memory", "list").out


def test_encrypted(run, saved, tmp_path, own_home, monkeypatch):
    """An encrypted backup shows nothing, opens with its passphrase, and with no other."""
    file = tmp_path / "memory.age"
    assert run("backup", file, "--encrypt").code == 2  # nobody is there to type one
    monkeypatch.setenv("MEMCLI_PASSPHRASE", "a long one")
    assert run("backup", file, "--encrypt").code == 0
    assert POT.encode() not in file.read_bytes()
    assert file.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert [path.name for path in own_home.rglob("memory.db*")] == ["memory.db"]
    run("remember", "The boiler is in the cellar.")
    monkeypatch.setenv("MEMCLI_PASSPHRASE", "a wrong one")
    wrong = run("restore", file, "--yes")
    assert (wrong.code, "passphrase" in wrong.err) == (2, True)
    assert "boiler" in run("memory", "list").out
    monkeypatch.setenv("MEMCLI_PASSPHRASE", "a long one")
    data = file.read_bytes()
    file.write_bytes(data[:-20])
    assert run("restore", file, "--yes").code == 2
    file.write_bytes(data)
    assert run("restore", file, "--yes").code == 0
    assert "boiler" not in run("memory", "list").out


def test_copy_before_a_migration(run, own_home):
    """Before the schema is changed the database is copied; forgetting deletes that copy."""
    run("remember", "My secret word is xylophone.")
    (file,) = own_home.rglob("memory.db")
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version = 1")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'judged'")
        for table in ("conflicts", "reviews", "forgotten"):
            db.execute(f"DROP TABLE {table}")
        for name in ("importance", "muted"):
            db.execute("DROP TRIGGER IF EXISTS memories_insert_noted")
            db.execute("DROP TRIGGER IF EXISTS memories_update_noted")
            db.execute("DROP TRIGGER IF EXISTS memories_delete_noted")
            db.execute("DROP TRIGGER IF EXISTS conflicts_end")
            db.execute(f"ALTER TABLE memories DROP COLUMN {name}")
        db.execute("DROP INDEX triples_object")
        db.execute("DROP INDEX memories_superseded")
        db.execute("DROP INDEX memories_history")
        for change in ("insert", "update", "delete"):
            db.execute(f"CREATE TRIGGER memories_{change}_noted AFTER {change} ON memories BEGIN SELECT 1; END")  # fmt: skip
        db.commit()
    assert "xylophone" in run("memory", "list").out
    (kept,) = own_home.rglob("memory.db.auto-schema-1")
    assert b"xylophone" in kept.read_bytes()
    assert kept.stat().st_mode & 0o777 == 0o600
    id = run("memory", "list").out.split("\t")[0]
    assert run("memory", "forget", id, "--yes").code == 0
    assert not kept.exists()
