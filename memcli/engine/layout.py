"""Prompts as tokens: the template's text, contents, and where the chunks of memories stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, takewhile
from typing import TYPE_CHECKING

from memcli.engine.base import Message, Prompt
from memcli.engine.template import ChatTemplate

if TYPE_CHECKING:
    from memcli.engine.llama_context import LlamaContext


@dataclass(frozen=True, slots=True)
class Span:
    """Where a chunk stands among a prompt's tokens, and the record it is made of."""

    start: int
    end: int
    id: str


class Layout:
    """Makes tokens of prompts for one model.

    ``garbled`` are answers whose bytes are no text, with the tokens that they were written in.
    """

    def __init__(self, context: LlamaContext, template: ChatTemplate) -> None:
        self.garbled: dict[str, list[int]] = {}
        self._context = context
        self._template = template
        self._leads: dict[tuple[str, str], list[int]] = {}

    def shared(self, prompts: Sequence[Sequence[Message]]) -> list[int]:
        """Return the tokens that several prompts all begin with."""
        each = zip(*map(self.encode, prompts), strict=False)
        return [tokens[0] for tokens in takewhile(lambda tokens: len({*tokens}) == 1, each)]

    def lead(self, prompt: Prompt) -> list[int]:
        """Return the tokens that chunks are written behind: always the same, unlike the prompt's.

        They are what a prompt begins with that has nothing but the system prompt and memories.
        """
        told = next((m for m in prompt.messages if m.chunks), None)
        if told is None:
            return []
        first = told.chunks[0]
        begin = told.text[: told.text.find(first.text)]
        if (prompt.lead, begin) not in self._leads:
            short = replace(told, text=begin + first.text, chunks=(first,))
            tokens, spans = self.place([Message("system", prompt.lead), short])
            self._leads[prompt.lead, begin] = tokens[: spans[0].start]
        return self._leads[prompt.lead, begin]

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of a prompt."""
        return self.place(messages)[0]

    def place(self, messages: Sequence[Message]) -> tuple[list[int], list[Span]]:
        """Tokenise a prompt, and say where its chunks stand.

        Control tokens and markers count in the template's text, never in the content.
        """
        context = self._context
        tokens = [context.bos] if context.adds_bos else []
        spans = []
        run = ""  # text between two control tokens, chunks or cuts is tokenised as a whole
        for text, known, id in self._stretches(messages):
            if known is None:
                run += text
                continue
            tokens += context.tokenize(run if id else run + text, special=False)
            start, run = len(tokens), ""
            tokens += known
            if id:
                for piece in self._cut(text):
                    tokens += context.tokenize(piece, special=False)
                spans.append(Span(start, len(tokens), id))
        tokens += context.tokenize(run, special=False)
        if context.adds_bos and tokens[1:2] == [context.bos]:  # the template has its own
            spans = [Span(span.start - 1, span.end - 1, span.id) for span in spans]
            del tokens[0]
        return tokens, spans

    def _stretches(
        self, messages: Sequence[Message]
    ) -> Iterator[tuple[str, list[int] | None, str]]:
        """Yield the text of a prompt, each stretch with tokens that follow it and are no text.

        None: it goes on in the next stretch. One that is a chunk comes with the id of its record.
        """
        context = self._context
        for part in self._template.parts(messages):
            text = part.text
            if part.content and (known := self.garbled.get(text)):
                yield "", known, ""
                continue
            for chunk in part.chunks:
                before, found, after = text.partition(chunk.text)
                if found:
                    yield from self._content(before)
                    yield found, [], chunk.id
                    text = after
            if part.content:
                yield from self._content(text)
                continue
            for token in filter(context.is_control, context.tokenize(text, special=True)):
                before, found, after = text.partition(context.name(token))
                if found:
                    yield before, [token], ""
                    text = after
            yield text, None, ""

    def _content(self, text: str) -> Iterator[tuple[str, list[int] | None, str]]:
        *cut, rest = self._cut(text)
        yield from ((piece, [], "") for piece in cut)
        yield rest, None, ""

    def _cut(self, text: str) -> list[str]:
        """Return a text cut into pieces within each marker, so that there are none."""
        return self._markers.split(text) if self._markers else [text]

    @cached_property
    def _markers(self) -> re.Pattern[str] | None:
        """The places within markers of the template, behind their first character."""
        context, asked = self._context, Message("user", "?")
        talk = [Message("system", "?"), asked, Message("assistant", "?"), asked]
        own = [part.text for part in self._template.parts(talk) if not part.content]
        tokens = chain.from_iterable(context.tokenize(text, special=True) for text in own)
        names = {context.name(token) for token in filter(context.is_marker, tokens)}
        places = [f"(?<={re.escape(n[0])})(?={re.escape(n[1:])})" for n in names if n[1:].strip()]
        return re.compile("|".join(places)) if places else None
