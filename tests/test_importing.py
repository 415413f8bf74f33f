"""Taking files into the store: once, however often, and only what is new."""

import contextlib
import json
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import pytest
from conftest import shared
from hypothesis import given, settings
from hypothesis import strategies as st

from memcli.errors import NotFound
from memcli.importing import BATCH, Choices, Importer
from memcli.index.exact import ExactIndex
from memcli.store import Store
from memcli.testing import CountingIds, FixedClock, HashEmbedder
from memcli.tiers.long_term import LongTerm


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def write_lines(path, values):
    return write(path, "".join(json.dumps(value) + "\n" for value in values))


def load(memory, *paths, user_name="", tags=(), **options):
    choices = Choices(frozenset({user_name.casefold()} - {""}), tuple(tags))
    return Importer(memory, choices, **options).paths(paths)


def counts(report):
    return (report.new, report.updated, report.unchanged)


def texts(memory):
    return sorted(m.text for m in memory.store.memories.newest(current=True))


def content(store):
    """Return what an import may change."""
    tables = ("sources", "sessions", "turns", "memories", "triples", "vectors", "journal")
    return {table: store.db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def turns(memory):
    """Return the turns of the only session."""
    [session] = memory.store.sessions.latest()
    return memory.store.sessions.turns(session.id)


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    write(folder / "2024-05-31.md", "# Boats\n\nThe hull is oak. #sea\n\n# Cars\n\nNone.\n")
    write(folder / "sub" / "key.txt", "The spare key is under the mat.\n")
    write_lines(folder / "log.jsonl", [{"text": "One line."}, {"text": "Two lines.", "id": "2"}])
    return folder


# Once


def test_a_folder_becomes_memories_that_know_where_they_are_from(memory, notes):
    """Each piece is a note with its source, its place and its day."""
    report = load(memory, notes)
    assert counts(report) == (5, 0, 0)
    assert (report.files, report.records, report.skipped) == (3, 5, [])
    [hull] = [m for m in memory.store.memories.newest() if "hull" in m.text]
    source = memory.store.sources.get(hull.source_id)
    assert (hull.kind, hull.title, hull.tags) == ("note", "2024-05-31 › Boats", ("sea",))
    assert hull.recorded == datetime(2024, 5, 31, tzinfo=timezone.utc)
    assert (source.kind, source.uri) == ("markdown", str(notes / "2024-05-31.md"))
    written = (notes / "2024-05-31.md").read_text()
    assert written[hull.span.start : hull.span.end] == hull.quote == "The hull is oak. #sea"


def test_what_was_imported_is_recalled(memory, notes):
    """Words and vectors are there as soon as the import ends."""
    load(memory, notes)
    assert memory.store.vectors.missing_count() == 0
    hits = memory.recall("Where is the spare key?")
    assert hits[0].text == "The spare key is under the mat."
    assert hits[0].source.uri.endswith("key.txt")


def test_importing_twice_is_importing_once(memory, notes):
    """The second run finds everything there, writes nothing and says so."""
    load(memory, notes)
    before = content(memory.store)
    report = load(memory, notes)
    assert counts(report) == (0, 0, 5)
    assert report.learnt == 0
    assert content(memory.store) == before


def test_a_file_given_twice_is_imported_once(memory, notes):
    """A file and the folder it lies in are no two sources."""
    report = load(memory, notes, notes / "sub" / "key.txt")
    assert report.new == 5
    assert len(texts(memory)) == 5


def test_an_import_is_undone_as_a_whole(memory, notes):
    """Undo takes back every batch of it."""
    load(memory, notes)
    memory.store.undo(memory.store.journal.last_action())
    assert memory.store.memories.count() == 0
    assert memory.store.texts.count() == 0
    assert counts(load(memory, notes)) == (5, 0, 0)


def test_tags_are_added_to_every_note(memory, notes):
    """The caller's tags stand beside the note's own."""
    load(memory, notes, tags=["imported"])
    assert all("imported" in m.tags for m in memory.store.memories.newest())


def test_progress_is_told_after_each_batch(memory, tmp_path):
    """A caller can show how far it is."""
    path = write_lines(tmp_path / "a.jsonl", [{"text": f"Line {i}."} for i in range(BATCH + 1)])
    seen = []
    load(memory, path, progress=lambda report: seen.append(report.new))
    assert sorted(set(seen)) == [BATCH, BATCH + 1]


def test_what_cannot_be_read_is_skipped_with_its_reason(memory, notes):
    """Bad files and bad lines are listed; the rest comes in."""
    write(notes / "picture.md", b"\x89PNG\x00")
    write(notes / "broken.txt", b"caf\x00e")
    write(notes / "more.jsonl", '{"text": "good"}\n{bad\n\n{"no": "text"}\n')
    report = load(memory, notes)
    reasons = {(Path(path).name, reason.split(":")[0]) for path, reason in report.skipped}
    assert counts(report) == (6, 0, 0)
    assert {name for name, _ in reasons} == {"picture.md", "broken.txt", "more.jsonl"}
    assert ("picture.md", "unknown format") in reasons
    assert {reason for name, reason in reasons if name == "more.jsonl"} == {"line 2", "line 4"}


def test_a_path_with_nothing_at_it_is_an_error_before_anything_is_imported(memory, notes):
    """A mistyped path stops the import at its start."""
    with pytest.raises(NotFound, match="nowhere"):
        load(memory, notes, notes / "nowhere")
    assert memory.store.memories.count() == 0


# What changed


def test_an_edited_note_is_updated(memory, notes):
    """The new wording takes the place of the old, which is kept as history."""
    load(memory, notes)
    write(notes / "sub" / "key.txt", "The spare key is at the neighbour's.\n")
    report = load(memory, notes)
    assert counts(report) == (0, 1, 4)
    assert "The spare key is at the neighbour's." in texts(memory)
    assert "The spare key is under the mat." not in texts(memory)
    [old] = [m for m in memory.store.memories.newest() if "under the mat" in m.text]
    assert old.valid_to is not None
    assert counts(load(memory, notes)) == (0, 0, 5)


def test_a_piece_added_to_a_note_is_new_and_the_others_stay(memory, notes):
    """Only the changed piece of a note is written."""
    load(memory, notes)
    before = {m.text: m.id for m in memory.store.memories.newest()}
    path = notes / "2024-05-31.md"
    write(path, path.read_text() + "\n# Planes\n\nOne, of paper.\n")
    assert counts(load(memory, path)) == (1, 0, 2)
    after = {m.text: m.id for m in memory.store.memories.newest()}
    assert {text: after[text] for text in before} == before


def test_a_piece_taken_out_of_a_note_no_longer_holds(memory, notes):
    """What a note no longer says is closed, not deleted."""
    load(memory, notes)
    write(notes / "2024-05-31.md", "# Boats\n\nThe hull is oak. #sea\n")
    load(memory, notes)
    assert "None." not in texts(memory)
    assert "None." in [m.text for m in memory.store.memories.newest()]


def test_a_note_changed_back_is_current_again(memory, notes):
    """The first wording, imported a third time, holds again."""
    path = notes / "sub" / "key.txt"
    first = path.read_text()
    for wording in (first, "It is lost.\n", first):
        write(path, wording)
        load(memory, path)
    assert texts(memory) == [first.strip()]


def test_a_line_is_known_by_its_id(memory, tmp_path):
    """A changed text under the same id is an update of that note alone."""
    path = tmp_path / "a.jsonl"
    write_lines(
        path, [{"id": 1, "text": "The sea is calm."}, {"id": 2, "text": "The sky is blue."}]
    )
    load(memory, path)
    write_lines(
        path, [{"id": 1, "text": "The sea is rough."}, {"id": 2, "text": "The sky is blue."}]
    )
    assert counts(load(memory, path)) == (0, 1, 1)
    assert texts(memory) == ["The sea is rough.", "The sky is blue."]
    assert counts(load(memory, path)) == (0, 0, 2)


def test_lines_appended_to_a_file_are_the_only_new_ones(memory, tmp_path):
    """A growing log is imported again and again at the price of its growth."""
    path = tmp_path / "a.jsonl"
    values = [{"text": f"Line {i}."} for i in range(5)] + [{"text": "Same."}, {"text": "Same."}]
    write_lines(path, values)
    assert counts(load(memory, path)) == (7, 0, 0)
    ids = {m.id for m in memory.store.memories.newest()}
    write_lines(path, [*values, {"text": "Same."}, {"text": "Another."}])
    assert counts(load(memory, path)) == (2, 0, 7)
    assert ids < {m.id for m in memory.store.memories.newest()}


def test_an_id_used_twice_in_a_file_is_one_record(memory, tmp_path):
    """The later line wins, and importing the file again after it grew changes nothing of it."""
    path = tmp_path / "a.jsonl"
    values = [{"id": 1, "text": "The sea is calm."}, {"id": 1, "text": "The sea is rough."}]
    write_lines(path, values)
    load(memory, path)
    assert texts(memory) == ["The sea is rough."]
    write_lines(path, [*values, {"id": 2, "text": "The sky is blue."}])
    report = load(memory, path)
    assert report.new == 1
    assert texts(memory) == ["The sea is rough.", "The sky is blue."]


# Sessions


TALK = [
    {"session": "s", "speaker": "Ana", "text": "I live in Ulm.", "id": "a", "time": "2024-05-31T18:00"},
    {"session": "s", "speaker": "Bo", "text": "How nice.", "id": "b"},
    {"session": "s", "speaker": "Ana", "text": "It is.", "id": "c", "time": "2024-05-31T18:05"},
]  # fmt: skip


def test_a_session_becomes_turns_in_their_order(memory, tmp_path):
    """Each line is a turn, in the order of the file, at its time or that of the one before."""
    path = write_lines(tmp_path / "talk.jsonl", TALK)
    report = load(memory, path, user_name="ana")
    assert counts(report) == (3, 0, 0)
    found = turns(memory)
    assert [(t.seq, t.speaker, t.text, t.external_id) for t in found] == [
        (0, "Ana", "I live in Ulm.", "a"),
        (1, "Bo", "How nice.", "b"),
        (2, "Ana", "It is.", "c"),
    ]
    assert [t.time.strftime("%H:%M") for t in found] == ["18:00", "18:00", "18:05"]
    [session] = memory.store.sessions.latest()
    assert (session.title, session.external_id, session.turns) == ("s", "s", 3)


def test_the_name_decides_whose_words_they_are(memory, tmp_path):
    """The user's own statements are learnt; somebody else's are not."""
    path = write_lines(
        tmp_path / "talk.jsonl",
        [*TALK, {"session": "s", "speaker": "Bo", "text": "I live in Bonn."},
         {"session": "s", "speaker": "", "text": "Unsigned."},
         {"session": "s", "speaker": "Bo", "role": "assistant", "text": "As told."}],
    )  # fmt: skip
    report = load(memory, path, user_name="Ana")
    assert [turn.role for turn in turns(memory)] == [
        "user", "other", "user", "other", "user", "assistant",
    ]  # fmt: skip
    assert (report.learnt, texts(memory)) == (1, ["I live in Ulm."])
    [home] = memory.store.memories.in_slot("user", "home")
    assert home.turn_id == turns(memory)[0].id
    assert home.recorded == turns(memory)[0].time


def test_without_a_name_nobody_is_the_user(memory, tmp_path):
    """Named speakers are others as long as the user's name is not set."""
    load(memory, write_lines(tmp_path / "talk.jsonl", TALK))
    assert {turn.role for turn in turns(memory)} == {"other"}
    assert memory.store.memories.count() == 0


def test_sessions_that_alternate_in_a_file_keep_apart(memory, tmp_path):
    """Lines of several sessions are sorted into them."""
    values = [{"session": name, "text": f"{name} {i}"} for i in range(3) for name in "xy"]
    load(memory, write_lines(tmp_path / "talk.jsonl", values))
    sessions = memory.store.sessions.latest()
    said = {s.external_id: [t.text for t in memory.store.sessions.turns(s.id)] for s in sessions}
    assert said == {name: [f"{name} {i}" for i in range(3)] for name in "xy"}


def test_the_same_words_said_twice_are_two_turns(memory, tmp_path):
    """Repetition is part of a talk; importing again is not."""
    path = tmp_path / "talk.jsonl"
    values = [{"session": "s", "text": "Yes."}] * 3
    write_lines(path, values)
    assert counts(load(memory, path)) == (3, 0, 0)
    write_lines(path, [*values, {"session": "s", "text": "No."}])
    assert counts(load(memory, path)) == (1, 0, 3)
    assert [turn.text for turn in turns(memory)] == ["Yes.", "Yes.", "Yes.", "No."]


def test_an_edited_turn_is_updated_in_its_place(memory, tmp_path):
    """A turn known by its id takes its new text; order and number of turns stay."""
    path = tmp_path / "talk.jsonl"
    write_lines(path, TALK)
    load(memory, path)
    write_lines(path, [TALK[0], TALK[1] | {"text": "How very nice."}, TALK[2]])
    assert counts(load(memory, path)) == (0, 1, 2)
    assert [turn.text for turn in turns(memory)][1] == "How very nice."
    assert counts(load(memory, path)) == (0, 0, 3)


def test_a_turn_id_used_twice_settles(memory, tmp_path):
    """Two turns of one id in a file are not updated by each other at every import."""
    path = tmp_path / "talk.jsonl"
    values = [{"session": "s", "id": 1, "text": "One."}, {"session": "s", "id": 1, "text": "Two."}]
    write_lines(path, values)
    load(memory, path)
    before = [turn.text for turn in turns(memory)]
    write_lines(path, [*values, {"session": "s", "id": 2, "text": "Three."}])
    report = load(memory, path)
    assert [turn.text for turn in turns(memory)] == [*before, "Three."]
    assert (report.new, report.updated) == (1, 0)


# Many


def test_more_records_than_one_batch_come_in_whole_and_in_order(memory, tmp_path):
    """Batches are seams nobody sees: one session, one action, no gap."""
    count = 2 * BATCH + 1
    values = [{"session": "s", "text": f"Turn {i}"} for i in range(count)]
    path = write_lines(tmp_path / "talk.jsonl", values)
    assert counts(load(memory, path)) == (count, 0, 0)
    assert [(t.seq, t.text) for t in turns(memory)] == [(i, f"Turn {i}") for i in range(count)]
    assert counts(load(memory, path)) == (0, 0, count)
    memory.store.undo(memory.store.journal.last_action())
    assert memory.store.sessions.count() == 0


@pytest.mark.parametrize("count", [BATCH - 1, BATCH, BATCH + 1])
def test_the_edges_of_a_batch_hold(memory, tmp_path, count):
    """A file that just fills a batch is complete, and known as such at the next import."""
    path = write_lines(tmp_path / "a.jsonl", [{"text": f"Line {i}."} for i in range(count)])
    assert counts(load(memory, path)) == (count, 0, 0)
    assert counts(load(memory, path)) == (0, 0, count)
    source = memory.store.sources.by_key(f"jsonl:{path}")
    assert source.content_hash


def test_an_import_that_broke_off_is_completed_by_the_next(memory, tmp_path):
    """What was in before the interruption stays, and is not imported again."""
    path = write_lines(tmp_path / "a.jsonl", [{"text": f"Line {i}."} for i in range(BATCH + 10)])

    def stop(report):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(memory, path, progress=stop)
    assert memory.store.memories.count() == BATCH
    assert counts(load(memory, path)) == (10, 0, BATCH)


# Rehearsal


def test_a_dry_run_counts_the_same_and_keeps_nothing(memory, notes):
    """What it says would happen is what then happens."""
    write_lines(notes / "talk.jsonl", TALK)
    before = content(memory.store)
    dry = load(memory, notes, user_name="Ana", dry_run=True)
    assert content(memory.store) == before
    real = load(memory, notes, user_name="Ana")
    assert dry == real
    write(notes / "sub" / "key.txt", "The spare key is lost.\n")
    before = content(memory.store)
    dry = load(memory, notes, user_name="Ana", dry_run=True)
    assert content(memory.store) == before
    assert dry == load(memory, notes, user_name="Ana")


def test_a_dry_run_counts_the_same_across_batches(memory, tmp_path):
    """What a later batch repeats of an earlier one is counted as it will be."""
    filler = [{"session": "s", "text": f"Turn {i}"} for i in range(BATCH)]
    statement = {"session": "s", "text": "I live in Ulm."}
    again = [{"id": "n", "text": "First wording."}, *filler, {"id": "n", "text": "Second wording."}]
    path = write_lines(tmp_path / "talk.jsonl", [statement, *again, statement])
    dry = load(memory, path, dry_run=True)
    assert memory.store.sessions.count() == memory.store.memories.count() == 0
    assert dry == load(memory, path)


# Other ways in


def test_a_real_vault_is_imported_once(memory):
    """A vault of a real person comes in without its templates, and a second run is unchanged."""
    vault = shared("data", "import", "obsidian-kepano")
    first = load(memory, vault)
    assert first.new > 50
    assert (first.updated, first.unchanged, first.skipped) == (0, 0, [])
    uris = {memory.store.sources.get(m.source_id).uri for m in memory.store.memories.newest()}
    assert not any("Templates" in uri for uri in uris)
    for m in memory.store.memories.newest():
        written = Path(memory.store.sources.get(m.source_id).uri).read_bytes().decode("utf-8-sig")
        assert written[m.span.start : m.span.end].replace("\r\n", "\n") == m.quote
    before = content(memory.store)
    assert counts(load(memory, vault)) == (0, 0, first.new)
    assert content(memory.store) == before


RECORDS = st.lists(
    st.fixed_dictionaries(
        {"text": st.sampled_from(["I live in Ulm.", "Hello!", "x", "ü\u0301\r\n👋", "a\x00b", "\ud800"])},
        optional={
            "session": st.sampled_from(["s", "t", 5]),
            "speaker": st.sampled_from(["Ana", "Bo"]),
            "time": st.sampled_from(["2024-05-31", 1717178400]),
            "title": st.sampled_from(["T", " \x1b[31m"]),
        },
    ),
    max_size=8,
)  # fmt: skip


@given(RECORDS, RECORDS, st.booleans())
@settings(max_examples=30, deadline=None)
def test_whatever_a_file_holds_importing_it_twice_is_importing_it_once(values, more, named):
    """A second import, a grown file, and a dry run before each, all agree on what is new."""
    if named:  # ids make a record the same record whatever it says
        values = [value | {"id": f"v{i}"} for i, value in enumerate(values)]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "memory.db", clock=FixedClock(), ids=CountingIds())
        store.db.execute("PRAGMA synchronous = OFF")
        with contextlib.closing(store):
            memory = LongTerm(store, HashEmbedder, lambda e: ExactIndex(store.vectors, e.dims))
            path = write_lines(Path(folder) / "a.jsonl", values)
            dry = load(memory, path, user_name="Ana", dry_run=True)
            first = load(memory, path, user_name="Ana")
            assert dry == first
            assert counts(first) == (len(values), 0, 0)
            before = content(store)
            assert counts(load(memory, path, user_name="Ana")) == (0, 0, len(values))
            assert content(store) == before
            write(path, path.read_bytes() + b"\n")  # other bytes, the same records
            assert counts(load(memory, path, user_name="Ana")) == (0, 0, len(values))
            assert content(store)["memories"] == before["memories"]
            assert content(store)["turns"] == before["turns"]
            write_lines(path, [*values, *more])
            assert counts(load(memory, path, user_name="Ana")) == (len(more), 0, len(values))
