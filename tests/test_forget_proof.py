"""Forgetting by what is meant, its proof and its receipt."""

import json

import pytest

from memcli.api import Memcli
from memcli.manage.prove import prove, rare_words


def left(folder):
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def listed(run):
    return [line.split("\t")[3] for line in run("memory", "list").out.splitlines()]


@pytest.fixture
def told(run, tmp_path):
    """A memory with statements, a chat and an imported note."""
    run("remember", "My sister Ana lives in Oslo.")
    run("remember", "The boiler is in the cellar.")
    run("chat", stdin="I work at Quarzwerk.\n")
    note = tmp_path / "note.md"
    note.write_text("# Trip\n\nThe ferry to Xanthi leaves at nine.\n", "utf-8")
    run("import", note)
    return note


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        (("--subject", "Ana"), b"sister"),
        (("--query", "Where is the boiler?"), b"boiler"),
        (("--source",), b"Xanthi"),
        (("--session",), b"Quarzwerk"),
    ],
    ids=["subject", "query", "source", "session"],  # words in a test's id stand in paths
)
def test_forget_by(run, told, own_home, words, gone):
    """What is meant goes, to the last byte, and nothing else does."""
    words = (*words, str(told)) if words == ("--source",) else words
    words = (
        (*words, run("session", "list").out.split("\t")[0]) if words == ("--session",) else words
    )
    assert run("memory", "forget", *words, "--dry-run").out.startswith("would be forgotten: ")
    assert gone in left(own_home)
    result = run("memory", "forget", *words, "--yes")
    assert (result.code, "nothing is left" in result.err) == (0, True), result.err
    others = {b"sister", b"boiler", b"Xanthi", b"Quarzwerk"} - {gone}
    assert gone not in left(own_home)
    assert all(word in left(own_home) for word in others)


def test_forget_a_day(run, told):
    """Days alone name all of them; days narrow what else is named."""
    assert run("memory", "forget", "--since", "2999-01-01", "--yes").code == 3
    assert run("memory", "forget", "--subject", "Ana", "--until", "1999-01-01", "--yes").code == 3
    assert run("memory", "forget", "--since", "2020-01-01", "--yes").code == 0
    assert run("memory", "list").code == 3


@pytest.mark.parametrize(
    "words", [(), ("--since", "someday"), ("--query", "nobody said this ever")]
)
def test_forget_what(run, told, words):
    """Nothing is forgotten where nothing, or no day, is named."""
    before = listed(run)
    assert run("memory", "forget", *words, "--yes").code in (2, 3)
    assert listed(run) == before


def test_receipt_tells_nothing(run, told, own_home):
    """The receipt has ids, salted hashes and counts, and is the owner's alone."""
    run("memory", "forget", "--subject", "Ana", "--yes")
    (file,) = own_home.rglob("receipts/*.json")
    receipt = json.loads(file.read_text("utf-8"))
    assert list(receipt) == [
        "at", "ids", "salt", "sha256", "files_searched", "bytes_searched", "remains", "recalled",
    ]  # fmt: skip
    assert (len(receipt["ids"]), receipt["remains"], receipt["recalled"]) == (1, [], [])
    assert "Ana" not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_remains_is_said(run, own_home, tmp_path):
    """Where something else says the same words, forgetting fails and names it."""
    run("remember", "The spare key hangs behind the oven.")
    note = tmp_path / "note.md"
    note.write_text("# Keys\n\nMind: The spare key hangs behind the oven.\n", "utf-8")
    run("import", note)
    id = next(
        line.split("\t")[0] for line in run("memory", "list").out.splitlines() if "Mind" not in line
    )
    result = run("memory", "forget", id, "--yes")
    assert result.code == 1
    assert "memory.db" in result.err
    assert "Forget what else says them" in result.err


@pytest.mark.parametrize("code", ["utf-8", "utf-16-le"])
def test_bytes_are_searched(tmp_path, code):
    """A copy in any file is found, also across two chunks and in UTF-16."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "copy.bin").write_bytes(
        b"\xff" * (8 * 1024 * 1024 - 5) + "forgotten wörds".encode(code)
    )
    proof = prove(tmp_path, ["forgotten wörds"], [], lambda text: [])
    assert (proof.ok, proof.remains) == (False, (str(tmp_path / "deep" / "copy.bin"),))
    assert prove(tmp_path, ["other words"], [], lambda text: []).ok


def test_rare_words_are_those_nobody_else_has():
    """Only words that no surviving text has can betray a forgotten one in the index."""
    assert rare_words(["Xaver saw the Garden 12"], lambda words: {"garden", "the"}) == [
        "xaver",
        "saw",
    ]


def test_api_returns_the_proof(run, told):
    """The Python API says whether anything is left."""
    with Memcli() as memory:
        (hit,) = memory.recall("boiler", limit=1)
        gone = memory.forget(hit.id)
    assert gone.proof.ok
    assert "boiler" not in repr(gone)


def test_forgotten_stays_out_of_imports(run, own_home, tmp_path):
    """A note, a turn and a sentence that were forgotten stay so when imported again, unless asked."""
    chat = tmp_path / "chat.jsonl"
    line = {
        "id": "1",
        "session": "s",
        "role": "user",
        "text": "It rained. My name is Ana and I live in Xanthi.",
    }
    chat.write_text(json.dumps(line) + "\n", "utf-8")
    note = tmp_path / "note.md"
    note.write_text("# Keys\n\nThe key is with Yvonne.\n", "utf-8")
    run("import", chat, note)
    run("memory", "forget", "--source", note, "--yes")
    home = next(x.split("\t")[0] for x in run("memory", "list").out.splitlines() if "Xanthi" in x)
    run("memory", "forget", home, "--yes")
    chat.write_text(
        json.dumps(line) + "\n" + json.dumps({**line, "id": "2", "text": "More."}) + "\n", "utf-8"
    )
    note.write_text("# Keys\n\nThe key is with Yvonne.\n\n# Attic\n\nIt leaks.\n", "utf-8")
    assert "stay forgotten" in run("import", chat, note).err
    assert not any(word in left(own_home) for word in (b"Xanthi", b"Yvonne"))
    assert "leaks" in run("recall", "attic").out
    note.write_text("# Keys\n\nThe key is with Yvonne. It is old.\n", "utf-8")
    run("import", note)
    assert b"Yvonne" not in left(own_home)
    assert "[forgotten] It is old." in run("recall", "old").out
    note.write_text("# Keys\n\nThe key is with Yvonne.\n", "utf-8")
    run("import", note, "--allow-again")
    assert "Yvonne" in run("recall", "key").out
