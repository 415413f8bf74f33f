"""Find the memory that a statement takes back or changes, where no rule can read the statement.

"My doctor took me off the gluten-free diet" says nothing to a pattern, but it has words of an end,
and a diet without gluten is known. What is required: such words, a word of the memory's value or of
the thing it is about, the same person, and, unless something ended, a new value of the same kind.
"""
# ruff: noqa: E501  (tables of words)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from memcli.acquire.predicates import PEOPLE, PETS, VALUES
from memcli.manage.identity import is_relation, statements
from memcli.manage.lookups import Lookups
from memcli.manage.values import GENERAL, head, stems
from memcli.records import USER, Memory, Triple

ENDS = re.compile(
    r"\b(?:no longer|any ?(?:more|longer)|stopped|quit|g[ai]ven? up|gave up|sold|died|passed away|put down|put to sleep"
    r"|broke[n]? up|split up|cancelled|canceled|deleted|closed down|shut down|called off|got(?:ten)? rid of|gave away|given away|moved out"
    r"|handed in|stepped down|dropped out|retired from|isn't my|not my|ended|is over|are over|expired|stolen|wrote off|written off"
    r"|took me off|taken off|came off|come off|gone off|went off|fed up with|bored of|cured|recovered from|outgrown|outgrew|grew out of"
    r"|grown out of|packed in|chucked|ditched|dumped|finished with|was made redundant|laid off|fell out with|sick of|don't need)\b",
    re.IGNORECASE,
)
CHANGES = re.compile(
    r"\b(?:switched|swapped|traded|replaced|upgraded|converted|moved|changed|instead|became|become|promoted|gone (?:up|down|from|back)"
    r"|went (?:up|down|from|back)|rose|risen|fell|dropped|increased|turned|now|nowadays|these days|lately|again|back|from now on"
    r"|new|brought forward|postponed|put back|pushed back|rescheduled|delayed|used to|transferred|resprayed|dyed|repainted|latest)\b",
    re.IGNORECASE,
)
CORRECTS = re.compile(
    r"\b(?:sorry|oops|i mean|i meant|actually|wrong|typo|correction|mistake|mistaken|misspoke|mixed|scratch that|my bad|not|rather|should (?:be|have been))\b",
    re.IGNORECASE,
)
# Words of a value by which its kind is known, and what may stand between it and the slot.
NAMES = re.compile(r"(?<![.!?] )(?<!^)\b(?-i:[A-Z])[\w&.’'-]*(?: (?-i:[A-Z])[\w&.’'-]*)*")
NUMBER = re.compile(
    r"\b(?:\d[\d.,:/]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred)\b",
    re.IGNORECASE,
)
COLOUR = re.compile(
    r"\b(?:red|blue|green|yellow|orange|purple|pink|brown|black|white|gr[ae]y|silver|gold|beige|blonde?)\b",
    re.IGNORECASE,
)
KINDS = (COLOUR, NUMBER, NAMES)
BEFORE = re.compile(r"(\w+)(?:'s)? (?:an? |the |my |our )?$")
IS = {"is", "are", "it", "called", "named", "to", "be", "it's", "that's", "now"}
IDLE = frozenset(
    """have has had been being was were are am is the and but for with from that this they them their there then than
    when what who not now new again back any more longer last next week month year today yesterday just very really
    still also too into out off over about some all one get got getting going go went come came take took taking make
    made day time thing things people work working live living like love know think want need use good great nice first
    our you your his her its him she how why because since after before under year-old""".split()
)
PAST = re.compile(
    r"\b(?:before|used to|ago|when i was|as an? (?:child|kid|teenager|student)|in my (?:twenties|thirties|teens|youth)|back then|until"
    r"|in the \w+ties|previous|once|formerly|originally|first car|in (?:19|20)\d\d)\b",
    re.IGNORECASE,
)
STRANGER = re.compile(
    r"(?!I\b|I['’]|My\b|Our\b|We\b|We['’]|The\b|It\b|It['’]|No\b|Not\b|Sorry\b|Oops\b|Actually\b|Since\b|From\b|As\b|At\b|After\b)([A-Z][\w-]*) (?!and i\b|and I\b)\w+"
)
OVER = re.compile("not |former ")
WORDS = re.compile(r"[^\W_][\w’'-]{2,}")
PARTINGS = re.compile(
    r"\b(?:died|passed away|put down|put to sleep|moved out|broken? up|broke up|split up|fell out with|no longer)\b",
    re.IGNORECASE,
)
NEXT_TO = 4  # words between the words of an end and what has ended
LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Echo:
    """The memory that a statement is about, what it means for it, and what can be stated instead."""

    memory: Memory
    how: Literal["ended", "sharper"]
    triples: tuple[Triple, ...]


class Echoes:
    """Finds what an unread statement takes back or changes."""

    def __init__(self, known: Lookups) -> None:
        self._known = known

    def find(self, candidate: Memory) -> Echo | None:
        """Return what a statement echoes: of several memories the one that shares most words."""
        if PAST.search(candidate.text):
            return None
        said = stems(candidate.text) - IDLE
        best, most = None, 0.0
        for memory, known in self._spoken_of(candidate, said):
            if not said & (stems(known.object) | _thing(known)) or not _of_one(
                candidate, memory, known
            ):
                continue
            shared = said & (stems(memory.text) | stems(known.predicate))
            score = len(shared) / (1 + len(stems(memory.text) - IDLE))
            if score > most and (echo := _echo(candidate, memory, known)):
                best, most = echo, score
        return best

    def _spoken_of(self, candidate: Memory, said: set[str]) -> Iterator[tuple[Memory, Triple]]:
        """Yield the statements that share a word with what is said, each with its memory."""
        words = {w for w in WORDS.findall(candidate.text) if w.casefold() not in IDLE}
        found = [m for word in words for m in self._known.mentioning(_root(word))]
        for predicate in self._known.predicates_of(USER):
            if stems(predicate) & said:
                found += self._known.in_slot(USER, predicate)
        for memory in {m.id: m for m in found}.values():
            if memory.kind not in ("note", "summary") and memory.recorded <= candidate.recorded:
                held = (t for t in statements(memory.triples) if not OVER.match(t.predicate))
                yield from ((memory, triple) for triple in held)


def _thing(known: Triple) -> set[str]:
    """Return the words of an open predicate: "gym" and "car colour" name things, "home" does not."""
    return stems(known.predicate) - {"colour"} if known.predicate not in VALUES else set()


def _of_one(candidate: Memory, memory: Memory, known: Triple) -> bool:
    """Say whether both speak of the user, or both of the same person."""
    text = candidate.text.casefold()
    if known.subject != USER:
        called = [t.predicate for t in memory.triples if t.object == known.subject]
        names = [known.subject.casefold(), *called]
        return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)
    if is_relation(known.predicate) or known.predicate == "family":
        return True
    stranger = STRANGER.match(candidate.text)
    if stranger and not stems(stranger[1]) & stems(f"{known.object} {known.predicate}"):
        return False
    others = {*PEOPLE, *PETS} & set(re.findall(r"[a-z-]+", text)) - {known.predicate}
    return not others or bool(re.search(r"\bme\b", text))


def _echo(candidate: Memory, memory: Memory, known: Triple) -> Echo | None:
    text = candidate.text
    value = _value(text, memory.text, known)
    if value and (CHANGES.search(text) or _corrects(candidate, memory)):
        return Echo(memory, "ended", (replace(known, object=value),))
    if _ended(text, known):
        return Echo(memory, "ended", (replace(known, predicate=f"not {known.predicate}"),))
    if _sharper(text, known):
        return Echo(memory, "sharper", (replace(known, object=text.rstrip(".! ")),))
    return None


def _ended(text: str, known: Triple) -> bool:
    """Say whether words of an end stand next to the value, or to the thing that has it."""
    ends = PARTINGS if is_relation(known.predicate) else ENDS
    words = stems(f"{known.object} {known.predicate}") - IDLE
    for end in ends.finditer(text):
        around = text[: end.start()].split()[-NEXT_TO:] + text[end.end() :].split()[:NEXT_TO]
        if words & stems(" ".join(around)):
            return True
    return False


def _sharper(text: str, known: Triple) -> bool:
    """Say whether a text names what is known in general: "the course I'm doing is …"."""
    noun = re.escape(head(known.object))
    named = re.match(rf"(?:my|our|the) (?:[\w-]+ )*{noun}s?\b", text, re.IGNORECASE)
    specific = NAMES.search(text) or NUMBER.search(text)
    return bool(GENERAL.match(known.object) and named and specific and not CHANGES.search(text))


def _corrects(candidate: Memory, memory: Memory) -> bool:
    return bool(CORRECTS.search(candidate.text)) and candidate.recorded - memory.recorded <= LATELY


def _value(text: str, known_text: str, known: Triple) -> str:
    """Return the value in a text that is of the kind of a known one and stands as it does."""
    kind = next((kind for kind in KINDS if kind.search(f"- {known.object}")), None)
    if kind is None:
        return ""
    place = _before(known_text, known_text.find(known.object))
    for match in reversed(list(kind.finditer(text))):
        new = match.group().strip(".,' ")
        same = stems(new) <= stems(known_text)
        if not same and (kind is not NAMES or _alike(place, _before(text, match.start()))):
            return new
    return ""


def _before(text: str, at: int) -> str:
    found = BEFORE.search(text, 0, max(at, 0))
    return found[1].casefold() if found else ""


def _alike(one: str, other: str) -> bool:
    return one == other or {one, other} <= IS


def _root(word: str) -> str:
    return re.sub(r"(?:['’]s|ing|ed|s)$", "", word) if len(word) > 5 else word
