"""A question is taken apart: what it asks for, which times it means, and whether it needs memory."""

import time
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memcli.recall.plan import INTENTS, needs_memory, plan

ASKED = datetime(2024, 3, 13, 12, 0, tzinfo=timezone.utc)  # a Wednesday

INTENT = {
    "time": """When did I move to Oslo?|How long have I lived here?|In which year was Ana born?
        Could you tell me when I saw the dentist?|Do you remember when I met Tom?|What time is it?""",
    "summary": """Can you give me a summary of my trip?|Summarise my project.|A recap, please
        What do you know about my sister?|Could you please give me an overview of the work?""",
    "preference": """Can you suggest a hotel in Miami?|How should I format my resume?|Any tips?
        I'm planning a party. What food would you recommend?|What are some common errors?
        What kind of music do I like?|What's my favourite colour?|If I go out, should I take a coat?
        Could you show me how to log in?|What is the best way to learn Greek?|I need advice""",
    "list": """How many cats do I have?|List my allergies|Which books have I read?
        What are the names of my cats?|Can you list the people I met?|What healthy meals did Sam eat?
        Can you walk me through the order in which I brought up my plans?|Which of them live here?""",
    "yes/no": """Did I lock the door?|Have I ever been to Rome?|Isn't Tom my cousin?
        "I don't like jazz, right?"|Is my brother married?|Would Ana like it?""",
    "fact": """Where do I live?|Can you remind me where I parked?|What is the name of my cat?
        Could you tell me what Ana does for work?|What did Charles give me?|What was my address?
        When I was in Rome, what did I eat?|What advice did Bryan give me?|Who is James?
        Which hotel did you recommend?|I was going over our previous conversation, can you help me?
        |?!|¿Dónde vivo?|我住在哪里？|What does James do?|What news is there?|What has Ana bought?""",
}


def asked(texts):
    return [part.strip() for line in texts.splitlines() for part in line.split("|")]


@pytest.mark.parametrize(
    ("text", "intent"), [(text, intent) for intent in INTENT for text in asked(INTENT[intent])]
)
def test_what_a_question_asks_for(text, intent):
    """Each question asks for one kind of answer; a reminder is no advice."""
    query = plan(text, ASKED)
    assert query.intent == intent
    assert query.asks_when == (intent == "time")


def test_every_intent_but_a_fact_has_its_pattern():
    """A fact is what is left."""
    assert {*INTENTS, "fact"} == set(INTENT)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ('Where is the "blue pot"?', ("blue pot",)),
        ("“Taxi Driver” and «La Haine» and „Das Boot“", ("Taxi Driver", "La Haine", "Das Boot")),
        ("「千と千尋」を見た、『羅生門』も", ("千と千尋", "羅生門")),
        ("'Tom's bowl' or ‘the pot’", ("Tom's bowl", "the pot")),
        ("Ana's and the boys' dogs aren't rock 'n' roll", ()),
        ('"What did I eat?"', ()),  # a question that is quoted whole
        ('the "a" and "" and " " and "?!" and "not closed', ()),
        (f'"{"long " * 20}" is no phrase', ()),
        ('"pot" and "pot"', ("pot",)),
        ("5'10\" tall, 6' wide", ()),
    ],
)
def test_quoted_phrases(text, phrases):
    """Quotes of several scripts hold phrases; apostrophes do not."""
    assert plan(text, ASKED).phrases == phrases


@pytest.mark.parametrize(
    "text",
    """hi|Hello!|Thank you so much!|ok, good night|Thanks, bye 👋|How are you today?
    what is 17 * 23?|What's 3 plus 4?|(2 + 3) × 4 =|15% of 80|12 / 4|2^10
    Translate into French: good morning|please rewrite this: I has a cat
    Can you proofread the following text: Teh cat sat.""".replace("\n", "|").split("|"),
)
def test_what_needs_no_memory(text):
    """Small talk, sums, and work on a text that stands in the message itself."""
    assert not needs_memory(text.strip())
    assert not plan(text, ASKED).needs_memory


@pytest.mark.parametrize(
    "text",
    """Where do I live?|hi, where do I live?|thanks, and my sister?|yes|hi Ana|ok what now|?|
    2024-05-31|555-0134|24/7|what is 42?|What is 2 + 2 in my new notation?|5/6
    Translate my motto: carpe diem|Rewrite my usual intro: hello|Summarise our last chat|Translate it
    How many of the 3 + 4 apples are mine?|Can you shorten it?|good morning routine"""
    .replace("\n", "|").split("|"),
)  # fmt: skip
def test_in_doubt_memory_is_needed(text):
    """Whatever may be about the owner is looked up."""
    assert needs_memory(text.strip())


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("What did I do in December?", "2023-12-01"),
        ("What did I do in February?", "2024-02-01"),
        ("What did I do in March?", "2024-03-01"),
        ("Who came on Saturday?", "2024-03-09"),
        ("Where was I on Wednesday?", "2024-03-13"),
        ("Who called on the 20th?", "2024-02-20"),
        ("Where was I on Christmas Eve?", "2023-12-24"),
        ("Where was I on 8 May?", "2023-05-08"),
        ("Whom did I meet between November and February?", "2023-11-01"),
        ("Where was I three days after Christmas?", "2023-12-28"),
        ("What did I do in the summer?", "2023-06-01"),
        ("What happens in December 2024?", "2024-12-01"),
        ("What is next December?", "2024-12-01"),
        ("Where will I be in December?", "2024-12-01"),
        ("What am I doing on Saturday?", "2024-03-16"),
        ("What is due tomorrow?", "2024-03-14"),
        ("What is due in two weeks?", "2024-03-27"),
    ],
)
def test_a_time_without_a_year_is_the_last_one(text, day):
    """A question looks back, unless it says that it looks ahead."""
    [when] = plan(text, ASKED).dates
    assert when.start.date().isoformat() == day


def test_an_event_stays_a_word():
    """A time before an event that has no date is no date; the event is what to look for."""
    query = plan("What did I buy two weeks before the trip?", ASKED)
    assert query.dates == ()
    assert "trip" in query.words


@pytest.mark.parametrize(
    "text",
    ['"' * 100_000, "“'«" * 30_000, "hi " * 30_000 + "x", "what is " + "1 + " * 25_000 + "x",
     "please can you " * 7_000, "what new " * 10_000, "between May and " * 7_000, "?!… " * 25_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_a_hostile_text_is_read_fast(text):
    """No pattern takes time that grows faster than the text."""
    began = time.perf_counter()
    plan(text, ASKED)
    assert time.perf_counter() - began < 1


@given(st.text(max_size=80) | st.text("\"'“”hi 1+2.:whatmy", max_size=80), st.datetimes(timezones=st.just(timezone.utc)))  # fmt: skip
def test_any_text_can_be_planned(text, asked_at):
    """Whatever is asked whenever, the plan holds only what was said."""
    query = plan(text, asked_at)
    assert query.intent in INTENT
    assert all(phrase in query.text for phrase in query.phrases)
