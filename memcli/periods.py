"""A day, a moment or words about time, as an owner types them, as the stretch of time they name."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from memcli.dates import Stretch, day_range, find_dates, parse_time
from memcli.errors import InvalidInput

YEAR = re.compile(r"(\d{4})(?:-(\d\d))?")
HOURS = re.compile(r"\d:\d|T\d")


def period(text: str, now: datetime) -> Stretch:
    """Return the stretch of time that a text is: a day, "2024", "March 2024", "last week".

    A moment is a stretch of no length. Days are those of the zone of ``now``.

    Raises:
        InvalidInput: it names none.
    """
    text = text.strip()
    if match := YEAR.fullmatch(text):
        return _of_calendar(text, int(match[1]), int(match[2] or 0), now)
    for words in (text, f"in {text}"):
        for when in find_dates(words, now):
            if when.words == words:
                return when.start, when.end
    try:
        moment = parse_time(text, default_zone=_zone(now)).astimezone(now.tzinfo)
    except InvalidInput as error:
        raise InvalidInput(
            error.message, "Write 2024-05-31, 2024-05, yesterday, last week, May 2024 …"
        ) from error
    return (moment, moment) if HOURS.search(text) else day_range(moment)


def _of_calendar(text: str, year: int, month: int, now: datetime) -> Stretch:
    try:
        start = now.replace(
            year=year, month=month or 1, day=1, hour=0, minute=0, second=0, microsecond=0
        )
        months = 1 if month else 12
        after = start.month - 1 + months
        return start, start.replace(year=year + after // 12, month=after % 12 + 1)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no year or month.", "Write 2024 or 2024-05.") from error


def _zone(now: datetime) -> timezone:
    return timezone(now.utcoffset() or timedelta())
