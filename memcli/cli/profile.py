"""``memcli profile``: list, encrypt, decrypt, passphrase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Json, Profile, Yes, ask_passphrase
from memcli.errors import InvalidInput

if TYPE_CHECKING:
    from memcli.paths import ProfilePaths

Keyring = Annotated[
    bool, typer.Option("--keyring", help="Have the system's keyring keep the passphrase.")
]


@dataclass(frozen=True, slots=True)
class Listed:
    """One profile."""

    name: str
    encrypted: bool
    bytes: int
    path: str


def list_(as_json: Json = False) -> None:
    """List the profiles: which are encrypted, and what they take on disk."""
    from memcli import paths
    from memcli.store import cipher

    found = []
    for name in paths.profiles():
        files = paths.profile(name)
        size = sum(file.stat().st_size for file in files.folder.rglob("*") if file.is_file())
        encrypted = cipher.is_encrypted(files.database)
        found.append(Listed(name, encrypted, size, str(files.folder)))
    rows = ((p.name, "encrypted" if p.encrypted else "", ui.size(p.bytes), p.path) for p in found)
    ui.show(found, ("name", "", "size", "path"), rows, as_json=as_json)


def encrypt(
    ctx: typer.Context, keyring: Keyring = False, yes: Yes = False, profile: Profile = None
) -> None:
    """Encrypt a profile, or make one that is encrypted: without the passphrase all of it is lost.

    The database is, and what models made of it. Chroma, whose files cannot be, is not used any
    more. $MEMCLI_PASSPHRASE may hold the passphrase.
    """
    from memcli import paths
    from memcli.store import cipher

    files = paths.profile(profile or ctx.obj.profile)
    if cipher.is_encrypted(files.database):
        raise InvalidInput(f"{files.folder} is encrypted already.", "memcli profile passphrase")
    if not ui.confirm(f"Encrypt {files.folder}? Without the passphrase all is lost.", yes=yes):
        raise typer.Exit(1)
    _rewrite(files, "", ask_passphrase("New passphrase", again=True), keyring=keyring)
    ui.out(f"{files.folder} is encrypted")


def decrypt(ctx: typer.Context, yes: Yes = False, profile: Profile = None) -> None:
    """Write a profile in the clear again."""
    from memcli import keys

    files, key = _encrypted(ctx, profile)
    if not ui.confirm(f"Write {files.folder} in the clear?", yes=yes):
        raise typer.Exit(1)
    _rewrite(files, key, "")
    keys.forget(files.folder)
    ui.out(f"{files.folder} is not encrypted any more")


def passphrase(ctx: typer.Context, keyring: Keyring = False, profile: Profile = None) -> None:
    """Change the passphrase of an encrypted profile; $MEMCLI_NEW_PASSPHRASE may hold the new one.

    Older backups keep the one that they were made with.
    """
    from memcli import keys

    files, key = _encrypted(ctx, profile)
    new = ask_passphrase("New passphrase", "MEMCLI_NEW_PASSPHRASE", again=True)
    _rewrite(files, key, new, keyring=keyring)
    if not keyring:
        keys.forget(files.folder)
    ui.out(f"{files.folder} has a new passphrase")


def _encrypted(ctx: typer.Context, name: str | None) -> tuple[ProfilePaths, str]:
    """Return a profile that is encrypted, with its key."""
    from memcli import keys, paths
    from memcli.store import cipher

    files = paths.profile(name or ctx.obj.profile)
    if not cipher.is_encrypted(files.database):
        raise InvalidInput(f"{files.folder} is not encrypted.", "memcli profile encrypt")
    return files, keys.key_of(files.folder, ask_passphrase)


def _rewrite(files: ProfilePaths, old: str, new: str, *, keyring: bool = False) -> None:
    from memcli import encryption, keys

    for copy in encryption.rewrite(files, old, new):
        ui.say(f"{copy} is as it was: delete it if you do not need it")
    if keyring:
        keys.remember(files.folder, new)
