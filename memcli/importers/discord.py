"""Discord: JSON of DiscordChatExporter, and the package of one's own data that Discord sends.

The package has only what its owner wrote: ``messages/c123/messages.json`` or ``.csv``, and beside
it ``channel.json``. Both know a channel and a message by the same ids.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from memcli.importers import json_stream
from memcli.importers.base import Format, Record, Said, Unreadable, when
from memcli.importers.chats import folder_of, items_at, said_by, table, text_at
from memcli.importers.file import File

SPOKEN = ("", "Default", "Reply", "ChatInputCommand", "ContextMenuCommand", "0", "19", "20", "23")
COLUMNS = ("ID", "Timestamp", "Contents", "Attachments")
CHANNEL = {"id", "type", "name", "guild", "recipients"}


def recognises(file: File) -> bool:
    """Say whether it is a chat of the exporter, or a channel or its messages of the package."""
    exported = {"guild", "channel", "messages"} <= file.outline
    exported = exported and not {"channel.id", "channel.type"}.isdisjoint(file.outline)
    packed = {"item.ID", "item.Timestamp", "item.Contents"} <= file.outline
    return exported or packed or _is_csv(file) or _is_channel(file)


def read(file: File) -> Iterator[Record]:
    """Yield what was said in a channel."""
    if file.begins == b"{":
        yield from _exported(file)
    else:
        yield from _packed(file)


def _exported(file: File) -> Iterator[Record]:
    about: dict[str, Any] = {}
    yield from said_by(_messages(file, about), lambda message: _said(message, about, file.stem))


def _messages(file: File, about: dict[str, Any]) -> Iterator[Any]:
    """Yield the messages, with ``about`` as the server and channel, which are told before them."""
    for path, value in json_stream.values(file.open(), "guild", "channel", "messages.item"):
        if path == "messages.item":
            yield value
        else:
            about[path] = value


def _said(message: dict[str, Any], about: dict[str, Any], stem: str) -> Said | None:
    forwarded = message.get("forwardedMessage")
    text = _words(message) or (_words(forwarded) if isinstance(forwarded, dict) else "")
    if not text or text_at(message, "type") not in SPOKEN:
        return None
    author = message.get("author")
    return Said(
        text_at(about, "channel", "id") or stem,
        text,
        None,
        text_at(author, "nickname") or text_at(author, "name"),
        when(text_at(message, "timestamp")),
        _title(about),
        text_at(message, "id"),
        text_at(message, "reference", "messageId"),
    )


def _title(about: dict[str, Any]) -> str:
    server, channel = text_at(about, "guild", "name"), text_at(about, "channel", "name")
    direct = text_at(about, "channel", "type").startswith("Direct") or server == "Direct Messages"
    return channel if direct or not channel else f"{server} #{channel}".strip()


def _words(message: dict[str, Any]) -> str:
    """Return a message's text, or the words of the cards that bots send in place of one."""
    if text := text_at(message, "content"):
        return text
    cards = items_at(message, "embeds")
    words = (text_at(card, key) for card in cards for key in ("title", "description"))
    return "\n".join(filter(None, words))


def _packed(file: File) -> Iterator[Record]:
    channel = table(file.near("channel.json"), _channel)
    title = channel.get("title", "")
    session = channel.get("id") or folder_of(file).lstrip("c") or file.stem

    def said(message: dict[str, Any]) -> Said | None:
        time = text_at(message, "Timestamp")
        # Older packages write the zone, newer ones leave out that it is UTC.
        moment = when(f"{time}+00:00" if len(time) == len("2024-05-31 18:00:00") else time)
        text, id = text_at(message, "Contents"), text_at(message, "ID")
        return Said(session, text, "user", "", moment, title, id) if text else None

    yield from said_by(_rows(file) if _is_csv(file) else _listed(file), said)


def _channel(value: Any) -> Iterator[tuple[str, str]]:
    yield "id", text_at(value, "id")
    guild = value.get("guild") if isinstance(value, dict) else None
    yield "title", _title({"guild": guild, "channel": value})


def _listed(file: File) -> Iterator[Any]:
    return (value for _, value in json_stream.values(file.open(), "item"))


def _rows(file: File) -> Iterator[dict[str, str]]:
    try:
        yield from csv.DictReader(f"{line}\n" for line in file.text_lines())
    except csv.Error as error:
        raise Unreadable(f"not CSV: {error}") from error


def _is_csv(file: File) -> bool:
    return file.start.lstrip("\ufeff").startswith(",".join(COLUMNS))


def _is_channel(file: File) -> bool:
    """Say whether it is only what a channel is called; nothing is to be read in it."""
    top = {path for path in file.outline if "." not in path}
    if not {"id", "type"} <= top <= CHANNEL:
        return False
    return any(file.near(name) is not None for name in ("messages.json", "messages.csv"))


FORMAT = Format("discord", recognises, read, own_ids=True, begins=b"{[")
