"""Plain text: paragraphs, with the date from the file name."""

from __future__ import annotations

from collections.abc import Iterator

from memcli.importers.base import Format, Note, Record
from memcli.importers.chunks import chunk_markdown
from memcli.importers.file import File
from memcli.importers.markdown import read_head

SUFFIXES = (".txt", ".text", "")


def recognises(file: File) -> bool:
    """Say whether a file is prose by its name or content."""
    return file.prose and file.suffix in SUFFIXES


def read(file: File) -> Iterator[Record]:
    """Yield the paragraphs of a text file."""
    head = read_head("", file.stem)
    for chunk in chunk_markdown(file.text):
        yield Note(chunk.text, chunk.text, chunk.span, head.title, head.time)


FORMAT = Format("text", recognises, read, whole=True)
