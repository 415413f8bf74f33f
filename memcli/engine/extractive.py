"""The extractive engine: no model. It answers by quoting memories, and never says more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from memcli.engine.base import Cancel, Generation, Message, Mindless, Prompt
from memcli.engine.tokens import TokenCounter, counter_for

NOTHING = "I don't have that in my memories."
KEPT = "I have kept that, word for word."
HEARD = "I hear you; nothing of this session is stored."


class ExtractiveEngine(Mindless):
    """Quotes the best memories with their date and source, or says that it has none."""

    name = "extractive"
    context_size = 4096
    reads_prompts = False

    def __init__(self) -> None:
        self._counter: TokenCounter = counter_for(None)

    def count(self, text: str) -> int:
        """Return an estimate of the tokens in a text."""
        return self._counter.count(text)

    def prompt_size(self, messages: Sequence[Message]) -> int:
        """Return an estimate of the tokens in a prompt."""
        return sum(self.count(message.text) for message in messages)

    def answer(self, prompt: Prompt, cancel: Cancel) -> Generation:
        """Answer at once."""
        return Generation(self._lines(prompt))

    def _lines(self, prompt: Prompt) -> Iterator[str]:
        if prompt.asks:
            yield "\n".join(prompt.quotes) or NOTHING
        elif prompt.noted:
            yield "\n- ".join(["Noted:", *prompt.noted])
        else:
            yield KEPT if prompt.kept else HEARD
