"""Examine a profile: what is checked, what it means, and how to mend it."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from memcli import paths
from memcli.api import Memcli
from memcli.errors import MemcliError

LIBRARIES = "llama-cpp-python chromadb sqlite-utils wordllama tiktoken typer rich".split()
LEAST_FREE = 200 * 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. ``mend`` is what to do if it is not ``ok``."""

    name: str
    ok: bool
    says: str
    mend: str = ""


def examine(memory: Memcli) -> list[Finding]:
    """Run every check."""
    return [*_store(memory), *_files(memory), *_vectors(memory), *_model(memory), *_versions()]


def unopened(error: MemcliError) -> Finding:
    """Return the one finding there can be when the memory does not open."""
    hint = error.hint if "doctor" not in error.hint else ""
    return Finding(
        "memory", False, error.message,
        hint or "Move the file away: memcli then starts anew, and nothing of the old file is lost.",
    )  # fmt: skip


def _store(memory: Memcli) -> Iterator[Finding]:
    db = memory.store.db
    result = db.execute("PRAGMA quick_check").fetchone()[0]
    yield Finding(
        "database", result == "ok", f"{memory.store.path} ({result})",
        "Copy the file away, then restore your last copy of it.",
    )  # fmt: skip
    orphans = len(db.execute("PRAGMA foreign_key_check").fetchall())
    yield Finding("references", not orphans, f"{orphans} broken", "Report this: it cannot happen.")
    try:
        with memory.store.upkeep():
            db.execute("INSERT INTO items_fts(items_fts, rank) VALUES ('integrity-check', 1)")
        fault = ""
    except (sqlite3.Error, MemcliError) as error:
        fault = str(error)
    yield Finding(
        "full text", not fault, fault or "agrees with the texts", "memcli index rebuild --vectors"
    )


def _files(memory: Memcli) -> Iterator[Finding]:
    folder = memory.paths.folder
    kept = [folder, *(path for path in folder.iterdir() if path != memory.paths.chroma)]
    loose = [path for path in kept if path.stat().st_mode & 0o077]
    says = f"{loose[0]} is open to others" if loose else "only you can read your data"
    yield Finding("permissions", not loose, says, f"chmod -R go-rwx {folder}")
    free = shutil.disk_usage(folder).free
    yield Finding("disk", free > LEAST_FREE, f"{free / 2**30:.1f} GiB free", "Free some space.")


def _vectors(memory: Memcli) -> Iterator[Finding]:
    try:
        status = memory.index_status()
    except MemcliError as error:
        yield Finding("embedder", False, error.message, error.hint)
        return
    whole = status.vectors == status.items and not status.behind and not status.note
    vectors = f"{status.vectors} of {status.items} have vectors"
    says = f"{status.backend}, {vectors}, {status.behind} behind"
    yield Finding("index", whole, status.note or says, "memcli index rebuild")


def _model(memory: Memcli) -> Iterator[Finding]:
    path = memory.config.model.path
    if not path:
        yield Finding("model", True, "none: answers are quotes from your memories")
        return
    from memcli.engine.llama import check_chat_model

    try:
        header = check_chat_model(Path(path).expanduser())
    except MemcliError as error:
        yield Finding("model", False, error.message, error.hint)
        return
    template = "with a chat template" if header.chat_template else "without a chat template"
    yield Finding("model", True, f"{header.name}, {template}")


def _versions() -> Iterator[Finding]:
    known = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    known |= {name: version(name) for name in LIBRARIES}
    yield Finding("versions", True, ", ".join(f"{name} {known[name]}" for name in known))
    yield Finding("settings", True, str(paths.config_file()))
