"""Words about time become stretches of time, for what is learnt and for questions alike.

Everything is resolved against an anchor: the moment the words were said. Days are days where the
anchor is, so pass an anchor in the speaker's own time zone.
"""

from __future__ import annotations

import re
import warnings
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from memcli.errors import InvalidInput
from memcli.records import Span

MONTHS = (
    "january february march april may june july august september october november december"
).split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve".split()
)  # "a" and "an" are one, "a couple of" is two, "a few" is three
UNITS = "day|week|month|year"
NEAR_DAYS = {  # the longer ones first, so that they are found first
    "day before yesterday": -2, "day after tomorrow": 2, "yesterday": -1, "last night": -1,
    "today": 0, "tonight": 0, "tomorrow": 1,
}  # fmt: skip

_MONTH = (
    "(?P<month>" + "|".join(f"{m[:3]}(?:{m[3:]})?\\.?" if len(m) > 3 else m for m in MONTHS) + ")"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_COUNT = r"(?P<count>\d{1,3}|an?|a couple of|a few|" + "|".join(NUMBERS[1:]) + ")"


# Defaults for what a spelling leaves out: it named the year if both give the same.
TWO_YEARS = (datetime(2000, 1, 1), datetime(2004, 1, 1))  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time named in a text: from ``start`` up to ``end``, which is not included."""

    start: datetime
    end: datetime
    words: str
    span: Span
    yearless: bool = False  # the text named no year, as in a birthday


Resolver = Callable[[re.Match[str], datetime], tuple[datetime, datetime]]


def find_dates(text: str, anchor: datetime) -> list[When]:
    """Return the stretches of time that a text names, in its order, without overlaps."""
    found: list[When] = []
    for pattern, resolve in PATTERNS:
        for match in pattern.finditer(text):
            if any(w.span.start < match.end() and match.start() < w.span.end for w in found):
                continue
            try:
                start, end = resolve(match, anchor)
            except (ValueError, OverflowError):  # 31 February, or a year out of range
                continue
            yearless = "month" in match.groupdict() and not match.groupdict().get("year")
            span = Span(match.start(), match.end())
            found.append(When(start, end, match.group(), span, yearless))
    return sorted(found, key=lambda when: when.span.start)


def parse_time(value: object, *, default_zone: timezone = timezone.utc) -> datetime:
    """Read a point in time: ISO 8601, seconds or milliseconds since 1970, or a common spelling.

    A time without a zone is taken to be in ``default_zone``.

    Raises:
        InvalidInput: it cannot be read, or lies outside the years 1 to 9998.
    """
    try:
        moment = _read_time(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=default_zone)
        moment = moment.astimezone(timezone.utc)
    except (ValueError, OverflowError, OSError, TypeError):
        moment = None
    if moment is None or moment.year > 9998:
        raise InvalidInput(
            f"{str(value)[:80]!r} is not a date or time.",
            "Write it as 2024-05-31 or 2024-05-31T18:00.",
        )
    return moment


def day_range(day: datetime) -> tuple[datetime, datetime]:
    """Return the day that a moment lies in, as a stretch of time."""
    start = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def _read_time(value: object) -> datetime:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, timezone.utc)
    text = str(value).strip()
    if re.fullmatch(r"\d{9,10}(\.\d+)?|\d{12,13}", text):
        return _read_time(float(text))
    try:
        return datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    except ValueError:
        if not re.search(r"\d", text) or len(text) > 64:
            raise
        return _read_spelling(text.replace(" on ", " "))


def _read_spelling(text: str) -> datetime:
    """Read a spelling such as "1:56 pm 8 May, 2023", if it names its year and no unknown zone."""
    from dateutil import parser  # 20 ms

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # dateutil warns of a zone it does not know, and drops it
        try:
            one, other = (parser.parse(text, default=day) for day in TWO_YEARS)
        except Warning as warning:
            raise ValueError(text) from warning
    if one.year != other.year:
        raise ValueError(text)
    return one


def _month_number(word: str) -> int:
    return next(i for i, name in enumerate(MONTHS, 1) if name.startswith(word.lower()[:3]))


def _add_months(moment: datetime, months: int) -> datetime:
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    return moment.replace(
        year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1])
    )


def _month_range(year: int, month: int, anchor: datetime) -> tuple[datetime, datetime]:
    start = day_range(anchor.replace(year=year, month=month, day=1))[0]
    return start, _add_months(start, 1)


def _year_range(year: int, anchor: datetime) -> tuple[datetime, datetime]:
    start = day_range(anchor.replace(year=year, month=1, day=1))[0]
    return start, start.replace(year=year + 1)


def _count(word: str) -> int:
    word = word.lower()
    if word.isdigit():
        return int(word)
    return {"a": 1, "an": 1, "a couple of": 2, "a few": 3}.get(word) or NUMBERS.index(word)


def _step(moment: datetime, unit: str, count: int) -> datetime:
    if unit in ("month", "year"):
        return _add_months(moment, count * (12 if unit == "year" else 1))
    return moment + timedelta(days=count * (7 if unit == "week" else 1))


def _unit_range(moment: datetime, unit: str) -> tuple[datetime, datetime]:
    if unit == "year":
        return _year_range(moment.year, moment)
    if unit == "month":
        return _month_range(moment.year, moment.month, moment)
    start, end = day_range(moment)
    if unit == "week":
        start -= timedelta(days=moment.weekday())
        end = start + timedelta(days=7)
    return start, end


def _exact_day(match: re.Match[str], anchor: datetime) -> tuple[datetime, datetime]:
    groups = match.groupdict()
    month = groups["month"]
    number = int(month) if month.isdigit() else _month_number(month)
    year = int(groups.get("year") or anchor.year)
    return day_range(anchor.replace(year=year, month=number, day=int(groups["day"])))


def _month_of_year(match: re.Match[str], anchor: datetime) -> tuple[datetime, datetime]:
    return _month_range(int(match["year"]), _month_number(match["month"]), anchor)


def _named_month(match: re.Match[str], anchor: datetime) -> tuple[datetime, datetime]:
    month, which = _month_number(match["month"]), match["which"].lower()
    year = anchor.year
    if which == "next" and month <= anchor.month:
        year += 1
    if which in ("last", "since") and month >= anchor.month:
        year -= which == "last" or month > anchor.month
    start, end = _month_range(year, month, anchor)
    return (start, day_range(anchor)[1]) if which == "since" else (start, end)


def _named_weekday(match: re.Match[str], anchor: datetime) -> tuple[datetime, datetime]:
    which, weekday = match["which"].lower(), WEEKDAYS.index(match["weekday"].lower())
    ahead = (weekday - anchor.weekday()) % 7
    if which == "last":
        ahead = ahead - 7
    elif which == "next" or ahead == 0:
        ahead = ahead or 7
    return day_range(anchor + timedelta(days=ahead))


def _named_unit(match: re.Match[str], anchor: datetime) -> tuple[datetime, datetime]:
    count = {"last": -1, "this": 0, "next": 1}[match["which"].lower()]
    unit = match["unit"].lower()
    return _unit_range(_step(anchor, unit, count), unit)


def _ago(match: re.Match[str], anchor: datetime) -> tuple[datetime, datetime]:
    unit = match["unit"].lower()
    return _unit_range(_step(anchor, unit, -_count(match["count"])), unit)


def _ahead(match: re.Match[str], anchor: datetime) -> tuple[datetime, datetime]:
    unit = match["unit"].lower()
    moment = _step(anchor, unit, _count(match["count"]))
    return day_range(moment) if unit == "week" else _unit_range(moment, unit)


def _relative_day(match: re.Match[str], anchor: datetime) -> tuple[datetime, datetime]:
    return day_range(anchor + timedelta(days=NEAR_DAYS[match["word"].lower()]))


def _year(match: re.Match[str], anchor: datetime) -> tuple[datetime, datetime]:
    return _year_range(int(match["year"]), anchor)


def _patterns() -> Iterator[tuple[re.Pattern[str], Resolver]]:
    """Yield the patterns, the most specific first."""
    spelled: list[tuple[str, Resolver]] = [
        (r"(?<![\d-])(?P<year>\d{4})-(?P<month>[01]?\d)-(?P<day>[0-3]?\d)(?![\d-])", _exact_day),
        (rf"\b{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?\b", _exact_day),
        (rf"\b{_MONTH} {_DAY}(?:,? {_YEAR})?\b", _exact_day),
        (rf"\b{_MONTH},? (?:of )?{_YEAR}\b", _month_of_year),
        (rf"\b(?P<which>last|this|next|since|in) {_MONTH}\b", _named_month),
        (rf"\b(?P<which>last|this|next|on) (?P<weekday>{'|'.join(WEEKDAYS)})\b", _named_weekday),
        (rf"\b(?P<which>last|this|next) (?P<unit>{UNITS})\b", _named_unit),
        (rf"\b{_COUNT} (?P<unit>{UNITS})s? ago\b", _ago),
        (rf"\bin {_COUNT} (?P<unit>{UNITS})s?\b", _ahead),
        (rf"\b(?P<word>{'|'.join(NEAR_DAYS)})\b", _relative_day),
        (rf"\b(?:in|during|since|of) {_YEAR}\b", _year),
    ]
    for pattern, resolve in spelled:
        yield re.compile(pattern, re.IGNORECASE), resolve


PATTERNS = list(_patterns())
