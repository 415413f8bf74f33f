"""Show hits as dated lines, and fit them into a number of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from memcli.records import Hit, Origin
from memcli.text import one_line, unfenced

CITED = 40  # characters of a title

QUOTED = 3  # memories in an answer that only quotes
CLOSE = 0.6  # of the best one's score: what is further off is not quoted
LONGEST_QUOTE = 700  # characters
LONGEST_TITLE = 100  # characters
LONGEST_NEIGHBOUR = 200  # characters of the turn before or after a hit
SHORT = 80  # characters; a shorter turn says little without its neighbours


def line(hit: Hit, *, plain: bool = False) -> str:
    """Return a hit as one line: ``- 2024-05-31 (Title) Speaker: text``.

    Line breaks become spaces, so that a memory cannot end its line and pose as something else.
    A ``plain`` one is without its session's title, for models that know no more than this form.
    """
    head = f"- {hit.when.astimezone():%Y-%m-%d}"
    if title := "" if plain and hit.kind != "note" else _title(hit):
        head += f" ({title})"
    if hit.source.speaker:
        head += f" {one_line(hit.source.speaker)}"
    if hit.valid_from and not plain and hit.valid_from.date() != hit.when.date():
        head += f" [on {hit.valid_from.astimezone():%Y-%m-%d}]"
    if hit.valid_to is not None:
        head += f" [until {hit.valid_to.astimezone():%Y-%m-%d}]"
    return f"{head}: {one_line(hit.text)}"


def fit(
    hits: Sequence[Hit], budget: int, count: Callable[[str], int], *, plain: bool = False
) -> tuple[list[Hit], list[Hit]]:
    """Return the best hits that fit into ``budget`` tokens, in time order, and those left out.

    The room that is left goes to the turns around them, the best hit's first; the hits that are
    returned name no others.
    """
    kept: list[Hit] = []
    left_out: list[Hit] = []
    room = budget
    for hit in hits:
        cost = count(line(hit, plain=plain) + "\n")
        if cost <= room:
            room -= cost
            kept.append(hit)
        else:
            left_out.append(hit)
    shown = kept if plain else _with_neighbours(kept, room, count)
    while shown and count(block(shown, plain=plain) + "\n") > budget:  # more than its parts
        left_out.append(shown.pop())
    return sorted(shown, key=lambda hit: (hit.when, hit.id)), left_out


def block(hits: Iterable[Hit], *, plain: bool = False) -> str:
    """Return hits as the lines that enter a prompt, with the turns around them if not ``plain``.

    None of them can close the fence that they stand in.
    """
    lines = (line(hit, plain=plain) + ("" if plain else _neighbours(hit)) for hit in hits)
    return "\n".join(map(unfenced, lines))


def _title(hit: Hit) -> str:
    """Return the title of a note, or of a turn's session, unless the text begins like it."""
    titled = hit.kind == ("turn" if hit.source.kind == "session" else "note")
    title = one_line(hit.source.title)
    begins = one_line(hit.text).casefold().startswith(title.rstrip("…").casefold())
    return _cut(title, LONGEST_TITLE) if titled and not begins else ""


def _neighbours(hit: Hit) -> str:
    sides = (("before", one_line(hit.before)), ("after", one_line(hit.after)))
    return "".join(f" [{side}: {_cut(said, LONGEST_NEIGHBOUR)}]" for side, said in sides if said)


def _with_neighbours(hits: Sequence[Hit], room: int, count: Callable[[str], int]) -> list[Hit]:
    """Return hits with the neighbours that help and fit into ``room``, none of them told twice."""
    told = {_said(hit.source, f"{hit.source.speaker or 'user'}: {hit.text}") for hit in hits}
    shown = []
    for hit in hits:
        before, after = ("" if _said(hit.source, t) in told else t for t in _helpful(hit))
        wide = replace(hit, before=before, after=after)
        cost = count(_neighbours(wide))
        if cost > room:
            wide, cost = replace(hit, before="", after=""), 0
        room -= cost
        told |= {_said(hit.source, wide.before), _said(hit.source, wide.after)}
        shown.append(wide)
    return shown


def _said(origin: Origin, text: str) -> tuple[str, str]:
    return origin.session_id, one_line(text)


def _helpful(hit: Hit) -> tuple[str, str]:
    """Return the turns before and after a turn that answers, asks, or says little by itself."""
    if hit.kind != "turn":
        return "", ""
    short = len(hit.text) < SHORT
    answers, asks = (text.rstrip().endswith("?") for text in (hit.before, hit.text))
    return hit.before if short or answers else "", hit.after if short or asks else ""


def quoted(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits that an answer quotes: the best one, and those close to it."""
    able = [hit for hit in hits if "only asks" not in hit.parts and hit.kind != "summary"]
    return [hit for hit in able[:QUOTED] if hit.score >= CLOSE * able[0].score]


def quotes(hits: Sequence[Hit]) -> list[str]:
    """Return the hits that an answer quotes as lines for the user to read."""
    return [_quote(hit) for hit in quoted(hits)]


def _quote(hit: Hit) -> str:
    text = _cut(one_line(hit.text), LONGEST_QUOTE)
    until = f", until {hit.valid_to.astimezone():%Y-%m-%d}" if hit.valid_to else ""
    speaker = f"{one_line(hit.source.speaker)}: " if hit.source.speaker else ""
    return f"- “{speaker}{text}” ({hit.when.astimezone():%Y-%m-%d}, {where(hit)}{until})"


def _cut(text: str, longest: int) -> str:
    """Return text cut at a word, visibly, to a number of characters."""
    return text if len(text) <= longest else text[: longest - 1].rsplit(" ", 1)[0] + " …"


def cited(title: str) -> str:
    """Return a session's title as answers name it."""
    return one_line(title)[:CITED]


def where(hit: Hit) -> str:
    """Say in a few words where a hit came from."""
    origin = hit.source
    if origin.kind == "command":
        return "told by you"
    if origin.kind == "session":
        return f"chat “{cited(origin.title)}”" if origin.title else "chat"
    return one_line(origin.title) or origin.uri or origin.kind
