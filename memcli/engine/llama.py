"""The llama engine: a chat model run by llama.cpp, reading only what it has not read before."""

from __future__ import annotations

import codecs
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memcli.engine import gguf
from memcli.engine.base import (
    Cancel,
    CellStore,
    Generation,
    Message,
    Prompt,
    Snapshot,
    Stats,
)
from memcli.engine.calibrate import best_threads
from memcli.engine.template import ChatTemplate
from memcli.errors import ContextTooSmall, ModelError
from memcli.text import CONTROL

if TYPE_CHECKING:
    from memcli.config import ModelConfig, SamplingConfig
    from memcli.engine.llama_context import LlamaContext
    from memcli.engine.splice import Span, Splicer

LARGEST_DEFAULT_CONTEXT = 8192
SMALLEST_CONTEXT = 64
SAMPLED, SAMPLES = 2**16, 512  # bytes, and places in a model file, that tell it from others
REPLACED = "\ufffd"  # stands for bytes that are no UTF-8


class LlamaEngine:
    """Answers with a GGUF chat model.

    ``notes`` are things the user should know about this model, such as a missing template.
    """

    reads_prompts = True

    def __init__(
        self,
        model: ModelConfig,
        sampling: SamplingConfig,
        *,
        cache: Path,
        cells: CellStore | None = None,
    ) -> None:
        """Load the model at ``model.path``. With ``cells``, memories are spliced, not read.

        Raises:
            ModelNotFound: there is no such file.
            ModelError: it is no GGUF, no chat model, or cannot be loaded.
        """
        path = Path(model.path).expanduser()
        header = check_chat_model(path)
        from memcli.engine.llama_context import LlamaContext  # 220 ms

        self.name = header.name
        self._path = path
        self.header = header
        self._sampling = sampling
        length = header.integer("context_length", LARGEST_DEFAULT_CONTEXT)
        size = model.context or min(length, LARGEST_DEFAULT_CONTEXT)
        self.context_size = max(size, SMALLEST_CONTEXT)
        self._context: LlamaContext = LlamaContext(
            path, size=self.context_size, gpu_layers=model.gpu_layers, threads=1
        )
        self._context.set_threads(model.threads or best_threads(self._context, path, cache))
        self._splicer = self._make_splicer(cells) if cells else None
        self._template = ChatTemplate(
            header.chat_template, bos=self._spelling("bos"), eos=self._spelling("eos")
        )
        self._leads: dict[tuple[str, str], list[int]] = {}
        self._garbled: dict[str, list[int]] = {}  # answers whose bytes are no text: their tokens
        plain = f"{path.name} has no chat template: a plain one is used"
        self.notes = [plain] if self._template.fallback else []

    def count(self, text: str) -> int:
        """Return how many tokens a text takes."""
        return len(self._context.tokenize(text, special=False))

    def prompt_size(self, messages: Sequence[Message]) -> int:
        """Return how many tokens a prompt takes, template included."""
        return len(self._encode(messages))

    def store(self, prompt: Prompt, cancel: Cancel) -> Stats:
        """Have the cells of a prompt's chunks stored without answering it.

        ``stored`` of what is returned counts the tokens that were read for it.
        """
        from memcli.engine.cells import Interrupted

        stats = Stats()
        if self._splicer is None or not self._context.can_splice:
            return stats
        self._context.cancelled = lambda: cancel.raised
        lead, (tokens, spans) = self._lead(prompt), self._layout(prompt.messages)
        try:
            for span in spans:
                self._splicer.write(tokens[span.start : span.end], span.id, lead, stats)
        except Interrupted:
            pass
        finally:
            self._context.cancelled = lambda: False
        return stats

    def answer(self, prompt: Prompt, cancel: Cancel) -> Generation:
        """Begin an answer. Raising ``cancel`` stops the reading of the prompt or the writing."""
        generation = Generation(iter(()))
        generation.pieces = self._run(prompt, cancel, generation)
        return generation

    def snapshot(self, begin: Sequence[Message] = ()) -> Snapshot | None:
        """Return the tokens that are held, or those of a prompt's beginning, and their state."""
        held = tuple(self._context.held)
        if begin:
            held = held[: common(held, self._encode(begin), self._context)[0]]
        data = self._context.save(len(held)) if held else b""
        return Snapshot(held, data) if data else None

    def resume(self, snapshot: Snapshot) -> bool:
        """Hold the tokens of a snapshot without reading them."""
        return self._context.load(snapshot.data, snapshot.tokens)

    @cached_property
    def fingerprint(self) -> str:
        """What a state depends on: weights, the kind of cells, and llama.cpp's own format."""
        import llama_cpp

        digest = hashlib.sha256(f"{llama_cpp.__version__} f16 flash".encode())
        with self._path.open("rb") as file:
            size = file.seek(0, 2)
            digest.update(str(size).encode())
            for start in range(0, size, max(size // SAMPLES, SAMPLED)):
                file.seek(start)
                digest.update(file.read(SAMPLED))
        return digest.hexdigest()

    def close(self) -> None:
        """Free the model and its context."""
        self._context.close()

    def _run(self, prompt: Prompt, cancel: Cancel, generation: Generation) -> Iterator[str]:
        from memcli.engine.cells import Interrupted

        started = time.perf_counter()
        self._context.cancelled = lambda: cancel.raised
        tokens, spans = self._layout(prompt.messages)
        if len(tokens) >= self.context_size:
            raise ContextTooSmall(
                f"The prompt has {len(tokens)} tokens, and the context holds {self.context_size}.",
                "Set a larger model.context, or write a shorter message.",
            )
        try:
            self._read_prompt(tokens, spans, prompt, generation.stats)
            yield from self._write(prompt.grammar, cancel, generation, started)
        except Interrupted:
            generation.interrupted = True
        finally:
            self._context.cancelled = lambda: False
        self._take_out_recalled(prompt.messages, tokens)

    def _read_prompt(
        self, tokens: list[int], spans: Sequence[Span], prompt: Prompt, stats: Stats
    ) -> None:
        # The last token is always read: its logits begin the answer.
        held, wanted = common(self._context.held, tokens[:-1], self._context)
        if held + len(tokens) - wanted > self.context_size:
            held = wanted = 0  # the same beginning, but in more tokens than there is room for
        self._context.keep(held)
        if not self._context.held:  # nothing kept, or a model that cannot keep a part
            wanted = 0
        stats.reused, before = wanted, len(self._context.held)
        try:
            if spans and self._splicer:
                self._splicer.read(tokens, wanted, spans, self._lead(prompt), stats)
            else:
                self._context.read(tokens[wanted:])
        finally:
            stats.read = max(len(self._context.held) - before - stats.spliced, 0)

    def _write(
        self, grammar: str, cancel: Cancel, generation: Generation, started: float
    ) -> Iterator[str]:
        stats = generation.stats
        text = _Text(self._template.stops)
        begin = len(self._context.held)
        sampler = self._context.sampler(self._sampling, grammar)
        try:
            while stats.written < self._sampling.max_tokens:
                token = self._context.sample(sampler)
                if not stats.written:
                    stats.first_token_s = time.perf_counter() - started
                if self._context.ends_answer(token) or cancel.raised:
                    break
                stats.written += 1
                yield from text.add(self._context.piece(token))
                if text.stopped:
                    return
                if len(self._context.held) >= self.context_size:
                    stats.stopped = "the context is full"
                    break
                self._context.read([token])
            else:
                stats.stopped = "sampling.max_tokens was reached"
            generation.interrupted = cancel.raised
            yield from text.rest()
        finally:
            if text.garbled and text.whole.strip():
                self._garbled[text.whole.strip()] = self._context.held[begin:]
            sampler.close()
            seconds = time.perf_counter() - started - stats.first_token_s
            stats.tokens_per_s = (stats.written - 1) / seconds if stats.written > 1 else 0.0

    def _take_out_recalled(self, messages: Sequence[Message], tokens: list[int]) -> None:
        """Remove this turn's memories from the context and move the rest together.

        The next turn brings its own memories; so it only has to read those and its message. The
        cells that stay have seen the memories when they were made, which is what they should say.
        """
        plain = self._encode([message for message in messages if not message.recalled])
        start, end = difference(tokens, plain)
        whole = len(plain) == len(tokens) - (end - start)
        if whole and self._context.can_cut and self._context.held[:end] == tokens[:end]:
            self._context.cut(start, end)

    def _lead(self, prompt: Prompt) -> list[int]:
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
            tokens, spans = self._layout([Message("system", prompt.lead), short])
            self._leads[prompt.lead, begin] = tokens[: spans[0].start]
        return self._leads[prompt.lead, begin]

    def _encode(self, messages: Sequence[Message]) -> list[int]:
        return self._layout(messages)[0]

    def _layout(self, messages: Sequence[Message]) -> tuple[list[int], list[Span]]:
        """Tokenise a prompt, and say where its chunks stand.

        Control tokens count in the template's text, never in the content.
        """
        from memcli.engine.splice import Span

        context = self._context
        tokens = [context.bos] if context.adds_bos else []
        spans = []
        run = ""  # text between two control tokens or chunks is tokenised as a whole
        for text, known, id in self._stretches(messages):
            if known or id:
                tokens += context.tokenize(run if id else run + text, special=False)
                start, run = len(tokens), ""
                tokens += known or context.tokenize(text, special=False)
                if id:
                    spans.append(Span(start, len(tokens), id))
            else:
                run += text
        tokens += context.tokenize(run, special=False)
        if context.adds_bos and tokens[1:2] == [context.bos]:  # the template has its own
            spans = [Span(span.start - 1, span.end - 1, span.id) for span in spans]
            del tokens[0]
        return tokens, spans

    def _stretches(self, messages: Sequence[Message]) -> Iterator[tuple[str, list[int], str]]:
        """Yield the text of a prompt, each stretch with tokens that follow it and are no text.

        A stretch that is a chunk comes with the id of its record.
        """
        context = self._context
        for part in self._template.parts(messages):
            text = part.text
            if part.content and (known := self._garbled.get(text)):
                yield "", known, ""
                continue
            for chunk in part.chunks:
                before, found, after = text.partition(chunk.text)
                if found:
                    yield before, [], ""
                    yield found, [], chunk.id
                    text = after
            names = [] if part.content else context.tokenize(text, special=True)
            for token in filter(context.is_control, names):
                before, found, after = text.partition(context.name(token))
                if found:
                    yield before, [token], ""
                    text = after
            yield text, [], ""

    def _make_splicer(self, cells: CellStore) -> Splicer:
        from memcli.engine.splice import Splicer

        return Splicer(self._context, cells, self.fingerprint)

    def _spelling(self, which: str) -> str:
        token = self.header.values.get(f"tokenizer.ggml.{which}_token_id")
        return self._context.name(token) if isinstance(token, int) else ""


def check_chat_model(path: Path) -> gguf.Header:
    """Read a model's header and make sure that it is one to chat with.

    Raises:
        ModelNotFound: there is no such file.
        ModelError: it is no GGUF, or an embedding model.
    """
    header = gguf.read_header(path)
    if header.embeds:
        raise ModelError(
            f"{path} is an embedding model ({header.architecture}): it cannot chat.",
            f"Set it as embedder.model instead: memcli config set embedder.model {path}",
        )
    return header


def common(held: Sequence[int], wanted: Sequence[int], vocabulary: Any) -> tuple[int, int]:
    """Return how many tokens of each side spell the same beginning.

    Compared by bytes, not by tokens: a model may have written its answer in other tokens than the
    tokenizer would, and the same text need not be read twice for that.
    """
    i = j = 0
    here = there = b""  # bytes of one side that the other has not reached yet
    same = (0, 0)
    while True:
        if not here and not there:
            same = (i, j)
            if i < len(held) and j < len(wanted) and held[i] == wanted[j]:
                i, j = i + 1, j + 1
                continue
        tokens, at = (held, i) if len(here) <= len(there) else (wanted, j)
        if at == len(tokens) or vocabulary.is_control(tokens[at]):
            return same
        if tokens is held:
            here, i = here + vocabulary.piece(held[i]), i + 1
        else:
            there, j = there + vocabulary.piece(wanted[j]), j + 1
        length = min(len(here), len(there))
        if here[:length] != there[:length]:
            return same
        here, there = here[length:], there[length:]


def difference(longer: Sequence[int], shorter: Sequence[int]) -> tuple[int, int]:
    """Return the stretch of ``longer`` between its common head and tail with ``shorter``."""
    most = min(len(longer), len(shorter))
    start = tail = 0
    while start < most and longer[start] == shorter[start]:
        start += 1
    while tail < most - start and longer[-1 - tail] == shorter[-1 - tail]:
        tail += 1
    return start, len(longer) - tail


class _Text:
    """Turns token bytes into text, holding back what may yet become a stop string."""

    def __init__(self, stops: Sequence[str]) -> None:
        self.stopped = False
        self.whole = ""
        self.garbled = False  # bytes were left out that are no text
        self._stops = stops
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting = ""

    def add(self, piece: bytes) -> Iterator[str]:
        self._waiting += self._decoder.decode(piece)
        ends = [at for stop in self._stops if (at := self._waiting.find(stop)) >= 0]
        if ends:
            self.stopped = True
            yield from self._out(min(ends))
        else:
            yield from self._out(len(self._waiting) - self._held_back())

    def rest(self) -> Iterator[str]:
        self._waiting += self._decoder.decode(b"", final=True)
        yield from self._out(len(self._waiting))

    def _out(self, length: int) -> Iterator[str]:
        text, self._waiting = self._waiting[:length], self._waiting[length:]
        if not self.whole:  # an answer begins with its first word
            text = text.lstrip()
        printable = CONTROL.sub("", text)
        self.garbled |= printable != text or REPLACED in text
        if printable:
            self.whole += printable
            yield printable

    def _held_back(self) -> int:
        """Return the length of the longest ending that a stop string begins with."""
        beginnings = [stop[:n] for stop in self._stops for n in range(1, len(stop))]
        return max((len(b) for b in beginnings if self._waiting.endswith(b)), default=0)
