"""The llama engine: a chat model run by llama.cpp, reading only what it has not read before."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

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
from memcli.engine.layout import Layout
from memcli.engine.plain_text import PlainText
from memcli.engine.template import ChatTemplate
from memcli.engine.window import Window, common, difference
from memcli.errors import ContextTooSmall, ModelError

if TYPE_CHECKING:
    from memcli.config import ModelConfig, SamplingConfig
    from memcli.engine.layout import Span
    from memcli.engine.llama_context import LlamaContext
    from memcli.engine.splice import Splicer

LARGEST_DEFAULT_CONTEXT = 8192
SMALLEST_CONTEXT = 64
SAMPLED, SAMPLES = 2**16, 512  # bytes, and places in a model file, that tell it from others


class LlamaEngine:
    """Answers with a GGUF chat model.

    ``notes`` are things the user should know about this model, such as a missing template.
    """

    reads_prompts = True

    @property
    def bounded(self) -> bool:
        """Whether it holds no more tokens than ``context_size``; a recurrent model's state does."""
        return self._context.bounded

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
        self._splicer: Splicer | None = None
        self.use_cells(cells)
        bos, eos = (self._spelling(which) for which in ("bos", "eos"))
        self._template = ChatTemplate(header.chat_template, bos=bos, eos=eos)
        self._layout = Layout(self._context, self._template)
        self._window = Window(self._context, self.context_size)
        plain = f"{path.name} has no chat template: a plain one is used"
        self.notes = [plain] if self._template.fallback else []

    def count(self, text: str) -> int:
        """Return how many tokens a text takes."""
        return len(self._context.tokenize(text, special=False))

    def prompt_size(self, messages: Sequence[Message]) -> int:
        """Return how many tokens a prompt takes, template included."""
        return len(self._layout.encode(messages))

    @property
    def can_splice(self) -> bool:
        """Whether cells of this model can be cut out and moved."""
        return self._context.can_splice

    def use_cells(self, cells: CellStore | None) -> None:
        """Splice memories from this store from now on; None: read them."""
        from memcli.engine.splice import Splicer

        self._splicer = Splicer(self._context, cells, self.fingerprint) if cells else None

    def cells_of(self, prompt: Prompt) -> bytes:
        """Return the cells of a prompt's first chunk, as llama.cpp gives them."""
        tokens, spans = self._layout.place(prompt.messages)
        return self._context.write(self._layout.lead(prompt), tokens[spans[0].start : spans[0].end])

    def store(self, prompt: Prompt, cancel: Cancel) -> Stats:
        """Have the cells of a prompt's chunks stored without answering it.

        ``stored`` of what is returned counts the tokens that were read for it.
        """
        from memcli.engine.cells import Interrupted

        stats = Stats()
        if self._splicer is None or not self._context.can_splice:
            return stats
        self._context.cancelled = lambda: cancel.raised
        lead, (tokens, spans) = self._layout.lead(prompt), self._layout.place(prompt.messages)
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

    def read_begin(self, begin: Message, cancel: Cancel) -> None:
        """Have in mind what all prompts begin with that begin with a message, and nothing else.

        More may follow in the same message.

        Raises:
            KeyboardInterrupt: ``cancel`` was raised.
        """
        from memcli.engine.cells import Interrupted

        asked = Message("user", "?")
        prompts = [[replace(begin, text=begin.text + m), asked] for m in ("", "- x", "About")]
        self._window.keep(0)
        self._context.cancelled = lambda: cancel.raised
        try:
            self._context.read(self._layout.shared(prompts))
        except Interrupted:
            raise KeyboardInterrupt from None
        finally:
            self._context.cancelled = lambda: False

    def clear(self) -> None:
        """Have nothing in mind."""
        self._window.clear()

    def snapshot(self, begin: Sequence[Message] = ()) -> Snapshot | None:
        """Return the tokens that are held, or those of a prompt's beginning, and their state.

        A model that cannot cut may hold memories, which no later prompt begins with; then it is
        what it held before them.
        """
        if self._window.stained and not begin:
            return self._window.checkpoint()
        held = tuple(self._context.held)
        if begin:
            held = held[: common(held, self._layout.encode(begin), self._context)[0]]
        data = self._context.save(len(held)) if held else b""
        return Snapshot(held, data, () if begin else self._window.past) if data else None

    def resume(self, snapshot: Snapshot) -> bool:
        """Hold the tokens of a snapshot without reading them."""
        return self._window.resume(snapshot)

    @cached_property
    def fingerprint(self) -> str:
        """What a state depends on, see the function of this name."""
        return fingerprint(self._path)

    def close(self) -> None:
        """Free the model and its context."""
        self._context.close()

    def _run(self, prompt: Prompt, cancel: Cancel, generation: Generation) -> Iterator[str]:
        from memcli.engine.cells import Interrupted

        started = time.perf_counter()
        self._context.cancelled = lambda: cancel.raised
        tokens, spans = self._layout.place(prompt.messages)
        if len(tokens) >= self.context_size and self.bounded:
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
        context = self._context
        at = stats.reused = self._window.reach(tokens, prompt.policy)
        before = len(context.held)
        try:
            if not context.can_cut:
                at = self._read_to_checkpoint(tokens, at, prompt.messages)
            if spans and self._splicer:
                self._splicer.read(tokens, at, spans, self._layout.lead(prompt), stats)
            else:
                context.read(tokens[at:])
        finally:
            stats.read = max(len(context.held) - before - stats.spliced, 0)

    def _read_to_checkpoint(self, tokens: list[int], at: int, messages: Sequence[Message]) -> int:
        """Read up to where the next prompt may differ; a model that cannot cut returns to there."""
        last = next((i for i, m in enumerate(messages) if m.recalled), len(messages) - 1)
        asked, told = Message("user", "?"), Message("system", "- x", recalled=True)
        others = [[*messages[:last], *more] for more in ([asked], [told, asked])]
        end = len(self._layout.shared([messages, *others]))
        if at < end:
            self._context.read(tokens[at:end])
            self._window.mark()
        return max(at, end)

    def _write(
        self, grammar: str, cancel: Cancel, generation: Generation, started: float
    ) -> Iterator[str]:
        stats = generation.stats
        text = PlainText(self._template.stops)
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
                if self.bounded and len(self._context.held) >= self.context_size:
                    stats.stopped = "the context is full"
                    break
                self._context.read([token])
            else:
                stats.stopped = "sampling.max_tokens was reached"
            generation.interrupted = cancel.raised
            yield from text.rest()
        finally:
            if text.garbled and text.whole.strip():
                self._layout.garbled[text.whole.strip()] = self._context.held[begin:]
            sampler.close()
            seconds = time.perf_counter() - started - stats.first_token_s
            stats.tokens_per_s = (stats.written - 1) / seconds if stats.written > 1 else 0.0

    def _take_out_recalled(self, messages: Sequence[Message], tokens: list[int]) -> None:
        """Remove this turn's memories from the context and move the rest together.

        The next turn brings its own memories; so it only has to read those and its message. The
        cells that stay have seen the memories when they were made, which is what they should say.
        """
        self._window.stained = not self._context.can_cut and any(m.recalled for m in messages)
        plain = self._layout.encode([message for message in messages if not message.recalled])
        start, end = difference(tokens, plain)
        if len(plain) == len(tokens) - (end - start):
            self._window.cut(start, end, tokens)

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


def fingerprint(path: Path) -> str:
    """Return what a model's states depend on: weights, kind of cells, and llama.cpp's own format.

    Of a large file so many samples are read that every tensor is among them.
    """
    digest = hashlib.sha256(f"{version('llama-cpp-python')} f16 flash".encode())
    with path.open("rb") as file:
        size = file.seek(0, 2)
        digest.update(str(size).encode())
        for start in range(0, size, max(size // SAMPLES, SAMPLED)):
            file.seek(start)
            digest.update(file.read(SAMPLED))
    return digest.hexdigest()
