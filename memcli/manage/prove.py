"""Prove that what was forgotten is gone: from recall, and from every byte of the data folder.

A receipt says what was erased without saying what it was: ids, salted hashes and counts.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from memcli.paths import make_private_folder, write_private
from memcli.records import Hit
from memcli.text import one_line, words

LEAST = 8  # characters; shorter texts stand everywhere by chance
LEAST_WORD = 6  # letters, likewise
ASKED = 50  # texts that recall is asked for
OVERLAP = 64 * 1024  # bytes; the longest text that is found across two chunks
CHUNK = 8 * 1024 * 1024

Recall = Callable[[str], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Proof:
    """What the two checks found: files that still hold the words, and hits that still tell them."""

    files: int
    size: int  # bytes searched
    remains: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is left."""
        return not self.remains and not self.recalled


def prove(folder: Path, texts: Iterable[str], rare: Iterable[str], recall: Recall) -> Proof:
    """Look for forgotten texts, and for words that only they had (``rare``).

    Whole texts are looked for in UTF-8 and UTF-16; the words as a full-text index would hold them.
    """
    texts = [text for text in dict.fromkeys(texts) if len(text) >= LEAST]
    needles = [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le")]
    needles += [json.dumps(text)[1:-1].encode() for text in texts if not text.isascii()]
    index = [word.encode() for word in rare if len(word) >= LEAST_WORD]
    remains, files, size = [], 0, 0
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        files, size = files + 1, size + file.stat().st_size
        if _holds(file, needles + (index if file.name.startswith("memory.db") else [])):
            remains.append(str(file))
    recalled = [id for text in texts[:ASKED] for id in _told(text, recall(text))]
    return Proof(files, size, tuple(remains), tuple(dict.fromkeys(recalled)))


def _told(text: str, hits: Iterable[Hit]) -> list[str]:
    words = one_line(text).casefold()
    return [hit.id for hit in hits if words in one_line(hit.text).casefold()]


def rare_words(texts: Iterable[str], known: Callable[[Sequence[str]], Iterable[str]]) -> list[str]:
    """Return the words of texts, in lower case, that ``known`` does not return."""
    said = list(dict.fromkeys(word for text in texts for word in words(text)))
    left = set(known(said))
    return [word for word in said if word not in left and word.isalpha()]


def write_receipt(
    folder: Path, at: datetime, ids: Sequence[str], texts: Sequence[str], proof: Proof
) -> Path:
    """Write what was erased, and the result of both checks, and return the file."""
    salt = secrets.token_hex(16)
    receipt = {
        "at": at.isoformat(),
        "ids": list(ids),
        "salt": salt,
        "sha256": [hashlib.sha256((salt + text).encode()).hexdigest() for text in texts],
        "files_searched": proof.files,
        "bytes_searched": proof.size,
        "remains": list(proof.remains),
        "recalled": list(proof.recalled),
    }
    make_private_folder(folder)
    file = folder / f"{at:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}.json"
    write_private(file, json.dumps(receipt, indent=1) + "\n")
    return file


def _holds(file: Path, needles: Sequence[bytes]) -> bool:
    before = b""
    with file.open("rb") as opened:
        while chunk := opened.read(CHUNK):
            window = before + chunk
            if any(needle in window for needle in needles):
                return True
            before = window[-OVERLAP:]
    return False
