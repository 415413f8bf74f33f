"""Notes into memories: what changed supersedes what it was, what a file no longer says is closed.

What an own note states about its owner is learnt as from a chat. Such a memory has the note's key
with a tab and a number: it ends with the note.
"""

from __future__ import annotations

from datetime import datetime

from memcli.importers.base import Note
from memcli.importing.intake import Intake, Keys
from memcli.records import LINKS, Memory, Source, Triple
from memcli.text import clean
from memcli.tiers.learning import LEARNT


class Notes:
    """Takes in the notes of a file."""

    def __init__(self, intake: Intake) -> None:
        self._intake, self._report = intake, intake.report
        self._store, self._learning = intake.store, intake.memory.learning
        self._waiting: list[Memory] = []

    def take(
        self, source: Source, notes: list[Note], keys: Keys, modified: datetime,
        *, is_new: bool, whole: bool, own_ids: bool,
    ) -> None:  # fmt: skip
        """Store notes that are new or changed; of a ``whole`` file, close what is missing.

        Of a source that ``is_new`` nothing is there to compare with.
        """
        memories = [self._memory_of(source, note, keys, modified) for note in notes]
        own = {memory.id for memory, note in zip(memories, notes, strict=True) if note.own}
        latest = self._intake.last_of_each(source.uri, memories)
        known = self._known(source, latest, is_new=is_new, own_ids=own_ids)
        changed = [m for m in latest if m.key not in known or not _same(known[m.key], m)]
        self._waiting += changed
        for memory in changed:
            if old := known.get(memory.key):
                self._store.memories.supersede(old.id, memory.id, memory.recorded)
            if memory.id in own:
                self._learn(source, memory)
        updated = sum(memory.key in known for memory in changed)
        if whole and not is_new:
            updated += self._retire(source, {m.key for m in latest}, len(changed) - updated)
        self._report.updated += updated
        self._report.new += len(changed) - updated
        self._report.unchanged += len(latest) - len(changed)

    def flush(self) -> None:
        """Store the notes that were taken; many at once cost far less than one by one."""
        self._store.memories.add(self._waiting)
        self._waiting = []

    def _known(
        self, source: Source, memories: list[Memory], *, is_new: bool, own_ids: bool
    ) -> dict[str, Memory]:
        """Return what is stored under the keys; ids of their own are found in other sources, too.

        What was found there goes where it was seen last.
        """
        if own_ids:
            self.flush()  # another file of this transaction may hold them
        stored = self._store.memories
        known = {} if is_new else stored.by_key(source.id, [memory.key for memory in memories])
        missing = [m.key for m in memories if own_ids and m.external_id and m.key not in known]
        if missing and (elsewhere := stored.of_kind(source.kind, missing)):
            for memory in elsewhere.values():
                stored.move(memory, source.id)
            known |= elsewhere
        return known

    def _learn(self, source: Source, note: Memory) -> None:
        """Learn what a note states; what it says again of an older wording becomes its own."""
        learnt = self._learning.learn_note(note)
        for i, item in enumerate(learnt):
            if item.memory.source_id == source.id and LEARNT in item.memory.key:
                self._store.memories.set_key(item.memory.id, f"{note.key}{LEARNT}{i}")
        self._intake.count_learnt(learnt)

    def _retire(self, source: Source, present: set[str], most: int) -> int:
        """Close what a changed file no longer says, and return how much of it was rewritten."""
        stored = self._store.memories.keys(source.id)
        gone = [key for key in stored if key.partition(LEARNT)[0] not in present]
        for key in gone:
            self._store.memories.supersede(stored[key], None, self._store.clock())
        return min(sum(LEARNT not in key for key in gone), most)

    def _memory_of(self, source: Source, note: Note, keys: Keys, modified: datetime) -> Memory:
        named = self._intake.named
        text, title = self._intake.masked(note.text), named(note.title)
        same = note.quote == note.text
        links = (Triple(title, LINKS, named(link)) for link in note.links)
        told = (Triple(named(t.subject), clean(t.predicate), named(t.object)) for t in note.triples)
        return Memory(
            id=self._store.new_id(),
            kind=note.kind,
            text=text,
            quote=text if same else self._intake.quoted(note.quote),
            recorded=note.time or modified,
            source_id=source.id,
            span=note.span,
            title=title,
            speaker=clean(note.speaker),
            valid_from=note.valid_from,
            valid_to=note.valid_to,
            tags=(*map(named, note.tags), *self._intake.choices.tags),
            external_id=named(note.external_id),
            key=keys(named(note.external_id), title, text),
            triples=(*links, *told),
        )


def _same(known: Memory, memory: Memory) -> bool:
    """Say whether nothing of a note changed that it was made from."""
    return (known.text, known.valid_from, known.valid_to) == (
        memory.text, memory.valid_from, memory.valid_to,
    )  # fmt: skip
