"""WhatsApp's "Export chat": a text file, whose dates are as the phone's language writes them.

    31/05/24, 18:00 - Ana: Hello        (Android)
    [31.05.24, 18:00:07] Ana: Hello     (iPhone)

Whether the day or the month comes first is decided from the whole file, which is read twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from memcli.errors import InvalidInput
from memcli.importers import signal
from memcli.importers.base import Format, Record, Said, Skipped, Unreadable, when
from memcli.importers.chats import folder_of, messages_of_lines
from memcli.importers.file import File
from memcli.importers.whatsapp_words import MARKS, afternoon, bare, spoken

_SEPARATOR = rf"[{MARKS}]?(?:[/.\-]|년|月|월|年)[{MARKS}]? ?"
_WORD = r"[^\W\d][^\d\]\[:–-]{0,11}?"  # "um", "klo", "p. m.", "오후"
HEADER = re.compile(
    rf"[{MARKS}]*(?P<bracket>\[?)(?P<a>\d{{1,4}})(?P<slash>{_SEPARATOR})(?P<b>\d{{1,2}}){_SEPARATOR}"
    rf"(?P<c>\d{{1,4}})[.,일日]?,?(?:\s|[{MARKS}])+(?:(?P<before>{_WORD})\s?)?"
    rf"(?P<hour>\d{{1,2}})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?"
    rf"(?:\s?(?P<after>{_WORD}))?[{MARKS}]?(?P<end>\]|\s[-–](?=\s)|:(?=\s)|,(?=\s))\s?(?P<rest>.*)",
    re.DOTALL,
)
NAMED = re.compile(r"(?P<name>[^\n]{1,100}?)\s?:(?:\s+|$|(?=[^\s/\d]))(?P<text>.*)", re.DOTALL)
QUOTES = re.compile('["“”„«»]')
# Where year, month and day stand.
ORDERS: dict[str, tuple[int, int, int]] = {
    "dmy": (2, 1, 0),
    "mdy": (2, 0, 1),
    "ymd": (0, 1, 2),
}
CLEARLY = 4  # times that one stretch of time is longer than another to decide
EXPORTED_AS = re.compile(
    r"(?i).*whatsapp.*?(?: (?:with|mit|con|avec|com|met|med|z|ze|с контактом) | - )(.+)"
)
JOURNAL = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d\]")  # WhatsApp has a comma or seconds in it
FIRST_YEAR = 2009  # of WhatsApp
BUDDHIST = 2500  # years from here on are those of a phone in Thailand
SEEN = 40  # lines that a chat is known by


def recognises(file: File) -> bool:
    """Say whether it begins with a message, or with a line that WhatsApp wrote before one."""
    lines = file.start.lstrip("\ufeff\r\n").split("\n", SEEN)[:SEEN]
    first = _header(lines[0])
    if not first or JOURNAL.match(lines[0]):
        return False
    found = [header for line in lines if (header := _header(line))]
    named = sum(_named(header) is not None for header in found)
    # On an iPhone each line has a name, and so do others that begin with a bracket, but for a few.
    return named * 2 >= (len(found) if first["bracket"] else 1) and not signal.recognises(file)


def read(file: File) -> Iterator[Record]:
    """Yield the messages, without what WhatsApp itself wrote.

    Raises:
        Unreadable: no line begins with a date and a time.
    """
    dates, title = _Dates(), _title(file)
    for _, header, _ in _messages(file):
        dates.see(header)
    order = dates.order()
    for number, header, more in _messages(file):
        try:
            if said := _said(header, more, order, title):
                yield said
        except (InvalidInput, Unreadable) as error:
            yield Skipped(f"line {number}", str(error))


def _header(line: str) -> re.Match[str] | None:
    """Return how a message begins, if a line does so."""
    found = HEADER.match(line)
    if not found or (found["bracket"] == "[") != (found["end"] == "]"):
        return None
    if found["end"] == ":":  # of old iPhones, which gave the seconds
        return found if found["second"] else None
    return found if found["end"] != "," or "년" in line else None


def _messages(file: File) -> Iterator[tuple[int, re.Match[str], list[str]]]:
    """Yield the messages; what begins like another phone's was pasted into one of them."""
    end = ""

    def header(line: str) -> re.Match[str] | None:
        nonlocal end
        found = _header(line)
        end = end or (found["end"] if found else "")
        return found if found and found["end"].strip() == end.strip() else None

    return messages_of_lines(file, header)


def _named(header: re.Match[str]) -> re.Match[str] | None:
    """Return who says what; None where WhatsApp tells of a group, whose name may hold a colon."""
    found = NAMED.match(header["rest"])
    return found if found and len(QUOTES.findall(found["name"])) % 2 == 0 else None


def _said(
    header: re.Match[str], more: list[str], order: tuple[int, int, int], title: str
) -> Said | None:  # fmt: skip
    named = _named(header)
    if not named:
        return None
    text = spoken("\n".join([named["text"], *more]), marked=header["bracket"] == "[")
    if not text:
        return None
    # "~ Ana" is the name that somebody gave herself who is not among the contacts.
    speaker = bare(bare(named["name"]).removeprefix("~"))
    return Said(title, text, None, speaker, when(_time(header, order)), title)


def _time(header: re.Match[str], order: tuple[int, int, int]) -> str:
    year, month, day = _date(header, order)
    hour = int(header["hour"]) % 24 if header["hour"] == "24" else int(header["hour"])
    late = _late(header)
    if late is not None and hour <= 12:  # 12:08 AM is eight past midnight, and so is 00:08 AM
        hour = hour % 12 + 12 * late
    minute, second = int(header["minute"]), int(header["second"] or 0)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def _late(header: re.Match[str]) -> bool | None:
    found = (afternoon(word) for word in (header["after"], header["before"]) if word)
    return next((late for late in found if late is not None), None)


def _date(header: re.Match[str], order: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return year, month and day."""
    year, month, day = (int(header["abc"[place]]) for place in order)
    if year >= BUDDHIST:
        return year - 543, month, day
    return year + (2000 if year < 100 else 0), month, day


@dataclass(slots=True)
class _Sight:
    """What the dates of a file are like if they are read in one order."""

    wrong: int = 0
    backwards: int = 0
    last: date | None = None
    earliest: date = date.max
    latest: date = date.min

    def see(self, year: int, month: int, day: int) -> None:
        try:
            seen = date(year if year >= FIRST_YEAR else 0, month, day)
        except ValueError:
            self.wrong += 1
            return
        self.backwards += self.last is not None and seen < self.last
        self.last = seen
        self.earliest, self.latest = min(self.earliest, seen), max(self.latest, seen)

    @property
    def days(self) -> int:
        return max((self.latest - self.earliest).days, 0)


@dataclass(slots=True)
class _Dates:
    """All dates of a file, to tell in which order they are written."""

    sights: dict[str, _Sight] = field(default_factory=lambda: {name: _Sight() for name in ORDERS})
    last: tuple[str, str, str] | None = None
    american: bool = False

    def see(self, header: re.Match[str]) -> None:
        """Take the date of one message into account."""
        written = (header["a"], header["b"], header["c"])
        if written != self.last:
            self.last = written
            for name, sight in self.sights.items():
                sight.see(*_date(header, ORDERS[name]))
            # Where the day comes first, "pm" is written small, and a dot is no slash.
            self.american |= header["after"] in ("AM", "PM") and header["slash"] == "/"

    def order(self) -> tuple[int, int, int]:
        """Return where year, month and day stand.

        The order with the fewest dates that do not exist, then with the fewest steps back in time;
        then one in which the messages lie much closer together; or else the usual one.
        """
        best = min((sight.wrong, sight.backwards) for sight in self.sights.values())
        equal = [n for n, sight in self.sights.items() if (sight.wrong, sight.backwards) == best]
        usual = "mdy" if self.american and "mdy" in equal else equal[0]
        closest = min(equal, key=lambda name: self.sights[name].days)
        clearly = self.sights[closest].days * CLEARLY < self.sights[usual].days
        return ORDERS[closest if clearly else usual]


def _title(file: File) -> str:
    """Return the chat's name from the name of the file or of its folder."""
    name = folder_of(file) if file.stem in ("_chat", "chat", "-", "") else file.stem
    found = EXPORTED_AS.fullmatch(name)
    return found[1] if found else name or file.stem


FORMAT = Format("whatsapp", recognises, read, own_ids=True)
