"""How far an import or a download is: a bar on a terminal, a line now and then otherwise."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memcli.cli import ui

if TYPE_CHECKING:
    from memcli.engine.download import Tell
    from memcli.importers.walk import Wanted
    from memcli.importing import Report

SECONDS = 10.0  # between two lines where no terminal shows a bar


@contextlib.contextmanager
def following(
    paths: Sequence[Path], wanted: Wanted, *, quiet: bool = False
) -> Iterator[Callable[[Report], None]]:
    """Show how far an import is, as it tells what it did."""
    if quiet:
        yield lambda report: None
    elif ui.is_terminal(sys.stderr):
        with _bar(sum(map(_bytes, paths))) as tell:
            yield tell
    else:
        yield _Lines()


class _Lines:
    def __init__(self) -> None:
        self._begun = self._said = time.monotonic()

    def __call__(self, report: Report) -> None:
        now = time.monotonic()
        if now - self._said > SECONDS:
            rate = report.records / (now - self._begun)
            ui.say(f"{report.files} files, {report.records} records, {rate:.0f} a second")
            self._said = now


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Callable[[Report], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[files]} files, {task.fields[records]} records"),
        BarColumn(), TextColumn("{task.fields[rate]:.0f} a second"), TimeRemainingColumn(),
    )  # fmt: skip
    begun = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total or None, files=0, records=0, rate=0.0)

        def tell(report: Report) -> None:
            rate = report.records / max(time.monotonic() - begun, 0.001)
            progress.update(
                task, completed=report.bytes,
                files=report.files, records=report.records, rate=rate,
            )  # fmt: skip

        yield tell


@contextlib.contextmanager
def fetching(*, quiet: bool = False) -> Iterator[tuple[Tell, Callable[[str], None]]]:
    """Show how far a download is, as it tells how many bytes are here, and print what it says."""
    if quiet:
        yield lambda done, total: None, ui.say
    elif not ui.is_terminal(sys.stderr):
        yield _Bytes(), ui.say
    else:
        with _bytes_bar() as tell:
            yield tell, ui.say


class _Bytes:
    def __init__(self) -> None:
        self._said = time.monotonic()

    def __call__(self, done: int, total: int | None) -> None:
        if time.monotonic() - self._said > SECONDS:
            ui.say(f"{ui.size(done)}" + (f" of {ui.size(total)}" if total else ""))
            self._said = time.monotonic()


@contextlib.contextmanager
def _bytes_bar() -> Iterator[Tell]:
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.BarColumn(), bars.DownloadColumn(), bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
    )  # fmt: skip
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, visible=False)

        def tell(done: int, total: int | None) -> None:
            if not progress.tasks[task].completed:  # what was here before has no speed
                progress.reset(task, total=total, completed=done, visible=True)
            progress.update(task, completed=done, total=total)

        yield tell


def _bytes(path: Path) -> int:
    """Return how much there is to read at a path, as near as names and sizes tell."""
    files = [path]
    if path.is_dir():
        files = [Path(folder) / name for folder, _, names in os.walk(path) for name in names]
    return sum(map(_size, files))


def _size(path: Path) -> int:
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                return sum(info.file_size for info in archive.infolist())
        return path.stat().st_size
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return 0
