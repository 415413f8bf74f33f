"""Claude's export: conversations, what Claude remembers of its user, and projects.

Of a conversation the newest branch counts, and of an answer what people see: no tools, no
thoughts. The texts of files that were attached are left out; those of a project come in.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from memcli.importers.assistants import branch, each, string, texts, time_or_none
from memcli.importers.base import Format, Note, Record, Said, Skipped
from memcli.importers.chunks import chunk_markdown
from memcli.importers.file import File
from memcli.importers.json_stream import inner
from memcli.records import Role

MEMORY = "Claude's memory"
# Each file is a list of these, or one of them.
KINDS = (
    {"chat_messages"}, {"conversations_memory"}, {"project_memories"},
    {"uuid", "name", "docs", "created_at"}, {"uuid", "full_name", "email_address"},
)  # fmt: skip
PASTED = ("", "paste.txt")
SENDERS: dict[str, Role] = {"human": "user", "user": "user", "assistant": "assistant"}


def recognises(file: File) -> bool:
    """Say whether a file's first value is one of the kinds that the export has."""
    keys = file.outline
    return any(kind <= keys or {f"item.{key}" for key in kind} <= keys for kind in KINDS)


def read(file: File) -> Iterator[Record]:
    """Yield the turns of conversations, or the pieces of memories and projects."""
    return each(file, _value, "object")


def _value(value: dict[str, Any], where: str) -> Iterator[Record]:
    if isinstance(messages := value.get("chat_messages"), list):
        yield from _conversation(value, messages, where)
    elif "conversations_memory" in value or "project_memories" in value:
        yield from _memories(value)
    elif isinstance(docs := value.get("docs"), list):
        yield from _project(value, docs, where)
    elif "email_address" not in value:
        yield Skipped(where, "it is no conversation, memory or project")


def _conversation(value: dict[str, Any], messages: list[Any], where: str) -> Iterator[Record]:
    title = string(value.get("name"))
    session = string(value.get("uuid")) or f"{title} {string(value.get('created_at'))}".strip()
    time, _ = time_or_none(value.get("created_at"))
    for number, message in _newest(value, messages):
        role = SENDERS.get(string(message.get("sender")))
        text = _text(message)
        given, wrong = time_or_none(message.get("created_at"))
        time = given or time
        if wrong:
            yield Skipped(f"{where}, message {number}", wrong)
        elif role and text:
            id = string(message.get("uuid"))
            yield Said(session or where, text, role, "", time, title, id)


def _newest(value: dict[str, Any], messages: list[Any]) -> list[tuple[int, dict[str, Any]]]:
    """Return the messages of the newest branch, or all where there are no branches."""
    found = [(i, message) for i, message in enumerate(messages, 1) if isinstance(message, dict)]
    by_id = {string(message.get("uuid")) or str(i): (i, message) for i, message in found}
    parents = {id: string(each.get("parent_message_uuid")) for id, (_, each) in by_id.items()}
    if not any(parent in parents for parent in parents.values()):
        return _ordered(found)
    times = {id: message.get("created_at") for id, (_, message) in by_id.items()}
    return [by_id[id] for id in branch(parents, times, value.get("current_leaf_message_uuid"))]


def _ordered(found: list[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    """Return messages by their times: in old exports they stand in any order.

    There an answer has the time of its question.
    """
    times = [time_or_none(message.get("created_at"))[0] for _, message in found]
    if None in times:
        return found
    answers = [message.get("sender") == "assistant" for _, message in found]
    order = sorted(range(len(found)), key=lambda i: (times[i], answers[i]))
    return [found[i] for i in order]


def _text(message: dict[str, Any]) -> str:
    """Return a message's blocks of text, or its ``text``, which says of a tool that it is one."""
    content = message.get("content")
    blocks = [b for b in content if isinstance(b, dict)] if isinstance(content, list) else []
    only_text = all(block.get("type") == "text" for block in blocks)
    found = texts(content) or (texts(message.get("text")) if only_text else [])
    return "\n\n".join(found or _pasted(message))


def _pasted(message: dict[str, Any]) -> list[str]:
    """Return the long texts that somebody pasted, which become files without a name."""
    files = message.get("attachments")
    pasted = [
        inner(file, "extracted_content")
        for file in (files if isinstance(files, list) else ())
        if inner(file, "file_name") in PASTED
    ]
    return texts(pasted)


def _memories(value: dict[str, Any]) -> Iterator[Record]:
    account = string(value.get("account_uuid")) or "memory"
    yield from _notes(value.get("conversations_memory"), MEMORY, account, speaker="Claude")
    projects = value.get("project_memories")
    for id, text in projects.items() if isinstance(projects, dict) else ():
        yield from _notes(text, f"{MEMORY} of a project", f"memory:{id}", speaker="Claude")


def _project(value: dict[str, Any], docs: list[Any], where: str) -> Iterator[Record]:
    name, id = string(value.get("name")), string(value.get("uuid"))
    if value.get("is_starter_project") is True:
        yield Skipped(where, "the example that everybody has among the projects")
        return
    time, _ = time_or_none(value.get("created_at"))
    yield from _notes(value.get("description"), name, f"{id}:description", time)
    yield from _notes(value.get("prompt_template"), name, f"{id}:instructions", time)
    for number, doc in enumerate(docs, 1):
        if isinstance(doc, dict):
            title = " › ".join(filter(None, [name, string(doc.get("filename"))]))
            doc_time, _ = time_or_none(doc.get("created_at"))
            doc_id = string(doc.get("uuid")) or f"{id}:{number}"
            yield from _notes(doc.get("content"), title, doc_id, doc_time or time)


def _notes(
    text: Any, title: str, id: str, time: datetime | None = None, speaker: str = ""
) -> Iterator[Record]:
    """Yield the pieces of a text, each known by its place, so that a new text takes the old's."""
    for number, chunk in enumerate(chunk_markdown(text) if isinstance(text, str) else (), 1):
        whole = " › ".join([title, *chunk.headings])
        yield Note(
            chunk.text, chunk.text, None, whole, time, speaker=speaker, external_id=f"{id}:{number}"
        )


FORMAT = Format("claude", recognises, read, own_ids=True, begins=b"[{")
