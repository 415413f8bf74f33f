"""The formats: bytes in, records out, with each piece's words where its span says."""

import json
from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memcli.importers import jsonl, markdown, text
from memcli.importers.base import Note, Said, Skipped, Unreadable
from memcli.importers.chunks import LONGEST, TARGET, chunk_markdown
from memcli.testing import file_of


def read(content, name="Boats.md"):
    """Return the head and the pieces of a note."""
    file = file_of(content, name)
    return markdown.read_head(file.text, file.stem), list(markdown.read(file))


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


# Markdown


def test_front_matter_becomes_title_date_tags_and_a_sentence():
    """What a note says of itself is read, and what people would miss is a piece of its own."""
    content = (
        "---\ntitle: My boat\ndate: 2024-05-31\ntags: [sea, '#wood']\n"
        "author: Ana\nrating: 7\ncrew:\n  - Bo\n  - '[[Cy]]'\n---\nIt floats.\n"
    )
    head, [properties, body] = read(content)
    assert (head.title, head.time, head.tags) == ("My boat", day("2024-05-31"), ("sea", "wood"))
    assert properties.text == "author: Ana; rating: 7; crew: Bo, Cy"
    assert content[properties.span.start : properties.span.end] == properties.quote
    assert (body.text, body.title, body.time, body.tags) == (
        "It floats.", "My boat", head.time, head.tags,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-31", "2024-05-31"),
        ("2024-05-31T18:00:00Z", "2024-05-31T18:00"),
        ("'May 31, 2024'", "2024-05-31"),
        ("20240531", "2024-05-31"),
        ("2024", "2024-01-01"),
        ("true", None),
        ("soon", None),
        ("", None),
    ],
)
def test_the_date_of_a_note_is_read_from_its_front_matter(value, expected):
    """Each way to write a date gives that date, and what is none gives none."""
    head, _ = read(f"---\ndate: {value}\nx: 1\n---\nText\n")
    assert head.time == (expected and day(expected))


@pytest.mark.parametrize(
    "content",
    [
        "---\nno: [end\n---\nText\n",
        "---\n{{date}}: {{title}}: x\n---\nText\n",
        "---\njust words\n---\nText\n",
        "---\na: &x [1]\nb: *x\n---\nText\n",
        "---\nnever closed\n\nText\n",
        "---\n---\nText\n",
        "\n---\na: 1\n---\nText\n",
    ],
)
def test_front_matter_that_is_none_is_no_obstacle(content):
    """A template or a torn block costs its properties; the text comes in."""
    head, notes = read(content)
    assert head.title == "Boats"
    assert "Text" in notes[-1].text


def test_the_front_matter_of_windows_is_read():
    """Line ends of another system, and a byte-order mark, change nothing."""
    head, notes = read("\ufeff---\r\ntitle: T\r\ntags: a\r\n---\r\nLine one.\r\n\r\nLine two.\r\n")
    assert (head.title, head.tags) == ("T", ("a",))
    assert "Line one." in notes[0].text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("see [[Ana Ruiz]] there", "see Ana Ruiz there"),
        ("see [[Ana Ruiz|her]] there", "see her there"),
        ("see [[Ana Ruiz#Early life]] there", "see Ana Ruiz there"),
        ("see [[Ana Ruiz#Early life|her youth]] there", "see her youth there"),
        ("see [[#Details]] below", "see Details below"),
        ("a picture ![[boat.png]] here", "a picture  here"),
        ("[[A]] and [[B]]", "A and B"),
        ("a list[[0]] of [x](y)", "a list0 of [x](y)"),
    ],
)
def test_links_are_shown_by_their_words(written, shown):
    """People read the link's text; the quote keeps what was written."""
    _, [piece] = read(written)
    assert piece.text == shown
    assert piece.quote == written


def test_tags_in_the_text_are_found():
    """Tags stand anywhere but in words, links, numbers and code."""
    content = (
        "#sea is #deep/blue, not word#no or C# or #1 nor http://x.org/#frag.\n\n"
        "(#paren) #über\n\n```c\n#include <x>\n```\n\nSee [below](#details) and `#inline`.\n"
    )
    head, _ = read(content)
    assert head.tags == ("sea", "deep/blue", "paren", "über")


def test_tags_are_listed_once():
    """A tag of the front matter that stands in the text too is one tag."""
    head, notes = read("---\ntags: [sea]\n---\n#sea #land\n")
    assert head.tags == notes[0].tags == ("sea", "land")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2024-05-31.md", "2024-05-31"),
        ("2024-05-31 Meeting.md", "2024-05-31"),
        ("Meeting 20240531.md", "2024-05-31"),
        ("2024_05_31.md", "2024-05-31"),
        ("2024.05.31.md", "2024-05-31"),
        ("2024-13-31.md", None),
        ("120240531.md", None),
        ("Boats.md", None),
    ],
)
def test_the_date_comes_from_the_file_name(name, expected):
    """A daily note is of its day."""
    head, _ = read("Text", name)
    assert head.time == (expected and day(expected))


def test_headings_are_the_path_to_a_piece():
    """Each piece is titled by the note and the headings above it."""
    content = (
        "before\n\n# Boats\n\n## Hull\n\noak\n\n### Keel ###\n\nlead\n\n## [[Sails]]\n\nred\n"
        "\n# Cars\n\nnone\n"
    )
    _, notes = read(content)
    assert [(note.title, note.text) for note in notes] == [
        ("Boats", "before"),
        ("Boats › Hull", "oak"),
        ("Boats › Hull › Keel", "lead"),
        ("Boats › Sails", "red"),
        ("Boats › Cars", "none"),
    ]


def test_a_heading_in_a_code_block_is_code():
    """A comment that begins with a number sign is no heading."""
    _, notes = read("# Use\n\n```sh\n# install\n\nmake\n```\n\nafter\n")
    assert [note.title for note in notes] == ["Boats › Use"]
    assert "# install" in notes[0].text


def test_a_code_block_stays_whole():
    """A fence that fits in one piece is never cut, whatever stands around it."""
    code = "```python\n" + "".join(f"line_{i} = {i}\n\n" for i in range(60)) + "```"
    assert TARGET < len(code) < LONGEST
    _, notes = read("Before. " * 60 + f"\n\n{code}\n\nAfter.\n")
    assert sum(code in note.quote for note in notes) == 1


def test_a_code_block_right_below_its_paragraph_stays_whole():
    """A fence needs no empty line above it to be kept in one piece."""
    code = "```text\n" + "".join(f"It says {i}. It stops.\n" for i in range(30)) + "```"
    assert len(code) < LONGEST
    _, notes = read("A sentence before the code. " * 50 + f"\n{code}\n")
    assert sum(code in note.quote for note in notes) == 1


def test_code_within_a_line_opens_no_block():
    """Three backquotes that close on their own line do not swallow the headings below."""
    _, notes = read("```make``` builds it.\n\n# Sails\n\nred\n")
    assert [note.title for note in notes] == ["Boats", "Boats › Sails"]


def test_one_long_line_is_cut():
    """A text without sentences or line breaks still comes in pieces that can be recalled."""
    content = "x" * 20_000
    _, notes = read(content)
    assert len(notes) > 1
    assert all(len(note.text) <= LONGEST for note in notes)
    assert "".join(note.quote for note in notes) == content


def test_a_long_paragraph_is_cut_between_sentences():
    """Each piece of a long paragraph ends as a sentence does, and none is lost."""
    sentences = [f"Sentence number {i} is about boats." for i in range(200)]
    _, notes = read(" ".join(sentences))
    assert all(note.text.endswith(".") for note in notes)
    assert all(len(note.text) <= LONGEST for note in notes)
    assert " ".join(note.text for note in notes) == " ".join(sentences)


def test_short_paragraphs_come_together():
    """A list of short paragraphs is a few pieces, not one for each."""
    _, notes = read("\n\n".join(f"Paragraph {i}." for i in range(100)))
    assert 2 <= len(notes) <= 5


@pytest.mark.parametrize("content", ["", "\n\n", "---\n", "***\n\n---", "# Heading only", "![[x]]"])
def test_a_note_without_words_gives_nothing(content):
    """Rules, empty lines and lone pictures are nothing to recall."""
    assert read(content)[1] == []


LINES = st.sampled_from(
    ["word " * 5, "A sentence. And another!", "", "", "# One", "## Two", "```", "~~~py", "[[a|b]] #t",
     "x" * 700, "é ü 👋. 你好。", "---", "a: 1", "\ttab", "end\x0cfeed", "two\u2028parts", "\r"]
)  # fmt: skip


@given(st.lists(LINES, max_size=25).map("\n".join))
@settings(deadline=None)
def test_every_span_points_at_its_quote(content):
    """Whatever a note looks like, each quote stands verbatim at its span, in order, once."""
    _, notes = read(content)
    end = 0
    for note in notes:
        assert content[note.span.start : note.span.end] == note.quote
        assert note.quote
        assert note.span.start >= end
        end = note.span.end


@given(st.lists(LINES, max_size=25).map("\n".join))
@settings(deadline=None)
def test_the_pieces_of_a_text_leave_no_word_out(content):
    """All but headings and white space is in some piece, and no piece is too long."""
    pieces = list(chunk_markdown(content))
    rest = content
    for piece in reversed(pieces):
        rest = rest[: piece.span.start] + rest[piece.span.end :]
    left = [line for line in rest.splitlines() if line.strip()]
    assert all(line.startswith("#") for line in left)
    assert all(len(piece.text) <= LONGEST for piece in pieces)


# Bytes


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\x00\x01", "binary content: a NUL byte at position 4"),
        ("Grüße".encode() + b" \xff", "mixed encodings: UTF-8, but not at byte 8"),
        (b"\xff\xfea", "not UTF-16: byte 2 cannot be read"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(data, reason):
    """The message says what kind of trouble it is and where."""
    with pytest.raises(Unreadable, match=reason):
        list(markdown.read(file_of(data)))
    with pytest.raises(Unreadable, match=reason):
        list(text.read(file_of(data, "note.txt")))


def test_plain_text_comes_in_paragraphs_with_the_date_of_its_name():
    """A text file has no front matter and no tags, but a title and a day."""
    data = b"---\na: 1\n---\nIt rained. #wet\n"
    [note] = text.read(file_of(data, "2024-05-31 log.txt"))
    assert note.title == "2024-05-31 log"
    assert (note.text, note.time, note.tags) == (data.decode().strip(), day("2024-05-31"), ())


# JSONL


def read_lines(*values):
    """Return the records of some lines, and what was wrong with the others."""
    lines = [value if isinstance(value, bytes) else json.dumps(value).encode() for value in values]
    records = list(jsonl.read(file_of(b"\n".join(lines), "x.jsonl")))
    wrong = [f"{r.where}: {r.reason}" for r in records if isinstance(r, Skipped)]
    return [r for r in records if not isinstance(r, Skipped)], wrong


def test_a_line_is_a_note_or_a_turn():
    """Every field of the format arrives; the session makes the difference."""
    (note, said), problems = read_lines(
            {"text": "a", "id": 7, "speaker": "Ana", "time": "2024-05-31", "title": "T", "tags": ["x", 1]},
            {"text": "b", "id": "8", "session": "s", "speaker": "Bo", "role": "assistant",
             "time": 1717178400, "title": "T"},
    )  # fmt: skip
    assert note == Note(
        "a", "a", None, "T", day("2024-05-31"), ("x", "1"), speaker="Ana", external_id="7"
    )
    assert said == Said("s", "b", "assistant", "Bo", day("2024-05-31T18:00"), "T", "8")
    assert problems == []


BAD_LINES = [
    (b"{broken", "Expecting"),
    (b"\xff{}", "can't decode"),
    (b"[" * 100_000, "recursion"),
    (b'"just a text"', "not an object"),
    (b"null", "not an object"),
    ({}, 'no "text"'),
    ({"text": ""}, 'no "text"'),
    ({"text": "  \n"}, 'no "text"'),
    ({"text": 5}, 'no "text"'),
    ({"text": "a", "time": "soon"}, "'soon' is not a date"),
    (b'{"text": "a", "time": NaN}', "not a date"),
    ({"text": "a", "time": [1]}, "not a date"),
    ({"text": "a", "session": "s", "role": "robot"}, "'robot'"),
    ({"text": "a", "session": "s", "role": []}, '"role"'),
    ({"text": "a", "session": {"id": 1}}, '"session" is not a text'),
    ({"text": "a", "id": ["x"]}, '"id" is not a text'),
]


@pytest.mark.parametrize(("bad", "reason"), BAD_LINES, ids=lambda value: repr(value)[:40])
def test_a_bad_line_is_named_and_the_others_go_in(bad, reason):
    """The problem says which line and why; the lines around it are read."""
    records, problems = read_lines({"text": "first"}, bad, b"", {"text": "last"})
    assert [record.text for record in records] == ["first", "last"]
    [problem] = problems
    assert problem.startswith("line 2: ")
    assert reason in problem


def test_empty_values_are_as_good_as_none():
    """An export that writes every key is read like one that leaves them out."""
    empty = dict.fromkeys(["id", "session", "speaker", "role", "time", "title", "tags"])
    for nothing in (None, ""):
        [record], _ = read_lines({"text": "a"} | dict.fromkeys(empty, nothing))
        assert record == Note("a", "a")


def test_a_byte_order_mark_before_the_first_line_is_no_problem():
    """Files written by Windows editors begin with one."""
    [record], problems = read_lines(b"\xef\xbb\xbf" + json.dumps({"text": "a"}).encode())
    assert (record.text, problems) == ("a", [])


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=4,
)
KEYS = st.sampled_from(["text", "id", "session", "speaker", "role", "time", "title", "tags", "x"])


@given(st.dictionaries(KEYS, VALUES, max_size=6) | st.binary(max_size=20))
@settings(deadline=None)
def test_any_line_is_a_record_or_a_problem(value):
    """No value of any field breaks the import of the lines after it."""
    line = value if isinstance(value, bytes) else json.dumps(value).encode()
    records, problems = read_lines(b"", line, b'{"text": "last"}')
    assert records[-1].text == "last"
    assert len(records) + len(problems) == 1 + sum(bool(part.strip()) for part in line.split(b"\n"))
