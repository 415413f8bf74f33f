"""Every error memcli raises on purpose, and the exit code each one ends with.

    MemcliError                 1  the command failed
    ├── InvalidInput            2  what was asked cannot be understood
    ├── NotFound                3  nothing matches
    ├── ModelError              4  no usable model
    │   ├── ModelNotFound
    │   └── ContextTooSmall
    ├── StoreError              5  the store is locked, damaged or not ours
    │   ├── StoreLocked
    │   ├── StoreTooNew
    │   └── WrongPassphrase
    └── Offline                 1  the network was needed and is forbidden

The message names the offending value or path; the hint is something to type or do next.
"""

from __future__ import annotations

EXIT_INTERRUPTED = 130


class MemcliError(Exception):
    """A failure the user can understand and act on."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidInput(MemcliError):
    """An argument, a setting or a file has a value that cannot be used."""

    exit_code = 2


class NotFound(MemcliError):
    """An id, a session or a query matches nothing."""

    exit_code = 3


class ModelError(MemcliError):
    """The configured model cannot be used."""

    exit_code = 4


class ModelNotFound(ModelError):
    """The model file does not exist."""


class ContextTooSmall(ModelError):
    """The prompt cannot fit the model's context however much is left out."""


class StoreError(MemcliError):
    """The database cannot be opened, read or written."""

    exit_code = 5


class StoreLocked(StoreError):
    """Another process held the database for longer than we wait."""


class StoreTooNew(StoreError):
    """The database was written by a newer memcli."""


class WrongPassphrase(StoreError):
    """The database is encrypted, and not with this key."""


class Offline(MemcliError):
    """The network was needed while ``--offline`` forbids it."""
