"""What an importer returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from memcli.records import Role, Span


class Unreadable(Exception):
    """A file cannot be imported; the message says why, and the rest goes on."""


@dataclass(frozen=True, slots=True)
class Note:
    """A piece of a note. ``text`` is for people; ``quote`` stands verbatim at ``span``."""

    text: str
    quote: str = ""
    span: Span | None = None
    title: str = ""
    time: datetime | None = None
    tags: tuple[str, ...] = ()
    speaker: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of an imported session; without ``role`` the speaker's name decides whose it is."""

    session: str
    text: str
    role: Role | None = None
    speaker: str = ""
    time: datetime | None = None
    title: str = ""
    external_id: str = ""


@dataclass(slots=True)
class Document:
    """One file's records, read as they are asked for; ``problems`` grows meanwhile.

    A ``streamed`` document may be too large to hold at once.
    """

    kind: str
    path: Path
    content_hash: str
    records: Iterator[Note | Said]
    title: str = ""
    time: datetime | None = None
    streamed: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What this source is known by at the next import."""
        return f"{self.kind}:{self.path}"


def decode(data: bytes) -> str:
    """Return the text of a file.

    Raises:
        Unreadable: it is binary or in no encoding of Unicode.
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if encoding != "utf-16" and 0 in data:
        raise Unreadable(f"binary content: a NUL byte at position {data.index(0)}")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"not {encoding.removesuffix('-sig').upper()}: byte {error.start} cannot be read"
        ) from error
