"""The graph of the MCP memory server: entities with observations, and relations between them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from memcli.importers.assistants import each, each_line, string
from memcli.importers.base import Format, Note, Record, Skipped
from memcli.importers.file import File
from memcli.records import Triple

ENTITY, RELATION = {"name", "entityType"}, {"from", "to", "relationType"}
LISTS = ("entities.item", "relations.item")


def recognises(file: File) -> bool:
    """Say whether the first entity or relation has the names that the server gives."""
    shapes = [ENTITY, RELATION]
    shapes += [{f"{LISTS[0]}.{key}" for key in ENTITY}, {f"{LISTS[1]}.{key}" for key in RELATION}]
    return any(shape <= file.outline for shape in shapes)


def read(file: File) -> Iterator[Record]:
    """Yield a note for each entity, observation and relation."""
    if any(path in file.outline for path in LISTS):
        return each(file, _notes, "entity or relation", *LISTS)
    return each_line(file, _notes)


def _notes(value: dict[str, Any], where: str) -> Iterator[Record]:
    if value.get("type") == "relation" or "relationType" in value:
        yield from _relation(value, where)
    else:
        yield from _entity(value, where)


def _entity(value: dict[str, Any], where: str) -> Iterator[Record]:
    name, kind = string(value.get("name")), string(value.get("entityType"))
    observations = value.get("observations")
    if not name:
        yield Skipped(where, "an entity without a name")
        return
    triples = (Triple(name, "is a", kind),) if kind else ()
    text = f"{name} is a {kind}" if kind else name
    yield Note(text, text, title=name, external_id=f"entity:{name}", kind="fact", triples=triples)
    for said in dict.fromkeys(map(string, observations if isinstance(observations, list) else ())):
        if said:
            id = f"entity:{name}:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"
            yield Note(f"{name}: {said}", said, title=name, external_id=id, kind="fact")


def _relation(value: dict[str, Any], where: str) -> Iterator[Record]:
    start, verb, end = (string(value.get(key)) for key in ("from", "relationType", "to"))
    if not (start and verb and end):
        yield Skipped(where, "a relation that lacks one of its ends or its type")
        return
    text, id = f"{start} {verb.replace('_', ' ')} {end}", f"relation:{start}:{verb}:{end}"
    yield Note(
        text, text, external_id=id, kind="fact", links=(start, end),
        triples=(Triple(start, verb, end),),
    )  # fmt: skip


FORMAT = Format("mcp-memory", recognises, read, whole=True, begins=b"[{")
