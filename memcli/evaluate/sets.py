"""Read an evaluation set. A reader a format, each of which is told by the keys of its objects.

LoCoMo (Maharana et al. 2024), LongMemEval (Wu et al. 2024), BEAM (Tavakoli et al. 2025), and
golden questions: what a person's own memory must find, one a line of JSON.

    {"question": "…", "memory": "an id, its beginning or end, or an external id", "text": "…",
     "answer": "…", "category": "…", "asked_at": "2024-05-31"}

``memory`` and ``text`` (which a right hit contains, in any case) may be lists; all of it must be
found. With neither, and null for an answer, nothing should be found that is enough.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from memcli.dates import parse_time
from memcli.errors import InvalidInput, NotFound
from memcli.evaluate.questions import Conversation, EvalSet, Question

T = TypeVar("T")
Record = dict[str, Any]
Probe = tuple[Record, Any, Iterable[str], bool]  # record, category, ids of turns, answerable

HINT = (
    "Known are LoCoMo and LongMemEval (JSON), BEAM (a folder with chat.json and"
    " probing_questions.json), and golden questions (JSONL: question, memory or text)."
)
WRONG = (InvalidInput, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
CHAT, PROBES = "chat.json", "probing_questions.json"
ANSWERS = ("answer", "ideal_answer", "ideal_response", "ideal_summary")
LOCOMO_KINDS = dict(
    enumerate("multi-hop temporal open-domain single-hop adversarial".split(), start=1)
)
# These ask for all that was ever said of something: no few turns are their evidence.
BEAM_WHOLE = ("event_ordering", "summarization")


def read(path: Path) -> EvalSet:
    """Return the questions of a file, or of a folder of chats.

    Raises:
        NotFound: there is nothing at the path.
        InvalidInput: it has none of the shapes that are known.
    """
    try:
        if not path.exists():
            raise NotFound(f"There is no file or folder {path}.", "Check the path.")
        if path.is_dir() or path.name == CHAT:
            return EvalSet("beam", tuple(_beam(path)))
        entries = _entries(path.read_bytes().decode("utf-8-sig"))
        name, reader = _format(entries)
        return EvalSet(name, tuple(reader(entries)))
    except WRONG as error:
        raise InvalidInput(f"{path} cannot be evaluated: {_reason(error)}.", HINT) from error


def _entries(text: str) -> list[Any]:
    """Return the objects of a JSON file, or of JSON lines."""
    first, _, more = text.strip().partition("\n")
    if more and first.startswith("{") and first.rstrip().endswith("}"):
        lines = _numbered("line", text.split("\n"), lambda line: line.strip() and json.loads(line))
        return [line for line in lines if line != ""]
    value = json.loads(text)
    inner = value.get("data", value) if isinstance(value, dict) else value
    return inner if isinstance(inner, list) else [inner]


def _format(entries: list[Any]) -> tuple[str, Callable[[list[Record]], Iterator[Conversation]]]:
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("it holds no objects")
    keys = entries[0].keys()
    if {"qa", "conversation"} <= keys:
        return "locomo", _locomo
    if "haystack_sessions" in keys or {"questions", "conversation"} <= keys:
        return "longmemeval", _longmemeval
    if "question" in keys:
        return "golden", _golden
    raise ValueError(f"objects with {', '.join(map(repr, [*keys][:6]))} are not known")


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{error} is missing"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    told = isinstance(error, (ValueError, OSError, InvalidInput))
    return str(error).rstrip(".") if told else "a value in it is of the wrong kind"


def _numbered(noun: str, items: Iterable[Any], read: Callable[[Any], T]) -> Iterator[T]:
    for number, item in enumerate(items, 1):
        try:
            yield read(item)
        except WRONG as error:
            raise ValueError(f"{noun} {number}: {_reason(error)}") from error


def _locomo(samples: list[Record]) -> Iterator[Conversation]:
    for sample in samples:
        told = sample["conversation"]
        turns = [
            _turn(said["dia_id"], key, _captioned(said), told.get(f"{key}_date_time"), said)
            for key, session in told.items()
            if re.fullmatch(r"session_\d+", key)
            for said in session
        ]
        yield _conversation(turns, map(_locomo_probe, sample["qa"]))


def _captioned(said: Record) -> str:
    """Return what was said, with the caption of a shared image, as the authors' own code does."""
    caption = said.get("blip_caption")
    return f"{said['text']} [shares {caption}]" if caption else said["text"]


def _locomo_probe(asked: Record) -> Probe:
    # Some evidence holds several ids in one text, or writes them as D:11:26 or D30:05.
    named = re.findall(r"D:?(\d+):(\d+)", str(asked.get("evidence")))
    ids = [f"D{int(session)}:{int(number)}" for session, number in named]
    kind = asked["category"]
    return asked, LOCOMO_KINDS.get(kind, kind), ids, kind != 5


def _beam(path: Path) -> Iterator[Conversation]:
    """Yield the chat of a folder (or of its ``chat.json``), or those of the folders in it."""
    folder = path.parent if path.name == CHAT else path
    chats = [*folder.glob(CHAT)] or [*folder.glob(f"*/{CHAT}")]
    if not chats:
        raise ValueError(f"no {CHAT} is in it")
    for chat in sorted(chats, key=lambda chat: (len(str(chat)), str(chat))):
        probes = next(chat.parent.rglob(PROBES), chat.with_name(PROBES))  # some have it deeper
        asked = json.loads(probes.read_text("utf-8")).items()
        turns = list(_beam_turns(json.loads(chat.read_text("utf-8"))))
        yield _conversation(turns, (_beam_probe(kind, one) for kind, some in asked for one in some))


def _beam_turns(batches: list[Record]) -> Iterator[dict[str, str]]:
    time = None
    for batch in batches:
        for said in (said for group in batch["turns"] for said in group):
            time = said.get("time_anchor") or time
            text = re.sub(r"->-> [\d,]+\s*$", "", said["content"]).strip()
            yield _turn(said["id"], batch["batch_number"], text, time, said)


def _beam_probe(kind: str, asked: Record) -> Probe:
    ids = () if kind in BEAM_WHOLE else _ids(asked.get("source_chat_ids"))
    return asked, kind, ids, kind != "abstention"


def _ids(value: Any) -> Iterator[str]:
    """Yield the numbers in a nested value as texts."""
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _ids(item)
    else:
        yield str(value)


def _longmemeval(entries: list[Record]) -> Iterator[Conversation]:
    """Yield each history with its question, as published, or with several, as in samples."""
    for entry in entries:
        dates = dict(enumerate(entry.get("haystack_dates") or ()))
        said = [
            (n, i, item) for n, items in enumerate(_sessions(entry)) for i, item in enumerate(items)
        ]
        turns = [
            _turn(f"{n}:{i}", n, item["content"], item.get("date", dates.get(n)), item)
            for n, i, item in said
        ]
        answering = _answering(entry)
        own = [(n, i) for n, i, item in said if n in answering and item["role"] == "user"]
        marked = [(n, i) for n, i, item in said if item.get("has_answer")]
        ids = [f"{n}:{i}" for n, i in marked or own]
        asked = entry.get("questions") or [entry]
        yield _conversation(turns, (_longmemeval_probe(entry, one, ids) for one in asked))


def _longmemeval_probe(entry: Record, asked: Record, ids: list[str]) -> Probe:
    absent = asked.get("is_abstention") or str(entry.get("question_id")).endswith("_abs")
    return asked, entry.get("question_type", "all"), ids, not absent


def _sessions(entry: Record) -> Any:
    """Return the sessions of a history; in a sample, those are the turns of one date."""
    if "haystack_sessions" in entry:
        return entry["haystack_sessions"]
    return [
        list(items) for _, items in groupby(entry["conversation"], lambda item: item.get("date"))
    ]


def _answering(entry: Record) -> set[int]:
    """Return the numbers of the sessions that hold the answer."""
    names = entry.get("answer_session_ids") or ()
    return {n for n, name in enumerate(entry.get("haystack_session_ids") or ()) if name in names}


def _golden(lines: list[Record]) -> Iterator[Conversation]:
    yield Conversation(None, tuple(_numbered("question", lines, _golden_question)))


def _golden_question(line: Record) -> Question:
    memories, texts, answer = _listed(line.get("memory")), _listed(line.get("text")), _answer(line)
    if not memories and not texts and "answer" not in line:
        raise ValueError('it has no "memory", "text" or "answer" (which may be null)')
    kind, evidence = str(line.get("category") or "all"), tuple(frozenset([id]) for id in memories)
    time = parse_time(line["asked_at"]) if line.get("asked_at") else None
    answerable = bool(memories or texts or answer is not None)
    return Question(line["question"], kind, evidence, answer, time, answerable, texts)


def _listed(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(item, str) and item.strip() for item in items):
        raise ValueError(f"{value!r} is no id or text, nor a list of them")
    return tuple(items)


def _conversation(turns: list[dict[str, str]], probes: Iterable[Probe]) -> Conversation:
    turns = [turn for turn in turns if turn["text"].strip()]
    known = {turn["id"] for turn in turns}
    return Conversation(turns, tuple(_question(known, *probe) for probe in probes))


def _question(
    known: set[str], record: Record, kind: Any, ids: Iterable[str], answerable: bool
) -> Question:
    evidence = tuple(frozenset([id]) for id in dict.fromkeys(ids) if id in known and answerable)
    answer = _answer(record) if answerable else None
    time = _moment(record.get("question_date"))
    return Question(record["question"], str(kind), evidence, answer, time, answerable)


def _answer(record: Record) -> str | None:
    found = (record[key] for key in ANSWERS if record.get(key) is not None)
    return next((str(answer) for answer in found), None)


def _turn(id: Any, session: Any, text: str, time: Any, said: Record) -> dict[str, str]:
    """Return a turn in the shape of an import, where what is empty counts as not given."""
    if not isinstance(text, str):
        raise TypeError(text)
    moment = _moment(time)
    when = moment.isoformat() if moment else ""
    who: dict[str, str] = {key: str(said[key]) for key in ("role", "speaker") if said.get(key)}
    return {"id": str(id), "session": str(session), "text": text, "time": when, **who}


def _moment(value: Any) -> datetime | None:
    """Return a time, which may name its weekday as in "2023/05/30 (Tue) 23:40"; None for none."""
    try:
        return parse_time(re.sub(r"\(\w+\)", "", str(value)))
    except InvalidInput:
        return None
