"""Show hits as dated lines, and fit them into a number of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from memcli.records import Hit
from memcli.text import one_line

QUOTED = 3  # memories in an answer that only quotes
CLOSE = 0.6  # of the best one's score: what is further off is not quoted
LONGEST_QUOTE = 700  # characters


def line(hit: Hit) -> str:
    """Return a hit as one line: ``- 2024-05-31 (Title) Speaker: text``.

    Line breaks become spaces, so that a memory cannot end its line and pose as something else.
    """
    head = f"- {hit.when.astimezone():%Y-%m-%d}"
    if hit.source.title and hit.kind == "note":
        head += f" ({one_line(hit.source.title)})"
    if hit.source.speaker:
        head += f" {one_line(hit.source.speaker)}"
    if hit.valid_to is not None:
        head += f" [until {hit.valid_to.astimezone():%Y-%m-%d}]"
    return f"{head}: {one_line(hit.text)}"


def fit(
    hits: Sequence[Hit], budget: int, count: Callable[[str], int]
) -> tuple[list[Hit], list[Hit]]:
    """Return the best hits that fit into ``budget`` tokens, in time order, and those left out."""
    kept: list[Hit] = []
    left_out: list[Hit] = []
    for hit in hits:
        cost = count(line(hit) + "\n")
        if cost <= budget:
            budget -= cost
            kept.append(hit)
        else:
            left_out.append(hit)
    return sorted(kept, key=lambda hit: (hit.when, hit.id)), left_out


def block(hits: Sequence[Hit]) -> str:
    """Return hits as the lines that enter a prompt."""
    return "\n".join(line(hit) for hit in hits)


def quoted(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits that an answer quotes: the best one, and those close to it."""
    able = [hit for hit in hits if "only asks" not in hit.parts and hit.kind != "summary"]
    return [hit for hit in able[:QUOTED] if hit.score >= CLOSE * able[0].score]


def quotes(hits: Sequence[Hit]) -> list[str]:
    """Return the hits that an answer quotes as lines for the user to read."""
    return [_quote(hit) for hit in quoted(hits)]


def _quote(hit: Hit) -> str:
    text = one_line(hit.text)
    if len(text) > LONGEST_QUOTE:
        text = text[: LONGEST_QUOTE - 1].rsplit(" ", 1)[0] + " …"
    until = f", until {hit.valid_to.astimezone():%Y-%m-%d}" if hit.valid_to else ""
    speaker = f"{one_line(hit.source.speaker)}: " if hit.source.speaker else ""
    return f"- “{speaker}{text}” ({hit.when.astimezone():%Y-%m-%d}, {where(hit)}{until})"


def where(hit: Hit) -> str:
    """Say in a few words where a hit came from."""
    origin = hit.source
    if origin.kind == "command":
        return "told by you"
    if origin.kind == "session":
        return f"chat “{one_line(origin.title)[:40]}”" if origin.title else "chat"
    return one_line(origin.title) or origin.uri or origin.kind
