"""mem0's memories: the answer of ``get_all``, a list of memories, or one a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memcli.importers.assistants import each, each_line, string, time_or_none
from memcli.importers.base import Format, Note, Record, Skipped
from memcli.importers.file import File

LISTS = ("results.item", "memories.item")
BESIDE = ("user_id", "hash", "created_at", "agent_id", "run_id", "metadata")


def recognises(file: File) -> bool:
    """Say whether the first value has an id, a memory and something else that mem0 writes."""
    keys = file.outline
    return any(
        {f"{at}id", f"{at}memory"} <= keys and any(f"{at}{name}" in keys for name in BESIDE)
        for at in ("", "item.", "results.item.", "memories.item.")
    )


def read(file: File) -> Iterator[Record]:
    """Yield each memory as a note."""
    if "memory" in file.outline:
        return each_line(file, _note)
    return each(file, _note, "memory", *LISTS)


def _note(value: dict[str, Any], where: str) -> Iterator[Record]:
    memory, categories = value.get("memory"), value.get("categories")
    time, wrong = time_or_none(value.get("created_at") or value.get("updated_at"))
    if wrong or not isinstance(memory, str) or not memory.strip():
        yield Skipped(where, wrong or "it has no memory")
        return
    tags = [string(each) for each in categories] if isinstance(categories, list) else []
    text, id = memory.strip(), string(value.get("id"))
    yield Note(text, text, None, "", time, tuple(filter(None, tags)), external_id=id, kind="fact")


FORMAT = Format("mem0", recognises, read, own_ids=True, begins=b"[{")
