"""Fetch one model file over HTTP: resumed after a cut, checked, and only then put in its place.

What has come stands beside the file's place as ``….part``, with ``….part.json`` saying of which
version it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from memcli import paths
from memcli.engine import gguf
from memcli.engine.web import Remote, Trouble, ask, check_status, explained, number, version
from memcli.errors import MemcliError, ModelError
from memcli.text import CONTROL, size

WAITS = (1.0, 2.0, 4.0, 8.0)  # seconds before trying again, while nothing more comes
MOST_TRIES = 200  # of one file, however little each of them brings
PATIENCE = 120.0  # seconds that a server may ask to wait
BLOCK = 1 << 20
RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Tell = Callable[[int, int | None], None]  # bytes that are here, and of how many


class Part:
    """What has come of a file so far."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self._about = target.with_name(f"{target.name}.part.json")

    @property
    def size(self) -> int:
        """The bytes that are here."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def about(self) -> dict[str, Any]:
        """Return what is known of the whole: ``total``, ``version``, ``sha256``, ``wrong``."""
        with contextlib.suppress(OSError, ValueError):
            about = json.loads(self._about.read_text("utf-8"))
            return about if isinstance(about, dict) else {}
        return {}

    @contextlib.contextmanager
    def open(self, start: int) -> Iterator[Callable[[bytes], None]]:
        """Keep the first ``start`` bytes, and write behind them. All is on the disk at the end."""
        paths.make_private_file(self.path)
        with self._explained():
            file = self.path.open("rb+", buffering=0)
            file.truncate(start)
            file.seek(start)
        try:
            yield partial(self._write, file)
        finally:
            with file, self._explained():
                os.fsync(file.fileno())

    def _write(self, file: io.FileIO, block: bytes) -> None:
        left = memoryview(block)
        with self._explained():
            while left:
                left = left[file.write(left) :]

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # of the disk, and none of the network
            raise MemcliError(
                f"Cannot write {self.path}: {error.strerror}.",
                "Make room, or set MEMCLI_HOME to a folder on another disk. What came is kept.",
            ) from error

    def note(self, **about: Any) -> None:
        """Write that down."""
        paths.write_private(self._about, json.dumps(about))

    def drop(self) -> None:
        """Delete it."""
        self.path.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)

    def become(self, target: Path) -> None:
        """Put it in its place, in one step."""
        os.replace(self.path, target)
        self._about.unlink(missing_ok=True)


def fetch(remote: Remote, target: Path, *, tell: Tell, say: Callable[[str], None]) -> None:
    """Fetch a GGUF file, going on from what is here of it. ``say`` hears of each trouble.

    Raises:
        MemcliError: it cannot be had, or not now; what came stays beside ``target``.
        ModelError: what came is not what was promised, or no GGUF.
        NotFound: it is not there.
    """
    part = Part(target)
    about = part.about()
    if about.get("wrong") or about.get("sha256", "") != remote.sha256:
        part.drop()
    _Fetch(remote, part, tell, say).all()
    _check(remote, part, say)
    part.become(target)


def _check(remote: Remote, part: Part, say: Callable[[str], None]) -> None:
    """Make sure that the whole is what was promised; else it stays as a part, marked as wrong."""
    try:
        if remote.sha256:
            say(f"checking {size(part.size)}")
            _check_sum(part.path, remote.sha256)
        gguf.check_whole(part.path)
    except ModelError:
        part.note(**part.about() | {"wrong": True})
        raise


def _check_sum(path: Path, promised: str) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    if digest.hexdigest() != promised:
        raise ModelError(
            f"What came is not the file that the hub has: its sha256 is {digest.hexdigest()},"
            f" and {promised} was promised. It is kept as {path}.",
            "The same command fetches it once more from the start.",
        )


class _Fetch:
    """The conversation with a server until all bytes of a file are here."""

    def __init__(self, remote: Remote, part: Part, tell: Tell, say: Callable[[str], None]) -> None:
        self._remote, self._part = remote, part
        self._tell, self._say = tell, say
        self._afresh = False  # whether to ask for all, whatever is here

    def all(self) -> None:
        """Ask until all is here; give up when nothing more comes."""
        futile = 0
        for _ in range(MOST_TRIES):
            before = self._part.size
            if before and before == self._remote.size:
                return
            try:
                self._once()
            except Trouble as trouble:
                futile = 0 if self._part.size > before else futile + 1
                self._afresh = trouble.afresh
                self._wait(trouble, futile)
            else:
                return
        raise self._given_up("It was cut too often")

    def _wait(self, trouble: Trouble, futile: int) -> None:
        if futile > len(WAITS):
            raise self._given_up(str(trouble))
        if trouble.wait > PATIENCE:
            raise self._given_up(f"{trouble} and asks to wait {trouble.wait / 60:.0f} minutes")
        seconds = max(trouble.wait, WAITS[max(futile - 1, 0)])
        here = f"{size(self._part.size)} are here, " if self._part.size else ""
        self._say(f"{trouble}; {here}again in {seconds:.0f} s")
        time.sleep(seconds)

    def _given_up(self, why: str) -> MemcliError:
        here = self._part.size
        if not here:
            return MemcliError(f"{why}: nothing came of {self._remote.shown}.", "Try again later.")
        return MemcliError(
            f"{why}. {size(here)} of {self._remote.shown} are here.",
            "The same command goes on from there.",
        )

    def _once(self) -> None:
        """Ask once for what is missing, and keep what comes."""
        about = self._part.about()
        sure = self._remote.sha256 or about.get("version")  # that what is here is of that file
        offset = self._part.size if sure and not self._afresh else 0
        try:
            with self._answer(offset, about.get("version", "")) as answer:
                if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and offset:
                    self._all_is_here(answer, offset)
                    return
                check_status(answer, self._remote)
                start, total = self._extent(answer, offset, about)
                self._take(answer, start, total)
        except (OSError, http.client.HTTPException) as error:
            raise explained(error, self._remote) from None

    def _answer(self, offset: int, known: str) -> Any:
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if offset and not self._remote.sha256:  # else the checksum will tell
            headers["If-Range"] = known
        return ask(self._remote, headers)

    def _all_is_here(self, answer: Any, offset: int) -> None:
        whole = re.fullmatch(r"bytes \*/(\d+)", answer.headers.get("Content-Range", ""))
        if int(whole[1]) != offset if whole else offset != self._remote.size:
            raise Trouble("The server has no more of it", afresh=True)

    def _extent(self, answer: Any, offset: int, about: dict[str, Any]) -> tuple[int, int | None]:
        """Return where in the file an answer begins, and the file's size where it says so."""
        start, total = 0, number(answer.headers.get("Content-Length"))
        if answer.status == HTTPStatus.PARTIAL_CONTENT:
            said = RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if not said or int(said[1]) > offset:
                raise Trouble("The server sent another piece than was asked for", afresh=True)
            start, total = int(said[1]), number(said[2])
            known = about.get("total"), about.get("version")
            if start and not self._remote.sha256 and known != (total, version(answer)):
                raise Trouble("The file has changed on the server", afresh=True)
        if total is not None and self._remote.size not in (None, total):
            raise ModelError(
                f"{self._remote.shown} has {total} bytes, and the hub says {self._remote.size}.",
                "What came before is kept. Try again later.",
            )
        return start, total if total is not None else self._remote.size

    def _take(self, answer: Any, start: int, total: int | None) -> None:
        """Write what comes behind the first ``start`` bytes."""
        head = b"" if start else self._head(answer)  # before anything that is here is given up
        self._check_space(total)
        done = start
        with self._part.open(start) as write:
            if not start:
                self._part.note(total=total, version=version(answer), sha256=self._remote.sha256)
            while block := head or answer.read1(BLOCK):
                head = b""
                done += len(block)
                if total is not None and done > total:
                    raise ModelError(
                        f"{self._remote.shown} sends more than the {total} bytes it promised.",
                        "Use another address.",
                    )
                write(block)
                self._tell(done, total)
        if total is not None and done < total:
            raise Trouble("The connection was cut")

    def _head(self, answer: Any) -> bytes:
        head: bytes = answer.read(len(gguf.MAGIC))
        if len(head) < len(gguf.MAGIC):
            raise Trouble("The connection was cut")
        if head != gguf.MAGIC:
            kind = CONTROL.sub("", answer.headers.get_content_type())
            raise ModelError(
                f"{self._remote.shown} is no GGUF file: the server sends {kind}.",
                "Use the address of the file itself, not of a page about it.",
            )
        return head

    def _check_space(self, total: int | None) -> None:
        needed = (total or 0) - self._part.size
        free = shutil.disk_usage(self._part.path.parent).free
        if needed > free:
            raise no_space(needed, free, self._part.path.parent)


def no_space(needed: int, free: int, folder: Path) -> MemcliError:
    """Return the error of a disk that is too small."""
    return MemcliError(
        f"{size(needed)} are still to come, and {folder} has room for {size(free)}.",
        "Make room, or set MEMCLI_HOME to a folder on a larger disk. What came is kept.",
    )
