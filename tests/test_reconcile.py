"""New against known: what a memory replaces, repeats, or leaves as it is."""

from datetime import timedelta

import pytest

from memcli.manage.reconcile import reconcile, states
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
        return memory.keep(made)


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


def test_at_the_same_moment_the_later_statement_counts(memory):
    """Of two statements with one and the same time, the one that came later holds."""
    told(memory, "I live in Lisbon.")
    assert told(memory, "I live in Porto.").decision == "supersedes"
    assert current(memory) == ["I live in Porto."]


def test_many_values_stand_side_by_side(memory):
    """A second allergy takes nothing away from the first."""
    told(memory, "I'm allergic to nuts.")
    assert told(memory, "I'm allergic to eggs.").decision == "new"
    assert len(current(memory)) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("My name is Ana.", "My name is Eva."),
        ("My favourite colour is green.", "My favorite colour is red."),
        ("I work at Bosch.", "I started a new job at Acme."),
        ("My email is a@example.org.", "My email is b@example.org."),
        ("I'm a vegetarian.", "I'm vegan."),
        ("My birthday is on 4 May.", "My birthday is on 5 May."),
    ],
)
def test_single_valued(memory, old, new):
    """What has one value at a time is replaced by the newer statement."""
    told(memory, old)
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


def test_states_ignores_case():
    """Names are the same however they are written."""
    known = Memory("1", "profile", "…", NOON, triples=(Triple("user", "home", "Lisbon"),))
    assert states(known, Triple("User", "home", "LISBON"))
    assert not states(known, Triple("user", "home", "Porto"))


def test_undo_restores_what_was_superseded(memory, clock):
    """Taking a change back makes the old memory hold again."""
    told(memory, "I live in Lisbon.")
    clock.advance(days=1)
    told(memory, "I live in Porto.")
    memory.store.undo(memory.store.journal.last_action())
    assert current(memory) == ["I live in Lisbon."]
    assert memory.store.memories.newest()[0].valid_to is None
