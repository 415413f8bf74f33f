"""Hostile texts: stored in every way, recalled, and printed by every command that prints text.

Nothing of them may be obeyed by the program, by the terminal or by the file system, and nothing may
be learnt from them as if the owner had said it. See ``hostile_texts`` and ``hostile_prompts``.
"""

import contextlib
import csv
import io
import json
import os
import re
import shlex
import sys
import zipfile
from pathlib import Path

import typer
from figures import Figure
from ggufs import write_llama
from hostile_texts import TEXTS
from import_samples import CHATGPT, TELEGRAM

from memcli import cli
from memcli.__main__ import main
from memcli.api import Memcli
from memcli.engine.extractive import ExtractiveEngine
from memcli.records import USER
from memcli.testing import HashEmbedder, ScriptedEngine
from memcli.text import one_line

WAYS = 16  # as a memory, tag, turn and title, and in twelve formats and places of files
# What a terminal obeys, and what nobody sees; SGR is what rich colours with, 199 what we ask for.
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SGR, BAR = re.compile(r"\x1b\[(?![\d;]*199m)[\d;]*m"), re.compile(r"\x1b\[(?:\?25[lh]|2K|1A)|\r")
PRINT = """
memory list --all -n 9999 $ --json
memory search lantern -n 20 $ --json
memory show MEMORY $ --json
memory show TURN $ --json
memory history MEMORY $ --json
memory timeline $ --json
memory on today $ --json
memory graph $ --dot $ --html
memory graph NAME $ --dot $ --html $ --json
memory diff today $ --json
memory stats $ --json
memory sql 'SELECT * FROM memories JOIN triples ON id = memory_id LIMIT 60' $ --json
memory sql 'SELECT * FROM turns LIMIT 60' $ --json
memory sql 'SELECT * FROM history LIMIT 60' $ --json
memory review $ --json
memory conflicts $ --json
memory forget MEMORY --dry-run
memory forget --query lantern --dry-run
memory edit MEMORY
undo 3 --dry-run
session list -n 99 $ --json
session search lantern $ --json
session show SESSION $ --json
session export SESSION $ --json
session export SESSION NEW
session fork SESSION --title TEXT
session rename SESSION TEXT
recall lantern -n 50 $ --json
recall TEXT $ --json
export
export NEW
export --format markdown NEW
export --format markdown --by day NEW
import INBOX --dry-run $ --json
config set user.name TEXT
config show $ --json
model list $ --json
model info EVIL $ --json
model use EVIL
model use none
state list
kv status
index status
doctor $ --json
ask TEXT
remember TEXT $ --json
"""
REFUSED = """
memory show TEXT
memory forget TEXT
memory list --kind TEXT
memory list --sort TEXT
memory list --since TEXT
memory list --session TEXT
memory list --source TEXT
memory graph TEXT
memory on TEXT
memory sql TEXT
memory edit MEMORY --set TEXT
memory resolve TEXT
session show TEXT
config set TEXT 1
config set sampling.top_p TEXT
import TEXT
import INBOX --map TEXT
import INBOX --format TEXT
export --format TEXT
model use TEXT
restore TEXT --yes
state build TEXT
state drop TEXT
ask --from TEXT what
recall lantern --as-of TEXT
-p TEXT memory list
"""
TYPED = """/memories
/memories lantern
/conflicts
/sessions
/stats
What is a lantern?
Which lantern is there?
/why
/context
/forget lantern
/fork TEXT
/rename TEXT
/retry
/model none
What is a lantern?
/why
/resume
/context
/help
"""


class Obeying(ScriptedEngine):
    """A model that says what it is told, escapes and all, and finds the owner in every line."""

    def __init__(self, texts):
        super().__init__(texts * 9, context_size=16_384)

    def answer(self, prompt, cancel):
        lines = re.findall(r"^(\d+) \(\S+\) .*?: (.+)$", prompt.messages[-1].text, re.MULTILINE)
        if prompt.grammar:
            finds = [
                {"turn": int(number), "quote": text, "kind": "profile", "text": text,
                 "subject": "user", "predicate": "home", "object": text[:20], "importance": 5}
                for number, text in lines
            ]  # fmt: skip
            self._replies.insert(0, json.dumps(finds))
        return super().answer(prompt, cancel)


class Screen(io.StringIO):
    """A place to print to that may say that it is a terminal."""

    terminal = False

    def isatty(self):
        return self.terminal


class Attack:
    """One memory among others' files, and what its commands print."""

    def __init__(self, top, texts):
        self.top, self.texts, self.runs, self.new = top, texts, 0, 0
        self.problems = []
        for name in ("here", "user", "inbox", "out", "home/models"):
            (top / name).mkdir(parents=True)
        (top / "user" / "diary.md").write_text("Nobody touches this.")
        self.evil = write_llama(
            top / "home/models/evil.gguf", name=texts[0] + "\x1b]0;x\x07\x9b5m\n"
        )

    @contextlib.contextmanager
    def world(self):
        """Let everything that commands may reach lie in our folder; models obey."""
        own = {"HOME": "user", "MEMCLI_HOME": "home"}
        env, here = dict(os.environ), Path.cwd()
        saved = Memcli._load_embedder, Memcli._load_engine, cli.app
        cli.app = typer.main.get_command(cli.app)  # which would be made anew for each command
        os.environ.pop("NO_COLOR", None)
        os.environ |= {name: str(self.top / folder) for name, folder in own.items()}
        os.environ |= {"EDITOR": "true", "TERM": "xterm-256color", "COLUMNS": "400"}
        Memcli._load_embedder = lambda memcli: HashEmbedder()
        Memcli._load_engine = lambda memcli, path: (
            Obeying(self.texts) if "none" not in path else ExtractiveEngine()
        )
        os.chdir(self.top / "here")
        try:
            yield
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ |= env
            Memcli._load_embedder, Memcli._load_engine, cli.app = saved

    def run(self, *arguments, stdin="", terminal=False):
        """Run a command, note what is wrong with what it prints, and return it."""
        screens = Screen(), Screen()
        Screen.terminal = terminal
        before = sys.argv, sys.stdin, sys.stdout, sys.stderr
        piped = io.TextIOWrapper(io.BytesIO(stdin.encode("utf-8", "replace")))
        sys.argv = ["memcli", *map(str, arguments)]
        sys.stdin, (sys.stdout, sys.stderr) = piped, screens
        try:
            main()
        finally:
            sys.argv, sys.stdin, sys.stdout, sys.stderr = before
        self.runs += 1
        out, err = (screen.getvalue() for screen in screens)
        self._look(arguments, out, err, terminal=terminal)
        return out

    def _look(self, arguments, out, err, *, terminal):
        said = SGR.sub("", out + err) if terminal else out + err
        said = BAR.sub("", said) if terminal and "import" in arguments else said
        if found := OBEYED.search(said):
            around = said[max(found.start() - 30, 0) : found.end() + 20]
            self.problems.append(f"{arguments!r:.150}: {around!r}")
        if "unexpectedly" in err:
            self.problems.append(f"{arguments!r:.150}: {err[:200]!r}")
        if "--json" in arguments:
            for line in filter(None, out.split("\n")):
                json.loads(line)

    def store(self):
        """Store the texts as memories, tags, turns, titles and files of many formats."""
        with Memcli() as memory:
            for i, text in enumerate(self.texts):
                memory.remember(text, tags=[text], pin=i % 30 == 0)
            for i in range(0, len(self.texts), 12):
                conversation = memory.conversation()
                for text in self.texts[i : i + 12]:
                    list(conversation.say(text)[1])
                memory.memory.rename_session(conversation.session.id, self.texts[i])
        for name, content in files(self.texts).items():
            (self.top / "inbox" / name).write_bytes(content)
        for profile in ("default", "imported"):
            self.run("-p", profile, "import", self.top / "inbox", "--tag", self.texts[0])
        self.run("consolidate", "--model", "any.gguf")

    def rows(self):
        """Return what is remembered, summaries left out."""
        with Memcli() as memory:
            rows = "SELECT * FROM memories WHERE kind != 'summary'"
            return set(memory.store.db.execute(rows).fetchall())

    def outside(self):
        """Return all files that are none of memcli's, with their content."""
        own = (self.top / "home", self.top / "out")
        found = (path for path in self.top.rglob("*") if not any(map(path.is_relative_to, own)))
        return {path: path.is_file() and path.read_bytes() for path in found}

    def commands(self, table):
        """Yield the commands of a table, the texts in turn in the place of TEXT."""
        with Memcli() as memory:
            memories = [
                m for m in memory.store.memories.newest() if m.triples
            ] or memory.store.memories.newest()
            sessions = memory.store.sessions.latest()
            turns = memory.store.sessions.turns(sessions[0].id)
        for i, line in enumerate(table.strip().splitlines()):
            first, *more = line.split(" $ ")
            for j, option in enumerate(("", *more)):
                text, kept = self.texts[(7 * i + j) % len(self.texts)], memories[i % len(memories)]
                self.new += 1
                fill = {
                    "TEXT": text.replace("\x00", ""), "MEMORY": kept.id, "SESSION": sessions[i % len(sessions)].id,
                    "TURN": turns[i % len(turns)].id, "INBOX": self.top / "inbox", "EVIL": self.evil,
                    "NEW": self.top / "out" / f"new{self.new}",
                    "NAME": kept.triples[0].subject if kept.triples else "x",
                }  # fmt: skip
                yield [fill.get(word, word) for word in (*shlex.split(first), *option.split())]


def files(texts):
    """Return files of several formats that hold the texts as text, title, tag, speaker and name."""
    notes = [{"text": t, "title": t, "tags": [t], "time": "2024-05-31"} for t in texts]
    talk = [{"session": t, "title": t, "speaker": t, "role": "other", "text": t} for t in texts]
    graph = [{"type": "entity", "name": t, "entityType": t, "observations": [t]} for t in texts]
    graph += [{"type": "relation", "from": t, "to": texts[0], "relationType": t} for t in texts]
    table, packed = io.StringIO(), io.BytesIO()
    csv.writer(table).writerows([("text", "title"), *((t, t) for t in texts)])
    with zipfile.ZipFile(packed, "w") as archive:
        for i, text in enumerate(texts):
            archive.writestr(f"../../PWNED{i}{_name(text)}.md", f"{i} lantern")
    gpt, telegram = json.loads(json.dumps((CHATGPT, TELEGRAM)))
    gpt[0]["title"], gpt[0]["mapping"]["n3"]["message"]["content"]["parts"] = texts[0], texts
    telegram["messages"] = [
        {**telegram["messages"][0], "id": i, "from": t, "text": t} for i, t in enumerate(texts)
    ]
    held = {
        "notes.jsonl": _lines(notes), "talk.jsonl": _lines(talk), "graph.jsonl": _lines(graph),
        "table.csv": table.getvalue(), "gpt.json": json.dumps(gpt), "result.json": json.dumps(telegram),
        "mail.eml": "".join(f"From: {t!r} <a@b.c>\nSubject: {t!r}\nDate: Fri, 31 May 2024 18:00:00 +0000\n\n{t}" for t in texts[:1]),
        **{f"{i}.md": f"---\ntitle: {json.dumps(t)}\n---\n# {t}\n{t}\n" for i, t in enumerate(texts)},
        **{f"{_name(t)}.txt": f"Of lantern {i}." for i, t in enumerate(texts)},
        **{f"{_name(t)}.json": "{" for t in texts},
    }  # fmt: skip
    return {name: content.encode("utf-8", "replace") for name, content in held.items()} | {
        "z.zip": packed.getvalue()
    }


def _lines(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def _name(text):
    plain = text.replace("/", "\u2215").replace("\x00", "").encode("utf-8", "replace").decode()
    return plain.encode()[:180].decode("utf-8", "ignore")


def learnt():
    """Return how many turns and notes others wrote, and what was learnt from them nevertheless."""
    with Memcli() as memory, Memcli("imported") as imported:
        found = [m for m in memory.store.memories.newest() if m.turn_id and m.kind != "summary"]
        turns = memory.store.db.execute("SELECT id FROM turns WHERE role != 'user' OR derived")
        others = {id for (id,) in turns}
        wrong = [m.text for m in found if m.turn_id in others]
        notes = [m for m in imported.store.memories.newest() if m.text != "I own a boat."]
    about = [m.text for m in notes if any(triple.subject == USER for triple in m.triples)]
    return len(others) + len(notes), wrong + about


def print_all(attack):
    """Run every command, on a terminal and in a pipe."""
    shown = [one_line(text) for text in attack.texts if "lanternmarkup" in text]
    for terminal in (False, True):
        for command in [*attack.commands(PRINT), *attack.commands(REFUSED)]:
            attack.run(*command, terminal=terminal)
        asked = "Which lantern?\n" * len(attack.texts)
        attack.run("chat", stdin=asked + TYPED.replace("TEXT", attack.texts[-1]), terminal=terminal)
        attack.run("memory", "edit", "--query", "lanternforms")
        listed = SGR.sub("", attack.run("memory", "list", "--all", "-n", "9999", terminal=terminal))
        attack.problems += [
            f"{text} is not printed as it is" for text in shown if text not in listed
        ]


def figures(top, share=1.0):
    """Store, recall and print hostile texts; count what was obeyed."""
    attack = Attack(top, list(TEXTS[:: max(1, round(1 / share))]))
    with attack.world():
        attack.store()
        rows, outside = attack.rows(), attack.outside()
        print_all(attack)
        lost = [str(row)[:200] for row in rows - attack.rows()]
        touched = [str(path) for path, _ in set(outside.items()) ^ set(attack.outside().items())]
        others, wrong = learnt()
    note = f"{len(attack.texts)} texts, each stored in {WAYS} ways"
    yield _figure("commands that printed hostile texts", attack.runs, attack.problems, note)
    yield _figure("memories that were told to go or to change", len(rows), lost)
    yield _figure("files around memcli's own", len(outside), touched)
    yield _figure("what others wrote, learnt as the owner's own", others, wrong)


def _figure(what, tried, problems, note=""):
    return Figure("Hostile text", what, tried, len(problems), note, tuple(problems[:9]))
