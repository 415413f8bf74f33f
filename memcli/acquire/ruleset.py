"""Many rules, of which only those are tried that begin as a clause does and share a word with it.

A pattern that matches holds one of its own words, or the beginning of one; so rules are kept by the
first letters of their words, as bits of a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from memcli.acquire.rule import ALSO, I_AM, I_HAVE, Rule

LETTERS = 4  # of a word that are looked at
WORD = re.compile(r"[^\W\d_]+")
SYNTAX = re.compile(r"\(\?P<\w+>|\(\?[-i]+:|\\[a-zA-Z]|\[[^\]]*\]|\{[\d,]+\}")
ANY_WORDS = "(?:)"  # is in a pattern that can match without any of its own words
# What ends so has no word of its own: "\w+itis".
SUFFIX = re.compile(r"\\w(?:\+|\{\d*,\d*\})(?:\(\?:)?[a-z]")
COMMON = frozenset(
    WORD.findall(
        f"{ALSO} {I_AM} {I_HAVE} we re ve my our an the to of in at is and for on with or it"
    )
)
STARTS = re.compile(
    r"(?P<am>(?:i'm|im|i am|we're|we are)\b)|"
    r"(?P<have>(?:i have|i've|ive|we have|we've|(?:i|we) got)\b)"
    r"|(?P<i>(?:i|we)\b)|(?P<my>(?:my|our)\b)",
    re.IGNORECASE,
)
I = re.compile(r"(?:\(\?:)*i\b(?!n )")  # noqa: E741  (it says what it finds)
MY = re.compile(r"(?:\(\?:)*(?:my (?!\))|my\|our\) )")
VALUE = re.compile(r"\((?:\?-i:\()?\?P<")


class RuleSet:
    """Rules in their order, found by how a clause begins and by its words.

    A pattern that begins with "I" or "my" matches nothing else, unless it is marked: see
    ``about_user``. ``am`` and ``have`` are how patterns for "I'm" and "I have" begin.
    """

    def __init__(self, rules: Iterable[Rule], am: str = I_AM, have: str = I_HAVE) -> None:
        self._rules = list(rules)
        self._by_start = dict.fromkeys(("am", "have", "i", "my", ""), 0)
        self._by_letters = {"": 0}  # none: rules that need no word of theirs
        for number, rule in enumerate(self._rules):
            pattern = rule.pattern.pattern
            for start in _beginnings(pattern, am, have):
                self._by_start[start] |= 1 << number
            for letters in _letters(pattern) or {""}:
                self._by_letters[letters] = self._by_letters.get(letters, 0) | 1 << number

    def among(self, clause: str) -> Iterator[Rule]:
        """Yield the rules that may match a clause, in their order."""
        bits = self._by_letters[""]
        for word in WORD.findall(clause.lower()):
            for letters in _firsts(word):
                bits |= self._by_letters.get(letters, 0)
        start = STARTS.match(clause)
        bits &= self._by_start[start.lastgroup or "" if start else ""]
        while bits:
            lowest = bits & -bits
            yield self._rules[lowest.bit_length() - 1]
            bits ^= lowest


def _beginnings(pattern: str, am: str, have: str) -> tuple[str, ...]:
    """Return the beginnings of clauses that a pattern fits."""
    if pattern.startswith((f"{I_AM} ", am)):
        return ("am",)
    if pattern.startswith(have):
        return ("have",)
    if I.match(pattern):
        return ("am", "have", "i")
    if MY.match(pattern):
        return ("my",)
    return ("",) if VALUE.match(pattern) else ("am", "have", "i", "my", "")


def _letters(pattern: str) -> set[str]:
    if ANY_WORDS in pattern or SUFFIX.search(pattern):
        return set()
    words = WORD.findall(SYNTAX.sub(" ", pattern))
    return {word[:LETTERS].lower() for word in words if word not in COMMON and len(word) > 1}


@lru_cache(maxsize=4096)
def _firsts(word: str) -> tuple[str, ...]:
    return tuple({word[:length] for length in range(2, LETTERS + 1)})
