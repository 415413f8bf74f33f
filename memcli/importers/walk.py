"""Find what there is to import: a file, a folder's, a zip's, or standard input."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from memcli.errors import NotFound
from memcli.importers.base import Skipped, Unreadable
from memcli.importers.file import File
from memcli.paths import DATABASE

STDIN = Path("-")
IN_MEMORY = 16 * 1024 * 1024  # bytes of standard input
SETTINGS = {"logseq": "config.edn"}  # folders in which a tool keeps its own, told by a file
DOCUMENTS = ("[Content_Types].xml", "META-INF/", "mimetype")  # zips that are one document
ZIP = b"PK\x03\x04"
# Where Obsidian and its plugin Templater keep which folder holds templates.
TEMPLATES = {
    "templates.json": "folder", "plugins/templater-obsidian/data.json": "templates_folder",
}  # fmt: skip
BOMB = 200  # times that a zip's file may be larger than what is stored of it
SMALL = 32 * 1024 * 1024  # bytes that any file of a zip may have
MOST_FILES = 200_000  # of a zip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files are wanted: those that match a pattern of ``only`` and none of ``exclude``.

    With ``among``, of the files on disk only those.
    """

    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    among: frozenset[Path] | None = None

    def __call__(self, name: PurePosixPath) -> bool:
        """Say whether a file of that name is wanted."""
        return (not self.only or _matches(name, self.only)) and not _matches(name, self.exclude)


def find_files(path: Path, wanted: Wanted = Wanted()) -> Iterator[File | Skipped]:
    """Yield the files to import from a path in order, and what was left out of it.

    Hidden files and a vault's templates are passed over in silence. ``-`` is standard input.

    Raises:
        NotFound: there is nothing at the path.
    """
    if path == STDIN:
        yield from _stdin(wanted)
    elif path.is_dir():
        yield from _folder(path, wanted)
    elif path.name.startswith(DATABASE):  # reading it would drop the locks of who has it open
        yield Skipped(str(path), "a memory of memcli's own: memcli restore reads backups")
    elif path.exists():
        yield from _expanded(on_disk(path.resolve(), wanted=wanted), wanted)
    else:
        raise NotFound(f"There is no file or folder {path}.", "Check the path.")


def on_disk(
    path: Path, name: PurePosixPath | None = None, wanted: Wanted = Wanted(),
    found: os.stat_result | None = None,
) -> File:  # fmt: skip
    """Return a file on disk, of which ``found`` is known.

    Raises:
        OSError: it cannot be looked at.
    """
    found = found or path.stat()
    modified = datetime.fromtimestamp(found.st_mtime, timezone.utc)
    return File(
        path, name or PurePosixPath(path.name), found.st_size, lambda: path.open("rb"),
        near=partial(_beside, path), modified=modified, columns=wanted.columns,
    )  # fmt: skip


def _beside(path: Path, name: str) -> File | None:
    try:
        return on_disk(path.parent / name) if (path.parent / name).is_file() else None
    except OSError:
        return None


def _folder(top: Path, wanted: Wanted) -> Iterator[File | Skipped]:
    root = top.resolve()
    templates = _templates(root)
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        place = PurePosixPath(here.relative_to(root).as_posix())
        folders[:] = sorted(
            f
            for f in folders
            if f[0] != "." and here / f not in templates and not _is_tools(here / f)
        )
        for name in sorted(files):
            file = here / name
            if name.startswith((".", DATABASE)) or (
                wanted.among is not None and file not in wanted.among
            ):
                continue
            if wanted(place / name) or _may_be_zip(place / name):
                yield from _within(root, file, place / name, wanted)


def _is_tools(folder: Path) -> bool:
    if (folder / DATABASE).exists():  # a profile of memcli
        return True
    return folder.name in SETTINGS and (folder / SETTINGS[folder.name]).exists()


def _within(
    root: Path, file: Path, place: PurePosixPath, wanted: Wanted
) -> Iterator[File | Skipped]:
    """Yield a file of a folder, unless it is a link to somewhere else."""
    try:
        found = file.lstat()
        if stat.S_ISLNK(found.st_mode):
            file = file.resolve()
            if not file.is_relative_to(root):
                yield Skipped(str(root / place), "a link out of the folder")
                return
            found = file.stat()
    except OSError as error:
        yield Skipped(str(root / place), error.strerror or str(error))
        return
    if stat.S_ISREG(found.st_mode):
        yield from _expanded(on_disk(file, place, wanted, found), wanted)
    else:
        yield Skipped(str(file), "no plain file")


def _expanded(file: File, wanted: Wanted) -> Iterator[File | Skipped]:
    """Yield a file, or what it holds if it is a zip."""
    try:
        if not file.head.startswith(ZIP):
            if not _may_be_zip(file.name) or wanted(file.name):
                yield file
            return
        with zipfile.ZipFile(file.path) as archive:
            yield from _members(file, archive, wanted)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        yield Skipped(str(file.path), reason)


def _members(file: File, archive: zipfile.ZipFile, wanted: Wanted) -> Iterator[File | Skipped]:
    members = {i.filename: i for i in archive.infolist() if not i.filename.endswith("/")}
    if any(name.startswith(DOCUMENTS) or ".dist-info/" in name for name in members):
        yield Skipped(str(file.path), "a document of an office program, or a program")
        return
    if len(members) > MOST_FILES:
        yield Skipped(str(file.path), f"a zip of {len(members):,} files")
        return
    for name, info in sorted(members.items()):
        place = PurePosixPath(name.replace("\\", "/"))
        if any(part.startswith((".", "__MACOSX")) and part != ".." for part in place.parts):
            continue
        if reason := _refused(info, place):
            yield Skipped(str(file.path / name), reason)
        elif wanted(place):
            yield _member(file, archive, info, place, wanted)


def _refused(info: zipfile.ZipInfo, place: PurePosixPath) -> str:
    if not place.parts or place.is_absolute() or ".." in place.parts or ":" in place.parts[0]:
        return "its path leads out of the zip"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link within a zip"
    if info.flag_bits & 1:
        return "encrypted; unpack the zip with its password and import the folder"
    if info.file_size > SMALL and info.file_size > BOMB * max(info.compress_size, 1):
        return f"a zip bomb: {info.compress_size:,} bytes that become {info.file_size:,}"
    return ""


def _member(
    file: File, archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: PurePosixPath,
    wanted: Wanted,
) -> File:  # fmt: skip
    def opened() -> IO[bytes]:
        try:
            return io.BufferedReader(_Unpacked(archive.open(info)))
        except Exception as error:  # names and places of all kinds may be wrong
            raise Unreadable(f"damaged in its zip: {error}") from error

    def near(name: str) -> File | None:
        beside = os.path.normpath(place.parent / name).replace(os.sep, "/")
        found = archive.NameToInfo.get(beside)
        if found is None or _refused(found, PurePosixPath(beside)):
            return None
        return _member(file, archive, found, PurePosixPath(beside), wanted)

    return File(
        file.path / place, place, info.file_size, opened, near=near,
        modified=_date(info) or file.modified, columns=wanted.columns,
    )  # fmt: skip


def _date(info: zipfile.ZipInfo) -> datetime | None:
    if info.date_time[0] == 1980:  # what a zip says where it was told no date
        return None
    try:
        return datetime(*info.date_time).astimezone(timezone.utc)
    except (ValueError, OverflowError, OSError):
        return None


def _stdin(wanted: Wanted) -> Iterator[File]:
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as kept:
        while block := sys.stdin.buffer.read(1 << 20):
            kept.write(block)
        size = kept.tell()

        def opened() -> IO[bytes]:
            kept.seek(0)
            return io.BufferedReader(_Kept(kept))

        yield File(STDIN, PurePosixPath("-"), size, opened, columns=wanted.columns)


class _Unpacked(io.RawIOBase):
    """A file of a zip, of which damage may only show while it is read."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._packed.read(len(buffer))
        except Exception as error:  # each way to pack has errors of its own
            raise Unreadable(f"damaged in its zip: {error}") from error
        buffer[: len(data)] = data
        return len(data)


class _Kept(io.RawIOBase):
    """Standard input to be read again: closing it closes nothing."""

    def __init__(self, kept: IO[bytes]) -> None:
        self._kept = kept

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._kept.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _may_be_zip(name: PurePosixPath) -> bool:
    return name.suffix.lower() == ".zip"


def _matches(name: PurePosixPath, patterns: tuple[str, ...]) -> bool:
    """Say whether a path, its last part or a folder that it lies in has one of the shapes."""
    if not patterns:
        return False
    tried = [str(name), name.name, *map(str, name.parents)]
    return any(fnmatchcase(part, pattern.rstrip("/")) for pattern in patterns for part in tried)


def _templates(vault: Path) -> set[Path]:
    """Return the folders that hold the templates of an Obsidian vault: as it says, or by custom."""
    settings = vault / ".obsidian"
    named = {_setting(settings / file, key) for file, key in TEMPLATES.items()} - {""}
    if not named and settings.is_dir():
        named = {"Templates", "templates"}
    return {vault / name for name in named}


def _setting(file: Path, key: str) -> str:
    try:
        value = json.loads(file.read_text("utf-8")).get(key)
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""
    return value if isinstance(value, str) else ""
