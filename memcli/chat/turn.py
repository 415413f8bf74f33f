"""One turn of a conversation, from the user's words to what is stored. No terminal in here.

    sensory → recall → short-term → store what was said → engine → store the answer

What the user said, and what was learnt from it, is stored before the engine starts: an answer that
fails or is interrupted costs nothing of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from memcli.engine.base import Cancel, Engine, Message, Prompt, Stats, complete
from memcli.errors import InvalidInput, NotFound, StoreError
from memcli.recall.budget import quotes
from memcli.recall.plan import needs_memory
from memcli.recall.recall import Recalled
from memcli.records import Memory, Role, Session, Turn
from memcli.text import clean, one_line
from memcli.tiers.learning import Learnt
from memcli.tiers.long_term import LongTerm
from memcli.tiers.sensory import Input, take_in
from memcli.tiers.short_term import ShortTerm, WorkingContext

if TYPE_CHECKING:
    from memcli.config import Config
    from memcli.media.documents import Document
    from memcli.media.state import States

TITLE_LENGTH = 48
LONGEST_SUMMARY = 1_200  # characters
RELEVANT = 0.35  # of the best hit's score: what is further off would only distract a model


@dataclass(slots=True)
class Exchange:
    """What happened in one turn; the answer grows while it is iterated over."""

    input: Input
    recalled: Recalled
    context: WorkingContext
    learnt: list[Learnt]
    stats: Stats = field(default_factory=Stats)
    answer: str = ""
    interrupted: bool = False


class Conversation:
    """A session with an engine and long-term memory.

    A private one recalls what is known but stores nothing.
    """

    def __init__(
        self,
        memory: LongTerm,
        engine: Engine,
        config: Config,
        *,
        session: Session | None = None,
        private: bool = False,
        states: States | None = None,
        document: Document | None = None,
    ) -> None:
        """With ``states`` a session goes on where its model stopped, see ``media.state``.

        All prompts begin with the ``document``, which the model has in mind already.
        """
        self.memory = memory
        self.engine = engine
        self.session = session
        self.private = private
        self.last: Exchange | None = None
        self.turns: list[Turn] = []
        if session and not private:
            self.turns = memory.store.sessions.turns(session.id)
        self._config = config
        code = memory.store.fence()
        self.short_term = ShortTerm(
            engine,
            system=config.chat.system,
            recall_share=config.recall.share,
            answer=config.sampling.max_tokens,
            profile=config.memory.profile,
            document=document.fenced(code) if document else "",
            code=code,
            policy=config.chat.window,
        )
        self.document = document
        self._states = states
        self._profile = self._known_profile()
        self.note = self._resume()  # what became of the model's state, for the user
        self._summary, self._summarised = self._known_summary()
        self._forgetting = memory.store.journal.last_forgetting()

    def say(
        self, raw: str, cancel: Cancel | None = None, *, asks: bool | None = None
    ) -> tuple[Exchange, Iterator[str]]:
        """Say something, and return what is known so far with the answer's pieces to come.

        The answer is stored when the pieces are used up, or when their iterator is closed.
        ``asks`` overrides what the words look like.

        Raises:
            InvalidInput: there is nothing in the message.
            ContextTooSmall: the message cannot fit the context.
        """
        heard = take_in(raw, self.memory.mask)
        if not heard.text:
            raise InvalidInput("The message is empty.", "Type something, or /help.")
        if asks is not None:
            heard = replace(heard, asks=asks)
        if self.memory.store.journal.last_forgetting() != self._forgetting:
            self.reload()
        recalled = self._recall(heard.text)
        cancel = cancel or Cancel()
        self._make_room(cancel)
        context = self.short_term.build(
            pinned=self.memory.store.memories.pinned(),
            summary=self._summary,
            profile=self._profile,
            window=self.turns[self._summarised :],
            hits=recalled,
            user=heard.text,
            left_before=self._summarised,
            unsure=heard.asks and not recalled.enough,
        )
        said = self._turn("user", heard.text)
        learnt = self._store_said(said)
        if any(item.replaced for item in learnt):  # not for what is new: the prompt stays cached
            self._profile = self._known_profile()
        exchange = Exchange(heard, recalled, context, learnt)
        self.last = exchange
        return exchange, self._answer(exchange, said, cancel)

    def undo(self) -> list[Turn]:
        """Take back the last exchange with all that was learnt from it; return its turns.

        Raises:
            NotFound: nothing has been said yet.
        """
        starts = [i for i, turn in enumerate(self.turns) if turn.role == "user"]
        if not starts:
            raise NotFound("There is no turn to undo in this session.")
        gone = self.turns[starts[-1] :]
        if not self.private:
            self.memory.undo_turns(gone)
        del self.turns[starts[-1] :]
        if self.private:
            self._summarised = min(self._summarised, len(self.turns))
        else:
            self._summary, self._summarised = self._known_summary()
            self._profile = self._known_profile()
        self.last = None
        return gone

    def last_said(self) -> str:
        """Return the user's last message.

        Raises:
            NotFound: nothing has been said yet.
        """
        said = [turn.text for turn in self.turns if turn.role == "user"]
        if not said:
            raise NotFound("Nothing has been said in this session yet.")
        return said[-1]

    def redo(self, turn_id: str) -> None:
        """Bring back the exchange that ``undo`` took away, if nothing came after it."""
        if not self.private:
            self.memory.redo_turns(turn_id)
            self.memory.meaning.embed_missing(seconds=1.0)
            self.reload()

    def reload(self) -> None:
        """Read the session's turns again, after something in them was forgotten."""
        self.engine.clear()  # its cells may hold it
        self._forgetting = self.memory.store.journal.last_forgetting()
        if self.session and not self.private:
            self.turns = self.memory.store.sessions.turns(self.session.id)
            self.session = self.memory.store.sessions.get(self.session.id)  # gone with its turns
            self._summary, self._summarised = self._known_summary()
        self._profile = self._known_profile()
        self.last = None

    def suspend(self) -> int:
        """Keep what the model has in mind for the next time; return the bytes that it takes."""
        if self._states is None:
            return 0
        with contextlib.suppress(StoreError):  # a cache that cannot be written: it is read again
            if self.document is None:
                self._states.save_prefix(self.engine, self._begin())
            if self.session and not self.private:
                profile = [m.id for m in self._profile]
                return self._states.save(self.session.id, self.engine, profile)
        return 0

    def _resume(self) -> str:
        if self._states is None:
            return ""
        if self.session is None or self.private:
            if self.document is None:
                self._states.restore_prefix(self.engine)
            return ""
        restored = self._states.restore(self.session.id, self.engine)
        kept = self.memory.store.memories.of_ids(restored.profile)
        if restored.tokens and all(m.superseded_by is None for m in kept):
            self._profile = kept  # what was learnt since stands in the window
        return restored.note

    def _begin(self) -> Message:
        pinned = self.memory.store.memories.pinned()
        return self.short_term.begin(pinned, "", self._profile)

    def with_engine(self, engine: Engine) -> Conversation:
        """Return the same conversation with another engine."""
        other = Conversation(
            self.memory,
            engine,
            self._config,
            session=self.session,
            private=self.private,
            states=self._states,
            document=self.document,
        )
        other.turns = self.turns
        other._summary, other._summarised = self._summary, self._summarised
        return other

    def keep(self) -> None:
        """Store a private session after all, and go on as an ordinary one."""
        if not self.private:
            return
        self.private = False
        turns, self.turns = self.turns, []
        if self.session and turns:
            self._store_session(self.session)
        for turn in turns:
            if turn.role == "user":
                asked = turn
                self._store_said(turn)
            else:
                self._store_answer(turn, asked)

    def _recall(self, text: str) -> Recalled:
        limit = self._config.recall.limit
        if not limit or not needs_memory(text):
            return Recalled()
        # A model sees the window anyway, and should not be told what no longer holds.
        reads = self.engine.reads_prompts
        shown = [turn.original for turn in self.turns[self._summarised :]] if reads else []
        known = self.memory.recall(text, limit=limit, without=shown)
        if not reads or not known:
            return known
        least = RELEVANT * known[0].score
        hits = (hit for hit in known if hit.score >= least)
        return known.only(h for h in hits if known.past or h.valid_to is None)

    def _answer(self, exchange: Exchange, said: Turn, cancel: Cancel) -> Iterator[str]:
        generation = self.engine.answer(self._prompt(exchange), cancel)
        exchange.stats = generation.stats
        window = self.turns[self._summarised : -1] if self.engine.reads_prompts else []
        finished = False
        try:
            for piece in generation:
                exchange.answer += piece
                yield piece
            finished = True
        finally:
            exchange.interrupted = generation.interrupted or not finished
            if text := clean(exchange.answer).strip():
                # What repeats memories must not become one; what the model made up by itself may.
                derived = exchange.recalled.enough or not self.engine.reads_prompts
                answer = self._turn("assistant", text)
                answer = replace(answer, interrupted=exchange.interrupted, derived=derived)
                self._store_answer(answer, said, _used(exchange, window))

    def _prompt(self, exchange: Exchange) -> Prompt:
        new = [learnt.memory for learnt in exchange.learnt]
        return Prompt(
            exchange.context.messages,
            asks=exchange.input.asks,
            quotes=tuple(quotes(exchange.recalled)) if exchange.recalled.enough else (),
            kept=not self.private,
            noted=tuple(one_line(memory.text) for memory in new),
            lead=self.short_term.lead,
            policy=self._config.chat.window,
        )

    def _store_said(self, turn: Turn) -> list[Learnt]:
        if self.private:
            self.turns.append(turn)
            return []
        learning = self.memory.learning
        found = learning.read(turn) if self._config.chat.learn else []  # before the write lock
        with self.memory.writing("chat", action_id=turn.id) as entry:
            turn = self._add(turn)
            learnt = learning.learn(turn, found)
            entry.summary = f"said 1 turn, learnt {len(learnt)}"
        self.turns.append(turn)
        return learnt

    def _store_answer(self, turn: Turn, said: Turn, used: Iterable[str] = ()) -> None:
        if self.private:
            self.turns.append(turn)
            return
        with self.memory.writing("answer", action_id=said.id) as entry:
            turn = self._add(turn)
            self.memory.store.sessions.add_uses(turn.id, [said.id, *used])
            entry.summary = "answered"
        self.turns.append(turn)

    def _add(self, turn: Turn) -> Turn:
        """Store a turn in the next free place: another process may have written to the session."""
        sessions = self.memory.store.sessions
        turn = replace(turn, seq=sessions.next_seq(turn.session_id))
        sessions.add_turns([turn])
        return turn

    def _turn(self, role: Role, text: str) -> Turn:
        store = self.memory.store
        if self.session is None:
            session = Session(store.new_id(), _title(text), store.clock(), store.clock())
            if not self.private:
                self._store_session(session)
            self.session = session  # now that it is stored
        return Turn(
            id=store.new_id(),
            session_id=self.session.id,
            seq=len(self.turns),
            role=role,
            text=text,
            time=store.clock(),
        )

    def _store_session(self, session: Session) -> None:
        with self.memory.store.action("session"):
            self.memory.store.sessions.add(session)

    def _make_room(self, cancel: Cancel) -> None:
        """Summarise the oldest turns when the window overflows; verbatim they stay in the store."""
        leaving = self.short_term.overflow(self.turns[self._summarised :])
        if leaving and self._config.chat.window != "window":
            self._summarised += len(leaving)  # the engine keeps of them what it can
            return
        if not leaving:
            return
        reads = self.engine.reads_prompts
        ask = (
            partial(complete, self.engine, cancel=cancel, longest=LONGEST_SUMMARY)
            if reads
            else None
        )
        if self.private:
            text = self.memory.summary_text(leaving, ask)
        else:
            text = self.memory.summarize(leaving, ask).text
        self._summary = f"{self._summary} {text}".strip()
        self._summarised += len(leaving)

    def _known_profile(self) -> list[Memory]:
        return self.memory.profile() if self._config.memory.profile else []

    def _known_summary(self) -> tuple[str, int]:
        """Return the text of this session's summaries, and how many turns they stand for."""
        if self.session is None or self.private:
            return "", 0
        known = self.memory.store.memories.summaries_of(self.session.id)
        covered = max((seq for _, seq in known), default=-1)
        text = " ".join(memory.text for memory, _ in known)
        return text, sum(turn.seq <= covered for turn in self.turns)


def _used(exchange: Exchange, window: Iterable[Turn]) -> list[str]:
    """Return the ids of all that an answer may repeat."""
    learnt = [item.memory.id for item in exchange.learnt]
    read = [*(hit.id for hit in exchange.recalled), *(turn.id for turn in window)]
    return list(dict.fromkeys(read + learnt))


def _title(first_words: str) -> str:
    """Return the name of a session that begins with these words."""
    title = one_line(first_words)
    return title if len(title) <= TITLE_LENGTH else title[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"
