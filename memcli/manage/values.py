"""Compare the values of triples: what is the same, what one says that another one holds already."""

from __future__ import annotations

import re
from typing import Literal

Likeness = Literal["same", "part", "whole", "other"]

NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {
    word: str(number)
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(), start=1
    )
}
FILLING = frozenset(
    """a an the of on in at my our your his her their and some any very really quite is are am was
    called named currently years old year it's its to for with by as little bit fluent also too
    just now new again""".split()
)
ONE_OF = {"children": "child", "kids": "child", "kid": "child", "favorite": "favourite",
          "color": "colour", "never": "don't", "doesn't": "don't"}  # fmt: skip
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
ORDER = re.compile(r" (?:to|over|rather than|instead of|than|more than) ")
PREFERS = re.compile(r"\bprefer ([\w ]+?) (?:to|over|rather than) ([\w ]+)")
PLACES = ("home", "origin", "former home", "not home")
GENERAL = re.compile(
    r"(?:[a-z]+ )?(?:an?|some|one|two|three|four|five|six|several|a few|\d{1,2})"
    r" (?:[a-z][\w-]* )*[a-z][\w-]*$|abroad$|overseas$"
)
SPECIFIC = re.compile(r"(?:^|[ (])(?-i:[A-Z])|\d")


def likeness(predicate: str, new: str, known: str) -> Likeness:
    """Say how a value stands to a known one: the same, a part of it, or more than it."""
    if predicate in ("phone", "email"):
        return "same" if _digits(new) == _digits(known) else "other"
    if predicate.endswith("birthday"):
        return _dates(new, known)
    ours, theirs = _parts(predicate, new), _parts(predicate, known)
    if ours == theirs:
        return "same"
    if not ours or not theirs or predicate == "age":
        return "other"
    if ours < theirs:
        return "part"
    return "whole" if ours > theirs else "other"


def as_told(predicate: str, value: str, text: str) -> str:
    """Return a place with what its text puts after it: "Porto, Portugal"."""
    if predicate not in PLACES:
        return value
    found = re.search(rf"{re.escape(value)}(?:(?:,? in|,) (?:the )?(?-i:[A-Z])[\w’'-]*)+", text)
    return found.group() if found else value


def opposite(new: str, known: str) -> bool:
    """Say whether "I prefer tea to coffee" is the other way round."""
    ours, theirs = PREFERS.search(new), PREFERS.search(known)
    return bool(ours and theirs and ours.groups() == theirs.groups()[::-1])


def sharpens(new: str, known: str) -> bool:
    """Say whether a known value is general ("a dog") and the new one is not."""
    if known[:1].isdigit() and new[:1].isdigit():
        return False
    return bool(GENERAL.match(known)) and bool(SPECIFIC.search(new) or not GENERAL.match(new))


def head(value: str) -> str:
    """Return the noun of a general value, in the singular: "dog" of "two black dogs"."""
    words = words_of(value)
    return words[-1] if words else ""


def words_of(text: str) -> list[str]:
    """Return the words that count in a value, in one spelling each."""
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.casefold())
    return [plain for word in words if (plain := _plain(word)) not in FILLING]


def stems(text: str) -> set[str]:
    """Return the words of a text without their endings: "smoke", "smoking" and "smoker" are one."""
    return {
        re.sub(r"(?:(\w)\1)?(?:ing|ers?|ed|e)$", r"\1", word) or word for word in words_of(text)
    }


def _plain(word: str) -> str:
    if ordinal := re.fullmatch(r"(\d+)(?:st|nd|rd|th)", word):
        return ordinal[1]
    word = re.sub("['’]s$", "", word)
    word = NUMBERS.get(word) or ONE_OF.get(word) or word
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _parts(predicate: str, value: str) -> frozenset[str]:
    if ORDER.search(value):
        return frozenset([value.casefold()])
    if predicate not in PLACES:
        return frozenset(words_of(value))
    parts = re.split(r",? in |, |/|\(", value.strip(" )"))
    return frozenset(" ".join(words_of(part)) for part in parts)


def _digits(value: str) -> str:
    digits = re.sub(r"\D", "", value)
    return value.casefold().strip() if "@" in value or len(digits) < 5 else digits[-9:]


def _dates(new: str, known: str) -> Likeness:
    """Compare day, month and year, as far as both are told."""
    ours, theirs = _date(new), _date(known)
    if ours == theirs:
        return "same"
    if any(ours[key] != theirs[key] for key in ours.keys() & theirs.keys()):
        return "other"
    return "whole" if len(ours) >= len(theirs) else "part"


def _date(value: str) -> dict[str, str]:
    found = {}
    for word in words_of(value):
        if word[:3] in MONTHS and not word.isdigit():
            found["month"] = word[:3]
        elif word.isdigit():
            found["year" if len(word) == 4 else "day"] = word.lstrip("0")
    return found or {"words": value.casefold()}
