"""What changed, ended, is over or was said wrongly is read off the words, and marked."""

from datetime import datetime, timezone

import pytest

from memcli.acquire.rules import RuleExtractor

SAID = datetime(2024, 6, 12, 12, 0, tzinfo=timezone.utc)  # a Wednesday
KNOWN = {"Ana", "Mia", "Leo", "Rex"}

# what is said: the triples read off it; of the user unless they name somebody else
CHANGES = {
    # ended
    "I no longer work at Acme.": [("not employer", "Acme")],
    "I don't work at Acme any more.": [("not employer", "Acme")],
    "I've quit my job.": [("not employer", "")],
    "I quit my job at Pemberton's last week.": [("not employer", "Pemberton's")],
    "I'm no longer allergic to shellfish.": [("not allergy", "shellfish")],
    "I'm not a vegetarian anymore.": [("not diet", "vegetarian")],
    "I don't drink coffee anymore.": [("not likes", "coffee")],
    "I've gone off whisky.": [("not likes", "whisky")],
    "I stopped taking ibuprofen.": [("not health", "ibuprofen")],
    "We sold the boat in May.": [("not owns", "boat")],
    "I've cancelled my membership at the FitBox gym.": [("not member", "FitBox gym")],
    "I've cancelled my trip to Rome.": [("not plan", "trip to Rome")],
    "Noor and I have split up.": [("not partner", "Noor")],
    "Ana quit her job at Lidl.": [("Ana", "not employer", "Lidl")],
    # over
    "I used to live in Rome.": [("former home", "Rome")],
    "I lived in Berlin for three years in my twenties.": [("former home", "Berlin")],
    "Years ago my phone number was 0117 496 0888.": [("former phone", "0117 496 0888")],
    # changed
    "I've become a chef.": [("job", "chef")],
    "Since May I work at Bosch.": [("employer", "Bosch")],
    "I'm married to Jo now.": [("spouse", "Jo")],
    "Priya and I got married on Saturday!": [("spouse", "Priya")],
    "Lately I've come to love jazz.": [("likes", "jazz")],
    "My new favourite food is ramen.": [("favourite food", "ramen")],
    "Everton is my favourite club again.": [("favourite club", "Everton")],
    "I've got a new phone number: 0161 496 0457.": [("phone", "0161 496 0457")],
    "My rent has gone up to 950 euros.": [("rent", "950 euros")],
    # said wrongly
    "Sorry, I meant Porto, not Lisbon.": [("", "Porto")],
    "I've switched from Android to iOS.": [("", "iOS")],
    "I mistyped our house number. It's 74.": [("house number", "74")],
    "No wait, I got that wrong: I live in Gdynia, not Gdańsk.": [("home", "Gdynia")],
}
# of others and of things
OTHERS = {
    "My sister Ana lives in Porto.": [("sister", "Ana"), ("Ana", "home", "Porto")],
    "Ana moved to Madrid.": [("Ana", "home", "Madrid")],
    "My mum is 62.": [("mum", "62"), ("mother", "age", "62")],
    "Mia is seven and Leo is four.": [("Mia", "age", "seven"), ("Leo", "age", "four")],
    "Aunt Rosa lives in Seville.": [("aunt", "Rosa"), ("Rosa", "home", "Seville")],
    "David, my manager, drives a Porsche.": [
        ("manager", "David"),
        ("David", "drives", "a Porsche"),
    ],
    "My two kids are called Mia and Leo.": [("kid", "Mia"), ("kid", "Leo")],
    "Our dog is called Max.": [("pet", "Max")],
    "My car is red.": [("car colour", "red")],
    "My shoe size is 42.": [("shoe size", "42")],
    "Our landlord is now Mrs Patel.": [("landlord", "Mrs Patel")],
}
NOTHING = [
    "Tom lives in Lisbon.",  # nobody that the user has spoken of
    "If I no longer work there, I get nothing.",
    "I stopped the timer.",
    "I gave up on it.",
    "I quit trying.",
    "I left Bosch at 5 today.",
    "I left Porto yesterday.",
    "It's hot, not cold.",
    "No, that's not what I meant.",
    "I meant well.",
    "My code is broken.",
    "My question is simple.",
    "My guess is 42.",
    "My flight is delayed.",
    "My head hurts.",
    "My day was bad.",
    "My point is that it works.",
    "My phone is dead again.",
    "My neighbour waved at me.",
    "Our meeting was long.",
]


def read(text):
    found = RuleExtractor(KNOWN.__contains__).extract(text, SAID)
    triples = [t for candidate in found for t in candidate.triples]
    return [
        (t.predicate, t.object) if t.subject == "user" else (t.subject, t.predicate, t.object)
        for t in triples
    ]


@pytest.mark.parametrize(("text", "triples"), [*CHANGES.items(), *OTHERS.items()])
def test_read(text, triples):
    """Words of change are taken off, what is left is read, and its triples are marked."""
    assert read(text) == triples


@pytest.mark.parametrize("text", NOTHING)
def test_nothing(text):
    """Strangers, suppositions and small talk about things give nothing."""
    assert read(text) == []


def test_denied_value():
    """A correction carries the value that it takes back."""
    for text in ("Sorry, I meant Porto, not Lisbon.", "I live in Porto, not Lisbon."):
        (found,) = RuleExtractor().extract(text, SAID)
        assert found.denies == "Lisbon"


def test_words_of_correction_stay_in_the_quote():
    """The quote keeps the words that say it is a correction: they decide what becomes of it."""
    (found,) = RuleExtractor().extract("Actually, my name is Eva.", SAID)
    assert found.quote == "Actually, my name is Eva."


def test_quote_and_values_are_verbatim():
    """However a sentence was rewritten to be read, its quote and its values stand in it."""
    for text in (*CHANGES, *OTHERS):
        for found in RuleExtractor(KNOWN.__contains__).extract(text, SAID):
            assert found.quote == text[found.span.start : found.span.end]
            assert all(triple.object in found.quote for triple in found.triples)


def test_unread_statement_is_found_where_asked_for():
    """What no rule can read may still change something known, and nothing of it is stated."""
    text = "My doctor took me off the gluten-free diet."
    assert RuleExtractor().extract(text, SAID) == []
    (found,) = RuleExtractor().extract(text, SAID, unread=True)
    assert (found.quote, found.triples[0].predicate) == (text, "?")
