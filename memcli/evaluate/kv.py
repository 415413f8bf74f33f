"""Reading memories as text against splicing their cells, with one's own model and machine."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from memcli.config import KVConfig, ModelConfig, SamplingConfig
from memcli.engine.base import Cancel, Chunk, Message, Prompt, Stats
from memcli.errors import ModelError

if TYPE_CHECKING:
    from memcli.engine.llama import LlamaEngine
    from memcli.media.kv import KVMemory

CHUNK = 128  # tokens of a memory, as Memory³ has them
SIZES = (256, 1024, 4096)
AGAIN = (-1, 0, 4, 8, 16, 32)
COMPARED = 1024  # up to here the prompt is also read both ways, which takes as long as text
SPARE = 256  # tokens of the context for all but the memories
LEAD = "You are a helpful assistant with a memory.\n"
ASKED = "Who am I?"
WORDS = (
    "the garden house river letter blue winter Oslo 1987 Ana walked over with a small dog".split()
)
FIRST = SamplingConfig(temperature=0.0, max_tokens=1)


@dataclass(frozen=True, slots=True)
class Row:
    """What one way of reading so many tokens of memories cost; seconds are medians.

    ``divergence`` is the KL of the next token from text's, in nats, where it was looked at.
    """

    memories: int
    way: str
    seconds: float
    read: int
    spliced: int
    sooner: float = 1.0
    divergence: float | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What a memory's cells take with one codec: bytes on disk, milliseconds to write and read."""

    codec: str
    bytes_per_token: float
    share: float  # of f16
    write_ms: float
    read_ms: float


def measure(
    model: ModelConfig, folder: Path, *, rounds: int = 3, sizes: Sequence[int] = SIZES
) -> Iterator[Row | Stored]:
    """Yield what each way costs, text first, then what each codec takes.

    Sizes that the model's context has no room for are left out.

    Raises:
        ModelError: this model's cells cannot be spliced.
    """
    from memcli.engine.llama import LlamaEngine

    wanted = model.context or max(sizes) + SPARE
    engine = LlamaEngine(replace(model, context=wanted), FIRST, cache=folder)
    try:
        if not engine.can_splice:
            raise ModelError(
                f"The cells of {engine.name} cannot be moved: its memories are read as text.",
                "Sessions are still resumed from their state.",
            )
        for size in sizes:
            if size + SPARE <= engine.context_size:
                yield from _compared(engine, _prompt(engine.count, size), size, rounds)
        yield from _stored(engine, _prompt(engine.count, CHUNK))
    finally:
        engine.close()


def _compared(engine: LlamaEngine, prompt: Prompt, size: int, rounds: int) -> Iterator[Row]:
    engine.use_cells(None)
    seconds, stats = _first_token(engine, prompt, rounds)
    yield Row(size, "text", seconds, stats.read, 0)
    with TemporaryDirectory() as name:
        for again in AGAIN:
            settings = KVConfig(splice="on", again=again, limit=float("inf"))
            known = _divergence(engine, prompt, Path(name), settings) if size <= COMPARED else None
            engine.use_cells(_memory(Path(name), settings))
            spliced, stats = _first_token(engine, prompt, rounds)
            sooner = seconds / spliced
            way = f"k = {again}" if again >= 0 else "the default"
            yield Row(size, way, spliced, stats.read, stats.spliced, sooner, known)


def _divergence(engine: LlamaEngine, prompt: Prompt, folder: Path, settings: KVConfig) -> float:
    guarded = _memory(folder, replace(settings, splice="auto"))
    engine.use_cells(guarded)
    _first_token(engine, prompt, 0)  # reads both ways
    return guarded.guard.verdict(engine.fingerprint).divergence


def _memory(folder: Path, settings: KVConfig) -> KVMemory:
    from memcli.media.kv import KVMemory

    return KVMemory(folder / "cells", settings, folder / "guard.json")


def _first_token(engine: LlamaEngine, prompt: Prompt, rounds: int) -> tuple[float, Stats]:
    """Return the median seconds to the first token of a turn, after one that is not counted."""
    seconds = []
    for _ in range(rounds + 1):
        generation = engine.answer(prompt, Cancel())
        for _piece in generation:
            pass
        seconds.append(generation.stats.first_token_s)
    return median(seconds[1:] or seconds), generation.stats


def _stored(engine: LlamaEngine, prompt: Prompt) -> Iterator[Stored]:
    from memcli.media import kv_codec

    try:
        cells = kv_codec.parse(engine.cells_of(prompt))
    except ValueError:  # kept as they are
        return
    plain = len(kv_codec.build(cells))
    for codec in kv_codec.CODECS:
        start = perf_counter()
        data = kv_codec.encode(cells, codec)
        written = perf_counter()
        kv_codec.build(kv_codec.decode(data, codec))
        took = (1000 * (written - start), 1000 * (perf_counter() - written))
        yield Stored(codec, len(data) / len(cells.positions), len(data) / plain, *took)


def _prompt(count: Callable[[str], int], size: int) -> Prompt:
    """Return a turn with memories of so many tokens, in chunks of ``CHUNK``."""
    rng = random.Random(0)  # noqa: S311 (no secret)
    chunks = tuple(Chunk(f"m{i}", _text(count, rng)) for i in range(size // CHUNK))
    text = "".join(chunk.text for chunk in chunks)
    told = Message("system", text, recalled=True, chunks=chunks)
    return Prompt((Message("system", LEAD), told, Message("user", ASKED)), lead=LEAD)


def _text(count: Callable[[str], int], rng: random.Random) -> str:
    text = "-"
    while count(longer := f"{text} {rng.choice(WORDS)}\n") <= CHUNK:
        text = longer.rstrip("\n")
    return text + "\n"
