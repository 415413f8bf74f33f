"""Follow files and folders, to import what changes in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from memcli.errors import MemcliError

SECOND_MS = 1_000
QUIET_MS = 1_600  # without a change, before changes are told: editors write a file in several steps


def changes(paths: Sequence[Path]) -> Iterator[frozenset[Path] | None]:
    """Yield the files that changed since the last time, until the process is interrupted.

    The first time it is None: anything may have changed before the watching began.

    Raises:
        MemcliError: what watches files is not installed.
    """
    try:
        from watchfiles import Change, watch
    except ImportError as error:
        raise MemcliError("Nothing here can watch files.", "pip install 'memcli[watch]'") from error
    begun = False
    found: set[tuple[Change, str]]
    for found in watch(
        *paths, debounce=QUIET_MS, rust_timeout=SECOND_MS, yield_on_timeout=True,
        raise_interrupt=True,
    ):  # fmt: skip
        if not begun:
            yield None
            begun = True
        elif found:
            yield frozenset(Path(path) for change, path in found if change is not Change.deleted)
