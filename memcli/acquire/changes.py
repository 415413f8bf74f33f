"""How people say that something has changed, ended, or was said wrongly.

The words of change are taken off, what is left is read like any other statement, and its triples are
marked: "I no longer work at Acme" is "I work at Acme", ended, and so ``not employer``. That way each
relation that can be read at all can also end, be over, or be corrected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from memcli.acquire import about_others
from memcli.acquire.candidate import Candidate
from memcli.acquire.change_words import (
    ANNOUNCES,
    ANSWERS,
    BARE,
    CORRECTS,
    DENIED,
    HE,
    INSTEAD,
    MEANT,
    NAMED,
    NO_MORE,
    NOT_BUT,
    OPENERS,
    SO,
    SWITCHED,
)
from memcli.acquire.endings import given_up, of_taste, statement, told_by_verb
from memcli.acquire.plainly import Said, plainly
from memcli.acquire.predicates import UNREAD
from memcli.records import USER, Span, Triple
from memcli.sentences import Sentence

Echoes = Callable[[str, datetime], bool]  # whether a text changes something that is known
Plain = Callable[[str, Span], list[Candidate]]


def nothing(_text: str, _said: datetime) -> bool:
    """Take no statement for an echo of what is known."""
    return False


def unread(quote: str, span: Span) -> Candidate:
    """Return a statement that no rule can read: what it is about has to be found in the memories."""
    return Candidate("fact", quote, span, (Triple(USER, UNREAD, quote.rstrip(".! ")),))


def joined(text: str, sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """Yield sentences; one that only announces a correction comes together with the next."""
    waiting: Sentence | None = None
    for sentence in sentences:
        heard = sentence
        if waiting and (_is_lead(waiting) or ANSWERS.match(sentence.text)):
            span = Span(waiting.span.start, sentence.span.end)
            heard = Sentence(text[span.start : span.end], span)
        elif waiting:
            yield waiting
        waiting = heard if ANNOUNCES.match(heard.text) or _is_lead(heard) else None
        if not waiting:
            yield heard
    if waiting:
        yield waiting


def _is_lead(sentence: Sentence) -> bool:
    return bool(CORRECTS.fullmatch(sentence.text + " "))


def read(clause: str, span: Span, plain: Plain) -> list[Candidate]:
    """Return what a clause says of something that changed, ended, is over or was said wrongly.

    ``plain`` reads a statement without words of change. Without any the list is empty.
    """
    said = _without_frame(clause)
    lower = clause.casefold()
    for reading in _readings(said, clause, plain):
        if found := [c for c in (_quoting(clause, lower, c) for c in reading) if c.triples]:
            return [replace(c, quote=clause, span=span) for c in found]
    return []


def _readings(said: Said, clause: str, plain: Plain) -> Iterator[list[Candidate]]:
    """Yield what each way of reading finds, the surest first."""
    yield told_by_verb(said.text)
    yield of_taste(said.text)
    changed = plainly(said)
    if changed != Said(clause):
        yield _marked(changed, plain)
    yield _of_the_same(said)
    yield _value(said)
    yield given_up(said.text)


def _without_frame(clause: str) -> Said:
    """Take off what stands before a statement, and the value that it denies."""
    if announced := _announced(clause):
        return announced
    lead = CORRECTS.match(clause)
    text = OPENERS.sub("", clause[lead.end() :] if lead else clause)
    denied = NO_MORE.match(text) or INSTEAD.search(text)
    if not denied and lead and (taken_back := DENIED.search(lead.group())):
        return Said(text, denies=taken_back["denied"], corrects=True)
    if not denied or MEANT.match(text) or SWITCHED.match(text):
        return Said(text, corrects=bool(lead))
    rest = text[denied.end() :] if denied.start() == 0 else text[: denied.start()] + denied["end"]
    return Said(rest, denies=denied["denied"], corrects=bool(lead))


def _announced(clause: str) -> Said | None:
    """Read "I mistyped our house number. It's 74." as what it comes to."""
    for end in re.finditer(r"[.!;](?= )", clause):
        told, answer = ANNOUNCES.match(clause[: end.end()]), ANSWERS.match(clause[end.end() + 1 :])
        if told and answer:
            slot = told["slot"] or told["wrong"] or f"{told['old']} {told['thing']}"
            return Said(f"{slot} is {answer['value']}", "changed", answer["denied"] or "")
    return None


def _marked(said: Said, plain: Plain) -> list[Candidate]:
    """Read a plain statement, or the last part of it, and mark what it says."""
    tails = [said.text[match.end() :] for match in SO.finditer(said.text)]
    texts = [said.text, *(plainly(Said(re.sub("^now ", "", tail))).text for tail in tails)]
    found = next((c for text in texts if (c := plain(text, Span(0, len(text))))), [])
    mark = {"ended": "not ", "former": "former "}.get(said.how, "")
    turned = _turned(said.text, found) if mark else None
    found = [
        replace(c, triples=tuple(_mark(c, mark)), denies=said.denies or c.denies) for c in found
    ]
    return [replace(found[0], triples=(*found[0].triples, turned))] if turned else found


def _mark(candidate: Candidate, mark: str) -> Iterator[Triple]:
    introduced = len({t.subject for t in candidate.triples}) > 1
    for triple in candidate.triples:
        kept = not mark or (introduced and triple.subject == USER)
        yield triple if kept else replace(triple, predicate=mark + triple.predicate)


def _turned(text: str, found: list[Candidate]) -> Triple | None:
    """Read "I used to hate olives, but now I love them" to its end."""
    match = re.search(
        r"\bi(?:'ve|’ve)?(?: \w+)?? (?:(?P<likes>love|like|enjoy|adore)|hate|dislike|can't stand|don't like) (?:them|it)\b",
        text,
        re.IGNORECASE,
    )
    if not match or not found or not found[0].triples:
        return None
    return Triple(USER, "likes" if match["likes"] else "dislikes", found[0].triples[0].object)


def _of_the_same(said: Said) -> list[Candidate]:
    """Read "no, he was born in 2016": whoever was spoken of last is meant."""
    if not said.corrects or not (he := HE.match(said.text)):
        return []
    found = about_others.said_of(said.text[he.end() :])
    return [Candidate(kind, "", Span(0, 0), (Triple("", *told),)) for kind, told in found]


def _value(said: Said) -> list[Candidate]:
    """Read "I meant Porto, not Lisbon": a value that takes the slot of the one denied."""
    text = said.text
    bare = BARE.match(text) if said.corrects else None
    match = (
        MEANT.match(text)
        or NAMED.match(text)
        or NOT_BUT.match(text)
        or SWITCHED.match(text)
        or bare
    )
    if not match:
        return []
    value, denied = match["value"].strip(), (match["denied"] or said.denies).strip()
    denied_name = denied and match.re is NAMED
    named = re.match(r"[A-Z][\w' -]*$", value) and re.match(r"[A-Z][\w' -]*$", denied)
    meant = (
        named
        or re.match("i meant?", text, re.IGNORECASE)
        or said.corrects
        or SWITCHED.match(text)
        or denied_name
    )
    sure = denied or bare or re.match(r"[A-Z\d]", value)
    return [replace(statement("", value), denies=denied)] if meant and sure else []


def _in(lower: str, value: str) -> str:
    """Return a value that a text in lower case holds: without its verb if that was rewritten."""
    words = value.split(" ")
    tails = (" ".join(words[start:]) for start in range(min(len(words), 2)))
    return next((tail for tail in tails if tail.casefold() in lower), "")


def _quoting(clause: str, lower: str, candidate: Candidate) -> Candidate:
    """Drop values that the clause does not hold: rewriting may invent none."""
    held = [(t, _in(lower, t.object)) for t in candidate.triples]
    triples = tuple(replace(t, object=value) for t, value in held if value or not t.object)
    plan = next((t for t, value in held if t.predicate == "plan" and not value), None)
    whole = (replace(plan, object=clause.rstrip(".! ")),) if plan else ()
    return replace(candidate, triples=whole or triples)
