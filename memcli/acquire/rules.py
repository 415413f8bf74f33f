"""Read first-person statements with rules: no model, few finds, and those right.

A rule gives nothing for a question, a supposition or somebody else's words. What it finds keeps
the user's own sentence as its text, so that nothing can be invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from memcli.acquire import about_others, about_user, changes
from memcli.acquire.candidate import Candidate
from memcli.acquire.rule import I_AM, I_HAVE, NAME, Rule
from memcli.dates import find_dates
from memcli.records import USER, Kind, Span, Triple
from memcli.sentences import Sentence, split_sentences

LONGEST_SENTENCE = 400  # characters; what is longer is prose or pasted, not a statement


RULES = [*changes.RULES, *about_user.RULES, *about_others.RULES]

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
