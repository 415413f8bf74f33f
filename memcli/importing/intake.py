"""What notes and talks have in common on their way into the store."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from memcli.importers.base import Note, Said
from memcli.importing.report import Report
from memcli.records import Memory, Turn
from memcli.text import clean
from memcli.tiers.learning import Learnt
from memcli.tiers.long_term import LongTerm

Kept = TypeVar("Kept", Memory, Turn)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the owner asked for: whose words are theirs, what to add, what to leave out."""

    names: frozenset[str] = frozenset()  # of the owner, case-folded
    tags: tuple[str, ...] = ()
    since: datetime | None = None
    allow_again: bool = False  # takes what was forgotten once, too


class Keys:
    """Names each record of a file: by its external id, or by what it says and how often."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def __call__(self, external_id: str, *content: str) -> str:
        """Return the name of one record."""
        if external_id:
            return f"id:{external_id}"
        digest = hashlib.sha256("\0".join(content).encode()).hexdigest()[:24]
        self._seen[digest] += 1
        return f"{digest}:{self._seen[digest]}"


class Intake:
    """Cleans and masks what comes in, and counts what becomes of it."""

    def __init__(self, memory: LongTerm, choices: Choices, report: Report) -> None:
        self.memory, self.choices, self.report = memory, choices, report
        self.store = memory.store
        self._forgets = False

    def wanted(self, record: Note | Said, modified: datetime | None) -> bool:
        """Say whether a record is new enough to come in, and count it if it is not.

        A note without a date is as old as its file.
        """
        time = record.time or (modified if isinstance(record, Note) else None)
        early = bool(self.choices.since and time and time < self.choices.since)
        self.report.earlier += early
        return not early

    def begin(self) -> None:
        """Look whether anything was ever forgotten; each transaction begins with it."""
        self._forgets = not self.choices.allow_again and self.store.forgotten.any()

    def allowed(self, record: Note | Said) -> bool:
        """Say whether a record was not forgotten once, and count it if it was."""
        forgotten = self._forgets and clean(record.text) in self.store.forgotten
        self.report.forgotten += forgotten
        return not forgotten

    def cleaned(self, text: str) -> str:
        """Return text without what was forgotten once."""
        text = clean(text)
        return self.store.forgotten.blank(text) if self._forgets else text

    def masked(self, text: str) -> str:
        """Return clean text without secrets."""
        masked = self.memory.mask(self.cleaned(text))
        self.report.masked += len(masked.secrets)
        return masked.text

    def quoted(self, text: str) -> str:
        """Return a quote without secrets, which its text counts."""
        return self.memory.mask(self.cleaned(text)).text

    def named(self, text: str) -> str:
        """Return a title, a link or a tag, clean and without secrets."""
        return self.memory.mask(clean(text)).text

    def last_of_each(self, path: str, records: Sequence[Kept]) -> list[Kept]:
        """Keep the last of records with one id, and report the others."""
        last = {record.key: record for record in records}
        for record in records:
            if last[record.key] is not record:
                id = record.external_id
                self.report.skip(path, f"the id {id!r} stands there again: the last one counts")
        return list(last.values())

    def count_learnt(self, learnt: Iterable[Learnt]) -> None:
        """Count what was new in something said, and what contradicts something known."""
        for item in learnt:
            self.report.learnt += item.decision != "duplicate"
            self.report.conflicts += item.decision == "contradicts"


Progress = Callable[[Report], None]
