"""Pictures in text and for a browser: a tree of triples, a calendar, growth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING

from memcli.text import one_line

if TYPE_CHECKING:
    from memcli.tiers.graph import Node

SHADES = " ░▒▓█"
WEEKS = 53
LONGEST = 40  # characters of a bar, and of a name in a picture
ROW, COLUMN = 26, 260  # pixels of a picture's grid
PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>
body{{font:14px sans-serif}} path{{fill:none;stroke:#bbb}} .p{{fill:#888;font-size:11px}}
</style>
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">
{body}
</svg>"""


def outline(node: Node, indent: str = "") -> Iterator[str]:
    """Yield the lines of a tree."""
    if not indent:
        yield node.name
    for i, (predicate, branch) in enumerate(node.branches):
        last = i == len(node.branches) - 1
        yield f"{indent}{'└── ' if last else '├── '}{predicate}: {one_line(branch.name)}"
        yield from (
            line
            for line in outline(branch, indent + ("    " if last else "│   "))
            if branch.branches
        )


def dot(node: Node) -> str:
    """Return a tree in Graphviz's language."""
    lines = (
        f"  {_quoted(t.subject)} -> {_quoted(t.object)} [label={_quoted(t.predicate)}];"
        for t in node.edges()
    )
    return "\n".join(["digraph memory {", "  rankdir=LR;", *lines, "}"])


def html(node: Node) -> str:
    """Return a page that draws a tree from left to right, and needs nothing from elsewhere."""
    parts: list[str] = []
    rows, depth = _draw(node, 0, 0, parts)
    width, height = (depth + 1) * COLUMN, (rows + 1) * ROW
    return PAGE.format(title=escape(node.name), width=width, height=height, body="\n".join(parts))


def calendar(days: Mapping[str, int], today: date) -> Iterator[str]:
    """Yield the lines of a year's heat-map: a column a week, a row a weekday."""
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    most = max((days.get(str(first + timedelta(days=i)), 0) for i in range(7 * WEEKS)), default=0)
    if not most:
        return
    yield f"\n{first} to {today}, at most {most} a day"
    for weekday, name in enumerate(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")):
        dates = (first + timedelta(days=weekday, weeks=week) for week in range(WEEKS))
        yield f"{name} " + "".join(_shade(days.get(str(day), 0), most) for day in dates)


def growth(days: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each of the last twelve months in which something was recorded."""
    months: dict[str, int] = {}
    for day, count in days.items():
        months[day[:7]] = months.get(day[:7], 0) + count
    shown = dict(sorted(months.items())[-12:])
    most = max(shown.values(), default=0)
    for i, (month, count) in enumerate(shown.items()):
        yield f"{'' if i else chr(10)}{month} {'█' * max(1, LONGEST * count // most)} {count}"


def _shade(count: int, most: int) -> str:
    return SHADES[min(len(SHADES) - 1, -(-count * (len(SHADES) - 1) // most))]


def _draw(node: Node, row: int, depth: int, parts: list[str]) -> tuple[int, int]:
    """Draw a node and its branches from a row on; return the rows it takes, and how deep it is."""
    x, y = 10 + depth * COLUMN, (row + 1) * ROW
    parts.append(f'<text x="{x}" y="{y}">{escape(one_line(node.name)[:LONGEST])}</text>')
    taken, deepest = 0, depth
    for predicate, branch in node.branches:
        to = (row + taken + 1) * ROW - 4
        start, end = x + COLUMN // 2, x + COLUMN - 6
        parts.append(
            f'<path d="M{start} {y - 4} C{start + 40} {y - 4} {end - 60} {to} {end} {to}"/>'
        )
        parts.append(f'<text class="p" x="{end - 90}" y="{to - 3}">{escape(predicate)}</text>')
        below, depth_below = _draw(branch, row + taken, depth + 1, parts)
        taken, deepest = taken + below, max(deepest, depth_below)
    return max(taken, 1), deepest


def _quoted(text: str) -> str:
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
