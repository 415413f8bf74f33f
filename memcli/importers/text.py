"""Plain text: paragraphs, with the date from the file name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from memcli.importers.base import Note, decode
from memcli.importers.chunks import chunk_markdown
from memcli.importers.markdown import Head, read_head

KIND = "text"


def read(data: bytes, path: Path) -> tuple[Head, Iterator[Note]]:
    """Read one text file.

    Raises:
        Unreadable: the file is no text.
    """
    text = decode(data)
    head = read_head("", path)
    return head, (
        Note(chunk.text, chunk.text, chunk.span, head.title, head.time)
        for chunk in chunk_markdown(text)
    )
