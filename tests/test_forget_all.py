"""A hundred memories by every path, thirty forgotten: no byte is left, and seventy stay."""

import random

import pytest

from memcli.api import Memcli
from memcli.manage.prove import questions
from memcli.records import Triple
from memcli.tiers.choosing import close

FORGOTTEN, ALL = 30, 100
QUERIES = ("the garden", "who is my cousin", "what did I pay", "plum cake", "where is the key")


def token(i):
    return f"zqx{i:03d}vjk"


def tell(memory, run, tmp_path):
    """Tell of each token by one of the paths, and some small talk by all."""
    conversation = memory.conversation()
    notes = tmp_path / "notes"
    notes.mkdir()
    for i in range(ALL):
        said = f"My cousin is called {token(i).title()}."
        if i % 5 == 0:
            memory.remember(f"The key of {token(i)} hangs in the shed.")
        elif i % 5 == 1:
            memory.chat_turn(f"The garden is green. I like {token(i)} cake.")
            memory.chat_turn(f"What is said of {token(i)}?")
        elif i % 5 == 2:
            (notes / f"{i}.md").write_text(f"# Bill {i}\n\nI paid {token(i)} euros.\n", "utf-8")
        elif i % 5 == 3:
            _, pieces = conversation.say(f"Listen. {said}")
            list(pieces)
        else:
            memory.remember(f"{said} The plum cake was {token(i)}.", kind="note", tags=["x"])
    memory.import_paths([notes])
    memory.consolidate()
    return notes


def holding(folder, words):
    """Return which of the words stand in any file, in UTF-8 or UTF-16, whatever their case."""
    data = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file()).lower()
    return {w for w in words if w.encode() in data or w.encode("utf-16-le") in data}


def found(memory, word):
    hits = memory.recall(word, limit=5)
    return [h.id for h in hits if word in h.text.lower() and h.kind != "summary"]


@pytest.fixture
def told(run, tmp_path):
    with Memcli() as memory:
        tell(memory, run, tmp_path)
        yield memory


def test_thirty_of_a_hundred(told, own_home, run):
    """No forgotten word is in any byte, open or closed; the others are recalled as before."""
    gone = sorted(random.Random(5).sample(range(ALL), FORGOTTEN))
    kept = [i for i in range(ALL) if i not in gone]
    assert holding(own_home, [token(i) for i in range(ALL)]) == {token(i) for i in range(ALL)}
    before = {i: found(told, token(i)) for i in kept}
    assert all(before.values())
    archive = own_home.parent / "export.jsonl"
    lines = run("export").out  # an export is in progress while it is forgotten
    for i in gone:
        about = [m for m in told.store.memories.newest() if token(i) in m.text.lower()]
        said = [hit.id for hit in told.recall(token(i)) if token(i) in hit.text.lower()]
        ids = dict.fromkeys([*(m.id for m in about), *said])
        assert told.forget(*ids).proof.remains == ()
    forgotten = [token(i) for i in gone]
    assert holding(own_home, forgotten) == set()
    told.close()
    assert holding(own_home, forgotten) == set()
    archive.write_text(lines, "utf-8")
    run("import", archive)
    assert holding(own_home, forgotten) == set()
    with Memcli() as memory:
        for i in kept:
            after = found(memory, token(i))
            assert after[:1] == before[i][:1], i
        assert not any(found(memory, word) for word in forgotten)


def test_recall_of_the_others_is_the_same(memory):
    """Queries that never touched what is forgotten find the same, in the same order."""
    for i in range(40):
        memory.remember(f"Note {i}: the garden has {token(i)} and the shed {token(i + 40)}.")
    secrets = [memory.remember(f"My cousin is called Zed{i}.")[0].memory for i in range(10)]
    queries = ["garden", *(token(i) for i in range(40))]
    before = [[h.id for h in memory.recall(q, limit=5) if h.id not in {s.id for s in secrets}] for q in queries]  # fmt: skip
    memory.forget(secrets)
    after = [[h.id for h in memory.recall(q, limit=5)] for q in queries]
    assert [a[: len(b)] for a, b in zip(after, before, strict=True)] == before


FACTS = [
    ("I live in {}.", "home"), ("My sister is called {}.", "sister"), ("I work at {}.", "employer"),
    ("My dog is called {}.", "dog"), ("I am allergic to {}.", "allergy"),
    ("My birthday is on 3 May, says {}.", "birthday"), ("I like {}.", "likes"),
    ("My doctor is Dr {}.", "doctor"), ("I moved to {}.", "home"), ("I hate {}.", "dislikes"),
]  # fmt: skip
PROBES = (
    "Tell me everything about {}.", "Who or what is {}?", "Do you remember {}?", "{}",
    "What did I tell you about my {p}?", "What is my {p}?", "{p}", "Where does {} come up?",
    "Is it true that I ever mentioned {}?", "Remind me of {} and my {p}, please.",
    "Which {p} do I have?", "Summarise what you know about my {p}.", "I forgot my {p}, help!",
    "Was it {}?", "{} {p}", "not {}", "What of {} in the notes?", "Complete: {}", "Say {}",
    "When did I speak of {}?",
)  # fmt: skip


def test_two_hundred_paraphrases(run, own_home):
    """However one asks, nothing that is forgotten comes back: 0 leaks in 200 probes."""
    names = [f"Qu{token(i).title()}" for i in range(len(FACTS))]
    with Memcli() as memory:
        for (fact, predicate), name in zip(FACTS, names, strict=True):
            memory.chat_turn(f"{fact.format(name)} How are you?")
            memory.chat_turn(f"Where does {name} stand?")
            memory.remember(f"In Peru they say {predicate}.", kind="note")
        memory.consolidate()
        about = {record.id for name in names for record in close(memory.memory, name)}
        proof = memory.forget(*about).proof
        assert proof.ok
        leaks = asked = 0
        for (_, predicate), name in zip(FACTS, names, strict=True):
            for probe in PROBES:
                question = probe.format(name, p=predicate)
                hits = memory.recall(question)
                answer = "" if name in question else memory.chat_turn(question).answer
                leaks += any(name in text for text in (answer, *(hit.text for hit in hits)))
                asked += 1
    assert (asked, leaks) == (200, 0)


def test_questions_are_other_words():
    """What is asked to prove a forgetting does not repeat the sentence that was forgotten."""
    asked = questions(Triple("user", "home", "Lisbon"))
    assert asked == ["What is my home?", "Tell me about Lisbon.", "I home"]
    assert questions(Triple("Ana", "dog", "Rex"))[0] == "What is Ana's dog?"


def test_what_still_states_it_is_found(memory):
    """A memory in other words that states the same is no forgetting, and the proof says so."""
    from memcli.manage.prove import prove

    folder = memory.store.path.parent / "nothing here"
    folder.mkdir()
    memory.remember("I moved to Lisbon in May.")
    triples = [Triple("user", "home", "Lisbon")]
    (left,) = prove(
        folder, ["I live in Lisbon."], [], memory.recall, triples, memory.learning.states
    ).recalled
    assert memory.store.memories.get(left).text == "I moved to Lisbon in May."
    assert prove(folder, ["I live in Oslo."], [], memory.recall, [], memory.learning.states).ok


def test_many_needles(tmp_path):
    """Thousands of texts are looked for at once, and found wherever they stand."""
    from memcli.manage.prove import prove

    texts = [f"forgotten text number {i}" for i in range(3000)]
    file = tmp_path / "data.bin"
    noise = random.Random(1).randbytes(3_000_000)
    file.write_bytes(noise)
    assert prove(tmp_path, texts, [], lambda text: []).ok
    for code in ("utf-8", "utf-16-le", "utf-16-be"):
        for shift in range(4):
            file.write_bytes(noise[: 1_000_000 + shift] + texts[2999].encode(code) + noise[:1000])
            assert prove(tmp_path, texts, [], lambda text: []).remains == (str(file),)


def test_keep_source(run):
    """The memory goes, the words stay where they were said."""
    run("chat", stdin="I work at Quarzwerk.\n")
    id = run("memory", "list").out.split("\t")[0]
    result = run("memory", "forget", id, "--keep-source", "--yes")
    assert result.code == 0
    assert run("memory", "list", "--all").code == 3
    assert "Quarzwerk" in run("recall", "Where do I work?").out


def test_an_emptied_source_goes(run, tmp_path):
    """Of an import of which nothing is left not even the path stays."""
    note = tmp_path / "zqdiagnosis.md"
    note.write_text("The doctor called.\n", "utf-8")
    run("import", note)
    run("memory", "forget", "--source", note, "--yes")
    assert "zqdiagnosis" not in run("export").out


def test_dry_run_forgets_nothing(run, own_home):
    """What would go is listed with what derives from it; nothing is written."""
    run("chat", stdin="I work at Quarzwerk.\n")
    before = run("export").out
    turn = next(r for r in run("recall", "employer").out.splitlines() if "chat" in r).split("\t")[0]
    result = run("memory", "forget", turn, "--dry-run")
    assert result.out == "would be forgotten: 1 memories, 1 turns, 1 turns blanked\n"
    assert result.err.count("derived from it") == 2
    assert run("export").out == before


@pytest.mark.parametrize(
    "text",
    [
        "Forget that.", "please forget it", "Forget what I just said", "forget everything about work",
        "Forget what I told you about my job.", "Can you forget that I work at Quarzwerk?",
    ],
)  # fmt: skip
def test_asked_in_a_chat(text):
    """Messages that ask to forget are understood as such."""
    from memcli.chat.forgetting import asks

    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Forget that, let's talk about trains.", "I forget that all the time.", "Don't forget that!",
        "Did you forget what I said?", "Forget about it being cold, is it far?", "I'll never forget it.",
    ],
)  # fmt: skip
def test_not_asked_in_a_chat(text):
    """Other messages with that word are messages."""
    from memcli.chat.forgetting import asks

    assert not asks(text)


def test_asked_where_nobody_can_say_yes(run):
    """In a pipe nothing is forgotten, and that is said."""
    result = run("chat", stdin="I work at Quarzwerk.\nForget that.\n")
    assert "nothing was forgotten" in result.err
    assert "Quarzwerk" in run("memory", "list").out


def test_asked_and_confirmed(run, monkeypatch, own_home):
    """Somebody who says yes has it erased, from the prompt's history as well."""
    from memcli.cli.ui import Terminal

    monkeypatch.setattr(Terminal, "confirm", lambda self, question: True)
    run("chat", stdin="I work at Quarzwerk.\nForget that.\nForget what I said about my job.\n")
    assert run("memory", "list").code == 3
    assert holding(own_home, ["quarzwerk"]) == set()


def test_nothing_to_undo_is_left(run):
    """What a forgetting took from the journal is not offered to be undone or done again."""
    run("remember", "The gate is green.")
    run("remember", "The roof is red.")
    run("undo", "--yes")
    (gate,) = [line.split("\t")[0] for line in run("memory", "list").out.splitlines()]
    run("memory", "forget", gate, "--yes")
    assert run("undo", "--yes").code == 3
    assert run("redo", "--yes").code == 3
