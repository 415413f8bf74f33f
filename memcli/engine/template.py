"""Chat templates: messages in, prompt text out, the user's text kept apart from the template's.

A template is rendered with an unguessable marker in place of each message. So we know which parts
are the template's own, where control tokens count, and which are content, where they are text.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from memcli.engine.base import Chunk, Message
from memcli.errors import ModelError

# For models without a template: what recall-tuned and base models alike make sense of.
PLAIN = """\
{%- for m in messages -%}
{%- if m.role == 'system' -%}{{ m.content }}
{%- elif m.role == 'user' -%}{{ '\nUser: ' + m.content }}
{%- else -%}{{ '\nAssistant: ' + m.content }}
{%- endif -%}
{%- endfor -%}
{{ '\nAssistant:' }}"""
PLAIN_STOPS = ("\nUser:", "\nAssistant:")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a rendered prompt, written by the template or by somebody else."""

    text: str
    content: bool
    chunks: tuple[Chunk, ...] = ()


class ChatTemplate:
    """Renders messages for one model.

    Not every template takes a system message in the middle, or at all; which one does is tried
    once, and messages are merged into what it takes. ``fallback`` says that the model has none.
    """

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        from memcli.engine.sandbox import Sandbox  # 60 ms

        self.fallback = not source
        self.stops = PLAIN_STOPS if self.fallback else ()
        try:
            self._sandbox = Sandbox()
            self._template = self._sandbox.from_string(source or PLAIN)
        except Exception as error:  # a template is somebody else's program
            raise ModelError(
                f"The chat template of this model is broken: {error}",
                "Use another GGUF of the model.",
            ) from error
        self._ends = {"bos_token": bos, "eos_token": eos}
        self._takes_recalled = self._keeps("system", "user", "assistant", "system", "user")
        self._takes_system = self._keeps("system", "user")

    def parts(self, messages: Sequence[Message]) -> list[Part]:
        """Render messages, ready for an answer, as alternating template and content parts.

        Raises:
            ModelError: the template refuses this conversation.
        """
        arranged = self.arrange(messages)
        mark = secrets.token_hex(16)
        marked = [{"role": m.role, "content": f"{mark}:{i};"} for i, m in enumerate(arranged)]
        try:
            text = self._rendered(marked)
        except Exception as error:
            raise ModelError(
                f"The chat template of this model refuses the conversation: {error}",
                "Start a new session with /new.",
            ) from error
        pieces = re.split(f"{mark}:(\\d+);", text)
        return [
            _content(arranged[int(piece)]) if i % 2 else Part(piece, content=False)
            for i, piece in enumerate(pieces)
        ]

    def arrange(self, messages: Sequence[Message]) -> list[Message]:
        """Merge what the template has no place for into the user message that follows.

        Two messages of one speaker in a row become one: many templates insist on taking turns,
        and an answer that was interrupted before its first word leaves such a pair.
        """
        arranged: list[Message] = []
        waiting: list[Message] = []
        for given in messages:
            message = given
            fits = self._takes_recalled if message.recalled else self._takes_system
            if message.role == "system" and not fits:
                waiting.append(message)
                continue
            if message.role == "user" and waiting:
                message, waiting = _joined([*waiting, message]), []
            if arranged and arranged[-1].role == message.role != "system":
                message = _joined([arranged.pop(), message])
            arranged.append(message)
        if waiting:
            arranged.append(replace(_joined(waiting), role="user"))
        return arranged

    def _rendered(self, messages: list[dict[str, str]]) -> str:
        given = {"messages": messages, "add_generation_prompt": True, **self._ends}
        return self._sandbox.rendered(self._template, **given)

    def _keeps(self, *roles: str) -> bool:
        """Say whether messages of these roles all come out, in order."""
        from memcli.engine.sandbox import Unbounded

        marks = [f"mark{i}x" for i in range(len(roles))]
        messages = [{"role": r, "content": m} for r, m in zip(roles, marks, strict=True)]
        try:
            text = self._rendered(messages)
        except Unbounded as error:
            raise ModelError(
                f"The chat template of this model is broken: {error}.",
                "Use another GGUF of the model.",
            ) from error
        except Exception:
            return False
        places = [text.find(mark) for mark in marks]
        return -1 not in places and places == sorted(places)


def _joined(messages: Sequence[Message]) -> Message:
    """Return several messages as one, which is like the last of them."""
    text = "\n\n".join(message.text for message in messages)
    chunks = tuple(chunk for message in messages for chunk in message.chunks)
    return replace(messages[-1], text=text, chunks=chunks)


def _content(message: Message) -> Part:
    return Part(message.text, content=True, chunks=message.chunks)
