"""Take imported documents into the store: once, however often they are imported.

A source is known by its format and path, a note or turn within it by its external id or its text.
What is there already stays as it is; what has changed supersedes what it was; nothing is deleted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import TypeVar

from memcli.archive import is_archive, load
from memcli.errors import InvalidInput
from memcli.importers.base import Document, Note, Said, Unreadable
from memcli.importers.choose import find_files, open_document
from memcli.records import Memory, Session, Source, Turn
from memcli.text import clean
from memcli.tiers.long_term import LongTerm

BATCH = 500  # records in one transaction

Kept = TypeVar("Kept", Memory, Turn)


@dataclass(slots=True)
class Report:
    """What an import did. ``skipped`` pairs what was left out with the reason."""

    files: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    learnt: int = 0
    masked: int = 0  # secrets
    forgotten: int = 0  # records that were forgotten once, and stay so
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def records(self) -> int:
        """The number of notes and turns that were read."""
        return self.new + self.updated + self.unchanged


class Importer:
    """Imports into one long-term memory. ``user_name`` is whose turns are the owner's own.

    What was forgotten once stays out, unless ``allow_again``.
    """

    def __init__(
        self,
        memory: LongTerm,
        *,
        user_name: str = "",
        tags: Iterable[str] = (),
        dry_run: bool = False,
        allow_again: bool = False,
        progress: Callable[[Report], None] = lambda report: None,
    ) -> None:
        self.report = Report()
        self._memory = memory
        self._store = memory.store
        self._user_name = user_name.casefold()
        self._tags = tuple(tags)
        self._dry_run = dry_run
        self._allow_again = allow_again
        self._progress = progress
        self._action = memory.store.new_id()

    def paths(self, paths: Iterable[Path]) -> Report:
        """Import files and folders, and say what became of them.

        Raises:
            NotFound: there is nothing at a path.
        """
        files = [file for path in paths for file in find_files(path)]
        return self._import(batch for file in files for batch in self._read(file))

    def document(self, document: Document) -> Report:
        """Import one document that did not come from a file of its own."""
        return self._import(self._batches(document))

    def _import(self, batches: Iterable[_Batch]) -> Report:
        """Commit batches together until they are worth a transaction.

        A dry run is one transaction, rolled back: later batches must see the earlier ones.
        """
        waiting: list[_Batch] = []
        whole = self._memory.writing("import", dry_run=True) if self._dry_run else nullcontext()
        with whole:
            for batch in batches:
                waiting.append(batch)
                if sum(len(each.records) for each in waiting) >= BATCH:
                    self._commit(waiting)
                    waiting = []
            self._commit(waiting)
        return self.report

    def _read(self, file: Path) -> Iterator[_Batch]:
        self.report.files += 1
        try:
            if is_archive(file):
                self._load(file)
                return
            document = open_document(file)
            known = self._store.sources.by_key(document.key)
            if known and known.content_hash == document.content_hash:
                self.report.unchanged += self._store.sources.size(known.id)
                return
            yield from self._batches(document)
        except (Unreadable, InvalidInput) as error:
            self.report.skipped.append((str(file), str(error)))

    def _load(self, file: Path) -> None:
        with file.open("rb") as lines:
            done = load(self._memory, lines, allow_again=self._allow_again)
        self.report.new += done.new
        self.report.unchanged += done.unchanged
        self.report.forgotten += done.forgotten

    def _batches(self, document: Document) -> Iterator[_Batch]:
        """Yield a document's records: a note's at once, a stream's in batches."""
        keys = _Keys()
        size = BATCH if document.streamed else None
        last = False
        while not last:
            records = list(islice(document.records, size))
            last = size is None or len(records) < size
            yield _Batch(document, records, keys, last)
        self.report.skipped += [(str(document.path), problem) for problem in document.problems]

    def _commit(self, batches: list[_Batch]) -> None:
        if not batches:
            return
        with self._memory.writing("import", action_id=self._action) as entry:
            for batch in batches:
                self._take(batch)
            entry.summary = f"imported {sum(len(batch.records) for batch in batches)} records"
        self._progress(self.report)

    def _take(self, batch: _Batch) -> None:
        source = self._source(batch.document, complete=batch.last)
        records = [record for record in batch.records if self._may_come_back(record)]
        notes = [record for record in records if isinstance(record, Note)]
        said = [record for record in records if isinstance(record, Said)]
        self._take_notes(source, notes, batch)
        for name in dict.fromkeys(record.session for record in said):
            self._take_session(source, name, [r for r in said if r.session == name], batch)

    def _source(self, document: Document, *, complete: bool) -> Source:
        """Return the stored source; only when all of it is in does it get its hash."""
        known = self._store.sources.by_key(document.key)
        source = Source(
            id=known.id if known else self._store.new_id(),
            kind=document.kind,
            uri=str(document.path),
            title=document.title,
            key=document.key,
            content_hash=document.content_hash if complete else "",
            time=document.time,
        )
        if known is None:
            self._store.sources.add(source)
        elif known != source:
            self._store.sources.update(source)
        return source

    def _take_notes(self, source: Source, notes: list[Note], batch: _Batch) -> None:
        memories = [self._memory_of(source, note, batch.keys) for note in notes]
        known = self._store.memories.by_key(source.id, [memory.key for memory in memories])
        latest = self._last_of_each(source, memories)
        changed = [m for m in latest if m.key not in known or known[m.key].text != m.text]
        self._store.memories.add(changed)
        for memory in changed:
            if old := known.get(memory.key):
                self._store.memories.supersede(old.id, memory.id, memory.recorded)
        updated = sum(memory.key in known for memory in changed)
        if not batch.document.streamed:  # then what is missing is gone
            updated += self._retire(source, {m.key for m in memories}, len(changed) - updated)
        self.report.updated += updated
        self.report.new += len(changed) - updated
        self.report.unchanged += len(latest) - len(changed)

    def _retire(self, source: Source, present: set[str], most: int) -> int:
        """Close what a changed note no longer says, and return how much of it was rewritten."""
        stored = self._store.memories.keys(source.id)
        gone = [id for key, id in stored.items() if key not in present]
        for id in gone:
            self._store.memories.supersede(id, None, self._store.clock())
        return min(len(gone), most)

    def _take_session(self, source: Source, name: str, said: list[Said], batch: _Batch) -> None:
        session = self._session(source, name, said)
        turns = self._last_of_each(source, list(self._turns_of(session, said, batch.keys)))
        known = self._store.sessions.by_key(session.id, [turn.key for turn in turns])
        fresh = [turn for turn in turns if turn.key not in known]
        changed = [t for t in turns if t.key in known and known[t.key].text != t.text]
        for turn in changed:
            self._store.sessions.set_text(known[turn.key].id, turn.text)
        start = self._store.sessions.next_seq(session.id)
        self._store.sessions.add_turns(replace(t, seq=start + i) for i, t in enumerate(fresh))
        self.report.new += len(fresh)
        self.report.updated += len(changed)
        self.report.unchanged += len(turns) - len(fresh) - len(changed)
        for turn in fresh:
            learnt = self._memory.learning.learn(turn) if turn.role == "user" else []
            self.report.learnt += sum(item.decision != "duplicate" for item in learnt)

    def _last_of_each(self, source: Source, records: list[Kept]) -> list[Kept]:
        """Keep the last of records with one id, and report the others."""
        last = {record.key: record for record in records}
        self.report.skipped += [
            (source.uri, f"the id {record.external_id!r} stands there again: the last one counts")
            for record in records
            if last[record.key] is not record
        ]
        return list(last.values())

    def _session(self, source: Source, name: str, said: list[Said]) -> Session:
        known = self._store.sessions.by_external_id(source.id, name)
        if known:
            return known
        started = next((r.time for r in said if r.time), source.time) or self._store.clock()
        title = next((r.title for r in said if r.title), name)
        session = Session(
            self._store.new_id(), title, started, started, source_id=source.id, external_id=name
        )
        self._store.sessions.add(session)
        return session

    def _memory_of(self, source: Source, note: Note, keys: _Keys) -> Memory:
        text, title = self._mask(note.text), clean(note.title)
        return Memory(
            id=self._store.new_id(),
            kind="note",
            text=text,
            quote=self._memory.mask(self._clean(note.quote)).text,
            recorded=note.time or source.time or self._modified(source),
            source_id=source.id,
            span=note.span,
            title=title,
            speaker=clean(note.speaker),
            tags=(*note.tags, *self._tags),
            external_id=note.external_id,
            key=keys(note.external_id, title, text),
        )

    def _turns_of(self, session: Session, said: list[Said], keys: _Keys) -> Iterator[Turn]:
        """Yield the turns of a session; one without a time has that of the turn before it."""
        time = session.updated
        for record in said:
            time = record.time or time
            text, speaker = self._mask(record.text), clean(record.speaker)
            own = not speaker or speaker.casefold() == self._user_name
            yield Turn(
                id=self._store.new_id(),
                session_id=session.id,
                seq=0,
                role=record.role or ("user" if own else "other"),
                text=text,
                time=time,
                speaker=speaker,
                external_id=record.external_id,
                key=keys(record.external_id, session.external_id, speaker, text),
            )

    def _may_come_back(self, record: Note | Said) -> bool:
        forgotten = not self._allow_again and clean(record.text) in self._store.forgotten
        self.report.forgotten += forgotten
        return not forgotten

    def _clean(self, text: str) -> str:
        return clean(text) if self._allow_again else self._store.forgotten.blank(clean(text))

    def _mask(self, text: str) -> str:
        masked = self._memory.mask(self._clean(text))
        self.report.masked += len(masked.secrets)
        return masked.text

    def _modified(self, source: Source) -> datetime:
        try:
            return datetime.fromtimestamp(Path(source.uri).stat().st_mtime, timezone.utc)
        except OSError:
            return self._store.clock()


class _Keys:
    """Names each record of a document: by its external id, or by what it says and how often."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def __call__(self, external_id: str, *content: str) -> str:
        if external_id:
            return f"id:{external_id}"
        digest = hashlib.sha256("\0".join(content).encode()).hexdigest()[:24]
        self._seen[digest] += 1
        return f"{digest}:{self._seen[digest]}"


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records of one document; the ``last`` ones make its import complete."""

    document: Document
    records: list[Note | Said]
    keys: _Keys
    last: bool
