"""Rules of recurrence: said in words, and until when they last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

WEEKDAYS = dict(
    zip(
        ("MO", "TU", "WE", "TH", "FR", "SA", "SU"),
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
PERIODS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
ORDINALS = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last"}
# What may be expanded: with these each search for the next occurrence is short.
PLAIN = {
    "DAILY": {"BYDAY"}, "WEEKLY": {"BYDAY"}, "MONTHLY": {"BYDAY", "BYMONTHDAY"},
    "YEARLY": {"BYMONTH", "BYMONTHDAY"},
}  # fmt: skip
ALWAYS = ("FREQ", "INTERVAL", "UNTIL", "COUNT", "WKST")
MOST = 1_500  # occurrences that are counted of one event
EXHAUSTED = 100_000  # occurrences that a search up to the year 9999 is worth

Rule = Mapping[str, list[Any]]


def in_words(rule: Rule, start: date) -> str:
    """Return a rule in words, such as "every 2 weeks on Monday until 2024-12-31"."""
    period = PERIODS.get(_first(rule, "FREQ", ""))
    if period is None:
        return "repeated"
    every = _first(rule, "INTERVAL", 1)
    words = f"every {period}" if every == 1 else f"every {every} {period}s"
    if days := [_day(str(day)) for day in rule.get("BYDAY", [])][:7]:
        words += f" on {' and '.join(days)}"
    if until := _first(rule, "UNTIL", None):
        words += f" until {_wall(until, start):%Y-%m-%d}"
    if count := _first(rule, "COUNT", None):
        words += f", {count} times"
    return words


def last_start(rule: Rule, start: date, most: int = MOST) -> tuple[date | None, int]:
    """Return when the last occurrence begins, and what finding it cost; without end, None.

    Where a rule may be slow to expand, or has more than ``most`` occurrences, it is what it says
    itself: its UNTIL, or nothing.
    """
    until, count = _first(rule, "UNTIL", None), _first(rule, "COUNT", None)
    if not (until or count) or most <= 0 or not _plain(rule):
        return until, 0
    bound = _wall(until, start) if until else datetime.max  # noqa: DTZ901
    last, counted = None, 0
    for counted, moment in enumerate(_expanded(rule, start), 1):
        if moment > bound:
            break
        if counted > min(most, MOST):
            return until, counted
        last = moment
    else:
        counted += EXHAUSTED * (counted != count)
    return (until if last is None else _like(start, last)), counted


def _plain(rule: Rule) -> bool:
    frequency, every = _first(rule, "FREQ", ""), _first(rule, "INTERVAL", 1)
    allowed = PLAIN.get(frequency, set()) if every == 1 or frequency != "DAILY" else set()
    return 0 < every < 1000 and set(rule) <= {*allowed, *ALWAYS} and frequency in PLAIN


def _expanded(rule: Rule, start: date) -> Iterator[datetime]:
    """Yield the occurrences in wall-clock time: at two o'clock in winter as in summer."""
    from dateutil.rrule import rrulestr

    parts = [f"{key}={','.join(map(str, rule[key]))}" for key in rule if key != "UNTIL"]
    return iter(rrulestr(";".join(parts), dtstart=_naive(start)))


def _naive(moment: date) -> datetime:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001


def _like(start: date, last: datetime) -> date:
    return last.replace(tzinfo=start.tzinfo) if isinstance(start, datetime) else last.date()


def _wall(until: date, start: date) -> datetime:
    """Return the end of a rule as wall-clock time; a day is meant to its end."""
    if isinstance(until, datetime) and until.tzinfo and isinstance(start, datetime):
        until = until.astimezone(start.tzinfo)
    if isinstance(until, datetime):
        return _naive(until)
    return _naive(until) + timedelta(days=1, microseconds=-1)


def _day(day: str) -> str:
    name = WEEKDAYS.get(day[-2:].upper(), day)
    nth = day[:-2].lstrip("+")
    return f"the {ORDINALS.get(nth, nth)} {name}" if nth else name


def _first(rule: Rule, key: str, default: Any) -> Any:
    value = rule.get(key) or [default]
    return value[0] if isinstance(value, list) else value
