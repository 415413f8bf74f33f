"""How people say that something has changed, ended, or was said wrongly.

The words of change are taken off, what is left is read like any other statement, and its triples are
marked: "I no longer work at Acme" is "I work at Acme", ended, and so ``not employer``. That way each
relation that can be read at all can also end, be over, or be corrected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from memcli.acquire.candidate import Candidate
from memcli.acquire.change_words import (
    ABOUT_THEM,
    ANNOUNCES,
    ANSWERS,
    BACK_THEN,
    BARE,
    CORRECTS,
    DENIED,
    ENDED,
    ENDS,
    GERUNDS,
    INSTEAD,
    INVERTED,
    IS_OVER,
    MEANT,
    NOT_BUT,
    NOW,
    OF_THEM,
    OPENERS,
    PAST,
    REWRITES,
    SO,
    STOPPED,
    SWITCHED,
    TASTES,
    UNTIL,
    WAS,
    How,
)
from memcli.records import USER, Span, Triple
from memcli.sentences import Sentence
from memcli.sieve import Sieve
from memcli.text import LOOKALIKES

Plain = Callable[[str, Span], list[Candidate]]
NO_MORE_LONGER = re.compile(r",? any ?(?:more|longer)\b")


VALUED = ("name", "at", "value", "what")  # groups that may hold what ended
NO_LONGER = re.compile(
    r"(?:i|we) (?:no longer|(?:don't|don’t|do not)(?=.*any ?(?:more|longer)\b))"
    rf" (?P<verb>{TASTES})\b ?(?P<what>[^,.;!?]*)",
    re.IGNORECASE,
)
ANY_MORE = re.compile(r" ?\bany ?(?:more|longer)\b.*")
EATING = re.compile(r"eating (?:meat|fish|chicken|beef|pork|dairy|eggs|cheese|gluten|everything)\b")
EATS = re.compile(r"(?:i|we)(?:'m|’m)? (eat(?:ing)? (?:meat|fish)) (?:again|now)\b", re.IGNORECASE)
STOPS = Sieve([STOPPED], attrgetter("pattern"))
TURNED = Sieve([NO_LONGER, EATS, STOPPED], attrgetter("pattern"))
TASTING = re.compile(r"(?:eat|drink|smok|us|watch|play|read|buy|cook)ing$")
NO_NOUN = re.compile(r"(?:\w+ing|my|the|an?|it|on|this|that|hope|at|to|with|work)$")
# What people stop without telling anything lasting.
PASSING = re.compile(
    r"\w+ing(?: [\w ]+)? (?:after|before|when|halfway)\b|\w+ing (?:it|this|that|them|you|the|at|to|about|for|in|on)\b|(?:try|listen|talk|think|car"
    r"|worry|wait|ask|count|look)ing"
)
BEGAN_AGAIN = re.compile(r"\b(?:again|took|taken|back)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """A clause without its words of change, and what those said."""

    text: str
    how: How = ""
    denies: str = ""
    corrects: bool = False


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
    yield of_taste(said.text) if TURNED.among(said.text) else []
    changed = plainly(said)
    if changed != Said(clause):
        yield _marked(changed, plain)
    yield _value(said)
    yield given_up(said.text) if STOPS.among(said.text) else []


def _without_frame(clause: str) -> Said:
    """Take off what stands before a statement, and the value that it denies."""
    if announced := _announced(clause):
        return announced
    lead = CORRECTS.match(clause)
    text = OPENERS.sub("", clause[lead.end() :] if lead else clause)
    if lead:  # what is corrected is known: "the train" is mine
        text = re.sub("^the (?=[a-z])", "my ", text)
        if about := ABOUT_THEM.search(lead.group()):
            text = re.sub(r"\b(?:them|it)\b", about[1], text)
    if not_but := NOT_BUT.search(text):
        rest = f"{text[: not_but.start()]} {text[not_but.end() :]}"
        return Said(rest, denies=not_but["denied"], corrects=True)
    denied = INSTEAD.search(text)
    if not denied and lead and (taken_back := DENIED.search(lead.group())):
        return Said(text, denies=taken_back["denied"], corrects=True)
    if not denied or MEANT.match(text) or SWITCHED.match(text):
        return Said(text, corrects=bool(lead))
    rest = text[: denied.start()] + denied["end"]
    return Said(rest, denies=denied["denied"], corrects=bool(lead))


def _announced(clause: str) -> Said | None:
    """Read "I mistyped our house number. It's 74." as what it comes to."""
    for end in re.finditer(r"[.!;,:](?= )", clause):
        told, answer = ANNOUNCES.match(clause[: end.end()]), ANSWERS.match(clause[end.end() + 1 :])
        if told and answer:
            slot = told["slot"] or told["wrong"] or told["typo"] or f"{told['old']} {told['thing']}"
            slot = re.sub("^the ", "my ", slot, flags=re.IGNORECASE)
            return Said(f"{slot} is {answer['value']}", "changed", answer["denied"] or "")
    return None


def _marked(said: Said, plain: Plain) -> list[Candidate]:
    """Read a plain statement, or the last part of it, and mark what it says."""
    tails = [said.text[match.end() :] for match in SO.finditer(said.text)]
    texts = [said.text, *(plainly(Said(re.sub("^now ", "", tail))).text for tail in tails)]
    found = next((c for text in texts if (c := plain(text, Span(0, len(text))))), [])
    mark = {"ended": "not ", "former": "former "}.get(said.how, "")
    return [
        replace(c, triples=tuple(_mark(c, mark)), denies=said.denies or c.denies) for c in found
    ]


def _mark(candidate: Candidate, mark: str) -> Iterator[Triple]:
    introduced = len({t.subject for t in candidate.triples}) > 1
    for triple in candidate.triples:
        kept = not mark or (introduced and triple.subject == USER)
        yield triple if kept else replace(triple, predicate=mark + triple.predicate)


def _value(said: Said) -> list[Candidate]:
    """Read "I meant Porto, not Lisbon": a value that takes the slot of the one denied."""
    text = said.text
    bare = BARE.match(text) if said.corrects else None
    if (them := OF_THEM.match(text)) and (said.denies or (said.corrects and not them["verb"])):
        bare = them
    match = MEANT.match(text) or SWITCHED.match(text) or bare
    if not match:
        return []
    value, denied = match["value"].strip(), (match["denied"] or said.denies).strip()
    named = re.match(r"[A-Z][\w' -]*$", value) and re.match(r"[A-Z][\w' -]*$", denied)
    meant = (
        named or re.match("i meant?", text, re.IGNORECASE) or said.corrects or SWITCHED.match(text)
    )
    sure = denied or bare or BARE.match(value)
    return [replace(statement("", value), denies=denied)] if meant and sure else []


def _in(lower: str, value: str) -> str:
    """Return a value that a text in lower case holds: without its verb if that was rewritten."""
    words = value.split(" ")
    tails = (" ".join(words[start:]) for start in range(min(len(words), 2)))
    return next((t for t in tails if t.casefold() in lower and not UNTIL.match(f" {t}")), "")


def _quoting(clause: str, lower: str, candidate: Candidate) -> Candidate:
    """Drop values that the clause does not hold: rewriting may invent none."""
    held = [(t, _in(lower, t.object)) for t in candidate.triples]
    triples = tuple(replace(t, object=value) for t, value in held if value or not t.object)
    plan = next((t for t, value in held if t.predicate == "plan" and not value), None)
    whole = (replace(plan, object=clause.rstrip(".! ")),) if plan else ()
    return replace(candidate, triples=whole or triples)


def plainly(said: Said) -> Said:
    """Make a clause a plain statement: "I used to live in Rome" is "I live in Rome", over."""
    text, how = _from_past(said.text, said.how)
    text, how = _rewritten(text, how)
    text = NOW.sub("", NO_MORE_LONGER.sub("", text))
    if match := INVERTED.match(text):
        text = f"{match['slot']} is {match['value']}{match['end']}"
    return replace(said, text=re.sub("  +", " ", text), how=how)


def _from_past(text: str, how: How) -> tuple[str, How]:
    """Put what was said of another time into the present."""
    then = BACK_THEN.match(text)
    began = then.end() if then else 0
    past = WAS.match(text[began:])
    over = IS_OVER.search(text) if past else None
    if not past or not (then or over):
        return text, how
    if over and over.start() > began + past.end():
        text = text[: over.start()].rstrip(", ") + "."
    verb = PAST[past["verb"].translate(LOOKALIKES).lower()]
    if verb == "am" and past["who"].lower() not in ("i", "we"):
        verb = "is"
    return f"{past['who']} {verb}{text[began:][past.end() :]}", "former"


def _rewritten(text: str, how: How) -> tuple[str, How]:
    for pattern, plain, meaning in REWRITES.among(text):
        if match := pattern.match(text):
            return match.expand(plain) + text[match.end() :], meaning or how
    return _stopped(text, how) if STOPS.among(text) else (text, how)


def _stopped(text: str, how: How) -> tuple[str, How]:
    """Read "I've stopped playing chess" as "I play chess", ended."""
    match = STOPPED.match(text)
    if not match or not match["doing"].endswith("ing"):
        return text, how
    doing = match["doing"].lower()
    verb = GERUNDS.get(doing) or re.sub(r"(?:(\w)\1)?ing$", r"\1", doing)
    ended: How = "ended" if ENDS.match(match["stop"]) else "changed"
    return f"{match['who']} {verb}{match['rest']}{text[match.end() :]}", ended


def told_by_verb(text: str) -> list[Candidate]:
    """Read "I quit my job at Acme", "we sold the car", "Noor and I have split up"."""
    for pattern, predicate in ENDED.among(text):
        if match := pattern.match(text):
            groups = match.groupdict()
            value = next((groups[name] for name in VALUED if groups.get(name)), "")
            subject = value if predicate == "died" else USER
            return [statement(predicate, value, subject)]
    return []


def of_taste(text: str) -> list[Candidate]:
    """Read what the user has stopped or started to eat, drink, watch, play and the like."""
    if again := EATS.match(text):
        return [statement("diet", again[1])]
    plain = NOW.sub("", text)
    if match := NO_LONGER.match(plain):
        what = ANY_MORE.sub("", match["what"])
        return [statement("not likes" if what else "not habit", what or match["verb"])]
    if not (match := _stopped_by_user(plain)):
        return []
    doing, rest = match["doing"], UNTIL.sub("", match["rest"]).strip()
    if PASSING.match(f"{doing} {rest}"):
        return []
    if ENDS.match(match["stop"]):
        return _gone_off(match["stop"], doing, rest)
    eating = f"{doing} {rest}"
    return [statement("diet", eating)] if EATING.match(eating) else []


def given_up(text: str) -> list[Candidate]:
    """Read "I stopped taking ibuprofen" where "I take ibuprofen" tells nothing by itself."""
    match = _stopped_by_user(text)
    if not match or not match["doing"].endswith("ing"):
        return []
    ended = ENDS.match(match["stop"])
    doing = f"{match['doing']}{UNTIL.sub('', match['rest'])}"
    if PASSING.match(doing) or not (ended or BEGAN_AGAIN.search(text)):
        return []
    return [statement("not habit" if ended else "habit", doing)]


def statement(predicate: str, value: str, subject: str = USER) -> Candidate:
    """Return a candidate without a quote that states one thing."""
    taste = predicate.removeprefix("not ") in ("likes", "diet")
    triple = Triple(subject, predicate, value.strip(" '\"’.!"))
    return Candidate("preference" if taste else "fact", "", Span(0, 0), (triple,))


def _stopped_by_user(text: str) -> re.Match[str] | None:
    match = STOPPED.match(text)
    return match if match and match["who"].lower() in ("i", "we") else None


def _gone_off(stop: str, doing: str, rest: str) -> list[Candidate]:
    """Read "stopped eating meat" and "gave up coffee" as things that are liked no longer."""
    if TASTING.match(doing) and rest:
        several = rest.startswith(("and ", "or "))  # "smoking and drinking"
        return [statement("not likes", f"{doing} {rest}" if several else rest)]
    if stop == "stopped" or NO_NOUN.match(doing):
        return []
    return [statement("not likes", f"{doing} {rest}")]
