"""Chunks of cells: written once, and spliced into a conversation often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import llama_cpp as L
import numpy as np
from numpy.typing import NDArray

from memcli.engine.cells import SCRATCH, WORK, Cells
from memcli.errors import ModelError

AUX = 2  # a sequence that chunks wait in
LANES = 32  # and so many, in which chunks' first tokens are read side by side
SEQUENCES = AUX + 1 + LANES
FEW = 32  # tokens that are read again of each chunk, up to which all are read at once
SLICE = 32  # tokens whose logits are held at once

Cut = tuple[bytes, Sequence[int], int]  # cells, their tokens, how many of these are read again


class ChunkCells(Cells):
    """What a context of llama.cpp holds, and chunks for it."""

    def __init__(self, model: Any, context: Any, vocab_size: int) -> None:
        super().__init__(model, context, vocab_size)
        self._lead: tuple[list[int], bytes] = ([], b"")

    def write(self, lead: Sequence[int], chunk: Sequence[int]) -> bytes:
        """Return the cells of a chunk read behind a lead; the lead's own are not among them.

        Nothing where there is no room.

        Raises:
            Interrupted: ``cancelled`` came true.
        """
        try:
            self._read_lead(list(lead))
            self._feed(chunk, len(lead), SCRATCH)
            L.llama_memory_seq_rm(self._context.memory, SCRATCH, 0, len(lead))
            return self._take()
        except ModelError:
            return b""
        finally:
            self._clear(SCRATCH)

    def surprise(self, lead: Sequence[int], chunk: Sequence[int]) -> NDArray[np.float32]:
        """Return the negative log-probability of each token of a chunk behind a lead, in nats."""
        values: list[NDArray[np.float64]] = []
        try:
            self._read_lead(list(lead[:-1]))
            text, at = [*lead[-1:], *chunk], max(len(lead) - 1, 0)
            for start in range(0, len(chunk), SLICE):
                part = text[start : min(start + SLICE, len(chunk))]
                self._feed(part, at + start, SCRATCH, outputs=True)
                values.append(self._log_probabilities(text[start + 1 : start + 1 + len(part)]))
            return -np.concatenate(values).astype(np.float32)
        except ModelError:
            return np.zeros(len(chunk), np.float32)
        finally:
            self._clear(SCRATCH)

    def splice(self, chunks: Sequence[Cut], lead: int) -> bool:
        """Hold chunks one after the other. False: llama.cpp refuses one; some may be held.

        ``lead`` is the length of what they were written behind. Where few tokens are read again,
        those of all chunks are read at once: a decode of a few takes nearly as long as one of
        many. Each then sees the chunks before it as they were stored; else, as they now are.

        Raises:
            Interrupted: ``cancelled`` came true; what was read till then is held.
        """
        few = max(again for *_, again in chunks) <= FEW
        for start in range(0, len(chunks), LANES):
            some = chunks[start : start + LANES]
            if not (few and self._at_once(some, lead)) and not self._one_by_one(some, lead):
                return False
        return True

    def _one_by_one(self, chunks: Sequence[Cut], lead: int) -> bool:
        memory = self._context.memory
        places = self._park(chunks, lead, whole=False)
        try:
            for (_, tokens, again), at in zip(chunks, places, strict=False):
                self.read(tokens[:again])
                L.llama_memory_seq_cp(memory, AUX, WORK, at + again, at + len(tokens))
                self.held += tokens[again:]
        finally:
            self._clear(AUX)
        return bool(places)

    def _at_once(self, chunks: Sequence[Cut], lead: int) -> bool:
        memory, base = self._context.memory, self._position(len(self.held))
        places = self._park(chunks, lead, whole=True)
        lanes = range(AUX + 1, AUX + 1 + len(places))
        again = []
        try:
            for lane, at, (_, tokens, count) in zip(lanes, places, chunks, strict=False):
                L.llama_memory_seq_cp(memory, WORK, lane, 0, base)
                L.llama_memory_seq_cp(memory, AUX, lane, base, at)
                again += [(token, at + i, lane) for i, token in enumerate(tokens[:count])]
            self._feed_all(again)
            for lane, at, (_, tokens, count) in zip(lanes, places, chunks, strict=False):
                L.llama_memory_seq_cp(memory, lane, WORK, at, at + count)
                L.llama_memory_seq_cp(memory, AUX, WORK, at + count, at + len(tokens))
                self.held += tokens
        except ModelError:
            return False
        finally:
            for sequence in (AUX, *lanes):
                self._clear(sequence)
        return bool(places)

    def _park(self, chunks: Sequence[Cut], lead: int, *, whole: bool) -> list[int]:
        """Load chunks beside the conversation, each where it is to stand; return these positions.

        All at once: llama.cpp turns moved cells at the next decode, and goes through its whole
        cache for it. None are returned where it refuses one.
        """
        places, at = [], self._position(len(self.held))
        for data, tokens, again in chunks:
            if not self._place(data, lead, len(tokens), 0 if whole else again, at, AUX):
                self._clear(AUX)
                return []
            places.append(at)
            at += len(tokens)
        return places

    def overlay(self, chunks: Sequence[Cut], lead: int) -> bool:
        """Hold chunks side by side, each at the positions that follow what is held.

        False: llama.cpp refuses one, and nothing has changed.

        Raises:
            Interrupted: ``cancelled`` came true; nothing has changed.
        """
        base, memory = len(self.held), self._context.memory
        placed = False
        try:
            for _, tokens, again in chunks:
                L.llama_memory_seq_cp(memory, WORK, AUX, 0, base)
                self._feed(tokens[:again], base, AUX)
                L.llama_memory_seq_rm(memory, AUX, 0, base)
                L.llama_memory_seq_cp(memory, AUX, WORK, -1, -1)
                self._clear(AUX)
            placed = all(
                self._place(data, lead, len(tokens), again, base, WORK)
                for data, tokens, again in chunks
            )
        except ModelError:
            return False
        finally:
            if not placed:
                self._clear(AUX)
                L.llama_memory_seq_rm(memory, WORK, base, -1)
        if placed:
            self.held += [token for _, tokens, _ in chunks for token in tokens]
            width = max(len(tokens) for _, tokens, _ in chunks)
            self._overlap = (base, len(self.held), width)
        return placed

    def _place(
        self, data: bytes, lead: int, length: int, again: int, at: int, sequence: int
    ) -> bool:
        """Put a chunk's cells, less the first ``again`` tokens', where the chunk begins at."""
        memory = self._context.memory
        if again == length:
            return True
        if not self._put(data, lead + length - 1):
            self._clear(SCRATCH)
            return False
        L.llama_memory_seq_rm(memory, SCRATCH, 0, lead + again)
        if at != lead:
            L.llama_memory_seq_add(memory, SCRATCH, 0, -1, at - lead)
        L.llama_memory_seq_cp(memory, SCRATCH, sequence, -1, -1)
        self._clear(SCRATCH)
        return True

    def _read_lead(self, lead: list[int]) -> None:
        """Have a lead in the scratch sequence; it is read once, and loaded from then on."""
        known, data = self._lead
        if known == lead and (not lead or self._put(data, len(lead) - 1)):
            return
        self._clear(SCRATCH)
        self._feed(lead, 0, SCRATCH)
        self._lead = (lead, self._take(clear=False))

    def _log_probabilities(self, tokens: Sequence[int]) -> NDArray[np.float64]:
        """Return those of tokens, from the logits that were asked for last, one row for each."""
        pointer = L.llama_get_logits(self._context.ctx)
        logits = np.ctypeslib.as_array(pointer, (len(tokens), self.vocab_size)).astype(np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        chosen = logits[np.arange(len(tokens)), list(tokens)]
        return np.array(chosen - np.log(np.exp(logits).sum(axis=1)))
