"""Bytes to text, in whatever encoding they are; what is in two at once is refused."""

from __future__ import annotations

import codecs

from memcli.importers.base import Unreadable
from memcli.text import CONTROL

WESTERN = "cp1252"
# Signs that stand where Western European letters would not, were it another encoding.
NOT_WESTERN = frozenset("¢£¤¥¦¨ª¬¯±²³´¶¸¹º¼½¾¿×÷ÐÞðþ†‡ƒˆ˜\ufffd")
SAMPLE = 64 * 1024  # bytes that an encoding is guessed from
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
# What notes and exports were written in before UTF-8.
LEGACY = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "iso8859_2", "iso8859_5",
)  # fmt: skip


def decode(data: bytes) -> str:
    """Return the text of a file.

    Raises:
        Unreadable: it is binary, in several encodings at once, or in none that can be told.
    """
    encoding = encoding_of(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"not {encoding.upper()}: byte {error.start} cannot be read") from error


def encoding_of(data: bytes) -> str:
    """Return the name of the encoding that the bytes are in.

    Raises:
        Unreadable: as for ``decode``.
    """
    for mark, name in BOMS.items():
        if data.startswith(mark):
            return name
    if 0 in data:
        return _wide(data)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _legacy(data, error.start)
    return "utf-8"


def _wide(data: bytes) -> str:
    """Return UTF-16 for text in which every second byte is 0, as Windows writes it."""
    even, odd = data[:SAMPLE:2].count(0), data[1:SAMPLE:2].count(0)
    half = min(len(data), SAMPLE) // 2
    if half > 1 and max(even, odd) > half * 0.7 and min(even, odd) == 0:
        encoding = "utf-16-be" if even > odd else "utf-16-le"
        if not CONTROL.search(data[: half * 2].decode(encoding, "replace")):
            return encoding
    raise Unreadable(f"binary content: a NUL byte at position {data.index(0)}")


def _legacy(data: bytes, first: int) -> str:
    lenient = data.decode("utf-8", "surrogateescape")
    strange = sum("\udc80" <= letter <= "\udcff" for letter in lenient)
    beyond = sum(letter > "\x7f" for letter in lenient) - strange
    if beyond > strange:
        raise Unreadable(f"mixed encodings: UTF-8, but not at byte {first}")
    controls = sum(data.count(code) for code in range(32) if code not in (9, 10, 12, 13, 27))
    if controls:
        raise Unreadable(f"binary content: {controls} control characters, and not UTF-8")
    from charset_normalizer import from_bytes  # 40 ms

    around = data[max(0, first - SAMPLE // 2) :][:SAMPLE]
    by_letters = around.decode(WESTERN, "replace")
    best = from_bytes(around, cp_isolation=list(LEGACY), enable_fallback=False).best()
    if best is None:
        raise Unreadable(f"not UTF-8: byte {first} cannot be read, nor the encoding told")
    latin = best.encoding in ("cp1250", "cp1254", "iso8859_2")  # which share most letters with it
    return WESTERN if latin and NOT_WESTERN.isdisjoint(by_letters) else best.encoding
