"""Every format alike: known by its content, imported once, and never broken by what is broken."""

import contextlib
import json
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from import_samples import SAMPLES, mutations

from memcli.importers.base import Note, Said, Skipped, Unreadable
from memcli.importers.choose import choose, formats
from memcli.importing import Importer
from memcli.index.exact import ExactIndex
from memcli.store import Store
from memcli.testing import CountingIds, FixedClock, HashEmbedder, file_of
from memcli.tiers.long_term import LongTerm

MUTATIONS = 500
LONGEST = 5.0  # seconds for a broken file, on a slow and busy machine


def of(name):
    path, content, count = SAMPLES[name]
    return content.encode() if isinstance(content, str) else content, path, count


def test_every_format_has_a_sample():
    """A format that is added is tested with the others."""
    assert set(SAMPLES) == set(formats())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_format_is_known_by_its_content_and_by_one_taker(name):
    """Each sample is of its format, and of no other that shows itself by content."""
    data, path, count = of(name)
    assert choose(file_of(data, path)).name == name
    records = list(formats()[name].read(file_of(data, path)))
    assert len([r for r in records if not isinstance(r, Skipped)]) == count
    assert all(isinstance(r, (Note, Said)) and r.text.strip() for r in records)


@pytest.mark.parametrize("name", SAMPLES)
def test_importing_twice_is_importing_once(name, memory, tmp_path):
    """The second run of each format changes nothing and says so; so does one from elsewhere."""
    data, path, count = of(name)
    file = tmp_path / "in" / path
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    first = Importer(memory).paths([tmp_path / "in"])
    assert (first.new, first.skipped) == (count, [])
    before = memory.store.db.execute("SELECT count(*), max(n) FROM changes").fetchall()
    again = Importer(memory).paths([tmp_path / "in"])
    assert (again.new, again.updated, again.unchanged) == (0, 0, count)
    assert memory.store.db.execute("SELECT count(*), max(n) FROM changes").fetchall() == before
    file.write_bytes(data + b"\n")  # other bytes: everything is compared, and the same
    third = Importer(memory).paths([tmp_path / "in"])
    assert (third.new, third.updated) == (0, 0)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_mutation_breaks_a_reader(name):
    """Whatever a file holds, its reader yields records or says that it is unreadable, soon."""
    data, path, _ = of(name)
    seen = Counter()
    for broken in mutations(data, MUTATIONS, seed=name):
        file = file_of(broken, path)
        begun = time.monotonic()
        try:
            choose(file)
        except Unreadable:
            seen["unknown"] += 1
        try:
            for record in formats()[name].read(file_of(broken, path)):
                seen[type(record).__name__] += 1
        except Unreadable:
            seen["unreadable"] += 1
        assert time.monotonic() - begun < LONGEST, broken[:200]
    assert seen["Note"] + seen["Said"] > 20, seen


@pytest.mark.parametrize("name", SAMPLES)
def test_broken_files_leave_no_record_without_its_source(name, memory, tmp_path):
    """Through the whole path: what came in is tied to where it came from, what did not is named."""
    data, path, _ = of(name)
    for i, broken in enumerate(mutations(data, 15, seed=f"{name} again")):
        file = tmp_path / "in" / str(i) / path
        file.parent.mkdir(parents=True)
        file.write_bytes(broken)
    report = Importer(memory).paths([tmp_path / "in"])
    assert report.files == 15
    assert not [reason for _, reason in report.skipped if reason.startswith("could not be read")]
    query = "SELECT count(*) FROM {} WHERE source_id IS NULL"
    assert memory.store.db.execute(query.format("sessions")).fetchone()[0] == 0
    found = memory.store.db.execute(query.format("memories") + " AND turn_id IS NULL").fetchone()
    assert found[0] == 0


# Whatever the content: twice is once

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
LINES = st.lists(
    WORDS | st.sampled_from(["# Head", "- [ ] do it 📅 2024-06-01", "[[Link]] #tag", "```", "", "---", "a: 1",
                             "> [!note] x", "2024-05-31", "I live in Ulm.", "- item", "%% hidden %%"]),
    max_size=14,
)  # fmt: skip
TURNS = st.lists(
    st.tuples(st.sampled_from(["user", "assistant", "system", "tool"]), WORDS, st.booleans()),
    max_size=6,
)


def chat(turns):
    """Return a conversation of ChatGPT's whose turns hang on one another, some beside the others."""
    nodes, last = {"root": {"id": "root", "parent": None, "message": None}}, "root"
    for i, (role, text, aside) in enumerate(turns):
        message = {"id": f"m{i}", "author": {"role": role}, "content": {"parts": [text]}}
        nodes[f"m{i}"] = {"id": f"m{i}", "parent": last, "message": message}
        last = last if aside else f"m{i}"
    return [
        {
            "title": "T",
            "conversation_id": "c",
            "create_time": 1.7e9,
            "mapping": nodes,
            "current_node": last,
        }
    ]


@given(
    LINES.map("\n".join).map(lambda text: ("x.md", text))
    | TURNS.map(lambda turns: ("x.json", json.dumps(chat(turns))))
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_in_a_note_or_chat_importing_it_twice_is_importing_it_once(file):
    """A second run, and a dry one before the first, find the same; nothing is written again."""
    name, content = file
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "memory.db", clock=FixedClock(), ids=CountingIds())
        store.db.execute("PRAGMA synchronous = OFF")
        with contextlib.closing(store):
            memory = LongTerm(store, HashEmbedder, lambda e: ExactIndex(store.vectors, e.dims))
            path = Path(folder) / name
            path.write_text(content, "utf-8")
            dry = Importer(memory, dry_run=True).paths([path])
            first = Importer(memory).paths([path])
            assert dry == first
            before = store.db.execute("SELECT max(n) FROM changes").fetchone()
            again = Importer(memory).paths([path])
            assert (again.new, again.updated, again.unchanged) == (0, 0, first.new)
            assert store.db.execute("SELECT max(n) FROM changes").fetchone() == before
            path.write_text(content + "\n", "utf-8")  # other bytes, the same records
            third = Importer(memory).paths([path])
            assert (third.new, third.updated, third.unchanged) == (0, 0, first.new)
