"""Prove that what was forgotten is gone: from recall, and from every byte of the data folder.

A receipt says what was erased without saying what it was: ids, salted hashes and counts.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from memcli.paths import DATABASE, chunks, make_private_folder, write_private
from memcli.records import USER, Hit, Triple
from memcli.text import one_line, words

LEAST = 8  # characters; shorter texts stand everywhere by chance
LEAST_WORD = 6  # letters, likewise
ASKED = 50  # texts that recall is asked for
OVERLAP = 64 * 1024  # bytes; the longest text that is found across two chunks
CHUNK = 8 * 1024 * 1024
HEAD = 4  # bytes of a needle that are looked up

MANY = 64  # needles, from which on their first bytes are looked up all at once

Recall = Callable[[str], Sequence[Hit]]
Read = Callable[[str], Iterable[Triple]]  # what a text states
QUESTIONS = ("What is {whose} {predicate}?", "Tell me about {object}.", "{subject} {predicate}")


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


def prove(
    folder: Path,
    texts: Iterable[str],
    rare: Iterable[str],
    recall: Recall,
    triples: Iterable[Triple] = (),
    read: Read = lambda text: (),
    contents: Callable[[], Iterable[bytes]] = tuple,
) -> Proof:
    """Look for forgotten texts, and for words that only they had (``rare``).

    Whole texts are looked for in UTF-8 and UTF-16; the words as a full-text index would hold them.
    Recall is asked for the texts and, in other words, for the triples: nothing it finds may say
    one of the texts or state one of the triples. Of an encrypted database, whose bytes tell
    nothing, ``contents`` gives what its tables hold.
    """
    texts = [text for text in dict.fromkeys(texts) if len(text) >= LEAST]
    needles = [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")]
    needles += [json.dumps(text)[1:-1].encode() for text in texts if not text.isascii()]
    index = [word.encode() for word in rare if len(word) >= LEAST_WORD]
    remains, files, size = [], 0, 0
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        files, size = files + 1, size + file.stat().st_size
        if _holds(file, needles + (index if file.name.startswith(DATABASE) else [])):
            remains.append(str(file))
    remains += _held(contents(), needles + index)
    recalled = _recalled(texts[:ASKED], list(dict.fromkeys(triples))[:ASKED], recall, read)
    return Proof(files, size, tuple(remains), tuple(dict.fromkeys(recalled)))


def _held(contents: Iterable[bytes], needles: Sequence[bytes]) -> list[str]:
    find = _find(needles)
    return ["the encrypted database"] if any(map(find, contents)) else []


def questions(triple: Triple) -> list[str]:
    """Return ways to ask for what a triple states."""
    whose = "my" if triple.subject == USER else f"{triple.subject}'s"
    subject = "I" if triple.subject == USER else triple.subject
    given = {"predicate": triple.predicate, "object": triple.object}
    return [q.format(whose=whose, subject=subject, **given) for q in QUESTIONS]


def _recalled(
    texts: Sequence[str], triples: Sequence[Triple], recall: Recall, read: Read
) -> Iterator[str]:
    """Yield the ids of hits that still tell what was forgotten."""
    told = [one_line(text).casefold() for text in texts]
    stated = {_folded(triple) for triple in triples}
    asked = [*texts, *(question for triple in triples for question in questions(triple))]
    hits = {hit.id: hit.text for question in asked for hit in recall(question)}
    for id, text in hits.items():
        words = one_line(text).casefold()
        if any(each in words for each in told) or stated.intersection(map(_folded, read(text))):
            yield id


def _folded(triple: Triple) -> tuple[str, ...]:
    return triple.subject.casefold(), triple.predicate, triple.object.casefold()


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
    find = _find(needles)
    before = b""
    for chunk in chunks(file, CHUNK):
        window = before + chunk
        if find(window):
            return True
        before = window[-OVERLAP:]
    return False


def _find(needles: Sequence[bytes]) -> Callable[[bytes], bool]:
    """Return what says whether bytes hold any of the needles."""
    if len(needles) > MANY:
        return _any_of(needles)
    return lambda window: any(needle in window for needle in needles)


def _any_of(needles: Sequence[bytes]) -> Callable[[bytes], bool]:
    """Return a search for many needles at once: their first four bytes, then the whole of them."""
    import numpy as np

    by_head: dict[int, list[bytes]] = defaultdict(list)
    for needle in needles:
        by_head[int.from_bytes(needle[:HEAD], "little")].append(needle)
    heads = np.array(sorted(by_head), dtype="<u4")

    def find(window: bytes) -> bool:
        for shift in range(HEAD):
            count = (len(window) - shift) // HEAD
            codes = np.frombuffer(window, dtype="<u4", count=count, offset=shift)
            for place in np.flatnonzero(np.isin(codes, heads)):
                at = shift + HEAD * int(place)
                if any(window.startswith(needle, at) for needle in by_head[int(codes[place])]):
                    return True
        return False

    return find
