"""Read statements of the user with rules: no model, few finds, and those right.

    text → sentences behind the write gate → clauses → the first rule that holds → candidates
                                                     → none: worth keeping as it was said?

A clause gives one candidate, so that one can be superseded without the other. What is found keeps
the user's own words as its quote, and every value stands in it, so that nothing can be invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from memcli.acquire import (
    about_others,
    about_things,
    about_user,
    changes,
    other_languages,
    select,
    timing,
)
from memcli.acquire.candidate import Candidate
from memcli.acquire.change_words import HINTS
from memcli.acquire.clauses import LEAD, LEFT_OUT, STRAIGHT, Clause, clauses, whole
from memcli.acquire.finds import first, searched
from memcli.acquire.predicates import PEOPLE, PETS, UNREAD
from memcli.acquire.rule import WORD, RuleSet
from memcli.acquire.select import QUESTION, REPORTED, REQUEST, SARCASM
from memcli.acquire.timing import occasion, planned, timed
from memcli.acquire.worth import KEPT, kind_of, worth
from memcli.records import USER, Span, Triple
from memcli.sentences import Sentence
from memcli.sieve import Folded, Sieve, words_of

ABOUT_USER = RuleSet(about_user.RULES, about_user.AM, about_user.HAVE)
ABOUT_OTHERS = RuleSet(about_others.RULES)
IMPORTANCE = dict.fromkeys(("allergy", "health", "name"), 0.9) | {"likes": 0.4, "dislikes": 0.4}
PROFILE = 0.8  # the importance of what describes a person
NEEDS_NO_I = [
    *(pattern.pattern for _, pattern in LEFT_OUT),
    *(rule.text for rule in ABOUT_USER.otherwise if not rule.text.startswith("(?P<")),
    *(p.pattern for p in (timing.PLAN, timing.TASK, timing.OCCASIONED, other_languages.FIRST)),
]


UNREAL = Folded(
    r"\b(?:if|unless|whether|would|(?:i|we|he|she|they|you)'d(?! (?:mis)?(?:read|heard|typed|spelt|mixed|got|said|written|put)\b)|maybe|perhaps|might|may(?= \w+ (?:to|be|have))"
    r"|(?<!never )could|(?<!\bit )(?<!\bthat )should|almost|nearly|supposed to|as though|probably|possibly|hypothetically|says?|(?<!\bi )said"
    r"|told me|asked me|wrote|claims?|according to|character)\b"
)
DOUBTS = Sieve([UNREAL.pattern], str, searched=True)
VAGUE = re.compile(
    r"(?:new|ones|the|that|this|these|those|it|your?|an?|one|in|on|to|for|how|what|when|if|left|right|first|second|i|we|my)\b",
    re.IGNORECASE,
)
# All that is said without one of these is said of somebody who is known by name.
TELLING = frozenset("i im ive me my mine we our us".split()).union(
    PEOPLE, PETS, HINTS, *map(words_of, NEEDS_NO_I)
) - frozenset(
    "a an the to on in for of at and is are or with it that this you be d s b w so not no can what write about people who let when from where now was been really has have had".split()
)
DIGIT = re.compile(r"\d")


class RuleExtractor:
    """Reads statements of the user off a text.

    ``knows`` says whether the user has spoken of somebody of a name, so that "Ana moved to Porto"
    counts for a friend and not for everybody.
    """

    def __init__(self, knows: about_others.Knows = about_others.nobody) -> None:
        self._knows = knows

    def extract(
        self, text: str, said: datetime, *, first_person: bool = False, unread: bool = False
    ) -> list[Candidate]:
        """Return the candidates in a text that its author wrote at ``said``, in its order.

        ``said`` should be in the author's time zone: "tomorrow" is resolved against it. With
        ``first_person`` only sentences in which the author says "I" or the like count, for what
        else stands in a note need not be said of people that the owner knows; and only what a rule
        reads, for a note is kept as it was said anyway. With ``unread`` what no rule reads is
        found, too, as ``UNREAD``: it may change or repeat something that is known.
        """
        if first_person and not select.in_first_person(text):
            return []
        if not unread and not self._tells(text):
            return []
        counts = select.in_first_person if first_person else bool
        heard = dict(select.sentences(text, counts))
        joined = changes.joined(text, heard) if len(heard) > 1 else heard
        told = [sentence for sentence in joined if counts(sentence.text)]
        before = dict(zip(told[1:], told, strict=False))
        found = []
        for sentence in told:
            against = heard.get(sentence, "")
            read = list(self._read(sentence, against, said, before.get(sentence)))
            read = read or ([] if first_person else _as_said(sentence, against, said))
            found += [*read, *(_unread(sentence, against, read) if unread else [])]
        return found

    def _tells(self, text: str) -> bool:
        """Say whether a text has any word that something worth keeping is said with."""
        told = not TELLING.isdisjoint(words_of(text)) or not text.isascii()
        return told or any(map(self._knows, re.findall(WORD, text)))

    def _read(
        self, sentence: Sentence, against: str, said: datetime, before: Sentence | None
    ) -> Iterator[Candidate]:
        if against not in ("", QUESTION, REPORTED, REQUEST, SARCASM):
            return
        start = sentence.span.start
        told = select.told_before_asking(sentence.text) if against == QUESTION else sentence.text
        told = "" if against == REQUEST else told
        parts = list(clauses(told, start))
        found = [c for clause in parts for c in self._clause(clause, against, said)]
        if before and not found and not against:
            found = list(self._of_them(parts[0], before.text, said))
        if len(parts) > 1 and not found and not against:
            found = list(planned(whole(told, start), said))
        if against in ("", QUESTION, REQUEST) and _grants(sentence.text):
            asking = whole(sentence.text, start)
            found += _granted(asking, found)
            found = found or list(occasion(asking, said))
        yield from (_weighed(timed(c, said)) for c in found)

    def _of_them(self, clause: Clause, before: str, said: datetime) -> Iterator[Candidate]:
        """Yield what is said of "her" of whom the sentence before spoke."""
        they = about_others.HE.match(clause.words)
        if not they or _unreal(clause.plain) or _unreal(before):
            return
        if them := about_others.last_mentioned(before):
            rest = re.sub("^['’]?s(?= (?:got|been) )", " has", clause.words[they.end() :])
            rest = re.sub("^(?= name)", "'s", re.sub("^['’]?s(?= )", " is", rest))
            for c in self._plain(them + rest, clause.span, said):
                if held := tuple(t for t in c.triples if t.object in clause.quote):
                    yield replace(c, quote=clause.quote, triples=held)

    def _clause(self, clause: Clause, against: str, said: datetime) -> list[Candidate]:
        if against == REPORTED:
            return [_quoting(clause, c) for c in self._others(clause)] if clause.begins else []
        if against == SARCASM:  # whatever is felt about it, it is still to come
            return list(planned(clause, said))
        return self._statement(clause, said)

    def _statement(self, clause: Clause, said: datetime) -> list[Candidate]:
        words = words_of(clause.plain)
        if _unreal(clause.plain):
            return []
        changing = (
            not HINTS.isdisjoint(words)
            or clause.plain[:4] in ("The ", "the ")
            or DIGIT.search(clause.plain)
        )
        plain = partial(self._plain, said=said)
        found = changes.read(clause.words, clause.span, plain) if changing else []
        if changing and not found and (lead := LEAD.match(clause.plain)):
            clause = clause.part(lead.end(), len(clause.words))
        found = found or self._plainly(clause, said) or list(first(about_user.PLANS, clause))
        return [c for c in (_quoting(clause, c) for c in found) if _proved(c)]

    def _plain(self, text: str, span: Span, said: datetime) -> list[Candidate]:
        """Read a statement that ``changes`` has freed from its words of change."""
        clause = Clause(text, text.translate(STRAIGHT), text, span)
        return self._plainly(clause, said)

    def _plainly(self, clause: Clause, said: datetime) -> list[Candidate]:
        return (
            list(first(ABOUT_USER, clause))
            or about_others.read(clause.words, clause.span, self._knows)
            or list(planned(clause, said))
            or list(first(ABOUT_OTHERS, clause))
            or about_things.read(clause.words, clause.span)
            or _foreign(clause)
        )

    def _others(self, clause: Clause) -> list[Candidate]:
        found = about_others.read(clause.words, clause.span, self._knows)
        return found or list(first(ABOUT_OTHERS, clause))


def plainly_told(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text that tell something and mean it."""
    for sentence, against in select.sentences(text):
        if not against and not _unreal(sentence.text):
            yield sentence


def _as_said(sentence: Sentence, against: str, said: datetime) -> list[Candidate]:
    """Return what no rule reads as it was said, if it is worth keeping."""
    told = select.told_before_asking(sentence.text) if against == QUESTION else sentence.text
    if not told or against not in ("", QUESTION) or _unreal(told) or worth(told) < KEPT:
        return []
    clause = whole(told, sentence.span.start)
    return [timed(Candidate(kind_of(told), clause.quote, clause.span), said)]


def _unread(sentence: Sentence, against: str, found: list[Candidate]) -> Iterator[Candidate]:
    """Yield the clauses of a sentence that no rule can read, or all of it."""
    if against or _unreal(sentence.text):
        return
    begun, start = {c.span.start for c in found}, sentence.span.start
    for part in clauses(sentence.text, start) if found else [whole(sentence.text, start)]:
        if part.span.start not in begun:
            what = Triple(USER, UNREAD, part.quote.rstrip(".! "))
            yield Candidate(kind_of(part.quote), part.quote, part.span, (what,))


def _unreal(text: str) -> bool:
    return bool(DOUBTS.among(text) and UNREAL.search(text)) and not timing.PROMISED.match(text)


def _foreign(clause: Clause) -> list[Candidate]:
    if other_languages.FIRST.match(clause.plain):
        return list(first(other_languages.RULES, clause))
    if other_languages.CJK.search(clause.plain):
        return list(searched(other_languages.UNSPACED, clause))
    return []


def _grants(text: str) -> bool:
    words = words_of(text)
    return not about_user.GRANTING.isdisjoint(words) or {"with", "my"} <= words


def _granted(clause: Clause, found: list[Candidate]) -> list[Candidate]:
    """Read what a sentence takes for granted, such as the cat in "Suggest a name for our new cat"."""
    known = {
        triple.predicate.rpartition(" ")[2] for candidate in found for triple in candidate.triples
    }
    told = about_others.RELATIVE.search(clause.plain) if " who" in clause.plain else None
    part = clause.part(told.start(), told.end()) if told else clause
    granted = about_others.read(part.words, part.span) if told else []
    known.update(t.predicate for candidate in granted for t in candidate.triples)
    for candidate in searched(about_user.TAKEN_FOR_GRANTED, clause):
        if known.isdisjoint(t.predicate for t in candidate.triples):
            granted.append(candidate)
            known.update(t.predicate for t in candidate.triples)
    return granted


def _quoting(clause: Clause, candidate: Candidate) -> Candidate:
    same = candidate.quote == clause.quote
    return candidate if same else replace(candidate, quote=clause.quote)


def _proved(candidate: Candidate) -> bool:
    """Say whether all values stand in the quote: an "I" may be left out, a value may not."""
    quote = " ".join(candidate.quote.split())
    vague = all(not t.predicate and VAGUE.match(t.object) for t in candidate.triples)
    return not vague and all(triple.object in quote for triple in candidate.triples)


def _weighed(candidate: Candidate) -> Candidate:
    weights = (IMPORTANCE[t.predicate] for t in candidate.triples if t.predicate in IMPORTANCE)
    usual = PROFILE if candidate.kind == "profile" else 0.5
    weight = max(weights, default=usual)
    return candidate if weight == candidate.importance else replace(candidate, importance=weight)
