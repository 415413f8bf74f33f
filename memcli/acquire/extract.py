"""Extract with a model: it may only point at the owner's words, and each find has to be proved.

    turns → windows of lines → prompt + grammar → JSON → verify → found | doubtful

What the model says in its own words is shown to the owner where a find is doubtful, never stored.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from memcli import prompts
from memcli.acquire import select
from memcli.acquire.candidate import Candidate
from memcli.acquire.rules import RuleExtractor
from memcli.acquire.verify import locate, place, verify
from memcli.dates import find_dates
from memcli.records import USER, Kind, Span, Triple, Turn
from memcli.text import clean, one_line

WINDOW, OVERLAP = 6, 2  # lines; the overlap shows whom a pronoun means
LONGEST_LINE = 500  # characters; a longer turn of the owner's becomes several lines
MOST, PER_SENTENCE = 8, 2  # memories in an answer
LONGEST_ANSWER = 20_000  # characters read; the grammar allows fewer
KINDS: tuple[Kind, ...] = ("fact", "preference", "event", "task", "profile")
NOUN = re.compile(r"[^\W\d_][\w' -]{0,39}")  # what may be a predicate
MYSELF = {"user", "the user", "i", "me", "my", "myself"}

# Every repetition is bounded, so that a bad model comes to an end too. ``said`` is completed
# with all that may be quoted: a model that can only point invents no words.
GRAMMAR = rf"""root ::= "[" (memory ("," memory){{0,MORE}})? "]"
memory ::= "{{\"turn\":" said "," kind "," text "," triple "," when "," importance "}}"
kind ::= "\"kind\":\"" ({" | ".join(f'"{kind}"' for kind in KINDS)}) "\""
text ::= "\"text\":\"" char{{0,200}} "\""
triple ::= "\"subject\":\"" char{{0,60}} "\"," predicate ",\"object\":\"" char{{0,100}} "\""
predicate ::= "\"predicate\":\"" char{{0,40}} "\""
when ::= "\"when\":\"" (("19" | "20") [0-9] [0-9] "-" [01] [0-9] "-" [0-3] [0-9])? "\""
importance ::= "\"importance\":" [1-5]
char ::= [^"\\\x00-\x1F\x7F] | "\\" ["\\]
said ::= """

# A prompt and a grammar in, the model's answer out; nothing if it cannot read so much.
Complete = Callable[[str, str], str]


class Extractor(Protocol):
    """Finds in a text what may become memories."""

    def extract(self, text: str, said: datetime) -> list[Candidate]:
        """Return the candidates in a text that its owner wrote at ``said``, in its order."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a model found and the source does not prove. ``text`` is the model's own wording."""

    turn_id: str
    kind: Kind
    text: str
    quote: str
    reason: str
    triples: tuple[Triple, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a model found: the proved, each with its turn, and what awaits the owner's judgement."""

    found: tuple[tuple[Turn, Candidate], ...] = ()
    doubtful: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """A turn, or a part of one, as the model sees it: on one line, so that it can fake no other."""

    turn: Turn
    said: datetime  # where the owner is
    text: str = ""
    may_quote: tuple[str, ...] = ()

    @property
    def own(self) -> bool:
        return self.turn.role == "user" and not self.turn.derived

    @property
    def who(self) -> str:
        return "user" if self.own else one_line(self.turn.speaker) or self.turn.role


class ModelExtractor:
    """Lets a model read conversations, a few lines at a time."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete
        self._code = secrets.token_hex(4)  # no line knows where the lines end

    def extract(self, text: str, said: datetime) -> list[Candidate]:
        """Return what is proved in a text that its owner wrote at ``said``, in its order."""
        found = self._read(_lines(Turn("", "", 0, "user", text, said), said)).found
        return sorted((candidate for _, candidate in found), key=lambda c: c.span.start)

    def extract_turns(self, turns: Sequence[Turn]) -> Extraction:
        """Read turns of one conversation in their order; only what the owner says is kept."""
        return self._read(line for turn in turns for line in _lines(turn, turn.time.astimezone()))

    def _read(self, lines: Iterable[_Line]) -> Extraction:
        found: dict[tuple[str, Span], tuple[Turn, Candidate]] = {}
        doubtful: dict[Doubt, None] = {}
        for window in _windows(list(lines)):
            prompt = prompts.render("extract", lines=window, code=self._code)
            answer = self._complete(prompt, _grammar(window))
            for item in _objects(answer):
                if not (candidate := _candidate(item)):
                    continue
                line, placed, reason = _judge(candidate, item.get("turn"), window)
                if reason:
                    doubtful[_doubt(line.turn, placed, _text(item, "text"), reason)] = None
                    continue
                dated = _dated(placed, _text(item, "when"), line.said)
                _, known = found.get((line.turn.id, placed.span), (None, dated))
                found[line.turn.id, placed.span] = line.turn, _merged(known, dated)
        return Extraction(tuple(found.values()), tuple(doubtful))


def _merged(one: Candidate, other: Candidate) -> Candidate:
    """Return what two finds in the same words say together: they become one memory."""
    return replace(
        one,
        triples=tuple(dict.fromkeys(one.triples + other.triples)),
        valid_from=one.valid_from or other.valid_from,
        valid_to=one.valid_to or other.valid_to,
        importance=max(one.importance, other.importance),
    )


def _lines(turn: Turn, said: datetime) -> Iterator[_Line]:
    """Yield the lines of a turn; of what others said the beginning is enough to understand."""
    line = _Line(turn, said)
    if not line.own:
        yield replace(line, text=one_line(turn.text)[:LONGEST_LINE])
        return
    for sentence, reason in select.sentences(turn.text):
        text = one_line(sentence.text)[:LONGEST_LINE]
        if line.text and len(line.text) + len(text) >= LONGEST_LINE:
            yield line
            line = _Line(turn, said)
        may_quote = line.may_quote if reason else (*line.may_quote, text)
        line = replace(line, text=f"{line.text} {text}".strip(), may_quote=may_quote)
    if line.text:
        yield line


def _windows(lines: Sequence[_Line]) -> Iterator[Sequence[_Line]]:
    for start in range(0, max(len(lines) - OVERLAP, 1), WINDOW - OVERLAP):
        window = lines[start : start + WINDOW]
        if any(line.may_quote for line in window):
            yield window


def _grammar(window: Sequence[_Line]) -> str:
    said = [
        f'{number},"quote":{json.dumps(text, ensure_ascii=False)}'
        for number, line in enumerate(window, 1)
        for text in line.may_quote
    ]
    more = min(MOST, PER_SENTENCE * len(said)) - 1
    return GRAMMAR.replace("MORE", str(more)) + " | ".join(
        json.dumps(words, ensure_ascii=False) for words in said
    )


def _objects(answer: str) -> Iterator[dict[str, Any]]:
    """Yield the whole objects of an array, wherever it breaks off; nothing if it is none."""
    decoder, text = json.JSONDecoder(), answer[:LONGEST_ANSWER]
    at = text.find("[") + 1
    for _ in range(MOST if at else 0):
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if isinstance(item, dict):
            yield item
        at += len(text[at:]) - len(text[at:].lstrip(", \n\t"))


def _judge(
    candidate: Candidate, number: object, window: Sequence[_Line]
) -> tuple[_Line, Candidate, str]:
    """Return whose line a candidate quotes, the candidate in its words, and why it is doubtful.

    A number that points at the wrong line does no harm where the owner wrote just these words.
    """
    own = [line for line in window if line.own]
    named = window[number - 1 : number] if type(number) is int and number > 0 else []
    lines = [*named, *own]
    quoted = (line for line in lines if line.own and locate(candidate.quote, line.turn.text))
    line = next(quoted, lines[0])
    if not line.own:
        return line, candidate, "these are not your words"
    reason = verify(candidate, line.turn.text, " ".join(line.text for line in own))
    return line, place(candidate, line.turn.text) or candidate, reason


def _candidate(item: dict[str, Any]) -> Candidate | None:
    """Return what an object says, not yet placed; nothing if it lacks its kind or quote."""
    kind: Kind | None = next((known for known in KINDS if known == item.get("kind")), None)
    quote, value = _text(item, "quote"), item.get("importance")
    if not kind or not quote:
        return None
    importance = value / 5 if type(value) is int and 1 <= value <= 5 else 0.5
    return Candidate(kind, quote, Span(0, 0), _triples(item), importance=importance)


def _doubt(turn: Turn, candidate: Candidate, text: str, reason: str) -> Doubt:
    return Doubt(turn.id, candidate.kind, text, candidate.quote, reason, candidate.triples)


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return one_line(clean(value[:LONGEST_LINE])) if isinstance(value, str) else ""


def _triples(item: dict[str, Any]) -> tuple[Triple, ...]:
    subject, predicate, value = (_text(item, key) for key in ("subject", "predicate", "object"))
    subject = USER if subject.casefold() in MYSELF else subject
    predicate = predicate.replace("_", " ").lower()
    whole = subject and value and NOUN.fullmatch(predicate)
    return (Triple(subject, predicate, value),) if whole else ()


def _dated(found: Candidate, when: str, said: datetime) -> Candidate:
    """Set when it holds: the model's day if the words tell it too, else what the rules read."""
    dates = find_dates(found.quote, said)
    told = [d for d in dates if f"{d.start:%Y-%m-%d}" <= when < f"{d.end:%Y-%m-%d}"]
    if told:
        ends = found.kind in ("event", "task") and told[0].end > said
        return replace(found, valid_from=told[0].start, valid_to=told[0].end if ends else None)
    for ruled in RuleExtractor().extract(found.quote, said)[:1]:
        found = replace(found, valid_from=ruled.valid_from, valid_to=ruled.valid_to)
    return found
