"""Hidden states: what a model has in mind at the end of a session, kept for the next time.

A session's state is the tokens its model had read and written, and the cells it made of them. On
resume nothing of that is read again. For a recurrent model it is the same size however long the
session was. What every prompt begins with (``PREFIX``) is kept for new sessions, once a model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memcli.engine.base import Engine, Message, Snapshot
from memcli.errors import InvalidInput
from memcli.media import blob
from memcli.media.blob import Refused
from memcli.media.documents import Document
from memcli.media.seal import Seal
from memcli.paths import write_private

SUFFIX = ".state"
PREFIX, DOCUMENT = "prefix-", "doc-"  # what names of states begin with that are of no session


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a session's state. ``note`` tells the user; ``profile`` are memories' ids."""

    tokens: int = 0
    note: str = ""
    profile: tuple[str, ...] = ()


class States:
    """The states of one profile's sessions, in a folder, together no larger than ``budget``."""

    def __init__(self, folder: Path, budget: int, seal: Seal | None = None) -> None:
        """``budget`` is in bytes; 0: keep none. With a ``seal`` all is encrypted."""
        self._folder = folder
        self._seal = seal
        self._budget = budget
        self._prefixes: dict[str, str] = {}  # keys of those read or written, by fingerprint

    def save(self, session_id: str, engine: Engine, profile: Sequence[str]) -> int:
        """Keep what an engine has in mind; return the size in bytes, 0 where it has nothing.

        ``profile`` are the ids of the standing facts in its prompt, which must not change if the
        state is to fit when it is resumed.
        """
        snapshot = engine.snapshot() if self._budget else None
        if snapshot is None or len(snapshot.data) > self._budget:
            return 0
        header = {
            "fingerprint": engine.fingerprint,
            "tokens": list(snapshot.tokens),
            "profile": list(profile),
            "past": list(snapshot.past),
        }
        size = blob.write(self._file(session_id), header, snapshot.data, self._seal)
        self._prune()
        return size

    def copy(self, from_id: str, to_id: str) -> None:
        """Let another session go on where the model of one stopped, if that is known."""
        if (file := self._file(from_id)).exists():
            write_private(self._file(to_id), file.read_bytes())
            self._prune()

    def restore(self, session_id: str, engine: Engine) -> Restored:
        """Give an engine back what it had in mind, or say why it has to read again."""
        file = self._file(session_id)
        if not engine.fingerprint or not file.exists():
            return Restored()
        try:
            header, data = blob.read(file, engine.fingerprint, self._seal)
            tokens, profile = _tokens(header["tokens"]), tuple(map(str, header["profile"]))
            past = _tokens(header.get("past", []))
        except (Refused, KeyError, TypeError, ValueError) as error:
            return Restored(note=f"the session is read again: its saved state is not used, {error}")
        if not engine.resume(Snapshot(tokens, bytes(data), past)):
            return Restored(note="the session is read again: llama.cpp refused its saved state")
        blob.touch(file)
        note = f"{len(tokens)} tokens of this session are in the model again, unread"
        return Restored(len(tokens), note, profile)

    def save_document(self, document: Document, engine: Engine) -> int:
        """Keep what an engine has in mind once it has read a document; return the bytes.

        Raises:
            InvalidInput: it is larger than the budget.
        """
        snapshot = engine.snapshot()
        if snapshot is None or len(snapshot.data) > self._budget:
            raise InvalidInput("This state is too large to keep.", "Set a larger state.budget.")
        about = {"source": document.source, "text": document.text, "length": len(document.text)}
        digest = hashlib.sha256(document.text.encode()).hexdigest()
        header = {"fingerprint": engine.fingerprint, "tokens": snapshot.tokens, "sha256": digest}
        file = self._document(document.name)
        size = blob.write(
            file, {"name": document.name, **header, **about}, snapshot.data, self._seal
        )
        self._prune()
        return size

    def open_document(self, name: str, engine: Engine) -> Document:
        """Give an engine back what it had in mind of a document, and return that.

        Raises:
            InvalidInput: its state is gone, damaged, or of another model.
        """
        file, why = self._document(name), "llama.cpp refuses it"
        try:
            header, data = blob.read(file, engine.fingerprint, self._seal)
            if engine.resume(Snapshot(_tokens(header["tokens"]), bytes(data))):
                blob.touch(file)
                return Document(name, str(header["source"]), str(header["text"]))
        except (Refused, KeyError) as error:
            why = str(error)
        raise InvalidInput(
            f"The state of the document {name!r} is gone or cannot be used: {why}.",
            f"Build it again: memcli state build FILE --name {name}",
        )

    def documents(self) -> list[dict[str, Any]]:
        """Return what is known of each document, but its text."""
        found = []
        for file, stat in sorted(blob.files(self._folder, f"{DOCUMENT}*{SUFFIX}")):
            about = {"name": file.stem.removeprefix(DOCUMENT), "bytes": stat.st_size}
            try:
                header = blob.read(file, None, self._seal)[0]
                count = len(_tokens(header.get("tokens")))
            except Refused as error:
                header, count = {"source": f"({error})"}, 0
            about["name"] = header.get("name", about["name"])
            told = {key: header.get(key) for key in ("source", "length", "sha256")}
            found.append({**about, "tokens": count, **told})
        return found

    def drop_document(self, name: str) -> bool:
        """Delete the state of a document; say whether there was one."""
        file = self._document(name)
        there = file.exists()
        file.unlink(missing_ok=True)
        return there

    def save_prefix(self, engine: Engine, begin: Message) -> None:
        """Keep what a model has in mind of what every prompt begins with, unless it is kept."""
        if not engine.fingerprint or self._known_prefix(engine) == _key(begin):
            return
        if self._budget and (snapshot := engine.snapshot([begin])):
            header = {"fingerprint": engine.fingerprint, "tokens": list(snapshot.tokens)}
            named = {**header, "key": _key(begin)}
            blob.write(self._prefix_file(engine), named, snapshot.data, self._seal)
            self._prefixes[engine.fingerprint] = _key(begin)

    def restore_prefix(self, engine: Engine) -> None:
        """Give a model back the beginning of every prompt, or what it was when it was kept."""
        try:
            header, data = blob.read(self._prefix_file(engine), engine.fingerprint, self._seal)
            engine.resume(Snapshot(_tokens(header["tokens"]), bytes(data)))
            self._prefixes[engine.fingerprint] = str(header.get("key"))
        except (Refused, KeyError):
            return

    def lost(self, known: Callable[[str], object]) -> list[Path]:
        """Return the states of sessions that are not ``known`` any more."""
        files = self._folder.glob(f"*{SUFFIX}")
        return [f for f in files if not f.stem.startswith((PREFIX, DOCUMENT)) and not known(f.stem)]

    def drop_all(self) -> None:
        """Delete all states: any of them may hold what was forgotten."""
        self._prefixes.clear()
        for file in self._folder.glob(f"*{SUFFIX}"):
            file.unlink(missing_ok=True)

    def size(self) -> tuple[int, int]:
        """Return how many states there are, and their bytes."""
        sizes = [stat.st_size for _, stat in blob.files(self._folder, f"*{SUFFIX}")]
        return len(sizes), sum(sizes)

    def _prune(self) -> None:
        """Delete the states used longest ago, down to the budget."""
        files = blob.files(self._folder, f"*{SUFFIX}")
        total = 0
        for file, stat in sorted(files, key=lambda found: -found[1].st_mtime_ns):
            total += stat.st_size
            if total > self._budget:
                file.unlink(missing_ok=True)

    def _known_prefix(self, engine: Engine) -> str:
        if known := self._prefixes.get(engine.fingerprint):
            return known
        try:
            return str(
                blob.read(self._prefix_file(engine), engine.fingerprint, self._seal)[0].get("key")
            )
        except Refused:
            return ""

    def _prefix_file(self, engine: Engine) -> Path:
        return self._file(PREFIX + engine.fingerprint[:16])

    def _document(self, name: str) -> Path:
        return self._file(DOCUMENT + (self._seal.name(name) if self._seal else name))

    def _file(self, session_id: str) -> Path:
        return self._folder / f"{session_id}{SUFFIX}"


def _tokens(values: object) -> tuple[int, ...]:
    if not isinstance(values, list) or not all(isinstance(v, int) for v in values):
        raise Refused(f"it is damaged ({json.dumps(values)[:20]})")
    return tuple(values)


def _key(begin: Message) -> str:
    return hashlib.sha256(begin.text.encode()).hexdigest()
