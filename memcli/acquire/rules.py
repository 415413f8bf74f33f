"""Read statements of the user with rules: no model, few finds, and those right.

    text → sentences behind the write gate → clauses → the first rule that holds → candidates

A clause gives one candidate, so that one can be superseded without the other. What is found keeps
the user's own words as its quote, and every value stands in it, so that nothing can be invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
from memcli.acquire.predicates import PEOPLE, PETS
from memcli.acquire.rule import WORD, Rule, RuleSet
from memcli.acquire.select import QUESTION, REPORTED, REQUEST, SARCASM
from memcli.acquire.timing import occasion, planned, timed
from memcli.dates import MONTHS
from memcli.records import Span, Triple
from memcli.sentences import Sentence

ABOUT_USER = RuleSet(about_user.RULES, about_user.AM, about_user.HAVE)
ABOUT_OTHERS = RuleSet(about_others.RULES)
IMPORTANCE = dict.fromkeys(("allergy", "health", "name"), 0.9) | {"likes": 0.4, "dislikes": 0.4}
PROFILE = 0.8  # the importance of what describes a person
# Predicates of which a list is several values, and what each value of it must be like.
ANIMALS = rf"(?:{about_user.ANIMAL}|{about_user.BREED})\b"
MORE = {
    **dict.fromkeys(("likes", "dislikes", "allergy", "speaks"), re.compile(".")),
    "pet": re.compile(rf"[A-Z]|.*\b{ANIMALS}", re.IGNORECASE),
    "family": re.compile(rf"(?:little |baby )?(?-i:[A-Z])|.*\b{about_user.KIDS}\b", re.IGNORECASE),
    "health": re.compile(f"{about_user.ILLNESS}|my |an? ", re.IGNORECASE),
    "visited": re.compile(r"(?:the )?(?-i:[A-Z])"),
    "owns": re.compile(r"(?:an?|two|three|four|five|\d+|the|my|our|some) ", re.IGNORECASE),
    "goal": re.compile(".{4}"),
    "habit": re.compile(
        r"(?:play|read|go|swim|run|cycle|sing|paint|do|knit|bake|climb|dance)\b|\w+$"
    ),
}
NEEDS_NO_I = [
    *(pattern.pattern for _, pattern in LEFT_OUT),
    *(rule.text for rule in ABOUT_USER.among("") if not rule.text.startswith("(?P<")),
    *(p.pattern for p in (timing.PLAN, timing.TASK, timing.OCCASIONED, other_languages.FIRST)),
]
VALUED = ("name", "object", "date")  # groups that hold a rule's value
READ = {*VALUED, "relation", "pet", "what", "denies", "names"}  # groups that are no predicate


UNREAL = re.compile(
    r"\b(?:if|unless|whether|would|(?:i|we|he|she|they|you)'d|maybe|perhaps|might|may(?= \w+ (?:to|be|have))"
    r"|(?<!never )could|(?<!\bit )(?<!\bthat )should|almost|nearly|supposed to|as though|probably|possibly|hypothetically|says?|(?<!\bi )said"
    r"|told me|asked me|wrote|claims?|according to|character)\b",
    re.IGNORECASE,
)
# Words of which one stands in every clause that ``UNREAL`` or ``changes`` can match.
UNREAL_WORDS = frozenset(
    "if unless whether would d maybe perhaps might may could should almost nearly supposed though probably possibly"
    " hypothetically say says said told asked wrote claim claims according character".split()
)
VAGUE = re.compile(
    r"(?:new|ones|the|that|this|these|those|it|your?|an?|one|in|on|to|for|how|what|when|if|left|right|first|second|i|we|my)\b",
    re.IGNORECASE,
)
# All that is said without one of these is said of somebody who is known by name.
TELLING = frozenset("i im ive me my mine we our us".split()).union(
    PEOPLE, PETS, HINTS, *map(select.words_of, NEEDS_NO_I)
) - frozenset(
    "a an the to on in for of at and is are or with it that this you be d s b w so not no can what write about people who let when from where now was been really has have had".split()
)
DIGIT = re.compile(r"\d")
IN_YEAR = re.compile(rf"\d|\b(?:{'|'.join(map(str.capitalize, MONTHS))})\b")
# What a value may end with without being part of it.
TRAILING = re.compile(
    r"(?:[ ,]+(?:at all|a ?lot|so much|very much|btw|by the way|too|as well|lol|pls|plz|please|thx|thanks|tho|though|right now|nowadays|now|haha|though|again|obviously"
    r"|anyway|currently|you know|to be honest|tbh|full stop|more than anything|since \w+|(?:since|until|till) [\w ]{3,20}|for \w+ (?:years|months)|(?:last|this) (?:week|month|year|spring|summer|autumn|winter|\w+day|january|february|march|april|may|june|july|august|september|october|november|december)|(?:\w+ )?\w+ ago|in (?:19|20)\d\d|yesterday|all my life|at home|for (?:ages|years)|full[- ]time|part[- ]time))+$",
    re.IGNORECASE,
)
LISTED = re.compile(
    r"(?:, (?!(?:which|who|but|so|because|and (?:i|my|we)|i|my|we|not)\b)[^,.;:!?()]{2,40})*,? (?:and|or|&|n|plus) (?!(?:i|my|we|so)\b)[^,.;:!?()]{2,40}?(?=[,.;:!?()]|$| because| but| so )",
    re.IGNORECASE,
)
ENUMERATED = re.compile(
    r"(?:, (?!(?:sorry|thanks|too|btw|so|but|please|pls|right|ok|though|lol|actually|and|not)\b)[\w'-]+(?: [\w'-]+)?)+(?=[.!]?$)",
    re.IGNORECASE,
)
ITEMS = re.compile(r",? (?:and|or|&|n|plus) (?:also )?|, ", re.IGNORECASE)
ASIDE = re.compile(r" ?[-–—] .*|- (?:it|i|they|we)\b.*", re.IGNORECASE)
BRACKETS = re.compile(r" \([\w ]*\)")
CLAUSAL = re.compile(r"\b(?:is|are|was|were|it's|has|keeps|makes|can|will|then)\b", re.IGNORECASE)
TITLE = re.compile(r"[\"“]([^\"”]+)[\"”]?")


class RuleExtractor:
    """Reads statements of the user off a text.

    ``knows`` says whether the user has spoken of somebody of a name, so that "Ana moved to Porto"
    counts for a friend and not for everybody; ``echoes`` says whether a statement that no rule can
    read takes back or changes something that is known.
    """

    def __init__(
        self,
        knows: about_others.Knows = about_others.nobody,
        echoes: changes.Echoes = changes.nothing,
    ) -> None:
        self._knows = knows
        self._echoes = echoes

    def extract(self, text: str, said: datetime, *, first_person: bool = False) -> list[Candidate]:
        """Return the candidates in a text that its author wrote at ``said``, in its order.

        ``said`` should be in the author's time zone: "tomorrow" is resolved against it. With
        ``first_person`` only sentences in which the author says "I" or the like count, for what
        else stands in a note need not be said of people that the owner knows.
        """
        if first_person and not select.in_first_person(text):
            return []
        if not self._tells(text):
            return []
        counts = select.in_first_person if first_person else bool
        heard = dict(select.sentences(text, counts))
        joined = changes.joined(text, heard) if len(heard) > 1 else heard
        told = [sentence for sentence in joined if counts(sentence.text)]
        before = dict(zip(told[1:], told, strict=False))
        return [c for s in told for c in self._read(s, heard.get(s, ""), said, before.get(s))]

    def _tells(self, text: str) -> bool:
        """Say whether a text has any word that something worth keeping is said with."""
        told = not TELLING.isdisjoint(select.words_of(text)) or not text.isascii()
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
        if not against and not _unreal(told):
            found += self._unread(parts if found else [whole(told, start)], found, said)
        yield from (_weighed(timed(c, said)) for c in found)

    def _of_them(self, clause: Clause, before: str, said: datetime) -> Iterator[Candidate]:
        """Yield what is said of "her" of whom the sentence before spoke."""
        they = about_others.HE.match(clause.words)
        if not they or _unreal(clause.plain) or _unreal(before):
            return
        if them := about_others.last_mentioned(before):
            rest = re.sub("^s(?= )|^(?= name)", "'s", clause.words[they.end() :])
            for c in self._plain(them + rest, clause.span, said):
                if held := tuple(t for t in c.triples if t.object in clause.quote):
                    yield replace(c, quote=clause.quote, triples=held)

    def _unread(
        self, parts: list[Clause], found: list[Candidate], said: datetime
    ) -> list[Candidate]:
        """Return the clauses that no rule can read, but that take back something known."""
        begun = {c.span.start for c in found}
        return [
            changes.unread(part.quote, part.span)
            for part in parts
            if part.span.start not in begun and self._echoes(part.quote, said)
        ]

    def _clause(self, clause: Clause, against: str, said: datetime) -> list[Candidate]:
        if against == REPORTED:
            return [_quoting(clause, c) for c in self._others(clause)] if clause.begins else []
        if against == SARCASM:  # whatever is felt about it, it is still to come
            return list(planned(clause, said))
        return self._statement(clause, said)

    def _statement(self, clause: Clause, said: datetime) -> list[Candidate]:
        words = select.words_of(clause.plain)
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
        found = found or self._plainly(clause, said) or list(_first(about_user.PLANS, clause))
        return [c for c in (_quoting(clause, c) for c in found) if _proved(c)]

    def _plain(self, text: str, span: Span, said: datetime) -> list[Candidate]:
        """Read a statement that ``changes`` has freed from its words of change."""
        clause = Clause(text, text.translate(STRAIGHT), text, span)
        return self._plainly(clause, said)

    def _plainly(self, clause: Clause, said: datetime) -> list[Candidate]:
        return (
            list(_first(ABOUT_USER.among(clause.plain), clause))
            or about_others.read(clause.words, clause.span, self._knows)
            or list(planned(clause, said))
            or list(_first(ABOUT_OTHERS.among(clause.plain), clause))
            or about_things.read(clause.words, clause.span)
            or _foreign(clause)
        )

    def _others(self, clause: Clause) -> list[Candidate]:
        found = about_others.read(clause.words, clause.span, self._knows)
        return found or list(_first(ABOUT_OTHERS.among(clause.plain), clause))


def _unreal(text: str) -> bool:
    unsure = not UNREAL_WORDS.isdisjoint(select.words_of(text)) and UNREAL.search(text)
    return bool(unsure) and not timing.PROMISED.match(text)


def _foreign(clause: Clause) -> list[Candidate]:
    if other_languages.FIRST.match(clause.plain):
        return list(_first(other_languages.RULES, clause))
    if other_languages.CJK.search(clause.plain):
        return list(_searched(other_languages.UNSPACED, clause))
    return []


def _grants(text: str) -> bool:
    words = select.words_of(text)
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
    for candidate in _searched(about_user.TAKEN_FOR_GRANTED, clause):
        if known.isdisjoint(t.predicate for t in candidate.triples):
            granted.append(candidate)
            known.update(t.predicate for t in candidate.triples)
    return granted


def _first(rules: Iterable[Rule], clause: Clause) -> Iterator[Candidate]:
    for rule in rules:
        if (match := rule.pattern.match(clause.plain)) and (found := _found(rule, match, clause)):
            yield found
            return


def _searched(rules: Iterable[Rule], clause: Clause) -> Iterator[Candidate]:
    """Yield all that rules find anywhere in a clause."""
    for rule in rules:
        match = rule.pattern.search(clause.plain)
        if match and (found := _found(rule, match, clause)):
            yield found


def _found(rule: Rule, match: re.Match[str], clause: Clause) -> Candidate | None:
    triples = dict.fromkeys(_triples(rule, match, clause.words))
    denies = match.groupdict().get("denies") or ""
    return (
        Candidate(rule.kind, clause.quote, clause.span, tuple(triples), denies=denies)
        if triples
        else None
    )


def _triples(rule: Rule, match: re.Match[str], words: str) -> Iterator[Triple]:
    """Yield what a match says; values are the user's own words, which ``match`` may have in lower case."""
    groups = {
        key: words[slice(*match.span(key))]
        for key, text in match.groupdict().items()
        if text is not None
    }
    names = {key: group.lower() for key, group in groups.items()}
    subject, predicate = rule.subject.format(**names), rule.predicate.format(**names)
    value = next((groups[key] for key in VALUED if key in groups), "")
    if not _holds(rule, groups, value):
        return
    for item in _items(predicate, value, match, words):
        yield Triple(subject, predicate, item)
    for name in re.findall(WORD, groups.get("names", "")):
        yield Triple(subject, predicate, name)
    named = groups.get("name", subject) if "relation" in groups else subject
    for key in groups.keys() - READ:
        yield Triple(named, key.replace("_", " "), _trimmed(groups[key]))


def _holds(rule: Rule, groups: dict[str, str], value: str) -> bool:
    if value == "I":
        return False
    if not _trimmed(value):
        return rule.predicate.startswith("not ")
    dated = "date" not in groups or IN_YEAR.search(value)
    return bool(dated) and not (rule.refuses and rule.refuses.match(value.translate(STRAIGHT)))


def _items(predicate: str, value: str, match: re.Match[str], words: str) -> Iterator[str]:
    """Yield a value, or each of several: "walnuts and shellfish" are two things to be allergic to."""
    listed = predicate in MORE or predicate.startswith("favourite")
    if not listed:
        yield _trimmed(value)
        return
    end = match.end("object") if "object" in match.groupdict() else match.end()
    if more := LISTED.match(words, end) or ENUMERATED.match(words, end):
        value += more.group()
    value = BRACKETS.sub("", ASIDE.sub("", value))
    listed = (
        ":" in match.string[: match.start("object")] if "object" in match.groupdict() else False
    )
    first, *others = map(_trimmed, ITEMS.split(value))
    yield first
    if predicate == "habit" and not (listed or first.startswith("play")):
        return
    yield from (
        item
        for item in others
        if item
        and not CLAUSAL.search(item)
        and (listed or predicate not in MORE or MORE[predicate].match(item))
    )


def _trimmed(value: str) -> str:
    if titled := TITLE.match(value):
        return titled[1]
    value = TRAILING.sub("", value.strip(" '\"’.!"))
    return re.sub(r"[^\w)\"'’%+#]+$", "", value)


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
