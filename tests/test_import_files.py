"""What there is to import: files, folders, zips, standard input, and what must be left out."""

import contextlib
import io
import json
import stat
import sys
import time
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcli.cli.progress import _size
from memcli.errors import InvalidInput, NotFound
from memcli.importers import choose as chosen
from memcli.importers import json_stream
from memcli.importers.base import Format, Skipped, Unreadable, when
from memcli.importers.choose import choose, seen
from memcli.importers.encoding import decode
from memcli.importers.file import LARGEST, LONGEST_LINE, LONGEST_RECORD, File
from memcli.importers.walk import STDIN, Wanted, find_files, on_disk
from memcli.importing.importer import Importer
from memcli.testing import file_of


def write(path, content="Some words.\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def names(top, **wanted):
    """Return the places of the files found, and the reasons for what was left out."""
    found = list(find_files(top, Wanted(**wanted)))
    files = [str(file.name) for file in found if isinstance(file, File)]
    return files, {Path(s.where).name: s.reason for s in found if isinstance(s, Skipped)}


# Folders


def test_a_folder_gives_its_files_in_order_but_hidden_ones(tmp_path):
    """Whatever the suffix, for content decides; what a tool hides is not meant to be read."""
    for name in ["b.md", "a.txt", "sub/c.jsonl", "sub/d.MD", ".hidden.md", ".git/x.md",
                 ".trash/y.md", "e.png", "logseq/config.edn", "logseq/bak/old.md"]:  # fmt: skip
        write(tmp_path / name)
    assert names(tmp_path) == (["a.txt", "b.md", "e.png", "sub/c.jsonl", "sub/d.MD"], {})


def test_the_templates_of_a_vault_are_left_out(tmp_path):
    """What Obsidian is told to make notes from is no note."""
    write(tmp_path / ".obsidian" / "templates.json", '{"folder": "Meta/Templates"}')
    for name in ["a.md", "Meta/Templates/day.md", "Meta/b.md", "Templates/c.md"]:
        write(tmp_path / name)
    assert names(tmp_path)[0] == ["a.md", "Meta/b.md", "Templates/c.md"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["a.md", "Meta/b.md", "Templates/c.md"]),
        ({"app.json": "{}"}, ["a.md", "Meta/b.md"]),
        ({"templates.json": '{"folder": "Meta"}'}, ["a.md", "Templates/c.md"]),
        ({"plugins/templater-obsidian/data.json": '{"templates_folder": "Meta"}'},
         ["a.md", "Templates/c.md"]),
    ],
)  # fmt: skip
def test_templates_lie_where_the_vault_says_or_where_they_mostly_do(tmp_path, settings, expected):
    """The core plugin or Templater names the folder; a vault that names none has the usual one."""
    for name, content in settings.items():
        write(tmp_path / ".obsidian" / name, content)
    for name in ["a.md", "Meta/b.md", "Templates/c.md"]:
        write(tmp_path / name)
    assert names(tmp_path)[0] == expected


@pytest.mark.parametrize("settings", ["", "[]", "{}", '{"folder": ""}', '{"folder": 5}', "{"])
def test_strange_vault_settings_leave_nothing_out(tmp_path, settings):
    """Settings that name no templates are passed over."""
    write(tmp_path / ".obsidian" / "templates.json", settings)
    write(tmp_path / "a.md")
    assert names(tmp_path)[0] == ["a.md"]


def test_links_out_of_the_folder_are_reported_and_not_followed(tmp_path):
    """An import reads the folder it was given and nothing else; a link within it is a file."""
    write(tmp_path / "outside" / "secret.md")
    write(tmp_path / "vault" / "a.md")
    (tmp_path / "vault" / "b.md").symlink_to(tmp_path / "vault" / "a.md")
    (tmp_path / "vault" / "out.md").symlink_to(tmp_path / "outside" / "secret.md")
    (tmp_path / "vault" / "folder").symlink_to(tmp_path / "outside")
    (tmp_path / "vault" / "dead.md").symlink_to(tmp_path / "vault" / "nothing.md")
    files, left = names(tmp_path / "vault")
    assert files == ["a.md", "b.md"]
    assert left == {"out.md": "a link out of the folder", "dead.md": "No such file or directory"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"only": ("*.md",)}, ["a.md", "sub/b.md"]),
        ({"only": ("sub/*",)}, ["sub/b.md", "sub/c.txt"]),
        ({"only": ("sub/",)}, ["sub/b.md", "sub/c.txt"]),
        ({"exclude": ("sub",)}, ["a.md"]),
        ({"only": ("*.md",), "exclude": ("a.*",)}, ["sub/b.md"]),
        ({"only": ("nothing",)}, []),
    ],
)
def test_patterns_choose_files(tmp_path, wanted, expected):
    """A pattern fits a file's path, its name or a folder that it lies in; in a zip, too."""
    for name in ["a.md", "sub/b.md", "sub/c.txt"]:
        write(tmp_path / "notes" / name)
    assert names(tmp_path / "notes", **wanted)[0] == expected
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
        for name in ["a.md", "sub/b.md", "sub/c.txt"]:
            archive.writestr(name, "x")
    assert names(tmp_path / "notes.zip", **wanted)[0] == expected


def test_a_path_with_nothing_at_it_is_not_found(tmp_path):
    """The error names the path."""
    with pytest.raises(NotFound, match=r"gone\.md"):
        list(find_files(tmp_path / "gone.md"))


def test_a_file_knows_its_neighbours(tmp_path):
    """On disk as in a zip: by a path that may go up, and not out of the zip."""
    write(tmp_path / "users.json", "[]")
    write(tmp_path / "general" / "day.json", "{}")
    day = on_disk(tmp_path / "general" / "day.json")
    assert day.near("../users.json").data == b"[]"
    assert day.near("../nobody.json") is None
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("users.json", "[1]")
        archive.writestr("general/day.json", "{}")
    found = find_files(tmp_path / "a.zip")
    day = next(found)
    assert day.near("../users.json").data == b"[1]"
    assert day.near("../../etc/passwd") is None


# Zips


def test_a_zip_is_read_without_unpacking(tmp_path):
    """Its files have the zip in their path, their dates, and can be opened twice."""
    with zipfile.ZipFile(tmp_path / "notes.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("sub/b.md", (2024, 5, 31, 10, 0, 0)), "Two.")
        archive.writestr("a.md", "One.")
        archive.writestr("__MACOSX/a.md", "junk")
        archive.writestr(".obsidian/app.json", "{}")
        archive.writestr("folder/", "")
    found = find_files(tmp_path)
    one = next(found)
    assert (one.path, one.text, one.open().read()) == (tmp_path / "notes.zip/a.md", "One.", b"One.")
    two = next(found)
    assert (str(two.name), two.open().read(), two.open().read()) == ("sub/b.md", b"Two.", b"Two.")
    assert next(found, None) is None
    assert two.modified.astimezone().strftime("%Y-%m-%d") == "2024-05-31"
    assert [p.name for p in tmp_path.iterdir()] == ["notes.zip"]


def hostile_zip(path):
    link = zipfile.ZipInfo("link.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.md", "Good.")
        archive.writestr("../out.md", "Out.")
        archive.writestr("/root.md", "Out.")
        archive.writestr("C:/windows.md", "Out.")
        archive.writestr(link, "/etc/passwd")
        with archive.open("bomb.md", "w", force_zip64=True) as bomb:
            for _ in range(64):
                bomb.write(bytes(1 << 20))
    return path


def test_what_is_wrong_in_a_zip_is_left_out(tmp_path):
    """Paths out of it, links and bombs are refused with their reasons; the rest goes in."""
    files, left = names(hostile_zip(tmp_path / "x.zip"))
    assert files == ["good.md"]
    assert left.pop("bomb.md").startswith("a zip bomb")
    assert left == {
        "out.md": "its path leads out of the zip", "root.md": "its path leads out of the zip",
        "windows.md": "its path leads out of the zip", "link.md": "a link within a zip",
    }  # fmt: skip


def test_a_damaged_or_encrypted_zip_is_reported(tmp_path):
    """A torn file, a wrong checksum, a password: each is said, and nothing is raised."""
    whole = write(tmp_path / "w.zip", b"")
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.md", "Some words that stand here uncompressed.")
    data = whole.read_bytes()
    torn = write(tmp_path / "torn.zip", data[:50])
    assert "not a zip" in names(torn)[1]["torn.zip"]
    found = find_files(write(tmp_path / "crc.zip", data.replace(b"Some words", b"Same wards")))
    file = next(found)
    with pytest.raises(Unreadable, match="damaged in its zip: Bad CRC-32"):
        _ = file.text
    locked = bytearray(data)
    locked[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in names(write(tmp_path / "l.zip", bytes(locked)))[1]["a.md"]


def test_the_damage_of_one_file_of_a_zip_leaves_the_others(memory, tmp_path):
    """It may show only while the file is unpacked; names that are none are said as well."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.md", "The hull is oak.")
        archive.writestr("bad.md", "Some words that stand here. " * 9)
        archive.writestr(".", "x")
        archive.writestr(zipfile.ZipInfo("z"), "x")
        archive.infolist()[-1].filename = ""
        at = archive.getinfo("bad.md").header_offset + 36 + 2
    data = bytearray(path.read_bytes())
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    report = Importer(memory).paths([path])
    assert report.new == 1
    reasons = dict(report.skipped)
    assert reasons[str(path / "bad.md")].startswith("damaged in its zip")
    assert reasons[str(path)] == "its path leads out of the zip"


@pytest.mark.parametrize("name", [b"\xff\xfe.md", b"a.md"])
def test_what_a_zip_holds_is_measured_where_it_can_be_read(name, tmp_path):
    """A progress bar does not stumble over what the import will report."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("é.md" if name[0] > 127 else "a.md", "Words.")
    data = kept.getvalue().replace("é.md".encode(), name)
    assert _size(write(tmp_path / "x.zip", data)) == (0 if name[0] > 127 else 6)


def test_an_office_document_is_no_archive(tmp_path):
    """A spreadsheet is a zip inside, and no folder of notes."""
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/notes.md", "x")
    files, left = names(tmp_path)
    assert (files, list(left)) == ([], ["a.docx"])


def test_standard_input_can_be_read_again(monkeypatch):
    """What is piped in is kept aside, so that looking at it does not use it up."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"# Title\n\nWords.\n")))
    found = find_files(STDIN)
    file = next(found)
    assert (file.head, file.text, len(file.digest)) == (b"# Title\n\nWords.\n", file.text, 64)
    assert file.open().read() == file.head
    assert next(found, None) is None


# Bytes


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain", "ascii"), ("Grüße", "utf-8"), ("Grüße", "utf-8-sig"), ("Grüße", "utf-16"),
        ("Grüße an alle", "utf-16-le"), ("Grüße an alle", "utf-16-be"), ("Grüße", "utf-32"),
        ("café au lait", "cp1252"), ("Straße, Grüße, “so” – und…", "cp1252"),
        ("Zażółć gęślą jaźń, dziękuję bardzo", "cp1250"),
        ("Привет, как дела? Сегодня я ходил в магазин.", "cp1251"),
        ("今日は天気がいいですね。散歩に行きましょう。", "shift_jis"), ("", "utf-8"),
    ],
)  # fmt: skip
def test_text_is_read_in_its_encoding(text, encoding):
    """What was written before UTF-8 is told by its letters."""
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\x00\x01", "binary content: a NUL byte at position 4"),
        ("Grüße, ".encode() * 9 + b"caf\xe9", "mixed encodings: UTF-8, but not at byte"),
        (b"\xff\xfea", "not UTF-16"),
        (b"\x01\x02\xff\xfe\x03", "binary content"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(data, reason):
    """The message says what kind of trouble it is and where."""
    with pytest.raises(Unreadable, match=reason):
        decode(data)


def test_a_line_that_nobody_wrote_is_refused():
    """Five megabytes without a line break are no note; in a file of lines they are one line."""
    long = b"x" * (LONGEST_LINE + 1)
    with pytest.raises(Unreadable, match="1,048,577 characters"):
        _ = file_of(b"Words.\n" + long).text
    with pytest.raises(Unreadable, match="nobody wrote"):
        list(file_of(long).text_lines())
    longer = b"x" * (LONGEST_RECORD + 5)
    assert list(file_of(b"a\n" + longer + b"\nb").lines()) == [b"a\n", None, b"b"]
    with pytest.raises(Unreadable, match="too large"):
        _ = file_of(b"x\n" * (LARGEST // 2 + 1)).data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_lines_are_read_one_by_one_in_their_encoding(encoding):
    """Line ends of every system, in every encoding."""
    data = "Grüße\r\nzwei\n\nende".encode(encoding)
    assert list(file_of(data).text_lines()) == ["Grüße", "zwei", "", "ende"]


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_unreadable(data):
    """Decoding raises one thing only."""
    with contextlib.suppress(Unreadable):
        assert isinstance(decode(data), str)


# JSON


def test_values_come_one_by_one_from_any_depth():
    """Each with its path, in the order of the file."""
    data = {
        "name": "x",
        "messages": [1, "a", [2.5]],
        "chats": {"list": [{"messages": [{"b": None}]}]},
    }
    paths = ("name", "messages.item", "chats.list.item.messages.item")
    assert list(json_stream.values(io.BytesIO(json.dumps(data).encode()), *paths)) == [
        ("name", "x"), ("messages.item", 1), ("messages.item", "a"), ("messages.item", [2.5]),
        ("chats.list.item.messages.item", {"b": None}),
    ]  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(JSON, max_size=4))
def test_streamed_values_equal_those_read_at_once(values):
    """Streaming changes nothing of what is read."""
    data = json.dumps(values).encode()
    assert [v for _, v in json_stream.values(io.BytesIO(data), "item")] == values


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1,", b"[" * 100_000, b'[{"a":' * 50_000, b"[1e999]", b"[NaN]", b'["\xff"]',
     b"[1]]", b"[" + b"9" * 5_000 + b"]"],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_broken_json_is_unreadable_in_no_time(data):
    """Cut, deep, wrong: one error, at once, and its outline is still to be had."""
    begun = time.monotonic()
    with pytest.raises(Unreadable):
        list(json_stream.values(io.BytesIO(data), "item"))
    assert len(file_of(data).outline) < 200
    assert time.monotonic() - begun < 5


# Formats


def test_the_content_tells_the_format_and_not_the_name():
    """JSONL under any name is JSONL; JSON of no known kind is refused, whatever it is called."""
    assert choose(file_of('{"text": "a"}\n', "chat.log")).name == "jsonl"
    with pytest.raises(Unreadable, match=r"unknown format: JSON with a, a\.b"):
        choose(file_of('{"a": {"b": 1}}', "notes.txt"))
    with pytest.raises(Unreadable, match="a GIF image"):
        choose(file_of(b"GIF89a...", "x.md"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "an empty file"), (b"\x89PNG\r\n", "a PNG image"), (b"%PDF-1.7 x", "a PDF"),
        (b"<?xml version='1.0'?>\n<plist>", "XML or HTML, <plist>"),
        (b'[{"a": 1}]', "JSON with item, item.a"), (b"\x00\x01\x02", "binary content"),
        (b"#!/bin/sh\nls", "text that reads like no notes"),
    ],
)  # fmt: skip
def test_what_was_seen_is_said(data, said):
    """Somebody who wonders why a file was left out is told what it looks like."""
    assert seen(file_of(data)).startswith(said)


def test_a_format_can_be_named_and_must_exist():
    """--format skips the guessing."""
    assert choose(file_of("x", "x.dat"), "text").name == "text"
    with pytest.raises(InvalidInput, match="no format 'rtf'"):
        choose(file_of("x"), "rtf")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None), ("", None), (0, None), (1717178400, "2024-05-31T18:00:00+00:00"),
        (1717178400000, "2024-05-31T18:00:00+00:00"), ("1717178400", "2024-05-31T18:00:00+00:00"),
        ("2024-05-31T18:00:00+02:00", "2024-05-31T16:00:00+00:00"),
        ("2024-05-31 18:00", "2024-05-31T18:00:00+00:00"),
    ],
)  # fmt: skip
def test_times_are_read_as_exports_give_them(value, expected):
    """Epochs, ISO 8601 with and without a zone (the tests' machine stands in UTC)."""
    found = when(value)
    assert (found and found.isoformat()) == expected


def test_a_year_that_nobody_lives_to_see_is_an_error_of_the_file():
    """What is dated 9999 was not dated by a person."""
    with pytest.raises(Unreadable, match="of the year 9999"):
        when("9999-12-31")
    with pytest.raises(InvalidInput):
        when("soon")


GROUP = "memcli.importers"
DIARY = Format("diary", lambda file: file.start.startswith("Dear diary"), lambda file: iter([]))


def test_another_package_adds_a_format(monkeypatch):
    """What it registers is tried before ours; what cannot be loaded is said, with whose it is."""

    def registered(value):
        monkeypatch.setattr(
            chosen, "entry_points", lambda group: [EntryPoint("diary", value, group)]
        )
        chosen.formats.cache_clear()

    try:
        registered("test_import_files:DIARY")
        assert choose(file_of("Dear diary, it rained.\n", "x.txt")).name == "diary"
        assert choose(file_of("Dear Bo, it rained.\n", "x.txt")).name == "text"
        registered("no_such_module:DIARY")
        with pytest.raises(InvalidInput, match="diary of another package cannot be loaded"):
            choose(file_of("Dear diary"))
        registered("test_import_files:GROUP")
        with pytest.raises(InvalidInput, match="diary is no Format"):
            choose(file_of("Dear diary"))
    finally:
        chosen.formats.cache_clear()


def test_a_memory_is_not_imported_into_itself(run, own_home):
    """Neither its folder nor its files are read: closing them would drop the locks on them."""
    run("remember", "The key is under the pot.")
    (own_home / "note.txt").write_text("The boiler is in the cellar.")
    assert run("import", own_home).out.startswith("new 1 ")
    profile = own_home / "profiles" / "default"
    assert run("import", profile).out.startswith("new 0 ")
    assert "memcli's own" in run("import", profile / "memory.db").err
