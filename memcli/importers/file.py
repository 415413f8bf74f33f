"""A file to import: on disk, within a zip or from standard input, read within bounds."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO

from memcli.importers import json_stream
from memcli.importers.base import Unreadable
from memcli.importers.encoding import decode, encoding_of

HEAD = 64 * 1024  # bytes that a format is recognised by
LARGEST = 32 * 1024 * 1024  # bytes of a file that is read at once
LONGEST_LINE = 1 << 20  # characters of a line that a person may have written
LONGEST_RECORD = 16 * 1024 * 1024  # bytes of a line that holds one record


class File:
    """One file, opened as often as it is asked for.

    ``path`` is where it lies and ``name`` its place within what is imported, such as
    ``journals/2024_05_31.md``. ``columns`` maps our names to those of a table (``--map``).
    """

    def __init__(
        self,
        path: Path,
        name: PurePosixPath,
        size: int,
        opened: Callable[[], IO[bytes]],
        *,
        near: Callable[[str], File | None] = lambda name: None,
        modified: datetime | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        self.path, self.name, self.size, self.modified = path, name, size, modified
        self.open, self.near = opened, near
        self.columns = columns or {}

    @cached_property
    def uri(self) -> str:
        """The path as text that can be stored; a name need not be in any encoding."""
        return str(self.path).encode("utf-8", "backslashreplace").decode()

    @property
    def stem(self) -> str:
        """The file's name without its suffix."""
        return self.name.stem

    @property
    def suffix(self) -> str:
        """The last part of the file's name, such as ``.md``, in lower case."""
        return self.name.suffix.lower()

    @cached_property
    def head(self) -> bytes:
        """The first bytes, at most ``HEAD``."""
        with self.open() as file:
            return file.read(HEAD)

    @cached_property
    def begins(self) -> bytes:
        """The first byte behind a byte-order mark and white space, if there is one."""
        return self.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]

    @cached_property
    def start(self) -> str:
        """The head as text, without what is cut in its last letter; empty if it is none."""
        whole = self.head if len(self.head) < HEAD else self.head[:-4]
        try:
            return whole.decode(encoding_of(whole), "replace")
        except Unreadable:
            return ""

    @cached_property
    def outline(self) -> frozenset[str]:
        """The paths of a JSON file's first values, such as ``item.mapping``; of no JSON, none."""
        return json_stream.outline(self.head) if self.begins in (b"{", b"[") else frozenset()

    @cached_property
    def data(self) -> bytes:
        """All of it.

        Raises:
            Unreadable: it is larger than ``LARGEST``.
        """
        if self.size <= len(self.head):
            return self.head
        if self.size > LARGEST:
            raise Unreadable(f"larger than {LARGEST >> 20} MB, too large for one note")
        with self.open() as file:
            return file.read(LARGEST)

    @cached_property
    def text(self) -> str:
        """All of it as text, with its line ends as they are; spans count its characters.

        Raises:
            Unreadable: it is too large, no text, or has a line that nobody wrote.
        """
        text = decode(self.data)
        if len(text) > LONGEST_LINE:
            longest = max(map(len, re.split(r"\r\n|\r|\n", text)))
            if longest > LONGEST_LINE:
                raise Unreadable(f"a line of {longest:,} characters, which nobody wrote by hand")
        return text

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of its bytes, in hexadecimal."""
        if self.size <= len(self.head):
            return hashlib.sha256(self.head).hexdigest()
        found = hashlib.sha256()
        with self.open() as file:
            while block := file.read(1 << 20):
                found.update(block)
        return found.hexdigest()

    def release(self) -> None:
        """Let go of what was read; who still wants it reads it again. The digest stays."""
        for name in ("head", "start", "outline", "data", "text"):
            self.__dict__.pop(name, None)

    def lines(self) -> Iterator[bytes | None]:
        """Yield its lines as they are read, and None for one of more than ``LONGEST_RECORD``."""
        with self.open() as file:
            while line := file.readline(LONGEST_RECORD):
                whole = len(line) < LONGEST_RECORD or line.endswith(b"\n")
                yield line if whole else None
                while not whole:
                    whole = (rest := file.readline(LONGEST_RECORD)).endswith(b"\n") or not rest

    def text_lines(self) -> Iterator[str]:
        """Yield its lines as text, without their ends, for a file too large to hold.

        Raises:
            Unreadable: it is no text, or has a line that nobody wrote.
        """
        encoding = encoding_of(self.head[: self.head.rfind(b"\n") + 1] or self.head)
        with io.TextIOWrapper(self.open(), encoding) as text:
            try:
                while line := text.readline(LONGEST_LINE):
                    if len(line) == LONGEST_LINE:
                        raise Unreadable("a line so long that nobody wrote it by hand")
                    yield line.rstrip("\n")
            except UnicodeDecodeError as error:
                raise Unreadable(f"mixed encodings: {encoding}, but not all of it") from error
