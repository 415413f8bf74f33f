"""Consolidation: summaries of sessions and topics, a model's finds, and what may never happen."""

from datetime import timedelta

import pytest

from memcli.acquire.candidate import Candidate
from memcli.acquire.extract import Doubt, Extraction
from memcli.manage.consolidate import SESSION, TOPIC, nearly_same
from memcli.records import USER, Memory, Session, Span, Triple, Turn
from memcli.tiers import judging


def talk(memory, *texts, title="a talk"):
    """Store a session of these turns, the owner's and the assistant's by turns."""
    store = memory.store
    session = Session(store.new_id(), title, store.clock(), store.clock())
    turns = [
        Turn(store.new_id(), session.id, i, ("user", "assistant")[i % 2], text,
             store.clock() + timedelta(minutes=i))
        for i, text in enumerate(texts)
    ]  # fmt: skip
    with memory.writing("chat"):
        store.sessions.add(session)
        store.sessions.add_turns(turns)
    return turns


GARDEN = [
    "The tomatoes in the garden grow well this year.",
    "Good to hear about the tomatoes.",
    "I watered the garden and the tomatoes twice.",
    "Watering the garden helps tomatoes.",
    "The garden also has beans beside the tomatoes.",
    "Beans and tomatoes share a garden well.",
] * 2


def texts(memory, tag):
    return [m.text for m in memory.store.memories.tagged(tag)]


def test_session_is_summarised_once(memory):
    """A session gets one summary that covers all its turns; a second run adds nothing."""
    turns = talk(memory, *GARDEN, title="The garden")
    done = memory.consolidate()
    assert (done.sessions, done.topics, done.learnt) == (1, 0, 0)
    (summary,) = memory.store.memories.tagged(SESSION)
    assert summary.title == "The garden"
    assert [t.id for t in memory.store.memories.covered(summary.id)] == [t.id for t in turns]
    assert memory.consolidate().sessions == 0


def test_short_sessions_have_no_summary(memory):
    """Eleven turns are read faster than their summary."""
    talk(memory, *GARDEN[:11])
    assert memory.consolidate().sessions == 0


def test_session_that_went_on(memory):
    """What was said since is told by a new summary; the old one stays in history."""
    turns = talk(memory, *GARDEN)
    memory.consolidate()
    (old,) = memory.store.memories.tagged(SESSION)
    more = [
        Turn(memory.store.new_id(), turns[0].session_id, 12 + i, "user", f"Bean number {i} has come up today.",
             memory.store.clock() + timedelta(hours=1))
        for i in range(6)
    ]  # fmt: skip
    with memory.writing("chat"):
        memory.store.sessions.add_turns(more)
    assert memory.consolidate().sessions == 1
    (new,) = memory.store.memories.tagged(SESSION)
    assert len(memory.store.memories.covered(new.id)) == 18
    assert memory.store.memories.get(old.id).superseded_by == new.id


def test_topic_of_three_sessions(memory):
    """Three sessions on one thing get a summary together, named by their words."""
    for i in range(3):
        talk(memory, *GARDEN, f"Day {i}.", "Noted.")
    talk(memory, *(f"Parliament passed budget bill {i} after long debate." for i in range(12)))
    done = memory.consolidate()
    assert (done.sessions, done.topics) == (4, 1)
    (topic,) = memory.store.memories.tagged(TOPIC)
    assert len(memory.store.memories.covered(topic.id)) == 42
    assert "tomatoes" in topic.title
    assert "Parliament" not in topic.text
    assert memory.consolidate().topics == 0


def test_topic_that_grew(memory):
    """A topic with another session gets a new summary, and the old one is closed, not deleted."""
    for _ in range(3):
        talk(memory, *GARDEN)
    memory.consolidate()
    (old,) = memory.store.memories.tagged(TOPIC)
    talk(memory, *GARDEN)
    memory.consolidate()
    (new,) = memory.store.memories.tagged(TOPIC)
    assert new.id != old.id
    assert memory.store.memories.get(old.id).superseded_by is not None


def test_forgotten_turn_voids_its_summaries(memory):
    """A session's summary is made again without a forgotten turn; a topic's waits for the next run."""
    talks = [talk(memory, *GARDEN, "The gardener is called Xaver.", "I see.") for _ in range(3)]
    memory.consolidate()
    memory.forget([], [turns[12] for turns in talks])
    assert (len(texts(memory, SESSION)), texts(memory, TOPIC)) == (3, [])
    memory.consolidate()
    assert (len(texts(memory, SESSION)), len(texts(memory, TOPIC))) == (3, 1)
    assert "Xaver" not in "".join(texts(memory, SESSION) + texts(memory, TOPIC))


def test_undo_takes_all_of_it_back(memory):
    """One run is one action, though it is many transactions."""
    for _ in range(3):
        talk(memory, *GARDEN)
    memory.consolidate()
    memory.store.undo(memory.store.journal.last_action())
    assert (texts(memory, SESSION), texts(memory, TOPIC)) == ([], [])


def test_no_time(memory):
    """Without time nothing is begun, and that is said; the next run does it."""
    talk(memory, *GARDEN)
    assert memory.consolidate(seconds=-1).unfinished
    assert texts(memory, SESSION) == []
    assert not memory.consolidate().unfinished
    assert len(texts(memory, SESSION)) == 1


class Broken(Exception):
    pass


def test_interrupted(memory):
    """What was done before a model broke off is kept whole; the next run goes on from there."""
    for _ in range(3):
        talk(memory, *GARDEN)
    answers = iter(["A summary of the garden."])

    def complete(prompt):
        for answer in answers:
            return answer
        raise Broken

    with pytest.raises(Broken):
        memory.consolidate(complete=complete)
    assert texts(memory, SESSION) == ["A summary of the garden."]
    assert memory.consolidate().sessions == 2


def test_summary_is_not_what_a_chat_resumes_from(memory):
    """Summaries of whole sessions leave a resumed chat its own words."""
    turns = talk(memory, *GARDEN)
    memory.consolidate()
    assert memory.store.memories.summaries_of(turns[0].session_id) == []


def find(turn, text, *triples, kind="fact"):
    start = turn.text.index(text)
    return turn, Candidate(kind, text, Span(start, start + len(text)), triples)


class Reader:
    """Finds in turns what a function says."""

    def __init__(self, read):
        self.read = read
        self.seen = []

    def extract_turns(self, turns):
        self.seen.append([turn.text for turn in turns])
        return self.read(turns)


def test_finds_of_a_model_are_kept(memory):
    """What is proved becomes a memory of its turn; each turn is read once."""
    talk(memory, "The tram I take is line 12.", "Thanks.")

    def read(turns):
        own = turns[0]
        return Extraction((find(own, own.text, Triple(USER, "tram", "line 12")),))

    reader = Reader(read)
    done = memory.consolidate(extractor=reader)
    assert (done.learnt, done.to_review) == (1, 0)
    (kept,) = memory.store.memories.newest()
    assert (kept.text, kept.turn_id is not None) == ("The tram I take is line 12.", True)
    memory.consolidate(extractor=reader)
    assert reader.seen == [["The tram I take is line 12.", "Thanks."]]


def test_a_model_reads_what_was_kept_as_it_was_said(memory):
    """No rule could read it; what the model finds in the same words takes its place, once."""
    said = "I've been a bell ringer at St Chad's since I was fourteen."
    (turn, _) = talk(memory, said, "How nice.")
    with memory.writing("chat"):
        memory.learning.learn(turn)
    (kept,) = memory.store.memories.newest()
    assert (kept.text, kept.triples) == (said, ())

    def read(turns):
        return Extraction((find(turns[0], said, Triple(USER, "hobby", "bell ringer")),))

    done = memory.consolidate(extractor=Reader(read))
    assert (done.learnt, done.to_review) == (1, 0)
    (now,) = memory.store.memories.newest(current=True)
    assert (now.text, now.triples) == (said, (Triple(USER, "hobby", "bell ringer"),))
    assert memory.store.memories.newest()[-1].superseded_by == now.id


def test_a_model_replaces_nothing(memory, clock):
    """What would take a known fact's place waits for the owner, who may accept it."""
    memory.remember("I live in Lisbon.")
    clock.advance(days=30)
    talk(memory, "Porto is my home.", "I see.")

    def read(turns):
        own = next(turn for turn in turns if turn.role == "user")
        return Extraction((find(own, "Porto is my home.", Triple(USER, "home", "Porto")),))

    done = memory.consolidate(extractor=Reader(read))
    assert (done.learnt, done.to_review) == (0, 1)
    assert [m.text for m in memory.store.memories.newest(current=True)] == ["I live in Lisbon."]
    (review,) = memory.store.judgements.reviews()
    assert "I live in Lisbon." in review.reason
    learnt = judging.accept(memory, review)
    assert (learnt.decision, [m.text for m in learnt.replaced]) == (
        "supersedes",
        ["I live in Lisbon."],
    )
    assert memory.store.judgements.reviews() == []


def doubt(memory, text="The user's bank is X."):
    (turn, *_) = talk(memory, "My bank? I never said.", "Sorry.")

    def read(turns):
        return Extraction((), (Doubt(turn.id, "fact", text, "bank", "its words are not there"),))

    memory.consolidate(extractor=Reader(read))
    (review,) = memory.store.judgements.reviews()
    return review


def test_doubtful_finds_wait(memory):
    """What is not proved is no memory, and recall does not find it."""
    review = doubt(memory)
    assert (review.text, review.reason) == ("The user's bank is X.", "its words are not there")
    assert memory.store.memories.newest() == []
    assert all("X" not in hit.text for hit in memory.recall("What is my bank?"))


def test_reject_and_undo(memory):
    """A rejected find is off the list, and undo puts it back."""
    review = doubt(memory)
    judging.reject(memory, review)
    assert memory.store.judgements.reviews() == []
    memory.store.undo(memory.store.journal.last_action())
    assert memory.store.judgements.reviews() == [review]


def test_accept_in_other_words(memory):
    """The owner's own words are kept, and prove nothing that the turn does not say."""
    learnt = judging.accept(memory, doubt(memory), "I bank with Y.")
    assert (learnt.memory.text, learnt.memory.quote, learnt.memory.triples) == (
        "I bank with Y.",
        "",
        (),
    )


def test_accepting_what_is_known(memory):
    """A find that is known already adds a proof, and no memory."""
    memory.remember("The user's bank is X.")
    assert judging.accept(memory, doubt(memory)).decision == "duplicate"
    assert len(memory.store.memories.newest()) == 1


def test_forgetting_a_turn_takes_its_finds_along(memory):
    """A find may repeat what is forgotten."""
    review = doubt(memory)
    memory.forget([], [memory.find(review.turn_id)])
    assert memory.store.judgements.reviews() == []
    assert not memory.store.db.execute("SELECT 1 FROM changes WHERE tbl = 'reviews'").fetchall()


def test_nearly_same_memories_are_shown(memory):
    """Memories that say nearly the same are grouped for the owner; none is merged."""
    for text in ("The boiler is serviced by Klein every autumn.", "By Klein the boiler is serviced every autumn.",
                 "The attic window leaks."):  # fmt: skip
        memory.remember(text)
    (group,) = nearly_same(memory.store)
    assert all("Klein" in m.text for m in group)
    assert len(memory.store.memories.newest(current=True)) == 3


def test_conflict_and_resolve(memory):
    """Both stay while it is open; the one that holds takes the other's place; undo opens it again."""
    one, other = (
        item.memory
        for text in ("I keep the key here.", "I keep the key there.")
        for item in memory.remember(text)
    )
    with memory.store.action("test"):
        memory.store.judgements.add_conflict(other.id, one.id)
    assert [(a.id, b.id) for a, b in judging.conflicts(memory)] == [(one.id, other.id)]
    assert [m.id for m in judging.resolve(memory, other)] == [one.id]
    assert judging.conflicts(memory) == []
    assert memory.store.memories.get(one.id).superseded_by == other.id
    memory.store.undo(memory.store.journal.last_action())
    assert len(judging.conflicts(memory)) == 1
    judging.resolve(memory, one, both=True)
    assert judging.conflicts(memory) == []
    assert len(memory.store.memories.newest(current=True)) == 2


def test_profile_is_what_matters_most(memory):
    """Standing facts about the owner come by importance, and by use."""
    with memory.writing("test"):
        memory.store.memories.add(
            Memory(
                id=memory.store.new_id(), kind=kind, text=text, recorded=memory.store.clock(),
                importance=importance, triples=(Triple(USER, "likes", text),),
            )
            for kind, text, importance in [
                ("preference", "jazz", 0.4), ("fact", "walnuts", 0.9), ("event", "a trip", 0.9),
            ]
        )  # fmt: skip
    assert [m.text for m in memory.profile()] == ["walnuts", "jazz"]
