"""Small, deterministic stand-ins for what memcli plugs in: for our tests and for yours."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from memcli.engine.base import Cancel, Generation, Message, Mindless, Prompt, Stats

if TYPE_CHECKING:
    import numpy as np

    from memcli.importers.file import File

NOON = datetime(2024, 6, 12, 12, 0, tzinfo=timezone.utc)  # a Wednesday


class FixedClock:
    """Says the same time until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time it was set to."""
        return self.now

    def advance(self, **units: float) -> None:
        """Move on, as in ``advance(days=1)``."""
        self.now += timedelta(**units)


class CountingIds:
    """Makes ids that count up: 26 characters, in order."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> str:
        """Return the next id."""
        self._count += 1
        return f"{self._count:026d}"


class HashEmbedder:
    """Gives each word a fixed direction, so that texts with common words lie near each other."""

    embeds_words = True

    def __init__(self, dims: int = 32) -> None:
        self.dims = dims
        self.id = f"hash-{dims}"

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return (n, dims) float32, each row of length 1, or zeros for a text without words."""
        import numpy as np

        from memcli.engine.embed import unit_rows

        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        for i, text in enumerate(texts):
            for word in text.lower().split():
                digest = hashlib.sha256(word.encode()).digest()
                rows[i] += np.resize(np.frombuffer(digest, dtype=np.uint8), self.dims) / 127.5 - 1
        return unit_rows(rows)


class ScriptedEngine(Mindless):
    """Answers with the next of some replies, and keeps the prompts it was given."""

    name = "scripted"
    reads_prompts = True

    def __init__(self, replies: Sequence[str] = (), *, context_size: int = 4096) -> None:
        self.context_size = context_size
        self.prompts: list[Prompt] = []
        self._replies = list(replies)

    def count(self, text: str) -> int:
        """Count words."""
        return len(text.split())

    def prompt_size(self, messages: Sequence[Message]) -> int:
        """Count the words of all messages."""
        return sum(self.count(message.text) for message in messages)

    def answer(self, prompt: Prompt, cancel: Cancel) -> Generation:
        """Give the next reply word by word, or "…" when there are no more."""
        self.prompts.append(prompt)
        reply = self._replies.pop(0) if self._replies else "…"
        generation = Generation(iter(()), Stats(read=self.prompt_size(prompt.messages)))
        generation.pieces = self._words(reply, cancel, generation)
        return generation

    def _words(self, reply: str, cancel: Cancel, generation: Generation) -> Iterator[str]:
        for i, word in enumerate(reply.split(" ")):
            if cancel.raised:
                generation.interrupted = True
                return
            generation.stats.written += 1
            yield (" " if i else "") + word


def file_of(
    content: bytes | str,
    name: str = "note.md",
    *,
    beside: Mapping[str, bytes | str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> File:
    """Return a file for an importer; ``beside`` are the other files of its folder, by full name."""
    from memcli.importers.file import File

    data = content.encode() if isinstance(content, str) else content
    files = dict(beside or {})

    def near(relative: str) -> File | None:
        there = os.path.normpath(PurePosixPath(name).parent / relative)
        return file_of(files[there], there, beside=files) if there in files else None

    return File(
        Path("/import") / name, PurePosixPath(name), len(data), lambda: io.BytesIO(data),
        near=near, columns=columns,
    )  # fmt: skip
