"""Days as people write them: in the name of a file, or on a line of their own in a diary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from memcli.errors import InvalidInput
from memcli.importers.base import Unreadable, when

LONGEST_DAY = 60  # characters of a line that is a day
_YEAR = r"(?:1[89]|20|21)\d\d"
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_NUMBER = r"\d{1,2}(?:st|nd|rd|th|\.)?"
WEEKDAY = re.compile(rf"[\s,(\[]*\b{_WEEKDAY}[\s,:)\]]*", re.IGNORECASE)
NAMED = re.compile(rf"({_NUMBER} (?:of )?{_MONTH},?|{_MONTH} {_NUMBER},?) ({_YEAR})", re.IGNORECASE)
YEAR_FIRST = re.compile(rf"(?<!\d)({_YEAR})([-_./]?)(\d\d)\2(\d\d)(?!\d)")
MOMENT = re.compile(rf"(?<!\d)({_YEAR})(\d\d)(\d\d)([012]\d)([0-5]\d)(?:[0-5]\d)?(?!\d)")
YEAR_LAST = re.compile(rf"(?<!\d)(\d\d?)([-_./])(\d\d?)\2({_YEAR})(?!\d)")
CLOCK = re.compile(r"[ ,T]+(?:at )?(\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?)$", re.IGNORECASE)
PLANNED = re.compile(
    rf"\b(DEADLINE|SCHEDULED):[ \t]*[<\[]({_YEAR}-\d\d-\d\d)[^>\]\d\n]{{0,20}}(\d\d?:\d\d)?"
    r"[^>\]\n]{0,40}[>\]]"
)
HOLDS_YEAR = re.compile(r"\d{4}")
DECORATION = " \t\r\n#*_=~-:,.<>[]()|"


@lru_cache(maxsize=256)  # a note's name is asked about several times
def day_of(line: str) -> datetime | None:
    """Return the day that a line is and nothing else, such as ``Friday, May 31, 2024:``."""
    if len(line) > LONGEST_DAY or not HOLDS_YEAR.search(line):
        return None
    text = WEEKDAY.sub(" ", line).strip(DECORATION)
    clock = CLOCK.search(text)
    text = text[: clock.start()] if clock else text
    return _day(text, clock[1] if clock else "", whole=True)


@lru_cache(maxsize=256)
def day_in(stem: str) -> datetime | None:
    """Return the day that stands in the name of a file, if it can be read in one way only."""
    if not HOLDS_YEAR.search(stem):
        return None
    if found := MOMENT.search(stem):  # as Zettelkasten and org-roam number their notes
        return read_day("{}-{}-{} {}:{}".format(*found.groups()))
    return _day(stem, whole=False) or day_of(stem)


def last_day(headings: Iterable[str]) -> datetime | None:
    """Return the day that the innermost heading which is one gives to what stands below it."""
    return next(filter(None, map(day_of, reversed(tuple(headings)))), None)


def planned(text: str) -> datetime | None:
    """Return when a task of Org mode is due, or else when it is planned for."""
    found = {match[1]: f"{match[2]} {match[3] or ''}" for match in PLANNED.finditer(text)}
    return read_day(found.get("DEADLINE", "")) or read_day(found.get("SCHEDULED", ""))


def read_day(text: str) -> datetime | None:
    """Return a time, or None for what is none."""
    try:
        return when(text.strip())
    except (InvalidInput, Unreadable):
        return None


def _day(text: str, clock: str = "", *, whole: bool) -> datetime | None:
    find = re.Pattern.fullmatch if whole else re.Pattern.search
    if match := find(YEAR_FIRST, text):
        return read_day(f"{match[1]}-{match[3]}-{match[4]} {clock}")
    if match := find(YEAR_LAST, text):
        day, month = match[1].zfill(2), match[3].zfill(2)
        if match[2] != "." and day != month and int(day) <= 12:  # American, or not: who knows
            if int(month) <= 12:
                return None
            day, month = month, day
        return read_day(f"{match[4]}-{month}-{day} {clock}")
    if match := find(NAMED, " ".join(text.split())):
        return read_day(f"{match[1]} {match[2]} {clock}".replace("of ", ""))
    return None
