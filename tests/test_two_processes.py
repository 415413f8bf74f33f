"""The main job: told today, answered tomorrow, by another process."""

import re

from conftest import shared

TOLD = """\
My name is Ana and I live in Lisbon.
My sister Clara works at Siemens.
I'm allergic to hazelnuts.
"""
NOTED = """\
Noted:
- My name is Ana
- I live in Lisbon.
Noted:
- My sister Clara works at Siemens.
Noted:
- I'm allergic to hazelnuts.
"""
CHAT = "(DATE, chat “My name is Ana and I live in Lisbon.”)"

# a question: the words that the best quote must hold, and the note it must come from
IMPORTED = {
    "Which brand of wool socks do I buy?": ("Darn Tough", "Buy wisely"),
    "What goes well with the nectarine tart?": ("homemade whipped cream", "nectarine tart"),
    "What did I discuss in the meeting with Steph?": ("Out of Control", "Meeting with Steph"),
    "Who wrote The Machine Stops?": ("author: E. M. Forster", "The Machine Stops"),
}


def tidy(text):
    return re.sub(r"\b20\d\d-\d\d-\d\d\b", "DATE", text)


def test_told_by_one_process_and_asked_by_another(process):
    """What one process is told and imports, another answers with quotes and their sources."""
    vault = shared("data", "import", "obsidian-kepano")
    first = process("chat", stdin=TOLD)
    assert (first.code, first.out) == (0, NOTED)
    assert first.err == (
        "memcli · no model: answers are quotes from your memories · /help\n"
        "learnt 2\nlearnt 1\nlearnt 1\n"
    )
    came = process("import", vault)
    assert re.fullmatch(
        r"new \d+ · updated 0 · unchanged 0 · skipped 0 · learnt 0 \(\d+ files\)\n", came.out
    )
    assert (came.code, came.err) == (0, "")
    new, files = re.findall(r"\d+", came.out)[0], re.findall(r"\d+", came.out)[-1]
    assert process("import", vault).out == (
        f"new 0 · updated 0 · unchanged {new} · skipped 0 · learnt 0 ({files} files)\n"
    )

    questions = "What is my name?\nWhere does my sister work?\nWhat am I allergic to?\n"
    second = process("chat", "--private", stdin=questions + "What is the name of my horse?\n")
    assert second.code == 0
    assert tidy(second.out) == (
        f"- “My name is Ana and I live in Lisbon.” {CHAT}\n"
        f"- “My sister Clara works at Siemens.” {CHAT}\n"
        f"- “I'm allergic to hazelnuts.” {CHAT}\n"
        "I don't have that in my memories.\n"
    )

    third = process("chat", "--private", stdin="".join(f"{question}\n" for question in IMPORTED))
    assert third.code == 0
    rest = third.out
    for words, note in IMPORTED.values():  # in the order of the questions
        quote = re.search(rf"(?m)^- “.*{re.escape(words)}.*” \(.*{re.escape(note)}.*\)$", rest)
        assert quote, f"{words!r} is not quoted from {note!r} in {rest}"
        rest = rest[quote.end() :]
