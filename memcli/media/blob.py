r"""Blobs on disk: what a model made, with what makes it valid, checked before a model sees it.

    b"MEMCLI\x01" | u32 length of the header | header (JSON) | data | SHA-256 of all before

llama.cpp takes a state of other weights, or with flipped bits, without a word and then writes
nonsense; so a blob names the model it belongs to, and carries a checksum.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
from pathlib import Path
from typing import Any

from memcli.media.seal import Seal
from memcli.paths import write_private

MAGIC = b"MEMCLI\x01"
LENGTH = struct.Struct("<I")
DIGEST = 32  # bytes
LONGEST_HEADER = 256 * 2**20  # bytes


class Refused(Exception):
    """A blob cannot be used; the message says why. Whatever it stood for is made again."""


def write(file: Path, header: dict[str, Any], data: bytes, seal: Seal | None = None) -> int:
    """Write a blob in one step, readable by its owner only, and return its size in bytes.

    With a seal nobody else can read it even with the file in hand.

    Raises:
        StoreError: the file system refuses.
    """
    head = json.dumps(header).encode()
    begin = MAGIC + LENGTH.pack(len(head)) + head
    digest = hashlib.sha256(begin)
    digest.update(data)
    parts = (begin, data, digest.digest())
    write_private(file, *([seal.close(b"".join(parts))] if seal else parts))
    return file.stat().st_size


def files(folder: Path, pattern: str) -> list[tuple[Path, os.stat_result]]:
    """Return the blobs of a folder that are still there: another process may delete some."""
    found = []
    for file in folder.glob(pattern):
        with contextlib.suppress(OSError):
            found.append((file, file.stat()))
    return found


def touch(file: Path) -> None:
    """Note that a blob was used, where that can be written."""
    with contextlib.suppress(OSError):
        file.touch()


def read(
    file: Path, fingerprint: str | None, seal: Seal | None = None
) -> tuple[dict[str, Any], memoryview]:
    """Return the header and the data of a blob that was made under a fingerprint (None: any).

    Raises:
        Refused: there is none, it is damaged, or it was made under another one.
    """
    try:
        raw = file.read_bytes()
        whole = memoryview(seal.open(raw) if seal else raw)
    except OSError as error:
        raise Refused("there is none") from error
    except ValueError as error:
        raise Refused("it is damaged, or sealed with another key") from error
    begin = len(MAGIC) + LENGTH.size
    if len(whole) < begin + DIGEST or whole[: len(MAGIC)] != MAGIC:
        raise Refused("it is damaged")
    (length,) = LENGTH.unpack(whole[len(MAGIC) : begin])
    if hashlib.sha256(whole[:-DIGEST]).digest() != whole[-DIGEST:] or length > LONGEST_HEADER:
        raise Refused("it is damaged")
    try:
        header = json.loads(bytes(whole[begin : begin + length]))
        made_under = header["fingerprint"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("it is damaged") from error
    if fingerprint is not None and made_under != fingerprint:
        raise Refused("it belongs to another model or version")
    return header, whole[begin + length : -DIGEST]
