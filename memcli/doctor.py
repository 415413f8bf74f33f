"""Examine a profile: what is checked, what it means, and how to mend it."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from memcli import paths
from memcli.api import Memcli
from memcli.errors import MemcliError

LIBRARIES = "llama-cpp-python chromadb sqlite-utils wordllama tiktoken typer rich pyrage".split()
LEAST_FREE = 200 * 2**20  # bytes
FIX = "memcli doctor --fix"


SAMPLE = 50  # items whose vectors are computed again
CLOSE = 0.99  # cosine of a vector and itself, stored in float16
ORPHANS = {
    "vectors": "SELECT count(*) FROM vectors WHERE item NOT IN (SELECT item FROM items)",
    "full-text rows": """SELECT count(*) FROM items_fts_docsize
                         WHERE id NOT IN (SELECT item FROM items)""",
    "items neither with a vector nor awaiting one": """SELECT count(*) FROM items WHERE item
        NOT IN (SELECT item FROM vectors UNION SELECT item FROM unembedded)""",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. ``mend`` is what to do if it is not ``ok``; doctor --fix does it where it can."""

    name: str
    ok: bool
    says: str
    mend: str = ""


def examine(memory: Memcli) -> list[Finding]:
    """Run every check."""
    return [
        *_store(memory), *_orphans(memory), *_files(memory), *_vectors(memory), *_model(memory),
        *_versions(),
    ]  # fmt: skip


def unopened(error: MemcliError) -> Finding:
    """Return the one finding there can be when the memory does not open."""
    hint = error.hint if "doctor" not in error.hint else ""
    return Finding(
        "memory", False, error.message,
        hint or "Move the file away: memcli then starts anew, and nothing of the old file is lost.",
    )  # fmt: skip


def mend(memory: Memcli, findings: Iterable[Finding]) -> tuple[Path | None, list[str]]:
    """Mend what is safe to mend, after a copy; return where that is, and what was mended."""
    broken = [f.name for f in findings if not f.ok and f.name in MENDERS]
    if not broken:
        return None, []
    kept = memory.store.copy_aside("fix")
    for mender in dict.fromkeys(MENDERS[name] for name in broken):
        mender(memory)
    return kept, broken


def _store(memory: Memcli) -> Iterator[Finding]:
    db = memory.store.db
    result = db.execute("PRAGMA integrity_check(3)").fetchone()[0]
    schema = db.execute("PRAGMA user_version").fetchone()[0]
    sealed = ", encrypted" if memory.store.key else ""
    yield Finding(
        "database", result == "ok", f"{memory.store.path} ({result}, schema {schema}{sealed})",
        "Copy the file away, then: memcli restore BACKUP",
    )  # fmt: skip
    broken = len(db.execute("PRAGMA foreign_key_check").fetchall())
    yield Finding(
        "references", not broken, f"{broken} broken", "memcli export, and import into a new profile"
    )
    try:
        with memory.store.upkeep():
            db.execute("INSERT INTO items_fts(items_fts, rank) VALUES ('integrity-check', 1)")
        fault = ""
    except MemcliError as error:
        fault = str(error)
    yield Finding("full text", not fault, fault or "agrees with the texts", FIX)


def _orphans(memory: Memcli) -> Iterator[Finding]:
    counts = {n: memory.store.db.execute(q).fetchone()[0] for n, q in ORPHANS.items()}
    left = {name: count for name, count in counts.items() if count}
    says = ", ".join(f"{count} {name}" for name, count in left.items())
    yield Finding("orphans", not left, says or "none", FIX)


def _files(memory: Memcli) -> Iterator[Finding]:
    folder = memory.paths.folder
    loose = [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]
    loose = [path for path in loose if folder in (path, path.parent)]
    says = f"{loose[0]} is open to others" if loose else "only you can read your data"
    yield Finding("permissions", not loose, says, FIX)
    states, size = memory.states.size()
    yield Finding("states", True, f"{states}, {size / 2**20:.0f} MiB")
    cells = memory.kv.blobs()
    size = sum(blob.bytes for blob in cells)
    yield Finding("cells", True, f"{len(cells)} memories as KV cells, {size / 2**20:.0f} MiB")
    lost = memory.states.lost(memory.store.sessions.get)
    damaged = len(list(memory.kv.verify()))
    says = f"{len(lost)} of sessions that are gone, {damaged} damaged"
    yield Finding("blobs", not lost and not damaged, says, FIX)
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
    yield Finding("index", whole, status.note or says, FIX)
    checked, wrong, lost = _sampled(memory)
    yield Finding(
        "vectors", not wrong and not lost,
        f"of {checked} tried, {wrong} differ from their text, {lost} are not found by the index",
        FIX,
    )  # fmt: skip


def _sampled(memory: Memcli) -> tuple[int, int, int]:
    """Compute some vectors again and look for each; return how many, how many differ, are lost."""
    store = memory.store
    items = store.db.execute(
        "SELECT i.item, i.title, i.text, v.vector FROM vectors AS v JOIN items AS i"
        " ON i.item = v.item WHERE v.n IN (SELECT n FROM vectors ORDER BY random() LIMIT ?)",
        [SAMPLE],
    ).fetchall()
    semantics = memory.memory.meaning.semantics()
    if not items or semantics is None:
        return 0, 0, 0
    from memcli.index.base import decode

    embedder, index = semantics
    texts = [f"{title}\n{text}" if title else text for _, title, text, _ in items]
    again, stored = embedder.embed(texts), decode([vector for *_, vector in items])
    cosines = (again * stored).sum(axis=1)
    known = [bool(vector.any()) for vector in again]  # a text without a known word has none
    wrong = sum(bool(c < CLOSE) for c, k in zip(cosines, known, strict=True) if k)
    lost = sum(
        not any(score > CLOSE for _, score in index.search(vector, 1))
        for vector, k in zip(stored, known, strict=True)
        if k
    )
    return len(items), wrong, lost


def _model(memory: Memcli) -> Iterator[Finding]:
    path = memory.config.model.path
    if not path:
        yield Finding("model", True, "none: answers are quotes from your memories")
        return
    from memcli.engine.llama import check_chat_model, fingerprint

    try:
        header = check_chat_model(Path(path).expanduser())
    except MemcliError as error:
        yield Finding("model", False, error.message, error.hint)
        return
    template = "with a chat template" if header.chat_template else "without a chat template"
    yield Finding("model", True, f"{header.name}, {template}")
    known = fingerprint(Path(path).expanduser())
    yield Finding(
        "kv", memory.kv.trusted(known), memory.kv.verdict(known),
        "memcli config set kv.again 16, or kv.splice off",
    )  # fmt: skip


def _versions() -> Iterator[Finding]:
    known = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    known |= {name: _version(name) for name in LIBRARIES}
    missing = [name for name, installed in known.items() if not installed]
    says = ", ".join(f"{name} {installed or 'is missing'}" for name, installed in known.items())
    yield Finding("versions", not missing, says, f"pip install {' '.join(missing)}")
    yield Finding("settings", True, str(paths.config_file()))


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _mend_full_text(memory: Memcli) -> None:
    with memory.store.upkeep():
        memory.store.db.execute("INSERT INTO items_fts(items_fts) VALUES ('rebuild')")


def _mend_vectors(memory: Memcli) -> None:
    _mend_full_text(memory)
    memory.rebuild_index(vectors=True)


def _mend_index(memory: Memcli) -> None:
    memory.rebuild_index()


def _mend_permissions(memory: Memcli) -> None:
    folder = memory.paths.folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _mend_blobs(memory: Memcli) -> None:
    for file in memory.states.lost(memory.store.sessions.get):
        file.unlink()
    for file, _ in memory.kv.verify():
        file.unlink()


MENDERS: dict[str, Callable[[Memcli], None]] = {
    "full text": _mend_full_text,
    "vectors": _mend_vectors,
    "index": _mend_index,
    "orphans": _mend_vectors,
    "permissions": _mend_permissions,
    "blobs": _mend_blobs,
}
