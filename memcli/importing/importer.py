"""Take files into the store: once, however often they are imported.

A source is known by its format and path, or where its file went elsewhere, by what is in it. A note
or turn within it is known by its external id or its text. What is there already stays as it is;
what has changed supersedes what it was; nothing is deleted unless ``prune`` is asked for.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from memcli.archive import is_archive, load
from memcli.errors import InvalidInput, NotFound
from memcli.importers.base import Format, Note, Said, Skipped, Unreadable
from memcli.importers.choose import choose, named
from memcli.importers.file import File
from memcli.importers.walk import STDIN, Wanted, find_files
from memcli.importing.intake import Choices, Intake, Keys, Progress
from memcli.importing.notes import Notes
from memcli.importing.pruning import find_gone, is_there, remove
from memcli.importing.report import Report
from memcli.importing.talks import Talks
from memcli.records import Source
from memcli.text import clean
from memcli.tiers.long_term import LongTerm

BATCH = 500  # records in one transaction


@dataclass(slots=True)
class _Reading:
    """A file on its way in. ``known`` is the source that it is, by its path or its content."""

    file: File
    format: Format
    known: Source | None
    keys: Keys = field(default_factory=Keys)
    speaks: bool = False  # holds turns, so that it matters who the owner is
    failed: bool = False  # could not be read to its end, and is tried again next time


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records of one file; the ``last`` ones make its import complete.

    Without records (None), nothing of it changed but the place where it lies.
    """

    reading: _Reading
    records: list[Note | Said] | None
    last: bool


class Importer:
    """Imports into one long-term memory.

    ``format`` names the format of all files; without it, each file's content tells. With ``prune``
    what came from files that are no longer there is removed. What was forgotten once stays out,
    unless the choices say otherwise.
    """

    def __init__(
        self,
        memory: LongTerm,
        choices: Choices | None = None,
        *,
        format: str = "",
        wanted: Wanted | None = None,
        dry_run: bool = False,
        prune: bool = False,
        progress: Progress = lambda report: None,
    ) -> None:
        self.report = Report()
        self._choices = choices or Choices()
        self._memory, self._store = memory, memory.store
        self._format, self._wanted = format, wanted or Wanted()
        self._dry_run, self._prune, self._progress = dry_run, prune, progress
        self._intake = Intake(memory, self._choices, self.report)
        self._notes, self._talks = Notes(self._intake), Talks(self._intake)
        self._action = memory.store.new_id()
        self._version = memory.store.version()  # of the database, before these were read:
        self._before = memory.store.sources.known()  # keys and digests; asking for each is slow
        self._alone = True  # no other process wrote since
        self._seen: set[str] = set()  # files that were there: their paths, and the ids of sources

    def paths(self, paths: Iterable[Path]) -> Report:
        """Import files and folders, and say what became of them.

        Raises:
            NotFound: there is nothing at a path.
            InvalidInput: there is no such format.
        """
        tops = list(paths)
        if self._format:
            named(self._format)
        for path in tops:
            if path != STDIN and not path.exists():
                raise NotFound(f"There is no file or folder {path}.", "Check the path.")
        found = (file for path in tops for file in find_files(path, self._wanted))
        begun = time.monotonic()
        self._import((batch for file in found for batch in self._read(file)), tops)
        self.report.seconds = time.monotonic() - begun
        return self.report

    def _import(self, batches: Iterable[_Batch], tops: list[Path]) -> None:
        """Commit batches together until they are worth a transaction.

        A dry run is one transaction, rolled back: later batches must see the earlier ones.
        """
        waiting: list[_Batch] = []
        count = 0
        whole = self._memory.writing("import", dry_run=True) if self._dry_run else nullcontext()
        with whole:
            for batch in batches:
                waiting.append(batch)
                count += len(batch.records or ()) or 1
                if count >= BATCH:
                    self._commit(waiting)
                    waiting, count = [], 0
            self._commit(waiting)
            self._look_for_gone(tops)

    def _read(self, found: File | Skipped) -> Iterator[_Batch]:
        """Yield the records of a file in batches, unless all of them are here already."""
        if isinstance(found, Skipped):
            self.report.skip(found.where, found.reason)
            return
        if found.uri in self._seen:  # named twice, or by its folder too
            return
        self.report.files += 1
        self._seen.add(found.uri)
        try:
            if is_archive(found.head):
                self._load(found)
            else:
                yield from self._batches(found, choose(found, self._format))
        except (Unreadable, OSError, InvalidInput) as error:
            self.report.skip(found.uri, _reason(error))
        self.report.bytes += found.size
        self._progress(self.report)

    def _load(self, file: File) -> None:
        with file.open() as lines:
            done = load(self._memory, lines, allow_again=self._choices.allow_again)
        self.report.new += done.new
        self.report.unchanged += done.unchanged
        self.report.forgotten += done.forgotten

    def _batches(self, file: File, format: Format) -> Iterator[_Batch]:
        known = self._known(file, format)
        self._seen.add(known.id if known else "")
        if known and self._is_complete(known, file):
            self.report.unchanged += self._store.sources.size(known.id)
            if known.uri != file.uri:
                self.report.moved += 1
                yield _Batch(_Reading(file, format, known), None, last=True)
            return
        reading = _Reading(file, format, known)
        wanted = self._wanted_of(reading)
        last = False
        while not last:
            records = list(islice(wanted, None if format.whole else BATCH))
            last = format.whole or len(records) < BATCH
            if last:
                file.release()  # it waits for its transaction, with others
            yield _Batch(reading, records, last)

    def _wanted_of(self, reading: _Reading) -> Iterator[Note | Said]:
        """Yield the records that are to come in, and report what is wrong with the others.

        A reader may be somebody else's: whatever it stumbles over, what came before it counts, and
        the other files go in.
        """
        file = reading.file
        try:
            for record in reading.format.read(file):
                if isinstance(record, Skipped):
                    self.report.skip(file.uri, f"{record.where}: {record.reason}")
                elif self._intake.wanted(record, file.modified):
                    yield record
        except Exception as error:
            reading.failed = True
            self.report.skip(file.uri, _reason(error))

    def _commit(self, batches: list[_Batch]) -> None:
        if not batches:
            return
        with self._memory.writing("import", action_id=self._action) as entry:
            self._intake.begin()
            self._alone = self._store.version() == self._version
            for batch in batches:
                self._take(batch)
            self._notes.flush()
            entry.summary = f"imported {sum(len(batch.records or ()) for batch in batches)} records"
        self._progress(self.report)

    def _take(self, batch: _Batch) -> None:
        reading, records = batch.reading, batch.records
        if records is not None:
            records = [record for record in records if self._intake.allowed(record)]
        complete = batch.last and not (self._choices.since or reading.failed)
        if reading.failed and not records and reading.known is None:
            return
        own_ids = reading.format.own_ids
        said = [record for record in records or () if isinstance(record, Said)]
        reading.speaks = reading.speaks or bool(said)
        if reading.known is None and not self._alone:  # another process may have been faster
            reading.known = self._store.sources.by_key(_key(reading.file, reading.format))
        is_new = reading.known is None
        source = self._source(batch, complete=complete)
        if records is None:
            return
        notes = [record for record in records if isinstance(record, Note)]
        whole = reading.format.whole and complete
        modified = reading.file.modified or self._store.clock()
        if notes or whole:
            self._notes.take(
                source, notes, reading.keys, modified, is_new=is_new, whole=whole, own_ids=own_ids
            )
        by_session: dict[str, list[Said]] = {}
        for record in said:
            by_session.setdefault(record.session, []).append(record)
        for name, turns in by_session.items():
            self._talks.take(source, name, turns, reading.keys, own_ids=own_ids)

    def _source(self, batch: _Batch, *, complete: bool) -> Source:
        """Return the stored source; only when all of it is in does it get its hash."""
        reading, file = batch.reading, batch.reading.file
        known = reading.known
        times = (record.time for record in batch.records or () if record.time)
        source = Source(
            id=known.id if known else self._store.new_id(),
            kind=reading.format.name,
            uri=file.uri,
            title=clean(file.stem),
            key=_key(file, reading.format),
            content_hash=self._content(reading) if complete else "",
            time=known.time if known and known.time else next(times, None),
        )
        if batch.records is None and known:  # it only lies elsewhere
            source = replace(source, content_hash=known.content_hash)
        if known is None:
            self._store.sources.add(source)
        elif known != source:
            self._store.sources.update(source)
        reading.known = source
        return source

    def _content(self, reading: _Reading) -> str:
        """Return what must be the same next time for the file to be passed over."""
        owner = f"+{','.join(sorted(self._choices.names))}" if reading.speaks else ""
        return reading.file.digest + owner

    def _is_complete(self, known: Source, file: File) -> bool:
        """Say whether all of a file is in, with the owner's words as theirs."""
        content, _, owner = known.content_hash.partition("+")
        names = ",".join(sorted(self._choices.names))
        speaks = "+" in known.content_hash
        return content == file.digest and (not speaks or not names or owner == names)

    def _known(self, file: File, format: Format) -> Source | None:
        """Return the source that a file is: by its path, or of the same content somewhere else."""
        sources, key = self._store.sources, _key(file, format)
        if key in self._before:
            return sources.by_key(key)
        if file.digest not in self._before:
            return None
        return next(
            (
                other for other in sources.by_content(format.name, file.digest)
                if not {other.id, other.uri} & self._seen and not is_there(Path(other.uri))
            ),
            None,
        )  # fmt: skip

    def _look_for_gone(self, tops: list[Path]) -> None:
        """Report the files of earlier imports that are gone, and remove them if asked."""
        gone = find_gone(self._store, tops, self._seen)
        self.report.gone = [source.uri for source in gone]
        if gone and self._prune:
            with self._memory.writing("import", action_id=self._action) as entry:
                self.report.removed = remove(self._store, gone)
                entry.summary = f"removed {self.report.removed} records of {len(gone)} files"


def _reason(error: Exception) -> str:
    if isinstance(error, InvalidInput):
        return f"{error} {error.hint}".strip()
    if isinstance(error, (Unreadable, OSError)):
        return getattr(error, "strerror", None) or str(error)
    return f"could not be read ({type(error).__name__}: {error})"


def _key(file: File, format: Format) -> str:
    """Return what a source is known by at the next import; what came by a pipe, by its content."""
    path = f"-:{file.digest}" if file.path == STDIN else file.uri
    return f"{format.name}:{path}"
