"""A profile encrypted at rest: used like any other, and nothing of it readable without the key."""

import json
import sqlite3
import subprocess
import sys

import pytest

import memcli
from memcli import encryption, keys
from memcli.errors import InvalidInput, StoreError, StoreLocked, WrongPassphrase
from memcli.media import blob
from memcli.media.seal import Seal, new_secret
from memcli.paths import ProfilePaths
from memcli.store import Store, cipher

pytest.importorskip("sqlcipher3", reason="needs: pip install 'memcli[encryption]'")

KEY = "it's a 'quoted' passphrase"
POT = "The spare key lies under the blue pot."
WORDS = (b"spare", b"blue", "pot".encode("utf-16-le"), b"handbook", b"SQLite format", b"MEMCLI")


@pytest.fixture
def files(tmp_path):
    return ProfilePaths(tmp_path / "profile")


@pytest.fixture
def sealed(files):
    """A profile with one memory, encrypted."""
    with memcli.open(folder=files.folder) as memory:
        memory.remember(POT)
    encryption.rewrite(files, "", KEY)
    return files


def readable(folder, words=WORDS):
    """The words that stand in any file of a folder, or in its name."""
    found = set()
    for file in folder.rglob("*"):
        data = file.name.encode() + (file.read_bytes() if file.is_file() else b"")
        found |= {word for word in words if word in data}
    return found


def test_what_was_in_the_clear_is_not_any_more(files):
    """Nothing is lost by encrypting, and no word is left in any file."""
    with memcli.open(folder=files.folder) as memory:
        before = memory.remember(POT)[0].memory
        memory.remember("Ana lives in Porto.")
        memory.chat_turn("Where does the spare key lie?")
    (files.folder / "memory.db.auto-fix").write_bytes(files.database.read_bytes())
    (files.folder / "history").write_text("+the blue pot\n")
    files.states.mkdir(exist_ok=True)
    (files.states / "x.state").write_bytes(POT.encode())
    assert readable(files.folder) >= {b"spare", b"blue"}
    assert encryption.rewrite(files, "", KEY) == []
    assert readable(files.folder) == set()
    with memcli.open(folder=files.folder, passphrase=KEY) as memory:
        assert memory.memory.find(before.id).text == POT
        assert memory.recall("Where is the spare key?")[0].text == POT
        assert memory.store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        memory.store.undo(memory.store.journal.last_action())


def test_it_is_used_like_any_other(sealed):
    """Every way of writing leaves no word behind, also in the log while it is open."""
    with memcli.open(folder=sealed.folder, passphrase=KEY) as memory:
        for i in range(20):
            memory.remember(f"The blue handbook number {i} lies in the spare room.")
        memory.chat_turn("I live in Porto.")
        memory.consolidate()
        assert readable(sealed.folder) == set()
        gone = memory.forget(memory.recall("blue pot")[0].id)
        assert gone.proof.ok
        assert gone.proof.files
    assert readable(sealed.folder) == set()


def test_forgetting_is_proved_in_what_is_encrypted(sealed, monkeypatch):
    """The proof looks into the tables, as the file tells it nothing."""
    with memcli.open(folder=sealed.folder, passphrase=KEY) as memory:
        [hit] = memory.recall("blue pot")
        memory.store.set_meta("left", POT)
        gone = memory.forget(hit.id)
    assert gone.proof.remains == ("the encrypted database",)


def test_a_proof_does_not_let_go_of_the_locks(files):
    """Reading its own database's bytes, a process stays known to others, which keep its log."""
    script = (
        "import sys, memcli\nwith memcli.open(folder=sys.argv[1]) as memory:\n"
        "    print(memory.store.memories.count())"
    )
    command = [sys.executable, "-c", script, str(files.folder)]
    with memcli.open(folder=files.folder) as memory:
        memory.forget(memory.remember(POT)[0].memory.id)
        assert subprocess.check_output(command, text=True) == "0\n"
        memory.remember("Said after the proof.")
        assert subprocess.check_output(command, text=True) == "1\n"


@pytest.mark.parametrize("key", ["wrong", KEY + " ", "x'00'"])
def test_another_key_opens_nothing(sealed, key):
    """The error says so, and a program ends with the code of the store."""
    with pytest.raises(WrongPassphrase, match="does not open") as caught:
        memcli.open(folder=sealed.folder, passphrase=key)
    assert caught.value.exit_code == 5


def test_no_key_is_an_error_that_says_what_to_do(sealed):
    """Nobody is asked where nobody is."""
    with pytest.raises(WrongPassphrase, match="encrypted, and there is no passphrase"):
        memcli.open(folder=sealed.folder)
    with pytest.raises(WrongPassphrase):
        Store(sealed.database)


def test_the_key_can_change_and_go(sealed):
    """The old key opens nothing afterwards; in the clear no key is needed."""
    encryption.rewrite(sealed, KEY, "another")
    with pytest.raises(WrongPassphrase):
        memcli.open(folder=sealed.folder, passphrase=KEY)
    with pytest.raises(InvalidInput, match="stays the same"):
        encryption.rewrite(sealed, "another", "another")
    with pytest.raises(WrongPassphrase):
        encryption.rewrite(sealed, "wrong", "")
    encryption.rewrite(sealed, "another", "")
    with memcli.open(folder=sealed.folder) as memory:
        assert [hit.text for hit in memory.recall("spare key")] == [POT]
    assert list(sealed.folder.glob("*.rewriting*")) == []


def test_a_profile_in_use_is_not_encrypted(files):
    """Another process would go on writing into the old file."""
    script = (
        "import sys, memcli\nwith memcli.open(folder=sys.argv[1]) as memory:\n"
        f"    memory.remember({POT!r}); print('open', flush=True); sys.stdin.readline()\n"
        "    memory.remember('It still works.')"
    )
    command = [sys.executable, "-c", script, str(files.folder)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreLocked, match="in use by another"):
            encryption.rewrite(files, "", KEY)
        other.communicate("\n")
    assert other.returncode == 0
    with memcli.open(folder=files.folder) as memory:
        assert memory.store.memories.count() == 2
    assert not cipher.is_encrypted(files.database)


def test_the_old_file_is_overwritten(files, tmp_path):
    """A process that holds the old file open finds nothing in it."""
    with memcli.open(folder=files.folder) as memory:
        memory.remember(POT)
    (tmp_path / "link").hardlink_to(files.database)
    encryption.rewrite(files, "", KEY)
    assert set((tmp_path / "link").read_bytes()) == {0}


def test_a_backup_is_encrypted_as_the_profile_is(sealed, tmp_path):
    """It opens with the same key, in another place."""
    from memcli import backup

    copy = tmp_path / "copy" / "profile.db"
    copy.parent.mkdir()
    with memcli.open(folder=sealed.folder, passphrase=KEY) as memory:
        backup.backup(memory.store, copy)
        with pytest.raises(InvalidInput, match="is encrypted"):
            backup.backup(memory.store, tmp_path / "again", "x")
    assert readable(copy.parent) == set()
    other = ProfilePaths(tmp_path / "other")
    with pytest.raises(WrongPassphrase):
        backup.restore(copy, other.database, "wrong")
    assert not other.database.exists()
    backup.restore(copy, other.database, KEY)
    with memcli.open(folder=other.folder, passphrase=KEY) as memory:
        assert len(memory.recall("spare key")) == 1


def test_sql_and_damage(run, sealed, own_home, monkeypatch):
    """Read-only questions work; a damaged file says so."""
    from memcli.store import sql

    names, rows = sql.ask(sealed.database, "SELECT text FROM memories", key=KEY)
    assert (names, list(rows)) == (["text"], [(POT,)])
    with pytest.raises(InvalidInput, match="only reading"):
        sql.ask(sealed.database, "DELETE FROM main.memories", key=KEY)
    data = bytearray(sealed.database.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 + 9] ^= 1
    sealed.database.write_bytes(data)
    with pytest.raises(StoreError):
        memcli.open(folder=sealed.folder, passphrase=KEY).memory.find("x")


def test_chroma_is_not_used(sealed):
    """Its files cannot be encrypted."""
    with memcli.open(folder=sealed.folder, passphrase=KEY, index_backend="chroma") as memory:
        assert memory.recall("spare key")[0].text == POT
        assert memory.index_status().backend == "exact"
    assert not sealed.chroma.exists()


def test_blobs_are_sealed(tmp_path):
    """A blob opens with its seal only, and shows nothing, not even its header."""
    seal, file = Seal(new_secret()), tmp_path / "x.cells"
    blob.write(file, {"fingerprint": "f", "name": "handbook"}, POT.encode(), seal)
    assert readable(tmp_path) == set()
    header, data = blob.read(file, "f", seal)
    assert (header["name"], bytes(data)) == ("handbook", POT.encode())
    for other in (None, Seal(new_secret())):
        with pytest.raises(blob.Refused):
            blob.read(file, "f", other)
    assert seal.name("handbook") == seal.name("handbook") != Seal(new_secret()).name("handbook")


def test_states_and_cells_of_a_model_are_sealed(run, tmp_path, own_home, monkeypatch):
    """With a real engine: a document, a session and cells, none readable, all used again."""
    from ggufs import write_llama

    handbook = tmp_path / "The Handbook.md"
    handbook.write_text("The gate is closed at nine; the spare key lies under the blue pot.")
    monkeypatch.setenv("MEMCLI_PASSPHRASE", KEY)
    run("model", "use", write_llama(tmp_path / "tiny.gguf", eos=False, context=2048))
    run("config", "set", "sampling.max_tokens", "4")
    assert run("profile", "encrypt", "--yes").code == 0  # made, as it was not there
    run("remember", POT)
    assert run("state", "build", handbook).code == 0
    assert run("kv", "build").code == 0
    run("chat", stdin="Where is the spare key?\n")
    profile = own_home / "profiles" / "default"
    assert len(list(profile.glob("cells/*.kv"))) == 1, list(profile.rglob("*"))
    assert len(list(profile.glob("states/*.state"))) >= 3
    assert readable(profile) == set()
    assert json.loads(run("state", "list", "--json").out)["name"] == "the-handbook"
    assert run("kv", "verify").code == 0
    assert "tokens reused" in run("chat", "--from", "the-handbook", stdin="When?\n").err
    monkeypatch.setenv("MEMCLI_PASSPHRASE", "wrong")
    assert run("state", "list").code in (0, 5)


class FakeKeyring:
    """What a desktop has, and a server has not."""

    def __init__(self):
        self.kept = {}

    def get_password(self, service, name):
        return self.kept.get((service, name))

    def set_password(self, service, name, key):
        self.kept[service, name] = key

    def delete_password(self, service, name):
        del self.kept[service, name]


@pytest.fixture
def keyring(monkeypatch):
    fake = FakeKeyring()
    monkeypatch.setitem(sys.modules, "keyring", fake)
    return fake


def test_from_the_command_line(run, own_home, monkeypatch, keyring):
    """Encrypt, use, change, list, decrypt."""
    run("remember", POT)
    assert run("profile", "encrypt", "--yes").code == 2  # nobody to ask for a passphrase
    monkeypatch.setenv("MEMCLI_PASSPHRASE", KEY)
    done = run("profile", "encrypt", "--yes")
    assert (done.code, "is encrypted" in done.out) == (0, True)
    assert run("profile", "encrypt", "--yes").code == 2
    assert POT in run("recall", "spare key").out
    assert POT in run("memory", "sql", "SELECT text FROM memories").out
    assert run("doctor").code == 0
    assert "encrypted" in run("profile", "list").out
    assert readable(own_home) == set()
    monkeypatch.setenv("MEMCLI_NEW_PASSPHRASE", "new one")
    assert run("profile", "passphrase", "--keyring").code == 0
    assert run("recall", "spare key").code == 5
    monkeypatch.delenv("MEMCLI_PASSPHRASE")
    assert POT in run("recall", "spare key").out  # the keyring has it
    assert run("profile", "decrypt", "--yes").code == 0
    assert keyring.kept == {}
    assert POT in run("recall", "spare key").out
    assert b"spare" in readable(own_home)


def test_a_keyring_that_refuses_is_said(tmp_path, monkeypatch):
    """And the profile is encrypted all the same, with the passphrase that was typed."""

    def refuse(*_):
        raise RuntimeError("no backend")

    fake = FakeKeyring()
    fake.set_password = fake.get_password = refuse
    monkeypatch.setitem(sys.modules, "keyring", fake)
    assert keys.remembered(tmp_path) == ""
    with pytest.raises(StoreError, match="no backend"):
        keys.remember(tmp_path, "x")


def test_a_kill_while_encrypting_loses_nothing(files):
    """Either file is whole, at any moment."""
    with memcli.open(folder=files.folder) as memory:
        for i in range(30):
            memory.remember(f"The boat {i} lies in the harbour.")
    script = f"""
import os, sys
from pathlib import Path
from memcli import backup, encryption
from memcli.paths import ProfilePaths
step, at = {{}}, sys.argv[1]
for module, name in ((encryption, "_export"), (backup, "check"), (encryption, "_drop_derived"), (encryption, "_replace")):
    def stop(*a, real=getattr(module, name), name=name, **k):
        if at == "before" + name: os._exit(9)
        real(*a, **k)
        if at == "after" + name: os._exit(9)
    setattr(module, name, stop)
encryption.rewrite(ProfilePaths(Path({str(files.folder)!r})), "", "key")
"""
    steps = ("before_export", "after_export", "aftercheck", "after_drop_derived", "after_replace")
    for step in steps:
        assert subprocess.run([sys.executable, "-c", script, step], check=False).returncode == 9
        assert cipher.is_encrypted(files.database) == (step == "after_replace")
        with memcli.open(folder=files.folder, passphrase="key") as memory:
            assert memory.store.memories.count() == 30


def test_without_the_library_it_says_what_to_install(sealed, monkeypatch):
    """Who has no sqlcipher3 learns how to get it."""
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    with pytest.raises(StoreError, match="needs the library sqlcipher3") as caught:
        memcli.open(folder=sealed.folder, passphrase=KEY)
    assert "memcli[encryption]" in caught.value.hint


def test_what_is_no_database_is_not_taken_for_an_encrypted_one(tmp_path):
    """Damage is told as damage."""
    file = tmp_path / "memory.db"
    for data in (b"", b"no database", b"\0" * 4096, b"no database " * 4096):
        file.write_bytes(data)
        assert not cipher.is_encrypted(file) or len(data) % 4096 == 0
    with sqlite3.connect(tmp_path / "plain.db") as plain:
        plain.execute("CREATE TABLE t(x)")
    assert not cipher.is_encrypted(tmp_path / "plain.db")
