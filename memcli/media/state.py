"""Hidden states: what a model has in mind at the end of a session, kept for the next time.

A session's state is the tokens its model had read and written, and the cells it made of them. On
resume nothing of that is read again. For a recurrent model it is the same size however long the
session was.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from memcli.engine.base import Engine, Snapshot
from memcli.media import blob
from memcli.media.blob import Refused

SUFFIX = ".state"


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a session's state. ``note`` tells the user; ``profile`` are memories' ids."""

    tokens: int = 0
    note: str = ""
    profile: tuple[str, ...] = ()


class States:
    """The states of one profile's sessions, in a folder, together no larger than ``budget``."""

    def __init__(self, folder: Path, budget: int) -> None:
        """``budget`` is in bytes; 0: keep none."""
        self._folder = folder
        self._budget = budget

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
        }
        size = blob.write(self._file(session_id), header, snapshot.data)
        self._prune()
        return size

    def restore(self, session_id: str, engine: Engine) -> Restored:
        """Give an engine back what it had in mind, or say why it has to read again."""
        file = self._file(session_id)
        if not engine.fingerprint or not file.exists():
            return Restored()
        try:
            header, data = blob.read(file, engine.fingerprint)
            tokens, profile = _tokens(header["tokens"]), tuple(map(str, header["profile"]))
        except (Refused, KeyError, TypeError, ValueError) as error:
            return Restored(note=f"the session is read again: its saved state is not used, {error}")
        if not engine.resume(Snapshot(tokens, bytes(data))):
            return Restored(note="the session is read again: llama.cpp refused its saved state")
        file.touch()
        note = f"{len(tokens)} tokens of this session are in the model again, unread"
        return Restored(len(tokens), note, profile)

    def drop_all(self) -> None:
        """Delete all states: any of them may hold what was forgotten."""
        for file in self._folder.glob(f"*{SUFFIX}"):
            file.unlink(missing_ok=True)

    def size(self) -> tuple[int, int]:
        """Return how many states there are, and their bytes."""
        sizes = [file.stat().st_size for file in self._folder.glob(f"*{SUFFIX}")]
        return len(sizes), sum(sizes)

    def _prune(self) -> None:
        """Delete the states used longest ago, down to the budget."""
        files = sorted(self._folder.glob(f"*{SUFFIX}"), key=lambda file: -file.stat().st_mtime_ns)
        total = 0
        for file in files:
            total += file.stat().st_size
            if total > self._budget:
                file.unlink(missing_ok=True)

    def _file(self, session_id: str) -> Path:
        return self._folder / f"{session_id}{SUFFIX}"


def _tokens(values: object) -> tuple[int, ...]:
    if not isinstance(values, list) or not all(isinstance(v, int) for v in values):
        raise Refused(f"it is damaged ({json.dumps(values)[:20]})")
    return tuple(values)
