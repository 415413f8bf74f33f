"""Clean text: what may be stored, printed, put on one line, and told to a model as data."""

from __future__ import annotations

import itertools
import re
import unicodedata

# Control characters that no text needs and terminals obey, those that turn the direction of text
# around among them; tab and line feed stay.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# Tag characters: nobody sees them, and a model reads them. Only flags need some, as England's.
TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f)|[\U000e0000-\U000e007f]")
# What a block of data in a prompt begins or ends with, however it is spelled.
FENCES = re.compile(r"<(?=\W{0,9}(?:memories|document|conversation)\b)", re.IGNORECASE)


# Letters and marks of scripts that put no spaces between words, and Hangul, whose endings cling to
# them; digits are left out. As ranges, for a class in a regular expression and in SQL's GLOB alike.
UNSPACED_RANGES = "".join(
    f"{chr(first)}-{chr(last)}"
    for first, last in (
        (0x0E01, 0x0E4E), (0x0E81, 0x0ECD), (0x0EDC, 0x0EDF),  # Thai, Lao
        (0x1000, 0x103F), (0x1050, 0x108F), (0xA9E0, 0xA9EF), (0xAA60, 0xAA7F),  # Burmese
        (0x1780, 0x17D3), (0x1950, 0x19C9), (0x1A20, 0x1A7C),  # Khmer, Tai
        (0x3005, 0x3007), (0x3041, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x30FF),  # Japanese
        (0x3105, 0x312F), (0x31F0, 0x31FF), (0xFF66, 0xFF9F), (0x1B000, 0x1B16F),
        (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFD),  # Chinese
        (0xAC00, 0xD7A3),  # Korean
    )
)  # fmt: skip
UNSPACED = re.compile(f"[{UNSPACED_RANGES}]")
_PARTS = re.compile(f"[{UNSPACED_RANGES}]+|[^{UNSPACED_RANGES}]+")
# They match plain letters wherever case is ignored, and stand in no table of words.
LOOKALIKES = str.maketrans("ſıİK", "siIK")
_WORDS = re.compile(r"[^\W_]+")
_RUNS = re.compile(rf"(?:[^\W_]|[{UNSPACED_RANGES}])+")  # with the marks, which \w leaves out


def words(text: str) -> list[str]:
    """Return the words of a text in lower case; unspaced ones as ``apart`` gives them."""
    text = text.lower()
    if text.isascii() or not UNSPACED.search(text):
        return _WORDS.findall(text)
    return [part for run in _RUNS.findall(text) for part in apart(run)]


def apart(word: str) -> list[str]:
    """Return a word in a list, but of a run of unspaced letters each pair of neighbours.

    A lone letter stands for itself. Marks count for nothing, as in the full-text index.
    """
    if word.isascii() or not UNSPACED.search(word):
        return [word]
    found = []
    for part in _PARTS.findall(word):
        if UNSPACED.match(part):
            letters = [letter for letter in part if letter.isalnum()]
            found += [a + b for a, b in itertools.pairwise(letters)] or letters
        else:
            found.append(part)
    return found


def spaced(text: str) -> str:
    """Set each unspaced letter apart, as the full-text index holds it."""
    return text if text.isascii() else UNSPACED.sub(r" \g<0> ", text)


def clean(raw: str) -> str:
    """Return text that can be stored and printed: NFC, plain line ends, no control characters."""
    text = raw.encode("utf-8", "replace").decode("utf-8")  # lone surrogates become "?"
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return TAGS.sub(r"\1", CONTROL.sub("", text))


def escaped(json: str) -> str:
    """Return JSON with escapes for control characters, which terminals obey."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


def fence(name: str, code: str) -> tuple[str, str]:
    """Return the lines that a block of data in a prompt begins and ends with.

    ``code`` is random: no text that was stored can know it, and so none can end its block.
    """
    return f"<{name} {code}>\n", f"</{name} {code}>\n"


def unfenced(text: str) -> str:
    """Return text in which nothing looks like a line of ``fence``, whatever code it has."""
    return FENCES.sub("‹", text)


def one_line(text: str) -> str:
    """Return text with every run of white space made one space."""
    return " ".join(text.split())


def size(count: float) -> str:
    """Return a number of bytes as people say it."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"
