"""Importing again: what moved, what went, what is said to be whose, and what notes teach."""

import json
import os
import zipfile
from datetime import datetime, timezone
from pathlib import Path

import pytest

from memcli.errors import InvalidInput, StoreError
from memcli.importers import choose as formats
from memcli.importers.base import Format, Note, Said, Skipped, Unreadable
from memcli.importers.walk import Wanted
from memcli.importing import BATCH, Choices, Importer
from memcli.index.exact import ExactIndex
from memcli.manage.forget import forget
from memcli.store import Store
from memcli.testing import HashEmbedder
from memcli.tiers.graph import grow
from memcli.tiers.long_term import LongTerm


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def load(memory, *paths, me=(), since=None, tags=(), **options):
    return Importer(memory, Choices(frozenset(me), tags, since), **options).paths(paths)


def counts(report):
    return (report.new, report.updated, report.unchanged)


def current(memory):
    return sorted(m.text for m in memory.store.memories.newest(current=True))


def slot(memory, predicate):
    return [m.triples[0].object for m in memory.store.memories.in_slot("user", predicate)]


@pytest.fixture
def diary(monkeypatch):
    """A format of our own: each line of a file that begins with ``!diary`` is an own note."""

    def read(file):
        for line in file.text.splitlines()[1:]:
            id, _, text = line.partition("|")
            yield Note(text, text, external_id=id, title="Diary", own=True)

    return register(
        monkeypatch, Format("diary", lambda f: f.start.startswith("!diary"), read, whole=True)
    )


def register(monkeypatch, format):
    known = {format.name: format} | formats.formats()
    monkeypatch.setattr(formats, "formats", lambda: known)
    return format


# Moved and gone


def test_a_moved_file_keeps_its_identity(memory, tmp_path):
    """The same memories, under the new path; the next run knows it there."""
    old = write(tmp_path / "a" / "boat.md", "The hull is oak.\n")
    load(memory, tmp_path)
    [before] = memory.store.memories.newest()
    old.rename(tmp_path / "boat of Ana.md")
    report = load(memory, tmp_path)
    assert (counts(report), report.moved, report.gone) == ((0, 0, 1), 1, [])
    [after] = memory.store.memories.newest()
    assert after == before
    assert memory.store.sources.get(after.source_id).uri == str(tmp_path / "boat of Ana.md")
    report = load(memory, tmp_path)
    assert (counts(report), report.moved) == ((0, 0, 1), 0)


def test_a_copy_is_no_move(memory, tmp_path):
    """As long as the first file is there, the second one is another; both runs agree on that."""
    write(tmp_path / "a.md", "The hull is oak.\n")
    write(tmp_path / "b.md", "The hull is oak.\n")
    assert counts(load(memory, tmp_path)) == (2, 0, 0)
    assert counts(load(memory, tmp_path)) == (0, 0, 2)


def test_two_copies_of_a_file_that_is_gone_are_one_move(memory, tmp_path):
    """Only one of them can be where it went; the runs after that change nothing."""
    old = write(tmp_path / "a.md", "The hull is oak.\n")
    load(memory, tmp_path)
    old.unlink()
    for name in ("b.md", "c.md"):
        write(tmp_path / name, "The hull is oak.\n")
    report = load(memory, tmp_path)
    assert (counts(report), report.moved, report.gone) == ((1, 0, 1), 1, [])
    assert counts(load(memory, tmp_path)) == (0, 0, 2)


def test_a_deleted_file_is_reported_and_removed_only_on_demand(memory, tmp_path):
    """What it said stays until the owner prunes; pruning can be taken back."""
    write(tmp_path / "a.md", "The hull is oak.\n")
    gone = write(tmp_path / "b.md", "The sail is red.\n")
    said = {"session": "s", "text": "I live in Ulm.", "role": "user"}
    talk = write(tmp_path / "c.jsonl", json.dumps(said))
    load(memory, tmp_path)
    gone.unlink()
    talk.unlink()
    report = load(memory, tmp_path)
    assert (report.gone, report.removed) == ([str(gone), str(talk)], 0)
    assert len(current(memory)) == 3
    assert load(memory, tmp_path, prune=True, dry_run=True).removed == 2
    assert len(current(memory)) == 3
    assert load(memory, tmp_path, prune=True).removed == 2
    assert current(memory) == ["The hull is oak."]
    assert memory.store.sessions.count() == 0
    assert load(memory, tmp_path).gone == []
    memory.store.undo(memory.store.journal.last_action())
    assert len(current(memory)) == 3


def test_what_is_outside_or_left_out_is_not_gone(memory, tmp_path):
    """Another folder, a file that a pattern leaves out, and standard input are all there still."""
    write(tmp_path / "one" / "a.md", "The hull is oak.\n")
    write(tmp_path / "two" / "b.md", "The sail is red.\n")
    load(memory, tmp_path)
    assert load(memory, tmp_path / "one", wanted=Wanted(only=("x*",))).gone == []
    (tmp_path / "two" / "b.md").unlink()
    assert load(memory, tmp_path / "one").gone == []


def test_what_left_a_zip_is_gone(memory, tmp_path):
    """A newer archive at the same path speaks for all that was in it."""
    for names in (["a.md", "b.md"], ["a.md"]):
        with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
            for name in names:
                archive.writestr(name, f"Words of {name}.\n")
        report = load(memory, tmp_path / "notes.zip")
    assert (counts(report), report.gone) == ((0, 0, 1), [str(tmp_path / "notes.zip" / "b.md")])


# Exports of the same things


def test_an_id_of_its_own_is_known_in_any_file(memory, tmp_path, monkeypatch):
    """A second export adds what is new since the first, wherever either of them lies."""

    def read(file):
        for line in file.text.splitlines()[1:]:
            session, id, text = line.split("|")
            if session:
                yield Said(session, text, "user", external_id=id)
            else:
                yield Note(text, text, external_id=id)

    register(monkeypatch, Format("app", lambda f: f.start.startswith("!app"), read, own_ids=True))
    write(tmp_path / "jan" / "x.app", "!app\ns|1|Hello.\n|n1|The hull is oak.\n")
    assert counts(load(memory, tmp_path / "jan")) == (2, 0, 0)
    write(
        tmp_path / "feb" / "x.app",
        "!app\ns|1|Hello.\ns|2|And more.\n|n1|The hull is ash.\n|n2|New.\n",
    )
    assert counts(load(memory, tmp_path / "feb")) == (2, 1, 1)
    assert current(memory) == ["New.", "The hull is ash."]
    [session] = memory.store.sessions.latest()
    assert [t.text for t in memory.store.sessions.turns(session.id)] == ["Hello.", "And more."]
    assert counts(load(memory, tmp_path / "feb")) == (0, 0, 4)
    assert load(memory, tmp_path).new == 0


def test_a_later_export_of_a_chat_without_ids_adds_what_is_new(memory, tmp_path):
    """Its messages are known by who said what when, from whatever message on it begins."""
    lines = [f"{day:02d}/05/24, 18:00 - {'AB'[day % 2]}na: {'Yes.' if day % 3 else f'Day {day}.'}\n"
             for day in range(10, 30)]  # fmt: skip
    name = "WhatsApp Chat with Ana.txt"
    write(tmp_path / "june" / name, "".join(lines[:12]))
    assert counts(load(memory, tmp_path / "june")) == (12, 0, 0)
    write(tmp_path / "july" / name, "".join(lines[5:]))
    assert counts(load(memory, tmp_path / "july")) == (8, 0, 7)
    [session] = memory.store.sessions.latest()
    said = [turn.text for turn in memory.store.sessions.turns(session.id)]
    assert said == [line.partition("na: ")[2].strip() for line in lines]


# Whose words


TALK = (
    '{"session": "s", "speaker": "Ana", "text": "I live in Ulm.", "id": "1"}\n'
    '{"session": "s", "speaker": "Bo", "text": "I live in Bonn.", "id": "2"}\n'
)


def test_saying_who_one_is_later_makes_the_words_ones_own(memory, tmp_path):
    """The same file again, with a name: her turns become the user's, and are learnt from."""
    path = write(tmp_path / "a.jsonl", TALK)
    report = load(memory, path)
    assert (report.learnt, dict(report.strangers)) == (0, {"Ana": 1, "Bo": 1})
    report = load(memory, path, me=["ana"])
    assert (counts(report), report.learnt) == ((0, 1, 1), 1)
    assert slot(memory, "home") == ["Ulm"]
    for me in ("ana",), ():
        assert counts(load(memory, path, me=me)) == (0, 0, 2)
    assert slot(memory, "home") == ["Ulm"]


def test_an_edited_turn_takes_what_was_learnt_of_it_along(memory, tmp_path):
    """The old words hold no longer; the new ones do."""
    load(memory, write(tmp_path / "a.jsonl", TALK), me=["ana"])
    load(memory, write(tmp_path / "a.jsonl", TALK.replace("Ulm", "Graz")), me=["ana"])
    assert slot(memory, "home") == ["Graz"]


def test_replies_are_kept(memory, tmp_path, monkeypatch):
    """A turn knows which one it answers; an archive carries that along."""

    def read(file):
        yield Said("s", "Shall we meet?", speaker="Ana", external_id="1")
        yield Said("s", "Yes.", speaker="Bo", external_id="2", reply_to="1")

    register(monkeypatch, Format("app", lambda f: f.start.startswith("!app"), read))
    load(memory, write(tmp_path / "x", "!app"))
    [session] = memory.store.sessions.latest()
    assert [t.reply_to for t in memory.store.sessions.turns(session.id)] == ["", "1"]


def test_recall_shows_what_a_turn_answers(memory, tmp_path, monkeypatch):
    """A late answer stands beside its question, and not beside what was said in between."""

    def read(file):
        for id, text, to in (("1", "Shall we meet at the mill?", ""), ("2", "It rains.", ""),
                             ("3", "Gladly, at seven.", "1")):  # fmt: skip
            yield Said("s", text, speaker="AB"[id == "3"], external_id=id, reply_to=to)

    register(monkeypatch, Format("app", lambda f: f.start.startswith("!app"), read))
    load(memory, write(tmp_path / "x", "!app"))
    hits = {hit.text: hit.before for hit in memory.recall("gladly seven")}
    assert hits["Gladly, at seven."] == "A: Shall we meet at the mill?"


# What notes teach


def test_own_notes_are_learnt_from(memory, tmp_path, diary):
    """A diary's statements become memories that end with the words that made them."""
    path = write(
        tmp_path / "d", "!diary\n1|I live in Ulm.\n2|We went swimming. I have a dog called Rex.\n"
    )
    report = load(memory, path)
    assert (report.new, report.learnt) == (2, 2)
    [home] = memory.store.memories.in_slot("user", "home")
    assert (home.text, home.source_id is not None, home.kind != "note") == (
        "I live in Ulm.",
        True,
        True,
    )
    assert counts(load(memory, path)) == (0, 0, 2)
    write(path, "!diary\n1|I live in Graz now.\n2|We went swimming. I have a dog called Rex.\n")
    assert counts(load(memory, path)) == (0, 1, 1)
    assert slot(memory, "home") == ["Graz"]
    write(path, "!diary\n1|I live in Graz now.\n")
    load(memory, path)
    assert slot(memory, "home") == ["Graz"]
    assert not any("Rex" in text for text in current(memory))


def test_what_a_reworded_note_still_says_stays_learnt(memory, tmp_path, diary):
    """A sentence that stands in the new wording too is not lost with the old one."""
    path = write(tmp_path / "d", "!diary\n|I live in Ulm. It rains.\n")
    load(memory, path)
    load(memory, write(path, "!diary\n|I live in Ulm. The sun shines.\n"))
    assert slot(memory, "home") == ["Ulm"]
    load(memory, write(path, "!diary\n|The sun shines.\n"))
    assert slot(memory, "home") == []


def test_forgetting_a_note_forgets_what_it_taught(memory, tmp_path, diary):
    """No memory learnt from it keeps its words."""
    load(memory, write(tmp_path / "d", "!diary\n1|I live in Ulm.\n2|It rains.\n"))
    [note] = [
        m for m in memory.store.memories.newest() if m.text == "I live in Ulm." and m.external_id
    ]
    forget(memory.store, [note])
    assert current(memory) == ["It rains."]
    assert b"Ulm" not in Path(memory.store.path).read_bytes()


def test_notes_of_others_teach_nothing(memory, tmp_path, monkeypatch):
    """The "I" of a clipping is not the owner's."""

    def read(file):
        yield Note("I live in Ulm.", "I live in Ulm.")

    register(monkeypatch, Format("app", lambda f: f.start.startswith("!app"), read))
    assert load(memory, write(tmp_path / "x", "!app")).learnt == 0


# Since, and trouble


def test_only_what_is_newer_comes_in_and_the_rest_later(memory, tmp_path):
    """--since leaves older records out, closes nothing, and does not count the file as done."""
    path = write(
        tmp_path / "a.jsonl",
        '{"text": "Old.", "time": "2020-01-01"}\n{"text": "New.", "time": "2024-01-01"}\n',
    )
    since = datetime(2023, 1, 1, tzinfo=timezone.utc)
    report = load(memory, path, since=since)
    assert (counts(report), report.earlier, current(memory)) == ((1, 0, 0), 1, ["New."])
    assert counts(load(memory, path)) == (1, 0, 1)
    load(memory, path, since=since)
    assert current(memory) == ["New.", "Old."]


def test_a_note_without_a_date_is_as_old_as_its_file(memory, tmp_path):
    """Nobody wants the whole vault when asking for what is new."""
    os.utime(write(tmp_path / "in" / "old.md", "The hull is oak.\n"), (1e9, 1e9))
    write(tmp_path / "in" / "new.md", "The sail is red.\n")
    load(memory, tmp_path / "in", since=datetime(2024, 1, 1, tzinfo=timezone.utc))
    assert current(memory) == ["The sail is red."]


def test_a_reader_that_fails_costs_its_own_file(memory, tmp_path, monkeypatch):
    """Even a reader of somebody else's that breaks is a reason, and the other files go in."""

    def read(file):
        yield Said("s", "Before.", "user")
        yield Skipped("line 2", "it is torn")
        raise {"u": Unreadable("no more"), "v": ValueError("a bug")}[file.text[-1]]

    register(monkeypatch, Format("app", lambda f: f.start.startswith("!app"), read))
    write(tmp_path / "n" / "1.app", "!app u")
    write(tmp_path / "n" / "2.app", "!app v")
    write(tmp_path / "n" / "3.md", "The hull is oak.\n")
    report = load(memory, tmp_path / "n")
    assert report.new == 3
    assert [reason for _, reason in report.skipped] == [
        "line 2: it is torn", "no more", "line 2: it is torn", "could not be read (ValueError: a bug)",
    ]  # fmt: skip


def test_what_cannot_be_read_is_reported_each_time(memory, tmp_path):
    """A broken file is not taken for one that is in; nor is what it said before closed by it."""
    path = write(tmp_path / "in" / "a.md", "The hull is oak.\n")
    load(memory, path)
    path.write_bytes("Grüße, Grüße, ".encode() * 9 + b"caf\xe9")
    for _ in range(2):
        report = load(memory, path)
        assert (counts(report), report.left_out) == ((0, 0, 0), 1)
    assert current(memory) == ["The hull is oak."]
    new = tmp_path / "new" / "b.md"
    new.parent.mkdir()
    new.write_bytes(path.read_bytes())
    load(memory, new)
    assert load(memory, new).left_out == 1
    assert memory.store.sources.by_key(f"markdown:{new}") is None


def test_an_unknown_format_stops_before_anything_is_read(memory, tmp_path):
    """A misspelt --format is an error, not a reason at every file."""
    write(tmp_path / "a.md", "The hull is oak.\n")
    with pytest.raises(InvalidInput, match="no format 'markdwon'"):
        load(memory, tmp_path, format="markdwon")


def test_links_are_a_graph_in_both_directions(memory, tmp_path):
    """A note leads to what it names, and what is named leads back to the notes."""
    write(tmp_path / "Kyoto.md", "A city in [[Japan]].\n")
    write(tmp_path / "Trip.md", "We went to [[Kyoto]], all over [[Japan]].\n")
    load(memory, tmp_path)
    edges = {(t.predicate, t.object) for t in grow(memory.store.memories, "japan", 2).edges()}
    assert edges == {("linked from", "Kyoto"), ("linked from", "Trip")}
    edges = {(t.subject, t.object) for t in grow(memory.store.memories, "Trip", 2).edges()}
    assert edges == {("Trip", "Kyoto"), ("Trip", "Japan"), ("Kyoto", "Japan")}


def test_strange_names_are_stored_and_found_again(memory, tmp_path):
    """Names in no encoding, ids of lone surrogates, a zip's endless names: nothing breaks on them."""
    for name in (b"caf\xe9.md", b"caf\xe8.md"):
        write(tmp_path / "in" / os.fsdecode(name), "The hull is oak.\n")
    strange = {
        "text": "a",
        "id": "\ud800",
        "session": "\udfff",
        "speaker": "\ud800",
        "title": "\ud800",
    }
    write(
        tmp_path / "in" / "x.jsonl",
        json.dumps(strange) + '\n{"text": "b", "id": "\\ud801", "tags": ["\\ud800"]}',
    )
    with zipfile.ZipFile(tmp_path / "in" / "y.zip", "w") as archive:
        archive.writestr("n" * 5_000 + ".md", "The keel is lead.\n")
    assert counts(load(memory, tmp_path / "in")) == (5, 0, 0)
    again = load(memory, tmp_path / "in")
    assert (counts(again), again.gone, again.skipped) == ((0, 0, 5), [], [])
    (tmp_path / "in" / "y.zip").unlink()
    assert len(load(memory, tmp_path / "in").gone) == 1


def test_a_full_disk_stops_an_import_that_then_goes_on(memory, tmp_path):
    """What was committed stays, the error says what is wrong, and the next run takes the rest."""
    for i in range(3 * BATCH):
        write(tmp_path / "in" / f"{i}.md", f"The boat with the number {i} lies in the harbour.\n")
    pages = memory.store.db.execute("PRAGMA page_count").fetchone()[0]
    memory.store.db.execute(f"PRAGMA max_page_count = {pages + 300}")
    with pytest.raises(StoreError, match="disk is full"):
        load(memory, tmp_path / "in")
    there = memory.store.memories.count()
    assert 0 < there < 3 * BATCH
    memory.store.db.execute("PRAGMA max_page_count = 1000000")
    assert counts(load(memory, tmp_path / "in")) == (3 * BATCH - there, 0, there)
    assert memory.store.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_two_that_import_the_same_at_once(tmp_path):
    """What another process has taken in meanwhile is known, and not taken in twice."""
    write(tmp_path / "in" / "a.md", "The hull is oak.\n")
    stores = [Store(tmp_path / "memory.db") for _ in range(2)]
    first, second = (
        LongTerm(s, HashEmbedder, lambda e, s=s: ExactIndex(s.vectors, e.dims)) for s in stores
    )
    slow = Importer(second)  # has looked at what is there, and reads on
    assert counts(load(first, tmp_path / "in")) == (1, 0, 0)
    assert counts(slow.paths([tmp_path / "in"])) == (0, 0, 1)
    assert current(first) == ["The hull is oak."]
    for store in stores:
        store.close()
