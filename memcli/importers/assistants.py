"""What the exports of assistants share: values of any shape, blocks of text, trees of messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from memcli.errors import InvalidInput
from memcli.importers import json_stream
from memcli.importers.base import Record, Skipped, Unreadable, when
from memcli.importers.file import File
from memcli.importers.json_stream import inner

LINES = 20  # of a JSONL file are looked at to recognise it

ReadOne = Callable[[dict[str, Any], str], Iterator[Record]]


def each(file: File, read_one: ReadOne, what: str, *lists: str) -> Iterator[Record]:
    """Yield what is read of each value of a JSON file; a bad value costs no more than itself.

    ``lists`` are where its values may stand, such as ``results.item``; else it is a list of them,
    or one value itself.

    Raises:
        Unreadable: not even the first value can be read.
    """
    paths = [path for path in lists if path in file.outline]
    number = 0
    try:
        for _, value in json_stream.values(
            file.open(), *(paths or ["item" if file.begins == b"[" else ""])
        ):
            number += 1
            yield from _one(value, read_one, f"{what} {number}")
    except Unreadable as error:
        if not number:
            raise
        yield Skipped(f"after {what} {number}", str(error))


def each_line(file: File, read_one: ReadOne) -> Iterator[Record]:
    """Yield what is read of each line of a JSONL file, or of one object on several lines."""
    if file.head.lstrip().split(b"\n", 1)[0].strip() == b"{":
        yield from each(file, read_one, "object")
        return
    for number, line in enumerate(file.lines(), 1):
        where = f"line {number}"
        if line is None:
            yield Skipped(where, "longer than a record may be")
        elif line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield Skipped(where, f"not JSON: {error}")
                continue
            yield from _one(value, read_one, where)


def _one(value: Any, read_one: ReadOne, where: str) -> Iterator[Record]:
    if isinstance(value, dict):
        yield from read_one(value, where)
    else:
        yield Skipped(where, "it is not an object")


def outlines(file: File) -> Iterator[frozenset[str]]:
    """Yield the paths of the objects on a JSONL file's first lines, one that is cut included."""
    if not file.outline or file.begins != b"{":
        return
    yield file.outline
    for line in file.head.split(b"\n", LINES)[1:LINES]:
        if line.startswith(b"{"):
            yield json_stream.outline(line)


def string(value: Any) -> str:
    """Return a text or number as a text, and of anything else an empty one."""
    known = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return str(value).strip() if known else ""


def texts(content: Any, kinds: tuple[str, ...] = ("text",)) -> list[str]:
    """Return the texts of a message: its only one, or those of its blocks of some kinds."""
    found = []
    for block in content if isinstance(content, list) else [content]:
        kind = inner(block, "type") or inner(block, "content_type")
        text = inner(block, "text") if kind in kinds else block
        if isinstance(text, str) and text.strip():
            found.append(text.strip())
    return found


def time_or_none(value: Any) -> tuple[Any, str]:
    """Return a time, or None and what is wrong with it."""
    try:
        return when(value), ""
    except (InvalidInput, Unreadable) as error:
        return None, str(error)


def branch(parents: Mapping[str, str], times: Mapping[str, Any], leaf: Any = "") -> list[str]:
    """Return the ids from a tree's root to ``leaf``, or else to the newest of its leaves.

    ``parents`` has each id; what is no id of the tree is nobody's parent. Cycles end.
    """
    if not isinstance(leaf, str) or leaf not in parents:
        above = set(parents.values())
        leaves = [id for id in parents if id not in above] or list(parents)
        leaf = max(reversed(leaves), key=lambda id: _moment(times[id]), default="")
    path: dict[str, None] = {}
    while leaf in parents and leaf not in path:
        path[leaf] = None
        leaf = parents[leaf]
    return list(reversed(path))


def _moment(value: Any) -> float:
    time, _ = time_or_none(value)
    return time.timestamp() if time else 0.0
