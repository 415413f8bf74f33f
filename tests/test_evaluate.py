"""Evaluation: reading sets, figures checked by hand, and ``memcli eval``."""

import contextlib
import json
import re
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import shared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import memcli
from memcli.errors import InvalidInput, NotFound
from memcli.evaluate import answers, sets
from memcli.evaluate.answers import abstains, normalised, token_f1
from memcli.evaluate.asked import Asked
from memcli.evaluate.questions import Conversation, EvalSet, Question
from memcli.evaluate.retrieval import auroc, interval, ranks, retrieved, share
from memcli.evaluate.systems import SYSTEMS
from memcli.testing import HashEmbedder

TURNS = {
    "D1:1": "I bought a red kayak for the lake.",
    "D1:2": "My sister plays the cello in an orchestra.",
    "D1:3": "The dentist moved to Harbour Street.",
    "D1:11": "Grandfather grows tomatoes on the balcony.",
}
ABSENT = "Which volcano did Zebulon photograph?"


def write(path, *values, lines=False):
    """Write JSON: a value, or with ``lines`` one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(json.dumps, values)) + "\n" * lines, "utf-8")
    return path


def groups(*ids):
    return tuple(frozenset([id]) for id in ids)


def locomo(*qa, caption=None, turns=TURNS):
    said = [{"speaker": "Ana", "dia_id": id, "text": text} for id, text in turns.items()]
    if caption:
        said[0]["blip_caption"] = caption
    told = {
        "speaker_a": "Ana",
        "speaker_b": "Bo",
        "session_1_date_time": "1:56 pm on 8 May, 2023",
        "session_1": said,
        "session_2_date_time": "1:00 pm on 9 May, 2023",  # a session that was never held
    }
    return {"conversation": told, "qa": list(qa)}


def qa(question, *evidence, category=4, **more):
    return {"question": question, "evidence": list(evidence), "category": category, **more}


KAYAK = qa("Who bought the red kayak?", "D1:1", answer="Ana")
BOTH = qa("Where are the kayak and the tomatoes?", "D1:1; D:1:11", category=1, answer="lake")
NOBODY = qa(ABSENT, "D1:2", category=5, adversarial_answer="Etna")


@pytest.fixture
def locomo_file(tmp_path):
    return write(tmp_path / "locomo.json", [locomo(KAYAK, BOTH, NOBODY)])


def only(path):
    """Return the only conversation of a set."""
    [conversation] = sets.read(path).conversations
    return conversation


def asked_of(path):
    return list(sets.read(path).questions())


# LoCoMo


def test_locomo(locomo_file):
    """A turn has its id, session, speaker and time; a question its evidence, kind and answer."""
    chosen = sets.read(locomo_file)
    [conversation] = chosen.conversations
    assert chosen.name == "locomo"
    assert conversation.turns[0] == {
        "id": "D1:1",
        "session": "session_1",
        "text": TURNS["D1:1"],
        "time": "2023-05-08T13:56:00+00:00",
        "speaker": "Ana",
    }
    assert conversation.questions == (
        Question(KAYAK["question"], "single-hop", groups("D1:1"), "Ana"),
        Question(BOTH["question"], "multi-hop", groups("D1:1", "D1:11"), "lake"),
        Question(ABSENT, "adversarial", answerable=False),
    )


def test_locomo_caption(tmp_path):
    """The caption of a shared image is part of what was said."""
    file = write(tmp_path / "l.json", locomo(KAYAK, caption="a photo of a boat"))
    assert only(file).turns[0]["text"] == f"{TURNS['D1:1']} [shares a photo of a boat]"


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        (["D1:1"], ["D1:1"]),
        (["D1:1; D1:3"], ["D1:1", "D1:3"]),
        (["D1:3 D1:1 D1:2"], ["D1:3", "D1:1", "D1:2"]),
        (["D:1:11"], ["D1:11"]),
        (["D01:02", "D1:2"], ["D1:2"]),
        (["D1:36", "D", ""], []),
        (["D9:1", "D1:2"], ["D1:2"]),
        ([], []),
        (None, []),
        ("D1:1", ["D1:1"]),
    ],
)
def test_locomo_evidence(tmp_path, evidence, found):
    """Malformed ids are mended, and those of no turn dropped."""
    asked = {"question": "What?", "category": 1, "evidence": evidence}
    [question] = asked_of(write(tmp_path / "l.json", [locomo(asked)]))
    assert question.evidence == groups(*found)


@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: one, lambda one: [one, one]])
def test_locomo_of_any_number(tmp_path, wrap):
    """A file may hold one conversation or several."""
    found = sets.read(write(tmp_path / "l.json", wrap(locomo(KAYAK))))
    assert {c.questions[0].text for c in found.conversations} == {KAYAK["question"]}


# BEAM

CHAT = [
    {
        "batch_number": 1,
        "turns": [
            [
                {
                    "role": "user",
                    "id": 0,
                    "content": "I start. ->-> 1,1",
                    "time_anchor": "March-15-2024",
                },
                {"role": "assistant", "id": 1, "content": "Good."},
            ]
        ],
    },
    {"batch_number": 2, "turns": [[{"role": "user", "id": 2, "content": "I end. ->-> 2,10"}]]},
]
PROBES = {
    "abstention": [{"question": "Why?", "ideal_response": "Not said."}],
    "contradiction_resolution": [
        {
            "question": "Did I?",
            "ideal_answer": "Both",
            "source_chat_ids": {"one": [0], "two": [[2]]},
        }
    ],
    "event_ordering": [{"question": "In what order?", "answer": "1", "source_chat_ids": [0, 2]}],
    "knowledge_update": [{"question": "When?", "answer": 3, "source_chat_ids": [2, 77]}],
    "summarization": [{"question": "All?", "ideal_summary": "Yes", "source_chat_ids": [0, 1]}],
}


def beam(folder, probes=PROBES):
    write(folder / "chat.json", CHAT)
    write(folder / "probing_questions.json", probes)
    return folder


def test_beam(tmp_path):
    """Marks are cut off, the last time anchor holds, and nested ids are the evidence."""
    conversation = only(beam(tmp_path / "1"))
    assert conversation.turns == [
        {"id": "0", "session": "1", "text": "I start.", "time": "2024-03-15T00:00:00+00:00", "role": "user"},
        {"id": "1", "session": "1", "text": "Good.", "time": "2024-03-15T00:00:00+00:00", "role": "assistant"},
        {"id": "2", "session": "2", "text": "I end.", "time": "2024-03-15T00:00:00+00:00", "role": "user"},
    ]  # fmt: skip
    assert conversation.questions == (
        Question("Why?", "abstention", answerable=False),
        Question("Did I?", "contradiction_resolution", groups("0", "2"), "Both"),
        Question("In what order?", "event_ordering", answer="1"),
        Question("When?", "knowledge_update", groups("2"), "3"),
        Question("All?", "summarization", answer="Yes"),
    )


def test_beam_paths(tmp_path):
    """A chat's folder, its chat.json, and a folder of chats in the order of their numbers."""
    for number in (10, 2, 1):
        beam(tmp_path / str(number), {"abstention": [{"question": f"Number {number}?"}]})
    (tmp_path / "notes").mkdir()
    assert [q.text for q in asked_of(tmp_path)] == ["Number 1?", "Number 2?", "Number 10?"]
    assert [q.text for q in asked_of(tmp_path / "2" / "chat.json")] == ["Number 2?"]
    assert [q.text for q in asked_of(tmp_path / "10")] == ["Number 10?"]


# LongMemEval


def history(**more):
    return {
        "question_id": "q1",
        "question_type": "temporal-reasoning",
        "question": "When did I sail?",
        "answer": 3,
        "question_date": "2023/05/30 (Tue) 23:40",
        "haystack_dates": ["2023/05/20 (Sat) 02:21", "2023/05/21 (Sun) 10:00"],
        "haystack_session_ids": ["a", "b"],
        "haystack_sessions": [
            [{"role": "user", "content": "I sail."}, {"role": "assistant", "content": "Where?"}],
            [{"role": "user", "content": "I read."}, {"role": "assistant", "content": "What?"}],
        ],
        "answer_session_ids": ["b"],
        **more,
    }


def test_longmemeval(tmp_path):
    """A history is the conversation of its own question, which is asked at its date."""
    conversation = only(write(tmp_path / "m.json", [history()]))
    assert conversation.turns[1] == {
        "id": "0:1",
        "session": "0",
        "text": "Where?",
        "time": "2023-05-20T02:21:00+00:00",
        "role": "assistant",
    }
    [question] = conversation.questions
    assert (question.category, question.answer) == ("temporal-reasoning", "3")
    assert question.asked_at == datetime(2023, 5, 30, 23, 40, tzinfo=timezone.utc)
    assert question.evidence == groups("1:0")  # no turn is marked: the user's in that session


def test_longmemeval_marked_turns(tmp_path):
    """Turns that are marked are the evidence, and no others."""
    marked = history()
    marked["haystack_sessions"][0][1]["has_answer"] = True
    [question] = asked_of(write(tmp_path / "m.json", [marked]))
    assert question.evidence == groups("0:1")


def test_longmemeval_abstention(tmp_path):
    """An id that ends in _abs marks a question that cannot be answered."""
    file = write(tmp_path / "m.json", [history(question_id="q1_abs"), history()])
    first, second = asked_of(file)
    assert (first.answerable, first.evidence, first.answer) == (False, (), None)
    assert second.answerable


def test_longmemeval_samples(tmp_path):
    """Samples have a flat conversation, whose sessions are told by the date, and no evidence."""
    days = ["2023/05/20 (Sat) 02:21", "2023/05/20 (Sat) 02:21", "2023/05/21 (Sun) 10:00"]
    sample = {
        "id": "x",
        "question_type": "knowledge-update",
        "conversation": [{"role": "user", "content": "I sail.", "date": day} for day in days],
        "questions": [
            {"id": "q1", "question": "Do I?", "answer": "yes"},
            {"id": "q2", "question": "Do you?", "answer": "not said", "is_abstention": True},
        ],
    }
    conversation = only(write(tmp_path / "m.json", {"source": "…", "data": [sample]}))
    assert [(turn["id"], turn["session"]) for turn in conversation.turns] == [
        ("0:0", "0"),
        ("0:1", "0"),
        ("1:0", "1"),
    ]
    assert conversation.questions == (
        Question("Do I?", "knowledge-update", answer="yes"),
        Question("Do you?", "knowledge-update", answerable=False),
    )


# Golden questions


def test_golden(tmp_path):
    """A line says what must be found, by id or text, and what is answered; null: nothing."""
    file = write(
        tmp_path / "g.jsonl",
        {"question": "A?", "memory": "j3a7", "text": ["pot", "blue"], "category": "home"},
        {"question": "B?", "memory": ["x", "y"], "asked_at": "2024-05-31"},
        {"question": "C?", "answer": None},
        {"question": "D?", "answer": "Lisbon"},
        lines=True,
    )
    assert sets.read(file).name == "golden"
    assert only(file).turns is None
    assert asked_of(file) == [
        Question("A?", "home", groups("j3a7"), texts=("pot", "blue")),
        Question(
            "B?", "all", groups("x", "y"), asked_at=datetime(2024, 5, 31, tzinfo=timezone.utc)
        ),
        Question("C?", answerable=False),
        Question("D?", answer="Lisbon"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"question": "B?"}', 'question 2: it has no "memory", "text" or "answer"'),
        ('{"memory": "x"}', "question 2: 'question' is missing"),
        ('{"question": "", "text": "x"}', "question 2: a question has no text"),
        ('{"question": 7, "text": "x"}', "question 2: a question has no text"),
        ('{"question": "B?", "text": ""}', "question 2: '' is no id or text"),
        ('{"question": "B?", "memory": [1]}', "question 2: [1] is no id or text"),
        ('{"question": "B?", "text": "x", "asked_at": "soon"}', "question 2: 'soon' is not a date"),
        ('{"question": "B?", ', "line 2: "),
        ("[1]", "it holds no objects"),
    ],
)
def test_wrong_golden_line(tmp_path, line, reason):
    """What is wrong with a line is said with its number."""
    file = tmp_path / "g.jsonl"
    file.write_text('{"question": "A?", "text": "x"}\n' + line)
    with pytest.raises(InvalidInput, match=re.escape(reason)):
        sets.read(file)


# What is no set

WRONG = {
    "nothing": "",
    "white space": " \n\n",
    "no json": "Dear diary,\n",
    "cut off": '[{"qa": [',
    "numbers": "[1, 2, 3]",
    "mixed": '[{"question": "A?", "text": "x"}, 3]',
    "empty list": "[]",
    "empty object": "{}",
    "null": "null",
    "another shape": '[{"name": "x", "value": 1}]',
    "deep": "[" * 100_000,
    "deep and closed": "[" * 100_000 + "]" * 100_000,
    "huge number": "[" + "9" * 10_000 + "]",
    "no questions": json.dumps([{"conversation": {}}]),
    "conversation of text": json.dumps([{"conversation": "hello", "qa": []}]),
    "turn without text": json.dumps([{**locomo(KAYAK), "conversation": {"session_1": [{"dia_id": "D1:1"}]}}]),
    "text is a number": json.dumps([locomo(KAYAK, turns={"D1:1": 5})]),
    "question without text": json.dumps([locomo({"evidence": [], "category": 1})]),
    "question of white space": json.dumps([locomo(qa("  ", "D1:1"))]),
    "category of a list": json.dumps([locomo(qa("A?", category=[]))]),
    "qa of numbers": json.dumps([{**locomo(), "qa": [1]}]),
    "haystack of numbers": json.dumps([history(haystack_sessions=[1])]),
    "haystack of texts": json.dumps([history(haystack_sessions=["ab"])]),
    "no type of question": json.dumps([history(question=None)]),
    "answering number": json.dumps([history(answer_session_ids=5)]),
}  # fmt: skip


@pytest.mark.parametrize("command", ["retrieval", "answers", "golden"])
@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_wrong_files(run, tmp_path, command, content):
    """A file of another shape is an error with the shapes that can be read, and no traceback."""
    file = tmp_path / "set.json"
    file.write_text(content)
    result = run("eval", command, file)
    assert (result.code, result.out) == (2, "")
    assert f"{file} cannot be evaluated: " in result.err
    assert "Known are LoCoMo" in result.err
    assert "Traceback" not in result.err


def test_binary_file(run, tmp_path):
    """Bytes that are no text are refused."""
    (tmp_path / "set.json").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    result = run("eval", "retrieval", tmp_path / "set.json")
    assert (result.code, result.out) == (2, "")
    assert "cannot be evaluated" in result.err


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "no chat.json is in it"),
        ({"chat.json": CHAT}, "No such file"),
        ({"chat.json": CHAT, "probing_questions.json": []}, "of the wrong kind"),
        ({"chat.json": [1], "probing_questions.json": PROBES}, "of the wrong kind"),
        ({"chat.json": [{"turns": []}, {}], "probing_questions.json": PROBES}, "'turns' is missing"),
        ({"chat.json": CHAT, "probing_questions.json": {"abstention": [{}]}}, "'question' is missing"),
    ],
)  # fmt: skip
def test_wrong_folders(tmp_path, files, reason):
    """A folder without whole chats is refused."""
    (tmp_path / "set").mkdir()
    for name, value in files.items():
        write(tmp_path / "set" / name, value)
    with pytest.raises(InvalidInput, match=reason):
        sets.read(tmp_path / "set")


def test_missing_file(run, tmp_path):
    """A path with nothing there is not found."""
    result = run("eval", "retrieval", tmp_path / "nothing.json")
    assert (result.code, result.out) == (3, "")
    assert "nothing.json" in result.err


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                """qa conversation session_1 question questions evidence category text dia_id speaker
            haystack_sessions role content data memory answer turns""".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(VALUES)
def test_any_json_is_read_or_refused(tmp_path, value):
    """Whatever JSON a file holds, it is a set or an error that says why not."""
    file = write(tmp_path / "any.json", value)
    with contextlib.suppress(InvalidInput):
        assert isinstance(sets.read(file), EvalSet)


# Samples


def test_sample():
    """A sample is spread over all conversations, and those without a question are left out."""
    parts = [Conversation([], tuple(Question(f"{n}:{i}?") for i in range(4))) for n in range(3)]
    chosen = EvalSet("x", tuple(parts))
    assert [q.text for q in chosen.sample(3).questions()] == ["0:0?", "1:0?", "2:0?"]
    assert [q.text for q in chosen.sample(1).questions()] == ["0:0?"]
    assert len(chosen.sample(1).conversations) == 1
    assert chosen.sample(99) == chosen.sample(None) == chosen
    assert EvalSet("x", ()).sample(5).conversations == ()


# Figures


def test_figures_of_a_search():
    """Recall is the share of the evidence among the first ids; MRR counts the first of it."""
    found = [f"{i}" for i in range(1, 21)]
    #                                            R@5  R@10 R@20 all@10 MRR newest first
    assert retrieved(found, groups("1")) == (1, 1, 1, 1, 1, None)
    assert retrieved(found, groups("4", "12")) == (0.5, 0.5, 1, 0, 1 / 4, 0)
    assert retrieved(found, groups("10", "6")) == (0, 1, 1, 1, 1 / 6, 1)
    assert retrieved(found, groups("21")) == (0, 0, 0, 0, 0, None)
    assert retrieved([], groups("1", "2")) == (0, 0, 0, 0, 0, None)


def test_ranks():
    """Of each set of ids the first that was found counts."""
    assert ranks(["a", "b", "c"], [frozenset("cb"), frozenset("x")]) == [2, float("inf")]


def test_auroc():
    """A pair in the right order counts 1, a tie a half; without a pair there is no figure."""
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1
    assert auroc([0.1], [0.9]) == 0
    assert auroc([0.5, 0.5], [0.5]) == 0.5
    assert auroc([3, 1], [2, 1]) == 0.625  # 3>2, 3>1, 1<2, 1=1
    assert auroc([], [1]) is None
    assert auroc([1], []) is None


def test_interval():
    """The interval lies around the mean, is the same each time, and has no width without spread."""
    values = [0.0, 1.0] * 50
    low, high = interval(values)
    assert 0.38 < low < 0.5 < high < 0.62
    assert interval(values) == [low, high]
    assert interval([0.25] * 7) == [0.25, 0.25]


def test_share():
    """A share is a mean to four digits; of nothing there is none."""
    assert share([1, 0, 0]) == 0.3333
    assert share([]) is None


@pytest.mark.parametrize(
    ("answer", "right", "f1"),
    [
        ("Lisbon", "lisbon.", 1),
        ("The red kayak", "a red kayak!", 1),
        ("She lives in Lisbon", "in Lisbon", 2 * (2 / 4) * 1 / (2 / 4 + 1)),
        ("red red", "red", 2 * 1 / 3),
        ("Porto", "Lisbon", 0),
        ("", "Lisbon", 0),
        ("the", "", 1),
    ],
)
def test_token_f1(answer, right, f1):
    """F1 is over words without case, punctuation and articles, each as often as it stands there."""
    assert token_f1(answer, right) == pytest.approx(f1)
    assert (normalised(answer) == normalised(right)) == (f1 == 1)


@pytest.mark.parametrize(
    ("answer", "abstained"),
    [
        ("", True),
        ("I don't have that in my memories.", True),
        ("I don’t know.", True),
        ("Sorry, I cannot find anything about that.", True),
        ("There is no information about a hamster.", True),
        ("The memories do not mention a hamster.", True),
        ("You did not mention this information.", True),
        ("Her dog is not mentioned in the conversation.", True),
        ("It isn't mentioned.", True),
        ("Unknown.", True),
        ("Lisbon", False),
        ("No, she moved to Porto.", False),
        ("She could not swim.", False),
        ("- 2023-05-08 Ana: I bought a red kayak for the lake, to be used by all of us in summer. I don't know when.", False),
    ],
)  # fmt: skip
def test_abstains(answer, abstained):
    """An answer that says that nothing is known abstains; one that quotes such words does not."""
    assert abstains(answer) == abstained


# Systems


def asked(texts=TURNS, hits=(), own=False):
    """Return a memory of some texts, whose recall returns the hits of these external ids."""
    found = [SimpleNamespace(id=f"hit{i}", external_ids=ids) for i, ids in enumerate(hits)]
    memory = SimpleNamespace(
        memory=SimpleNamespace(meaning=SimpleNamespace(embedder=HashEmbedder())),
        recall=lambda query, limit, asked_at: found[:limit],
    )
    return Asked(memory, list(texts.items()), (), own)


def search(name, query, limit=20, **options):
    return SYSTEMS[name](asked(**options))(Question(query), limit)


def test_grep():
    """Texts with most of the words come first, the earlier of equals first, others not at all."""
    texts = {"a": "A kayaking trip", "b": "Red", "c": "RED KAYAK", "d": "blue", "e": "red"}
    assert search("grep", "Where is the red kayak?", texts=texts) == ["c", "a", "b", "e"]
    assert search("grep", "red", limit=1, texts=texts) == ["b"]
    assert search("grep", "Where is it?", texts=texts) == []


def test_bm25():
    """Rare words weigh most, and a long text less than a short one."""
    texts = {"long": "cello cello " + "tree " * 30, "short": "cello tree", "rare": "tree kayak"}
    assert search("bm25", "cello", texts=texts) == ["short", "long"]
    assert search("bm25", "tree kayak", texts=texts)[0] == "rare"
    assert search("bm25", "kayak", texts={}) == []


def test_dense():
    """The text with the nearest vector comes first."""
    assert search("dense", TURNS["D1:3"], limit=2)[0] == "D1:3"
    assert search("dense", "kayak", texts={}) == []


def test_recall_counts_each_turn_once():
    """A hit stands for the turns it came from, and several hits of one turn count as one."""
    hits = [("D1:1",), ("D1:2", "D1:1"), (), ("D1:3",)]
    assert search("memcli", "x", hits=hits) == ["D1:1", "D1:2", "D1:3"]
    assert search("memcli", "x", hits=hits, own=True) == ["hit0", "hit1", "hit2", "hit3"]


# memcli eval retrieval


def figures(of):
    return {key: of[key] for key in ("recall@5", "recall@10", "recall@20", "recall_all@10", "mrr")}


def test_retrieval_json(run, locomo_file):
    """One object with each system's figures, by category, and how well memcli abstains."""
    result = run("eval", "retrieval", locomo_file, "--json")
    found = json.loads(result.out)
    assert (result.code, result.err, result.out.count("\n")) == (0, "", 1)
    assert list(found) == ["set", "questions", "systems", "abstention"]
    assert (found["set"], found["questions"]) == ("locomo", 2)
    assert list(found["systems"]) == ["grep", "bm25", "dense", "memcli"]
    perfect = dict.fromkeys(figures(found["systems"]["grep"]), 1.0)
    for name in ("grep", "bm25", "memcli"):
        system = found["systems"][name]
        assert figures(system) == perfect, name
        assert 0 < system["p50_ms"] <= system["p95_ms"]
        assert system["intervals"] == {"recall@10": [1.0, 1.0], "mrr": [1.0, 1.0]}
        assert system["by_category"] == {
            kind: {"questions": 1, **perfect, "newest_first": order}
            for kind, order in (("multi-hop", system["newest_first"]), ("single-hop", None))
        }
    assert list(found["abstention"]) == ["questions", "auroc", "said_enough"]
    assert found["abstention"]["questions"] == 1
    assert found["abstention"]["said_enough"]["unanswerable"] == 0.0


def test_retrieval_table(run, locomo_file):
    """A line a system, a line a category, and a last one about what has no answer."""
    lines = run("eval", "retrieval", locomo_file, "-s", "bm25", "-s", "memcli").out.splitlines()
    assert lines[0] == "locomo: 2 questions with evidence"
    assert re.fullmatch(r"bm25(\t1\.000){5}(\t\d+\.\d){2}", lines[1])
    assert re.fullmatch(r"memcli(\t1\.000){5}(\t\d+\.\d){2}", lines[2])
    assert lines[4:7] == [
        "R@10 by category",
        "multi-hop\t1\t1.000\t1.000",
        "single-hop\t1\t1.000\t1.000",
    ]
    assert lines[8].startswith("1 questions have no answer: memcli said it had enough for 0.000")


def test_retrieval_sample(run, locomo_file):
    """--limit asks fewer questions, and one system needs no other."""
    found = json.loads(
        run("eval", "retrieval", locomo_file, "-n", "1", "--system", "grep", "--json").out
    )
    assert (found["questions"], list(found["systems"])) == (1, ["grep"])
    assert "abstention" not in found


def test_retrieval_of_abstention_alone(run, tmp_path):
    """A set that only has questions without an answer says how often memcli saw that."""
    file = write(tmp_path / "l.json", [locomo(NOBODY)])
    found = json.loads(run("eval", "retrieval", file, "--json").out)
    assert found == {
        "set": "locomo",
        "questions": 0,
        "systems": {},
        "abstention": {
            "questions": 1,
            "auroc": None,
            "said_enough": {"answerable": None, "unanswerable": 0.0},
        },
    }
    assert run("eval", "retrieval", file).out.splitlines()[-1].endswith("(AUROC –)")


def test_unknown_system(run, locomo_file):
    """A system that does not exist is an error with those that do."""
    result = run("eval", "retrieval", locomo_file, "--system", "google")
    assert (result.code, result.out) == (2, "")
    assert "'google'" in result.err
    assert "grep, bm25, dense, memcli" in result.err


@pytest.mark.parametrize("asked", [[], [qa("What?")]])
def test_nothing_to_score(run, tmp_path, asked):
    """A set without a question that can be scored ends with 3 and says so."""
    file = write(tmp_path / "l.json", [locomo(*asked)])
    for command, says in (("retrieval", "has evidence"), ("answers", "has an answer")):
        result = run("eval", command, file)
        assert (result.code, result.out) == (3, "")
        assert says in result.err


def test_turn_that_cannot_be_imported(run, tmp_path):
    """A set whose turns memcli would not take is not scored as if they were there."""
    chat = [{"batch_number": 1, "turns": [[{"role": "alien", "id": 1, "content": "Hello."}]]}]
    beam(tmp_path / "1")
    write(tmp_path / "1" / "chat.json", chat)
    result = run("eval", "retrieval", tmp_path / "1")
    assert (result.code, result.out) == (2, "")
    assert "A turn cannot be imported" in result.err
    assert "alien" in result.err


def test_nothing_of_the_user_is_touched(run, locomo_file, own_home, tmp_path, monkeypatch):
    """Their memory is neither opened nor written to, and nothing is left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    run("remember", "I live in Lisbon.")
    database = own_home / "profiles" / "default" / "memory.db"
    before = database.read_bytes()
    assert run("eval", "retrieval", locomo_file).code == 0
    assert run("eval", "answers", locomo_file, "--profile", "work").code == 0
    assert database.read_bytes() == before
    assert [folder.name for folder in (own_home / "profiles").iterdir()] == ["default"]
    assert list((tmp_path / "temporary").iterdir()) == []


def test_settings_hold(run, locomo_file, monkeypatch, tmp_path):
    """The user's settings hold in the temporary memories: here, an embedder that is not there."""
    run("config", "set", "embedder.model", tmp_path / "none.gguf")
    result = run("eval", "retrieval", locomo_file)
    assert (result.code, result.out) == (4, "")
    assert "none.gguf" in result.err


# memcli eval answers


def test_answers_by_hand():
    """Rightness counts where there is an answer, abstention where it was right not to give one."""
    told = {
        "A?": "In Lisbon.",
        "B?": "I don't know.",
        "C?": "In Porto",
        "D?": "",
        "E?": "No record.",
    }

    @contextlib.contextmanager
    def ask(conversation):
        def conversing(*, private):
            assert private
            return SimpleNamespace(say=lambda text, asks: (None, iter(told[text])))

        memory = SimpleNamespace(engine=SimpleNamespace(name="fake"), conversation=conversing)
        yield Asked(memory, [], conversation.questions, own=False)

    questions = (
        Question("A?", "home", answer="in Lisbon"),
        Question("B?", "home", answer="Lisbon"),
        Question("C?", "past", answer="Porto"),
        Question("D?", "absent", answerable=False),
        Question("E?", "absent", answerable=False),
        Question("F?", "no answer is known"),
    )
    chosen = EvalSet("x", (Conversation([], questions),))
    found = answers.measure(chosen, ask, lambda done, total: None)
    assert found == {
        "set": "x",
        "engine": "fake",
        "questions": 5,
        "token_f1": round((1 + 0 + 2 / 3) / 3, 4),
        "exact_match": 0.3333,
        "abstention": {"precision": 0.6667, "recall": 1.0, "questions": 2},
        "by_category": {
            "absent": {
                "questions": 2,
                "token_f1": None,
                "exact_match": None,
                "abstention": {"precision": 1.0, "recall": 1.0, "questions": 2},
            },
            "home": {
                "questions": 2,
                "token_f1": 0.5,
                "exact_match": 0.5,
                "abstention": {"precision": 0.0, "recall": None, "questions": 0},
            },
            "past": {
                "questions": 1,
                "token_f1": 0.6667,
                "exact_match": 0.0,
                "abstention": {"precision": None, "recall": None, "questions": 0},
            },
        },
    }


def test_answers_json(run, locomo_file):
    """One object with the rightness of the answers, and the precision and recall of abstention."""
    result = run("eval", "answers", locomo_file, "--json")
    found = json.loads(result.out)
    assert (result.code, result.err) == (0, "")
    assert (found["set"], found["questions"], found["engine"]) == ("locomo", 3, "extractive")
    assert set(found["by_category"]) == {"adversarial", "multi-hop", "single-hop"}
    assert (0 <= found["token_f1"] < 1, found["exact_match"]) == (True, 0.0)
    assert found["by_category"]["adversarial"] == {
        "questions": 1,
        "token_f1": None,
        "exact_match": None,
        "abstention": {"precision": 1.0, "recall": 1.0, "questions": 1},
    }
    assert found["abstention"]["recall"] == 1.0


def test_answers_table(run, locomo_file):
    """A line for all questions, and one for each category."""
    lines = run("eval", "answers", locomo_file).out.splitlines()
    assert lines[0] == "locomo: 3 questions, answered by extractive"
    assert [line.split("\t")[:2] for line in lines[1:]] == [
        ["all", "3"],
        ["adversarial", "1"],
        ["multi-hop", "1"],
        ["single-hop", "1"],
    ]
    assert "adversarial\t1\t–\t–\t1.000\t1.000" in lines


def test_answers_use_the_model(run, locomo_file, tmp_path):
    """--model is what answers; one that is not there ends with 4."""
    result = run("eval", "answers", locomo_file, "--model", tmp_path / "none.gguf")
    assert (result.code, result.out) == (4, "")
    assert "none.gguf" in result.err


# memcli eval golden


@pytest.fixture
def own_memory(run, tmp_path):
    """Keep a few memories of one's own, and return the id of one."""
    write(
        tmp_path / "chat.jsonl",
        *({"id": id, "session": "s", "text": text} for id, text in TURNS.items()),
        lines=True,
    )
    run("import", tmp_path / "chat.jsonl")
    return json.loads(run("remember", "The spare key is under the blue pot.", "--json").out)["id"]


def golden_file(tmp_path, *lines):
    return write(tmp_path / "golden.jsonl", *lines, lines=True)


def test_golden_passes(run, own_memory, tmp_path):
    """Ids, their ends, external ids and texts are found; nothing is said where nothing is known."""
    file = golden_file(
        tmp_path,
        {"question": "Where is the spare key?", "memory": own_memory},
        {"question": "Where is the spare key?", "memory": own_memory[-6:].upper()},
        {
            "question": "Where is the spare key?",
            "text": "under the BLUE  pot",
            "memory": own_memory,
        },
        {"question": "Who bought a kayak?", "memory": "D1:1"},
        {"question": "Where do I find kayak and cello?", "text": ["kayak", "cello"]},
        {"question": ABSENT, "answer": None},
        {"question": "What is not judged?", "answer": "this"},
    )
    result = run("eval", "golden", file)
    lines = result.out.splitlines()
    assert (result.code, result.err) == (0, "")
    assert lines[0] == "found\t1\tWhere is the spare key?"
    assert lines[4] == "found\t2\tWhere do I find kayak and cello?"
    assert lines[5] == f"nothing, rightly\t\t{ABSENT}"
    assert lines[6:] == ["6 of 6 found in the first 10"]


def test_golden_misses(run, own_memory, tmp_path):
    """A question that is missed makes the exit code 1; its line says so."""
    file = golden_file(
        tmp_path,
        {"question": "Where is the spare key?", "text": "blue pot"},
        {"question": "Where is the spare key?", "text": "in the garage"},
        {"question": "Where is the spare key?", "memory": "D9:9"},
        {"question": "Where is the spare key?", "answer": None},
    )
    result = run("eval", "golden", file)
    assert (result.code, result.err) == (1, "")
    assert [line.split("\t")[0] for line in result.out.splitlines()] == [
        "found",
        "missed",
        "missed",
        "not nothing",
        "1 of 4 found in the first 10",
    ]


def test_golden_at(run, own_memory, tmp_path):
    """--at says how far down the last of what is wanted may stand; its rank is shown anyhow."""
    file = golden_file(tmp_path, {"question": "Find kayak and cello!", "text": ["kayak", "cello"]})
    assert run("eval", "golden", file, "--at", "2").code == 0
    result = run("eval", "golden", file, "--at", "1", "--json")
    assert result.code == 1
    assert json.loads(result.out) == {
        "set": "golden",
        "questions": 1,
        "passed": 0,
        "at": 1,
        "results": [
            {"question": "Find kayak and cello!", "rank": 2, "verdict": "missed", "passed": False}
        ],
    }


def test_golden_after_forgetting(run, own_memory, tmp_path):
    """What is gone from memory is missed: that is what the test is for."""
    file = golden_file(tmp_path, {"question": "Where is the spare key?", "memory": own_memory})
    assert run("eval", "golden", file).code == 0
    run("memory", "forget", own_memory, "--yes")
    assert run("eval", "golden", file).code == 1


def test_golden_takes_no_other_set(run, locomo_file):
    """A set with a conversation of its own is no test of one's own memory."""
    result = run("eval", "golden", locomo_file)
    assert (result.code, result.out) == (2, "")
    assert "memcli eval retrieval" in result.err


def test_golden_without_expectation(run, tmp_path):
    """Questions that only have an answer cannot be looked up."""
    result = run("eval", "golden", golden_file(tmp_path, {"question": "Why?", "answer": "so"}))
    assert (result.code, result.out) == (3, "")
    assert '"memory" or "text"' in result.err


def test_golden_questions_compare_systems(run, own_memory, tmp_path):
    """The golden questions can be asked of all systems, over the own memory, and of the engine."""
    file = golden_file(
        tmp_path,
        {
            "question": "Where is the spare key?",
            "memory": own_memory,
            "answer": "under the blue pot",
        },
        {"question": "Who plays the cello?", "memory": "D1:2", "category": "family"},
        {"question": ABSENT, "answer": None},
    )
    found = json.loads(run("eval", "retrieval", file, "--json").out)
    assert (found["set"], found["questions"], found["abstention"]["questions"]) == ("golden", 2, 1)
    assert {name: its["mrr"] for name, its in found["systems"].items() if name != "dense"} == {
        "grep": 1.0,
        "bm25": 1.0,
        "memcli": 1.0,
    }
    assert set(found["systems"]["memcli"]["by_category"]) == {"all", "family"}
    answered = json.loads(run("eval", "answers", file, "--json").out)
    assert (answered["questions"], answered["abstention"]["recall"]) == (2, 1.0)
    assert answered["token_f1"] > 0


def test_golden_stores_no_conversation(run, own_memory, tmp_path):
    """Asking for answers leaves no session in the own memory."""
    before = run("session", "list").out
    file = golden_file(tmp_path, {"question": "I live in Rome. Where?", "answer": "Rome"})
    assert run("eval", "answers", file).code == 0
    assert run("session", "list").out == before
    assert "Rome" not in run("memory", "list").out


# The published sets


def test_published_locomo():
    """Of 1020 questions 232 have no answer, and 2 no evidence."""
    questions = asked_of(shared("data", "locomo", "locomo_dev.json"))
    assert len(questions) == 1020
    assert sum(bool(q.evidence) for q in questions) == 786
    assert sum(not q.answerable for q in questions) == 232
    assert sum(len(q.evidence) for q in questions if not q.answerable) == 0


def test_published_beam():
    """Six chats have two questions of each of ten kinds, two kinds of which have no evidence."""
    chosen = sets.read(shared("data", "beam"))
    questions = list(chosen.questions())
    assert (len(chosen.conversations), len(questions)) == (6, 120)
    assert sum(bool(q.evidence) for q in questions) == 84
    assert sum(not q.answerable for q in questions) == 12
    assert not any(turn["text"].endswith("->->") for c in chosen.conversations for turn in c.turns)
    assert all(turn["time"] for c in chosen.conversations for turn in c.turns)


@pytest.mark.parametrize(("name", "size", "answerable"), [("oracle", 16, 16), ("abstain", 4, 0)])
def test_published_longmemeval(name, size, answerable):
    """The samples have dates and answers, and no evidence."""
    file = shared("data", "longmemeval", f"hydrabuild_longmemeval_{name}_sample.json")
    chosen = sets.read(file)
    questions = list(chosen.questions())
    assert (chosen.name, len(questions)) == ("longmemeval", size)
    assert sum(q.answerable for q in questions) == answerable
    assert all(turn["time"] for c in chosen.conversations for turn in c.turns)
    assert not any(q.evidence for q in questions)


def test_published_sample_is_measured(run):
    """memcli finds more of a real chat's evidence than grep does."""
    found = json.loads(run("eval", "retrieval", shared("data", "beam", "1"), "--json").out)
    recall = {name: its["recall@20"] for name, its in found["systems"].items()}
    assert found["questions"] == 14
    assert recall["memcli"] > recall["grep"]


def test_formats_are_known_here_alone():
    """No other room knows the name of a published set; the command names them in its help."""
    package = Path(memcli.__file__).parent
    knowing = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"locomo|longmemeval|\bbeam\b", path.read_text("utf-8"), re.IGNORECASE)
    }
    assert {name for name in knowing if not name.startswith("evaluate/")} <= {"cli/evaluate.py"}


def test_help_loads_nothing_heavy():
    """The commands' help costs no numpy."""
    code = "import sys, memcli.cli, memcli.evaluate.sets; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_missing_file_from_python():
    """A script that measures gets the error that the command shows."""
    with pytest.raises(NotFound):
        sets.read(Path("nowhere"))
