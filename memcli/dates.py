"""Words about time become stretches of time, for what is learnt and for questions alike.

Everything is resolved against an anchor: the moment the words were said. Days are days where the
anchor is, so pass an anchor in the speaker's own time zone.
"""

from __future__ import annotations

import re
import warnings
from bisect import bisect
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from memcli.errors import InvalidInput
from memcli.records import Span
from memcli.sieve import Sieve
from memcli.text import LOOKALIKES

MONTHS = (
    "january february march april may june july august september october november december"
).split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve".split()
)  # "a" and "an" are one, "a couple of" is two, "a few" is three
UNITS = "day|weekend|week|month|year"
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}  # those of the north
HOLIDAYS = {  # the longer ones first
    "christmas eve": (12, 24), "christmas": (12, 25), "new years eve": (12, 31),
    "new years": (1, 1), "valentines": (2, 14), "halloween": (10, 31),
}  # fmt: skip
NEAR_DAYS = {  # the longer ones first, so that they are found first
    "day before yesterday": -2, "day after tomorrow": 2, "yesterday": -1, "last night": -1,
    "today": 0, "tonight": 0, "tomorrow": 1,
}  # fmt: skip
LATELY = timedelta(days=30)

_MONTH = (
    "(?P<month>"
    + "|".join(f"{m[:3]}(?:{m[3:]})?\\.?" if len(m) > 3 else m for m in MONTHS)
    + r")(?!(?<=(?-i:may)) (?:be|have|not|never|also|well|still|or|take|need|go|come|get|seem)\b)"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_COUNT = r"(?P<count>\d{1,3}|an?|(?:a )?couple of|(?:a )?few|" + "|".join(NUMBERS[1:]) + ")"
_SEASON = f"(?P<season>{'|'.join(SEASONS)})"
_HOLIDAY = "|".join(HOLIDAYS).replace("ears", "ear['’]?s").replace("nes", "ne['’]?s")
_HOLIDAY = rf"(?P<holiday>{_HOLIDAY})(?: day)?\b"


def _nameless(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


# What others are counted from: "5 May 2023", "last summer", "the year".
_BASE = _nameless(
    rf"(?:\d{{4}}-\d\d?-\d\d?|(?:the|this|last|next) (?:week|month|year)|{_YEAR}"
    rf"|(?:(?:this|last|next) )?(?:(?:{_DAY}(?: of)? )?{_MONTH}(?: {_DAY}\b)?|{_SEASON}|{_HOLIDAY})"
    rf"(?:,?(?: of)? {_YEAR})?)\b(?!-)"
)
_SIDE = "(?P<side>before|after)"
_TO = "(?:and|to|until|till|through)"
_PART = "early|mid|late|(?:beginning|start|middle|end) of"
_PRONOUN = r"(?:i|we|you|they|he|she|it)\b"  # "How late may I …", "on the 5th I …"
_LAST = rf"(?:(?:in|over|during|within|for) the last|the past|the last(?= {_nameless(_COUNT)} ))"
_NO_AMOUNT = r"(?! (?:steps|calories|words|people|dollars|euros)\b)"

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


Stretch = tuple[datetime, datetime]
Resolver = Callable[[re.Match[str], datetime], Stretch]


def find_dates(text: str, anchor: datetime) -> list[When]:
    """Return the stretches of time that a text names, in its order, without overlaps."""
    found: list[When] = []
    plain = text.translate(LOOKALIKES)
    for pattern, resolve in SIEVE.among(plain):
        for match in pattern.finditer(plain):
            at = bisect(found, match.start(), key=_start)
            around = found[max(at - 1, 0) : at + 1]
            if any(w.span.start < match.end() and match.start() < w.span.end for w in around):
                continue
            try:
                start, end = resolve(match, anchor)
            except (ValueError, OverflowError):  # 31 February, or a year out of range
                continue
            if start >= end:  # "earlier this year" at its first moment
                continue
            yearless = "month" in match.groupdict() and not match.groupdict().get("year")
            span = Span(match.start(), match.end())
            words = text[match.start() : match.end()]
            found.insert(at, When(start, end, words, span, yearless))
    return found


def _start(when: When) -> int:
    return when.span.start


def latest_before(when: When, moment: datetime) -> When:
    """Return a stretch that comes round again, as does "in May", as the last one begun by then."""
    found = AGAIN.search(when.words)
    if when.start <= moment or not found or FIXED.search(when.words):
        return when
    start, end = (_step(day, found.lastgroup or "", -1) for day in (when.start, when.end))
    return replace(when, start=start, end=end)


def parse_time(value: object, *, default_zone: timezone | None = timezone.utc) -> datetime:
    """Read a point in time: ISO 8601, seconds or milliseconds since 1970, or a common spelling.

    A time without a zone is taken to be in ``default_zone``, or where that is None, in the zone of
    this machine.

    Raises:
        InvalidInput: it cannot be read, or lies outside the years 1 to 9998.
    """
    try:
        moment = _read_time(value)
        if moment.tzinfo is None and default_zone:
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


def day_range(day: datetime) -> Stretch:
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


def _month_range(year: int, month: int, anchor: datetime) -> Stretch:
    start = day_range(anchor.replace(year=year, month=month, day=1))[0]
    return start, _add_months(start, 1)


def _year_range(year: int, anchor: datetime) -> Stretch:
    start = day_range(anchor.replace(year=year, month=1, day=1))[0]
    return start, start.replace(year=year + 1)


def _count(word: str) -> int:
    word = word.lower()
    if word.isdigit():
        return int(word)
    word = word.removeprefix("a ")
    return {"a": 1, "an": 1, "couple of": 2, "few": 3}.get(word) or NUMBERS.index(word)


def _step(moment: datetime, unit: str, count: int) -> datetime:
    if unit in ("month", "year"):
        return _add_months(moment, count * (12 if unit == "year" else 1))
    return moment + timedelta(days=count * (7 if unit.startswith("week") else 1))


def _unit_range(moment: datetime, unit: str) -> Stretch:
    if unit == "year":
        return _year_range(moment.year, moment)
    if unit == "month":
        return _month_range(moment.year, moment.month, moment)
    start, end = day_range(moment)
    if unit.startswith("week"):
        start -= timedelta(days=moment.weekday())
        end = start + timedelta(days=7)
    return (end - timedelta(days=2) if unit == "weekend" else start), end


def _exact_day(match: re.Match[str], anchor: datetime) -> Stretch:
    groups = match.groupdict()
    month = groups.get("month") or str(anchor.month)
    number = int(month) if month.isdigit() else _month_number(month)
    year = int(groups.get("year") or anchor.year)
    return day_range(anchor.replace(year=year, month=number, day=int(groups["day"])))


def _month_of_year(match: re.Match[str], anchor: datetime) -> Stretch:
    return _month_range(int(match["year"]), _month_number(match["month"]), anchor)


def _named_month(match: re.Match[str], anchor: datetime) -> Stretch:
    month = _month_number(match["month"])
    if match["which"].lower() != "since":
        return _yearly(match, anchor.year, anchor, lambda year: _month_range(year, month, anchor))
    start, _ = _month_range(anchor.year - (month > anchor.month), month, anchor)
    return start, day_range(anchor)[1]


def _season(match: re.Match[str], anchor: datetime) -> Stretch:
    month = SEASONS[match["season"].lower()]
    year = anchor.year - (month == 12 and anchor.month < 3)  # it is still the last year's winter

    def season_of(year: int) -> Stretch:
        start, _ = _month_range(year, month, anchor)
        return start, _add_months(start, 3)

    return _yearly(match, year, anchor, season_of)


def _holiday(match: re.Match[str], anchor: datetime) -> Stretch:
    month, day = HOLIDAYS[re.sub("['’]", "", match["holiday"].lower())]
    return _yearly(
        match, anchor.year, anchor,
        lambda year: day_range(anchor.replace(year=year, month=month, day=day)),
    )  # fmt: skip


def _yearly(
    match: re.Match[str], year: int, anchor: datetime, of_year: Callable[[int], Stretch]
) -> Stretch:
    """Choose the year of what comes each year: the one named, or what "last" and "next" say."""
    groups = match.groupdict()
    which = (groups.get("which") or "").lower()
    start, end = of_year(int(groups.get("year") or year))
    if which == "last" and end > anchor:
        return of_year(year - 1)
    return of_year(year + 1) if which == "next" and start <= anchor else (start, end)


def _named_weekday(match: re.Match[str], anchor: datetime) -> Stretch:
    which, weekday = match["which"].lower(), WEEKDAYS.index(match["weekday"].lower())
    ahead = (weekday - anchor.weekday()) % 7
    if which == "last":
        ahead = ahead - 7
    elif which == "next" or ahead == 0:
        ahead = ahead or 7
    return day_range(anchor + timedelta(days=ahead))


def _named_unit(match: re.Match[str], anchor: datetime) -> Stretch:
    count = {"before last": -2, "last": -1, "this": 0, "next": 1}[match["which"].lower()]
    unit = match["unit"].lower()
    return _unit_range(_step(anchor, unit, count), unit)


def _ago(match: re.Match[str], anchor: datetime) -> Stretch:
    unit = match["unit"].lower()
    return _unit_range(_step(anchor, unit, -_count(match["count"])), unit)


def _ahead(match: re.Match[str], anchor: datetime) -> Stretch:
    unit = match["unit"].lower()
    moment = _step(anchor, unit, _count(match["count"]))
    return day_range(moment) if unit == "week" else _unit_range(moment, unit)


def _lately(match: re.Match[str], anchor: datetime) -> Stretch:
    count = _count(match["count"] or "a")
    return day_range(_step(anchor, match["unit"].lower(), -count))[0], anchor


def _base(words: str, anchor: datetime) -> Stretch:
    words = re.sub("^the ", "this ", words.lower())
    [when] = find_dates(f"in {words}", anchor)  # a month or a year alone is none without the "in"
    return when.start, when.end


def _from_base(match: re.Match[str], anchor: datetime) -> Stretch:
    start, end = _base(match["base"], anchor)
    unit, back = match["unit"].lower(), match["side"].lower() == "before"
    if not match["count"]:  # "the week before"
        return (_step(start, unit, -1), start) if back else (end, _step(end, unit, 1))
    count = _count(match["count"])
    moment = _step(start, unit, -count) if back else _step(end - timedelta(days=1), unit, count)
    return _unit_range(moment, unit)


def _part(match: re.Match[str], anchor: datetime) -> Stretch:
    """Return the first, middle or last third, in whole days."""
    start, end = _base(match["base"], anchor)
    part = match["part"].lower()
    number = 2 if part in ("late", "end of") else int(part.startswith("mid"))
    third = (end - start) / 3
    return day_range(start + number * third)[0], day_range(start + (number + 1) * third)[0]


def _between(match: re.Match[str], anchor: datetime) -> Stretch:
    """Return the stretch from one to the other; a year that only one of them names is of both."""
    first, last = match["first"], match["last"]
    years = [re.search(_YEAR, words) for words in (first, last)]
    year = next((f" {year[0]}" for year in years if year), "")
    start, _ = _base(first if years[0] else first + year, anchor)
    _, end = _base(last if years[1] else last + year, anchor)
    if start >= end and not years[1]:  # over the turn of the year
        end = _add_months(end, 12)
    return start if start < end or years[0] else _add_months(start, -12), end


def _decade(match: re.Match[str], anchor: datetime) -> Stretch:
    year = int(match["decade"]) + (1900 if len(match["decade"]) == 2 else 0)
    return _year_range(year, anchor)[0], _year_range(year + 9, anchor)[1]


def _relative_day(match: re.Match[str], anchor: datetime) -> Stretch:
    return day_range(anchor + timedelta(days=NEAR_DAYS[match["word"].lower()]))


def _year(match: re.Match[str], anchor: datetime) -> Stretch:
    return _year_range(int(match["year"]), anchor)


def _patterns() -> Iterator[tuple[re.Pattern[str], Resolver]]:
    """Yield the patterns, the most specific first."""
    spelled: list[tuple[str, Resolver]] = [
        (rf"\b(?:between|from) (?P<first>{_BASE}) {_TO} (?P<last>{_BASE}){_NO_AMOUNT}", _between),
        (rf"\b(?:the|{_COUNT}) (?P<unit>{UNITS})s? {_SIDE} (?P<base>{_BASE})", _from_base),
        (rf"\b(?P<part>{_PART})(?: in)?[ -](?P<base>{_BASE})(?!(?<=(?-i:may)) {_PRONOUN})", _part),
        (r"(?<![\d-])(?P<year>\d{4})-(?P<month>[01]?\d)-(?P<day>[0-3]?\d)(?![\d-])", _exact_day),
        (rf"\b{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?\b", _exact_day),
        (rf"\b{_MONTH} {_DAY}(?:,? {_YEAR})?\b", _exact_day),
        (rf"\b{_MONTH},? (?:of )?{_YEAR}\b", _month_of_year),
        (rf"\b(?P<which>last|this|next|since|in) {_MONTH}\b", _named_month),
        (rf"\b(?P<which>last|this|next|on) (?P<weekday>{'|'.join(WEEKDAYS)})\b", _named_weekday),
        (rf"\b{_SEASON}(?: of|,)? {_YEAR}\b", _season),
        (rf"\b(?P<which>last|this|next|(?:in|during|over)(?: the)?) {_SEASON}\b", _season),
        (rf"\b{_HOLIDAY}(?: of|,| in)? {_YEAR}\b", _holiday),
        (rf"\b(?P<which>last|this|next|on|at|in|over|for|around) {_HOLIDAY}", _holiday),
        (rf"\b{_LAST} (?:{_COUNT} )?(?P<unit>{UNITS})s?\b(?! of\b)", _lately),
        (
            rf"\bearlier this (?P<unit>{UNITS})\b",
            lambda m, at: (_unit_range(at, m["unit"].lower())[0], at),
        ),
        (r"\b(?:recently|lately)\b", lambda _, now: (day_range(now - LATELY)[0], now)),
        (rf"\bthe (?P<unit>{UNITS}) (?P<which>before last)\b", _named_unit),
        (rf"\b(?P<which>last|this|next) (?P<unit>{UNITS})\b(?! of\b)", _named_unit),
        (rf"\b{_COUNT} (?P<unit>{UNITS})s? ago\b", _ago),
        (rf"\bin {_COUNT} (?!weekend)(?P<unit>{UNITS})s?\b", _ahead),
        (
            r"\b(?:in|of|from|during|since) the ['’]?(?P<decade>(?:19|20)\d0|[3-9]0)['’]?s\b",
            _decade,
        ),
        (rf"\bon the (?P<day>[0-3]?\d)(?:st|nd|rd|th)\b(?=[^\w\s]|\s*$| {_PRONOUN})", _exact_day),
        (rf"\b(?P<word>{'|'.join(NEAR_DAYS)})\b", _relative_day),
        (rf"\b(?:in|during|since|of) {_YEAR}\b", _year),
    ]
    for pattern, resolve in spelled:
        yield re.compile(pattern, re.IGNORECASE), resolve


PATTERNS = list(_patterns())
SIEVE = Sieve(PATTERNS, lambda row: row[0].pattern, searched=True)
AGAIN = re.compile(
    rf"\b(?:(?P<week>{'|'.join(WEEKDAYS)})|(?P<month>on the)|(?P<year>"
    + _nameless(f"{_MONTH}|{_SEASON}|{_HOLIDAY}") + r"))\b",
    re.IGNORECASE,
)  # fmt: skip
FIXED = re.compile(rf"\b(?:this|next)\b|{_YEAR}", re.IGNORECASE)
