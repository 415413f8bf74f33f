"""What a rule is, and the pieces that patterns are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from memcli.acquire.predicates import PEOPLE, PETS
from memcli.dates import MONTHS, WEEKDAYS
from memcli.records import USER, Kind
from memcli.sieve import Sieve

# A name of up to four words, capitalised even where the rule around it ignores case; what stands
# between them does not count, and never ends it. "Ana's" is no name.
WORD = r"[^\W\d_a-z][\w’'.-]*"
NAME = rf"(?-i:(?P<name>{WORD}(?: (?:(?:van|von|de|da|di|der|la|le|bin|al) )*{WORD}){{0,3}}(?<!['’]s)(?<!\.)(?!['’\w])))"
ANY_NAME = r"(?P<object>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*)?)(?=[,.!]|$)"  # in lower case too
REST = r"(?P<object>[^,.;:!?()\n]{2,80}?)(?= (?:and i|but|because|since|so|which|who|when|where|although|though|even|now|at the moment|these days|anymore)\b|[,.;:!?()]|$)"
ALSO = "(?:also |still |really |absolutely |totally |just |very much |currently |now |do |actually |especially |both )*"
I_AM = "(?:i am|i'm|i’m|im)"
I_HAVE = "(?:i have|i've|i’ve|i have got|i've got|we have|we've got)"
PERSON = f"(?P<relation>(?:{'|'.join(PEOPLE)}))"
PET = f"(?P<pet>{'|'.join(PETS)})s?"
CALLED = "(?:'s called|'s name is|’s name is|s name is| is called| is named|,? called|,? named)"
COUNT = "(?:an?|one|two|three|four|five|six|some|\\d+)"
JOBS = (
    "(?:engineer|developer|programmer|designer|teacher|professor|lecturer|nurse|doctor|physician|surgeon"
    "|dentist|vet|veterinarian|lawyer|attorney|judge|accountant|architect|artist|painter|musician|singer"
    "|actor|actress|writer|author|journalist|editor|translator|chef|cook|baker|waiter|waitress|barista"
    "|farmer|gardener|carpenter|plumber|electrician|mechanic|driver|pilot|scientist|researcher|biologist"
    "|chemist|physicist|mathematician|statistician|economist|analyst|consultant|manager|director"
    "|salesperson|salesman|cashier|librarian|student|photographer|firefighter|soldier|policeman"
    "|policewoman|officer|psychologist|therapist|pharmacist|paramedic|secretary|freelancer|contractor"
    "|entrepreneur|founder|ceo|cto|historian|philosopher|geologist|technician|administrator|recruiter|welder|miner|operator|roadie"
    "|croupier|auditor|hairdresser|midwife|bookseller|bricklayer|plasterer|decorator|cleaner|porter"
    "|roofer|tester|assistant|goalkeeper|lifeguard|solicitor|barrister|bartender|steward|stewardess|cabinetmaker|potter|weaver|dispatcher)"
)

# What a rule does not take for a value.
NOT_PLACES = (
    r"(?:home|fear|hope|peace|denial|dread|the (?:moment|past|future|present)|constant|terror"
    r"|an? (?:dream|bubble|lie|fantasy|nightmare|world))\b"
)
NOT_NAMES = (
    r"(?:not|on|in|an?|the|hard|easy|very|so|too|spelled|written|my|your|asap|later|back|sure|yes|yeah|okay|ok|well|thanks|great|sorry|hey|hi|hello|please|oh|also|wow|nope|tell|ask|give|help|remind"
    rf"|{'|'.join(MONTHS + WEEKDAYS)})\b|[a-z]+(?:ish|ese|ian)$"
)
NOT_WORK = (
    r"(?:nights?|home|free|fun|a living|the (?:moment|weekend)|myself|hard|well|usual|weekends|hours"
    r"|days|money|an? (?:while|lot))\b"
)
NOTHING = r"(?:nothing|anything|everything)\b"
NO_CONTACT = r"(?!.*[@\d])"
NOT_LIKED = (
    r"(?:myself|ourselves|nothing|everything|it|that|this|these|those|them|you|him|her|how|what|when"
    r"|where|your|the (?:way|idea|sound|look)|to (?:know|think|see if|say|ask)|if)\b"
)


@dataclass(frozen=True)
class Rule:
    """A pattern for the start of a clause, and what a match means.

    The value is in the group ``object``, ``name`` or ``date``; a predicate that begins with ``not``
    needs none. ``denies`` is a value that the words say was wrong. Every other group that is named
    after a predicate (``employer``, ``former_home``) gives a further triple: of the named person
    where the pattern has a ``relation`` and a ``name``, and of the rule's subject otherwise.
    """

    kind: Kind
    predicate: str  # may hold {groups} of the pattern, as may the subject
    text: str  # of the pattern, which ignores case
    refused: str = ""  # the beginning of a value for which the rule does not hold
    subject: str = USER

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern, made when the rule is first tried: all of them take half a second."""
        return re.compile(self.text, re.IGNORECASE)

    @cached_property
    def refuses(self) -> re.Pattern[str] | None:
        """The pattern of what is no value."""
        return re.compile(self.refused, re.IGNORECASE) if self.refused else None


rule = Rule  # as tables are written


STARTS = re.compile(
    r"(?P<im>(?:i'm|im|we're)\b)|(?P<iam>(?:i|we) (?:am|are)\b)|(?P<ive>(?:i've|ive|we've)\b)"
    r"|(?P<ihave>(?:i|we) (?:have|got)\b)|(?P<i>(?:i|we)\b)|(?P<my>(?:my|our)\b)",
    re.IGNORECASE,
)
FULL = ("iam", "ihave", "i")  # beginnings without an apostrophe
I = re.compile(r"(?:\(\?:)*i\b(?!n )")  # noqa: E741  (it says what it finds)
MY = re.compile(r"(?:\(\?:)*(?:my (?!\))|my\|our\) )")
VALUE = re.compile(r"\((?:\?-i:\()?\?P<|\(\?=\\S\)")  # or the mark of what begins otherwise


class RuleSet:
    """Rules in their order, found by how a clause begins: "I'm", "I have", "I", "my" or otherwise.

    A pattern that begins with "I" or "my" matches nothing else, unless it is marked by ``(?=.)``;
    the other mark in ``VALUE`` stands before one that begins with none of these.
    ``am`` and ``have`` are how patterns for "I'm" and "I have" begin; ``otherwise`` are the rules
    for clauses that begin otherwise.
    """

    def __init__(self, rules: Iterable[Rule], am: str = I_AM, have: str = I_HAVE) -> None:
        by_start: dict[str, list[Rule]] = {s: [] for s in (*STARTS.groupindex, "")}
        for each in rules:
            for start in _beginnings(each.text, am, have):
                by_start[start].append(each)
        self.otherwise = by_start[""]
        self._by_start = {start: sieve(some) for start, some in by_start.items()}

    def among(self, clause: str) -> list[Rule]:
        """Return the rules that may match a clause, in their order."""
        start = STARTS.match(clause)
        return self._by_start[start.lastgroup or "" if start else ""].among(clause)


def sieve(rules: Iterable[Rule], *, searched: bool = False) -> Sieve[Rule]:
    """Return rules so that those which a clause has no words for are not tried."""
    return Sieve(rules, attrgetter("text"), searched=searched)


def _beginnings(pattern: str, am: str, have: str) -> tuple[str, ...]:
    """Return the beginnings of clauses that a pattern fits."""
    if pattern.startswith((f"{I_AM} ", am)):
        return ("im", "iam")
    if pattern.startswith(have):
        return ("ive", "ihave")
    if pattern.startswith(("i ", "(?:i|we) ")):
        return FULL
    if I.match(pattern):
        return (*FULL, "im", "ive")
    if MY.match(pattern):
        return ("my",)
    return ("",) if VALUE.match(pattern) else (*STARTS.groupindex, "")
