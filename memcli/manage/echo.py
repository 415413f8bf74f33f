"""Find the memory that a statement takes back or changes, where no rule can read the statement.

"My doctor took me off the gluten-free diet" says nothing to a pattern, but it has words of an end,
and a diet without gluten is known. What is required: words of an end beside a word of the value or
of the thing it is about, or words of change and a new value of the same kind; and the same person.
"""
# ruff: noqa: E501  (tables of words)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from memcli.acquire.predicates import PEOPLE, PETS, VALUES
from memcli.manage.identity import Lookups, is_relation, statements
from memcli.manage.values import stems
from memcli.records import USER, Memory, Triple

ENDS = re.compile(
    r"\b(?:no longer|any ?(?:more|longer)|(?:stopped|quit)(?! (?:for|by|at|off|in|to|near)\b)|g[ai]ven? up"
    r"|sold|cancell?ed|deleted|(?:closed|shut) down|called off|got(?:ten)? rid of|g[ai]ven? away"
    r"|stepped down|dropped out|retired from|isn't my|not my|ended|(?:is|are) over|expired|stolen"
    r"|took me off|(?:taken|came|come|gone|went) off|fed up with|bored of|cured|recovered from"
    r"|outgrown|outgrew|gr[eo]wn? out of|packed in|ditched|finished with|made redundant|laid off"
    r"|sick of|don't need)\b",
    re.IGNORECASE,
)  # fmt: skip
PARTINGS = re.compile(
    r"\b(?:died|passed away|put (?:down|to sleep)|moved out|br[eo]ken? up|split up|fell out with"
    r"|no longer)\b",
    re.IGNORECASE,
)
CHANGES = re.compile(
    r"\b(?:switched|swapped|traded|replaced|upgraded|moved|changed|instead|bec[ao]me|promoted|rose|risen"
    r"|(?:gone|went) (?:up|down)|fell|dropped|increased|now|nowadays|these days|from now on|used to"
    r"|brought forward|postponed|(?:put|pushed) back|rescheduled|transferred|resprayed|dyed"
    r"|repainted)\b",
    re.IGNORECASE,
)  # fmt: skip
# A colour and a number stand for an older one of the same thing.
KINDS = (
    re.compile(r"\b(?:red|blue|green|yellow|orange|purple|pink|brown|black|white|gr[ae]y|silver)\b"),
    re.compile(r"\b\d[\d.,:/]*\b"),
)  # fmt: skip
REPLANNED = re.compile(r"\b(?:change of plans?|changed (?:my|our) minds?|instead)\b", re.IGNORECASE)
IDLE = frozenset(
    """have has had been being was were are am is the and but for with from that this they them then
    what when who not now new again back any more longer last next week month year today yesterday
    day time thing work living live like love know think want need use good great nice first our you
    your his her its him she how why because since after before under get got getting going go went
    come came take took taking make made still also too into out off over about some all one""".split()
)
PAST = re.compile(
    r"\b(?:before|used to|ago|when i was|as an? (?:child|kid|teenager|student)|in my \w+(?:ties|teens|youth)"
    r"|back then|until|previous|once|formerly|originally|in (?:19|20)\d\d)\b",
    re.IGNORECASE,
)  # fmt: skip
# A sentence that begins with a name speaks of whoever bears it.
STRANGER = re.compile(
    r"(?!(?:I|My|Our|We|The|It|No|Not|Sorry|Oops|Actually|Since|From|As|At|After)\b)"
    r"([A-Z][\w-]*) (?!and I\b)\w+"
)
NEXT_TO = 4  # words between the words of an end and what has ended


def find_echo(candidate: Memory, known: Lookups) -> tuple[Memory, Triple] | None:
    """Return what a statement echoes: of several memories the one that shares most words."""
    if PAST.search(candidate.text):
        return None
    said = stems(candidate.text) - IDLE
    found: list[tuple[float, tuple[Memory, Triple]]] = []
    for memory, triple in _spoken_of(candidate, known):
        about = stems(triple.object) | _thing(triple)
        if said & about and _of_one(candidate, memory, triple):
            stated = _stated(candidate.text, memory.text, triple)
            words = stems(memory.text) - IDLE
            found += [(len(said & words) / (1 + len(words)), (memory, t)) for t in stated]
    return max(found, key=lambda one: one[0])[1] if found else None


def _spoken_of(candidate: Memory, known: Lookups) -> Iterator[tuple[Memory, Triple]]:
    """Yield the statements that share a word with what is said, each with its memory."""
    words = set(re.findall(r"[^\W_][\w’'-]{2,}", candidate.text))
    found = [m for w in words if w.casefold() not in IDLE for m in known.mentioning(_root(w))]
    for predicate in known.predicates_of(USER):
        if stems(predicate) & stems(candidate.text) - IDLE:
            found += known.in_slot(USER, predicate)
    for memory in {m.id: m for m in found}.values():
        if memory.kind not in ("note", "summary") and memory.recorded <= candidate.recorded:
            for triple in statements(memory.triples):
                if not triple.predicate.startswith(("not ", "former ")):
                    yield memory, triple


def _thing(known: Triple) -> set[str]:
    """Return the words of an open predicate: "car colour" names a thing, "home" does not."""
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


def _stated(text: str, known_text: str, known: Triple) -> list[Triple]:
    """Return what holds after a text instead of a known triple, if it is about that at all."""
    if CHANGES.search(text) and (value := _value(text, known_text, known)):
        return [replace(known, object=value)]
    if known.predicate == "plan" and REPLANNED.search(text):
        shared = stems(text) & stems(known.object) - IDLE
        return [replace(known, object=text.rstrip(".! "))] if len(shared) > 1 else []
    ended = _ended(text, known)
    return [replace(known, predicate=f"not {known.predicate}")] if ended else []


def _ended(text: str, known: Triple) -> bool:
    """Say whether words of an end stand next to the value, or to the thing that has it."""
    ends = PARTINGS if is_relation(known.predicate) else ENDS
    words = stems(f"{known.object} {known.predicate}") - IDLE
    for end in ends.finditer(text):
        around = text[: end.start()].split()[-NEXT_TO:] + text[end.end() :].split()[:NEXT_TO]
        if words & stems(" ".join(around)):
            return True
    return False


def _value(text: str, known_text: str, known: Triple) -> str:
    """Return the value in a text that is of the same kind as a known one, and another."""
    kind = next((kind for kind in KINDS if kind.search(known.object)), None)
    found = kind.findall(text) if kind else []
    new = [value for value in found if not stems(value) <= stems(known_text)]
    return new[-1] if new else ""


def _root(word: str) -> str:
    return re.sub(r"(?:['’]s|ing|ed|s)$", "", word) if len(word) > 5 else word
