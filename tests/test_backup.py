"""Backup and restore: whole, checked, and with the old state kept."""

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
