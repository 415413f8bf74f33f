"""Logs of coding assistants: Claude Code's and Codex CLI's, and lines of ``role``, ``content``.

What the owner and the model said is kept. Tools, thoughts, what the program itself puts into a
prompt, commands and side conversations are left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from memcli.importers.assistants import each_line, outlines, string, texts, time_or_none
from memcli.importers.base import Format, Record, Said, Skipped
from memcli.importers.file import File
from memcli.importers.json_stream import inner

# The paths in a line of Claude Code, of Codex, of other programs, and of lists of messages.
SHAPES = (
    {"type", "sessionId", "message.role", "message.content"}, {"timestamp", "type", "payload.type"},
    {"type", "timestamp", "payload.id", "payload.cwd"}, {"role", "content"},
    {"messages.item.role", "messages.item.content"},
)  # fmt: skip
BLOCKS = ("text", "input_text", "output_text")
NOT_SAID = "isMeta isSidechain isCompactSummary isVisibleInTranscriptOnly isApiErrorMessage".split()
# What stands around text that the program put into a prompt.
WRAPPER = re.compile(
    r"<(system-reminder|command-[a-z]+|local-command-[a-z]+|bash-[a-z]+|task-notification"
    r"|ide_[a-z_]+|environment_context|user_instructions|turn_aborted|skill|user_action"
    r"|user_shell_command|subagent_notification)>"
)
REQUEST = "## My request for Codex:"  # below the names of the files that an editor has open
NOTICES = ("Caveat: The messages below", "[Request interrupted", "# AGENTS.md instructions")


def recognises(file: File) -> bool:
    """Say whether one of the first lines is one of the shapes, and none is a note of ours."""
    return any(
        "text" not in paths and any(shape <= paths for shape in SHAPES) for paths in outlines(file)
    )


def read(file: File) -> Iterator[Record]:
    """Yield what was said, in the order of the file."""
    first = file.head.split(b"\n", 1)[0]
    session = f"{file.stem}-{hashlib.sha256(first).hexdigest()[:8]}"
    title = next(
        (record.text for record in each_line(file, _title) if isinstance(record, Said)), ""
    )

    def line(value: dict[str, Any], where: str) -> Iterator[Record]:
        nonlocal session
        session = _session(value) or session
        listed = value.get("messages")
        if isinstance(listed, list):
            own = string(value.get("id")) or f"{session}:{where}"
            for message in listed:
                yield from _said(message, own, title, where)
        else:
            yield from _said(_message(value), session, title, where)

    return each_line(file, line)


def _title(value: dict[str, Any], where: str) -> Iterator[Record]:
    if value.get("type") in ("summary", "custom-title", "ai-title"):
        found = value.get("summary") or value.get("customTitle") or value.get("aiTitle")
        if isinstance(found, str):
            yield Said("", found)


def _session(value: dict[str, Any]) -> str:
    found = string(value.get("sessionId")) or string(value.get("session_id"))
    # The first line of Codex's logs; those of 2025's spring have no payload.
    about = value.get("payload") if value.get("type") == "session_meta" else value
    if not found and ("instructions" in value or about is not value):
        found = string(inner(about, "id"))
    return found


def _message(value: dict[str, Any]) -> dict[str, Any]:
    """Return the message of a line, with its id and time, or nothing."""
    if any(value.get(key) for key in NOT_SAID) or inner(value, "message", "model") == "<synthetic>":
        return {}
    if "payload" in value:  # its "event_msg" lines say the same again
        payload = value["payload"]
        said = value.get("type") == "response_item" and inner(payload, "type") == "message"
        return {**payload, "timestamp": value.get("timestamp")} if said else {}
    if inner(value, "attachment", "type") == "queued_command":
        return _queued(value, value["attachment"])
    if isinstance(message := value.get("message"), dict):
        return {**message, "id": value.get("uuid"), "timestamp": value.get("timestamp")}
    return {"id": value.get("uuid"), **value}


def _queued(value: dict[str, Any], queued: dict[str, Any]) -> dict[str, Any]:
    """Return what the owner typed while the model was at work, which stands nowhere else."""
    own = queued.get("commandMode") == "prompt" and not queued.get("isMeta")
    if not own or inner(queued, "origin", "kind") not in (None, "human"):
        return {}
    about = {"id": value.get("uuid"), "timestamp": value.get("timestamp")}
    return {"role": "user", "content": queued.get("prompt"), **about}


def _said(message: Any, session: str, title: str, where: str) -> Iterator[Record]:
    role = inner(message, "role")
    if role not in ("user", "assistant"):
        return
    found = texts(message.get("content"), BLOCKS)
    text = "\n\n".join(filter(None, map(_own, found) if role == "user" else found))
    given = message.get("timestamp") or message.get("created_at") or message.get("time")
    time, wrong = time_or_none(given)
    if wrong:
        yield Skipped(where, wrong)
    elif text:
        yield Said(session, text, role, "", time, title, string(message.get("id")))


def _own(text: str) -> str:
    """Return what the owner wrote of a prompt."""
    if text.startswith(NOTICES):
        return ""
    text = text.partition(REQUEST)[2] or text
    kept, at = [], 0
    while opening := WRAPPER.search(text, at):
        end = text.find(closing := f"</{opening[1]}>", opening.end())
        if end < 0:  # it is talk of a tag
            break
        kept.append(text[at : opening.start()])
        at = end + len(closing)
    return "".join([*kept, text[at:]]).strip()


FORMAT = Format("agents", recognises, read, own_ids=True, begins=b"[{")
