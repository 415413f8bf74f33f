"""KV memory: the cells that a model made of a memory, kept so that its text need not be read again.

One blob for each line that was recalled, in a folder of the profile: ``RECORD.KEY.kv``. The key is
of everything that the cells were computed from: the model, llama.cpp's version, the lead before
them, the tokens themselves; and of how they are kept. Blobs are caches: deleting them loses
nothing, and forgetting anything deletes all, since a line may hold words of its neighbours.
Any number of processes read them; each is written in one step.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memcli import paths
from memcli.errors import StoreError
from memcli.media import blob
from memcli.media.blob import Refused
from memcli.media.guard import Guard
from memcli.media.seal import Seal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from memcli.config import KVConfig

SUFFIX = ".kv"
READS = "reads.json"  # how often each blob was read
KEY = 24  # characters of a key that name its file
AGAIN = 6  # first tokens of a long chunk; by measurement, see docs/lab.md
SINKS = 4  # first tokens that are always kept
ROOM = 0.9  # of the budget that is left after an eviction, so that it is not needed every time


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of cells, as ``kv status`` shows it."""

    file: Path
    bytes: int
    reads: int

    @property
    def id(self) -> str:
        """The record that it is made of."""
        return self.file.name.split(".", 1)[0]


class KVMemory:
    """A profile's stored cells: in RAM, on disk, within budgets. See ``engine.base.CellStore``."""

    def __init__(
        self, folder: Path, settings: KVConfig, guard: Path, seal: Seal | None = None
    ) -> None:
        """``guard`` is the file of what was measured of models; a ``seal`` encrypts all."""
        self.side_by_side = settings.mode == "parallel"
        self.by_attention = settings.select == "attention"
        self.guard = Guard(guard, how(settings), settings.limit)
        self.refused = ""  # why the last blob that could not be used was not
        self.unwritten: StoreError | None = None  # likewise, the last that could not be written
        self._folder = folder
        self._seal = seal
        self._settings = settings
        self._budget = settings.budget * 2**20
        self._ram: OrderedDict[str, bytes] = OrderedDict()
        self._ram_size = 0
        self._reads: Counter[str] = Counter()  # since the last flush
        self._size = -1  # bytes on disk, once counted

    def again(self, length: int) -> int:
        """Return how many first tokens of a chunk of some length are read again."""
        least = self._settings.again
        return least if least >= 0 else min(length // 4, AGAIN)

    def get(self, id: str, key: str, fingerprint: str) -> bytes:
        """Return stored cells, ready for llama.cpp; nothing if there are none that can be used."""
        name = self._name(id, key)
        data = self._ram.get(name) or self._load(name, key, fingerprint)
        if data:
            self._reads[name] += 1
            self._hold(name, data)
        return data

    def put(
        self,
        id: str,
        key: str,
        fingerprint: str,
        data: bytes,
        scores: Callable[[], NDArray[np.float32]],
    ) -> bytes:
        """Store cells as llama.cpp gave them, and return what ``get`` will.

        ``scores`` tells how much each of them matters, if only a share is kept. Cells of a model
        that keeps them in another way than we know are stored as they are.
        """
        from memcli.media import kv_codec

        header: dict[str, Any] = {"fingerprint": fingerprint, "key": key, "codec": ""}
        try:
            cells = kv_codec.parse(data)
            if self._settings.keep < 1:
                sinks = max(SINKS, self.again(len(cells.positions)))
                cells = cells.only(kv_codec.chosen(scores(), self._settings.keep, sinks))
            packed = kv_codec.encode(cells, self._settings.codec)
            data = kv_codec.build(kv_codec.decode(packed, self._settings.codec))
            header["codec"] = self._settings.codec
        except ValueError:
            packed = data
        name = self._name(id, key)
        self._hold(name, data)
        self._write(name, header, packed)
        return data

    def verdict(self, fingerprint: str) -> str:
        """Say to the user what is known of how a model reads spliced cells."""
        if self._settings.splice == "off":
            return "off (kv.splice)"
        said = str(self.guard.verdict(fingerprint))
        return f"{said}; {self.refused}" if self.refused else said

    def trusted(self, fingerprint: str) -> bool:
        """Say whether splicing changes nothing that matters to a model, as far as is known."""
        return self._settings.splice == "on" or self.guard.verdict(fingerprint).trusted

    def due(self, fingerprint: str) -> bool:
        """Say whether the next prompt should be read both ways and compared."""
        return self._settings.splice != "on" and self.guard.due(fingerprint)

    def judge(self, fingerprint: str, divergence: float, agreement: float) -> None:
        """Note a comparison: KL of the next token in nats, share of equal first tokens."""
        self.guard.judge(fingerprint, divergence, agreement)

    def blobs(self) -> list[Blob]:
        """Return all blobs, those that save most for their size first."""
        reads = self._all_reads()
        # Tokens saved are in proportion to bytes: what differs is how often they are.
        files = blob.files(self._folder, f"*{SUFFIX}")
        files.sort(key=lambda found: (-reads[found[0].name], -found[1].st_mtime_ns))
        return [Blob(file, stat.st_size, reads[file.name]) for file, stat in files]

    @property
    def full(self) -> bool:
        """Whether the budget is nearly used up."""
        return self._counted() > self._budget * ROOM

    def size(self) -> int:
        """Return the bytes that all take on disk."""
        return sum(stat.st_size for _, stat in blob.files(self._folder, f"*{SUFFIX}"))

    def of(self, id: str) -> int:
        """Return the bytes that the cells of one record take."""
        return sum(stat.st_size for _, stat in blob.files(self._folder, f"{id}.*{SUFFIX}"))

    def verify(self) -> Iterator[tuple[Path, str]]:
        """Read every blob, and yield those that are damaged, with what is wrong."""
        for file in self._folder.glob(f"*{SUFFIX}"):
            try:
                blob.read(file, None, self._seal)
            except Refused as error:
                yield file, str(error)

    def prune(self, most: int) -> tuple[int, int]:
        """Delete what saves least until ``most`` bytes are left; return how many, and their bytes.

        What saves most is what is read most often for its size.
        """
        total = gone = size = 0
        for kept in self.blobs():
            total += kept.bytes
            if total > most:
                kept.file.unlink(missing_ok=True)
                gone, size = gone + 1, size + kept.bytes
        self._size = -1
        return gone, size

    def drop_all(self) -> None:
        """Delete all: any of them may hold what was forgotten."""
        self._ram.clear()
        self._reads.clear()
        self._ram_size, self._size = 0, -1
        for file in (*self._folder.glob(f"*{SUFFIX}"), self._folder / READS):
            file.unlink(missing_ok=True)

    def flush(self) -> None:
        """Write down how often blobs were read; two processes may lose some of it."""
        self.guard.flush()
        if self._reads and self._folder.exists():
            reads = {n: c for n, c in self._all_reads().items() if (self._folder / n).exists()}
            with contextlib.suppress(StoreError):
                paths.write_private(self._folder / READS, json.dumps(reads))
            self._reads.clear()

    def _load(self, name: str, key: str, fingerprint: str) -> bytes:
        from memcli.media import kv_codec

        file = self._folder / name
        if not file.exists():
            return b""
        try:
            header, data = blob.read(file, fingerprint, self._seal)
            codec = str(header["codec"])
            if header["key"] == key:
                return kv_codec.build(kv_codec.decode(bytes(data), codec)) if codec else bytes(data)
            self.refused = f"{name} is not used, it is of something else"
        except (Refused, KeyError, ValueError) as error:
            self.refused = f"{name} is not used, {error}"
        return b""

    def _write(self, name: str, header: dict[str, Any], data: bytes) -> None:
        if not 0 < len(data) <= self._budget:
            return
        try:
            size = blob.write(self._folder / name, header, data, self._seal)
            self._size = self._counted() + size
        except StoreError as error:
            self.unwritten = error
            return  # a cache that cannot be written is no reason to stop
        if self._size > self._budget:
            self.prune(int(self._budget * ROOM))

    def _counted(self) -> int:
        if self._size < 0:
            self._size = self.size()
        return self._size

    def _hold(self, name: str, data: bytes) -> None:
        """Keep cells in RAM, and let go of those used longest ago."""
        self._ram_size += len(data) - len(self._ram.pop(name, b""))
        self._ram[name] = data
        while self._ram_size > self._settings.ram * 2**20:
            self._ram_size -= len(self._ram.popitem(last=False)[1])

    def _all_reads(self) -> Counter[str]:
        reads: Counter[str] = Counter()
        with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
            loaded = json.loads((self._folder / READS).read_text("utf-8"))
            reads.update({str(name): int(count) for name, count in loaded.items()})
        return reads + self._reads

    def _name(self, id: str, key: str) -> str:
        kept = self._settings.codec
        if self._settings.keep < 1:  # which depends on how they were chosen, and from which on
            kept += f"-{self._settings.keep}{self._settings.select[0]}{self._settings.again}"
        return f"{id}.{key[:KEY]}.{kept}{SUFFIX}"


def how(settings: KVConfig) -> str:
    """Name the way in which cells are kept and spliced."""
    return f"{settings.mode} again={settings.again} keep={settings.keep} {settings.codec}"
