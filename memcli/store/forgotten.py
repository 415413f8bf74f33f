"""What must not come back by an import: salted hashes of what was forgotten."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from memcli.records import FORGOTTEN
from memcli.sentences import split_sentences
from memcli.text import one_line

if TYPE_CHECKING:
    from sqlite_utils import Database


class Forgets:
    """The table of hashes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, texts: Iterable[str]) -> None:
        """Note texts as forgotten."""
        self._db.conn.executemany(
            "INSERT OR IGNORE INTO forgotten(hash) VALUES (?)",
            [(self._hash(text),) for text in texts if text.strip()],
        )

    def __contains__(self, text: str) -> bool:
        """Say whether just this text was forgotten."""
        found = self._db.execute("SELECT 1 FROM forgotten WHERE hash = ?", [self._hash(text)])
        return found.fetchone() is not None

    def any(self) -> bool:
        """Say whether anything was."""
        return self._db.execute("SELECT 1 FROM forgotten LIMIT 1").fetchone() is not None

    def blank(self, text: str) -> str:
        """Return a text with its forgotten sentences blanked."""
        if not self.any():
            return text
        for sentence in reversed(list(split_sentences(text))):
            if sentence.text in self:
                span = sentence.span
                text = text[: span.start] + FORGOTTEN + text[span.end :]
        return text

    def _hash(self, text: str) -> str:
        words = one_line(text).casefold().strip(" .!?")
        return hashlib.sha256((self._salt + words).encode()).hexdigest()

    @cached_property
    def _salt(self) -> str:
        self._db.execute(
            "INSERT OR IGNORE INTO meta(key, value) VALUES ('salt', ?)", [secrets.token_hex(16)]
        )
        return str(self._db.execute("SELECT value FROM meta WHERE key = 'salt'").fetchone()[0])
