"""What breaks around a memory: the disk is full, nothing can be written, a lock is held.

Commands run in processes of their own, which may change their user, their limits and our patience.
"""

import contextlib
import io
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from acting import PROCESSES
from figures import Figure
from ggufs import write_llama

from memcli.__main__ import main
from memcli.api import Memcli
from memcli.store import store as database
from memcli.testing import HashEmbedder

NOBODY = 65534
SMALL = 6 * 2**20  # bytes of the disk that is filled
LEFT = (0, 36, 48, 64)  # KiB that a full disk still has, or that a file may have
LONG = " ".join(f"The boat with the number {i} lies in the harbour." for i in range(300))
SETTINGS = (("model.threads", "1"), ("model.context", "2048"), ("sampling.max_tokens", "6"))


def inside(function, *given):
    """Return what a function returns in a process of its own."""
    pipe, its = PROCESSES.Pipe(duplex=False)
    child = PROCESSES.Process(target=_send, args=(its, function, given), daemon=True)
    child.start()
    its.close()
    said = pipe.recv()
    child.join()
    return said


def _send(pipe, function, given):
    Memcli._load_embedder = lambda self: HashEmbedder()
    pipe.send(function(*given))


def command(home, *arguments, stdin="", most=None):
    """Run a command as if from the shell; return its exit code and what it printed."""
    os.environ |= {"MEMCLI_HOME": str(home), "NO_COLOR": "1"}
    sys.argv = ["memcli", *map(str, arguments)]
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    out, err = io.StringIO(), io.StringIO()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        if most is not None:  # Python ignores the signal, and a write beyond is an error
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
        try:
            code = main()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    return code, out.getvalue(), err.getvalue()


def refused(result):
    """Say whether a command failed as it should: by a message of one or two lines."""
    code, _, err = result
    lines = err[err.rfind("Error: ") :].splitlines()
    return code == 5 and "Error: " in err and "unexpectedly" not in err and len(lines) <= 2


def furnish(home, model):
    """Make a memory that holds something of each kind, and return the id of one memory."""
    for key, value in (*SETTINGS, ("model.path", str(model))):
        command(home, "config", "set", key, value)
    command(home, "remember", "The spare key is under the blue pot.")
    command(home, "chat", stdin="I live in Lisbon.\nMy sister Clara works at Siemens.\n")
    return command(home, "memory", "list")[1].split("\t")[0]


def writing(home, id):
    """Return the arguments and the input of commands that write."""
    notes = home.parent / "notes.jsonl"
    notes.write_text(json.dumps({"text": LONG}) + "\n")
    (short := home.parent / "short.txt").write_text(LONG[:240])
    return {
        "remember": (["remember", LONG], ""),
        "chat": (["chat"], f"{LONG[:400]}\n"),
        "import": (["import", notes], ""),
        "edit": (["memory", "edit", id, "--set", f"text={LONG.replace('boat', 'ship')}"], ""),
        "forget": (["memory", "forget", id, "--yes"], ""),
        "undo": (["undo", "--yes"], ""),
        "backup": (["backup", home / "b.db"], ""),
        "export": (["export", home / "e.jsonl"], ""),
        "config": (["config", "set", "user.name", "Ana"], ""),
        "state": (["state", "build", short], ""),
        "cells": (["kv", "build"], ""),
    }


# The disk is full.


@contextlib.contextmanager
def filled(folder, left):
    """Fill the disk of a folder up to some KiB."""
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    (folder / "filler").write_bytes(bytes(max(free - left * 1024, 0)))
    yield None
    (folder / "filler").unlink()


@contextlib.contextmanager
def limited(folder, left):
    """Let no file grow beyond some KiB."""
    yield left * 1024


def without_room(top, model, short, levels):
    """Return each writing command with its exit code, and what went wrong around it."""
    pristine, home = top / "pristine", top / "home"
    id, found = furnish(pristine, model), []
    known = command(pristine, "export")[1]
    for left in levels:
        for name, (arguments, stdin) in writing(home, id).items():
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(pristine, home)
            with short(top, left) as most:
                result = command(home, *arguments, stdin=stdin, most=most)
            found.append((name, result[0], _wrong_without_room(home, name, result, known)))
            again = command(home, *arguments, stdin=stdin) if result[0] else result
            if again[0]:
                found.append((name, 5, f"{name} fails with room, too: {again}"))
    return found


def _wrong_without_room(home, name, result, known):
    if result[0] and not refused(result):
        return f"{name} is not clear: {result}"
    if result[0] and not _as_before(name, known, command(home, "export")[1]):
        return f"{name} failed and changed something: {result}"
    left = [file.name for file in home.rglob("*") if file.suffix in (".tmp", ".part")]
    return f"{name} left {left}" if left else ""


def _as_before(name, known, now):
    """Say whether all is as it was; what was said in a chat is kept even without an answer."""
    if name != "chat":
        return now == known
    texts = ('{"table": "turns"', '{"table": "memories"')
    return {line for line in known.splitlines() if line.startswith(texts)} <= {*now.splitlines()}


def disk(top, short, model, share):
    """Return the figure of commands without room on a disk, or for a file."""
    levels = LEFT if share == 1 else LEFT[1:2]
    found = inside(without_room, top, model, short, levels)
    problems = tuple(problem for *_, problem in found if problem)
    kinds = sorted({name for name, code, _ in found if code})
    note = f"{sum(bool(code) for _, code, _ in found)} refused, of {', '.join(kinds)}"
    what = "writing commands on a full disk" if short is filled else "files that cannot grow"
    return Figure("Full disk", what, len(found), len(problems), note, problems[:9])


def small_disk(top):
    """Mount a disk of a few MiB at a folder; say whether that is allowed here."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "memcli-test", str(top)]
    with contextlib.suppress(OSError):
        return subprocess.run(mount, capture_output=True, check=False).returncode == 0
    return False


# Nothing can be written.


def reading(home, id):
    """Return the arguments and the input of commands that only read, and what they must print."""
    return {
        "recall": (["recall", "spare key"], "", "blue pot"),
        "ask": (["ask", "--model", "", "Where is the spare key?"], "", "blue pot"),
        "chat --private": (["chat", "--private"], "Where is the key?\n", ""),
        "list": (["memory", "list"], "", "blue pot"),
        "show": (["memory", "show", id], "", "text:"),
        "stats": (["memory", "stats"], "", "2"),
        "sql": (["memory", "sql", "SELECT text FROM memories"], "", "blue pot"),
        "session list": (["session", "list"], "", "Lisbon"),
        "export": (["export"], "", "blue pot"),
        "index status": (["index", "status"], "", "with a vector"),
        "kv status": (["kv", "status"], "", "stored"),
        "config show": (["config", "show"], "", "model.threads"),
        "backup elsewhere": (["backup", home.parent / "out" / f"{id}.db"], "", "B"),
    }  # fmt: skip


def unwritable(lines, home, user):
    """Return the results of commands, run by a user who may write nothing there."""
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    return [command(home, *arguments, stdin=stdin) for arguments, stdin in lines]


def leave_log(home):
    """Have the memory as a process leaves it that was killed: with a log beside it."""
    os.environ["MEMCLI_HOME"] = str(home)
    with Memcli() as memory:
        memory.remember("The ladder leans on the shed.")
        shutil.copytree(home, home.parent / "killed")
    shutil.rmtree(home)
    (home.parent / "killed").rename(home)


def locked_away(top, model, what):
    """Return how many commands met what is read-only, and what went wrong.

    ``what`` is a "folder" with all in it, one with a "log" of a killed process, or the "file" alone.
    """
    home, user = top / "home", NOBODY if os.geteuid() == 0 else None
    (top / "out").mkdir()
    id = inside(furnish, home, model)
    if what == "log":
        inside(leave_log, home)
    writes, reads = writing(home, id), reading(home, id)
    for name in ("backup", "export", *(("config", "state", "cells") * (what == "file"))):
        del writes[name]  # these write elsewhere
    for path in (top, *top.rglob("*")):
        if user is not None:
            os.chown(path, user, user)
        if path.is_relative_to(home) and (what != "file" or path.name == "memory.db"):
            path.chmod(path.stat().st_mode & ~0o222)
    before = home.joinpath("profiles", "default", "memory.db").read_bytes()
    lines = [line[:2] for line in (*writes.values(), *reads.values())]
    problems = []
    for name, result in zip((*writes, *reads), inside(unwritable, lines, home, user), strict=True):
        read = name in reads and result[0] == 0 and reads[name][2] in result[1]
        if not read and (name in reads or not refused(result)):
            problems.append(f"read-only {what}: {name}: {result}")
    if home.joinpath("profiles", "default", "memory.db").read_bytes() != before:
        problems.append(f"read-only {what}: something was written")
    for path in (home, *home.rglob("*")):
        path.chmod(0o700)
    return len(lines), problems


def read_only(share):
    """Return the figure of commands where nothing can be written."""
    tried, problems, places = 0, [], ("folder", "file", "log")
    for what in places if share == 1 else places[:1]:
        with tempfile.TemporaryDirectory() as top:
            model = write_llama(Path(top) / "tiny.gguf", eos=False, context=2048)
            done, wrong = locked_away(Path(top), model, what)
            tried, problems = tried + done, problems + wrong
    note = "a folder, a file, a folder with the log of a killed process" if share == 1 else ""
    what = "commands on what is read-only"
    return Figure("Read-only", what, tried, len(problems), note, tuple(problems[:9]))


# Another process holds the database.


def impatient(lines, home):
    """Return the results of commands that wait for others next to no time."""
    database.PATIENCE_S = 0.05
    return [command(home, *arguments, stdin=stdin) for arguments, stdin in lines]


@contextlib.contextmanager
def held(home):
    """Hold the lock of a database, as another process does that writes for minutes."""
    db = sqlite3.connect(home / "profiles" / "default" / "memory.db", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    yield
    db.execute("ROLLBACK")
    db.close()


def lock(top, model):
    """Return the figure of commands while another process writes."""
    home = top / "home"
    (top / "out").mkdir()
    id = inside(furnish, home, model)
    writes, reads = writing(home, id), reading(home, id)
    for name in ("backup", "export", "config", "state", "cells"):
        del writes[name]  # these only read the database
    lines = [line[:2] for line in (*reads.values(), *writes.values())]
    with held(home):
        results = inside(impatient, [*lines, (["export"], "")], home)
    known = inside(impatient, [(["export"], "")], home)[0]
    problems = [] if results.pop() == known else ["a command that failed changed something"]
    for name, result in zip((*reads, *writes), results, strict=True):
        read = name in reads and result[0] == 0 and reads[name][2] in result[1]
        if not read and (name in reads or not refused(result) or "in use" not in result[2]):
            problems.append(f"while another process writes: {name}: {result}")
    for line, result in zip(writes, inside(impatient, lines[len(reads) :], home), strict=True):
        if result[0]:
            problems.append(f"after another process wrote: {line}: {result}")
    note = f"{len(reads)} that read, {len(writes)} that write, and these again afterwards"
    what = "commands while another process holds the database"
    return Figure("Lock", what, len(lines) + len(writes), len(problems), note, tuple(problems[:9]))


def figures(top, share=1):
    """Yield the figure of each thing that breaks. Not everybody may mount a disk to fill it."""
    tops = {name: top / name for name in ("limited", "filled", "lock")}
    for folder in tops.values():
        folder.mkdir()
    model = write_llama(top / "tiny.gguf", eos=False, context=2048)
    mounted = small_disk(tops["filled"])
    if mounted:
        try:
            yield disk(tops["filled"], filled, model, share)
        finally:
            subprocess.run(["umount", str(tops["filled"])], check=True)
    if not mounted or share == 1:
        yield disk(tops["limited"], limited, model, share)
    yield read_only(share)
    yield lock(tops["lock"], model)
