"""Of two turns that give two figures of one thing, the newer one first.

"We have 150 commits" says more of commits than "its growth has now reached 165" does, so recall
ranks it first; and nothing was superseded, as neither is a statement that rules can read. Where a
question asks how things stand, a later turn of the same speaker goes before an earlier one whose
figure it changes. It is moved no further, and nothing is left out.
"""
# ruff: noqa: E501  (patterns read best with one kind a line)

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from memcli.dates import MONTHS
from memcli.recall.candidates import Candidate, moment
from memcli.recall.plan import STOP, Query
from memcli.records import Memory, Turn
from memcli.sentences import split_sentences
from memcli.text import words

DEPTH = 10  # hits that are compared
LONGEST, SENTENCES = 1_500, 8  # characters and sentences of a turn that are looked at
LEAST = 0.25  # of what the question's words tell, in the sentence that holds the figure
NO_LESS = 0.6  # of what the older sentence tells of it
CHANGED_LESS = 0.35  # where words tell of a change
NEAR = 60  # characters before a figure in which a word of change speaks of it

ASKS_NOW = re.compile(  # and what for: the words up to the verb
    r"\b(?P<head>how (?:many|much|long|often|far|big|tall|high|old|fast|heavy)\b"
    r"|(?:what|which|when)(?:['’]s| is| are)\b)(?P<what>(?: (?!(?:have|has|am|is|are|do|does|can|i|we|he"
    r"|she|they|in|of|for|on|with|at|to|from|that|which)\b)[\w'’-]+)*)",
    re.IGNORECASE,
)
ASKS_THEN = re.compile(
    r"\b(?:did|was|were|original\w*|initial\w*|at first|between|across|before|after i|until|order)\b",
    re.IGNORECASE,
)
CHANGES = re.compile(
    r"\b(?:now|new|newly|recently|lately|currently|already|updated?|by now|so far|no longer"
    r"|(?:increase|grow|rise|go|improve|drop|fall|extend|expand|move|push|postpone|raise|bump|cut|reduce"
    r"|lower|boost|change|shift|reschedule|delay|climb|jump|reach|double|shorten|upgrade)(?:d|s|ed|ped|n|ing)?"
    r"|grew|grown|rose|risen|went|gone|fell|total)\b",
    re.IGNORECASE,
)
_MONTH = "|".join(MONTHS)
_NUMBER = r"\d+(?:[,:]\d+)*(?:\.\d+)?(?!\.?\d)|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen)\b"
FIGURE = re.compile(
    rf"(?P<date>\b(?:{_MONTH})\.? \d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTH})\b)(?:,? \d{{4}})?"
    rf"|(?P<money>[$€£])?(?<![\w.,])(?<!from )(?P<number>{_NUMBER})(?![\d.]*\w*/)"
    r"(?:(?P<share> ?%| per ?cent)|(?P<counted>(?: ?[a-z][a-z-]*){0,3}))",
    re.IGNORECASE,
)
# What a question calls figures that are written with a sign, or as a date.
SIGNS = {
    "%": re.compile(
        r"\b(?:percent\w*|per cent|rate|accuracy|coverage|share|score)\b", re.IGNORECASE
    ),
    "$": re.compile(r"\b(?:much|cost|price|pay|salary|budget|rent|fee|amount)\w*\b", re.IGNORECASE),
    "date": re.compile(r"\b(?:when|deadline|date|due|day)\b", re.IGNORECASE),
    "time": re.compile(
        r"\b(?:how (?:long|fast|quick|slow)|time|duration|latency)\b", re.IGNORECASE
    ),
}
VAGUE = frozenset("total average overall current number amount percentage".split())
TIMES = frozenset("ms s sec second min minute h hour day week month year".split())


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in a sentence: what it counts, and whether the words before it tell of a change."""

    value: str
    counts: frozenset[str]
    changed: bool
    told: float  # share of what the question's words tell that its sentence holds
    of_it: bool  # most words of what is asked for stand in its sentence

    def changes(self, other: Figure, asked: frozenset[str]) -> bool:
        """Say whether this is a newer value of what an earlier figure counted."""
        if self.value == other.value or not asked & other.counts:
            return False
        if self.told < (CHANGED_LESS if self.changed else NO_LESS) * other.told:
            return False
        same = self.counts & other.counts & asked
        if self.changed:
            return bool(same and self.of_it) or not self.counts
        return self.of_it and bool(same - SIGNS.keys())


def newer_first(
    query: Query,
    best: Sequence[Candidate],
    turns: Mapping[str, Turn],
    weights: Mapping[str, float],
    stems: Mapping[str, str],
) -> list[Candidate]:
    """Return the hits with newer figures before older ones; ``weights`` are idf by stem.

    ``turns`` has those that memories were learnt from, by the memory's id, and ``stems`` those of
    all words of the candidates and of the question.
    """
    order = list(best)
    now = ASKS_NOW.search(query.text)
    if not now or query.past or query.dates or ASKS_THEN.search(query.text):
        return order
    asked = frozenset(_asked(now, stems))
    figures = {c.item: list(_figures(c.record, asked, weights, stems)) for c in order[:DEPTH]}

    def changes(newer: Candidate, older: Candidate) -> bool:
        pairs = product(figures[newer.item], figures[older.item])
        said = [turns.get(c.record.id, c.record) for c in (older, newer)]
        later = _followed(*said)
        return later and any(new.changes(old, asked) for new, old in pairs)

    for newer in order[:DEPTH]:
        before = order[: order.index(newer)]
        if (
            place := next((i for i, c in enumerate(before) if changes(newer, c)), None)
        ) is not None:
            order.remove(newer)
            order.insert(place, newer)
    return order


def _asked(now: re.Match[str], stems: Mapping[str, str]) -> Iterator[str]:
    yield from (stems.get(word, word) for word in words(now["what"]) if word not in (STOP | VAGUE))
    yield from (sign for sign, called in SIGNS.items() if called.search(now.group()))


def _followed(older: Turn | Memory, newer: Turn | Memory) -> bool:
    """Say whether the owner, or whoever spoke as one, said something later."""
    if isinstance(older, Memory) or isinstance(newer, Memory):
        return moment(older) < moment(newer)
    alike = (older.role, older.speaker) == (newer.role, newer.speaker) and newer.role == "user"
    if older.session_id == newer.session_id:
        return alike and older.seq < newer.seq
    return alike and moment(older) < moment(newer)


def _figures(
    record: Turn | Memory,
    asked: frozenset[str],
    weights: Mapping[str, float],
    stems: Mapping[str, str],
) -> Iterator[Figure]:
    if isinstance(record, Memory) and record.kind == "summary":  # it tells what others tell
        return
    prose = record.text[:LONGEST].partition("```")[0]
    total = sum(weights.values()) or 1.0
    named = asked - SIGNS.keys()
    for sentence in islice(split_sentences(prose), SENTENCES):
        held = {stems.get(word) for word in words(sentence.text)}
        told = sum(weight for stem, weight in weights.items() if stem in held) / total
        of_it = 2 * len(named & held) > len(named) or not named
        if told >= LEAST:
            for match in FIGURE.finditer(sentence.text):
                before = sentence.text[max(match.start() - NEAR, 0) : match.start()]
                value = (match["date"] or match["number"]).lower()
                counts = frozenset(_counted(match, stems))
                yield Figure(value, counts, bool(CHANGES.search(before)), told, of_it)


def _counted(match: re.Match[str], stems: Mapping[str, str]) -> Iterator[str]:
    if match["date"] or match["share"] or match["money"]:
        yield "date" if match["date"] else "%" if match["share"] else "$"
        return
    for word in words(match["counted"] or ""):
        if word not in STOP:
            yield stems.get(word, word)
            if stems.get(word, word) in TIMES:
                yield "time"
