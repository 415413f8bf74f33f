"""Recall: a question in, the right memory out."""

import json
from datetime import datetime, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memcli.importers.base import Note, Said
from memcli.importing import Choices, Importer
from memcli.recall.plan import plan
from memcli.records import Memory, Session, Turn, to_dict
from memcli.testing import NOON

FACTS = [
    "The spare key is under the blue pot.",
    "The car is parked on level 3 of the station garage.",
    "The plumber is called Jonas, his number is 555 0134.",
    "The wifi password is kept behind the picture of the lighthouse.",
    "Clara's wedding is at the old mill.",
    "The boiler was serviced by Warmhaus.",
    "The best lemon cake needs three lemons and no butter.",
    "The passport is in the second drawer of the desk.",
]


@pytest.fixture
def facts(memory):
    """Long-term memory that knows eight unrelated things."""
    for fact in FACTS:
        memory.remember(fact)
    return memory


def texts(recalled):
    return [hit.text for hit in recalled]


def say(memory, *lines, role="user", session="s1"):
    """Store lines as the turns of a session, and learn from them, as the chat does."""
    with memory.writing("chat"):
        sessions = memory.store.sessions
        if not sessions.get(session):
            sessions.add(Session(session, "a chat", memory.store.clock(), memory.store.clock()))
        for line in lines:
            turn = Turn(
                memory.store.new_id(), session, sessions.next_seq(session), role, line,
                memory.store.clock(),
            )  # fmt: skip
            sessions.add_turns([turn])
            if role == "user":
                memory.learning.learn(turn)


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("Where is the spare key?", 0),
        ("spare keys", 0),
        ("On which level did I park the car?", 1),
        ("Who is the plumber?", 2),
        ("What is the number of Jonas?", 2),
        ("WIFI PASSWORD", 3),
        ("At which mill is Clara's wedding?", 4),
        ("Who serviced the boiler?", 5),
        ("How many lemons go into the cake?", 6),
        ("in which drawer is my passport", 7),
    ],
)
def test_names_the_right_memory(facts, question, fact):
    """A question brings up the memory that answers it."""
    recalled = facts.recall(question)
    assert recalled[0].text == FACTS[fact]
    assert recalled.enough


@pytest.mark.parametrize(
    "question",
    ["Who won the world cup in Uruguay?", "quantum chromodynamics", "What does the moon weigh?"],
)
def test_not_enough(facts, question):
    """What nothing speaks of is recalled with the judgement that it is not enough."""
    assert not facts.recall(question).enough


def test_nothing_known(memory):
    """An empty memory recalls nothing."""
    assert memory.recall("Where is the key?") == []
    assert not memory.recall("Where is the key?").enough


def test_limit(facts):
    """No more hits than were asked for come back, and none for none."""
    assert len(facts.recall("the", limit=3)) <= 3
    assert facts.recall("key", limit=0) == []


def test_score_is_the_sum_of_its_parts(facts):
    """The parts of a score add up to it, and hits come with the highest first."""
    hits = facts.recall("Where is the spare key?")
    for hit in hits:
        assert hit.score == pytest.approx(sum(hit.parts.values()))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_superseded_stands_after_current(memory, clock):
    """What no longer holds comes after what holds, and says until when it held."""
    memory.remember("I live in Lisbon.")
    clock.advance(days=10)
    memory.remember("I moved to Porto.")
    new, old = memory.recall("Where do I live?")
    assert (new.text, new.valid_to) == ("I moved to Porto.", None)
    assert (old.text, old.valid_to) == ("I live in Lisbon.", clock())


def test_current_memory_without_the_word_comes_first(memory, clock):
    """The old memory stays behind even if only it has the words of the question."""
    memory.remember("I live in Lisbon.")
    clock.advance(days=10)
    memory.remember("I moved to Porto.")
    assert memory.recall("Do I still live in Lisbon?")[0].text == "I moved to Porto."


@pytest.mark.parametrize(
    "question",
    ["Where did I live before?", "Where did I live previously?", "My old home in Lisbon"],
)
def test_question_about_the_past(memory, clock, question):
    """A question about the past reaches what held then, no further down than what holds now."""
    memory.remember("I live in Lisbon.")
    clock.advance(days=10)
    memory.remember("I moved to Porto.")
    hits = memory.recall(question)
    old = next(hit for hit in hits if hit.text == "I live in Lisbon.")
    assert "outdated" not in old.parts


def test_turn_and_what_was_learnt_from_it_appear_once(memory):
    """A turn and the memory learnt from it are one hit."""
    say(memory, "I live in Lisbon.", "The weather is fine.")
    hits = memory.recall("Where do I live?")
    assert [hit.text for hit in hits].count("I live in Lisbon.") == 1


def test_equal_texts_appear_once(memory):
    """The same words said twice are one hit."""
    say(memory, "The bakery opens at six.")
    say(memory, "The bakery  opens at SIX.", session="s2")
    assert len(memory.recall("When does the bakery open?")) == 1


def test_turn_whose_memory_was_superseded(memory, clock):
    """The words of a chat are as outdated as what was learnt from them."""
    say(memory, "I live in Lisbon.")
    clock.advance(days=10)
    say(memory, "I live in Porto.")
    hits = memory.recall("Where do I live?")
    assert [hit.text for hit in hits] == ["I live in Porto.", "I live in Lisbon."]
    assert hits[1].valid_to == clock()


def test_words_of_the_assistant_count_less(memory):
    """What the owner said stands before an answer with the same words."""
    say(memory, "perhaps the bakery is shut today then", role="assistant")
    say(memory, "then today the bakery is shut perhaps")
    first, second = memory.recall("Is the bakery shut?")
    assert (first.source.speaker, second.source.speaker) == ("", "assistant")


def test_derived_answers_are_not_recalled(memory):
    """An answer made from memories is never recalled itself."""
    with memory.writing("chat"):
        memory.store.sessions.add(Session("s1", "", NOON, NOON))
        memory.store.sessions.add_turns(
            [Turn("t1", "s1", 0, "assistant", "The bakery is shut.", NOON, derived=True)]
        )
    assert memory.recall("Is the bakery shut?") == []


def take(memory, tmp_path, *records, me=()):
    """Import notes and turns."""
    values = [{key: value for key, value in to_dict(record).items() if value} for record in records]
    file = tmp_path / "x.jsonl"
    file.write_text(
        "".join(
            json.dumps(value | {"id": value["external_id"]} if "external_id" in value else value)
            + "\n"
            for value in values
        )
    )
    Importer(memory, Choices(frozenset(me))).paths([file])


def test_external_ids(memory, tmp_path):
    """A hit carries the ids that the imported lines behind it had elsewhere."""
    take(
        memory, tmp_path,
        Note("The spare key is under the blue pot.", external_id="n7"),
        Said("chat", "I live in Lisbon.", speaker="Ana", external_id="D1:3", time=NOON),
        Said("chat", "Bob fixed the boiler.", speaker="Bob", external_id="D1:4", time=NOON),
        me=["ana"],
    )  # fmt: skip
    assert memory.recall("spare key")[0].external_ids == ("n7",)
    assert memory.recall("Where do I live?")[0].external_ids == ("D1:3",)
    boiler = memory.recall("Who fixed the boiler?")[0]
    assert (boiler.external_ids, boiler.source.speaker) == (("D1:4",), "Bob")


def test_memory_without_external_id(facts):
    """What was told has no ids elsewhere."""
    assert facts.recall("spare key")[0].external_ids == ()


def test_named_speaker_comes_first(memory, tmp_path):
    """Of the same words by two people, those of the one that the question names come first."""
    take(
        memory, tmp_path,
        Said("c", "the concert was loud and long", speaker="Mia", time=NOON, external_id="1"),
        Said("c", "the concert was long and loud", speaker="Leo", time=NOON, external_id="2"),
    )  # fmt: skip
    for name in ("Mia", "Leo"):
        hit = memory.recall(f"What did {name} think of the concert?")[0]
        assert hit.source.speaker == name
        assert "speaker" in hit.parts


def at(memory, text, *day):
    with memory.writing("import"):
        memory.learning.keep(
            Memory(memory.store.new_id(), "event", text, datetime(*day, 12, tzinfo=timezone.utc))
        )


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What did I cook yesterday?", "cooked soup at home"),
        ("What did I cook last week?", "at home cooked soup"),
        ("What did I cook in May?", "soup cooked at home"),
        ("What did I cook on 2023-06-11?", "at home soup cooked"),
        ("What did I cook in 2023?", "at home soup cooked"),
        ("What did I cook a year ago?", "at home soup cooked"),
    ],
)
def test_time_words(memory, question, text):
    """Words about time prefer what was recorded then."""
    at(memory, "cooked soup at home", 2024, 6, 11)
    at(memory, "at home cooked soup", 2024, 6, 5)
    at(memory, "soup cooked at home", 2024, 5, 5)
    at(memory, "at home soup cooked", 2023, 6, 11)
    best = memory.recall(question)[0]
    assert best.text == text
    assert "time" in best.parts


@pytest.mark.parametrize(
    "query",
    [
        '"', '""', "'", "*", "key*", "^key", "key:", "text:key", "{text title}:key", "-key", "+key",
        "NEAR(key pot, 2)", "AND", "OR", "NOT", "key AND", "(key", "key)", "a OR", "\\", "%", "_",
        "\x00key", "' OR 1=1 --", "; DROP TABLE memories", "\ud800", "🔑", "鍵", "…", "?!",
        "key\npot", "\t", "https://example.org/a?b=c&d=%20", "C++", "’", "“key”", "\u202ekey",
    ],
)  # fmt: skip
def test_characters_of_query_syntax(facts, query):
    """No character of a query is taken for syntax, and none raises."""
    facts.recall(query)
    if "key" in query:
        assert texts(facts.recall(query))[0] == FACTS[0]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text())
def test_any_query(facts, query):
    """Any text is a query."""
    for hit in facts.recall(query):
        assert hit.text in FACTS


@pytest.mark.parametrize("query", ["", " ", "\n", "?", "the a of", "What did I do about it?", "I"])
def test_empty_and_common_words(facts, query):
    """Nothing, or nothing but words without content, is no error and supports no answer."""
    assert not facts.recall(query).enough


def test_enormous_query(facts):
    """A query of 100 KB is answered from its beginning."""
    query = "Where is the spare key? " + "lorem ipsum dolor " * 6000
    assert FACTS[0] in texts(facts.recall(query))


def test_one_enormous_word(facts):
    """A single word of 100 KB is no error."""
    facts.recall("k" * 100_000)


def test_forgotten_is_not_recalled(facts):
    """What was forgotten is never found again."""
    hit = facts.recall("spare key")[0]
    facts.forget([facts.find(hit.id)])
    assert FACTS[0] not in texts(facts.recall("spare key"))


def test_source(facts):
    """What was told by a command says so; what was said in a chat names the session."""
    assert facts.recall("spare key")[0].source.kind == "command"
    say(facts, "The ladder is in the attic.")
    origin = facts.recall("Where is the ladder?")[0].source
    assert (origin.kind, origin.title, origin.session_id) == ("session", "a chat", "s1")


def test_relation_that_is_asked_for(memory):
    """A memory in the slot that a question asks for is found without a common word."""
    memory.remember("We've relocated to Braga.")
    memory.remember("The museum in the city is closed.")
    hit = memory.recall("Where do I live?")[0]
    assert hit.text == "We've relocated to Braga."
    assert "relation" in hit.parts


def test_plan_takes_a_question_apart():
    """A question gives its content words, its names, its dates and the relations it asks about."""
    query = plan("Where did my sister Clara live before May 2023?", NOON)
    assert query.words == ("sister", "Clara", "live", "2023")
    assert "Clara" in query.names
    assert [when.words for when in query.dates] == ["May 2023"]
    assert query.predicates == ("sister",)
    assert query.past


def test_plan_of_common_words_keeps_them():
    """Of a question made of nothing but common words, the words are all there is."""
    assert plan("Who am I?", NOON).words == ("Who", "am")


def test_as_of(memory, clock):
    """What was said later is not known yet, and what it superseded still holds."""
    memory.remember("I live in Lisbon.")
    then = memory.store.clock()
    clock.advance(days=30)
    memory.remember("I moved to Porto.")
    question = "Where do I live?"
    assert texts(memory.recall(question, as_of=then)) == ["I live in Lisbon."]
    assert memory.recall(question, as_of=then)[0].valid_to is None
    assert texts(memory.recall(question)) == ["I moved to Porto.", "I live in Lisbon."]
    assert memory.recall(question, as_of=datetime(2001, 1, 1, tzinfo=NOON.tzinfo)) == []


def test_as_of_of_a_turn(memory, clock):
    """A turn whose statement was superseded later stands as it was."""
    say(memory, "I live in Lisbon.")
    then = memory.store.clock()
    clock.advance(days=30)
    say(memory, "I moved to Porto.")
    [hit] = memory.recall("Where do I live?", as_of=then)
    assert (hit.text, hit.valid_to) == ("I live in Lisbon.", None)


def test_quoted_words_stand_together(memory):
    """What stands in quotation marks is looked for as it stands."""
    memory.remember("The night was blue, and the boat lay still on the lake of the blue moon.")
    memory.remember("Over dinner we heard the song Blue Boat twice.")
    assert "song" in memory.recall('Which song is "blue boat"?')[0].text


def test_near_duplicates_give_way(memory):
    """Nearly the same words do not take the place of others."""
    for number in range(6):
        memory.remember(f"The red kayak lies in the long shed behind the old house, rack {number}.")
    memory.remember("Hugo borrowed the kayak in June.")
    found = texts(memory.recall("Where is the kayak?", limit=3))
    assert "Hugo borrowed the kayak in June." in found[:2]
    assert len(found) == 3


def test_second_hop(memory):
    """A question by way of somebody leads on to what is known of them."""
    memory.remember("The name of my sister is Griselda.")
    for name in ("Ana", "Bruno", "Clara", "Dario"):
        memory.remember(f"{name} moved to the north some years ago.")
    memory.remember("Griselda moved to the coast of Norway.")
    found = memory.recall("Where does my sister live?")
    assert "Griselda moved to the coast of Norway." in texts(found)[:3]
    assert any("second hop" in hit.parts for hit in found)


def test_standing_wishes_come_to_requests_only(memory):
    """How the owner always wants it counts where help is asked for, not where a fact is."""
    say(memory, "Always include version numbers when I ask about libraries.")
    say(memory, "The libraries of my project are numpy and rich.")
    asked = memory.recall("Can you suggest libraries for tables?")
    assert any("standing wish" in hit.parts for hit in asked)
    assert not any(
        "standing wish" in hit.parts for hit in memory.recall("Where are the libraries?")
    )


def test_somebody_elses_words_are_not_enough(memory, tmp_path):
    """What another speaker said does not answer a question about this one."""
    said = [
        Said("s", "I adopted a grey parrot from the shelter.", speaker="Ana", time=NOON),
        Said("s", "How lovely! I only water my cactus.", speaker="Bruno", time=NOON),
    ]
    take(memory, tmp_path, *said)
    about_ana = memory.recall("Which parrot did Ana adopt from the shelter?")
    about_bruno = memory.recall("Which parrot did Bruno adopt from the shelter?")
    assert about_ana.enough
    assert not about_bruno.enough
    assert about_bruno.support < about_ana.support


def test_turns_around_a_hit(memory):
    """A hit knows what was said right before and after it, and by whom."""
    say(memory, "What shall I call the boat?")
    say(memory, "Call it Albatross.", role="assistant")
    say(memory, "Good, I will paint that on the bow.")
    hit = next(h for h in memory.recall("Albatross") if "Albatross" in h.text)
    assert hit.before == "user: What shall I call the boat?"
    assert hit.after == "user: Good, I will paint that on the bow."


def test_a_question_may_name_the_kind_of_what_it_asks_for(memory):
    """An entry in a calendar does not say that it is an appointment; another's is still none."""
    at(memory, "Dentist, 2024-06-20 14:00, at Main Street 5.", 2024, 6, 1)
    at(memory, "Fair in Porto, 2024-06-26.", 2024, 6, 1)
    assert memory.recall("When is my dentist appointment?").enough
    assert not memory.recall("When is my appointment with the plumber?").enough


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What do I have next week?", ["Dentist", "Fair"]),
        ("What is on on Thursday?", ["Dentist"]),
        ("Anything on June 20?", ["Dentist"]),
        ("Which tasks are due in July?", ["Renew"]),
        ("What's planned for this month?", ["Dentist", "Fair"]),
        ("Do I have any appointments tomorrow?", []),
        ("Who came on Thursday?", []),
    ],
)
def test_a_question_for_some_days_is_answered_from_the_calendar(memory, question, expected):
    """Whatever is on then, in its order; what else stands in the calendar is not meant."""
    entries = [
        ("event", "Fair in Porto, 2024-06-22.", (2024, 6, 22), (2024, 6, 23)),
        ("event", "Dentist, 2024-06-20 14:00, at Main Street 5.", (2024, 6, 20), (2024, 6, 20)),
        ("task", "Renew the passport", None, (2024, 7, 3)),
    ]
    with memory.writing("import"):
        memory.store.memories.add(
            Memory(
                memory.store.new_id(), kind, text, NOON,
                valid_from=day and datetime(*day, tzinfo=timezone.utc),
                valid_to=datetime(*until, tzinfo=timezone.utc),
            )
            for kind, text, day, until in entries
        )  # fmt: skip
    asked = datetime(2024, 6, 14 if "next week" in question else 16, 9, tzinfo=timezone.utc)
    found = memory.recall(question, asked_at=asked)
    assert [hit.text.split()[0].rstrip(",") for hit in found if found.enough] == expected
