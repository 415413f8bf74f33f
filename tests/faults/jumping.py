"""A clock that is wrong: it jumps by years between what is done."""

import random

from acting import Plain, text
from figures import Figure

from memcli.testing import FixedClock
from memcli.tiers import editing
from memcli.tiers.merging import merge

LIVES, STEPS = 12, 40


class Jumping:
    """A memory whose clock jumps by years before each action, and what it must hold."""

    def __init__(self, top, seed):
        self.rng, self.clock = random.Random(seed), FixedClock()
        self.memory = Plain(top)
        self.store, self.store.clock = self.memory.store, self.clock
        self.ids, self.texts, self.said = [], set(), []

    def act(self, i):
        """Do one thing, and yield what is not as it was told, or as it was before."""
        self.clock.advance(days=self.rng.uniform(-3000, 3000))
        verb, before = (
            self.rng.choice(["note", "home", "chat", "edit", "merge", "undo"]),
            self._every(),
        )
        if verb == "chat":
            self.said.append(f"Where does the boat tok{i}x lie?")
            self.memory.chat_turn(self.said[-1])
        elif verb == "edit" and self.ids:
            old = self.memory.memory.find(self.ids.pop())
            self.texts.discard(old.text)
            self._told(editing.edit(self.memory.memory, old, {"text": text(i)}))
        elif verb == "merge":
            kept, *others = self.store.memories.newest(current=True) or [None]
            for other in others[:1]:
                merge(self.memory.memory, kept, other)
        elif verb == "home":
            self._told(self.memory.remember(f"I have lived in Town{i} since last week.")[0].memory)
        else:
            new = self.memory.remember(text(i))[0].memory
            if verb == "undo":
                self.store.undo(self.store.journal.last_action())
                if self._every() != before:
                    yield f"undo took back something else than {i}"
            else:
                self._told(new)
        yield from (f"{verb} {i}: {problem}" for problem in self._wrong())

    def _told(self, memory):
        self.ids.append(memory.id)
        self.texts.add(memory.text)

    def _every(self):
        return [(m.id, m.text, m.superseded_by) for m in self.store.memories.newest()]

    def _wrong(self):
        every = self.store.memories.newest()
        yield from (f"{lost} is lost" for lost in self.texts - {m.text for m in every})
        for memory in every:
            if memory.valid_to and memory.valid_from and memory.valid_to < memory.valid_from:
                yield f"{memory.text} ended before it began"
        sessions = self.store.sessions.latest()
        turns = [t for session in sessions for t in self.store.sessions.turns(session.id)]
        if [turn.text for turn in turns if turn.role == "user"] != self.said:
            yield "what was said is lost, or in another order"


def figures(top, share=1):
    """Yield what is lost, or in another order, where the clock jumps by up to eight years."""
    problems, lives = [], round(LIVES * share) or 1
    for seed in range(lives):
        life = Jumping(top / str(seed), seed)
        problems += [problem for i in range(STEPS) for problem in life.act(i)]
        life.memory.close()
    what = "actions by a clock that jumps back and forth by years"
    note = f"{lives} memories"
    yield Figure("Clock", what, lives * STEPS, len(problems), note, tuple(problems[:9]))
