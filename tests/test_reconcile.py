"""New against known: what a memory replaces, repeats, or leaves as it is."""

from datetime import timedelta

import pytest

from memcli.acquire.predicates import Predicates
from memcli.manage.identity import Lookups
from memcli.manage.reconcile import Verdict, reconcile
from memcli.records import Memory, Triple
from memcli.testing import NOON


def told(memory, text):
    """Remember one statement and return what became of it."""
    (learnt,) = memory.remember(text)
    return learnt


def imported(memory, text, triple, recorded, kind="fact"):
    """Keep one memory recorded at a time of its own, as an importer does."""
    made = Memory(memory.store.new_id(), kind, text, recorded, quote=text, triples=(triple,))
    with memory.writing("import"):
        return memory.learning.keep(made)


def current(memory):
    """Return the texts of all memories that hold, the oldest first."""
    return [m.text for m in reversed(memory.store.memories.newest(current=True))]


def test_new(memory):
    """What nothing speaks of yet is new."""
    learnt = told(memory, "I live in Lisbon.")
    assert (learnt.decision, learnt.replaced) == ("new", ())
    assert current(memory) == ["I live in Lisbon."]


def test_same_words_are_a_duplicate(memory):
    """The same words again add nothing, and point at the memory that says them."""
    first = told(memory, "The spare key is under the blue pot.")
    again = told(memory, "The spare key is under the blue pot.")
    assert again.decision == "duplicate"
    assert again.memory.id == first.memory.id
    assert memory.store.memories.count() == 1


def test_same_triple_is_a_duplicate(memory):
    """Other words for what is known already add nothing."""
    first = told(memory, "I live in Lisbon.")
    again = told(memory, "We live in lisbon.")
    assert (again.decision, again.memory.id) == ("duplicate", first.memory.id)


def test_supersedes(memory, clock):
    """A new home takes the place of the old one, which keeps its history."""
    old = told(memory, "I live in Lisbon.").memory
    clock.advance(days=3)
    new = told(memory, "I moved to Porto.")
    assert new.decision == "supersedes"
    assert [m.id for m in new.replaced] == [old.id]
    kept = memory.store.memories.get(old.id)
    assert (kept.superseded_by, kept.valid_to) == (new.memory.id, clock())
    assert current(memory) == ["I moved to Porto."]


def test_update_back(memory, clock):
    """Going back to what held before is a change like any other, not a duplicate."""
    for text, decision in [
        ("I live in Lisbon.", "new"),
        ("I live in Porto.", "supersedes"),
        ("I live in Lisbon.", "supersedes"),
    ]:
        assert told(memory, text).decision == decision
        clock.advance(days=1)
    assert current(memory) == ["I live in Lisbon."]
    assert memory.store.memories.count() == 3


def test_on_the_same_day_the_user_is_asked(memory):
    """Two values in one breath contradict each other, unless words say that one has changed."""
    told(memory, "I live in Lisbon.")
    assert told(memory, "I live in Porto.").decision == "contradicts"
    assert current(memory) == ["I live in Lisbon.", "I live in Porto."]
    assert told(memory, "I've moved to Braga.").decision == "supersedes"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("My name is Ana.", "My name is Eva."),
        ("My birthday is on 4 May.", "My birthday is on 5 May."),
        ("I'm from Chile.", "I'm from Peru."),
        ("My blood type is A positive.", "My blood type is O negative."),
        ("My husband's name is Henrik.", "My husband's name is Anders."),
        ("I'm an only child.", "I have two older brothers."),
    ],
)
def test_what_never_changes(memory, clock, old, new):
    """Of what has one value for ever, a second one is a contradiction however late it comes."""
    told(memory, old)
    clock.advance(days=300)
    assert told(memory, new).decision == "contradicts"
    assert current(memory) == [old, new]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I live in Portugal.", "I live in Porto, Portugal."),
        ("I have a dog.", "My dog is called Bella."),
        ("I work at a bank.", "I work at Barclays."),
        ("I work in IT.", "I work as a database administrator."),
        ("I'm a teacher.", "I'm a maths teacher."),
        ("I've got two kids.", "My two kids are called Mia and Leo."),
        ("I was born in 1990.", "I was born on 3 May 1990."),
    ],
)
def test_refines(memory, clock, old, new):
    """A sharper value takes the place of a general one without contradicting it."""
    told(memory, old)
    clock.advance(days=7)
    assert told(memory, new).decision == "refines"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I live in Porto, Portugal.", "I live in Portugal."),
        ("My wife's name is Julia.", "I'm married to Julia."),
        ("My birthday is on 14 May.", "I was born on 14 May."),
        ("I hate mushrooms.", "I can't stand mushrooms."),
        ("I'm allergic to cats.", "I'm allergic to cats, by the way."),
        ("My son Tim is seven.", "My son Tim is 7 years old."),
    ],
)
def test_duplicate_in_other_words(memory, clock, old, new):
    """What is known in other words, or contained in what is known, adds nothing."""
    told(memory, old)
    clock.advance(days=30)
    assert told(memory, new).decision == "duplicate"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I work at Acme.", "I no longer work at Acme."),
        ("I work as a florist at Pemberton's.", "I quit my job at Pemberton's."),
        ("I love coffee.", "I don't drink coffee anymore."),
        ("I'm a vegetarian.", "I've started eating meat again."),
        ("I hate olives.", "I love olives now."),
        ("I hate olives.", "I've changed my mind about olives, I love them."),
        ("I live in Bergen.", "I've returned to Oslo."),
        ("My surname is Hughes.", "Since the wedding my surname is Okafor."),
        ("I prefer a window seat.", "I prefer an aisle seat from now on."),
        ("I prefer tea to coffee.", "I prefer coffee to tea."),
        ("I go to work by bus.", "I cycle to work now."),
        ("My girlfriend is called Noor.", "Noor and I have split up."),
    ],
)
def test_what_ended(memory, clock, old, new):
    """An end, a turn and a change of taste take the place of what held before."""
    told(memory, old)
    clock.advance(days=200)
    assert told(memory, new).decision == "supersedes"
    assert current(memory) == [new]


def test_past_is_no_change(memory, clock):
    """What was once says nothing about what is now."""
    told(memory, "I live in Lisbon.")
    clock.advance(days=30)
    assert told(memory, "I used to live in Rome.").decision == "new"
    assert told(memory, "I used to live in Lisbon.").decision == "supersedes"


def test_two_people_of_one_name(memory, clock):
    """Two people of one name are told apart by what they are to the user."""
    told(memory, "My sister Ana lives in Porto.")
    assert told(memory, "My boss Ana lives in Madrid.").decision == "new"
    clock.advance(days=30)
    moved = told(memory, "My boss Ana has moved to Rome.")
    assert [old.text for old in moved.replaced] == ["My boss Ana lives in Madrid."]


def test_table_can_be_edited():
    """What the owner declares single- or many-valued counts before the table."""
    table = Predicates(single_valued={"speaks"}, many_valued={"employer"})
    assert (table.valued("speaks"), table.valued("employer")) == ("single", "many")
    assert (table.valued("birthday"), table.valued("car colour")) == ("fixed", "single")


def test_many_values_stand_side_by_side(memory):
    """A second allergy takes nothing away from the first."""
    told(memory, "I'm allergic to nuts.")
    assert told(memory, "I'm allergic to eggs.").decision == "new"
    assert len(current(memory)) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("My favourite colour is green.", "My favorite colour is red."),
        ("I work at Bosch.", "I started a new job at Acme."),
        ("My email is a@example.org.", "My email is b@example.org."),
        ("I'm a vegetarian.", "I'm vegan."),
        ("My car is red.", "My car is black."),
        ("My house number is 47.", "My house number is 74."),
    ],
)
def test_single_valued(memory, clock, old, new):
    """What has one value at a time is replaced by the newer statement."""
    told(memory, old)
    clock.advance(days=30)
    assert told(memory, new).decision == "supersedes"
    assert current(memory) == [new]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I love tea.", "I love coffee."),
        ("I have a dog called Rex.", "I have a cat called Luna."),
        ("My friend Omar works at Siemens.", "My friend Lia works at Bosch."),
        ("I speak French.", "I speak German."),
        ("My favourite colour is green.", "My favourite food is soup."),
    ],
)
def test_many_valued(memory, first, second):
    """What may have several values at a time is never replaced."""
    told(memory, first)
    assert told(memory, second).decision == "new"
    assert current(memory) == [first, second]


def test_older_statement_imported_later(memory):
    """A statement from before, imported afterwards, supersedes nothing."""
    imported(memory, "I live in Porto.", Triple("user", "home", "Porto"), NOON)
    before = NOON - timedelta(days=365)
    old = imported(memory, "I live in Lisbon.", Triple("user", "home", "Lisbon"), before)
    assert old.replaced == ()
    assert memory.store.memories.newest(current=True)[0].text == "I live in Porto."


def test_older_statement_is_over(memory):
    """What was replaced before it was imported does not hold beside what replaced it."""
    imported(memory, "I live in Porto.", Triple("user", "home", "Porto"), NOON)
    before = NOON - timedelta(days=365)
    imported(memory, "I live in Lisbon.", Triple("user", "home", "Lisbon"), before)
    assert current(memory) == ["I live in Porto."]


def test_notes_never_give_way(memory, clock):
    """A note that holds more than a statement is not replaced by one."""
    note = "I live in Lisbon. The lease ends in May and the landlord wants a letter."
    (kept,) = memory.remember(note)
    assert kept.memory.kind == "note"
    clock.advance(days=1)
    assert told(memory, "I live in Porto.").decision == "new"
    assert current(memory) == [note, "I live in Porto."]


def test_two_statements_of_which_one_changes(memory, clock):
    """Of two statements made in one breath, only the one that changed gives way."""
    memory.remember("I live in Lisbon and my cat is called Luna.")
    clock.advance(days=1)
    told(memory, "I live in Porto.")
    assert current(memory) == ["my cat is called Luna.", "I live in Porto."]


def test_memory_that_says_more_stays():
    """A memory of which only a part is replaced does not give way."""
    home, job = Triple("user", "home", "Lisbon"), Triple("user", "employer", "Bosch")
    known = Memory("1", "profile", "…", NOON, triples=(home, job))
    newer = Memory("2", "profile", "…", NOON, triples=(Triple("user", "home", "Porto"),))
    assert reconcile(newer, lambda *_: [known], None).decision == "new"


def test_correction_takes_the_slot_of_what_it_denies():
    """ "Porto, not Lisbon" is a home, because Lisbon was one."""
    known = Memory(
        "1", "profile", "I live in Lisbon.", NOON, triples=(Triple("user", "home", "Lisbon"),)
    )
    said = Memory(
        "2", "fact", "I meant Porto, not Lisbon.", NOON, triples=(Triple("user", "", "Porto"),)
    )
    lookups = Lookups(lambda *_: [], mentioning=lambda _: [known])
    verdict = reconcile(said, lookups.in_slot, None, known=lookups, denies="Lisbon")
    assert (verdict.decision, verdict.others) == ("supersedes", (known,))
    assert verdict.triples == (Triple("user", "home", "Porto"),)


def test_correction_of_nothing_says_nothing():
    """Where nothing was said wrongly, a correction has no slot, and so no triple."""
    said = Memory(
        "2", "fact", "I meant Porto, not Lisbon.", NOON, triples=(Triple("user", "", "Porto"),)
    )
    verdict = reconcile(said, lambda *_: [], None, denies="Lisbon")
    assert verdict == Verdict("new")


def test_undo_restores_what_was_superseded(memory, clock):
    """Taking a change back makes the old memory hold again."""
    told(memory, "I live in Lisbon.")
    clock.advance(days=1)
    told(memory, "I live in Porto.")
    memory.store.undo(memory.store.journal.last_action())
    assert current(memory) == ["I live in Lisbon."]
    assert memory.store.memories.newest()[0].valid_to is None


@pytest.mark.parametrize(
    ("old", "new", "decision"),
    [
        ("I love olives.", "I hate olives.", "contradicts"),
        ("My work email is k@north.example.", "My private email is karin@mail.example.", "new"),
        ("I have an aisle seat.", "I have a window seat.", "new"),
        ("My sister lives abroad.", "My sister lives in New Zealand.", "refines"),
        ("My sister Ines lives in Bergen.", "My sister Ines fell off a horse in Spain.", "new"),
        ("My birthday is in May.", "My birthday is on 14 May.", "refines"),
        ("I drive a Toyota.", "My car is a silver Toyota Yaris.", "refines"),
        ("I work at Acme.", "Acme is my employer.", "duplicate"),
    ],
)
def test_what_stands_beside(memory, clock, old, new, decision):
    """A taste turned round contradicts; what is finer, the same, or something else is told apart."""
    told(memory, old)
    clock.advance(days=200)
    assert told(memory, new).decision == decision
