"""Words about time against a fixed Wednesday, and the spellings of a point in time."""

import contextlib
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memcli.dates import find_dates, parse_time
from memcli.errors import InvalidInput

ANCHOR = datetime(2024, 6, 12, 15, 30, tzinfo=timezone.utc)  # a Wednesday


def named(text, anchor=ANCHOR):
    """Return the stretches in a text as (first day, day after the last)."""
    return [(when.start.date().isoformat(), when.end.date().isoformat()) for when in find_dates(text, anchor)]  # fmt: skip


DAYS = {
    "I leave tomorrow": "2024-06-13",
    "we met yesterday": "2024-06-11",
    "I saw it last night": "2024-06-11",
    "dinner tonight": "2024-06-12",
    "call her today": "2024-06-12",
    "the day before yesterday it rained": "2024-06-10",
    "the day after tomorrow": "2024-06-14",
    "on 2024-02-29": "2024-02-29",
    "on 2023-5-7 or so": "2023-05-07",
    "8 May 2023": "2023-05-08",
    "8 May, 2023": "2023-05-08",
    "the 8th of May 2023": "2023-05-08",
    "May 8, 2023": "2023-05-08",
    "MAY 8 2023": "2023-05-08",
    "Dec. 24th": "2024-12-24",
    "1st of January": "2024-01-01",
    "3 days ago": "2024-06-09",
    "a day ago": "2024-06-11",
    "a couple of days ago": "2024-06-10",
    "a few days ago": "2024-06-09",
    "twelve days ago": "2024-05-31",
    "in 3 days": "2024-06-15",
    "in a week": "2024-06-19",
    "in two weeks": "2024-06-26",
    "last Monday": "2024-06-10",
    "last Wednesday": "2024-06-05",
    "last friday": "2024-06-07",
    "next Friday": "2024-06-14",
    "next Wednesday": "2024-06-19",
    "on Saturday": "2024-06-15",
    "this Sunday": "2024-06-16",
    "in 3 days, say": "2024-06-15",
    "three days after Christmas": "2024-12-28",
    "a day before 2024-05-01": "2024-04-30",
    "the day before Christmas Eve 2023": "2023-12-23",
    "the day after 5 May 2023": "2023-05-06",
    "What did I do on the 5th?": "2024-06-05",
    "on the 5th of May": "2024-05-05",
    "on Christmas": "2024-12-25",
    "on Christmas Eve": "2024-12-24",
    "last Christmas": "2023-12-25",
    "next Christmas Day": "2024-12-25",
    "on New Year’s Eve": "2024-12-31",
    "New Years Day 2023": "2023-01-01",
    "last Halloween": "2023-10-31",
    "on Valentine's Day": "2024-02-14",
}

STRETCHES = {
    "last week": ("2024-06-03", "2024-06-10"),
    "this week": ("2024-06-10", "2024-06-17"),
    "next week": ("2024-06-17", "2024-06-24"),
    "last month": ("2024-05-01", "2024-06-01"),
    "next month": ("2024-07-01", "2024-08-01"),
    "last year": ("2023-01-01", "2024-01-01"),
    "this year": ("2024-01-01", "2025-01-01"),
    "two weeks ago": ("2024-05-27", "2024-06-03"),
    "a month ago": ("2024-05-01", "2024-06-01"),
    "6 months ago": ("2023-12-01", "2024-01-01"),
    "a few years ago": ("2021-01-01", "2022-01-01"),
    "in two months": ("2024-08-01", "2024-09-01"),
    "in a year": ("2025-01-01", "2026-01-01"),
    "May 2023": ("2023-05-01", "2023-06-01"),
    "in December of 2022": ("2022-12-01", "2023-01-01"),
    "in 2019": ("2019-01-01", "2020-01-01"),
    "during 2020": ("2020-01-01", "2021-01-01"),
    "last May": ("2024-05-01", "2024-06-01"),
    "last June": ("2023-06-01", "2023-07-01"),
    "last August": ("2023-08-01", "2023-09-01"),
    "next June": ("2025-06-01", "2025-07-01"),
    "next August": ("2024-08-01", "2024-09-01"),
    "this June": ("2024-06-01", "2024-07-01"),
    "in August": ("2024-08-01", "2024-09-01"),
    "since May": ("2024-05-01", "2024-06-13"),
    "since August": ("2023-08-01", "2024-06-13"),
    "this spring": ("2024-03-01", "2024-06-01"),
    "last summer": ("2023-06-01", "2023-09-01"),
    "last winter": ("2023-12-01", "2024-03-01"),
    "next summer": ("2025-06-01", "2025-09-01"),
    "in the fall of 2022": ("2022-09-01", "2022-12-01"),
    "last weekend": ("2024-06-08", "2024-06-10"),
    "two weekends ago": ("2024-06-01", "2024-06-03"),
    "the week before last": ("2024-05-27", "2024-06-03"),
    "two weeks before 5 May 2023": ("2023-04-17", "2023-04-24"),
    "the week before August 3, 2023": ("2023-07-27", "2023-08-03"),
    "a month after May 2023": ("2023-06-01", "2023-07-01"),
    "recently": ("2024-05-13", "2024-06-12"),
    "in the last two weeks": ("2024-05-29", "2024-06-12"),
    "over the past few months": ("2024-03-12", "2024-06-12"),
    "in the past year": ("2023-06-12", "2024-06-12"),
    "earlier this year": ("2024-01-01", "2024-06-12"),
    "at the beginning of 2023": ("2023-01-01", "2023-05-02"),
    "by the end of the year": ("2024-09-01", "2025-01-01"),
    "mid-May": ("2024-05-11", "2024-05-21"),
    "early in March 2023": ("2023-03-01", "2023-03-11"),
    "In early May I went": ("2024-05-01", "2024-05-11"),
    "towards the end of summer 2023": ("2023-08-01", "2023-09-01"),
    "between May and July 2023": ("2023-05-01", "2023-08-01"),
    "between August 11 and August 15 2023": ("2023-08-11", "2023-08-16"),
    "from 2022-01-01 to 2022-03-01": ("2022-01-01", "2022-03-02"),
    "between 2019 and 2021": ("2019-01-01", "2022-01-01"),
    "from 20 December to 3 January": ("2024-12-20", "2025-01-04"),
    "from November to February 2023": ("2022-11-01", "2023-03-01"),
    "from November 2022 to February": ("2022-11-01", "2023-03-01"),
    "in the 90s": ("1990-01-01", "2000-01-01"),
    "since the 2010s": ("2010-01-01", "2020-01-01"),
}

NOTHING = [
    "",
    "you may go",
    "31 February",
    "2024-02-30",
    "0 May",
    "version 2.2024",
    "call 2024-02-29-1234",
    "the weekend",
    "room 1984",
    "someday",
    "mayor 3",
    "may I? this may take long, all 10 may be late",
    "how early may we call",
    "march on",
    "in 3 apples, wait a second",
    "in the week",
    "built in a weekend",
    "two weeks before the trip",
    "the day before the week-long trip",
    "in the last week of May",
    "on the 5th floor",
    "on the 31st",
    "between 2000 and 2050 calories",
    "between 2021 and 2019",
    "Christmas presents",
    "at the end of the day",
    "a summer dress",
    "they fall over",
]


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_words_for_a_day_become_that_day(text, day):
    """Each spelling is one stretch that lasts exactly from midnight to midnight."""
    [when] = find_dates(text, ANCHOR)
    assert when.start.isoformat() == f"{day}T00:00:00+00:00"
    assert when.end - when.start == timedelta(days=1)


@pytest.mark.parametrize(("text", "stretch"), STRETCHES.items())
def test_words_for_longer_stretches_become_those(text, stretch):
    """Weeks begin on Monday; the end is not included."""
    assert named(text) == [stretch]


@pytest.mark.parametrize("text", NOTHING)
def test_words_that_name_no_time_give_nothing(text):
    """A date that does not exist, and words that look like one, are passed over."""
    assert named(text) == []


@pytest.mark.parametrize(
    ("anchor", "text", "stretch"),
    [
        (datetime(2024, 3, 31, tzinfo=timezone.utc), "a month ago", ("2024-02-01", "2024-03-01")),
        (datetime(2024, 2, 29, tzinfo=timezone.utc), "a year ago", ("2023-01-01", "2024-01-01")),
        (datetime(2024, 1, 1, tzinfo=timezone.utc), "last month", ("2023-12-01", "2024-01-01")),
        (datetime(2024, 12, 31, tzinfo=timezone.utc), "tomorrow", ("2025-01-01", "2025-01-02")),
        (datetime(2024, 1, 1, tzinfo=timezone.utc), "last week", ("2023-12-25", "2024-01-01")),
        (datetime(2024, 6, 30, tzinfo=timezone.utc), "this week", ("2024-06-24", "2024-07-01")),
        (datetime(2024, 1, 9, tzinfo=timezone.utc), "this winter", ("2023-12-01", "2024-03-01")),
        (datetime(2024, 1, 9, tzinfo=timezone.utc), "last winter", ("2022-12-01", "2023-03-01")),
        (datetime(2024, 1, 31, tzinfo=timezone.utc), "on Halloween", ("2024-10-31", "2024-11-01")),
    ],
)
def test_the_edges_of_the_calendar_hold(anchor, text, stretch):
    """Ends of months and years, and leap days, are counted as a calendar does."""
    assert named(text, anchor) == [stretch]


def test_several_dates_come_in_their_order_with_their_places():
    """Each stretch says the words it was read from and where they stand."""
    text = "Yesterday we planned 8 May 2025, not next week."
    whens = find_dates(text, ANCHOR)
    assert [when.words for when in whens] == ["Yesterday", "8 May 2025", "next week"]
    assert [text[when.span.start : when.span.end] for when in whens] == [w.words for w in whens]


def test_a_day_without_a_year_says_so():
    """A birthday names a day of every year; a full date does not."""
    assert [when.yearless for when in find_dates("8 May", ANCHOR)] == [True]
    assert [when.yearless for when in find_dates("8 May 2023", ANCHOR)] == [False]
    assert [when.yearless for when in find_dates("yesterday", ANCHOR)] == [False]


def test_days_are_those_of_the_speaker():
    """The same moment has another today further east."""
    east = timezone(timedelta(hours=10))
    [when] = find_dates("today", ANCHOR.astimezone(east))
    assert when.start == datetime(2024, 6, 13, tzinfo=east)


@given(st.text(max_size=40), st.datetimes(timezones=st.just(timezone.utc)))
@example("999 years ago", datetime(1, 1, 1, tzinfo=timezone.utc))
@example("in 999 years", datetime(9999, 12, 31, tzinfo=timezone.utc))
@example("earlier this year", datetime(2024, 1, 1, tzinfo=timezone.utc))
@example("from 9999 to 1999 or from 2021 to 2019", datetime(2024, 1, 1, tzinfo=timezone.utc))
@example(
    "in 2 weeks after yesterday, the week before last May",
    datetime(2024, 1, 1, tzinfo=timezone.utc),
)
@example("next year", datetime(9998, 12, 31, tzinfo=timezone.utc))
def test_no_text_and_no_anchor_breaks_it(text, anchor):
    """Whatever is said whenever, the stretches are within the text and do not overlap."""
    end = 0
    for when in find_dates(text, anchor):
        assert end <= when.span.start < when.span.end <= len(text)
        assert when.start < when.end
        end = when.span.end


MOMENTS = {
    "2024-05-31": "2024-05-31T00:00:00+00:00",
    "20240531": "2024-05-31T00:00:00+00:00",
    "2024-05-31T18:00": "2024-05-31T18:00:00+00:00",
    "2024-05-31 18:00:30": "2024-05-31T18:00:30+00:00",
    "2024-05-31T18:00:00Z": "2024-05-31T18:00:00+00:00",
    "2024-05-31T18:00:00.5z": "2024-05-31T18:00:00.500000+00:00",
    "2024-05-31T18:00:00.123456+00:00": "2024-05-31T18:00:00.123456+00:00",
    "2024-05-31T18:00:00+02:00": "2024-05-31T16:00:00+00:00",
    "2024-05-31 18:00 +0200": "2024-05-31T16:00:00+00:00",
    " 2024-05-31 ": "2024-05-31T00:00:00+00:00",
    "1717178400": "2024-05-31T18:00:00+00:00",
    "1717178400.5": "2024-05-31T18:00:00.500000+00:00",
    "1717178400000": "2024-05-31T18:00:00+00:00",
    1717178400: "2024-05-31T18:00:00+00:00",
    1717178400.5: "2024-05-31T18:00:00.500000+00:00",
    1717178400000: "2024-05-31T18:00:00+00:00",
    "1:56 pm on 8 May, 2023": "2023-05-08T13:56:00+00:00",
    "May 8, 2023": "2023-05-08T00:00:00+00:00",
    "8 May 2023": "2023-05-08T00:00:00+00:00",
    "Fri, 31 May 2024 18:00:00 GMT": "2024-05-31T18:00:00+00:00",
    "May 2023": "2023-05-01T00:00:00+00:00",
    "2024": "2024-01-01T00:00:00+00:00",
}


@pytest.mark.parametrize(("spelling", "moment"), MOMENTS.items(), ids=str)
def test_a_point_in_time_is_read_in_each_spelling(spelling, moment):
    """ISO 8601, seconds and milliseconds since 1970, and what exports write."""
    assert parse_time(spelling).isoformat() == moment


def test_a_time_without_a_zone_is_in_the_default_zone():
    """The default zone is for times that name none, and for no others."""
    east = timezone(timedelta(hours=10))
    read = parse_time("2024-05-31T18:00", default_zone=east)
    assert read == datetime(2024, 5, 31, 8, 0, tzinfo=timezone.utc)
    assert read.tzinfo is timezone.utc
    assert parse_time("2024-05-31T18:00Z", default_zone=east).hour == 18


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "soon",
        "nonsense 3",
        "room 12",
        "2024-13-40",
        "2024-02-30",
        "9999-12-31",
        "9x" * 50,
        None,
        True,
        [],
        {},
        float("nan"),
        float("inf"),
        10**30,
        -(10**30),
    ],
    ids=lambda value: str(value)[:12],
)
def test_nonsense_is_refused_with_what_it_was(value):
    """The error names the value, cut where it is long, and shows how to write one."""
    with pytest.raises(InvalidInput) as caught:
        parse_time(value)
    assert str(value)[:80] in caught.value.message
    assert "2024-05-31" in caught.value.hint


@pytest.mark.parametrize("value", ["12", "8 May", "10:00", "5/6"])
def test_a_time_without_a_year_is_refused(value):
    """Half a date is no point in time, least of all one in the year 1."""
    with pytest.raises(InvalidInput):
        parse_time(value)


def test_an_unknown_zone_is_refused_and_not_guessed():
    """A zone by a name we do not know is an error, not a wrong time with a warning."""
    with pytest.raises(InvalidInput):
        parse_time("8 May 2023 10:00 PST")


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9998, 12, 30)))
def test_what_is_written_as_iso_is_read_back(moment):
    """Every time of the calendar survives its ISO spelling."""
    moment = moment.replace(tzinfo=timezone.utc)
    assert parse_time(moment.isoformat()) == moment


@given(st.text(alphabet="0123456789:-/. TZapmMay,+janX٣", max_size=20))
def test_any_text_is_a_time_or_is_refused(text):
    """Nothing but the one error comes out."""
    with contextlib.suppress(InvalidInput):
        assert parse_time(text).tzinfo is timezone.utc


def test_many_dates_are_found_once_each_and_in_order():
    """However long a text is, none of its dates is lost, found twice or out of place."""
    text = "On 5 May 2023, yesterday and in March 2021. " * 400
    found = find_dates(text, ANCHOR)
    assert [when.words for when in found] == ["5 May 2023", "yesterday", "March 2021"] * 400
    starts = [when.span.start for when in found]
    assert starts == sorted(starts)
