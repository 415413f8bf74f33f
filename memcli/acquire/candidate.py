"""What an extractor finds: something that may become a memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from memcli.records import Kind, Span, Triple


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may become a memory; ``quote`` stands at ``span`` in its source.

    What ended is a triple too: its predicate begins with ``not`` (``not employer``), and its object
    may be empty. What held before begins with ``former``. ``denies`` is a value that the words say
    was wrong ("Porto, not Lisbon"); a triple whose predicate is empty takes over that value's slot.
    """

    kind: Kind
    quote: str
    span: Span
    triples: tuple[Triple, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    denies: str = ""
    importance: float = 0.5  # from 0 to 1
