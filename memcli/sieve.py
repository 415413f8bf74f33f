"""Which of many patterns can match a text at all, told by the words that stand in it.

A text holds few of the words that patterns ask for, and looking its words up costs far less than
trying the patterns. What a pattern asks for is read off the pattern itself, so that no table of
words has to be kept in step with it.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any, Generic, TypeVar

# Not public, but the same since Python 3.5 and in all that memcli runs on; the tests say if not.
PARSER: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
STEM = 4  # letters of a word that are looked up
LAYERS = 3  # parts of a pattern that are looked up, the most telling first; see ``among``
MOST = 1000  # spellings of a part; one with more may be anything
WORD = re.compile("[a-z]+")
SMALL = bytes(ord(chr(code).lower()) if chr(code).isalpha() else 32 for code in range(128)) + bytes(
    128
)
ODD = "ſıİK"  # they match plain letters, and are none: a text that has one may match anything
COMMON = frozenset(
    "i we my our am m ve s have a an the is are was to in on at of for it that this".split()
)

WHOLE = re.compile(rf"(?<= )(?:[a-z]+(?= )|[a-z]{{{STEM},}})")  # words whose stem is known

# The spellings of a part: plain letters, a blank where surely none stands, "?" for anything.
Spellings = frozenset[str]
BREAKS = ("CATEGORY_DIGIT", "CATEGORY_SPACE", "CATEGORY_NOT_WORD")
NOTHING, BREAK, ANYTHING = frozenset([""]), frozenset(" "), frozenset("?")
Thing = TypeVar("Thing")


@lru_cache(maxsize=64)  # a short turn is its only sentence, and that its only clause
def words_of(text: str) -> frozenset[str]:
    """Return the runs of plain letters in a text, in lower case."""
    if text.isascii():
        return frozenset(text.encode().translate(SMALL).decode().split())
    return frozenset(WORD.findall(text.lower()))


@lru_cache(maxsize=64)
def stems_of(text: str) -> frozenset[str]:
    """Return how the words of a text begin."""
    stems = frozenset([word[:STEM] for word in words_of(text)])
    return stems if text.isascii() or set(ODD).isdisjoint(text) else stems | {ODD}


class Folded:
    """A pattern that ignores case: twice as fast on small letters, where those match the same.

    It may ask for no capitals. What it finds tells places, for its words may be in small letters.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._small = re.compile(pattern)

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)

    def match(self, text: str, begin: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Match between two places of a text."""
        pattern, text = self._fit(text)
        return pattern.match(text, begin, end)

    def search(self, text: str) -> re.Match[str] | None:
        """Search a text."""
        pattern, text = self._fit(text)
        return pattern.search(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Search a text for all."""
        pattern, text = self._fit(text)
        return pattern.finditer(text)

    def _fit(self, text: str) -> tuple[re.Pattern[str], str]:
        return (self._small, text.lower()) if text.isascii() else (self._any, text)


class Sieve(Generic[Thing]):
    """Things that have patterns; those whose pattern cannot match a text fall through."""

    def __init__(
        self, things: Iterable[Thing], pattern: Callable[[Thing], str], *, searched: bool = False
    ) -> None:
        self.things = list(things)
        self._pattern = pattern
        self._edge = ANYTHING if searched else BREAK
        # A thing may have several ways to match. Each has a bit in each layer.
        self._owners: list[Thing] = []
        self._bits: dict[str, int] = {}
        self._asked: frozenset[str] = frozenset()
        self._free = 0  # the bits of layers that ask for nothing
        self._always = False  # whether there is a way that asks for nothing at all

    def among(self, text: str) -> list[Thing]:
        """Return what may match a text, in its order."""
        if not self._owners:
            self._fill()
        found, ways = self._free, len(self._owners)
        asked = stems_of(text) & self._asked
        if not asked and not self._always:
            return []
        for stem in asked:
            found |= self._bits[stem]
        found &= found >> ways & found >> 2 * ways & (1 << ways) - 1
        among: list[Thing] = []
        while found:
            lowest = found & -found
            found ^= lowest
            thing = self._owners[lowest.bit_length() - 1]
            if not among or thing is not among[-1]:
                among.append(thing)
        return among

    def _fill(self) -> None:
        ways = [
            (thing, asked)
            for thing in self.things
            for asked in _needed(self._pattern(thing), self._edge)
        ]
        for at, (_, asked) in enumerate(ways):
            for layer in range(LAYERS):
                bit = 1 << (layer * len(ways) + at)
                for stem in (*asked[layer], ODD) if layer < len(asked) else ():
                    self._bits[stem] = self._bits.get(stem, 0) | bit
                if layer >= len(asked):
                    self._free |= bit
        self._asked = frozenset(self._bits)
        self._always = not all(asked for _, asked in ways)
        self._owners = [thing for thing, _ in ways]


@cache  # a rule may stand in several sieves
def _needed(pattern: str, edge: Spellings) -> list[list[set[str]]]:
    """Return what each way to match a pattern asks for."""
    return [_asked(way, edge) for way in _ways(PARSER.parse(pattern, re.IGNORECASE).data)]


def _ways(nodes: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield the alternatives that a parsed pattern consists of."""
    kind = str(nodes[0][0]) if len(nodes) == 1 else ""
    if kind == "SUBPATTERN":
        yield from _ways(nodes[0][1][3].data)
    elif kind == "BRANCH":
        for way in nodes[0][1][1]:
            yield from _ways(way.data)
    else:
        yield nodes


def _asked(nodes: Sequence[Any], edge: Spellings) -> list[set[str]]:
    """Return sets of stems, the most telling first: in all that matches stands one of each."""
    parts = _apart([edge, *_spelled(nodes), ANYTHING])
    return sorted((stems for part in parts if "" not in (stems := _stems(part))), key=_commonness)


def _stems(part: Spellings) -> set[str]:
    """Return how the most telling word of each spelling begins; nothing where none is known."""
    words = (WHOLE.findall(spelling) for spelling in part)
    return {max(found, key=_worth, default="")[:STEM] for found in words}


def _worth(word: str) -> tuple[bool, int]:
    return word not in COMMON, len(word)


def _commonness(stems: set[str]) -> tuple[bool, bool, int]:
    return "" in stems, not COMMON.isdisjoint(stems), len(stems)


def _apart(parts: Iterable[Spellings]) -> list[Spellings]:
    """Join parts that a word may stand across; from one that is returned to the next none may."""
    joined, done = NOTHING, []
    for part in parts:
        if _all(str.endswith, joined) or _all(str.startswith, part):
            done.append(_joined(joined, BREAK))
            joined = _joined(BREAK, part)
        else:
            joined = _joined(joined, part)
    return [*done, joined]


def _all(has: Callable[[str, str], bool], part: Spellings) -> bool:
    return all(has(spelling, " ") for spelling in part)


def _joined(before: Spellings, after: Spellings) -> Spellings:
    if len(before) * len(after) > MOST:
        return ANYTHING
    return frozenset([one + other for one in before for other in after])


def _sequence(nodes: Iterable[Any]) -> Spellings:
    """Return how nodes in a row are spelled; of parts that stand apart only the most telling is."""
    parts = _apart(_spelled(nodes))
    last = len(parts) - 1
    if not last:
        return parts[0]
    # What stands around may yet end the words at the edges.
    closed = [_joined(BREAK, parts[0]), *parts[1:last], _joined(parts[last], BREAK)]
    at = min(range(last + 1), key=lambda part: _commonness(_stems(closed[part])))
    lead = frozenset([" ?" if _all(str.startswith, parts[0]) else "?"]) if at else NOTHING
    tail = frozenset(["? " if _all(str.endswith, parts[last]) else "?"]) if at < last else NOTHING
    return _joined(_joined(lead, parts[at]), tail)


def _spelled(nodes: Iterable[Any]) -> Iterator[Spellings]:
    """Yield how each node of a parsed pattern is spelled, and letters in a row at once."""
    letters = ""
    for kind, value in nodes:
        if str(kind) == "LITERAL":
            letters += _letter(value)
            continue
        if letters:
            yield frozenset([letters])
        letters = ""
        yield _spelling(str(kind), value)
    if letters:
        yield frozenset([letters])


def _spelling(name: str, value: Any) -> Spellings:
    if name == "SUBPATTERN":
        return _sequence(value[3].data)
    if name in ("IN", "BRANCH"):
        members = (_one_of(*each) for each in value) if name == "IN" else map(_branch, value[1])
        spellings = frozenset[str]().union(*members)
        return spellings if len(spellings) <= MOST else ANYTHING
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        return _repeated(*value)
    if name == "AT":
        return ANYTHING if "NON" in str(value) else BREAK
    if name == "ASSERT" and value[0] > 0 and _all(str.startswith, _sequence(value[1].data)):
        return BREAK
    return NOTHING if name.startswith("ASSERT") else ANYTHING


def _branch(way: Any) -> Spellings:
    return _sequence(way.data)


def _letter(code: int) -> str:
    letter = chr(code).lower()
    return letter if "a" <= letter <= "z" else " "


def _one_of(kind: object, value: Any) -> Spellings:
    """Return how a member of a set of characters is spelled."""
    if str(kind) == "LITERAL":
        return frozenset([_letter(value)])
    if str(kind) == "RANGE":
        return ANYTHING if value[0] <= ord("z") and value[1] >= ord("A") else BREAK
    return BREAK if str(value) in BREAKS else ANYTHING


def _repeated(least: int, most: int, nodes: Any) -> Spellings:
    once = _sequence(nodes.data)
    if most > 1:
        more = frozenset(["? " if _all(str.endswith, once) else "?"])
        once = _joined(once, more) if least else more
    return once if least else once | NOTHING
