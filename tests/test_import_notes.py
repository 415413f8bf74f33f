"""Notes of several kinds: what each becomes, which format takes it, and that no word is lost."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from conftest import shared
from hypothesis import given, settings
from hypothesis import strategies as st

from memcli.importers import logseq, markdown, org, rst, text
from memcli.importers.base import Skipped, Unreadable
from memcli.importers.days import day_in, day_of
from memcli.importers.walk import find_files
from memcli.testing import file_of

FORMATS = (logseq.FORMAT, org.FORMAT, rst.FORMAT, markdown.FORMAT, text.FORMAT)
UUID = "60293d41-1351-40ed-aa00-0e0c12be1175"


def local(day):
    return day and datetime.fromisoformat(day).astimezone()


def kind(content, name, **beside):
    """Return the name of the format that takes a file, or nothing."""
    file = file_of(content, name, **beside)
    return next((each.name for each in FORMATS if each.recognises(file)), "")


def read(format, content, name="note.md"):
    return list(format.read(file_of(content, name)))


def texts(format, content):
    return [note.text for note in read(format, content)]


# Which format a file is of

PROSE = "It rained all day.\n\nWe stayed at home and read a book by the fire, and Bo cooked.\n"
GRAPH = {"beside": {"logseq/config.edn": "{}"}}


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        ("---\ntitle: T\n---\nSome words here.\n", "a.dat", "markdown"),
        ("# Boats\n\nThey float on the sea.\n", "-", "markdown"),
        ("See [[Boats]] for all of it.\n", "a.dat", "markdown"),
        (
            "# Boats\n\n[![b](c)](d)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nAll of them float.\n",
            "a",
            "markdown",
        ),
        ("[[Boats]] are what I like.\n", "a.md", "markdown"),
        ("- [ ] milk\n- [x] oak\n", "a", "markdown"),
        ("今天下雨了。\n我们待在家里看书。\n晚上吃面。\n", "a.dat", "text"),
        ("Ana 0176 123\nBo 0177 456\n", "phones.txt", "text"),
        ("import os\n\n# Start\ndef go(x):\n    return os.path.join(x)\n", "a.dat", ""),
        ("#!/bin/sh\n# Make\n\nmake all\n", "a.dat", ""),
        ("# The port\n# of it\nPort 22\nPermitRootLogin no\n", "a.dat", ""),
        ("# Base\nFROM python:3\n\nCOPY . /app\nRUN pip install x\n", "a.dat", ""),
        ("*.pyc\n/build\nnode_modules\n.env\n", "a.dat", ""),
        ("name,age,town\nAna,7,Kiel\nBo,8,Ulm\n", "a.dat", ""),
        ("2024-05-31 10:00:01 INFO it began\n2024-05-31 10:00:02 INFO it went\n", "a", ""),
        ("<html><p>Some words</p></html>", "a.md", ""),
        (PROSE, "-", "text"),
        ("!function(e){var t=e.a;return t}" * 30, "a.dat", ""),
        ('{"text": "a"}\n', "a.md", ""),
        ("* TODO Buy oak\n", "a.dat", "org"),
        ("#+TITLE: Boats\n\nThey float.\n", "a.txt", "org"),
        ("Boats\n=====\n\n.. note:: They float.\n", "a.dat", "rst"),
        ("Boats\n=====\n\nThey float on the sea.\n", "a.md", "markdown"),
        (f"- oak\n  id:: {UUID}\n", "a.dat", "logseq"),
        ("title:: Boats\n\n- oak\n", "a.md", "logseq"),
        ("type:: book\n\n# Boats\n\nThey float.\n", "a.md", "markdown"),
    ],
)
def test_a_file_is_known_by_its_content(content, name, expected):
    """Prose is told from code, tables and logs, and each kind of prose from the others."""
    assert kind(content, name) == expected


def test_a_graph_is_known_by_its_settings():
    """A plain page is Logseq's where the settings of a graph lie beside its folder."""
    assert kind("Some words", "pages/a.md", **GRAPH) == "logseq"
    assert kind("Some words", "journals/2024_05_31.org", **GRAPH) == "logseq"
    assert kind("Some words", "other/a.md", **GRAPH) == "markdown"
    assert kind("Some words", "pages/a.md") == "markdown"


# Days


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2024-05-31", "2024-05-31"), ("31 May 2024", "2024-05-31"),
        ("Friday, May 31, 2024:", "2024-05-31"), ("## 2024-05-31 (Fri)", "2024-05-31"),
        ("31st of May 2024", "2024-05-31"), ("May 31st, 2024 Friday", "2024-05-31"),
        ("31.05.2024", "2024-05-31"), ("05/31/2024", "2024-05-31"), ("05/06/2024", None),
        ("2024-05-31 10:30", "2024-05-31T10:30"), ("2024-13-31", None), ("9999-12-31", None),
        ("in 2024", None), ("31 May", None), ("2024-05-31 we sailed", None), ("", None),
    ],
)  # fmt: skip
def test_a_line_that_is_a_day(line, expected):
    """Each way to write a day and nothing else gives that day; what can be read twice gives none."""
    assert day_of(line) == local(expected)


@pytest.mark.parametrize(
    ("stem", "expected"),
    [("31-05-2024", "2024-05-31"), ("05-06-2024", None), ("log 20240531", "2024-05-31"), ("May 31, 2024", "2024-05-31"), ("120240531", None), ("2024-05", None), ("20240531091200-boats", "2024-05-31T09:12"), ("202405319912", None)],
)  # fmt: skip
def test_a_day_in_the_name_of_a_file(stem, expected):
    """A day is read from a name only where there is one way to read it."""
    assert day_in(stem) == local(expected)


@pytest.mark.parametrize(
    ("format", "content"),
    [
        (text, "2024-05-31\n----------\nIt rained.\n\nSat 1 June 2024:\nIt shone.\n"),
        (markdown, "## 2024-05-31\n\nIt rained.\n\n## June 1st, 2024\n\nIt shone.\n"),
        (org, "* 2024-05-31 Friday\nIt rained.\n* Fair <2024-06-01 Sat>\nIt shone.\n"),
    ],
)
def test_the_days_of_a_diary_date_what_stands_below_them(format, content):
    """A line that is a day is the time of the text down to the next."""
    rain, shine = read(format.FORMAT, content)
    assert (rain.text, rain.time) == ("It rained.", local("2024-05-31"))
    assert (shine.text, shine.time) == ("It shone.", local("2024-06-01"))


def test_a_day_at_the_end_of_a_letter_is_a_word_of_it():
    """What dates nothing is not lost."""
    assert texts(text.FORMAT, "Yours, Ana\n31 May 2024\n") == ["Yours, Ana\n31 May 2024"]


def test_a_year_that_nobody_sees_is_the_reason_to_skip_a_file():
    """The message names the date."""
    with pytest.raises(Unreadable, match="9999-12-31"):
        read(markdown.FORMAT, "---\ndate: 9999-12-31\n---\nText\n")


# Markdown


@pytest.mark.parametrize(
    ("line", "shown", "due"),
    [
        ("- [ ] Buy oak", "Buy oak", None),
        ("- [ ] Buy oak 🔼 🔁 every week ➕ 2024-05-01 📅 2024-06-01", "Buy oak", "2024-06-01"),
        ("  * [ ] Buy oak ⏳ 2024-06-02", "Buy oak", "2024-06-02"),
        ("1. [/] Buy oak [due:: 2024-06-01] [priority:: high]", "Buy oak", "2024-06-01"),
        ("+ [ ] Buy oak (due:: 2024-06-01) ^abc123", "Buy oak", "2024-06-01"),
        ("- [ ] Buy oak due: 2024-06-01", "Buy oak", "2024-06-01"),
        ("- [ ] Buy oak @due(2024-06-01)", "Buy oak", "2024-06-01"),
        ("- [ ] Buy [[oak|wood]] @{2024-06-01}", "Buy wood", "2024-06-01"),
        ("> - [ ] Buy oak 📅 9999-13-99", "Buy oak 📅 9999-13-99", None),
    ],
)
def test_an_open_task_is_one(line, shown, due):
    """Each way to write a task gives what is to be done, and until when; its line is the proof."""
    before, task, after = read(markdown.FORMAT, f"before\n{line}\nafter\n")
    assert (task.kind, task.text, task.valid_to) == ("task", shown, local(due))
    assert task.quote == line.strip()
    assert (before.text, before.kind, after.text) == ("before", "note", "after")


@pytest.mark.parametrize("mark", ["x", "X", "-"])
def test_a_task_that_is_done_is_text(mark):
    """What is done or called off stays in the piece around it."""
    [note] = read(markdown.FORMAT, f"before\n- [{mark}] Buy oak 📅 2024-06-01\nafter\n")
    assert note.kind == "note"


def test_the_lines_of_windows_change_nothing():
    """A headline's tags and times are read whatever ends its line."""
    [task] = read(org.FORMAT, "* TODO Buy oak  :shop:\r\n  DEADLINE: <2024-06-01 Sat>\r\n", "a.org")
    assert (task.text, task.tags, task.valid_to) == ("Buy oak", ("shop",), local("2024-06-01"))


def test_a_task_in_code_or_in_a_comment_is_none():
    """An example of a task is nothing to do."""
    content = "```\n- [ ] code\n```\n\n%% - [ ] hidden\n\n- [ ] too %%\n"
    assert [note.kind for note in read(markdown.FORMAT, content)] == ["note"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("> [!warning]- Mind this\n> it rots\n\n> quoted", "Mind this:\nit rots\n\n> quoted"),
        ("> [!note]\n> it rots", "it rots"),
        ("a %%b\n\nc%% d <!-- e\n --> f", "a  d  f"),
        ("so ==marked== it is ^ab12", "so marked it is"),
        ("```\na ==b== %%c%% [[d]]\n```", "```\na ==b== %%c%% [[d]]\n```"),
    ],
)
def test_marks_of_a_vault_are_not_shown(written, shown):
    """Comments, callouts and highlights read as people see them; the quote stays what it was."""
    [note] = read(markdown.FORMAT, written)
    assert (note.text, note.quote) == (shown, written)


def test_a_piece_knows_what_it_links_to():
    """Links are names of notes, without folder, heading, words or suffix; pictures are none."""
    content = "[[a/B#c|d]] [e](x/My%20F.md#g) [h](https://i.org/j.md) ![[k]] [[B]]"
    assert read(markdown.FORMAT, content)[0].links == ("B", "My F")


@pytest.mark.parametrize(
    ("name", "front", "own"),
    [
        ("2024-05-31.md", "", True), ("Meeting.md", "---\nrating: 7\n---\n", True),
        ("Journal/x.md", "---\nsource: https://x.org\n---\n", False),
        ("x.md", "---\nAuthor: Bo\n---\n", False), ("x.md", "---\nauthor:\n---\n", True),
        ("Journal/x.md", "---\ntags: clippings\n---\n", False), ("x.org", "* Day\n", True),
        ("pages/x.md", "url:: https://x.org\n\n- ", False),
    ],
)  # fmt: skip
def test_the_owner_speaks_in_notes_but_for_clippings(name, front, own):
    """What has a source, an author or an address was written by somebody else."""
    file = file_of(f"{front}I slept.\n", name, beside={"logseq/config.edn": "{}"})
    format = next(format for format in FORMATS if format.recognises(file))
    assert list(format.read(file))[-1].own is own


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("2024-05-31.txt", True), ("2024-05-31 Friday.txt", True), ("20240531.txt", True),
        ("2024-05-31 Meeting.txt", False), ("Daily Notes/x.txt", True), ("a.txt", False),
    ],
)  # fmt: skip
def test_of_plain_texts_only_diaries_are_the_owner_s(name, own):
    """A text without marks may be anything, a book as well, unless it is named by its day."""
    assert read(text.FORMAT, "I slept.\n", name)[-1].own is own


def test_front_matter_made_to_break_its_reader_is_refused():
    """Aliases within aliases are not unfolded, and a number of thousands of digits is passed over."""
    bomb = "---\na: &a [x]\nb: &b [" + "*a," * 9 + "]\nc: [" + "*b," * 9 + "]\n---\nText\n"
    with pytest.raises(Unreadable, match="18 aliases"):
        texts(markdown.FORMAT, bomb)
    assert "Text" in texts(markdown.FORMAT, "---\na: &a x\nb: *a\n---\nText\n")[-1]
    assert texts(markdown.FORMAT, f"---\na: 0x{'f' * 6000}\nb: 1\n---\nText\n") == ["b: 1", "Text"]


# Outlines


def test_a_page_of_logseq():
    """Properties, blocks, tasks, references and macros are each read for what they are."""
    content = (
        "title:: Boats\nalias:: Ships\ntags:: [[big thing]], sea\n\n"
        f"- Oak #wood #[[long tag]] (({UUID})) {{{{embed [[X]]}}}}\n  id:: {UUID}\n"
        "\t- see [[ns/Page]]\n- TODO [#A] Buy oak\n  SCHEDULED: <2024-05-31 Fri 09:00>\n"
        "  :LOGBOOK:\n  CLOCK: [2024-05-01 Wed]\n  :END:\n\t- at the yard\n- DONE slept\n"
    )
    page, oak, buy, yard, slept = read(logseq.FORMAT, content, "pages/a.md")
    assert (page.text, page.tags) == ("alias: Ships", ("big thing", "sea"))
    assert (oak.title, oak.external_id) == ("Boats", UUID)
    assert re.sub(r"\s+", " ", oak.text) == "- Oak #wood #long tag - see ns/Page"
    assert {"wood", "long tag", "sea"} <= set(oak.tags)
    assert "ns/Page" in oak.links
    assert (buy.kind, buy.text, buy.valid_to) == ("task", "Buy oak", local("2024-05-31T09:00"))
    assert (yard.text, slept.text, slept.kind) == ("at the yard", "DONE slept", "note")


def test_a_long_block_is_cut_by_its_children():
    """Those that stand above a piece are its title, and no piece is much too long."""
    content = "- Boats\n" + "".join(f"\t- {'oak ' * 40}{i}\n\t\t- leaf {i}\n" for i in range(9))
    notes = read(logseq.FORMAT, content, "pages/a___b%3F.md")
    assert len(notes) > 2
    assert {note.title for note in notes[1:]} == {"a/b? › Boats"}
    assert all(f"leaf {i}" in "".join(note.text for note in notes) for i in range(9))


def test_a_file_of_org():
    """Headlines, tags, tasks, drawers, links, code and comments are each read for what they are."""
    content = (
        "#+TITLE: Boats\n#+FILETAGS: :sea:\n\nSee [[file:x/oak.org][Oak]].\n# hidden\n"
        "* TODO [#A] Buy oak   :shop:\n  DEADLINE: <2024-06-01 Sat>\n  :PROPERTIES:\n  :ID: 3f\n  :CREATED: [2024-05-31 Fri]\n"
        "  :END:\n  At the yard.\n#+BEGIN_SRC sh\n# shown\n* this\n#+END_SRC\n* DONE slept\n* one\n"
    )
    intro, buy, yard, leaves = read(org.FORMAT, content, "a.org")
    assert (intro.text, intro.title, intro.links, intro.tags) == (
        "See Oak.", "Boats", ("oak",), ("sea",),
    )  # fmt: skip
    assert (buy.kind, buy.text, buy.external_id) == ("task", "Buy oak", "3f")
    assert (buy.valid_to, buy.tags) == (local("2024-06-01"), ("sea", "shop"))
    assert buy.time == local("2024-05-31")
    assert yard.title == "Boats › Buy oak"
    assert "# shown" in yard.text
    assert (leaves.text, leaves.title) == ("DONE slept\none", "Boats")


def test_a_file_of_org_names_its_own_states():
    """What stands before the bar is to be done; what Emacs writes down of a change is no text."""
    content = (
        "#+SEQ_TODO: PLAN(p) | BUILT(b!)\n* PLAN The boat\n"
        '- State "PLAN"       from "BUILT"      [2024-05-31 Fri 09:00] \\\\\n* BUILT The yard\n'
    )
    plan, yard = read(org.FORMAT, content, "a.org")
    assert (plan.kind, plan.text, yard.kind, yard.text) == (
        "task", "The boat", "note", "BUILT The yard",
    )  # fmt: skip


def test_a_page_of_notion():
    """Its name bears an id, which nobody means; its properties stand below the title."""
    id = "1a2b3c4d5e6f708192a3b4c5d6e7f809"
    content = (
        "# Boats\n\nCreated: May 31, 2024 9:00 AM\nTags: deep sea, wood\n\n"
        f"See [Oak](Oak%20{id}.md).\n\n```dataview\nLIST\n```\n"
    )
    [note] = read(markdown.FORMAT, content, f"Boats {id}.md")
    assert (note.title, note.tags, note.links) == ("Boats", ("deep sea", "wood"), ("Oak",))
    assert note.time == local("2024-05-31T09:00")
    assert "LIST" not in note.text


def test_what_is_indented_below_a_task_is_part_of_it():
    """As the cards of a board have their words and day; a task below a task stays one."""
    content = (
        "---\n\nkanban-plugin: board\n\n---\n\n## Yard\n\n- [ ] **Buy oak**\n    \n    Of Bo.\n    - dry\n"
        "    \n    @{2024-06-01}\n- [ ] Saw\n  - [ ] the keel\n\n\n%% kanban:settings\n%%\n"
    )
    buy, saw, keel = read(markdown.FORMAT, content)
    assert (buy.text, buy.valid_to) == ("**Buy oak**\n\nOf Bo.\n- dry", local("2024-06-01"))
    assert (saw.text, keel.text, keel.kind) == ("Saw", "the keel", "task")


def test_a_file_of_restructured_text():
    """Titles are the path, fields the date and tags; comments and pictures are not shown."""
    content = (
        "=====\nBoats\n=====\n\n:date: 2024-05-31\n:tags: sea, wood\n\nSee :ref:`oak <x>`.\n\n"
        ".. hidden\n   too\n\nHull\n----\n\n.. note:: Mind it.\n\n.. image:: x.png\n   :width: 1\n"
    )
    intro, hull = read(rst.FORMAT, content, "a.rst")
    assert (intro.text, intro.title, intro.tags) == ("See oak.", "a › Boats", ("sea", "wood"))
    assert intro.time == local("2024-05-31")
    assert (hull.text, hull.title) == ("Mind it.", "a › Boats › Hull")


# All of them

LINES = st.sampled_from(
    ["It rained.", "", "# One", "* Two", "** TODO three", "- four", "\t- TODO five", "- [ ] six 📅 2024-06-01",
     "```", "#+BEGIN_SRC", "#+END_SRC", ":PROPERTIES:", ":ID: x", ":END:", "%%", "<!-- x -->", "----",
     "=====", ".. note:: y", ".. z", "   :a: b", "2024-05-31", f"  id:: {UUID}", "key:: value", "a\x0cb",
     "\u2028", "[[link]] #tag", "x" * 700, "  DEADLINE: <2024-06-01 Sat>", "\r", "---"]
)  # fmt: skip


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
@given(lines=st.lists(LINES, max_size=25), end=st.sampled_from(["\n", "\r\n"]))
@settings(deadline=None, max_examples=60)
def test_every_quote_stands_at_its_span_once(format, lines, end):
    """Whatever a file looks like, quotes stand verbatim in order and none within another."""
    file, last = file_of(end.join(lines), "pages/a.md"), 0
    for note in format.read(file):
        assert file.text[note.span.start : note.span.end] == note.quote
        assert note.span.start >= last
        assert note.text.strip()
        last = note.span.end


# Counted by hand in the files; those of one folder that give nothing are left out.
GRAPH_COUNTS = {
    "journals/2020_05_15.org": 1,  # one block with its children, 399 characters
    "journals/2020_05_21.org": 3,  # 755: the first of two children has one of 500 characters
    "journals/2020_09_14.md": 0,  # a front matter of a title, and an empty block
    "journals/2020_10_02.md": 1,  # a block of two lines, and two empty ones
    "pages/Glossary.md": 5,  # a note, and four short headings with their blocks
    "pages/slide.md": 4,  # properties, and three blocks, each short with its children
    "pages/Journals page.md": 2,  # properties, and a task
    "pages/New to Logseq%3F.md": 1,  # a title, which is not shown, and a block
}
VAULT_COUNTS = {
    "Readme.md": 2,  # two paragraphs of 470 characters, and a heading with a list
    "Categories/Books.md": 0,  # a tag and an embedded list
    "Daily/2023-09-12.md": 0,  # a heading and an embedded list
    "Notes/2023 Japan Trip.md": 1,  # properties only
    "Notes/2023-09-12 Meeting with Steph.md": 2,  # properties and a list of one
    "Notes/Minimal Theme.md": 2,  # properties, and three tasks that are done
}


@pytest.mark.parametrize(
    ("folder", "format", "counts", "total"),
    [
        ("logseq-docs", "logseq", GRAPH_COUNTS, 220),
        ("obsidian-kepano", "markdown", VAULT_COUNTS, 78),
    ],
)
def test_real_notes_give_what_was_counted(folder, format, counts, total):
    """A published graph and a published vault: some files by hand, and all of them together."""
    found = {}
    for file in find_files(Path(shared("data", "import", folder))):
        if not isinstance(file, Skipped) and file.stem != "LICENSE":
            takes = next((each for each in FORMATS if each.recognises(file)), None)
            assert (takes.name if takes else "") == (format if file.suffix != ".edn" else "")
            found[str(file.name)] = len(list(takes.read(file))) if takes else 0
    assert {name: found[name] for name in counts} == counts
    assert sum(found.values()) == total
