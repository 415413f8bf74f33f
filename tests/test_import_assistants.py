"""What assistants export: conversations, logs of coding, memories of other tools, tables."""

import json
import random
import time

import pytest
from conftest import shared

from memcli.importers import (
    agents,
    basic_memory,
    chatgpt,
    claude,
    csv_table,
    gemini,
    jsonl,
    markdown,
    mcp_memory,
    mem0,
    text,
)
from memcli.importers.base import Note, Said, Skipped, Unreadable
from memcli.records import Triple
from memcli.testing import file_of

# Tables read best with one case a line.
# fmt: off

# The order in which they are to be tried.
MODULES = [chatgpt, claude, gemini, mcp_memory, mem0, agents, jsonl, basic_memory, csv_table, markdown, text]
ROOT = "00000000-0000-4000-8000-000000000000"


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


def takers(content, name="export.dat", **other):
    """Return the formats that take a file, but those that take all prose."""
    taking = (m for m in MODULES if m.recognises(file_of(content, name, **other)))
    return [m.FORMAT.name for m in taking if m not in (markdown, text)]


def read(module, content, name="export.dat", **other):
    """Return what is read, after checking that the format takes the file."""
    content = content if isinstance(content, (str, bytes)) else json.dumps(content)
    assert module.FORMAT.name in takers(content, name, **other)
    return list(module.read(file_of(content, name, **other)))


def spoken(records):
    return [(r.role, r.text) for r in records]


def node(id, parent, role, text, at=None, **message):
    """Return a node of ChatGPT's tree."""
    content = {"content_type": "text", "parts": [text]}
    said = {"id": id, "author": {"role": role}, "create_time": at, "content": content} | message
    return {id: {"id": id, "parent": parent, "children": [], "message": said}}


def chat(*nodes, **other):
    root = {"root": {"id": "root", "parent": None, "children": [], "message": None}}
    mapping = {id: value for each in (root, *nodes) for id, value in each.items()}
    return {"title": "T", "create_time": 1700000000, "conversation_id": "c", "mapping": mapping} | other


CHATGPT = chat(node("a", "root", "user", "hi", 1), node("b", "a", "assistant", "hello", 2))
CLAUDE = {
    "uuid": "c",
    "name": "T",
    "created_at": "2024-05-31T10:00:00Z",
    "chat_messages": [{"uuid": "m", "sender": "human", "text": "hi", "content": []}],
}
MEMORIES = {"conversations_memory": "**Work**\n\nSails.", "project_memories": {"p": "Builds."}, "account_uuid": "a"}
PROJECT = {
    "uuid": "p",
    "name": "Boat",
    "description": "A boat",
    "prompt_template": "Be brief.",
    "created_at": "2024-05-31T10:00:00Z",
    "docs": [{"uuid": "d", "filename": "hull.md", "content": "# Hull\n\nOak."}],
}
THREAD = [{"title": "T", "conversations": [{"author": "user", "content": "hi"}, {"author": "gemini", "content": "yo"}]}]
ACTIVITY = [
    {
        "header": "Gemini Apps",
        "title": "Prompted later",
        "time": "2024-05-31T11:00:00Z",
        "safeHtmlItem": [{"html": "<p>One &amp; <b>two</b></p><ul><li><p>x</p></li><li>y</li></ul>"}],
    },
    {"header": "Gemini Apps", "title": "Prompted first", "time": "2024-05-31T10:00:00Z"},
    {"header": "Gemini Apps", "title": "Gave feedback: Good response", "time": "2024-05-31T09:00:00Z"},
    {"header": "Search", "title": "Searched for x", "time": "2024-05-31T09:00:00Z"},
]
CODE = lines(
    {"type": "summary", "summary": "Boats", "leafUuid": "b"},
    {
        "type": "user",
        "message": {"role": "user", "content": "fix it<system-reminder>x</system-reminder>"},
        "uuid": "a",
        "sessionId": "s",
        "timestamp": "2024-05-31T10:00:00Z",
    },
    {
        "type": "assistant",
        "uuid": "b",
        "sessionId": "s",
        "message": {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "done"}, {"type": "tool_use", "name": "x"}],
        },
    },
    {"type": "user", "sessionId": "s", "message": {"role": "user", "content": [{"type": "tool_result", "content": "no"}]}},
    {"type": "user", "sessionId": "s", "isMeta": True, "message": {"role": "user", "content": "no"}},
    {"type": "user", "sessionId": "s", "isSidechain": True, "message": {"role": "user", "content": "no"}},
    {"type": "user", "sessionId": "s", "message": {"role": "user", "content": "<command-name>/clear</command-name>"}},
)
CODEX = lines(
    {"timestamp": "2024-05-31T10:00:00Z", "type": "session_meta", "payload": {"id": "s", "cwd": "/x"}},
    {
        "timestamp": "2024-05-31T10:00:00Z",
        "type": "response_item",
        "payload": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "<environment_context>x</environment_context>"}]},
    },
    {
        "timestamp": "2024-05-31T10:00:00Z",
        "type": "response_item",
        "payload": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "fix it"}]},
    },
    {"timestamp": "2024-05-31T10:00:00Z", "type": "event_msg", "payload": {"type": "user_message", "message": "fix it"}},
    {
        "timestamp": "2024-05-31T10:00:01Z",
        "type": "response_item",
        "payload": {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "done"}]},
    },
)
MEM0 = {"results": [{"id": "1", "memory": "Likes oak", "user_id": "u", "categories": ["wood"], "created_at": "2024-05-31"}]}
MCP = lines(
    {"type": "entity", "name": "Ana", "entityType": "person", "observations": ["sails", "sails", "rows"]},
    {"type": "relation", "from": "Ana", "to": "Acme", "relationType": "works_at"},
)
BASIC = (
    "---\ntitle: Coffee\ntype: note\npermalink: notes/coffee\ntags: [drink]\n---\n# Coffee\n\nIt is hot.\n\n"
    "- [method] Pour over is clear #brewing\n- [ ] buy some\n- requires [[Grinder]]\n- see [[Tea]] for another drink\n"
)
TABLE = 'id;Text;Date;Tags\n1;"two\nlines; one cell";2024-05-31;a, b\n2;short;2024-06-01;\n3;ragged\n'
CONTENTS = {
    "chatgpt": json.dumps([CHATGPT]),
    "claude": json.dumps([CLAUDE, MEMORIES, PROJECT]),
    "gemini": json.dumps(ACTIVITY),
    "agents": CODE,
    "mem0": json.dumps(MEM0),
    "mcp-memory": MCP,
    "basic-memory": BASIC,
    "csv": TABLE,
    "jsonl": lines({"text": "a", "tags": ["x"]}),
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *CONTENTS.items(),
        ("agents", CODEX),
        ("gemini", json.dumps(THREAD)),
        ("chatgpt", json.dumps(CHATGPT)),
        ("claude", json.dumps(PROJECT)),
        ("claude", json.dumps([MEMORIES])),
        ("mem0", lines(*MEM0["results"])),
        ("chatgpt", '{"id": "u", "email": "x@y.z", "chatgpt_plus_user": true}'),
        ("claude", '[{"uuid": "u", "full_name": "A", "email_address": "x@y.z"}]'),
        ("mcp-memory", '{"entities": [{"name": "A", "entityType": "b", "observations": []}], "relations": []}'),
        ("agents", lines({"role": "user", "content": "hi"})),
        ("agents", lines({"messages": [{"role": "user", "content": "hi"}]})),
        ("jsonl", lines({"body": "hi", "date": "2024-05-31"})),
    ],
)
def test_a_file_is_known_by_its_content(name, content):
    """Each export is taken by its own format alone, whatever its name."""
    assert takers(content) == [name]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"a": 1}', "x.json"),
        ('{"level": "info", "message": "started"}\n', "x.jsonl"),
        ("[]", "x.json"),
        ('[{"name": "A", "messages": [{"from": "B", "text": "c"}]}]', "x.json"),
        ("Text, and more\nof it, at length, here\n", "x.dat"),
        ("amount,date\n1,2\n", "x.csv"),
        ('{"text": 5}\n', "x.jsonl"),
        ('{"text":\n"a"}', "x.json"),
        ("text\nwords\n", "x.dat"),
    ],
)
def test_what_is_no_export_is_left_alone(content, name):
    """JSON, logs and prose of others are claimed by none."""
    assert takers(content, name) == []


def test_a_vault_s_notes_stay_markdown():
    """A permalink alone, or list items alone, make no note of basic-memory."""
    for content in ["---\npermalink: x\n---\nWords.\n", "---\ntitle: x\n---\n- [idea] words\n"]:
        assert takers(content, "x.md") == []
    assert markdown.recognises(file_of(content, "x.md"))


def test_the_open_branch_of_a_tree_counts():
    """An answer that was asked for again is left out; the node that was open decides."""
    nodes = [node("a", "root", "user", "q", 1), node("b", "a", "assistant", "old", 2), node("c", "a", "assistant", "new", 3)]
    assert [r.text for r in read(chatgpt, [chat(*nodes, current_node="b")])] == ["q", "old"]
    for current in (None, "gone", ["b"]):
        assert [r.text for r in read(chatgpt, [chat(*nodes, current_node=current)])] == ["q", "new"]


@pytest.mark.parametrize(
    "hidden",
    [
        {"author": {"role": "system"}},
        {"author": {"role": "tool"}},
        {"weight": 0.0},
        {"recipient": "python"},
        {"metadata": {"is_visually_hidden_from_conversation": True}},
        {"metadata": {"is_thinking_preamble_message": True}, "channel": "commentary"},
        {"content": None},
        {"content": {"parts": [""]}},
        *(
            {"content": {"content_type": kind, "text": "x", "parts": ["x"]}}
            for kind in ("code", "execution_output", "thoughts", "reasoning_recap", "user_editable_context", "model_editable_context")
        ),
    ],
)
def test_what_people_did_not_see_is_left_out(hidden):
    """Tools, thoughts, settings and hidden messages are no words of the conversation."""
    assert spoken(read(chatgpt, [chat(node("a", "root", "user", "q"), node("b", "a", "assistant", "x", **hidden))])) == [("user", "q")]


def test_of_pictures_and_sounds_the_words_are_kept():
    """A spoken message has its transcription; a picture has none."""
    parts = [{"content_type": "image_asset_pointer", "asset_pointer": "x"}, "look", {"content_type": "audio_transcription", "text": "listen"}]
    message = node("a", "root", "user", "", content={"content_type": "multimodal_text", "parts": parts})
    assert spoken(read(chatgpt, [chat(message)])) == [("user", "look\n\nlisten")]


def test_marks_of_sources_are_left_out():
    """A thing has its name, and a source has nothing to be read."""
    cite, end = "\ue200cite\ue202turn0search1\ue202turn0search2\ue201", "\ue201"
    written = f'\ue203In \ue200entity\ue202["city","Porto","in Portugal"]{end}\ue204 {cite}, see \ue200url\ue202this\ue202x.org{end}【4:1†source】.'
    assert spoken(read(chatgpt, [chat(node("a", "root", "assistant", written))])) == [("assistant", "In Porto, see this.")]


def test_times_and_ids_that_are_missing_are_made_up():
    """A message is of the time before it; a conversation is named by its title and time."""
    value = chat(node("a", "root", "user", "q"), node("b", "a", "assistant", "x", 1700000009), node("c", "b", "user", "y"))
    del value["conversation_id"]
    found = read(chatgpt, [value])
    assert [r.time.timestamp() for r in found] == [1700000000, 1700000009, 1700000009]
    assert {r.session for r in found} == {"T 1700000000"}


@pytest.mark.parametrize("broken", [{"a": {"parent": "b"}}, {"a": {"parent": "none"}}, {"a": {"parent": "a"}}, {"a": 5}])
def test_broken_trees_end(broken):
    """Cycles and missing parents cost at most their own messages."""
    nodes = node("a", "root", "user", "q", 1) | node("b", "a", "assistant", "x", 2)
    nodes["a"] = nodes["a"] | broken["a"] if isinstance(broken["a"], dict) else broken["a"]
    assert "x" in [r.text for r in read(chatgpt, [chat(nodes, current_node="b")])]


def test_a_bad_record_costs_only_itself():
    """What is around it comes in, and it is said where it was."""
    bad = chat(node("a", "root", "user", "q", "soon"), node("b", "a", "assistant", "x", 2))
    found = read(chatgpt, [CHATGPT, 5, {"mapping": []}, bad])
    assert [type(r) for r in found] == [Said, Said, Skipped, Skipped, Skipped, Said]
    cut = json.dumps([CHATGPT, CHATGPT])[:-40]
    assert [type(r) for r in read(chatgpt, cut)] == [Said, Said, Skipped]


def test_an_answer_of_claude_is_what_people_see():
    """Blocks of text count before the flat text, which names the tools."""
    blocks = [{"type": "text", "text": "one"}, {"type": "tool_use"}, {"type": "thinking", "thinking": "t"}, {"type": "text", "text": "two"}]
    messages = [
        {"sender": "human", "text": "q", "attachments": [{"extracted_content": "file"}]},
        {"sender": "assistant", "text": "one [tool] two", "content": blocks},
        {"sender": "assistant", "text": "not supported", "content": [{"type": "tool_result"}]},
    ]
    assert spoken(read(claude, [CLAUDE | {"chat_messages": messages}])) == [("user", "q"), ("assistant", "one\n\ntwo")]


def test_the_newest_branch_of_claude_counts():
    """A question that was rewritten is left out with its answer."""
    tree = [("a", ROOT, "q"), ("b", "a", "old"), ("c", "b", "old answer"), ("d", "a", "new"), ("e", "d", "new answer")]
    messages = [{"uuid": id, "parent_message_uuid": up, "sender": "human", "text": t} for id, up, t in tree]
    assert [r.text for r in read(claude, [CLAUDE | {"chat_messages": messages}])] == ["q", "new", "new answer"]


def test_old_exports_of_claude_are_put_in_order():
    """Their messages stand anyhow, and an answer has the time of its question."""
    said = [("human", "q2", 2), ("assistant", "a1", 1), ("human", "q1", 1), ("assistant", "a2", 2)]
    messages = [{"sender": who, "text": t, "created_at": f"2024-05-31T10:00:0{at}Z"} for who, t, at in said]
    assert [r.text for r in read(claude, [CLAUDE | {"chat_messages": messages}])] == ["q1", "a1", "q2", "a2"]


def test_a_long_text_that_was_pasted_is_said():
    """It became a file without a name; a file that was chosen stays out."""
    files = [{"file_name": "paste.txt", "extracted_content": "long"}, {"file_name": "a.pdf", "extracted_content": "no"}]
    message = {"sender": "human", "text": "", "content": [], "attachments": files}
    assert spoken(read(claude, [CLAUDE | {"chat_messages": [message]}])) == [("user", "long")]


def test_what_claude_remembers_is_its_own_word():
    """Memories and projects come in pieces that are known by where they stand."""
    found = read(claude, [MEMORIES])
    assert [(n.text, n.external_id, n.speaker, n.own) for n in found] == [
        ("**Work**\n\nSails.", "a:1", "Claude", False),
        ("Builds.", "memory:p:1", "Claude", False),
    ]
    assert [(n.title, n.text, n.external_id) for n in read(claude, [PROJECT])] == [
        ("Boat", "A boat", "p:description:1"),
        ("Boat", "Be brief.", "p:instructions:1"),
        ("Boat › hull.md › Hull", "Oak.", "d:1"),
    ]


def test_gemini_s_activity_may_be_in_another_language():
    """What stands before a prompt is none of its words."""
    entry = {"header": "Gemini-Apps", "title": "Eingegebener Prompt: Wie alt?", "time": "2024-05-31T10:00:00Z"}
    assert spoken(read(gemini, [entry])) == [("user", "Wie alt?")]


def test_gemini_s_activity_is_put_in_order():
    """Prompts stand before their answers, the first of a day first; other activity is left out."""
    assert spoken(read(gemini, ACTIVITY)) == [("user", "first"), ("user", "later"), ("assistant", "One & two\n\n- x\n\n- y")]


@pytest.mark.parametrize("content", [CODE, CODEX])
def test_logs_of_coding_hold_what_was_said(content):
    """Tools, thoughts and what the program put into the prompt are left out."""
    found = read(agents, content)
    assert spoken(found) == [("user", "fix it"), ("assistant", "done")]
    assert {r.session for r in found} == {"s"}


def test_what_is_typed_while_the_model_works_is_said():
    """It stands in an attachment, and nowhere else; what a program put there is left out."""
    queued = {"type": "queued_command", "commandMode": "prompt", "prompt": "and test it"}
    given = [queued, queued | {"origin": {"kind": "peer"}}, queued | {"commandMode": "task-notification"}]
    more = [{"type": "attachment", "sessionId": "s", "uuid": f"q{i}", "attachment": each} for i, each in enumerate(given)]
    assert spoken(read(agents, CODE + lines(*more)))[2:] == [("user", "and test it")]


def test_of_a_prompt_with_open_files_the_request_counts():
    """An editor names above it what is open."""
    text = "# Context from my IDE setup:\n\n## Active file: a.py\n\n## My request for Codex:\nfix it"
    assert spoken(read(agents, lines({"role": "user", "content": text}))) == [("user", "fix it")]


def test_an_object_may_stand_on_several_lines():
    """One conversation or memory, written to be looked at, is no file of lines."""
    talk = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]}
    assert spoken(read(agents, json.dumps(talk, indent=2))) == [("user", "hi"), ("assistant", "yo")]
    [note] = read(mem0, json.dumps(MEM0["results"][0], indent=2))
    assert note.text == "Likes oak"


def test_a_summary_is_the_title_of_a_log():
    """A log without an id is named by its file and its first line."""
    assert {r.title for r in read(agents, CODE)} == {"Boats"}
    [said] = read(agents, lines({"role": "user", "content": "hi"}), "talk.dat")
    assert said.session.startswith("talk-")


def test_memories_of_mem0_have_ids_and_tags():
    """A memory is a note; one without words is reported."""
    [note, skipped] = read(mem0, {"results": [*MEM0["results"], {"id": "2"}]})
    assert (note.text, note.external_id, note.tags, note.time.day) == ("Likes oak", "1", ("wood",), 31)
    assert isinstance(skipped, Skipped)


@pytest.mark.parametrize("content", [MCP, json.dumps({"entities": [json.loads(MCP.split("\n")[0])], "relations": [json.loads(MCP.split("\n")[1])]})])
def test_a_graph_becomes_notes_with_triples(content):
    """Each observation can be read alone, once; ids are the same at each import."""
    found = read(mcp_memory, content)
    assert [n.text for n in found] == ["Ana is a person", "Ana: sails", "Ana: rows", "Ana works at Acme"]
    assert found[0].triples == (Triple("Ana", "is a", "person"),)
    assert found[3].triples == (Triple("Ana", "works_at", "Acme"),)
    assert len({n.external_id for n in found}) == 4
    assert found == read(mcp_memory, content)


def test_observations_and_relations_are_read_off_a_note():
    """Tasks and talk with links in it stay prose; spans stand where they say."""
    said, relation, *prose = read(basic_memory, BASIC)
    assert (said.text, said.tags) == ("Pour over is clear #brewing", ("method", "brewing", "drink"))
    assert relation.triples == (Triple("Coffee", "requires", "Grinder"),)
    assert " ".join(n.text for n in prose).split() == "It is hot. - [ ] buy some - see Tea for another drink".split()
    assert [BASIC[n.span.start : n.span.end] for n in (said, relation)] == [said.quote, relation.quote]
    assert said.external_id.startswith("notes/coffee#")


def test_a_table_is_read_like_jsonl():
    """The separator is found, cells may have lines, and rows that do not fit are reported."""
    one, two, ragged = read(csv_table, TABLE)
    assert (one.text, one.tags, one.time.day, one.external_id) == ("two\nlines; one cell", ("a", "b"), 31, "1")
    assert (two.text, two.tags) == ("short", ())
    assert ragged == Skipped("line 5", "2 cells, but the header has 4")


def test_columns_can_be_named():
    """Other names are given by hand, for tables and for JSONL."""
    columns = {"text": "Eintrag", "time": "Tag"}
    [note] = read(csv_table, "Eintrag,Tag,x\nhallo,2024-05-31,1\n", columns=columns)
    assert (note.text, note.time.day) == ("hallo", 31)
    [again] = read(jsonl, lines({"Eintrag": "hallo", "Tag": "2024-05-31", "x": 1}), columns=columns)
    assert again == note
    [plain] = read(jsonl, lines({"text": "a", "timestamp": "soon", "from": {"id": 1}, "date": "2024-05-31"}))
    assert (plain.speaker, plain.time.day) == ("", 31)
    with pytest.raises(Unreadable, match='no "text"'):
        list(csv_table.read(file_of("a,b\n1,2\n")))


def test_a_year_that_nobody_lives_to_see_costs_one_line():
    """The lines after it come in."""
    found = read(jsonl, lines({"text": "a"}, {"text": "b", "date": "9000-01-01"}, {"text": "c", "date": "2024-05-31"}))
    assert [type(r) for r in found] == [Note, Skipped, Note]
    assert found[2].time.day == 31


@pytest.mark.parametrize(
    ("place", "module", "turns"),
    [
        # Five conversations of a question and an answer each; the root of each tree is empty.
        ("chatgpt-export", chatgpt, 10),
        # One conversation of two messages, whose nodes name their parents alone.
        ("cognition-vault/chatgpt", chatgpt, 2),
        # A conversation of two messages and one of three, one with a tool's block beside its text.
        ("claude-export", claude, 5),
        ("cognition-vault/claude", claude, 2),
        ("cognition-vault/gemini", gemini, 2),
    ],
)
def test_real_exports_come_in_whole(place, module, turns):
    """Each message of the samples is a turn."""
    content = shared("data", "import", *place.split("/"), "conversations.json").read_bytes()
    assert [type(r) for r in read(module, content)] == [Said] * turns


VALUES = [None, 5, -1.5, True, "", "x", [], {}, [None], {"a": []}, "9999-01-01", 1e300, ["<p>"], "\ud800"]


def damaged(value, chance):
    """Return JSON with some values replaced by ones of any type."""
    if chance.random() < 0.1:
        return chance.choice(VALUES)
    if isinstance(value, dict):
        return {key: damaged(item, chance) for key, item in value.items()}
    return [damaged(item, chance) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", CONTENTS)
def test_nothing_but_unreadable_leaves_a_reader(name):
    """Values of other types, and bytes out of place, cost records and raise nothing else."""
    chance, content = random.Random(7), CONTENTS[name]
    module = next(m for m in MODULES if m.FORMAT.name == name)
    for _ in range(60):
        if content[0] in "[{":
            whole = content.count("\n") == 0
            parsed = [json.loads(line) for line in content.splitlines()]
            data = (
                "\n".join(json.dumps(damaged(v, chance)) for v in parsed).encode() if not whole else json.dumps(damaged(parsed[0], chance)).encode()
            )
        else:
            data = content.encode()
        at = chance.randrange(len(data) + 1)
        data = chance.choice([data, data[:at], data[:at] + chance.randbytes(2) + data[at:]])
        began = time.monotonic()
        try:
            module.recognises(file_of(data))
            assert all(isinstance(r, (Note, Said, Skipped)) for r in module.read(file_of(data)))
        except Unreadable:
            pass
        assert time.monotonic() - began < 5
