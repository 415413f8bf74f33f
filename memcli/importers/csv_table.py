"""CSV: one row a note or turn; the header names the columns as the keys of JSONL are named.

Columns are parted by commas, semicolons, tabs or bars; tags within a cell by commas or semicolons.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from memcli.errors import InvalidInput
from memcli.importers import jsonl
from memcli.importers.base import Format, Record, Skipped, Unreadable
from memcli.importers.file import LONGEST_LINE, File

DELIMITERS = ",;\t|"


def recognises(file: File) -> bool:
    """Say whether a header with a text column stands above a row of as many cells."""
    first = file.start[:4096].lstrip("\ufeff").split("\n", 1)[0]
    if not (delimiter := _delimiter(first, file)):
        return False
    rows = csv.reader(io.StringIO(file.start.lstrip("\ufeff")), delimiter=delimiter)
    try:
        return len(next(rows)) == len(next(rows))
    except (csv.Error, StopIteration):
        return False


def read(file: File) -> Iterator[Record]:
    """Yield a record for each row, and what is wrong with the rows that are none."""
    csv.field_size_limit(LONGEST_LINE)  # a quote that is never closed must not take all memory
    lines = (f"{line}\n" for line in file.text_lines())
    first = next(lines, "").lstrip("\ufeff")
    delimiter = _delimiter(first, file) or ","
    header = _cells(first, delimiter)
    if not _text_column(header, file):
        raise Unreadable('its header has no "text"; name the column, as in --map text=body')
    named = jsonl.renamed({name: name for name in header}, _columns(file), table=True)
    places = {ours: header.index(named[ours]) for ours in jsonl.OURS if ours in named}
    rows, line = csv.reader(lines, delimiter=delimiter), 2
    while True:
        try:
            if (row := next(rows, None)) is None:
                return
            if any(row):
                yield _record(row, places, len(header))
        except (csv.Error, InvalidInput, Unreadable) as error:
            yield Skipped(f"line {line}", str(error))
        line = rows.line_num + 2


def _record(row: list[str], places: dict[str, int], cells: int) -> Record:
    if len(row) != cells:
        raise InvalidInput(f"{len(row)} cells, but the header has {cells}")
    value: dict[str, Any] = {ours: row[at] for ours, at in places.items()}
    tags = [tag.strip() for tag in re.split("[,;]", value.get("tags", ""))]
    return jsonl.record({**value, "tags": [tag for tag in tags if tag]})


def _delimiter(first: str, file: File) -> str:
    """Return what parts the cells of a header that has a text column; of another, nothing."""
    for delimiter in DELIMITERS:
        if delimiter in first:
            cells = _cells(first, delimiter)
            if len(cells) > 1 and _text_column(cells, file):
                return delimiter
    return ""


def _text_column(header: list[str], file: File) -> bool:
    """Say whether there is a text column, under another name only among ones that are known."""
    values = jsonl.renamed(dict.fromkeys(header, "x"), _columns(file), table=True)
    known = sum(name in jsonl.KNOWN for name in header)
    named = "text" in header or _columns(file).get("text") in header
    alone = len(set(header)) == len(header)
    return alone and "text" in values and (named or known * 2 > len(header))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        row = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip().lower() for cell in row]


def _columns(file: File) -> dict[str, str]:
    return {ours: theirs.strip().lower() for ours, theirs in file.columns.items()}


FORMAT = Format("csv", recognises, read)
