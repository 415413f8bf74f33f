"""Read first-person statements with rules: no model, few finds, and those right.

A rule gives nothing for a question, a supposition or somebody else's words. What it finds keeps
the user's own sentence as its text, so that nothing can be invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from memcli.acquire.candidate import Candidate
from memcli.acquire.predicates import PEOPLE, PETS
from memcli.dates import MONTHS, WEEKDAYS, find_dates
from memcli.records import USER, Kind, Span, Triple
from memcli.sentences import Sentence, split_sentences

LONGEST_SENTENCE = 400  # characters; what is longer is prose or pasted, not a statement


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
CALLED = "(?:'s name is|’s name is|s name is| is called| is named|, called|, named)"
COUNT = "(?:an?|one|two|three|four|five|six|some|\\d+)"
JOBS = (
    "(?:engineer|developer|programmer|designer|teacher|professor|lecturer|nurse|doctor|physician|surgeon"
    "|dentist|vet|veterinarian|lawyer|attorney|judge|accountant|architect|artist|painter|musician|singer"
    "|actor|actress|writer|author|journalist|editor|translator|chef|cook|baker|waiter|waitress|barista"
    "|farmer|gardener|carpenter|plumber|electrician|mechanic|driver|pilot|scientist|researcher|biologist"
    "|chemist|physicist|mathematician|statistician|economist|analyst|consultant|manager|director"
    "|salesperson|salesman|cashier|librarian|student|photographer|firefighter|soldier|policeman"
    "|policewoman|officer|psychologist|therapist|pharmacist|paramedic|secretary|freelancer|contractor"
    "|entrepreneur|founder|ceo|cto|historian|philosopher|geologist|technician|administrator|recruiter)"
)

# What a rule does not take for a value.
NOT_PLACES = (
    r"(?:home|fear|hope|peace|denial|dread|the (?:moment|past|future|present)|constant|terror"
    r"|an? (?:dream|bubble|lie|fantasy|nightmare|world))\b"
)
NOT_NAMES = (
    r"(?:not|on|in|an?|the|hard|easy|very|so|too|spelled|written|my|your|asap|later|back"
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

UNREAL = re.compile(
    r"\b(?:if|would|i'd|wish|imagine|suppose|pretend|hypothetically|maybe|perhaps|might|could|should"
    r"|as though|used to|no longer|almost|dreamed|dreamt|fictional|joking|kidding|let's say|says?"
    r"|said|told me|asked me|wrote|quote|claims?|according to|character)\b",
    re.IGNORECASE,
)
CLAUSES = re.compile(r"(?:,? and |,? but |; ?|, )(?=(?:i|i'm|i’ve|i've|my|we)\b)", re.IGNORECASE)
LEAD = re.compile(
    r"^(?:(?:and|but|so|well|oh|hey|hi|hello|also|btw|by the way|yes|yeah|ok|okay|fyi|actually|anyway"
    r"|no|sorry|for the record|just so you know|please remember(?: that)?|remember(?: that)?|note that)"
    r"[,!:.]?\s+)+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern for the start of a sentence, and what a match means."""

    kind: Kind
    predicate: str  # may hold {groups} of the pattern
    pattern: re.Pattern[str]
    refuses: str  # the beginning of a value for which the rule does not hold


def _rule(kind: Kind, predicate: str, pattern: str, refuses: str = "") -> Rule:
    return Rule(kind, predicate, re.compile(pattern, re.IGNORECASE), refuses)


RULES = [
    _rule("profile", "name", rf"(?:my (?:full |first )?name(?: is|'s|’s)|{I_AM} called|(?:you can |please |just )?call me|people call me) {NAME}", NOT_NAMES),
    _rule("profile", "name", rf"my (?:full |first )?name(?: is|'s|’s) {ANY_NAME}", NOT_NAMES),
    _rule("profile", "birthday", r"(?:my birthday(?: is|'s|’s)(?: on)?|i was born(?: on| in)?) (?P<date>.{3,40})"),
    _rule("profile", "age", rf"{I_AM} (?P<object>\d{{1,3}}) (?:years old|yo)\b"),
    _rule("profile", "home", rf"(?:i|we) {ALSO}live (?:in|at|near) {REST}", NOT_PLACES),
    _rule("profile", "home", rf"(?:i|we)(?:'ve| have)? {ALSO}(?:recently )?(?:moved|relocated) (?:back |over )?to {NAME}"),
    _rule("profile", "home", rf"{I_AM} {ALSO}(?:based|living) in {REST}", NOT_PLACES),
    _rule("profile", "origin", rf"(?:{I_AM}|i come) (?:originally )?from {NAME}", NOT_NAMES),
    _rule("profile", "origin", rf"i (?:grew up|was born) in {NAME}", NOT_NAMES),
    _rule("profile", "employer", rf"i {ALSO}(?:work|started working|started) (?:at|for) {REST}", NOT_WORK),
    _rule("profile", "employer", rf"i(?:'ve| have)? (?:just |recently )?(?:got|landed|started|accepted) a (?:new )?job (?:at|with) {REST}"),
    _rule("profile", "job", rf"i {ALSO}(?:work|started working) as (?:an? )?{REST}", NOT_WORK),
    _rule("profile", "job", rf"{I_AM} {ALSO}an? (?P<object>(?:[\w-]+ ){{0,3}}{JOBS})\b(?: (?:at|for) (?P<employer>[^,.;!?]{{2,40}}))?"),
    _rule("profile", "{what}", r"my (?P<what>e-?mail|phone|address|mobile)(?: address| number)?(?: is|:) (?P<object>\S.{2,80}?)[.!]?$", NO_CONTACT),
    _rule("fact", "{relation}", rf"my (?:\w+ )?{PERSON}(?:{CALLED}| is) {NAME}(?! (?:is|was|has|and)\b)", NOT_NAMES),
    _rule("fact", "{relation}", rf"my (?:\w+ )?{PERSON}{CALLED} {ANY_NAME}", NOT_NAMES),
    _rule("fact", "{relation}", rf"my (?:\w+ )?{PERSON},? {NAME},? (?=\w)", NOT_NAMES),
    _rule("fact", "{relation}", rf"{NAME} is my (?:\w+ )?{PERSON}\b", NOT_NAMES),
    _rule("fact", "spouse", rf"{I_AM} (?:happily )?married to {NAME}"),
    _rule("fact", "family", rf"{I_HAVE} (?P<object>{COUNT} (?:\w+ )?(?:{'|'.join(PEOPLE)}|children|kid)s?)(?=[,.;!]|$| and\b)"),
    _rule("fact", "pet", rf"{I_HAVE} {COUNT} (?:\w+ ){{0,2}}{PET},? (?:called|named) {NAME}", NOT_NAMES),
    _rule("fact", "pet", rf"my {PET}(?:{CALLED}| is) {NAME}", NOT_NAMES),
    _rule("fact", "pet", rf"my {PET}{CALLED} {ANY_NAME}", NOT_NAMES),
    _rule("fact", "pet", rf"{I_HAVE} {COUNT} (?:\w+ ){{0,2}}{PET},? (?:called|named) {ANY_NAME}", NOT_NAMES),
    _rule("fact", "pet", rf"my {PET},? {NAME},? (?=\w)", NOT_NAMES),
    _rule("fact", "pet", rf"{I_HAVE} (?P<object>{COUNT} (?:\w+ ){{0,2}}{PET})\b"),
    _rule("fact", "allergy", rf"{I_AM} {ALSO}(?:severely |deathly |mildly |highly |very |extremely )?allergic to {REST}", NOTHING),
    _rule("fact", "allergy", rf"{I_HAVE} an? (?:severe |bad |mild )?(?P<object>[\w -]{{3,30}}?) allergy", NOTHING),
    _rule("preference", "diet", rf"{I_AM} {ALSO}(?:an? )?(?P<object>vegetarian|vegan|pescatarian|teetotaller|gluten[- ]free|lactose intolerant)\b"),
    _rule("preference", "favourite {what}", r"my (?:all[- ]time )?favou?rite (?P<what>[\w ]{2,40}?)(?: is| are|'s|’s) " + REST, NOT_LIKED),
    _rule("preference", "dislikes", rf"i {ALSO}(?:hate|dislike|detest|loathe|can't stand|cannot stand|can’t stand|don't (?:really )?like|don’t (?:really )?like|do not (?:really )?like|don't enjoy) {REST}", NOT_LIKED),
    _rule("preference", "likes", rf"i {ALSO}(?:like|love|enjoy|adore|prefer) {REST}", NOT_LIKED),
    _rule("preference", "likes", rf"{I_AM} {ALSO}(?:into|fond of|keen on|a (?:big |huge )?fan of|obsessed with) {REST}", NOT_LIKED),
    _rule("fact", "speaks", r"i (?:also |can )?speak (?P<object>(?:fluent |some |a bit of |a little )?(?-i:[A-Z]\w+(?:(?:, | and |, and )[A-Z]\w+)*))"),
    _rule("fact", "speaks", rf"{I_AM} learning {NAME}"),
]  # fmt: skip

PLAN = re.compile(
    rf"^(?:{I_AM}|we're|we’re|we are|i'll|i’ll|i will|we'll|we will|my|our|{I_HAVE}|there's my) "
    r".*?\b(?:go|going|fly|flying|travel|travelling|traveling|visit|visiting|meet|meeting|move|moving"
    r"|start|starting|leave|leaving|run|running|drive|driving|attend|attending|see|seeing|host|hosting"
    r"|get|getting|take|taking|have|having|appointment|interview|exam|test|flight|trip|party|wedding"
    r"|concert|dinner|lunch|surgery|deadline|vacation|holiday|anniversary|marathon|conference|visit)\b",
    re.IGNORECASE,
)
TASK = re.compile(
    r"^(?:i|we) (?:need|have|must|ought) to \w+|^(?:please )?remind me to \w+|^i must \w+",
    re.IGNORECASE,
)


class RuleExtractor:
    """Reads statements of the user about themselves off a text."""

    def extract(self, text: str, said: datetime) -> list[Candidate]:
        """Return the candidates in a text that its author wrote at ``said``, in its order.

        ``said`` should be in the author's time zone: "tomorrow" is resolved against it.
        """
        return [found for sentence in split_sentences(text) for found in _read(sentence, said)]


def _read(sentence: Sentence, said: datetime) -> Iterator[Candidate]:
    text = sentence.text
    if sentence.asks or len(text) > LONGEST_SENTENCE or text[0] in "\"'“‘>`" or UNREAL.search(text):
        return
    found = [c for clause, span in _clauses(sentence) for c in _statement(clause, span)]
    yield from found or _plan(sentence, said)


def _statement(clause: str, span: Span) -> Iterator[Candidate]:
    for rule in RULES:
        if (match := rule.pattern.match(clause)) and (triple := _triple(rule, match)):
            triples = dict.fromkeys([triple, *_more(match, clause)])
            yield Candidate(rule.kind, clause, span, tuple(triples))
            return


def _clauses(sentence: Sentence) -> Iterator[tuple[str, Span]]:
    """Yield the parts of a sentence that stand on their own, each with its place.

    Each becomes its own memory, so that one can be superseded without the other.
    """
    text, place = sentence.text, sentence.span.start
    cuts = [0, *(at for match in CLAUSES.finditer(text) for at in match.span()), len(text)]
    for begin, end in zip(cuts[::2], cuts[1::2], strict=True):
        clause = LEAD.sub("", text[begin:end])
        yield clause, Span(place + end - len(clause), place + end)


def _triple(rule: Rule, match: re.Match[str]) -> Triple | None:
    groups = match.groupdict()
    value = groups.get("name") or groups.get("object") or groups.get("date") or ""
    value = value.strip(" '\"’.!")
    if not value or (rule.refuses and re.match(rule.refuses, value, re.IGNORECASE)):
        return None
    if "date" in groups and not re.search(r"\d", value):
        return None
    names = {key: (group or "").lower() for key, group in groups.items()}
    return Triple(USER, rule.predicate.format(**names), value)


def _more(match: re.Match[str], clause: str) -> Iterator[Triple]:
    """Read on after "my sister Ana …", for what is said of Ana, and after "I'm an engineer at …"."""
    groups = match.groupdict()
    rest = clause[match.end() :]
    if employer := groups.get("employer"):
        yield Triple(USER, "employer", employer.strip())
    if not groups.get("relation") or not groups.get("name"):
        return
    if found := re.match(rf" ?(?i:lives in) {NAME}", rest):
        yield Triple(match["name"], "home", found["name"])
    elif found := re.match(r" ?(?i:works (?:at|for|as)) ([^,.;!?]{2,60})", rest):
        yield Triple(match["name"], "work", found[1].strip())


def _plan(sentence: Sentence, said: datetime) -> Iterator[Candidate]:
    text = LEAD.sub("", sentence.text)
    dates = [when for when in find_dates(text, said) if when.end > said]
    kind: Kind = "task" if TASK.match(text) else "event"
    if not dates or not (kind == "task" or PLAN.match(text)):
        return
    when = dates[0]
    triple = Triple(USER, "plan", text.rstrip(".! "))
    yield Candidate(kind, sentence.text, sentence.span, (triple,), when.start, when.end)
