"""ChatGPT's export: ``conversations.json``, whole or in parts, each conversation a tree.

Of the tree the branch that was last open counts. What the model thought, its tools and the
owner's custom instructions are left out, and so are the files beside it, which hold no words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from memcli.importers.assistants import branch, each, string, texts, time_or_none
from memcli.importers.base import Format, Record, Said, Skipped
from memcli.importers.file import File
from memcli.importers.json_stream import inner
from memcli.records import Role

NODE = re.compile(r"(?:item\.)?mapping\..+\.(?:message|parent|children)")
EMPTY = ({"item.mapping", "item.create_time"}, {"mapping", "create_time"})
PAGE = b"<title>ChatGPT Data Export"  # chat.html, which shows the same conversations
COMPANIONS = (
    {"chatgpt_plus_user"},
    {"item.rating", "item.conversation_id"},  # message_feedback.json
    {"item.is_anonymous", "item.conversation_id"},  # shared_conversations.json
)
WORDS = ("text", "multimodal_text", "")  # the types of content that people see as words
SPOKEN = ("text", "audio_transcription")
# What stands in a text for what its reader sees: of a thing its name is kept, of a source nothing.
THING = re.compile(
    r"""\ue200(?:entity\ue202\["[^"]*",\s*"([^"]*)"|url\ue202([^\ue201\ue202]*))[^\ue201]*\ue201"""
)
SOURCE = re.compile(r"[ \t]?(?:\ue200[^\ue201]*\ue201|【\d+(?::\d+)?†[^】\n]*】)|[\ue200-\ue206]")


def recognises(file: File) -> bool:
    """Say whether a file is of ChatGPT's export, be it one without words."""
    found = file.outline
    return _without_words(file) or any(
        NODE.fullmatch(path) or (path.endswith("mapping") and any(keys <= found for keys in EMPTY))
        for path in found
    )


def read(file: File) -> Iterator[Record]:
    """Yield the turns of all conversations."""
    if not _without_words(file):
        yield from each(file, _conversation, "conversation")


def _without_words(file: File) -> bool:
    return any(keys <= file.outline for keys in COMPANIONS) or PAGE in file.head[:4096]


def _conversation(value: dict[str, Any], where: str) -> Iterator[Record]:
    mapping, title = value.get("mapping"), string(value.get("title"))
    if not isinstance(mapping, dict):
        yield Skipped(where, "it has no mapping of messages")
        return
    nodes = {id: node for id, node in mapping.items() if isinstance(node, dict)}
    session = string(value.get("conversation_id")) or string(value.get("id"))
    session = session or f"{title} {string(value.get('create_time'))}".strip() or where
    time, _ = time_or_none(value.get("create_time"))
    for id in _path(nodes, value.get("current_node")):
        message = nodes[id].get("message")
        if not isinstance(message, dict) or not (text := _text(message)):
            continue
        given, wrong = time_or_none(message.get("create_time"))
        time = given or time
        if wrong:
            yield Skipped(f"{where}, message {id}", wrong)
        else:
            role: Role = "user" if _author(message) == "user" else "assistant"
            yield Said(session, text, role, "", time, title, string(message.get("id")) or id)


def _path(nodes: dict[str, dict[str, Any]], current: Any) -> list[str]:
    parents = dict.fromkeys(nodes, "")
    for id, node in nodes.items():
        children = node.get("children")
        for child in children if isinstance(children, list) else []:
            if isinstance(child, str) and child in nodes:
                parents[child] = id
    # A node's own word counts more than that of its parent.
    parents |= {id: node["parent"] for id, node in nodes.items() if string(node.get("parent"))}
    times = {id: inner(node, "message", "create_time") for id, node in nodes.items()}
    return branch({id: string(parent) for id, parent in parents.items()}, times, current)


def _author(message: dict[str, Any]) -> Any:
    return inner(message, "author", "role")


def _text(message: dict[str, Any]) -> str:
    """Return what people saw of a message."""
    content, metadata = message.get("content"), message.get("metadata")
    hidden = (
        _author(message) not in ("user", "assistant")
        or inner(metadata, "is_visually_hidden_from_conversation")
        or inner(metadata, "is_user_system_message")
        or inner(metadata, "is_thinking_preamble_message")
        or message.get("weight", 1) == 0
        or (message.get("recipient") or "all") != "all"
        or message.get("channel") == "analysis"
        or (inner(content, "content_type") or "") not in WORDS
    )
    parts = inner(content, "parts")
    found = content if isinstance(content, str) else parts or inner(content, "text")
    return "" if hidden else _plain("\n\n".join(texts(found, SPOKEN)))


def _plain(text: str) -> str:
    return SOURCE.sub("", THING.sub(lambda found: found[1] or found[2] or "", text)).strip()


FORMAT = Format("chatgpt", recognises, read, own_ids=True, begins=b"[{<")
