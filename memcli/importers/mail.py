"""E-mail: a mailbox (mbox), as Gmail's Takeout and Thunderbird have it, or one message (EML).

A thread is a session, named by the id of its first message; a message is a turn of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime

from memcli.errors import InvalidInput
from memcli.importers.base import Format, Record, Said, Skipped, Unreadable, when
from memcli.importers.encoding import decode
from memcli.importers.file import LARGEST, File
from memcli.importers.mail_body import own_words

KNOWN = frozenset(
    b"from to subject date message-id received return-path mime-version delivered-to".split()
)
HEADER = re.compile(rb"([!-9;-~]{1,80}):")
DATED = re.compile(rb"From (?:.{0,300}\b\d\d?:\d\d\b.*|-? *)\r?\n?")
# A divider that is nothing else, and may stand right below the message before.
DIVIDER = re.compile(
    rb"From \S+ +[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?: [+-]\d{4})? \d{4}\s*"
)
ESCAPED = re.compile(rb"(?m)^>(>*From )")
# Parameters without end, and parts within parts, take the parser quadratic time.
HOSTILE = re.compile(rb"(?im)^content-[\w-]{1,40}:(?:[^\n]|\n[ \t]){8000}")
MOST_MULTIPARTS = 200
LONGEST_HEADER = 10_000  # characters that are read of it
EMLX = re.compile(rb"\s*(\d{1,9})\s*\n")  # Apple Mail begins with the message's length
ANSWERS = re.compile(
    r"(?:(?:re|fwd?|aw|wg|sv|vs|antw|tr|rv|res|enc)(?:\[\d+\])?\s*[::]\s*)+", re.IGNORECASE
)
ID = re.compile(r"<\s*([^<>\s]+)\s*>")
UNWANTED = frozenset({"spam", "trash"})  # Gmail's labels of what its export holds all the same
EXPUNGED = 0x8  # of Thunderbird's status: deleted, and still in the file


def recognises_mbox(file: File) -> bool:
    """Say whether the first line is a mailbox's, and a header follows."""
    if not file.head.startswith(b"From "):
        return False
    first, _, rest = file.head.partition(b"\n")
    return bool(DATED.fullmatch(first) and HEADER.match(rest))


def recognises_eml(file: File) -> bool:
    """Say whether a file begins with headers, and with two of those that every message has."""
    head = file.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    head = head[size.end() :] if (size := EMLX.match(head)) else head
    if not HEADER.match(head):
        return False
    found: set[bytes] = set()
    for line in head.splitlines()[:100]:
        header = HEADER.match(line)
        if not line.strip() or not (header or line[:1] in b" \t"):
            return len(found) > 1 and not line.strip()
        found |= {header[1].lower()} & KNOWN if header else set()
    return len(found) > 1


def read_mbox(file: File) -> Iterator[Record]:
    """Yield the messages of a mailbox, one by one, however large it is."""
    roots: dict[str, str] = {}
    for number, data in enumerate(_messages(file), 1):
        where = f"message {number}"
        if data is None:
            yield Skipped(where, f"larger than {LARGEST >> 20} MB")
        else:
            yield from _record(ESCAPED.sub(rb"\1", data), where, roots)


def read_eml(file: File) -> Iterator[Record]:
    """Yield the one message of a file."""
    data = file.data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if size := EMLX.match(data):
        data = data[size.end() :][: int(size[1])]
    yield from _record(data, "the message", {})


def _messages(file: File) -> Iterator[bytes | None]:
    """Yield what stands between the "From " lines, and None for what is too large."""
    lines: list[bytes] = []
    size, empty, divider = -1, True, b""  # before the first "From " there is no message
    for line in file.lines():
        if divider and line and HEADER.match(line):
            if size >= 0:
                yield b"".join(lines) if size <= LARGEST else None
            lines, size = [], 0
        elif divider:
            lines.append(divider)
        begins = line and (DATED if empty else DIVIDER).fullmatch(line)
        divider = line if line and begins else b""
        empty = line is not None and not line.strip()
        size += LARGEST + 1 if line is None else len(line) * (size >= 0)
        if size > LARGEST:
            lines = []
        elif not divider and line:
            lines.append(line)
    if size >= 0:
        yield b"".join(lines) if size <= LARGEST else None


def _record(data: bytes, where: str, roots: dict[str, str]) -> Iterator[Record]:
    """Yield a message as a turn, or why it is none; one without words is passed over."""
    if HOSTILE.search(data) or data.lower().count(b"multipart/") > MOST_MULTIPARTS:
        yield Skipped(where, "made so that reading it takes for ever")
        return
    try:
        message = message_from_bytes(data)
        headers = _headers(message)
        if _deleted(headers):
            return
        said = _said(headers, own_words(message), roots)
    except (InvalidInput, Unreadable) as error:
        yield Skipped(where, str(error))
        return
    except Exception as error:  # the parser raises all kinds of errors, at broken headers
        yield Skipped(where, f"damaged: {type(error).__name__}")
        return
    if said.text:
        yield said
    elif any(part.get_filename() for part in message.walk()):
        yield Skipped(where, "only attachments")


def _said(headers: dict[str, str], text: str, roots: dict[str, str]) -> Said:
    id = _ids(headers.get("message-id", ""))[:1]
    title = ANSWERS.sub("", _words(headers.get("subject", "")), count=1).strip()
    parent = _ids(headers.get("in-reply-to", ""))[:1]
    thread = _ids(headers.get("references", "")) or parent or id or [title.casefold() or "mail"]
    session = roots.get(thread[0], thread[0])
    if id and session != id[0]:
        roots[id[0]] = session
    name, address = parseaddr(headers.get("from", "")[:1000])
    return Said(
        session, text, speaker=_words(name) or address, time=_time(headers), title=title,
        external_id="".join(id), reply_to="".join(parent),
    )  # fmt: skip


def _time(headers: dict[str, str]) -> datetime | None:
    """Return the time of sending, or where that is unreadable, of receiving."""
    received = headers.get("received", "").rpartition(";")[2]
    for value in filter(None, (headers.get("date", ""), received)):
        try:
            time = parsedate_to_datetime(value[:100])
            return when(time if time.tzinfo else time.replace(tzinfo=timezone.utc))
        except (ValueError, TypeError, IndexError, OverflowError, InvalidInput, Unreadable):
            continue
    return when(headers.get("date"))


def _headers(message: Message) -> dict[str, str]:
    """Return the first of each header, on one line, with letters that stand there as they are."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        raw = str(value)[:LONGEST_HEADER].encode("utf-8", "surrogateescape")
        found.setdefault(name.lower(), re.sub(r"[\r\n]+[ \t]*", " ", _letters(raw)).strip())
    return found


def _letters(raw: bytes) -> str:
    try:
        return decode(raw)
    except Unreadable:
        return raw.decode("utf-8", "replace")


def _words(text: str) -> str:
    """Return a header with its encoded words decoded."""
    if "=?" not in text:
        return " ".join(text.split())
    found = ""
    for part, charset in decode_header(text):
        raw = part if isinstance(part, bytes) else part.encode()
        try:
            found += raw.decode(charset or "utf-8")
        except (LookupError, ValueError):
            found += _letters(raw)
    return " ".join(found.split())


def _ids(value: str) -> list[str]:
    return ID.findall(value) or value.split()[:1]


def _deleted(headers: dict[str, str]) -> bool:
    """Say whether a message was deleted or is spam, or is what a program notes for itself."""
    if not UNWANTED.isdisjoint(headers.get("x-gmail-labels", "").casefold().split(",")):
        return True
    status = headers.get("x-mozilla-status", "")
    expunged = re.fullmatch(r"[\da-fA-F]{4}", status) and int(status, 16) & EXPUNGED
    return bool(expunged) or (
        "x-imapbase" in headers and "DON'T DELETE" in headers.get("subject", "")
    )


FORMATS = (
    Format("mbox", recognises_mbox, read_mbox, own_ids=True),
    Format("eml", recognises_eml, read_eml, own_ids=True),
)
