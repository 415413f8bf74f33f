"""Find the files of an import, and the importer for each."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from memcli.errors import NotFound
from memcli.importers import jsonl, markdown, text
from memcli.importers.base import Document, Unreadable

SUFFIXES = {
    ".md": markdown.KIND, ".markdown": markdown.KIND, ".txt": text.KIND, ".text": text.KIND,
    ".jsonl": jsonl.KIND, ".ndjson": jsonl.KIND,
}  # fmt: skip
LARGEST_NOTE = 64 * 1024 * 1024  # bytes; JSONL is read line by line and has no limit
HEAD = 4096


def find_files(path: Path) -> Iterator[Path]:
    """Yield the files to import from a path, in order: itself, or what a folder holds.

    Hidden files and folders, links out of the folder and a vault's templates are left out.

    Raises:
        NotFound: there is nothing at the path.
    """
    if not path.exists():
        raise NotFound(f"There is no file or folder {path}.", "Check the path.")
    if path.is_file():
        yield path
        return
    root = path.resolve()
    templates = _templates_folder(path)
    for folder, folders, files in os.walk(path):
        here = Path(folder)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and here / f != templates)
        for name in sorted(files):
            file = here / name
            if name.startswith(".") or file.suffix.lower() not in SUFFIXES:
                continue
            if file.is_file() and file.resolve().is_relative_to(root):
                yield file


def open_document(path: Path) -> Document:
    """Return the records of one file.

    Raises:
        Unreadable: no importer takes it; the message says why.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        guess = jsonl.KIND if jsonl.looks_like_jsonl(head) else None
        kind = SUFFIXES.get(path.suffix.lower(), guess)
        if kind is None:
            known = ", ".join(sorted(SUFFIXES))
            raise Unreadable(f"unknown format: it begins with {head[:24]!r}; known are {known}")
        if kind == jsonl.KIND:
            return read_lines(path)
        if path.stat().st_size > LARGEST_NOTE:
            raise Unreadable(f"larger than {LARGEST_NOTE >> 20} MB, too large for one note")
        return _read_note(kind, path)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error


def read_lines(path: Path) -> Document:
    """Return a JSONL file as a document that is read line by line."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    document = Document(
        jsonl.KIND, path.resolve(), digest.hexdigest(), iter(()), title=path.stem, streamed=True
    )

    def lines() -> Iterator[bytes]:
        with path.open("rb") as file:
            yield from file

    document.records = jsonl.read(lines(), document.problems)
    return document


def _read_note(kind: str, path: Path) -> Document:
    data = path.read_bytes()
    reader = markdown.read if kind == markdown.KIND else text.read
    head, notes = reader(data, path)
    content_hash = hashlib.sha256(data).hexdigest()
    return Document(kind, path.resolve(), content_hash, iter(notes), head.title, head.time)


def _templates_folder(vault: Path) -> Path | None:
    """Return the folder that an Obsidian vault names as its templates."""
    try:
        settings = json.loads((vault / ".obsidian" / "templates.json").read_text("utf-8"))
        folder = settings.get("folder")
    except (OSError, ValueError, AttributeError):
        return None
    return vault / folder if isinstance(folder, str) and folder else None
