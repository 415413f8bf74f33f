"""Plain text: paragraphs, with the date from the file name or from the lines of a diary."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memcli.importers.base import Format, Note, Record
from memcli.importers.chunks import chunk_markdown, prose_mark, titled
from memcli.importers.days import day_in, last_day
from memcli.importers.file import File
from memcli.importers.markdown import is_diary
from memcli.importers.prose import may_be_prose, reads_as_prose

SUFFIXES = (".txt", ".text")


def recognises(file: File) -> bool:
    """Say whether a file is prose by its name or content."""
    return may_be_prose(file) and (file.suffix in SUFFIXES or reads_as_prose(file.start))


def read(file: File) -> Iterator[Record]:
    """Yield the paragraphs of a text file."""
    time, own = day_in(file.stem), is_diary(file)
    for chunk in chunk_markdown(file.text, marks=prose_mark):
        if re.search(r"\w", chunk.text):
            title = titled(file.stem, chunk.headings)
            day = last_day(chunk.headings) or time
            yield Note(chunk.text, chunk.text, chunk.span, title, day, own=own)


FORMAT = Format("text", recognises, read, whole=True)
