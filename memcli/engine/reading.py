"""Let a model read ahead: what many prompts begin with."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import Any

from memcli.engine.base import Cancel, Message

NEXT = ("", "- x", "About")  # what may follow in the same message
STEP = 512  # tokens


def read_begin(engine: Any, begin: Message, cancel: Cancel) -> None:
    """Let a LlamaEngine have in mind what prompts begin with that begin so, and nothing else.

    A recurrent model's state cannot be cut to that later.

    Raises:
        KeyboardInterrupt: ``cancel`` was raised.
    """
    encode, context = engine._encode, engine._context  # noqa: SLF001 (to become its method)
    asked = Message("user", "?")
    prompts = [encode([replace(begin, text=begin.text + more), asked]) for more in NEXT]
    shared = takewhile(lambda each: len(set(each)) == 1, zip(*prompts, strict=False))
    tokens = [each[0] for each in shared]
    context.keep(0)
    for start in range(0, len(tokens), STEP):
        if cancel.raised:
            raise KeyboardInterrupt
        context.read(tokens[start : start + STEP])
