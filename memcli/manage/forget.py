"""Erase memories and turns with all that was derived from them, and leave no bytes behind.

Order matters: first rows (whose triggers take full text and vectors along), then the journal's
copies of them, then the free pages and the write-ahead log that still hold the old bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from memcli.manage.prove import Proof
from memcli.recall.budget import cited
from memcli.records import FORGOTTEN, Memory, Triple, Turn
from memcli.sentences import split_sentences
from memcli.store import Store
from memcli.text import words


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased. All but the numbers serves to prove it, and is kept nowhere.

    ``named`` is what was to be forgotten, ``derived`` what went with it: memories learnt from
    turns, summaries, answers.
    """

    memories: int
    turns: int
    blanked: int
    named: tuple[Memory | Turn, ...] = field(default=(), repr=False)
    derived: tuple[Memory | Turn, ...] = field(default=(), repr=False)
    kept: tuple[str, ...] = field(default=(), repr=False)  # turns that still say it, on demand
    covered: dict[str, list[str]] = field(default_factory=dict, repr=False)  # turns by summary
    proof: Proof | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of what is no longer there."""
        blanked = {r.id for r in self.derived if isinstance(r, Turn)}
        return tuple(r.id for r in (*self.named, *self.derived) if r.id not in blanked)

    @property
    def texts(self) -> tuple[str, ...]:
        """What was said in what is no longer there, each once; of a copy its original says it."""
        gone = {*self.ids}
        records = [r for r in (*self.named, *self.derived) if r.id in gone and not _copied(r)]
        quotes = (r.quote for r in records if isinstance(r, Memory))
        return tuple(dict.fromkeys(t for t in (*quotes, *(r.text for r in records)) if t))

    @property
    def triples(self) -> tuple[Triple, ...]:
        """What must not be stated any more: history that went along may state other things too."""
        learnt = [m for m in self.derived if isinstance(m, Memory) and m.superseded_by is None]
        memories = [*(m for m in self.named if isinstance(m, Memory)), *learnt]
        return tuple(triple for memory in memories for triple in memory.triples)

    @property
    def summaries(self) -> list[Memory]:
        """The summaries that covered what was erased."""
        return [r for r in self.derived if isinstance(r, Memory) and r.kind == "summary"]


def forget(
    store: Store,
    memories: Iterable[Memory],
    turns: Iterable[Turn] = (),
    *,
    keep_source: bool = False,
    dry_run: bool = False,
) -> Forgotten:
    """Erase memories, and turns with what was learnt from them.

    The words that prove a memory are blanked in their turn, unless ``keep_source``. What may repeat
    them goes as well: answers that were made from them are blanked, summaries that cover them are
    erased, and a session named after them loses its name. Sessions and sources of which nothing is
    left go too. With ``dry_run`` nothing is done, and what is returned says what would be.
    """
    erased = {turn.id: turn for turn in turns}
    gone = {memory.id: memory for memory in memories}
    named: tuple[Memory | Turn, ...] = (*gone.values(), *erased.values())
    for turn_id in erased:
        gone.update({memory.id: memory for memory in store.memories.of_turn(turn_id)})
    for memory in list(gone.values()):
        gone.update({learnt.id: learnt for learnt in store.memories.learnt_from(memory)})
    for memory in list(gone.values()):
        gone.update({old.id: old for old in _history(store, memory)})
    proofs = _proofs(store, gone.values(), erased)
    blanked, answers = ({}, {}) if keep_source else _told(store, gone, erased, proofs)
    said = [turn for id in (*blanked, *answers) if (turn := store.sessions.turn(id))]
    blanked = blanked | answers
    for turn_id in (*erased, *blanked):
        gone.update({memory.id: memory for memory in store.memories.covering(turn_id)})
    derived: list[Memory | Turn] = [*gone.values(), *(t for t in said if t.id in answers)]
    ids = {record.id for record in named}
    done = Forgotten(
        len(gone), len(erased), len(blanked), named,
        tuple(record for record in derived if record.id not in ids),
        tuple(proofs) if keep_source else (),
        {m.id: [turn.id for turn in store.memories.covered(m.id)] for m in gone.values()},
    )  # fmt: skip
    if not dry_run:
        _erase(store, gone, erased, blanked, said)
        store.scrub()
    return done


def _erase(
    store: Store,
    gone: dict[str, Memory],
    erased: dict[str, Turn],
    blanked: dict[str, Turn],
    said: list[Turn],
) -> None:
    """Erase rows and the journal's copies of them; ``said`` is what the blanked turns were."""
    texts = [text for memory in gone.values() for text in (memory.quote, memory.text)]
    own = [turn.text for turn in erased.values() if not turn.copied]  # copies alone may go
    texts += own
    touched = [*erased, *blanked]
    with store.action("forget") as entry:
        numbers = {"memories": list(store.memories.numbers(list(gone)).values())}
        numbers["reviews"] = store.judgements.of_turns(touched)
        numbers["turns"] = store.sessions.numbers(touched)
        numbers["sessions"] = store.sessions.unname([*erased.values(), *blanked.values()])
        store.forgotten.add([*texts, *(turn.text for turn in said)])
        store.memories.delete(list(gone))
        store.judgements.remove(numbers["reviews"])
        store.sessions.delete_turns(list(erased))
        for turn_id, turn in blanked.items():
            store.sessions.set_text(turn_id, turn.text)
        emptied = store.sessions.delete_empty(list({t.session_id for t in erased.values()}))
        numbers["sessions"] += [number for number, _ in emptied]
        numbers["sources"] = store.sources.delete_empty(
            {source for _, source in emptied} | {m.source_id for m in gone.values()}
        )
        for table, rows in numbers.items():
            store.journal.erase(table, rows)
        for table in ("triples", "proofs"):
            store.journal.erase_children(table, "memory_id", list(gone))
        store.journal.erase_copies([*(m.quote for m in gone.values()), *own])
        store.set_meta("unscrubbed", "1")  # if we are killed, whoever comes next does the rest
        entry.summary = f"forgot {len(gone)} memories and {len(erased)} turns"


def _copied(record: Memory | Turn) -> bool:
    return isinstance(record, Turn) and record.copied


def _history(store: Store, memory: Memory) -> Iterator[Memory]:
    """Yield what became history and says what a memory says: in other words, or among others."""
    for old in store.memories.replaced_by(memory.id):
        if not old.triples or not set(memory.triples).isdisjoint(old.triples):
            yield old
            yield from _history(store, old)
    yield from store.memories.split_into(memory)


def _proofs(store: Store, memories: Iterable[Memory], erased: dict[str, Turn]) -> dict[str, Turn]:
    """Return the turns that say what memories hold, with those words blanked."""
    proofs: dict[str, Turn] = {}
    for memory in memories:
        first = [(memory.turn_id, memory.quote)] if memory.turn_id and memory.quote else []
        for turn_id, quote in [*first, *store.memories.proofs(memory.id)]:
            turn = proofs.get(turn_id) or store.sessions.turn(turn_id)
            if turn and turn_id not in erased:
                proofs[turn_id] = replace(turn, text=turn.text.replace(quote, FORGOTTEN))
    return proofs


def _told(
    store: Store, gone: dict[str, Memory], erased: dict[str, Turn], proofs: dict[str, Turn]
) -> tuple[dict[str, Turn], dict[str, Turn]]:
    """Return the turns that are blanked in part, and the answers and questions that are wholly."""
    answers = _answers(store, [*gone, *erased, *proofs], erased)
    for title in store.sessions.titles([*erased.values(), *proofs.values(), *answers.values()]):
        answers |= {
            turn.id: replace(turn, text=FORGOTTEN)
            for turn in store.sessions.derived_saying(cited(title))
            if turn.id not in erased
        }
    asked = _questions(store, answers, {**gone, **erased}, {*proofs, *erased})
    return proofs, answers | asked


def _answers(store: Store, used: Iterable[str], erased: dict[str, Turn]) -> dict[str, Turn]:
    """Return the answers that were made from memories or turns, and copies of these, blanked.

    Wholly, because an answer may say the same in other words.
    """
    made = {turn.id: turn for id in used for turn in store.sessions.made_from(id)}
    return {id: replace(turn, text=FORGOTTEN) for id, turn in made.items() if id not in erased}


def _questions(
    store: Store, answers: dict[str, Turn], gone: dict[str, Memory | Turn], touched: set[str]
) -> dict[str, Turn]:
    """Return the questions behind answers, wholly blanked, that name what is named nowhere else.

    "What is said of Xanthi?" tells of Xanthi, once all that speaks of it is gone.
    """
    asked = [turn for answer in answers.values() if (turn := store.sessions.before(answer))]
    asked = [
        turn
        for turn in asked
        if turn.id not in touched and all(s.asks for s in split_sentences(turn.text))
    ]
    said = [set(store.texts.stems(words(record.text))) - {""} for record in gone.values()]
    questions = [set(store.texts.stems(words(turn.text))) - {""} for turn in asked]
    left = Counter(store.texts.document_frequencies(sorted(set().union(*said))))
    left.subtract(Counter(stem for stems in (*said, *questions) for stem in stems))
    return {
        turn.id: replace(turn, text=FORGOTTEN)
        for turn, stems in zip(asked, questions, strict=True)
        if any(left[stem] <= 0 for stem in stems if stem in left)
    }
