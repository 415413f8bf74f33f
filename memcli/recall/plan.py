"""Read a question: its content words, the dates it names, the relations it asks about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from memcli.acquire.predicates import asked_about
from memcli.dates import When, find_dates

LONGEST_QUERY = 4_000  # characters; a longer query is a pasted text, whose beginning must do
MOST_WORDS = 48

# Words that say how something is asked, not what about. They match everything and nothing.
STOP = frozenset(
    """a about after again all also am an and any are aren't as at be because been before being both
    but by came can can't come could couldn't did didn't do does doesn't doing don don't each else
    ever few for from further get gets getting go goes going got had hadn't has hasn't have haven't
    having he he'd he'll he's her here hers him his how i i'd i'll i'm i've if in into is isn't it
    it's its itself just know let let's like ll m made make many may me might more most much must my
    myself no nor not of off on once one only or other our ours out over own please re s same say
    says she she'd she'll she's should shouldn't so some such t tell than that that's the their
    theirs them themselves then there there's these they they'd they'll they're they've thing things
    this those through to too under until up us use ve very want was wasn't we we'd we'll we're
    we've were weren't what what's when when's where where's which while who who's whom whose why
    will with won't would wouldn't yes yet you you'd you'll you're you've your yours yourself
    called call name named remember recall remind memory memories mention mentioned talk talked told
    said kind type sort"""
    .split()
)  # fmt: skip
PAST = re.compile(
    r"\b(?:before|previous(?:ly)?|former(?:ly)?|used to|earlier|in the past|originally|old)\b",
    re.IGNORECASE,
)
WHEN = re.compile(
    r"^\W*(?:when|since when|how long|(?:in |on )?(?:what|which) (?:year|month|date|day|time))\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[\w][\w'’]*")


@dataclass(frozen=True, slots=True)
class Query:
    """A question, taken apart. ``words`` are its content words, each once, in order."""

    text: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    dates: tuple[When, ...]
    predicates: tuple[str, ...]
    past: bool = False  # asks for what held before
    asks_when: bool = False
    speakers: frozenset[str] = frozenset()  # those of the names, in lower case, who speak in a chat
    content: bool = True  # False: there are only words such as "the" and "what" to go by


def plan(text: str, asked_at: datetime) -> Query:
    """Take a question apart; ``asked_at`` is when it was asked, in the asker's time zone."""
    text = unicodedata.normalize("NFC", text[:LONGEST_QUERY])
    words = dict.fromkeys(match.group() for match in WORD.finditer(text))
    content = [word for word in words if word.lower().replace("’", "'") not in STOP]
    # Of a question made of nothing but such words, the words are all there is to go by.
    chosen = content or [word for word in words if len(word) > 1]
    return Query(
        text=text,
        words=tuple(chosen[:MOST_WORDS]),
        names=tuple(dict.fromkeys(_name(word) for word in words if word[0].isupper())),
        dates=tuple(find_dates(text, asked_at)),
        predicates=tuple(asked_about(text)),
        past=bool(PAST.search(text)),
        asks_when=bool(WHEN.search(text)),
        content=bool(content),
    )


def with_speakers(query: Query, speakers: Collection[str]) -> Query:
    """Take the names of speakers out of the words: they tell who spoke, not what of."""
    words = tuple(word for word in query.words if _name(word).lower() not in speakers)
    return replace(query, words=words or query.words, speakers=frozenset(speakers))


def _name(word: str) -> str:
    return re.sub(r"['’]s$", "", word)
