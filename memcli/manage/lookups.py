"""How current memories are found when a candidate is set against them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from memcli.records import Memory


def nothing(*_: str) -> list[Memory]:
    """Find nothing: the lookup of whoever has none."""
    return []


def no_names(_: str) -> list[str]:
    """Find no predicates."""
    return []


@dataclass(frozen=True, slots=True)
class Lookups:
    """The lookups of a store; all return current memories, the oldest first."""

    in_slot: Callable[[str, str], list[Memory]]
    """Those with this subject and predicate."""

    of_object: Callable[[str], list[Memory]] = nothing
    """Those with a triple of this object."""

    mentioning: Callable[[str], list[Memory]] = nothing
    """Those with a triple whose object contains this text."""

    predicates_of: Callable[[str], list[str]] = no_names
    """The predicates under which something is known of a subject."""

    latest: Callable[[], list[Memory]] = nothing
    """The last few memories said, newest first."""
