"""What is said against what was said before, where no rule sets them against each other."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memcli.acquire.rules import RuleExtractor
from memcli.manage import akin
from memcli.records import Session, Turn
from memcli.testing import NOON

DAY = timedelta(days=1)
CODE, NEW_CODE = "The locker code at the pool is 8830.", "My locker code at the pool is 2156 now."


@pytest.fixture
def say(memory, clock):
    """Say something in a chat, some time after what was said last, and return what was learnt."""
    session = Session(memory.store.new_id(), "", clock(), clock())
    with memory.writing("chat"):
        memory.store.sessions.add(session)

    turns = itertools.count()

    def said(text, after=30 * DAY, time=None):
        clock.advance(days=after / DAY)
        turn = Turn(memory.store.new_id(), session.id, next(turns), "user", text, time or clock())
        with memory.writing("chat"):
            memory.store.sessions.add_turns([turn])
            return memory.learning.learn(turn)

    return said


def texts(memory, *, current):
    """Return the texts of the memories that hold, or of those that hold no longer."""
    found = memory.store.memories.newest()
    return [m.text for m in found if (m.superseded_by is None) == current]


@pytest.mark.parametrize(
    ("old", "new", "decision"),
    [
        ("My yoga class is on Tuesdays at 7pm.", "Yoga got moved to Thursdays at 7pm.", "supersedes"),
        ("The gate code is 4471.", "The gate code has changed, it is 9082 now.", "supersedes"),
        ("I have a subscription to the Evening Courier.",
         "I've cancelled my subscription to the Evening Courier.", "supersedes"),
        ("Our book club meets on Tuesdays.", "Book club has moved to Thursdays.", "supersedes"),
        ("My shop is a bakery.", "My shop is a bakery in Ghent, it's called Papier.", "refines"),
        ("I go to the gym three times a week.", "I'm at the gym three times a week.", "duplicate"),
        ("My bike is red.", "My car is blue.", "new"),
        ("My son Felix goes to kindergarten.", "My son Felix hates broccoli.", "new"),
        ("The code for my bike lock is 4417.", "The code for my gym locker is 4471.", "new"),
        ("Note 1 about the garden.", "Note 2 about the garden.", "new"),
        ("Ran 5 km today.", "Ran 7 km today.", "new"),
    ],
)  # fmt: skip
def test_decisions(say, old, new, decision):
    """What shares a topic and differs in a value is told from what shares words."""
    say(old)
    assert {one.decision for one in say(new)} <= {decision}
    if decision != "new":
        assert say(new)


def test_what_was_not_kept_is_when_it_ends(memory, say):
    """A statement that seemed not worth keeping is in history, with its proof, once it changed."""
    assert say(CODE) == []
    (learnt,) = say(NEW_CODE)
    assert learnt.decision == "supersedes"
    (old,) = learnt.others
    assert memory.store.sessions.turn(old.turn_id).text == CODE
    assert texts(memory, current=True) == [NEW_CODE]
    assert texts(memory, current=False) == [CODE]


def test_undo_takes_both_back(memory, say):
    """The memory that was made in hindsight goes with the one that brought it up."""
    say(CODE)
    say(NEW_CODE)
    memory.store.undo(memory.store.journal.last_action())
    assert memory.store.memories.count() == 0


def test_said_again_in_other_words(memory, say):
    """What is told twice is worth keeping: once, with both turns as its proof."""
    say("We don't open the shop on Mondays.")
    (learnt,) = say("The shop is not open on Mondays, we don't open it.")
    assert learnt.decision == "duplicate"
    assert texts(memory, current=True) == ["We don't open the shop on Mondays."]
    assert len(memory.store.memories.proofs(learnt.memory.id)) == 1


def test_what_was_over_holds_again(memory, say):
    """ "Back on ramipril" takes the place of what had taken the place of ramipril."""
    say("For my blood pressure I take ramipril.")
    say("I've switched from ramipril to losartan for my blood pressure.")
    again = "I'm back on ramipril for my blood pressure again."
    say(again)
    assert texts(memory, current=True) == [again]
    assert len(texts(memory, current=False)) == 2


def test_older_is_outdated(memory, say, clock):
    """An older statement that is heard later goes into history at once."""
    say("My locker code at the gym is 8830.")
    (learnt,) = say("My locker code at the gym is 2156.", time=clock() - 900 * DAY)
    assert learnt.decision == "outdated"
    assert texts(memory, current=True) == ["My locker code at the gym is 8830."]


def test_correction_soon_after(memory, say):
    """ "No wait, it's 4417" is about what was said just before, and about nothing of last month."""
    say("the gate code at mum's building is 4471")
    (learnt,) = say("no wait its 4417, i swapped the digits", after=timedelta(minutes=1))
    assert learnt.decision == "supersedes"
    assert say("wait no its twelve, my mistake", after=40 * DAY) == []


def test_rules_are_doubted(say):
    """What a rule takes for a conflict is a correction if the sentence before says so."""
    say("My sister's birthday is 14 August.")
    learnt = say("Oops, got that wrong. My sister's birthday is 15 August.", after=DAY / 1440)
    assert [one.decision for one in learnt] == ["supersedes"]


def test_notes_of_files_stand(memory, say):
    """An imported note is not taken out of force by a chat, however alike."""
    with memory.writing("import"):
        note = memory.learning.memory_of(
            RuleExtractor().extract("I have a locker at the pool.", NOON)[0], NOON
        )
        memory.store.memories.add([note])
    say("The weather at the pool was fine.")
    assert note.text in texts(memory, current=True)


@settings(deadline=None)  # the first one reads the weights
@given(st.text(max_size=80), st.text(max_size=80), st.floats(-1e9, 1e9), st.booleans())
def test_any_two_texts_have_shares(earlier, later, gap, over):
    """Whatever stands in them, the five shares are shares."""
    shares = akin.judge(akin.statement(earlier), akin.statement(later), gap, over=over)
    assert len(shares) == len(akin.RELATIONS)
    assert sum(shares) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares)


def test_the_same_words_are_a_duplicate():
    """Two equal statements share all there is to share."""
    one = akin.statement("My dentist is Dr Ray in Mill Road.")
    shares = akin.judge(one, one, 86_400)
    assert akin.RELATIONS[shares.index(max(shares))] == "duplicate"


def test_words_are_known_by_their_beginning():
    """ "Subscribed" and "subscription" are one word, and "three" is 3."""
    one, other = akin.statement("Subscribed to 3 papers"), akin.statement("three subscriptions")
    assert one.content & other.content == {"subscr", "3"}
