"""When what is said holds: the dates of events, since when, until when."""
# ruff: noqa: E501  (tables of words read best with one kind a line)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from memcli.acquire.candidate import Candidate
from memcli.acquire.clauses import TO_DO, Clause
from memcli.acquire.rule import I_AM, I_HAVE
from memcli.dates import MONTHS, WEEKDAYS, When, find_dates, latest_before
from memcli.records import USER, Kind, Triple
from memcli.sieve import Folded, words_of
from memcli.text import LOOKALIKES

DIGIT = re.compile(r"\d")
DATE_WORDS = (
    frozenset(  # a cheap test: most clauses name no time, and reading dates is dear
        """day days week weeks weekend month months year years spring summer autumn fall winter christmas halloween easter
    valentine valentines eve tomorrow tonight today yesterday recently lately decade tues weds thur thurs sept""".split()
    )
    | {name[:cut] for name in (*MONTHS, *WEEKDAYS) for cut in (3, None)}
)
SHORT_DAYS = {day[:3]: day for day in WEEKDAYS}
SHORT_DAY = re.compile(
    r"(?:\bon )?\b(mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)\b\.?(?= \d| at\b| morning| evening| night|[,.!)]|$)",
    re.IGNORECASE,
)
BARE_DAY = re.compile(
    rf"\b(?:by |until |till |before |from |starting )?(?<!on )(?<!last )(?<!next )(?<!this )(?={'|'.join(WEEKDAYS)})",
    re.IGNORECASE,
)
BARE_DATE = re.compile(
    r"\b(?:until|till|before|starting|as of|through|since|from|by)(?= (?:19|20)\d\d\b| (?:january|february|march|april|may|june|july|august|september|october|november|december)\b)",
    re.IGNORECASE,
)
DAY_OF_MONTH = re.compile(r"(?<=(?:on|by) )the (\d\d?)(?:st|nd|rd|th)\b(?= (?:at|in the|from|and|so|with|but)\b|[,.;!?]|$)", re.IGNORECASE)  # fmt: skip
MONTH_END = re.compile(r"\b(?:the )?end of (?:the|this) (?=(?:week|month|year)\b)", re.IGNORECASE)
BEGINS = re.compile(
    r"\b(?:since|from|starting|as of|beginning)\b[^,;]{0,12}$|^since\b", re.IGNORECASE
)
ENDS = re.compile(r"\b(?:until|till|through|up to)\b[^,;]{0,8}$", re.IGNORECASE)
BEGAN = re.compile(
    r"\b(?:moved|moving|joined|started|bought|got|began|became|retired|adopted|went vegan|went veggie|diagnosed|married|quit|stopped|switched|left)\b",
    re.IGNORECASE,
)
# One of these words stands in all that ``BEGINS``, ``ENDS`` and ``BEGAN`` can match.
BOUNDING = frozenset("since starting beginning until till up".split()).union(*(words_of(p.pattern) for p in (BEGINS, ENDS, BEGAN))) - {"to", "of"}  # fmt: skip

_ACTS = (
    "go|going|fly|flying|travel|travelling|traveling|visit|visiting|meet|meeting|move|moving|start|starting|starts|leave|leaving|leaves|run|running|drive"
    "|driving|attend|attending|see|seeing|host|hosting|get|getting|take|taking|have|having|begin|begins|marry|marrying|graduate|graduating|perform|presenting|due|booked|scheduled"
)
_OCCASIONS = (
    "appointment|interview|exam|exams|test|flight|trip|party|wedding|concert|dinner|lunch|surgery|operation|deadline|vacation|holiday|anniversary|marathon"
    "|conference|visit|check-?up|scan|gig|recital|reunion|funeral|baptism|christening|graduation|ceremony|jury duty|maternity leave|parental leave|paternity leave"
    "|viva|defen[cs]e|audition|match|tournament|race|retreat|camp|course|class|honeymoon|evening|rehearsal|sports day|school play|chemo|biopsy|mri|haircut|practice|lesson|shift|inspection|viewing|housewarming|baby shower|due date|move|mot|closing|hearing"
)
PLAN = re.compile(
    rf"^(?:{I_AM}|we're|we are|i'll|i will|we'll|we will|my|our|{I_HAVE}|we've|there's my|i get to|(?:lucky me, )i get to) .*?\b(?:{_ACTS}|{_OCCASIONS})\b"
    rf"|^(?:the|my|our) (?:[\w'-]+ ){{0,3}}?(?:{_OCCASIONS})(?:'s| is| has been| was)? "
    r"|^(?:my|our) [\w' -]{3,40}?(?:'s| is| are)? (?:on|due|booked|scheduled|expires?|expiring|runs? out|starts?|starting|begins?|ends?|closes|opens|arrives?|arriving|lands?|coming|falls|in|at|tomorrow|tonight|next)\b|^it's (?:my|our) \w|^(?:a|one|two|three|four|five|ten|\d+) (?:days?|weeks?|nights?|months?|fortnight|weekends?) in (?-i:[A-Z])|^(?:the )?baby(?:'s| is) due|^(?:i'll|we'll|i will|we will) be (?!back)\w|^(?:the|my|our) (?:kids|children|twins|boys|girls|family|parents|in-laws) \w|^(?:i'm|we're) off to\b"
    r"|^the (?:new |next )?(?:job|term|course|school|semester|lease|contract|tenancy|class|season) (?:starts|begins|ends|runs out|is up)\b"
    r"|^the [\w' -]{3,40}? (?:is|are|has been) (?:due|booked|scheduled|set)\b"
    r"|^(?:i|we) (?:start|begin|fly|leave|travel|move|land|arrive|finish|graduate|retire|turn|marry|go|sit|play|run|race|perform|present|defend|give|meet|host)\b"
    r"|^(?:i'm|we're|i am|we are) (?!writing|working on|trying|looking|wondering|thinking|hoping|reading|using|feeling|getting an?\b|building|debugging|sure|not)\w+ing\b"
    r"|^(?:dentist|doctor|gp|vet|haircut|mot|optician|physio|therapist|hairdresser|surgery|dinner with \S+|lunch with \S+|flight to \S+|train to \S+|exam|interview)\b",
    re.IGNORECASE,
)
TASK = re.compile(
    r"^(?:i|we)(?:'ve| have)? (?:still |also |really )?(?:need|have|must|ought|got) to \w+|^(?:please )?remind me to \w+|^i must \w+|^(?:don't|do not) (?:let me )?forget to \w+"
    r"|^(?:must|need to|have to|gotta|got to) (?!be\b|have\b|say\b|admit\b)\w+|^(?:to[ -]?do|reminder|task|note to self|don't forget|remember): ?\w+|^(?:please )?remember to \w+|^(?:i|we)(?:'ve| have)? (?:(?:promised|agreed|offered) (?:\S+ )?to|promised [\w' ]{1,40}? (?:i|we)'d) \w+|^(?:the|my|our) [\w' -]{3,30} (?:is|are) due\b",
    re.IGNORECASE,
)
PROMISED = re.compile(r"(?:i|we)(?:'ve| have)? promised [\w' ]{1,40}? (?:i|we)'d \w", re.IGNORECASE)
UNDATED_TASK = re.compile(
    rf"^(?:please )?remind me to (?!breathe|smile)\w+ \w+|^don't let me forget to \w+ \w+|^{TO_DO}[a-z]+ \w",
    re.IGNORECASE,
)
OCCASION = re.compile(
    rf"\b(?:my|our) (?:[\w'-]+ ){{0,3}}?(?:{_OCCASIONS}|birthday|half|10k|move|stag do|hen do|leaving do|due date)\b[^,.;:!?]{{0,60}}",
    re.IGNORECASE,
)
OCCASIONED = Folded(rf"\b(?:{_OCCASIONS})\b(?! (?:is|was) (?:cancelled|over|great))")
MOST_WORDS = 12  # of a note such as "Vet appointment Friday 3pm"
NOT_PLANNED = Folded(
    r"\b(?:guess|bet|hunch|theory|not going|can't|cannot|won't|isn't|never|anything|what|how|whether|today|came|went|was|were|thinking|feeling|struggling|motivated|excited|get back to|let you know|think about|(?:to|with|see|help|ask|tell) you|(?:try|do|test|use|finish|check|fix) (?:it|that|this))\b"
)


def timed(candidate: Candidate, said: datetime) -> Candidate:
    """Set when a candidate holds, where its quote says so."""
    if candidate.valid_from or candidate.valid_to or not _dated(candidate.quote):
        return candidate
    happens = candidate.kind in ("event", "task")
    if not happens and BOUNDING.isdisjoint(words_of(candidate.quote)):
        return candidate
    words, dates = _dates(candidate.quote, said)
    if happens and dates:
        return replace(candidate, valid_from=dates[0].start, valid_to=dates[0].end)
    for when in dates:
        candidate = _bounded(candidate, words, when, said)
    return candidate


def planned(clause: Clause, said: datetime) -> Iterator[Candidate]:
    """Yield what a clause says is to come: a dated plan, or a task."""
    dated = _dated(clause.plain)
    if not dated and not UNDATED_TASK.match(clause.plain):
        return
    task = TASK.match(clause.plain)
    brief = len(clause.plain.split()) <= MOST_WORDS and OCCASIONED.search(clause.plain)
    if not (task or brief or PLAN.match(clause.plain)) or NOT_PLANNED.search(clause.plain):
        return
    dates = [when for when in _dates(clause.words, said)[1] if when.end > said]
    if not dates and dated:
        return
    kind: Kind = "task" if task else "event"
    triple = Triple(USER, "plan", " ".join(clause.quote.split()).rstrip(".! "))
    start, end = (dates[0].start, dates[0].end) if dates else (None, None)
    yield Candidate(kind, clause.quote, clause.span, (triple,), start, end)


def occasion(clause: Clause, said: datetime) -> Iterator[Candidate]:
    """Yield the dated occasion that a sentence speaks of in passing: "… for my wedding in May?"."""
    if not _dated(clause.plain) or not (match := OCCASION.search(clause.plain)):
        return
    part = clause.part(match.start(), match.end())
    dates = [when for when in _dates(part.words, said)[1] if when.end > said]
    if dates:
        triple = Triple(USER, "plan", part.words.strip())
        yield Candidate("event", clause.quote, clause.span, (triple,), dates[0].start, dates[0].end)


@lru_cache(maxsize=8)  # a clause is asked again and again
def _dated(text: str) -> bool:
    return bool(DIGIT.search(text)) or not DATE_WORDS.isdisjoint(words_of(text))


def _in_month(match: re.Match[str], said: datetime) -> str:
    """Write "the 12th" as the next day of a month that it can be."""
    day = int(match[1])
    month = said.month - 1 + (day < said.day)
    return f"{day} {MONTHS[month % 12]}" if day < 32 else match.group()


def _bounded(candidate: Candidate, words: str, when: When, said: datetime) -> Candidate:
    before = words[: when.span.start] + ("since" if when.words.lower().startswith("since") else "")
    if ENDS.search(before):
        return replace(candidate, valid_to=when.end)
    past = latest_before(when, said)
    if BEGINS.search(before):
        since = before.endswith("since")
        return replace(candidate, valid_from=past.start if since else when.start)
    if BEGAN.search(words) and past.start <= said and candidate.kind != "preference":
        return replace(candidate, valid_from=past.start)
    return candidate


def _dates(text: str, said: datetime) -> tuple[str, list[When]]:
    """Return a text as dates are written in full, and the dates in it."""
    text = SHORT_DAY.sub(lambda m: f"on {SHORT_DAYS[m[1][:3].lower()]}", text.translate(LOOKALIKES))
    text = BARE_DAY.sub("on ", text)
    text = BARE_DATE.sub(lambda match: f"{match.group()} in", text)
    text = MONTH_END.sub("this ", text)
    text = DAY_OF_MONTH.sub(lambda match: _in_month(match, said), text)
    return text, find_dates(text, said)
