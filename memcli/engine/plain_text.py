"""An answer's token bytes as text."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence

from memcli.text import CONTROL

REPLACED = "\ufffd"  # stands for bytes that are no UTF-8


class PlainText:
    """Turns token bytes into text, holding back what may yet become a stop string."""

    def __init__(self, stops: Sequence[str]) -> None:
        """Take the strings that end an answer."""
        self.stopped = False
        self.whole = ""
        self.garbled = False  # bytes were left out that are no text
        self._stops = stops
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._waiting = ""

    def add(self, piece: bytes) -> Iterator[str]:
        """Yield what the bytes of another token make certain."""
        self._waiting += self._decoder.decode(piece)
        ends = [at for stop in self._stops if (at := self._waiting.find(stop)) >= 0]
        if ends:
            self.stopped = True
            yield from self._out(min(ends))
        else:
            yield from self._out(len(self._waiting) - self._held_back())

    def rest(self) -> Iterator[str]:
        """Yield what was held back: nothing follows."""
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
