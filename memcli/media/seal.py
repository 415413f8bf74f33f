"""Blobs of an encrypted profile: sealed with a key that only its database holds.

The format is age (https://age-encryption.org/v1) for one X25519 key.
"""

from __future__ import annotations

import hmac
from typing import Any

NAME = 32  # hexadecimal digits that stand for a name


class Seal:
    """One key, which closes and opens."""

    def __init__(self, secret: str) -> None:
        """Take a key as ``new_secret`` gives it."""
        from pyrage import x25519  # 5 ms

        self._secret = secret
        self._identity = x25519.Identity.from_str(secret)

    def close(self, data: bytes) -> bytes:
        """Return ``data`` encrypted."""
        sealed: bytes = _age().encrypt(data, [self._identity.to_public()])
        return sealed

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            ValueError: it was sealed with another key, was changed, or was not sealed.
        """
        try:
            data: bytes = _age().decrypt(sealed, [self._identity])
        except Exception as error:  # pyrage's own have no common class
            raise ValueError(str(error)) from error
        return data

    def name(self, text: str) -> str:
        """Return what stands for a text in the name of a file."""
        return hmac.new(self._secret.encode(), text.encode(), "sha256").hexdigest()[:NAME]


def new_secret() -> str:
    """Return a new key."""
    from pyrage import x25519

    return str(x25519.Identity.generate())


def _age() -> Any:
    import pyrage

    return pyrage
