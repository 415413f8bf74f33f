"""Every format alike: known by its content, imported once, and never broken by what is broken."""

import time
from collections import Counter

import pytest
from import_samples import SAMPLES, mutations

from memcli.importers.base import Note, Said, Skipped, Unreadable
from memcli.importers.choose import choose, formats
from memcli.importing import Importer
from memcli.testing import file_of

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
    changes = memory.store.db.total_changes if hasattr(memory.store.db, "total_changes") else None
    before = memory.store.db.execute("SELECT count(*), max(n) FROM changes").fetchall()
    again = Importer(memory).paths([tmp_path / "in"])
    assert (again.new, again.updated, again.unchanged) == (0, 0, count)
    assert memory.store.db.execute("SELECT count(*), max(n) FROM changes").fetchall() == before
    assert changes is None or changes == memory.store.db.total_changes
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
