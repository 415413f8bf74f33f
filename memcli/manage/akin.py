"""What a statement does to one said before, where no rule can say: a linear model's judgement.

    two statements → features (what they share, where they differ, words of change) → five shares

Rules compare what they could read. Of "Yoga got moved to Thursdays" and "My yoga class is on
Tuesdays" they read nothing in common; that both speak of yoga, that one day stands against another
and that something moved is plain all the same. A multinomial logistic regression weighs such
signs. ``akin.tsv`` holds its weights, which ``benchmarks/akin.py`` learns from sequences.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Literal

from memcli.acquire.predicates import ALIASES, PEOPLE, PETS
from memcli.acquire.worth import worth
from memcli.manage.akin_words import CUES, FUNCTION_WORDS, VALUES, WEEKDAYS_AND_MONTHS
from memcli.manage.values import NUMBERS, ONE_OF

Relation = Literal["new", "duplicate", "refines", "supersedes", "contradicts"]
RELATIONS: tuple[Relation, ...] = ("new", "duplicate", "refines", "supersedes", "contradicts")
SCALE = 100  # weights are whole numbers
STEM = 6  # letters by which two words are one: "subscribe" and "subscription"
MINUTES, HALF_DAY, WEEK, SEASON = 20 * 60, 12 * 3600, 7 * 86400, 60 * 86400  # seconds

TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
ENDING = re.compile(r"(?:(\w)\1)?(?:ing|ers?|ed|es|e|s|y|ies)$")
POSSESSIVE = re.compile(r"['’]s\b")
NAME = re.compile(r"(?<![.!?:\"] )(?<!^)\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
FIRST_NAME = re.compile(r"\b[A-Z][\w’'-]+")
MINE = frozenset("i im i'm i've ive i'll me my mine we we're we've us our".split())
THEY = frozenset("it it's its that there he she they".split())
RELATIVES = {w: w for w in (*PEOPLE, *PETS)} | {w: group[0] for w, group in ALIASES.items()}


class Statement:
    """A sentence and what can be seen of it; ``around`` is the turn that it stands in."""

    def __init__(self, text: str, around: str = "") -> None:
        self.text = text
        self.tokens = [token.casefold().replace("’", "'") for token in TOKEN.findall(text)]
        self.content = {_stem(word) for word in self.tokens if word not in FUNCTION_WORDS}
        self._around = around or text

    @cached_property
    def topic(self) -> set[str]:
        """What it is about, besides whom: the words of its content that name nobody."""
        persons = {word for word in self.tokens if _relative(word)} | self.names
        return self.content - set(map(_stem, persons))

    @cached_property
    def words(self) -> set[str]:
        """All words, and those around."""
        return {
            *self.tokens,
            *(w.casefold().replace("’", "'") for w in TOKEN.findall(self._around)),
        }

    @cached_property
    def cues(self) -> set[str]:
        """Which signs of change, correction, end and the like stand in it or around it."""
        return {name for name, pattern in CUES.items() if pattern.search(self._around)}

    @cached_property
    def relatives(self) -> set[str]:
        """Who is spoken of by what they are to the owner, each in one word."""
        return set(filter(None, map(_relative, self.tokens)))

    @cached_property
    def names(self) -> set[str]:
        """The names in it, in small letters; at the beginning any word may look like one."""
        found = [part for name in NAME.findall(self.text) for part in name.split()]
        found += FIRST_NAME.findall(self.text[:40].split(" ")[0])
        plain = {POSSESSIVE.sub("", name).casefold().replace("’", "'") for name in found}
        return plain - FUNCTION_WORDS - WEEKDAYS_AND_MONTHS

    @cached_property
    def values(self) -> dict[str, set[str]]:
        """Its times of day, weekdays, dates, numbers and codes."""
        return {kind: set(_values(kind, self.text)) for kind in VALUES}

    @cached_property
    def worth(self) -> int:
        """How far it sounds worth keeping at all, in steps."""
        return _steps(worth(self.text), 0.02, 0.1, 0.3, 0.6, 0.9)

    @cached_property
    def of_owner(self) -> bool:
        """Whether the owner speaks of themselves."""
        return not MINE.isdisjoint(self.words)


@lru_cache(4096)
def statement(text: str, around: str = "") -> Statement:
    """Return what can be seen of a sentence."""
    return Statement(text, around)


def judge(earlier: Statement, later: Statement, gap: float, *, over: bool = False) -> list[float]:
    """Return the share of each of ``RELATIONS``, together 1.

    ``gap`` is the time from one to the other (s; negative where the one heard later was said
    earlier); ``over`` says whether something has taken the place of the earlier one already.
    """
    return shares(features(earlier, later, gap, over=over))


def shares(found: set[str]) -> list[float]:
    """Return the share of each of ``RELATIONS`` for two statements with these features."""
    weights = _weights()
    rows = [weights[feature] for feature in found if feature in weights]
    totals = [math.exp(sum(column) / SCALE) for column in zip(*rows, strict=True)]
    whole = sum(totals)
    return [total / whole for total in totals]


def features(earlier: Statement, later: Statement, gap: float, *, over: bool = False) -> set[str]:
    """Return what the model knows of two statements."""
    shared = earlier.content & later.content
    covered = len(shared) / max(1, len(earlier.content))
    signs = {
        "bias", *_overlap(earlier, later, shared, covered), *_differences(earlier, later),
        *_manner(earlier, later), "gap" + _gap(gap), *(["over"] if over else []),
    }  # fmt: skip
    telling = [s for s in signs if s.startswith(TELLING) or s[-1] in "!=~"]
    joined = [s for s in signs if s.startswith(JOINED)]
    said = [s for s in signs if s.startswith(("S:", "gap")) or s == "clash"]
    share = f"al{_steps(covered, 0.01, 0.3, 0.5, 0.75, 0.99)}"
    signs.update(f"{share}&{sign}" for sign in telling)
    signs.update(f"{one}&{other}" for one in joined for other in said)
    signs.update(f"w:{word}" for word in later.words - earlier.content)
    return signs


TELLING = ("S:", "only:", "nam", "rel", "gap", "covS", "clash")
JOINED = ("rel", "nam", "clash", "gap", "worth", "shared", "topic")


def _overlap(
    earlier: Statement, later: Statement, shared: set[str], covered: float
) -> Iterator[str]:
    """Yield how much two statements share."""
    before, after = earlier.content - shared, later.content - shared
    topic = earlier.topic & later.topic
    yield f"shared{min(len(shared), 5)}"
    yield f"topic{min(len(topic), 4)}{'' if topic or not shared else 'whom'}"
    yield f"topE{_steps(len(topic) / max(1, len(earlier.topic)), 0.01, 0.3, 0.5, 0.75, 0.99)}"
    yield f"onlyE{min(len(before), 5)}"
    yield f"onlyS{min(len(after), 6)}"
    steps = (0.01, 0.25, 0.4, 0.5, 0.6, 0.75, 0.99)
    yield f"covE{_steps(covered, *steps)}"
    yield f"covS{_steps(len(shared) / max(1, len(later.content)), *steps)}"
    yield f"prefix{min(_common(earlier.tokens, later.tokens), 6)}"
    yield f"suffix{min(_common(earlier.tokens[::-1], later.tokens[::-1]), 4)}"
    if not before:
        yield "Eallin"
    if not after:
        yield "Sallin"
    if not before and not after:
        yield "allsame"


def _differences(earlier: Statement, later: Statement) -> Iterator[str]:
    """Yield how the values, the people and the names of two statements stand to each other."""
    signs = [kind + _compared(earlier.values[kind], later.values[kind]) for kind in VALUES]
    yield from (sign for sign in signs if sign[-1] != "0")
    if any(sign[-1] == "!" for sign in signs):
        yield "clash"
    yield "rel" + _compared(earlier.relatives, later.relatives)
    yield "nam" + _compared(earlier.names, later.names)
    yield f"user{int(earlier.of_owner)}{int(later.of_owner)}"


def _manner(earlier: Statement, later: Statement) -> Iterator[str]:
    """Yield how each of two statements is said."""
    yield from (f"S:{cue}" for cue in later.cues)
    yield from (f"E:{cue}" for cue in earlier.cues)
    yield from (f"only:{cue}" for cue in later.cues - earlier.cues)
    yield f"worthE{earlier.worth}"
    yield f"worthS{later.worth}"
    yield f"long{_steps(len(later.tokens), 8, 16)}"
    if not THEY.isdisjoint(later.words):
        yield "pronoun"


def _compared(ours: set[str], theirs: set[str]) -> str:
    """Return one sign for how two sets stand to each other."""
    if not ours or not theirs:
        return "E" if ours else "S" if theirs else "0"
    if ours == theirs:
        return "="
    return "<" if ours < theirs else ">" if ours > theirs else "~" if ours & theirs else "!"


def _gap(gap: float) -> str:
    return "-" if gap < -HALF_DAY else str(_steps(gap, MINUTES, HALF_DAY, WEEK, SEASON))


def _steps(value: float, *steps: float) -> int:
    return sum(value >= step for step in steps)


def _common(ours: list[str], theirs: list[str]) -> int:
    """Return how many tokens two lists begin with in common."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(ours), len(theirs)))


def _relative(word: str) -> str:
    """Return who somebody is to the owner, in one word; nothing for any other word."""
    return RELATIVES.get(word) or RELATIVES.get(re.sub("'s$|s$", "", word), "")


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    if ordinal := re.fullmatch(r"(\d+)(?:st|nd|rd|th)", word):
        return ordinal[1]
    word = NUMBERS.get(word) or ONE_OF.get(word) or word
    return ENDING.sub(r"\1", word)[:STEM] if len(word) > 3 else word


def _values(kind: str, text: str) -> Iterator[str]:
    """Yield the values of a kind, in one spelling each; a number is what is nothing else."""
    if kind == "number":
        text = VALUES["code"].sub(" ", VALUES["clock"].sub(" ", VALUES["date"].sub(" ", text)))
    for found in VALUES[kind].findall(text):
        word = found.casefold()
        yield re.sub(r"\s|(?:st|nd|rd|th)$", "", NUMBERS.get(word, word)).rstrip("s.,")


@cache
def _weights() -> dict[str, tuple[int, ...]]:
    lines = files(__package__).joinpath("akin.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {feature: tuple(map(int, weights)) for feature, *weights in rows}
