"""Take the words of change off a clause, so that the tables of plain statements can read it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from memcli.acquire.change_words import (
    BACK_THEN,
    ENDS,
    GERUNDS,
    INVERTED,
    IS_OVER,
    NOW,
    PAST,
    REWRITES,
    STOPPED,
    WAS,
    How,
)

ANY_MORE = re.compile(r",? any ?(?:more|longer)\b")


@dataclass(frozen=True, slots=True)
class Said:
    """A clause without its words of change, and what those said."""

    text: str
    how: How = ""
    denies: str = ""
    corrects: bool = False


def plainly(said: Said) -> Said:
    """Make a clause a plain statement: "I used to live in Rome" is "I live in Rome", over."""
    text, how = _from_past(said.text, said.how)
    text, how = _rewritten(text, how)
    text = NOW.sub("", ANY_MORE.sub("", text))
    if match := INVERTED.match(text):
        text = f"{match['slot']} is {match['value']}{match['end']}"
    return replace(said, text=re.sub("  +", " ", text), how=how)


def _from_past(text: str, how: How) -> tuple[str, How]:
    """Put what was said of another time into the present."""
    then, over = BACK_THEN.match(text), IS_OVER.search(text)
    began = then.end() if then else 0
    past = WAS.match(text[began:]) if then or over else None
    if not past:
        return text, how
    if over and over.start() > began + past.end():
        text = text[: over.start()].rstrip(", ") + "."
    verb = PAST[past["verb"].lower()]
    if verb == "am" and past["who"].lower() not in ("i", "we"):
        verb = "is"
    return f"{past['who']} {verb}{text[began:][past.end() :]}", "former"


def _rewritten(text: str, how: How) -> tuple[str, How]:
    for pattern, plain, meaning in REWRITES:
        if match := pattern.match(text):
            return match.expand(plain) + text[match.end() :], meaning or how
    return _stopped(text, how)


def _stopped(text: str, how: How) -> tuple[str, How]:
    """Read "I've stopped playing chess" as "I play chess", ended."""
    match = STOPPED.match(text)
    if not match or not match["doing"].endswith("ing"):
        return text, how
    doing = match["doing"].lower()
    verb = GERUNDS.get(doing) or re.sub(r"(?:(\w)\1)?ing$", r"\1", doing)
    ended: How = "ended" if ENDS.match(match["stop"]) else "changed"
    return f"{match['who']} {verb}{match['rest']}{text[match.end() :]}", ended
