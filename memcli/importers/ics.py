"""Calendars (ICS): each event is a note of one sentence; tasks to be done, and journal entries.

Events are read one by one, so that a calendar may be large, and a broken event costs only itself.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo

from memcli.errors import InvalidInput
from memcli.importers.base import LAST_YEAR, Format, Note, Record, Skipped, Unreadable, when
from memcli.importers.chunks import titled
from memcli.importers.encoding import decode
from memcli.importers.file import File
from memcli.importers.html_text import html_text
from memcli.importers.pieces import numbered, pieces
from memcli.importers.recurrence import in_words, last_start
from memcli.records import Kind

BEGINS = (b"BEGIN:VCALENDAR", b"BEGIN:VEVENT", b"BEGIN:VTODO", b"BEGIN:VJOURNAL")
READ = (b"VEVENT", b"VTODO", b"VJOURNAL", b"VTIMEZONE")
LONGEST = 2 * 1024 * 1024  # bytes of one event; what is larger holds a file
MOST_COUNTED = 60_000  # occurrences of all events of a calendar
MOST_NAMED = 20  # people of one event
TZID = re.compile(r"(?im)^TZID[^:\n]*:(.+)$")
# A zone's rules are yearly; others would take for ever to work out.
ODD_RULE = re.compile(
    r"(?im)FREQ=(?!YEARLY\b)|BY(?:HOUR|MINUTE|SECOND)=\d*[^\d;\s]|BYSETPOS=|^RDATE.{5000}"
)
MEET = re.compile(r"-::~[~:]*::-.*?(?:-::~[~:]*::-|\Z)", re.DOTALL)  # what Google adds itself
RULE = re.compile(r"(?im)^RRULE\b.*$")
HTML = re.compile(r"<(?:br|p|a|b|div|span|html)\b[^<>]*>|&(?:#\d+|amp|nbsp|quot);", re.IGNORECASE)


def recognises(file: File) -> bool:
    """Say whether a file begins as a calendar does, in whatever encoding."""
    head = file.head[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head[:20].upper().startswith(BEGINS)


def read(file: File) -> Iterator[Record]:
    """Yield the events, tasks and journal entries of a calendar."""
    calendar, number = _Calendar(), 0
    for name, lines in _components(file):
        number += name not in (b"", b"VTIMEZONE")
        where = f"entry {number}"
        try:
            if name == b"VTIMEZONE":
                calendar.add_zone(_text(lines))
            elif name:
                yield from calendar.notes(_parsed(lines))
            else:
                calendar.set(_text(lines))
        except (InvalidInput, Unreadable) as error:
            yield Skipped(where, str(error))
        except Exception as error:  # the parser raises all kinds of errors, at broken values
            yield Skipped(where, f"damaged: {_plain(error)[:100]}")


def _lines(file: File) -> Iterator[bytes]:
    if b"\0" in file.head[:4]:  # UTF-16
        yield from (line.encode() for line in file.text_lines())
        return
    for line in file.lines():
        yield from (line or b"").splitlines()


def _components(file: File) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield each component with its lines; a line of the calendar itself has no name."""
    name, lines, size = b"", list[bytes](), 0
    for line in _lines(file):
        key, _, value = line.rstrip().upper().partition(b":")
        begins = key == b"BEGIN" and value in READ
        if name and (begins or (key == b"END" and value in (name, b"VCALENDAR"))):
            yield name, lines if size <= LONGEST else []
            name = b""
        if begins:
            name, lines, size = value, [line], 0
        elif name:
            size += len(line) + 10
            lines += [line] if size <= LONGEST else []
        elif key.startswith(b"X-WR-"):
            yield b"", [line]
    if name:
        yield name, []


def _text(lines: list[bytes]) -> str:
    """Return lines unfolded; some programs fold within a letter, so it is done with the bytes."""
    if not lines:
        raise Unreadable("too large, or the file ends within it")
    raw = re.sub(rb"\n[ \t]", b"", b"\n".join(lines))
    try:
        return decode(raw.replace(b"\0", b""))
    except Unreadable:
        return raw.decode("utf-8", "replace")


def _parsed(lines: list[bytes]) -> Any:
    from icalendar import Event, Journal, Todo  # 100 ms

    # Exchange writes "BYDAY=MO, TU"; a rule has no spaces.
    text = RULE.sub(lambda rule: rule[0].replace(" ", ""), _text(lines))
    name = lines[0].rstrip().upper().partition(b":")[2].decode()
    kinds: dict[str, Any] = {"VEVENT": Event, "VTODO": Todo, "VJOURNAL": Journal}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the zones that it guesses
        return kinds[name].from_ical(f"{text}\nEND:{name}")


class _Calendar:
    """What of a calendar is needed to read its events."""

    def __init__(self) -> None:
        self.name = ""
        self.zone: tzinfo | None = None  # that of this machine
        self._zones: dict[str, str | tzinfo] = {}
        self._left = MOST_COUNTED

    def set(self, line: str) -> None:
        """Take the name of the calendar, or the zone that its times are shown in."""
        key, _, value = line.partition(":")
        if key.upper().startswith("X-WR-CALNAME"):
            self.name = _plain(re.sub(r"\\([,;\\])", r"\1", value))
        elif key.upper().startswith("X-WR-TIMEZONE"):
            with suppress(ValueError, KeyError, OSError):  # it is the name of no zone
                self.zone = ZoneInfo(value.strip())

    def add_zone(self, text: str) -> None:
        """Take a zone's rules, for when an event names it and nobody else knows it."""
        if name := TZID.search(text):
            self._zones[name[1].strip()] = text

    def notes(self, event: Any) -> Iterator[Note]:
        """Yield an event's note, and more of them where its description is long."""
        done = "COMPLETED" in event or str(event.get("PERCENT-COMPLETE")) == "100"
        if done or str(event.get("STATUS", "")).upper() in ("CANCELLED", "COMPLETED"):
            return
        start, end = self._times(event)
        begins = self._moment(event, "RECURRENCE-ID")
        id = _plain(event.get("UID")) + (f"/{_utc(begins):%Y%m%dT%H%M%SZ}" if begins else "")
        kinds: dict[str, Kind] = {"VEVENT": "event", "VTODO": "task"}
        recorded = next(filter(None, (self._recorded(event, key) for key in RECORDED)), None)
        text = self._sentence(event, start, end)
        until = self._until(event, start, end)
        for number, piece in enumerate(pieces(text), 1):
            yield Note(
                piece.text, title=titled(self.name, piece.headings), time=recorded,
                tags=_tags(event),
                external_id=numbered(id, number), kind=kinds.get(event.name, "note"),
                valid_from=_time(start), valid_to=_time(until), own=event.name == "VJOURNAL",
            )  # fmt: skip

    def _times(self, event: Any) -> tuple[date | None, date | None]:
        """Return from when to when an event is; a day's end is the next day's beginning."""
        start, end = self._moment(event, "DTSTART"), self._moment(event, "DTEND")
        if event.name == "VTODO":
            return start, self._moment(event, "DUE")
        if event.name == "VJOURNAL":
            return start, None
        if start is None:
            raise InvalidInput("it has no time at which it begins")
        length = getattr(event.get("DURATION"), "dt", None)
        if end is None and isinstance(length, timedelta):
            end = start + length
        end = _alike(end, start)
        if end is None or _utc(end) < _utc(start) or (end == start and not _timed(start)):
            end = start if _timed(start) else start + timedelta(days=1)
        return start, end

    def _moment(self, event: Any, key: str) -> date | None:
        """Return a day, or a time in the zone that it is shown in."""
        given = event.get(key)
        given = given[0] if isinstance(given, list) else given
        if given is None:
            return None
        value = getattr(given, "dt", None)
        if not isinstance(value, date):
            raise InvalidInput(f"{str(given)[:40]!r} is not a date or time")
        if when(str(value)) is None or not isinstance(value, datetime):
            return value
        if value.tzinfo is None:
            name = str(given.params.get("TZID", ""))
            return value.replace(tzinfo=self._zone(name))
        if str(value.tzinfo) == "UTC" or value.tzinfo is timezone.utc:
            return value.astimezone(self.zone)
        return value

    def _zone(self, name: str) -> tzinfo | None:
        """Return a zone by the rules of this calendar, or else the zone that it is shown in."""
        known = self._zones.get(name, self.zone)
        if isinstance(known, str):
            from icalendar import Timezone

            if ODD_RULE.search(known) or len(known) > 50_000:
                raise InvalidInput(f"the time zone {name[:40]!r} has rules that no zone has")
            # icalendar remembers zones by name for ever, and another file's may have other rules.
            known = TZID.sub(f"TZID:{hashlib.sha256(known.encode()).hexdigest()}", known)
            rules: Any = Timezone.from_ical(f"{known}\nEND:VTIMEZONE")
            self._zones[name] = known = rules.to_tz(lookup_tzid=False)
        return known

    def _recorded(self, event: Any, key: str) -> datetime | None:
        try:
            return _time(self._moment(event, key))
        except (InvalidInput, Unreadable):
            return None

    def _until(self, event: Any, start: date | None, end: date | None) -> date | None:
        """Return when an event ends for the last time; one without end, None."""
        rule = event.get("RRULE")
        if not isinstance(rule, Mapping) or start is None or end is None or event.name != "VEVENT":
            return end
        last, counted = last_start(rule, start, self._left)
        self._left = max(0, self._left - counted)
        return None if last is None or last.year > LAST_YEAR else last + (end - start)

    def _sentence(self, event: Any, start: date | None, end: date | None) -> str:
        rule, place = event.get("RRULE"), _plain(event.get("LOCATION"))
        parts = [_plain(event.get("SUMMARY")) or "(untitled)", _span(event.name, start, end)]
        if rule:
            parts.append(
                in_words(rule, start) if isinstance(rule, Mapping) and start else "repeated"
            )
        parts += [f"at {place}" if place else "", _people(event)]
        words = ", ".join(filter(None, parts))
        described = MEET.sub("", str(event.get("DESCRIPTION") or "")).strip()
        if HTML.search(described):
            described = html_text(described.replace("\n", "<br>"))
        return f"{words}. {described}" if described else f"{words}."


RECORDED = ("CREATED", "DTSTAMP", "LAST-MODIFIED")


def _span(name: str, start: date | None, end: date | None) -> str:
    """Return when something is, in the time of its zone: ``2024-05-31 14:00–15:00``."""
    if name == "VTODO":
        return f"due {_shown(end)}" if end else ""
    if start is None:
        return ""
    if not _timed(start) and end:
        end -= timedelta(days=1)
    if end is None or end <= start:
        return _shown(start)
    if _timed(end) and f"{end:%Y-%m-%d}" == f"{start:%Y-%m-%d}":
        return f"{_shown(start)}–{end:%H:%M}"
    return f"{_shown(start)} – {_shown(end)}"


def _alike(end: date | None, start: date) -> date | None:
    """Return an end that can be compared: some programs give a day's end a time, or a zone."""
    if end is None or not isinstance(start, datetime):
        return end.date() if isinstance(end, datetime) else end
    if not isinstance(end, datetime):
        return datetime(end.year, end.month, end.day, tzinfo=start.tzinfo)
    if end.tzinfo and not start.tzinfo:
        return end.astimezone().replace(tzinfo=None)
    return end if end.tzinfo else end.replace(tzinfo=start.tzinfo)


def _shown(moment: date) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if _timed(moment) else f"{moment:%Y-%m-%d}"


def _timed(moment: date) -> TypeGuard[datetime]:
    return isinstance(moment, datetime)


def _people(event: Any) -> str:
    given = event.get("ATTENDEE") or []
    given = given if isinstance(given, list) else [given]
    names = [
        _plain(getattr(each, "params", {}).get("CN")) or re.sub("(?i)^mailto:", "", str(each))
        for each in given[:MOST_NAMED]
    ]
    return f"with {', '.join(dict.fromkeys(names))}" if names else ""


def _tags(event: Any) -> tuple[str, ...]:
    given = event.get("CATEGORIES") or []
    given = given if isinstance(given, list) else [given]
    tags = (str(tag).strip() for each in given for tag in getattr(each, "cats", [each]))
    return tuple(dict.fromkeys(filter(None, tags)))


def _plain(value: Any) -> str:
    """Return a value as text of one line."""
    return " ".join(str("" if value is None else value).split())


def _utc(moment: date) -> datetime:
    return _time(moment) or datetime.max.replace(tzinfo=timezone.utc)


def _time(moment: date | None) -> datetime | None:
    return when(moment.isoformat()) if moment else None


FORMAT = Format("ics", recognises, read, own_ids=True)
