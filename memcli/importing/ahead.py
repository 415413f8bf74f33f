"""Read files in a process of its own, ahead of the one that writes them into the store.

Reading notes and finding what they state takes as long as storing them does, and needs nothing of
the store; on a second core it costs no time. The other process is sent paths, and answers in their
order (``serve``). Once it dies, files are read where they are stored.
"""

from __future__ import annotations

import contextlib
import pickle
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import IO, Any

from memcli.importers.base import Note, Record, Skipped, Unreadable
from memcli.importers.choose import choose
from memcli.importers.file import File
from memcli.importers.walk import Wanted, on_disk
from memcli.text import clean
from memcli.tiers.learning import stated

FEW = 200  # files that are read here: fewer than that are done before the other process has begun
WINDOW = 1_000  # files that are asked for and not taken yet: what is read during a transaction
LARGEST = 256 * 1024  # bytes of a file that is read ahead


@dataclass(frozen=True, slots=True)
class Ready:
    """What was read of a file; of one that is known already, or streamed, no ``records``."""

    digest: str
    format: str = ""
    refused: str = ""  # why no format takes it
    records: list[Record] | None = None


class Ahead:
    """Gives files in their order, most of them read already."""

    def __init__(self, known: Collection[str], format: str, columns: Mapping[str, str]) -> None:
        self._settings = (known, format, dict(columns))
        self._process: subprocess.Popen[bytes] | None = None
        self._listener = threading.Thread()
        self._answers: queue.SimpleQueue[Ready | None] = queue.SimpleQueue()
        self._ended = False

    def files(
        self, found: Iterator[File | Skipped]
    ) -> Iterator[tuple[File | Skipped, Ready | None]]:
        """Yield files, each with what was read of it.

        One that is not read ahead is yielded before the next is asked for: a zip is open so long.
        """
        asked: deque[File] = deque()
        for number, file in enumerate(found):
            ahead = isinstance(file, File) and number >= FEW and self._ask(file)
            if ahead and isinstance(file, File):
                asked.append(file)
            while asked and (not ahead or len(asked) >= WINDOW):
                yield asked[0], self._answer()
                asked.popleft()
            if not ahead:
                yield file, None
        while asked:
            yield asked[0], self._answer()
            asked.popleft()

    def close(self) -> None:
        """End the other process."""
        if self._process:
            self._process.kill()
            self._listener.join()
            self._process.communicate()
            self._process = None

    def _ask(self, file: File) -> bool:
        """Have a file read, and say whether it will be."""
        if not file.is_plain or file.size > LARGEST:
            return False
        if self._process is None:
            self._begin()
        return self._send((str(file.path), str(file.name)))

    def _begin(self) -> None:
        command = [sys.executable, "-c", f"from {__name__} import serve; serve()"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        # Answers are taken at once, or two full pipes would wait for each other.
        self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,))
        self._listener.start()
        self._send(self._settings)

    def _listen(self, answers: IO[bytes]) -> None:
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                self._answers.put(pickle.load(answers))  # noqa: S301 - our own
        self._ended = True
        self._answers.put(None)

    def _send(self, message: Any) -> bool:
        assert self._process
        assert self._process.stdin
        try:
            pickle.dump(message, self._process.stdin)
            self._process.stdin.flush()
        except OSError:  # it has died
            return False
        return True

    def _answer(self) -> Ready | None:
        """Return what was read of the file asked for first; nothing, once the process has died."""
        if self._ended and self._answers.empty():
            return None
        return self._answers.get()


def look(file: File, known: Collection[str], format: str) -> Ready | None:
    """Read a file, unless it is known or to be streamed."""
    try:
        chosen = choose(file, format)
    except Unreadable as error:
        return Ready(file.digest, refused=str(error))
    key = f"{chosen.name}:{file.path}"
    if not chosen.whole or key in known or file.digest in known:
        return Ready(file.digest, chosen.name)
    records: list[Record] = []
    try:
        records.extend(_with_statements(record, file) for record in chosen.read(file))
    except Unreadable as error:
        records.append(Skipped("", str(error)))
    return Ready(file.digest, chosen.name, records=records)


def _with_statements(record: Record, file: File) -> Record:
    if not isinstance(record, Note) or not record.own:
        return record
    said = record.time or file.modified or datetime.now(timezone.utc)
    return replace(record, stated=tuple(stated(clean(record.text), said)))


def serve() -> None:
    """Answer with what is in the files that are asked for, until nobody asks."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        known, format, columns = pickle.load(requests)  # noqa: S301 - of whoever began this
        while True:
            path, name = pickle.load(requests)  # noqa: S301
            pickle.dump(_look(path, name, known, format, columns), answers)
            answers.flush()


def _look(
    path: str, name: str, known: Collection[str], format: str, columns: Mapping[str, str]
) -> Ready | None:
    try:
        return look(
            on_disk(Path(path), PurePosixPath(name), Wanted(columns=columns)), known, format
        )
    except Exception:
        return None  # whatever it is, it is met again and told where the file is stored
