"""What statements say of habits, tastes and diets: few of many values exclude each other."""

from __future__ import annotations

import re

from memcli.manage.pair import How, Pair
from memcli.manage.values import GENERAL, head, likeness, opposite, words_of

DIETS = re.compile(
    r"(?:vegetarian|vegan|pescatarian|omnivore|flexitarian|carnivore|veggie)\b"
    r"|(?:(?:don't|don’t|do not|never) eat meat"
    r"|eat(?:s|ing)? (?:meat|fish|chicken|beef|pork|cheese|dairy|eggs|everything))\b"
)
NO_MEAT = re.compile(r"(?:don't|don’t|do not|never) eat meat")
STRICT = re.compile("vegetarian|vegan|veggie")
PREFERS = re.compile(
    r"\bprefer (?P<one>[^,.;!?]+?)(?: (?:to|over|rather than) (?P<other>[^,.;!?]+?))?"
    r"(?: (?:now|these days|again))?(?=[,.;!?]|$)"
)
PLACED = re.compile(
    r"(?:now )?(train|work out|climb|bank|shop|support|box|row|skate|coach)\w*\b", re.IGNORECASE
)
GOAL = re.compile(r"\bto (work|school|uni|university|college|the office|campus)\b", re.IGNORECASE)


def liking(pair: Pair) -> How | None:
    """Compare a liking and a dislike."""
    if pair.predicates != {"likes", "dislikes"}:
        return None
    return "clash" if likeness("likes", *pair.values) == "same" else "beside"


def diets(pair: Pair) -> How | None:
    """Compare diets: those without meat and those with it exclude each other."""
    if pair.predicates != {"diet"}:
        return None
    ours, theirs = (value.casefold() for value in pair.values)
    if not (DIETS.match(ours) and DIETS.match(theirs)):
        return "same" if ours == theirs else "beside"
    if NO_MEAT.search(ours) and STRICT.search(theirs):
        return "same"
    return "sharper" if NO_MEAT.search(theirs) and STRICT.search(ours) else None


def many(pair: Pair) -> How:
    """Compare two of many values."""
    if opposite(*pair.values):
        return "clash"
    ours, _ = pair.values
    if GENERAL.match(ours) and head(ours) in words_of(pair.memory.text):
        return "same"  # "a dog" of "my dog is called Rex"
    compare = {"likes": _preferences, "owns": _owned, "goal": _owned}
    compare |= {"habit": _habits, "studies": _habits}
    return compare.get(pair.triple.predicate, _apart)(pair)


def _apart(_: Pair) -> How:
    return "beside"


def _owned(pair: Pair) -> How:
    """Compare two cars of one driver, and two wishes to become something."""
    drives = all(re.search(r"\bdrives?\b", text) for text in pair.texts)
    wishes = pair.predicates == {"goal"} and all(value[:3] == "be " for value in pair.values)
    if drives and pair.known.object in ("car", "a car", "bike", "a bike"):
        return "sharper"
    return "clash" if (drives or wishes) and pair.changes else "beside"


def _preferences(pair: Pair) -> How:
    new, known = pair.values
    mine = re.match(r"my \w+ ", new)
    if mine and known.startswith(mine.group()):
        return "clash" if pair.changes else "beside"
    ours, theirs = (PREFERS.search(text) for text in pair.texts)
    if not ours or not theirs:
        return "beside"
    if ours["other"] and theirs["other"]:
        turned = (words_of(theirs["other"]), words_of(theirs["one"]))
        return "clash" if turned == (words_of(ours["one"]), words_of(ours["other"])) else "beside"
    alike = head(new).split("-")[-1] == head(known).split("-")[-1]
    return "clash" if alike and pair.changes else "beside"


def _habits(pair: Pair) -> How:
    """Compare two habits: one goes to work in one way, and trains in one place."""
    ours, theirs = (GOAL.search(value) for value in pair.values)
    if ours and theirs:
        return "clash" if ours[1].casefold() == theirs[1].casefold() else "beside"
    new, known = pair.values
    places = [found[1] for value in pair.values if (found := PLACED.match(value))]
    years = all(re.search(r"\w+ year\b", value) for value in pair.values)
    alike = words_of(new)[:2] == words_of(known)[:2] or places[:1] == places[1:] != []
    return "clash" if (alike or years) and pair.changes else "beside"
