"""Telegram Desktop's JSON (``result.json``): one chat, or all chats of an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memcli.importers import json_stream
from memcli.importers.base import Format, Record, Said, when
from memcli.importers.chats import cleaned, said_by, text_at
from memcli.importers.file import File

CHATS = ("", "chats.list.item.", "left_chats.list.item.")
ABOUT = ("name", "id", "type")  # what is written of a chat before its messages
SAVED = "Saved Messages"


def recognises(file: File) -> bool:
    """Say whether there are messages as Telegram writes them, or the account's description."""
    return {"about", "personal_information"} <= file.outline or any(
        {f"{chat}messages.item.type", f"{chat}messages.item.text"} <= file.outline
        and {f"{chat}messages.item.date", f"{chat}messages.item.date_unixtime"} & file.outline
        and f"{chat}messages.item.role" not in file.outline
        for chat in CHATS
    )


def read(file: File) -> Iterator[Record]:
    """Yield the messages of all chats, without those that Telegram itself wrote."""
    chat: dict[str, str] = {}
    yield from said_by(_messages(file, chat), lambda message: _said(message, chat, file.stem))


def _messages(file: File, chat: dict[str, str]) -> Iterator[Any]:
    """Yield one message after the other, with ``chat`` as the chat that it is of.

    A chat of years need not fit in memory, so it is never one value.
    """
    wanted = [f"{place}{key}" for place in CHATS for key in (*ABOUT, "messages.item")]
    for path, value in json_stream.values(file.open(), *wanted):
        key = path.rpartition(".")[2]
        if key == "item":
            yield value
        else:
            # A name comes first, but one's saved messages have none.
            if key == "name" or key in chat:
                chat.clear()
            chat[key] = text_at(value)


def _said(message: dict[str, Any], chat: dict[str, str], stem: str) -> Said | None:
    text = _text(message.get("text") or message.get("text_entities"))
    text = text or text_at(message, "poll", "question")
    if not text or message.get("type") not in ("message", None):
        return None
    saved = chat.get("type") == "saved_messages"
    title = chat.get("name") or (SAVED if saved else "")
    forwarded = "forwarded_from" in message  # then the words are somebody else's
    return Said(
        chat.get("id") or title or stem,
        text,
        "user" if saved and not forwarded else None,
        text_at(message, "forwarded_from") if forwarded else _speaker(message),
        when(text_at(message, "date_unixtime") or text_at(message, "date")),
        title,
        text_at(message, "id"),
        text_at(message, "reply_to_message_id"),
    )


def _speaker(message: dict[str, Any]) -> str:
    """Return who wrote it; of an account that was deleted only its number is left."""
    return text_at(message, "from") or text_at(message, "from_id")


def _text(text: Any) -> str:
    """Return a text that may be in pieces: plain ones, and links or bold ones as objects."""
    pieces = text if isinstance(text, list) else [text]
    # The ends of pieces are kept, which text_at would strip: they part the words.
    found = [piece.get("text") if isinstance(piece, dict) else piece for piece in pieces]
    return cleaned("".join(piece for piece in found if isinstance(piece, str)))


FORMAT = Format("telegram", recognises, read, own_ids=True, begins=b"{[")
