"""What an importer takes and returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memcli.dates import parse_time
from memcli.records import Kind, Role, Span, Triple

if TYPE_CHECKING:
    from memcli.importers.file import File

YEAR = re.compile(r"^\s*(\d{4})[-/.]\d|\d[-/. ](\d{4})\b")
LAST_YEAR = 2199  # what is dated later has a typing error, or means for ever


class Unreadable(Exception):
    """A file cannot be imported; the message says why, and the rest goes on."""


@dataclass(frozen=True, slots=True)
class Note:
    """A piece of a note. ``text`` is for people; ``quote`` stands verbatim at ``span``.

    ``links`` are the things that it points to by name. ``own`` marks the owner's own words, whose
    "I" they are: from a diary, not from a clipping. ``valid_from`` and ``valid_to`` are when an
    event is, or until when a task is to be done.
    """

    text: str
    quote: str = ""
    span: Span | None = None
    title: str = ""
    time: datetime | None = None
    tags: tuple[str, ...] = ()
    speaker: str = ""
    external_id: str = ""
    kind: Kind = "note"
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    links: tuple[str, ...] = ()
    triples: tuple[Triple, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of an imported session; without ``role`` the speaker's name decides whose it is.

    ``session`` names the session within its format or file, ``reply_to`` the ``external_id`` of
    the turn that this one answers.
    """

    session: str
    text: str
    role: Role | None = None
    speaker: str = ""
    time: datetime | None = None
    title: str = ""
    external_id: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was left out of a file, and why: ``line 3``, ``it is not an object``."""

    where: str
    reason: str


Record = Note | Said | Skipped


@dataclass(frozen=True, slots=True)
class Format:
    """One format: a pure function from a file's bytes to records, and how its files are known.

    ``recognises`` looks at ``file.head`` and what is made of it (``start``, ``outline``), never at
    the whole file; ``read`` raises Unreadable where nothing can be read. With ``whole`` a record
    that is missing at the next import is gone from the file: right for notes, wrong for logs.
    With ``own_ids`` an external id (of a session, or of a note) names the same thing in whatever
    file it stands, as in a second export of the same chats. Files of a format that ``begins`` with
    some bytes are those whose first one, but for white space, is among them.
    """

    name: str
    recognises: Callable[[File], bool]
    read: Callable[[File], Iterator[Record]]
    whole: bool = False
    own_ids: bool = False
    begins: bytes = b""


def when(value: Any) -> datetime | None:
    """Read a time as an export gives it; of nothing, ``0`` or an empty text, return None.

    Numbers are seconds since 1970, or milliseconds; a time without a zone is this machine's.

    Raises:
        InvalidInput: it is no time.
        Unreadable: it is of a year that nobody lives to see, and something is wrong with the file.
    """
    if value in (None, "", 0):
        return None
    years = [int(a or b) for a, b in YEAR.findall(str(value)[:64])]
    if years and max(years) > LAST_YEAR:
        raise Unreadable(f"the date {value} is of the year {max(years)}")
    return parse_time(value, default_zone=None)
