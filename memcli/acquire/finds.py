"""What the match of a rule says: a candidate, its triples, and the values as the user wrote them."""
# ruff: noqa: E501  (patterns read best with one meaning a line)

from __future__ import annotations

import re
from collections.abc import Iterator

from memcli.acquire import about_user
from memcli.acquire.candidate import Candidate
from memcli.acquire.clauses import STRAIGHT, Clause
from memcli.acquire.rule import WORD, Rule, RuleSet
from memcli.dates import MONTHS
from memcli.records import Triple
from memcli.sieve import Sieve

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
VALUED = ("name", "object", "date")  # groups that hold a rule's value
READ = {*VALUED, "relation", "pet", "what", "denies", "names"}  # groups that are no predicate

IN_YEAR = re.compile(rf"\d|\b(?:{'|'.join(map(str.capitalize, MONTHS))})\b")
# What a value may end with without being part of it.
TRAILING = re.compile(
    r"(?:[ ,]+(?:at all|a ?lot|so much|very much|btw|by the way|too|as well|lol|pls|plz|please|thx|thanks|tho|though|right now|nowadays|now|haha|again|obviously"
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


def first(rules: RuleSet | Sieve[Rule], clause: Clause) -> Iterator[Candidate]:
    """Yield what the first rule finds that holds of a clause, if any does."""
    for rule in rules.among(clause.plain):
        if (match := rule.pattern.match(clause.plain)) and (found := _found(rule, match, clause)):
            yield found
            return


def searched(rules: Sieve[Rule], clause: Clause) -> Iterator[Candidate]:
    """Yield all that rules find anywhere in a clause."""
    for rule in rules.among(clause.plain):
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
