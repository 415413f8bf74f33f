"""How fast notes come in, and in how much memory: python benchmarks/import_speed.py [NOTES [MB]].

Notes (10 000) of about 60 words, each kind through ``memcli import`` in a process of its own, with
the default embedder, the rules and SQLite; and again, when all are there. Then a ChatGPT export and an
mbox of so many megabytes (300) of which nothing is new enough to be kept (``--since``): what reading
takes, in time and in memory beyond that of a small one. The seconds are those of the import without the
start of the program; ``slow`` says how much longer than on a quiet machine a loop takes just then.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import sentences

NOTES = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
MEGABYTES = int(sys.argv[2]) if len(sys.argv) > 2 else 300
RUN = """
import resource, sys
from datetime import datetime, timezone
import memcli
with memcli.open() as memory:
    since = datetime.now(timezone.utc) if sys.argv[1] == "none" else None
    r = memory.import_paths(sys.argv[2:], since=since)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(r.new + r.earlier, r.unchanged, r.learnt, r.seconds, peak)
"""


def notes(own):
    """Yield notes of five sentences; of ``own`` ones two say something in the first person."""
    facts, chance = sentences(5 * NOTES), random.Random(1)
    for _ in range(NOTES):
        said = [next(facts) for _ in range(5)]
        if own:
            said[1] = (
                f"I met {chance.choice(['Bo', 'Cy'])} and we talked about the new boat of my sister."
            )
            said[3] = f"My back hurts less since the new chair, which cost {chance.randrange(900)}."
        yield " ".join(said)


def write_files(folder, texts):
    for i, text in enumerate(texts):
        path = folder / f"{i // 1000:03d}" / f"Note {i}.md"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(f"# Note {i}\n\n{text}\n", "utf-8")


def write_lines(folder, texts):
    folder.mkdir()
    with (folder / "notes.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"text": text, "id": str(i)}) + "\n" for i, text in enumerate(texts)
        )


def write_chats(path, megabytes):
    """Write conversations of forty turns, of some thousand characters each."""
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for i, text in enumerate(sentences(10**9)):
            turns, last = {}, None
            for k in range(40):
                content = {"content_type": "text", "parts": [f"{text} {k} " * 20]}
                message = {"id": f"{i}-{k}", "author": {"role": "user"}, "content": content,
                           "create_time": 1.7e9}  # fmt: skip
                turns[f"{i}-{k}"] = {"id": f"{i}-{k}", "parent": last, "message": message}
                last = f"{i}-{k}"
            chat = {"title": f"Chat {i}", "id": str(i), "mapping": turns, "current_node": last}
            file.write(", " * bool(i) + json.dumps(chat))
            if file.tell() > megabytes * 1_000_000:
                break
        file.write("]")


def write_mail(path, megabytes):
    with path.open("w", encoding="utf-8") as file:
        for i, text in enumerate(sentences(10**9)):
            file.write(
                f"From bo@example.org Fri May 31 18:00:00 2019\nFrom: Bo <bo@example.org>\nSubject: Boat {i}\n"
                f"Date: Fri, 31 May 2019 18:00:00 +0200\nMessage-ID: <{i}@example.org>\n\n{text * 20}\n\n"
            )
            if file.tell() > megabytes * 1_000_000:
                break


def slow():
    """Return how much longer than 50 ms a loop takes that took so long on a quiet machine."""
    begun, total = time.perf_counter(), 0
    for i in range(500_000):
        total += i
    return (time.perf_counter() - begun) / 0.058


def run(home, path, kept="all", **settings):
    env = os.environ | {"MEMCLI_HOME": str(home)} | settings
    done = subprocess.run(
        [sys.executable, "-c", RUN, kept, str(path)],
        capture_output=True,
        text=True,
        env=env,
        check=True,
    )
    new, unchanged, learnt, seconds, peak = done.stdout.split()
    return int(new), int(unchanged), int(learnt), float(seconds), int(peak)


def tell(what, result):
    new, unchanged, learnt, seconds, peak = result
    rate = (new + unchanged) / seconds
    print(f"{what:38} {new:>7} new {unchanged:>7} unchanged {learnt:>5} learnt"
          f" {seconds:7.1f} s {rate:>6.0f}/s {peak:>5} MB, slow {slow():.1f}", flush=True)  # fmt: skip


with tempfile.TemporaryDirectory() as folder:
    top = Path(folder)
    write_files(top / "files", notes(own=False))
    write_files(top / "diary", notes(own=True))
    write_lines(top / "lines", notes(own=False))
    for name, what in (
        ("lines", "JSONL"),
        ("files", "Markdown files"),
        ("diary", "Markdown, first person"),
    ):
        tell(what, run(top / f"{name}.home", top / name))
    tell("Markdown files again", run(top / "files.home", top / "files"))
    tell(
        "Markdown files, for Chroma",
        run(top / "c.home", top / "files", MEMCLI_INDEX__BACKEND="chroma"),
    )
    for megabytes in (1, MEGABYTES):
        for name, write in (("chats.json", write_chats), ("mail.mbox", write_mail)):
            write(top / name, megabytes)
            tell(
                f"{name}, {megabytes} MB, read only", run(top / f"{name}.home", top / name, "none")
            )
