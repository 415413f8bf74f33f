"""Sessions of an import: turns in their order, each one's words to whom they belong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from memcli.importers.base import Said
from memcli.importing.intake import Intake, Keys
from memcli.importing.report import MOST_SPEAKERS
from memcli.records import Session, Source, Turn
from memcli.text import clean


class Talks:
    """Takes in what was said in sessions."""

    def __init__(self, intake: Intake) -> None:
        self._intake, self._report = intake, intake.report
        self._store, self._learning = intake.store, intake.memory.learning

    def take(
        self, source: Source, name: str, said: list[Said], keys: Keys, *, own_ids: bool
    ) -> None:
        """Store the turns of a session that are new or changed, and learn from the owner's."""
        name = clean(name)
        session = self._session(source, name, said, own_ids=own_ids)
        found = list(self._turns_of(session, said, keys, dated=own_ids))
        turns = self._intake.last_of_each(source.uri, found)
        known = self._store.sessions.by_key(session.id, [turn.key for turn in turns])
        fresh = [turn for turn in turns if turn.key not in known]
        changed = [
            replace(t, id=old.id) for t in turns
            if (old := known.get(t.key)) and (t.text, t.role) != (old.text, old.role)
        ]  # fmt: skip
        for turn in changed:
            self._change(turn)
        start = self._store.sessions.next_seq(session.id)
        self._store.sessions.add_turns(replace(t, seq=start + i) for i, t in enumerate(fresh))
        self._report.new += len(fresh)
        self._report.updated += len(changed)
        self._report.unchanged += len(turns) - len(fresh) - len(changed)
        for turn in (*fresh, *changed):
            if turn.role == "user":
                self._intake.count_learnt(self._learning.learn(turn))

    def _change(self, turn: Turn) -> None:
        """Give a turn its new words or role; what was learnt of the old ones holds no longer."""
        self._store.sessions.change(turn.id, turn.text, turn.role)
        for memory in self._store.memories.of_turn(turn.id):
            if memory.superseded_by is None:
                self._store.memories.supersede(memory.id, None, self._store.clock())

    def _session(self, source: Source, name: str, said: list[Said], *, own_ids: bool) -> Session:
        """Return the stored session; one with an id of its own goes where it was seen last."""
        sessions, name = self._store.sessions, self._intake.named(name)
        known = sessions.by_external_id(source.id, name)
        if known is None and own_ids and (known := sessions.of_kind(source.kind, name)):
            sessions.move(known.id, source.id)
        if known:
            return known
        started = next((r.time for r in said if r.time), source.time) or self._store.clock()
        title = self._intake.named(next((r.title for r in said if r.title), name))
        session = Session(
            self._store.new_id(), title, started, started, source_id=source.id, external_id=name
        )
        sessions.add(session)
        return session

    def _turns_of(
        self, session: Session, said: list[Said], keys: Keys, *, dated: bool
    ) -> Iterator[Turn]:
        """Yield the turns of a session; one without a time has that of the turn before it.

        With ``dated`` one without an id is known by its time, too: another export of the chat may
        begin later, where counting what was said again would count from another place.
        """
        time = session.updated
        for record in said:
            time = record.time or time
            text, speaker = self._intake.masked(record.text), clean(record.speaker)
            own = not speaker or speaker.casefold() in self._intake.choices.names
            if record.role is None and not own and len(self._report.strangers) < MOST_SPEAKERS:
                self._report.strangers[speaker] += 1
            yield Turn(
                id=self._store.new_id(),
                session_id=session.id,
                seq=0,
                role=record.role or ("user" if own else "other"),
                text=text,
                time=time,
                speaker=speaker,
                external_id=self._intake.named(record.external_id),
                key=keys(
                    self._intake.named(record.external_id),
                    session.external_id,
                    speaker,
                    text,
                    *([record.time.isoformat()] if dated and record.time else ()),
                ),
                reply_to=clean(record.reply_to),
            )
