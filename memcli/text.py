"""Clean text: what may be stored, printed, and put on one line."""

from __future__ import annotations

import re
import unicodedata

# Control characters that no text needs and terminals obey, those that turn the direction of text
# around among them; tab and line feed stay.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(raw: str) -> str:
    """Return text that can be stored and printed: NFC, plain line ends, no control characters."""
    text = raw.encode("utf-8", "replace").decode("utf-8")  # lone surrogates become "?"
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", text)


def one_line(text: str) -> str:
    """Return text with every run of white space made one space."""
    return " ".join(text.split())
