"""What an extractor finds: something that may become a memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from memcli.records import Kind, Span, Triple


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may become a memory; ``quote`` stands at ``span`` in its source."""

    kind: Kind
    quote: str
    span: Span
    triples: tuple[Triple, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None
