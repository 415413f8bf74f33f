"""Files for other tools: Markdown, one note for each subject or day, and transcripts."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from memcli.errors import InvalidInput
from memcli.paths import make_private_file, no_room
from memcli.records import USER, Memory, Session, Turn, to_json
from memcli.store import Store
from memcli.text import one_line

UNFIT = re.compile(r'[\\/:*?"<>|#^\[\]\x00-\x1f]+')  # for a file's name, or Obsidian's links
UNTAGGED = re.compile(r"[^\w/-]+")
LONGEST_NAME = 80  # characters
ME = "Me"
OTHERS = "Notes"  # of no subject


def write_new(file: Path, texts: Iterable[str]) -> int:
    """Write a new file that only its owner can read, and return its size in bytes.

    If it cannot be written whole, there is none.

    Raises:
        InvalidInput: there is a file already, or it cannot be written.
        StoreError: the disk is full.
    """
    if file.exists():
        raise InvalidInput(f"{file} exists already.", "Name a new file.")
    part = file.with_name(f"{file.name}.part")
    try:
        if not file.absolute().parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "there is no such folder")
        make_private_file(part)
        with part.open("w", encoding="utf-8", newline="\n") as opened:
            opened.writelines(texts)
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(part, file)
    except OSError as error:
        raise no_room(file, error) or InvalidInput(
            f"{file} cannot be written: {error.strerror or error}.", "Nothing was left half done."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return file.stat().st_size


def transcript(session: Session, turns: Sequence[Turn], *, as_json: bool = False) -> str:
    """Return what was said in a session as Markdown, or as JSON, one turn a line."""
    if as_json:
        return "".join(f"{to_json(turn)}\n" for turn in turns)
    said = [
        f"**{turn.speaker or turn.role}** · {_minute(turn.time)}\n\n{turn.text}\n" for turn in turns
    ]
    return "\n".join([f"# {one_line(session.title) or 'Session'}\n", *said])


def write_vault(store: Store, folder: Path, *, by_day: bool = False) -> int:
    """Write what holds now as Markdown, a file a subject or a day; return how many files.

    Raises:
        InvalidInput: the folder holds something, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(f"{folder} is not an empty folder.", "Name a new folder.")
    notes = by_days(store) if by_day else by_subjects(store)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be made: {error.strerror}.") from error
    files = dict(_files(notes))
    for name, lines in files.items():
        write_new(folder / f"{name}.md", lines)
    return len(files)


def by_subjects(store: Store) -> Mapping[str, list[Memory]]:
    """Return the memories that hold now by each subject that they speak of."""
    notes: dict[str, list[Memory]] = defaultdict(list)
    for memory in reversed(store.memories.newest(current=True)):
        subjects = dict.fromkeys(t.subject for t in memory.triples) or {OTHERS: None}
        for subject in subjects:
            notes[ME if subject == USER else subject].append(memory)
    return notes


def by_days(store: Store) -> Mapping[str, list[Memory]]:
    """Return the memories that hold now by the day of what they tell."""
    notes: dict[str, list[Memory]] = defaultdict(list)
    for memory in reversed(store.memories.newest(current=True)):
        notes[f"{(memory.valid_from or memory.recorded).astimezone():%Y-%m-%d}"].append(memory)
    return notes


def _files(notes: Mapping[str, list[Memory]]) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the lines of each file; names that a folder takes for one are numbered."""
    taken: set[str] = set()
    for title, memories in sorted(notes.items()):
        plain = _plain(title)
        name = next(
            each
            for i in range(1, len(notes) + 2)
            if (each := plain if i == 1 else f"{plain} {i}").casefold() not in taken
        )
        taken.add(name.casefold())
        yield name, [*_head(title), *(_item(memory, notes) for memory in memories)]


def _minute(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M}"


def _plain(title: str) -> str:
    return UNFIT.sub(" ", one_line(title)).strip(" .")[:LONGEST_NAME] or OTHERS


def _head(title: str) -> list[str]:
    return ["---\n", "source: memcli\n", "---\n\n", f"# {one_line(title)}\n\n"]


def _item(memory: Memory, notes: Mapping[str, list[Memory]]) -> str:
    """Return a memory as a list item, with links to other notes and a block id."""
    linked = dict.fromkeys(t.object for t in memory.triples if t.object in notes)
    links = "".join(f" [[{_plain(name)}]]" for name in linked)
    tags = "".join(" #" + UNTAGGED.sub("-", tag) for tag in memory.tags)
    text = one_line(memory.text)
    return f"- {text}{links}{tags} ({memory.recorded.astimezone():%Y-%m-%d}) ^{memory.id[-6:]}\n"
