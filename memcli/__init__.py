"""A personal memory for a local language model.

import memcli

with memcli.open() as memory:
    memory.remember("I live in Lisbon.")
    for hit in memory.recall("Where do I live?"):
        print(hit.when, hit.text)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memcli.api import Memcli, open
    from memcli.errors import MemcliError, ModelError, NotFound, StoreError
    from memcli.records import Hit, Memory, Session, Source, Triple, Turn

__all__ = [
    "Hit",
    "Memcli",
    "MemcliError",
    "Memory",
    "ModelError",
    "NotFound",
    "Session",
    "Source",
    "StoreError",
    "Triple",
    "Turn",
    "open",
]
__version__ = "0.1.0"

_HOMES = {"Memcli": "api", "open": "api"}
_HOMES |= dict.fromkeys(("MemcliError", "ModelError", "NotFound", "StoreError"), "errors")


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: ``import memcli`` alone costs nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'memcli' has no attribute {name!r}")
    return getattr(import_module(f"memcli.{_HOMES.get(name, 'records')}"), name)
