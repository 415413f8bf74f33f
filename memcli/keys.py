"""Where the key of an encrypted profile comes from.

What was given, else $MEMCLI_PASSPHRASE, else the system's keyring, else whoever is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from memcli.errors import StoreError, WrongPassphrase
from memcli.store import cipher

Ask = Callable[[], str]

SERVICE = "memcli"  # under which the keyring holds keys, one a profile's folder


def key_of(folder: Path, given: str | Ask = "") -> str:
    """Return the key of a profile that is encrypted.

    Raises:
        WrongPassphrase: there is none anywhere.
    """
    if isinstance(given, str) and given:
        return given
    found = os.environ.get(cipher.PASSPHRASE) or remembered(folder)
    if not found and callable(given):
        found = given()
    if not found:
        raise WrongPassphrase(
            f"The profile in {folder} is encrypted, and there is no passphrase.",
            f"Type one, or set {cipher.PASSPHRASE}.",
        )
    return found


def remembered(folder: Path) -> str:
    """Return the key that the system's keyring has for a profile, if it has one."""
    try:
        import keyring  # 80 ms
    except ImportError:
        return ""
    try:
        return keyring.get_password(SERVICE, str(folder.absolute())) or ""
    except Exception:  # each keyring has errors of its own; then somebody is asked
        return ""


def remember(folder: Path, key: str) -> None:
    """Have the system's keyring keep the key of a profile.

    Raises:
        StoreError: there is no keyring, or it refuses.
    """
    try:
        import keyring

        keyring.set_password(SERVICE, str(folder.absolute()), key)
    except ImportError as error:
        raise StoreError("The library keyring is not installed.", cipher.EXTRA) from error
    except Exception as error:
        raise StoreError(
            f"The system's keyring cannot keep the passphrase: {error}.",
            f"Type it, or set {cipher.PASSPHRASE}.",
        ) from error


def forget(folder: Path) -> None:
    """Have the keyring forget the key of a profile, if it has one."""
    if remembered(folder):
        import keyring

        keyring.delete_password(SERVICE, str(folder.absolute()))
