"""Each command: what it prints where, its exit code, and what it says to bad input."""

import json
import os
import re
import sqlite3
import stat
import subprocess
import sys

import pytest
from conftest import shared
from ggufs import write_llama

KEY = "The spare key is under the blue pot."


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Run in an empty folder, as somebody without models."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


def short_ids(text):
    return re.sub(r"(?m)^[0-9a-z]{6}(?=[\t ])", "ID", text)


def fails(result, code, message, hint=""):
    """Hold that a command failed as it should: on stderr alone, with a hint, without a trace."""
    assert result.code == code, result
    assert result.out == ""
    assert "Traceback" not in result.err
    assert message in result.err
    assert hint in result.err
    assert len(result.err.splitlines()) >= 1 + bool(hint)


def lines(result):
    return [json.loads(line) for line in result.out.splitlines()]


# Help


def commands():
    """Return the words of every command."""
    import typer.main

    from memcli.cli import app

    def walk(command, words):
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                yield from walk(inner, (*words, name))
        else:
            yield words

    return list(walk(typer.main.get_command(app), ()))


def test_commands():
    """These are the commands; one more is a decision."""
    assert sorted(" ".join(words) for words in commands()) == [
        "ask",
        "backup",
        "bench kv",
        "chat",
        "config path",
        "config set",
        "config show",
        "consolidate",
        "demo",
        "doctor",
        "eval answers",
        "eval golden",
        "eval retrieval",
        "export",
        "import",
        "index rebuild",
        "index status",
        "kv build",
        "kv prune",
        "kv status",
        "kv verify",
        "memory conflicts",
        "memory diff",
        "memory edit",
        "memory forget",
        "memory graph",
        "memory history",
        "memory list",
        "memory merge",
        "memory mute",
        "memory on",
        "memory pin",
        "memory resolve",
        "memory restore",
        "memory review",
        "memory search",
        "memory show",
        "memory split",
        "memory sql",
        "memory stats",
        "memory timeline",
        "memory unmute",
        "memory unpin",
        "model info",
        "model list",
        "model pull",
        "model remove",
        "model use",
        "profile decrypt",
        "profile encrypt",
        "profile list",
        "profile passphrase",
        "recall",
        "redo",
        "remember",
        "restore",
        "session delete",
        "session export",
        "session fork",
        "session list",
        "session rename",
        "session search",
        "session show",
        "state build",
        "state drop",
        "state list",
        "undo",
    ]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_help(run, words):
    """Every command has help, with a sentence on what it does and an example of itself."""
    result = run(*words, "--help")
    assert (result.code, result.err) == (0, "")
    assert f"memcli {' '.join(words)}" in result.out.split("Example:")[1]


@pytest.mark.parametrize("words", [(), ("memory",), ("session",), ("model",), ("index",)])
def test_help_without_arguments(run, words):
    """A command that needs another word shows its help."""
    result = run(*words)
    assert "Usage" in result.out + result.err
    assert result.code in (0, 2)


def test_version(run):
    """--version prints the version, and nothing else."""
    from memcli import __version__

    assert run("--version").out == f"memcli {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("recall",),
        ("memory", "show"),
        ("memory", "list", "--limit", "0"),
        ("recall", "x", "--limit", "many"),
        ("remember", "x", "--nonsense"),
    ],
)
def test_usage(run, arguments):
    """A command line that cannot be understood is exit code 2."""
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert "Traceback" not in result.err


# remember


def test_remember(run):
    """remember prints what it kept on stdout, one memory a line."""
    result = run("remember", "The spare key", "is under the blue pot.")
    assert (result.code, result.err) == (0, "")
    assert short_ids(result.out) == f"ID  new: {KEY}\n"
    assert short_ids(run("remember", KEY).out) == f"ID  duplicate: {KEY}\n"


def test_remember_a_change(run):
    """What a memory replaces is talk, so it stands on stderr."""
    run("remember", "I live in Lisbon.")
    result = run("remember", "I live in Porto.")
    assert short_ids(result.out) == "ID  supersedes: I live in Porto.\n"
    assert re.fullmatch(r"  instead of [0-9a-z]{6}: I live in Lisbon\.\n", result.err)


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_remember_stdin(run, arguments):
    """remember reads stdin, and keeps its lines."""
    run("remember", *arguments, stdin="line one\nline two\n")
    (memory,) = lines(run("memory", "list", "--json"))
    assert memory["text"] == "line one\nline two"


def test_remember_json(run):
    """remember --json prints the memory that was kept."""
    (memory,) = lines(run("remember", "x y", "--kind", "fact", "--tag", "a", "--pin", "--json"))
    assert (memory["text"], memory["kind"], memory["tags"], memory["pinned"]) == (
        "x y",
        "fact",
        ["a"],
        True,
    )


@pytest.mark.parametrize("stdin", ["", "\n", " \t ", "\x00"])
def test_remember_nothing(run, stdin):
    """An empty text is an error with a hint."""
    fails(run("remember", stdin=stdin), 2, "the text is empty", 'memcli remember "…"')


def test_remember_unknown_kind(run):
    """An unknown kind is an error that names the known ones."""
    fails(run("remember", "x", "--kind", "rumour"), 2, "'rumour'", "Kinds are fact, preference")


def test_remember_bytes_that_are_no_text(run):
    """Invalid UTF-8, NUL and escape characters are cleaned; nothing else is lost."""
    result = run("remember", stdin=b"caf\xff\x00 \x1b[31mred\x1b[0m \xe2\x82\xac")
    assert result.code == 0
    (memory,) = lines(run("memory", "list", "--json"))
    assert memory["text"] == "caf\ufffd [31mred[0m €"


def test_remember_a_long_line(run):
    """A single line of 10 MB is kept whole, and found again."""
    text = "xylophone " + "lorem ipsum " * 870_000
    assert run("remember", stdin=text).code == 0
    (hit,) = lines(run("recall", "xylophone", "--json"))
    assert hit["text"] == text.strip()


# recall


def test_recall(run):
    """recall prints id, day, score, source and text, one hit a line."""
    run("remember", KEY)
    result = run("recall", "spare", "key")
    assert (result.code, result.err) == (0, "")
    line = r"[0-9a-z]{6}\t20\d\d-\d\d-\d\d\t\d\.\d\d\ttold by you\t" + re.escape(KEY) + "\n"
    assert re.fullmatch(line, result.out)


def test_recall_as_of(run):
    """--as-of takes a day, to its end, or a moment; what is no date is refused in a sentence."""
    run("remember", KEY)
    assert KEY in run("recall", "spare key", "--as-of", "2999-01-01").out
    past = run("recall", "spare key", "--as-of", "2001-01-01")
    assert (past.code, past.out) == (3, "")
    for wrong in ("", "someday", "2024-13-45", "99999999999999999999"):
        refused = run("recall", "spare key", "--as-of", wrong)
        assert (refused.code, refused.out) == (2, "")
        assert "is not a date" in refused.err


def test_recall_says_that_nothing_answers(run):
    """Hits that do not answer are shown, with a word that they do not."""
    run("remember", KEY)
    assert "clearly answers" in run("recall", "Where is the blue bicycle of the neighbour?").err
    assert run("recall", "Where is the spare key?").err == ""


def test_recall_json(run, tmp_path):
    """recall --json prints one hit a line, with these keys and types."""
    file = tmp_path / "x.jsonl"
    turn = {
        "text": "The boiler was mended.", "id": "D1:3", "session": "s", "speaker": "Bob",
        "time": "2023-05-08T13:56:00Z",
    }  # fmt: skip
    file.write_text(json.dumps(turn) + "\n", "utf-8")
    run("import", file)
    run("remember", KEY)
    hits = lines(run("recall", "boiler", "--json"))
    assert [list(hit) for hit in hits] == [
        ["id", "kind", "text", "when", "score", "parts", "source", "external_ids", "valid_from", "valid_to",
         "before", "after"]
    ] * len(hits)  # fmt: skip
    best = hits[0]
    assert len(best["id"]) == 26
    assert {key: best[key] for key in ("kind", "text", "when", "external_ids", "valid_to")} == {
        "kind": "turn",
        "text": "The boiler was mended.",
        "when": "2023-05-08T13:56:00Z",
        "external_ids": ["D1:3"],
        "valid_to": None,
    }
    assert best["score"] == pytest.approx(sum(best["parts"].values()), abs=1e-4)
    assert {**best["source"], "session_id": "…"} == {
        "kind": "session",
        "title": "s",
        "uri": str(file),
        "session_id": "…",
        "speaker": "Bob",
    }


def test_recall_limit(run):
    """--limit bounds the number of hits."""
    for n in range(4):
        run("remember", f"Key number {n} hangs on hook {n}.")
    assert len(run("recall", "key", "-n", "2").out.splitlines()) == 2


def test_recall_nothing(run):
    """Where nothing is found the exit code is 3, with a hint."""
    fails(run("recall", "key"), 3, "Nothing that is remembered", "memcli memory list")


@pytest.mark.parametrize("query", ["", " ", "?", '"', "AND OR NOT", "x" * 100_000])
def test_recall_any_query(run, query):
    """No query makes recall fail in another way than by finding nothing."""
    run("remember", KEY)
    result = run("recall", query)
    assert result.code in (0, 3)
    assert "Traceback" not in result.err


# memory


def test_memory_list(run):
    """memory list shows what holds, the newest first; --all what was superseded, too."""
    run("remember", "I live in Lisbon.")
    run("remember", "I live in Porto.")
    run("remember", "A b c.")
    today = r"\t20\d\d-\d\d-\d\d\t"
    assert re.sub(today, " DAY ", short_ids(run("memory", "list").out)) == (
        "ID DAY note\tA b c.\nID DAY profile\tI live in Porto.\n"
    )
    assert re.sub(today, " DAY ", short_ids(run("memory", "list", "--all").out)) == (
        "ID DAY note\tA b c.\nID DAY profile\tI live in Porto.\n"
        "ID DAY profile †\tI live in Lisbon.\n"
    )
    assert len(run("memory", "list", "--kind", "note").out.splitlines()) == 1
    assert len(run("memory", "list", "--limit", "1").out.splitlines()) == 1


def test_plan_is_not_marked_as_superseded(run):
    """A memory that holds for a day only is not shown as replaced by another."""
    run("remember", "I'm flying to Rome on 3 July 2099.")
    assert "†" not in run("memory", "list").out


def test_memory_list_json(run):
    """memory list --json prints memories with every field."""
    run("remember", "I live in Lisbon.")
    (memory,) = lines(run("memory", "list", "--json"))
    assert list(memory) == [
        "id", "kind", "text", "recorded", "quote", "source_id", "turn_id", "span", "title",
        "speaker", "valid_from", "valid_to", "superseded_by", "pinned", "tags", "external_id",
        "key", "triples", "importance", "muted",
    ]  # fmt: skip
    assert memory["triples"] == [{"subject": "user", "predicate": "home", "object": "Lisbon"}]
    assert memory["span"] == {"start": 0, "end": 17}


def test_memory_list_of_nothing(run):
    """An empty memory is exit code 3, with a hint on how to begin."""
    fails(run("memory", "list"), 3, "no such memories yet", "memcli remember")


def test_memory_list_unknown_kind(run):
    """An unknown kind is a mistake in the command line, not an empty list."""
    run("remember", KEY)
    fails(run("memory", "list", "--kind", "rumour"), 2, "rumour", "fact, preference")


def test_memory_show(run):
    """memory show prints what is known of one memory."""
    (id,) = run("remember", "I live in Lisbon.", "--tag", "home").out.split()[:1]
    result = run("memory", "show", id)
    shown = re.sub(r"20\d\d-\d\d-\d\d \d\d:\d\d", "WHEN", result.out)
    assert re.sub(r"\b[0-9a-z]{26}\b", "ID", shown) == (
        "id:         ID\n"
        "kind:       profile\n"
        "text:       I live in Lisbon.\n"
        "recorded:   WHEN\n"
        "triples:    user · home · Lisbon\n"
        "tags:       home\n"
        "media:      text 17 bytes, vector (wordllama-256-sif) 512 bytes\n"
    )
    assert lines(run("memory", "show", id, "--json"))[0]["text"] == "I live in Lisbon."


def test_memory_show_turn(run):
    """memory show takes the id of a turn, too."""
    run("chat", stdin="The rain is warm.\n")
    turn = lines(run("recall", "rain", "--json"))[0]["id"]
    shown = run("memory", "show", turn.upper()).out
    assert f"id:         {turn}\nkind:       turn by user\ntext:       The rain is warm.\n" in shown


@pytest.mark.parametrize("command", ["show", "forget"])
@pytest.mark.parametrize("id", ["zzzzzz", "", "%"])
def test_unknown_id(run, command, id):
    """An unknown id is exit code 3, and nothing is changed."""
    run("remember", KEY)
    options = ["--yes"] if command == "forget" else []
    fails(run("memory", command, id, *options), 3, f"There is no memory {id.lower()!r}.", "list")
    assert run("recall", "key").code == 0


def test_id_that_fits_several(run):
    """An id that fits several is an error that names them."""
    run("remember", "One.")
    run("remember", "Two.")
    first = lines(run("memory", "list", "--json"))[0]["id"][:3]
    fails(run("memory", "show", first), 2, f"{first!r} fits several: ", "Give more of the id.")


def test_memory_forget(run, own_home):
    """What was forgotten is not found, not listed, and in no file any more."""
    (id,) = run("remember", "My secret word is xylophone.").out.split()[:1]
    result = run("memory", "forget", id, "--yes")
    assert result.code == 0
    assert result.out == "forgotten: 1 memories, 0 turns, 0 turns blanked\n"
    assert result.err.startswith(f"{id}  My secret word is xylophone.\nsearched ")
    assert run("recall", "xylophone").code == 3
    assert run("memory", "list", "--all").code == 3
    for file in own_home.rglob("*"):
        if file.is_file():
            assert b"xylophone" not in file.read_bytes()


def test_memory_forget_unasked(run):
    """Without --yes and without a terminal nothing is forgotten."""
    (id,) = run("remember", KEY).out.split()[:1]
    fails(run("memory", "forget", id), 2, "Nobody is there to say yes.", "Add --yes.")
    assert run("recall", "key").code == 0


# import


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "house.md").write_text("# House\n\nThe key is under the pot.\n", "utf-8")
    (folder / "day.txt").write_text("It rained.\n", "utf-8")
    chat = [
        {"text": "I live in Lisbon.", "session": "s", "role": "user", "id": "1"},
        {"text": "Nice.", "session": "s", "role": "assistant", "id": "2"},
    ]
    (folder / "chat.jsonl").write_text("\n".join(map(json.dumps, chat)), "utf-8")
    return folder


def test_import(run, notes):
    """import says what came in; a second run changes nothing; a change is an update."""
    assert run("import", notes).out == (
        "new 4 · updated 0 · unchanged 0 · skipped 0 · learnt 1 (3 files)\n"
    )
    assert run("import", notes).out == (
        "new 0 · updated 0 · unchanged 4 · skipped 0 · learnt 0 (3 files)\n"
    )
    (notes / "house.md").write_text("# House\n\nThe key is in the tin.\n", "utf-8")
    assert run("import", notes).out == (
        "new 0 · updated 1 · unchanged 3 · skipped 0 · learnt 0 (3 files)\n"
    )
    assert "The key is in the tin." in run("recall", "key").out.splitlines()[0]


def test_import_dry_run(run, notes):
    """--dry-run says the same, and keeps nothing."""
    assert run("import", notes, "--dry-run").out == (
        "new 4 · updated 0 · unchanged 0 · skipped 0 · learnt 1 (3 files)"
        " — dry run, nothing was kept\n"
    )
    assert run("memory", "list").code == 3


def test_import_json_and_tags(run, notes):
    """import --json prints the report, and --tag marks what was imported."""
    (report,) = lines(run("import", notes, "--json", "--tag", "home"))
    assert report.pop("seconds") >= 0
    assert report == {
        "files": 3, "new": 4, "updated": 0, "unchanged": 0, "earlier": 0, "learnt": 1, "conflicts": 0,
        "masked": 0, "forgotten": 0, "moved": 0, "removed": 0, "left_out": 0, "skipped": [],
        "bytes": sum(file.stat().st_size for file in notes.iterdir()), "gone": [], "strangers": {},
    }  # fmt: skip
    tags = {m["text"]: m["tags"] for m in lines(run("memory", "list", "--json"))}
    assert tags["It rained."] == ["home"]


def test_import_nothing_there(run, tmp_path):
    """A path without anything, or without anything to import, is exit code 3."""
    fails(run("import", tmp_path / "no"), 3, f"There is no file or folder {tmp_path}/no.")
    (tmp_path / "empty").mkdir()
    result = run("import", tmp_path / "empty")
    assert result.code == 3
    assert "Nothing was imported" in result.err


def test_import_bad_lines(run, tmp_path):
    """Lines that cannot be used are named, and the others go in."""
    file = tmp_path / "x.jsonl"
    file.write_bytes(
        b'{"text": "good"}\nnot json\n{"no": "text"}\n[1]\n{"text": "x", "time": "soon"}\n'
        b'{"text": "caf\xff"}\n{"text": "a\\u0000b \\ud800"}\n'
    )
    result = run("import", file)
    assert result.code == 0
    assert result.out == "new 2 · updated 0 · unchanged 0 · skipped 5 · learnt 0 (1 file)\n"
    for number in range(2, 7):
        assert f"line {number}: " in result.err
    texts = {memory["text"] for memory in lines(run("memory", "list", "--json"))}
    assert texts == {"good", "ab ?"}


@pytest.mark.parametrize(
    ("name", "data"),
    [("x.md", b"caf\x00"), ("x.txt", b"a\x00b"), ("x.bin", b"\x7fELF"), ("x.md", b"")],
)
def test_import_bad_file(run, tmp_path, name, data):
    """A file that is no text is skipped with the reason, and nothing fails."""
    (tmp_path / "n").mkdir()
    file = tmp_path / "n" / name
    file.write_bytes(data)
    result = run("import", file)
    assert result.code == 3
    assert "Nothing was imported" in result.err
    assert "Traceback" not in result.err


# session


def test_session(run):
    """session list shows when, how many turns and the title; session show every word."""
    run("chat", stdin="The rain is warm.\nI live in Lisbon.\n")
    listed = run("session", "list").out
    shown = re.fullmatch(
        r"([0-9a-z]{6})\t20\d\d-\d\d-\d\d \d\d:\d\d\t4\tThe rain is warm\.\n", listed
    )
    result = run("session", "show", shown[1])
    assert result.out == (
        "user: The rain is warm.\n\nassistant: I have kept that, word for word.\n\n"
        "user: I live in Lisbon.\n\nassistant: Noted:\n- I live in Lisbon.\n\n"
    )
    (session,) = lines(run("session", "list", "--json"))
    assert list(session) == [
        "id", "title", "started", "updated", "turns", "source_id", "external_id",
    ]  # fmt: skip
    turns = lines(run("session", "show", shown[1], "--json"))
    assert [turn["role"] for turn in turns] == ["user", "assistant"] * 2


def test_session_unknown(run):
    """No sessions, and an unknown session, are exit code 3."""
    fails(run("session", "list"), 3, "There are no sessions yet.", "memcli chat")
    fails(run("session", "show", "zzzzzz"), 3, "There is no session 'zzzzzz'.", "session list")


# model


def test_model_use(run, tmp_path):
    """model use writes the model into the settings; none takes it out."""
    file = write_llama(tmp_path / "tiny.gguf")
    assert run("model", "use", file).out == f"model: tiny-0 ({file})\n"
    assert run("model", "list").out.startswith("*\ttiny-0\t")
    assert run("model", "info").out.startswith(f"name\ttiny-0\npath\t{file}\n")
    assert run("model", "use", "none").out.startswith("no model")
    fails(run("model", "info"), 3, "No model is in use.", "memcli model use")


def test_model_without_a_template(run, tmp_path):
    """A model without a chat template is taken, and said to be without."""
    file = write_llama(tmp_path / "bare.gguf", template="")
    result = run("model", "use", file)
    assert result.code == 0
    assert result.err == "bare.gguf has no chat template: a plain one will be used\n"
    assert "chat template\tnone: a plain one is used\n" in run("model", "info").out


def test_model_info_json(run, tmp_path):
    """model info --json prints what the file says about itself."""
    (info,) = lines(run("model", "info", write_llama(tmp_path / "tiny.gguf"), "--json"))
    assert list(info) == [
        "name", "path", "size", "architecture", "context", "chat_template", "embeds", "token_count",
    ]  # fmt: skip
    assert (info["architecture"], info["context"], info["chat_template"]) == ("llama", 256, True)


def test_model_list_finds_what_other_tools_keep(run, tmp_path):
    """model list looks into the caches of Hugging Face and LM Studio."""
    for place in ("huggingface/hub/models--a--b/snapshots/1/x.gguf", "lm-studio/models/a/b/y.gguf"):
        file = tmp_path / ".cache" / place
        file.parent.mkdir(parents=True)
        write_llama(file)
    found = [model["path"] for model in lines(run("model", "list", "--json"))]
    assert [path.rsplit("/", 1)[1] for path in found] == ["x.gguf", "y.gguf"]


def test_model_list_of_nothing(run):
    """Without any GGUF file the exit code is 3."""
    fails(run("model", "list"), 3, "No GGUF file was found.", "memcli model use PATH")


BAD_MODELS = {"empty": b"", "text": b"hello there", "cut": b"GGUF\x03\x00\x00\x00", "folder": None}


@pytest.mark.parametrize("how", BAD_MODELS)
@pytest.mark.parametrize("command", [("model", "use"), ("model", "info"), ("ask", "Why?", "-m")])
def test_not_a_gguf(run, tmp_path, how, command):
    """A file that is no GGUF is exit code 4, named, with a hint."""
    file = tmp_path / "bad.gguf"
    file.mkdir() if BAD_MODELS[how] is None else file.write_bytes(BAD_MODELS[how])
    result = run(*command, file)
    assert (result.code, result.out) == (4, "")
    assert str(file) in result.err
    assert len(result.err.splitlines()) == 2
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    "command", [("model", "use"), ("model", "info"), ("chat", "--model"), ("ask", "Why?", "-m")]
)
def test_no_such_model(run, tmp_path, command):
    """A model file that does not exist is exit code 4, and says where to look."""
    result = run(*command, tmp_path / "no.gguf")
    fails(result, 4, f"There is no model file {tmp_path}/no.gguf.", "memcli model list")


def test_model_that_went_away(run, tmp_path):
    """A configured model that was deleted is exit code 4; what needs no model goes on."""
    file = write_llama(tmp_path / "tiny.gguf")
    run("model", "use", file)
    file.unlink()
    fails(run("ask", "Why?"), 4, str(file))
    assert run("remember", KEY).code == 0
    assert run("recall", "key").code == 0


@pytest.mark.parametrize("command", [("model", "use"), ("ask", "Why?", "-m")])
def test_embedding_model_as_chat_model(run, command):
    """A model that makes vectors cannot chat, and says what it is for."""
    file = shared("models", "all-MiniLM-L6-v2-q8_0.gguf")
    result = run(*command, file)
    fails(result, 4, "all-MiniLM-L6-v2-q8_0.gguf")
    assert "embed" in result.err


def test_message_too_long_for_the_model(run, tmp_path, monkeypatch):
    """A message that cannot fit the model is exit code 4, with a hint."""
    monkeypatch.setenv("MEMCLI_MODEL_THREADS", "1")
    file = write_llama(tmp_path / "tiny.gguf")
    result = run("ask", "-m", file, stdin="xyz " * 2000)
    fails(result, 4, "tokens", "model.context")


# index, config, doctor, demo


def test_index(run):
    """index status and index rebuild say how many vectors there are."""
    run("remember", KEY)
    (status,) = lines(run("index", "status", "--json"))
    assert {key: status[key] for key in ("backend", "items", "vectors", "indexed", "behind")} == {
        "backend": "exact",
        "items": 1,
        "vectors": 1,
        "indexed": 1,
        "behind": 0,
    }
    assert "turns and memories\t1\n" in run("index", "status").out
    assert run("index", "rebuild", "--vectors").out == ("computed 1 vectors; exact index: 1 of 1\n")
    assert run("recall", "key").code == 0


def test_config(run, own_home):
    """config shows each value with where it came from, sets one, and prints its path."""
    assert run("config", "path").out == f"{own_home}/config.toml\n"
    assert run("config", "set", "sampling.seed", "7").out == "sampling.seed = 7\n"
    shown = run("config", "show").out
    assert f"sampling.seed\t7\t{own_home}/config.toml\tThe same seed" in shown
    assert "sampling.top_p\t0.95\tdefault\t" in shown
    values = json.loads(run("config", "show", "--json").out)
    assert values["sampling.seed"] == {"value": 7, "from": f"{own_home}/config.toml"}


def test_config_unknown_key(run):
    """An unknown setting is exit code 2, with the nearest known one."""
    fails(
        run("config", "set", "sampling.tempreature", "1"),
        2,
        "There is no setting 'sampling.tempreature'",
        "Did you mean sampling.temperature?",
    )


def test_doctor(run):
    """doctor finds nothing wrong with a fresh memory."""
    run("remember", KEY)
    result = run("doctor")
    assert (result.code, result.err) == (0, "")
    assert [line.split(":")[0] for line in result.out.splitlines()] == [
        f"ok    {name}" for name in (
            "database", "references", "full text", "orphans", "permissions", "states", "cells",
            "blobs",
            "disk", "index",
            "vectors", "model", "versions", "settings",
        )
    ]  # fmt: skip
    assert all(finding["ok"] for finding in lines(run("doctor", "--json")))


def test_doctor_finds_what_is_wrong(run, own_home, tmp_path):
    """doctor names what is wrong and how to mend it, and ends with 1."""
    run("remember", KEY)
    (own_home / "profiles" / "default").chmod(0o755)
    run("config", "set", "model.path", str(tmp_path / "no.gguf"))
    result = run("doctor")
    assert result.code == 1
    assert "FAIL  permissions: " in result.out
    assert "      memcli doctor --fix\n" in result.out
    assert "FAIL  model: There is no model file" in result.out


def test_demo(run, own_home):
    """demo shows the whole way in a data folder of its own."""
    result = run("demo")
    assert result.code == 0
    assert "in the tin behind the third flower pot" in result.out
    assert "I moved to Porto last week." in result.out
    assert result.out.endswith("I don't have that in my memories.\n")
    assert "changed home: Lisbon → Porto" in result.err
    assert not own_home.exists()


# The store


def test_newer_schema(run, own_home):
    """A database of a newer memcli is exit code 5, is named, and stays as it is."""
    run("remember", KEY)
    file = own_home / "profiles" / "default" / "memory.db"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    before = file.read_bytes()
    fails(run("recall", "key"), 5, "was written by a newer memcli (schema 999", "Upgrade memcli")
    assert file.read_bytes() == before


def test_not_a_database(run, own_home):
    """A file that is no database is exit code 5, and stays as it is."""
    file = own_home / "profiles" / "default" / "memory.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"something else " * 1000)
    fails(run("recall", "key"), 5, str(file), "memcli doctor")
    assert file.read_bytes() == b"something else " * 1000


def test_other_database(run, own_home):
    """A database of another program is exit code 5, and stays as it is."""
    file = own_home / "profiles" / "default" / "memory.db"
    file.parent.mkdir(parents=True)
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE sessions (name TEXT)")
    db.close()
    fails(run("recall", "key"), 5, str(file))
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("sessions",)]
    db.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(run, own_home):
    """A data folder that cannot be written is exit code 5, with what to do."""
    own_home.mkdir()
    own_home.chmod(0o500)
    fails(run("remember", KEY), 5, str(own_home), "MEMCLI_HOME")
    own_home.chmod(0o700)


def test_data_folder_that_is_a_file(run, own_home):
    """A data folder that is a file is exit code 5, with what to do."""
    own_home.write_text("", "utf-8")
    fails(run("remember", KEY), 5, str(own_home), "Set MEMCLI_HOME")


@pytest.mark.parametrize("name", ["../evil", "", "Work", "a b", "a/b", "."])
def test_bad_profile(run, name):
    """A name that is no profile name is exit code 2."""
    fails(run("--profile", name, "memory", "list"), 2, "is not a profile name", "lower-case")


def test_broken_config_file(run, own_home):
    """A configuration file that is no TOML is exit code 2, and is named."""
    own_home.mkdir()
    (own_home / "config.toml").write_text("[sampling\n", "utf-8")
    fails(run("memory", "list"), 2, f"{own_home}/config.toml cannot be read", "Mend it")


def test_files_are_private(run, own_home):
    """Nobody but the owner can read what is stored."""
    run("remember", KEY)
    run("config", "set", "user.name", "Ana")
    for path in [own_home, *own_home.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


# Processes


def test_broken_pipe(run, own_home):
    """A reader that goes away, as head does, is no error and no noise."""
    run("remember", "lorem ipsum " * 30_000)  # more than a pipe holds
    with subprocess.Popen(
        [sys.executable, "-m", "memcli", "memory", "list", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.read(10)
        process.stdout.close()
        err = process.stderr.read()
    assert err == b""
    assert process.returncode in (0, 141)


def test_stdout_is_data(process):
    """A command in a process of its own writes its data to stdout, and no warning anywhere."""
    process("remember", KEY)
    result = process("recall", "key", "--json")
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["text"] == KEY


def test_no_stdin(process):
    """Without a stdin nothing fails with a traceback."""
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m memcli ask 'Where is the key?' <&-"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_output_in_another_encoding(run, process, monkeypatch):
    """Where the locale knows no Unicode, text is printed all the same."""
    run("remember", "The café is open — “always”.")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    result = process("recall", "open", env=environment)
    assert result.code == 0
    assert "Traceback" not in result.err


def test_no_lines_typed_are_kept(run, own_home):
    """The file of what was typed, which an older memcli kept, is gone with the next command."""
    run("chat", stdin="My name is Zorg.\n")
    history = own_home / "profiles" / "default" / "history"
    history.write_text("\n# 2026-01-01\n+My name is Zorg.\n\n# 2026-01-02\n+Hello there.\n")
    run("memory", "list")
    assert not history.exists()


def test_forgetting_reaches_chroma(run, monkeypatch):
    """A vector leaves the derived index with its memory."""
    monkeypatch.setenv("MEMCLI_INDEX_BACKEND", "chroma")
    ids = [
        json.loads(run("remember", text, "--json").out)["id"] for text in ("One fish.", "Two fish.")
    ]
    run("recall", "fish")
    run("memory", "forget", ids[0], "--yes")
    status = json.loads(run("index", "status", "--json").out)
    assert (status["indexed"], status["behind"]) == (1, 0)


def test_nothing_in_common_is_nothing_found(run):
    """A query that has nothing to do with any memory exits with 3."""
    run("remember", "The spare key is under the blue pot.")
    assert run("recall", "🦄").code == 3
    assert run("recall", "*").code == 3


def test_doctor_examines_what_does_not_open(run, own_home):
    """A damaged database is a finding, with something to do that is not to run doctor again."""
    run("remember", "One.")
    (own_home / "profiles" / "default" / "memory.db").write_bytes(b"\x00junk" * 1000)
    done = run("doctor")
    assert done.code == 1
    assert "FAIL" in done.out
    assert "memcli doctor" not in done.out
