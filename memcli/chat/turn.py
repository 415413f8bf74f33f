"""One turn of a conversation, from the user's words to what is stored. No terminal in here.

    sensory → recall → short-term → store what was said → engine → store the answer

What the user said, and what was learnt from it, is stored before the engine starts: an answer that
fails or is interrupted costs nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from memcli.engine.base import Cancel, Engine, Message, Prompt, Stats
from memcli.errors import InvalidInput, NotFound
from memcli.recall.budget import one_line, quotes
from memcli.recall.recall import Recalled
from memcli.records import Role, Session, Turn
from memcli.tiers.long_term import Learnt, LongTerm
from memcli.tiers.sensory import Input, take_in
from memcli.tiers.short_term import ShortTerm, WorkingContext

if TYPE_CHECKING:
    from memcli.config import Config

TITLE_LENGTH = 48


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
    ) -> None:
        self.memory = memory
        self.engine = engine
        self.session = session
        self.private = private
        self.last: Exchange | None = None
        self.turns: list[Turn] = memory.store.sessions.turns(session.id) if session else []
        self._config = config
        self._short_term = ShortTerm(
            engine,
            system=config.chat.system,
            recall_share=config.recall.share,
            answer=config.sampling.max_tokens,
        )
        self._summary, self._summarised = self._known_summary()

    def say(self, raw: str, cancel: Cancel | None = None) -> tuple[Exchange, Iterator[str]]:
        """Say something, and return what is known so far with the answer's pieces to come.

        The answer is stored when the pieces are used up, or when their iterator is closed.

        Raises:
            InvalidInput: there is nothing in the message.
            ContextTooSmall: the message cannot fit the context.
        """
        heard = take_in(raw)
        if not heard.text:
            raise InvalidInput("The message is empty.", "Type something, or /help.")
        recalled = self._recall(heard.text)
        self._make_room()
        context = self._short_term.build(
            pinned=self.memory.store.memories.pinned(),
            summary=self._summary,
            window=self.turns[self._summarised :],
            hits=recalled.hits,
            user=heard.text,
            left_before=self._summarised,
        )
        said = self._turn("user", heard.text)
        learnt = self._store_said(said)
        exchange = Exchange(heard, recalled, context, learnt)
        self.last = exchange
        return exchange, self._answer(exchange, said, cancel or Cancel())

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
            self.memory.store.undo(gone[0].id)
            self.memory.embed_missing(at_most=64)
        del self.turns[starts[-1] :]
        self._summary, self._summarised = self._known_summary()
        self.last = None
        return gone

    def keep(self) -> Session | None:
        """Store a private session after all, and go on as an ordinary one."""
        if not self.private:
            return self.session
        self.private = False
        turns, self.turns = self.turns, []
        for turn in turns:
            if turn.role == "user":
                self._store_said(replace(turn, session_id=self._session(turn.text).id))
                asked = self.turns[-1]
            else:
                self._store_answer(replace(turn, session_id=asked.session_id), asked)
        return self.session

    def complete(self, prompt: str) -> str:
        """Return the engine's whole answer to a prompt that is no part of the conversation."""
        return "".join(self.engine.answer(Prompt((Message("user", prompt),)), Cancel()))

    def _recall(self, text: str) -> Recalled:
        limit = self._config.recall.limit
        if not limit:
            return Recalled((), enough=False)
        shown = {turn.id for turn in self.turns[self._summarised :]}
        known = self.memory.recall(text, limit=limit + len(shown))
        if not self.engine.reads_prompts:
            return replace(known, hits=known.hits[:limit])
        hits = tuple(hit for hit in known.hits if hit.id not in shown)[:limit]
        return replace(known, hits=hits)

    def _answer(self, exchange: Exchange, said: Turn, cancel: Cancel) -> Iterator[str]:
        generation = self.engine.answer(self._prompt(exchange), cancel)
        exchange.stats = generation.stats
        finished = False
        try:
            for piece in generation:
                exchange.answer += piece
                yield piece
            finished = True
        finally:
            exchange.interrupted = generation.interrupted or not finished
            answer = self._turn("assistant", exchange.answer.strip())
            answer = replace(answer, interrupted=exchange.interrupted)
            if answer.text:
                self._store_answer(answer, said)

    def _prompt(self, exchange: Exchange) -> Prompt:
        new = [learnt.memory for learnt in exchange.learnt]
        return Prompt(
            exchange.context.messages,
            asks=exchange.input.asks,
            quotes=tuple(quotes(exchange.recalled.hits)) if exchange.recalled.enough else (),
            noted=tuple(one_line(memory.text) for memory in new),
        )

    def _store_said(self, turn: Turn) -> list[Learnt]:
        self.turns.append(turn)
        if self.private:
            return []
        learning = self._config.chat.learn
        with self.memory.writing("chat", action_id=turn.id) as entry:
            self.memory.store.sessions.add_turns([turn])
            learnt = self.memory.learn(turn) if learning else []
            entry.summary = f"said 1 turn, learnt {len(learnt)}"
        return learnt

    def _store_answer(self, turn: Turn, said: Turn) -> None:
        self.turns.append(turn)
        if self.private:
            return
        with self.memory.writing("answer", action_id=said.id) as entry:
            self.memory.store.sessions.add_turns([turn])
            entry.summary = "answered"

    def _turn(self, role: Role, text: str) -> Turn:
        store = self.memory.store
        session = self._session(text)
        return Turn(
            id=store.new_id(),
            session_id=session.id,
            seq=self.turns[-1].seq + 1 if self.turns else 0,
            role=role,
            text=text,
            time=store.clock(),
        )

    def _session(self, first_words: str) -> Session:
        """Return the session, begun with the first message and named after it."""
        if self.session is None or (not self.private and not self.turns):
            store = self.memory.store
            title = one_line(first_words)
            if len(title) > TITLE_LENGTH:
                title = title[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"
            now = store.clock()
            known = store.sessions.get(self.session.id) if self.session else None
            if known is None:
                self.session = Session(store.new_id(), title, now, now)
                if not self.private:
                    with store.action("session"):
                        store.sessions.add(self.session)
        return self.session  # type: ignore[return-value]

    def _make_room(self) -> None:
        """Summarise the oldest turns when the window overflows; verbatim they stay in the store."""
        leaving = self._short_term.overflow(self.turns[self._summarised :])
        if not leaving:
            return
        complete = self.complete if self.engine.reads_prompts else None
        if self.private:
            text = self.memory.summary_text(leaving, complete)
        else:
            text = self.memory.summarize(leaving, complete).text
        self._summary = f"{self._summary} {text}".strip()
        self._summarised += len(leaving)

    def _known_summary(self) -> tuple[str, int]:
        """Return the text of this session's summaries, and how many turns they stand for."""
        if self.session is None or self.private:
            return "", 0
        known = self.memory.store.memories.summaries_of(self.session.id)
        covered = max((seq for _, seq in known), default=-1)
        text = " ".join(memory.text for memory, _ in known)
        return text, sum(turn.seq <= covered for turn in self.turns)
