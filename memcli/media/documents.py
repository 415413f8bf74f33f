"""A document that a model reads once, and that the prompts of a conversation then begin with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from memcli.errors import InvalidInput
from memcli.importers.base import Unreadable
from memcli.importers.encoding import decode
from memcli.text import clean, fence, unfenced

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its name, and the file that it comes from."""

    name: str
    source: str
    text: str

    def fenced(self, code: str) -> str:
        """Return the text as a model sees it, which cannot end the block that it stands in."""
        begin, end = fence("document", f"{self.name} {code}")
        return f"{begin}{unfenced(self.text)}\n{end}".rstrip("\n")


def read(source: Path, name: str = "") -> Document:
    """Read a file; without a name it goes by that of the file.

    Raises:
        InvalidInput: it cannot be read, or the name cannot be one.
    """
    name = name or re.sub(r"[^a-z0-9]+", "-", source.stem.lower()).strip("-")[:64]
    if not NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} is no name.", "--name takes a-z, 0-9, dots and dashes.")
    try:
        return Document(name, str(source.resolve()), clean(decode(source.read_bytes())))
    except (OSError, Unreadable) as error:
        raise InvalidInput(f"{source} cannot be read: {error}.", "Name a text file.") from error
