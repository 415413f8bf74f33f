"""JSON that need not fit in memory: what a file holds, and its values one by one."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO, Any

from memcli.importers.base import Unreadable

DEEPEST = 100  # levels of a value; deeper ones are made to break their readers
DEEPEST_SEEN = 8  # levels of an outline
LARGEST_VALUE = 32 * 1024 * 1024  # characters of one value, such as a conversation
BLOCK = 1 << 20  # bytes; an unfinished string is read again with each
OPENING, CLOSING = ("start_map", "start_array"), ("end_map", "end_array")


def outline(head: bytes) -> frozenset[str]:
    """Return the paths of the values that a beginning of JSON holds, such as ``item.mapping``.

    An element of a list is ``item``. What is no JSON has no paths, or few.
    """
    found: set[str] = set()
    try:
        for path, _, _ in _walk(_Bounded(iter([head]))):
            if len(path) <= DEEPEST_SEEN:
                found.add(".".join(path))
    except Unreadable as error:
        if found <= {"", "item"} and "premature EOF" not in str(error):
            return frozenset()  # a text that begins with "[2024-05-31" or "[ ]"
    return frozenset(found - {""})


def values(file: IO[bytes], *paths: str) -> Iterator[tuple[str, Any]]:
    """Yield the values at some paths, each with its path, in the order of the file.

    Numbers with a fraction are floats. Of two paths that contain one another the outer one counts.

    Raises:
        Unreadable: it is no JSON from some place on, too deep, or one value of it is too large.
    """
    from ijson import ObjectBuilder

    wanted = {tuple(path.split(".")) if path else () for path in paths}
    builder, size = None, 0
    inside: tuple[str, ...] = ()
    with file:
        for path, event, value in _walk(_Bounded(iter(lambda: file.read(BLOCK), b""))):
            if builder is None:
                if path not in wanted or event in ("map_key", *CLOSING):
                    continue
                builder, inside, size = ObjectBuilder(), path, 0
            builder.event(event, value)
            size += len(value) if isinstance(value, str) else 1
            if size > LARGEST_VALUE:
                raise Unreadable(f"a value at {'.'.join(inside)} larger than {size >> 20} MB")
            if path == inside and event not in (*OPENING, "map_key"):
                yield ".".join(inside), builder.value
                builder = None


def inner(value: Any, *keys: str) -> Any:
    """Return what stands within objects under some keys, or None."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _walk(file: _Bounded) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Yield the events of a parser, each with the path of the value that it belongs to."""
    import ijson

    path: list[str] = []
    try:
        for event, value in ijson.basic_parse(file, use_float=True):
            if event == "map_key":
                path[-1] = value
                yield tuple(path[:-1]), event, value
                continue
            if event in CLOSING:
                path.pop()
            yield tuple(path), event, value
            if event in OPENING:
                path.append("item" if event == "start_array" else "")
                if len(path) > DEEPEST:
                    raise Unreadable(f"JSON of more than {DEEPEST} levels")
    except (ijson.JSONError, UnicodeError, ValueError, OverflowError) as error:
        raise Unreadable(f"not JSON: {' '.join(str(error).split())[:120]}") from error


class _Bounded:
    """A stream for the parser, in which no string is so long that it must not be held."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._without_quote = 0
        self._first = True

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        block = next(self._blocks, b"")
        if self._first:
            block, self._first = block.removeprefix(codecs.BOM_UTF8), False
        self._without_quote = 0 if b'"' in block else self._without_quote + len(block)
        if self._without_quote > LARGEST_VALUE:
            raise Unreadable(f"a text longer than {LARGEST_VALUE >> 20} MB")
        return block
