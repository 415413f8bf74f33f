"""The chat through a pipe and on a terminal: whole transcripts of stdout and of stderr."""

import contextlib
import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest
from ggufs import write_llama

from memcli.chat.slash import COMMANDS

GREETING = "memcli · no model: answers are quotes from your memories · /help\n"


@pytest.fixture
def chat(run):
    """Type lines into a chat through a pipe; ids read ID, and dates DATE."""

    def chat(*lines, options=()):
        result = run("chat", *options, stdin="".join(f"{line}\n" for line in lines))
        assert result.code == 0
        assert "Traceback" not in result.err
        assert result.err.startswith("memcli · ")
        return tidy(result.out), tidy(result.err.partition("\n")[2])

    return chat


def tidy(text):
    text = re.sub(r"(?m)^[0-9a-z]{6}(?=  )", "ID", text)
    text = re.sub(r"(?m)^(new|duplicate|supersedes) [0-9a-z]{6}:", r"\1 ID:", text)
    return re.sub(r"\b20\d\d-\d\d-\d\d(?: \d\d:\d\d)?", "DATE", text)


def ids(run, *command):
    """Return the short ids that a listing prints."""
    return [line.split("\t")[0] for line in run(*command).out.splitlines()]


def test_what_was_said_answers_questions(chat):
    """Answers go to stdout alone; what was learnt is said on stderr."""
    out, err = chat(
        "My name is Ana and I live in Lisbon.",
        "",
        "Where do I live?",
        "Who won the chess match?",
        "The bakery shuts at six.",
    )
    assert out == (
        "Noted:\n- My name is Ana\n- I live in Lisbon.\n"
        "- “My name is Ana and I live in Lisbon.”"
        " (DATE, chat “My name is Ana and I live in Lisbon.”)\n"
        "I don't have that in my memories.\n"
        "I have kept that, word for word.\n"
    )
    assert err == "learnt 2\n"


def test_greeting(run):
    """A chat says who answers, whether it is private, and how to get help."""
    assert run("chat").err == GREETING
    assert run("chat", "--private").err == GREETING.replace(
        " · /help", " · private: nothing is stored · /help"
    )


def test_help(chat):
    """/help lists every command with its arguments, what it does, and how to leave."""
    out, err = chat("/help")
    assert out == ""
    assert (
        err
        == """\
/help                List these commands.
/remember TEXT       Keep something, word for word.
/forget ID or words  Erase memories for good.
/memories [words]    List what is remembered, or what is remembered about something.
/conflicts           List memories that cannot both hold.
/resolve ID [both]   Say which of two memories in conflict holds.
/why                 Name the memories behind the last answer, with the parts of their scores.
/undo                Take back the last turn and what was learnt from it.
/retry               Ask the last message again.
/edit [TEXT]         Say the last message differently.
/context             Show what the model saw last.
/stats               Show what the last answer cost, and how much is remembered.
/new                 Begin a new session.
/sessions            List the latest sessions.
/resume [ID]         Go on with a session; without an id, with the last one.
/fork [TITLE]        Go on in a copy of this session; this one stays as it is.
/rename TITLE        Give this session another name.
/private             Begin a session of which nothing is stored.
/model [PATH]        Show or change the model for this chat; “none” for no model.
/save [FILE]         Store a private session after all, or write this one to a file.
/quit                Leave.
Ctrl-D or /quit leaves. Ctrl-C stops an answer. Alt-Enter begins a new line, Ctrl-X Ctrl-E opens an editor.
"""
    )


def test_remember(chat):
    """/remember keeps a text, and says if it is known already or changes something."""
    out, err = chat(
        "/remember The key is under the pot.",
        "/remember The key is under the pot.",
        "/remember I live in Lisbon.",
        "/remember I live in Porto.",
        "/remember",
    )
    assert out == ""
    assert err == (
        "new ID: The key is under the pot.\n"
        "duplicate ID: The key is under the pot.\n"
        "new ID: I live in Lisbon.\n"
        "supersedes ID: I live in Porto.\n"
        "learnt 1 · changed home: Lisbon → Porto\n"
        'There is nothing to remember: the text is empty. memcli remember "…"\n'
    )


def test_memories(chat):
    """/memories lists what holds, the newest first, or what is remembered about something."""
    out, err = chat(
        "/memories",
        "/remember The key is under the pot.",
        "/remember I live in Lisbon.",
        "/memories",
        "/memories key",
    )
    assert out == ""
    assert err == (
        "nothing is remembered yet\n"
        "new ID: The key is under the pot.\n"
        "new ID: I live in Lisbon.\n"
        "ID  profile    I live in Lisbon.\n"
        "ID  note       The key is under the pot.\n"
        "ID  DATE: The key is under the pot.\n"
    )


def test_why(chat):
    """/why names the memories behind the last answer with date, score, its parts and source."""
    out, err = chat("/why", "/remember The key is under the pot.", "Where is the key?", "/why")
    assert out == "- “The key is under the pot.” (DATE, told by you)\n"
    first, _, memory, last = err.splitlines()
    assert first == "There is no answer to explain yet."
    shown = re.fullmatch(
        r"ID  DATE  (\S+) = (.+)  \(told by you\)  The key is under the pot\.", memory
    )
    parts = dict(part.rsplit(" ", 1) for part in shown[2].split(" + "))
    assert parts["words"] == "0.90"
    assert float(shown[1]) == pytest.approx(sum(map(float, parts.values())), abs=0.02)
    assert last == "memories recalled: 1; they seem to support an answer"


def test_undo(chat):
    """/undo takes back the last turn and what was learnt from it, and says when there is none."""
    out, err = chat(
        "I live in Lisbon.",
        "I moved to Porto.",
        "/undo",
        "/memories",
        "/undo",
        "/memories",
        "/stats",
        "/undo",
    )
    assert out == "Noted:\n- I live in Lisbon.\nNoted:\n- I moved to Porto.\n"
    assert err == (
        "learnt 1\n"
        "learnt 1 · changed home: Lisbon → Porto\n"
        "undone: “I moved to Porto.” and what was learnt from it\n"
        "ID  profile    I live in Lisbon.\n"
        "undone: “I live in Lisbon.” and what was learnt from it\n"
        "nothing is remembered yet\n"
        "0 memories · 0 turns in 0 sessions\n"
        "There is no turn to undo in this session.\n"
    )


def test_retry(chat):
    """/retry asks the last message again, and stores it once."""
    out, err = chat("I live in Lisbon.", "/retry", "/stats")
    assert out == "Noted:\n- I live in Lisbon.\n" * 2
    assert err == "learnt 1\nlearnt 1\n1 memories · 2 turns in 1 sessions\n"


def test_edit(chat):
    """/edit TEXT says the last message differently; what it had taught is unlearnt."""
    out, err = chat("I live in Lisbon.", "/edit I live in Porto.", "/memories", "/stats")
    assert out == "Noted:\n- I live in Lisbon.\nNoted:\n- I live in Porto.\n"
    assert err == (
        "learnt 1\nlearnt 1\nID  profile    I live in Porto.\n1 memories · 2 turns in 1 sessions\n"
    )


def test_context(chat):
    """/context shows what the model saw: the prefix, the turns, the memories, the message."""
    out, err = chat("/context", "The key is under the pot.", "Where is the key?", "/context")
    assert out.startswith("I have kept that, word for word.\n")
    assert err.startswith("Nothing has been said yet.\n[system] You are a helpful assistant")
    assert "\n[user] The key is under the pot.\n[assistant] I have kept that" in err
    told = r"<memories (\w{8})>\n- DATE: The key is under the pot\.\n</memories \1>\n"
    assert re.search(rf"\n\[system\] {told}\[user\] Where", err)
    assert re.search(r"\n\d+ of 4096 tokens\n$", err)


def test_stats(chat):
    """/stats says how much is remembered."""
    _, err = chat("/stats", "Hello there.", "/remember A thing.", "/stats")
    assert err == (
        "0 memories · 0 turns in 0 sessions\nnew ID: A thing.\n1 memories · 2 turns in 1 sessions\n"
    )


def test_sessions(chat):
    """/new begins a session, /sessions lists them, /rename names one, /resume goes on with it."""
    out, err = chat(
        "/rename Too early",
        "/resume",
        "The rain is warm.",
        "/rename",
        "/rename Weather",
        "/new",
        "The soup is cold.",
        "/sessions",
        "/resume",
        "And the wind?",
        "/sessions",
    )
    assert out == ("I have kept that, word for word.\n" * 2 + "I don't have that in my memories.\n")
    assert err == (
        "This session is not stored yet. Say something first.\n"
        "There is no other session to go on with.\n"
        "A session needs a name. /rename TITLE\n"
        "this session is now “Weather”\n"
        "a new session\n"
        "ID  DATE     2 turns  The soup is cold.\n"
        "ID  DATE     2 turns  Weather\n"
        "user: The rain is warm.\n"
        "assistant: I have kept that, word for word.\n"
        "ID  DATE     4 turns  Weather\n"
        "ID  DATE     2 turns  The soup is cold.\n"
    )


def test_resume_by_id(chat, run):
    """/resume takes an id, and an unknown one is said to be unknown."""
    chat("The rain is warm.")
    (session,) = ids(run, "session", "list")
    _, err = chat(f"/resume {session}", "/resume zzzzzz")
    assert err == (
        "user: The rain is warm.\n"
        "assistant: I have kept that, word for word.\n"
        "There is no session 'zzzzzz'. memcli session list shows them.\n"
    )


def test_private(chat):
    """Of a private session nothing is stored; what is known is recalled all the same."""
    out, err = chat(
        "/remember The key is under the pot.",
        "/private",
        "I live in Lisbon.",
        "Where is the key?",
        "/stats",
        "/new",
        "Where do I live?",
    )
    assert out == (
        "I hear you; nothing of this session is stored.\n"
        "- “The key is under the pot.” (DATE, told by you)\n"
        "I don't have that in my memories.\n"
    )
    assert err == (
        "new ID: The key is under the pot.\n"
        "a private session: nothing of it is stored, unless you /save it\n"
        "1 memories · 0 turns in 0 sessions\n"
        "a new session\n"
    )


def test_private_is_not_said_to_be_kept(chat):
    """In a private session a statement is not acknowledged as kept, because it is not."""
    out, _ = chat("I live in Lisbon.", options=["--private"])
    assert "kept" not in out


def test_save_a_private_session(chat):
    """/save stores a private session after all, with what can be learnt from it."""
    _, err = chat("/private", "I live in Lisbon.", "/save", "/save", "/memories", "/stats")
    assert err == (
        "a private session: nothing of it is stored, unless you /save it\n"
        "stored\n"
        "this session is stored already\n"
        "ID  profile    I live in Lisbon.\n"
        "1 memories · 2 turns in 1 sessions\n"
    )


def test_save_to_a_file(chat, tmp_path):
    """/save FILE writes the session to a new file, and never over another."""
    file = tmp_path / "chat.md"
    _, err = chat("The rain is warm.", f"/save {file}", f"/save {file}", f"/save {tmp_path}/no/x")
    assert file.read_text("utf-8") == (
        "**user:** The rain is warm.\n\n**assistant:** I have kept that, word for word.\n"
    )
    assert err == (
        f"written to {file}\n"
        f"{file} cannot be written: File exists. Name a new file.\n"
        f"{tmp_path}/no/x cannot be written: No such file or directory. Name a new file.\n"
    )


def test_forget_in_a_pipe(chat):
    """/forget shows what it would erase; where nobody can confirm it erases nothing."""
    _, err = chat(
        "/remember The key is under the pot.",
        "/forget",
        "/forget key",
        "/forget zebra crossings in Bolivia",
        "/stats",
    )
    assert err == (
        "new ID: The key is under the pot.\n"
        "Forget what? /forget ID, or some words of it.\n"
        "ID  The key is under the pot.\n"
        "nothing was forgotten\n"
        "Nothing that is remembered speaks of “zebra crossings in Bolivia”.\n"
        "1 memories · 0 turns in 0 sessions\n"
    )


def test_model(chat, tmp_path):
    """/model shows the engine, and a model that cannot be used leaves the chat as it was."""
    _, err = chat("/model", f"/model {tmp_path}/no.gguf", "/model none", "The rain is warm.")
    assert err == (
        "extractive, context of 4096 tokens\n"
        f"There is no model file {tmp_path}/no.gguf. memcli model list shows those found.\n"
        "extractive, context of 4096 tokens\n"
    )


def test_change_of_model(chat, tmp_path, monkeypatch):
    """A chat goes on with a model, which says what each answer cost, and without it again."""
    monkeypatch.setenv("MEMCLI_SAMPLING_MAX_TOKENS", "6")
    monkeypatch.setenv("MEMCLI_SAMPLING_SEED", "1")
    monkeypatch.setenv("MEMCLI_MODEL_THREADS", "1")
    file = write_llama(tmp_path / "tiny.gguf", context=512)
    _, err = chat(
        "The rain is warm.", f"/model {file}", "And now?", "/stats", "/model none", "/stats"
    )
    lines = err.splitlines()
    assert lines[0] == "tiny-0, context of 512 tokens"
    cost = r"\d+ tokens reused · \d+ read · \d+ written · first after [\d.]+ s · \d+ tokens/s.*"
    assert re.fullmatch(cost, lines[1])
    assert lines[2:] == [
        lines[1],
        "memories as KV cells: not compared with text yet",
        "0 memories · 4 turns in 1 sessions",
        "extractive, context of 4096 tokens",
        "0 memories · 4 turns in 1 sessions",
    ]


def test_quit(chat):
    """/quit leaves; what comes after it is not read."""
    out, err = chat("/quit", "The rain is warm.", "/stats")
    assert (out, err) == ("", "")


def test_unknown_command(chat):
    """An unknown command is an error with a hint, and the chat goes on."""
    out, err = chat("/nonsense", "/nonsense with words", "The rain is warm.")
    assert out == "I have kept that, word for word.\n"
    assert err == "There is no command /nonsense. /help lists them.\n" * 2


def test_command_before_a_tab(chat):
    """White space of any kind ends the name of a command."""
    out, err = chat("The rain is warm.", "/rename\tSoup")
    assert out == "I have kept that, word for word.\n"
    assert err == "this session is now “Soup”\n"


@pytest.mark.parametrize(
    "text", ["/etc/hosts", "/ is the root", "/2 of it", "/Help", "//help", "/help/me", " /help"]
)
def test_slash_that_is_no_command(chat, run, text):
    """A path, or a slash within other text, is a message."""
    out, err = chat(text)
    assert out == "I have kept that, word for word.\n"
    assert err == ""
    (session,) = ids(run, "session", "list")
    assert run("session", "show", session).out.startswith(f"user: {text.strip()}\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_stand_first(chat, name, tmp_path, monkeypatch):
    """No command fails in an empty store, with or without a word behind it, nor answers."""
    monkeypatch.chdir(tmp_path)  # /save writes into the folder where one is
    out, _ = chat(f"/{name}", f"/{name} x")
    assert out == ""


def test_session_option(chat, run):
    """--session goes on with a session, --continue with the last one."""
    chat("The rain is warm.")
    chat("The soup is cold.")
    soup, rain = ids(run, "session", "list")
    shown = "user: The {}.\nassistant: I have kept that, word for word.\n"
    assert chat("Fine.", options=["--session", rain])[1] == shown.format("rain is warm")
    assert chat(options=["--continue"])[1].startswith(shown.format("rain is warm"))
    assert chat(options=["-s", soup])[1] == shown.format("soup is cold")


def test_unknown_session(run):
    """An unknown session is exit code 3."""
    result = run("chat", "--session", "zzzzzz")
    assert (result.code, result.out) == (3, "")
    assert "There is no session 'zzzzzz'." in result.err


def test_private_option(chat, run):
    """Of chat --private nothing is stored."""
    chat("I live in Lisbon.", options=["--private"])
    assert run("session", "list").code == 3
    assert run("memory", "list").code == 3


def test_profile_option(chat, run):
    """Each profile has a memory of its own."""
    chat("I live in Lisbon.", options=["--profile", "work"])
    assert run("memory", "list").code == 3
    assert run("--profile", "work", "memory", "list").out.endswith("\tI live in Lisbon.\n")


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_ends_of_lines(run, end):
    """The last line counts with and without its end, and Windows' ends are ends."""
    result = run("chat", stdin=f"I live in Lisbon.{end}")
    assert result.out == "Noted:\n- I live in Lisbon.\n"


def test_invalid_utf8(run):
    """Bytes that are no UTF-8, and NUL, are replaced or dropped, and the chat goes on."""
    result = run("chat", stdin=b"caf\xff\x00e is open\nI live in Lisbon.\n")
    assert result.code == 0
    assert result.out == "I have kept that, word for word.\nNoted:\n- I live in Lisbon.\n"


def test_ask(run):
    """ask prints an answer and nothing else, and stores nothing."""
    run("remember", "The key is under the pot.")
    result = run("ask", "Where", "is the key?")
    assert tidy(result.out) == "- “The key is under the pot.” (DATE, told by you)\n"
    assert (result.code, result.err) == (0, "")
    assert run("session", "list").code == 3


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_ask_stdin(run, arguments):
    """ask reads its question from stdin."""
    run("remember", "The key is under the pot.")
    result = run("ask", *arguments, stdin="Where is the key?\n")
    assert tidy(result.out) == "- “The key is under the pot.” (DATE, told by you)\n"


def test_ask_adds_stdin_to_the_question(run):
    """What is piped in is added to the question."""
    result = run("ask", "--keep", "What does this say?", stdin="line one\nline two\n")
    assert result.code == 0
    (session,) = ids(run, "session", "list")
    shown = run("session", "show", session).out
    assert shown.startswith("user: What does this say?\n\nline one\nline two\n")


def test_ask_without_a_question(run):
    """An empty question is exit code 2."""
    result = run("ask", stdin=" \n")
    assert (result.code, result.out) == (2, "")
    assert result.err == 'Error: There is no question.\n  memcli ask "…", or pipe one in.\n'


def test_ask_about_the_unknown(run):
    """ask says plainly that nothing supports an answer."""
    result = run("ask", "Where is the key?")
    assert (result.code, result.out) == (0, "I don't have that in my memories.\n")


class Terminal:
    """A chat on a terminal of its own, without anything but the standard library."""

    def __init__(self, *arguments, environment):
        self._master, child = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "memcli", *arguments],
            stdin=child, stdout=child, stderr=child, start_new_session=True,
            env={**environment, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )  # fmt: skip
        os.close(child)
        self._seen = ""

    def expect(self, text, seconds=30):
        """Wait until a text is shown, and return what was shown up to it."""
        end = time.monotonic() + seconds
        while text not in self._seen:
            assert time.monotonic() < end, f"{text!r} did not come, but {self._seen!r}"
            self._read()
        before, _, self._seen = self._seen.partition(text)
        return before + text

    def type(self, text):
        os.write(self._master, text.encode())

    def wait(self, seconds=30):
        """Return the exit code, reading what is still shown meanwhile."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self._read()
        return self.process.wait(timeout=1)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _read(self):
        if select.select([self._master], [], [], 0.1)[0]:
            with contextlib.suppress(OSError):  # the other end was closed
                data = os.read(self._master, 65536).decode("utf-8", "replace")
                self._seen += re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>]", "", data)


def test_terminal(run, own_home):
    """On a terminal a paste is one message, Ctrl-C says how to leave, and Ctrl-D leaves."""
    terminal = Terminal("chat", environment=dict(os.environ))
    try:
        terminal.expect("/help")
        terminal.expect("›")
        terminal.type("\x1b[200~/quit is pasted text\nwith a second line\x1b[201~")
        terminal.expect("second line")
        terminal.type("\r")
        terminal.expect("I have kept that, word for word.")
        terminal.expect("›")
        terminal.type("\x03")
        terminal.expect("Ctrl-D or /quit leaves. Ctrl-C stops an answer.")
        terminal.expect("›")
        terminal.type("I live in Oslo.\r")
        terminal.expect("learnt 1")
        terminal.expect("›")
        terminal.type("/edit\r")
        terminal.expect("I live in Oslo.")  # the command's line is drawn anew with the old words
        time.sleep(0.3)
        terminal.type("\x15I live in Bergen.\r")
        terminal.expect("learnt 1")
        terminal.expect("›")
        terminal.type("\x04")
        assert terminal.wait() == 0
    finally:
        terminal.close()
    assert not (own_home / "profiles" / "default" / "history").exists()
    assert run("memory", "list").out.endswith("\tI live in Bergen.\n")
    (session,) = ids(run, "session", "list")
    shown = run("session", "show", session).out
    assert shown.startswith("user: /quit is pasted text\nwith a second line\n")
