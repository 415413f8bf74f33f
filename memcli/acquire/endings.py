"""Read what has ended or begun where a verb of its own says so: "I quit my job", "I sold it"."""

from __future__ import annotations

import re

from memcli.acquire.candidate import Candidate
from memcli.acquire.change_words import ENDED, ENDS, NOW, STOPPED, TASTES, TOGETHER, UNTIL
from memcli.records import USER, Span, Triple

VALUED = ("name", "at", "value", "what")  # groups that may hold what ended
NO_LONGER = re.compile(
    r"(?:i|we) (?:no longer|(?:don't|don’t|do not)(?=.*any ?(?:more|longer)\b))"
    rf" (?P<verb>{TASTES})\b ?(?P<what>[^,.;!?]*)",
    re.IGNORECASE,
)
ANY_MORE = re.compile(r" ?\bany ?(?:more|longer)\b.*")
EAT = re.compile(r"(?:i|we)(?: now| do)? (?P<eat>eat [\w ]{3,20}?)(?=[,.;!?]|$)", re.IGNORECASE)
EATING = re.compile(r"eating (?:meat|fish|chicken|beef|pork|dairy|eggs|cheese|gluten|everything)\b")
TASTING = re.compile(r"(?:eat|drink|smok|us|watch|play|read|buy|cook)ing$")
NO_NOUN = re.compile(r"(?:\w+ing|my|the|an?|it|on|this|that|hope|at|to|with|work)$")
# What people stop without telling anything lasting.
PASSING = re.compile(
    r"\w+ing (?:it|this|that|them|you|the|at|to|about|for|in|on)\b|(?:try|listen|talk|think|car"
    r"|worry|wait|ask|count|look)ing"
)
BEGAN_AGAIN = re.compile(r"\b(?:again|took|taken|back)\b", re.IGNORECASE)


def told_by_verb(text: str) -> list[Candidate]:
    """Read "I quit my job at Acme", "we sold the car", "Noor and I have split up"."""
    for pattern, predicate in (*ENDED, *TOGETHER):
        if match := pattern.match(text):
            groups = match.groupdict()
            value = next((groups[name] for name in VALUED if groups.get(name)), "")
            subject = value if predicate == "died" else USER
            return [statement(predicate, value, subject)]
    return []


def of_taste(text: str) -> list[Candidate]:
    """Read what the user has stopped or started to eat, drink, watch, play and the like."""
    plain = NOW.sub("", text)
    if match := NO_LONGER.match(plain):
        what = ANY_MORE.sub("", match["what"])
        return [statement("not likes" if what else "not habit", what or match["verb"])]
    if plain != text and (match := EAT.match(plain)):
        return [statement("diet", match["eat"])]
    if not (match := _stopped_by_user(plain)):
        return []
    doing, rest = match["doing"], UNTIL.sub("", match["rest"]).strip()
    if ENDS.match(match["stop"]):
        return _gone_off(match["stop"], doing, rest)
    eating = f"{doing} {rest}"
    return [statement("diet", eating)] if EATING.match(eating) else []


def given_up(text: str) -> list[Candidate]:
    """Read "I stopped taking ibuprofen" where "I take ibuprofen" tells nothing by itself."""
    match = _stopped_by_user(text)
    if not match or not match["doing"].endswith("ing"):
        return []
    ended = ENDS.match(match["stop"])
    doing = f"{match['doing']}{UNTIL.sub('', match['rest'])}"
    if PASSING.match(doing) or not (ended or BEGAN_AGAIN.search(text)):
        return []
    return [statement("not habit" if ended else "habit", doing)]


def statement(predicate: str, value: str, subject: str = USER) -> Candidate:
    """Return a candidate without a quote that states one thing."""
    taste = predicate.removeprefix("not ") in ("likes", "diet")
    triple = Triple(subject, predicate, value.strip(" '\"’.!"))
    return Candidate("preference" if taste else "fact", "", Span(0, 0), (triple,))


def _stopped_by_user(text: str) -> re.Match[str] | None:
    match = STOPPED.match(text)
    return match if match and match["who"].lower() in ("i", "we") else None


def _gone_off(stop: str, doing: str, rest: str) -> list[Candidate]:
    """Read "stopped eating meat" and "gave up coffee" as things that are liked no longer."""
    if TASTING.match(doing) and rest:
        return [statement("not likes", rest)]
    if stop == "stopped" or NO_NOUN.match(doing):
        return []
    return [statement("not likes", f"{doing} {rest}")]
