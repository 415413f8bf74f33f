"""Short-term memory: the working context, built anew each turn to a budget of tokens.

    [system prompt, profile, pinned memories, summary of what left the window]    stable, cached
    [recent turns]                                                                grows, cached
    [recalled memories]                                                           this turn only
    [user message]

What does not fit is reported, never dropped in silence. What is remembered stands in a fence with a
random code (``text.fence``); a small model sees plain lines, as it was trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from memcli import prompts
from memcli.engine.base import Chunk, Message
from memcli.engine.window import PAST
from memcli.errors import ContextTooSmall
from memcli.recall import budget
from memcli.records import Hit, Memory, Turn
from memcli.text import fence, one_line, unfenced

if TYPE_CHECKING:
    from memcli.engine.base import Engine

SMALL_CONTEXT = 2048  # below this the short system prompt is used
ANSWER_SHARE = 0.25  # of the context, kept free for the answer (less if answers are shorter)
SUMMARY_SHARE = 0.15  # of the context, for what is told of earlier turns; the newest part stays
LONGEST_TOKEN = 16  # characters; no need to count what is sure not to fit
KEPT_SHARE = 0.5  # of the window stays when it overflows, so that it does not do so every turn


@dataclass(frozen=True, slots=True)
class WorkingContext:
    """What the model sees this turn, and what it does not."""

    messages: tuple[Message, ...]
    tokens: int
    recalled: tuple[Hit, ...] = ()
    hits_left_out: tuple[Hit, ...] = ()
    turns_left_out: int = 0

    def report(self) -> str:
        """Say in a line what was left out; empty if nothing was."""
        parts = []
        if self.hits_left_out:
            parts.append(f"{len(self.hits_left_out)} recalled memories did not fit")
        if self.turns_left_out:
            parts.append(f"{self.turns_left_out} earlier turns stand as a summary or not at all")
        return " · ".join(parts)


class ShortTerm:
    """Builds working contexts for one engine."""

    def __init__(
        self,
        engine: Engine,
        *,
        system: str,
        recall_share: float,
        answer: int,
        profile: int = 0,
        document: str = "",
        policy: str = "window",
        code: str = "",
    ) -> None:
        """``profile`` is the most tokens that standing facts about the owner may take.

        A ``document`` stands behind the system prompt; ``code`` is that of ``store.fence``.
        """
        self._engine = engine
        self._share = recall_share
        self._room = engine.context_size - min(answer, int(engine.context_size * ANSWER_SHARE))
        self._plain = engine.context_size < SMALL_CONTEXT
        self._fence = ("", "") if self._plain else fence("memories", code)
        self._system = system or default_system(engine, code)
        self._profile_room = 0 if self._plain else profile
        self._count = lru_cache(maxsize=4096)(engine.count)
        self._document = document
        self._held = engine.count(document) if document else 0  # tokens that nothing else can take
        self._room -= self._held * engine.bounded
        if policy == "compressive":
            self._room -= int(engine.context_size * PAST)

    def build(
        self,
        *,
        pinned: Sequence[Memory],
        summary: str,
        profile: Sequence[Memory] = (),
        window: Sequence[Turn],
        hits: Sequence[Hit],
        user: str,
        left_before: int = 0,
        unsure: bool = False,
    ) -> WorkingContext:
        """Lay out the context of one turn.

        ``profile`` are standing facts, what matters most first; ``window`` are the turns since the
        last summary, and ``left_before`` turns stand in it.
        ``unsure``: the hits may not hold the answer, and the model is told so.

        Raises:
            ContextTooSmall: the message does not fit even alone.
        """
        message = Message("user", user)
        for told, known in (summary, profile), ("", ()):  # rather no summary than no answer
            prefix = [self.begin(pinned, told, known)]
            fixed = self._size([*prefix, message])
            if fixed <= self._room:
                break
        if fixed > self._room and self._engine.reads_prompts and self._engine.bounded:
            raise ContextTooSmall(
                f"This message and the system prompt take {fixed} tokens; {self._room} are free for"
                f" them ({self._engine.context_size}, less room for the answer).",
                "Shorten the message, unpin memories, or set a larger model.context.",
            )
        room = min(int(self._room * self._share), self._room - fixed)
        recalled, kept, left_out = self._recalled(hits, room, unsure)
        turns = list(window)
        while True:
            said = [self._message(turn) for turn in turns]
            messages = (*prefix, *said, *recalled, message)
            tokens = self._size(messages)
            if tokens <= self._room or not (turns and self._engine.bounded):
                break
            turns = turns[2 if len(turns) > 1 else 1 :]
        gone = left_before + len(window) - len(turns)
        return WorkingContext(messages, tokens + self._held, tuple(kept), tuple(left_out), gone)

    def begin(self, pinned: Sequence[Memory], summary: str, profile: Sequence[Memory]) -> Message:
        """Return what every prompt of a session begins with, as ``build`` lays it out."""
        return Message("system", self._prefix(pinned, summary, profile))

    def overflow(self, window: Sequence[Turn]) -> list[Turn]:
        """Return the oldest turns that should leave the window; none while it fits.

        From a state that has one size however much was read, nothing has to leave.
        """
        sizes = [self._count(turn.text) + 8 for turn in window]
        room = int(self._room * (1 - self._share)) - self._count(self._system)
        if sum(sizes) <= room or not self._engine.bounded:
            return []
        kept, size = len(window), 0
        while kept > 0 and size + sizes[kept - 1] <= room * KEPT_SHARE:
            kept -= 1
            size += sizes[kept]
        while 0 < kept < len(window) and window[kept].role != "user":
            kept += 1  # a window begins with what the user said
        return list(window[:kept])

    def _recalled(
        self, hits: Sequence[Hit], room: int, unsure: bool
    ) -> tuple[list[Message], list[Hit], list[Hit]]:
        """Return a message with the hits that fit, those hits, and the others."""
        warning = prompts.render("unsure") + "\n" if unsure and hits and not self._plain else ""
        room -= self._count("".join(self._fence) + warning)
        kept, left_out = budget.fit(hits, room, self._count, plain=self._plain)
        return self.told(kept, warning), kept, left_out

    def told(self, hits: Sequence[Hit], warning: str = "") -> list[Message]:
        """Return a message with hits, a line each; none if there are none."""
        begin, end = self._fence
        chunks = tuple(Chunk(h.id, budget.block([h], plain=self._plain) + "\n") for h in hits)
        text = begin + "".join(chunk.text for chunk in chunks) + end + warning
        return [Message("system", text, recalled=True, chunks=chunks)] if hits else []

    @property
    def lead(self) -> str:
        """What the system prompt begins with whatever is remembered."""
        return self._system + "\n"

    def _prefix(self, pinned: Sequence[Memory], summary: str, profile: Sequence[Memory]) -> str:
        parts = []
        if lines := self._fitting([m for m in profile if not m.pinned]):
            parts.append(prompts.render("profile", lines=lines).rstrip())
        if pinned:
            parts.append("\n".join(f"- {one_line(memory.text)}" for memory in pinned))
        if summary:
            parts.append(f"Earlier in this conversation: {self._latest(one_line(summary))}")
        known = self._fenced("\n".join(parts) + "\n") if parts else ""
        return "".join(f"{text}\n" for text in (self._system, self._document) if text) + known

    def _fenced(self, text: str) -> str:
        begin, end = self._fence
        return begin + unfenced(text) + end

    def _fitting(self, memories: Sequence[Memory]) -> list[str]:
        """Return the first of some memories, as lines, as far as they fit the room for them."""
        lines, room = [], self._profile_room
        for memory in memories:
            line = one_line(memory.text)
            room -= self._count(f"- {line}\n")
            if room < 0:
                break
            lines.append(line)
        return lines

    def _latest(self, summary: str) -> str:
        room = int(self._engine.context_size * SUMMARY_SHARE)
        words = summary[-LONGEST_TOKEN * room :].split(" ")
        while self._count(" ".join(words)) > room:
            words = words[max(1, len(words) // 8) :]
        return " ".join(words)

    def _size(self, messages: Sequence[Message]) -> int:
        return self._engine.prompt_size(messages) - self._held

    def _message(self, turn: Turn) -> Message:
        """Return a turn as the model sees it; somebody else's words are data, with their name."""
        if turn.role != "other":
            return Message(turn.role, turn.text)
        said = f"{one_line(turn.speaker)}: {turn.text}"
        return Message("user", said if self._plain else self._fenced(said + "\n").rstrip("\n"))


def default_system(engine: Engine, code: str = "") -> str:
    """Return the system prompt for an engine: a small context gets a short one."""
    name = "plain" if engine.context_size < SMALL_CONTEXT else "system"
    return prompts.render(name, code=code)
