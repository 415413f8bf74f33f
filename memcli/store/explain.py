"""What SQLite says, in the user's terms."""

from __future__ import annotations

from pathlib import Path

from memcli.errors import StoreError, StoreLocked
from memcli.store import cipher


def explain(  # noqa: PLR0911  (a table of causes)
    error: Exception, path: Path | str, *, encrypted: bool = False
) -> StoreError:
    """Say in the user's terms what went wrong with the database."""
    text = str(error)
    if "not a database" in text and encrypted:
        return cipher.wrong(path)
    if "locked" in text or "busy" in text:
        return StoreLocked(
            f"{path} is in use by another process ({text}).",
            "Wait for it to finish, or close the other memcli.",
        )
    if "readonly" in text or "unable to open" in text:
        return StoreError(
            f"{path} cannot be written ({text}).",
            f"Check the permissions of {Path(path).parent}, or set MEMCLI_HOME elsewhere.",
        )
    if "full" in text:
        return StoreError(f"The disk is full: {path} was not changed.", "Free some space.")
    if "disk I/O" in text:
        return StoreError(
            f"{path} could not be read or written ({text}): the disk is full, or it fails.",
            "Free some space; if there is enough, run: memcli doctor",
        )
    if "not a database" in text or "malformed" in text:
        return StoreError(
            f"{path} is damaged or is not a memcli database ({text}).", "Run: memcli doctor"
        )
    return StoreError(f"The database {path} refused: {text}.", "Run: memcli doctor")
