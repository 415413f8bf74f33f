"""HTML as people read it: a line for each block, quoted blocks marked with ``>``, no markup.

Python's own parser takes quadratic time for tags that are never closed (CVE-2025-6069), and what
is imported may be anything: hence an expression that looks at each character once.
"""

from __future__ import annotations

import html
import re

TAG = re.compile(r"<(/?)([a-zA-Z][\w:]{0,20})(?:[\s/][^<>]*)?>|<[!?][^<>]*>")
BLOCKS = frozenset(
    "address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6"
    " header hr li main nav ol p pre section table tbody tr ul".split()
)
SPACED = frozenset("p h1 h2 h3 h4 h5 h6 ul ol table blockquote pre".split())
HIDDEN = frozenset("script style head title template noscript".split())
NUMBER = re.compile(r"&#\w{9,};?")  # a letter that there is not, and a number too long for Python
SPACE = re.compile(r"[ \t\r\n\f\xa0\u200b]+")


def html_text(markup: str) -> str:
    """Return the words of an HTML text."""
    first, *others = markup.split("<!--")
    markup = first + "".join(other.partition("-->")[2] for other in others)
    lines, depth, hidden, at = [""], 0, "", 0
    for tag in TAG.finditer(markup):
        if not hidden:
            lines[-1] += _words(markup[at : tag.start()])
        at, name = tag.end(), (tag[2] or "").lower()
        if hidden or name in HIDDEN:
            hidden = _still_hidden(hidden, name, closes=bool(tag[1]))
        elif name in BLOCKS:
            depth = max(0, depth + (-1 if tag[1] else 1)) if name == "blockquote" else depth
            lines += [""] if name not in SPACED else [_mark(depth), ""]
            lines[-1] = _mark(depth) + ("- " if name == "li" and not tag[1] else "")
        elif name in ("td", "th") and tag[1]:
            lines[-1] += " "
    lines[-1] += "" if hidden else _words(markup[at:])
    text = "\n".join(SPACE.sub(" ", line).rstrip() for line in lines)
    return re.sub(r"\n(?:>*\n){2,}", "\n\n", re.sub(r"\n +", "\n", text)).strip()


def _words(markup: str) -> str:
    return html.unescape(SPACE.sub(" ", NUMBER.sub("", markup)))


def _mark(depth: int) -> str:
    return "> " if depth else ""


def _still_hidden(hidden: str, name: str, *, closes: bool) -> str:
    """Return the element within which nothing is shown; one never closed ends where text begins."""
    if not hidden:
        return "" if closes else name
    return "" if (closes and name == hidden) or name == "body" else hidden
