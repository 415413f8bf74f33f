"""A Slack archive, unpacked or as a zip: ``<channel>/<day>.json``, and the names of its people.

A session is what was said in a channel in one day: a channel never ends, and a second archive,
which has the same files and more, then brings the same sessions.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from memcli.importers import json_stream
from memcli.importers.base import Format, Record, Said, when
from memcli.importers.chats import cleaned, folder_of, items_at, said_by, table, text_at
from memcli.importers.file import File

# Messages of any other kind say that somebody joined, renamed or pinned something.
SPOKEN = (
    *("", "bot_message", "me_message", "thread_broadcast", "reply_broadcast"),
    *("file_share", "file_comment", "slackbot_response"),
)
DIRECTORY = (  # keys by which the other files of an archive are known
    {"item.id", "item.name", "item.profile", "item.deleted"},  # users
    {"item.id", "item.name", "item.created", "item.creator"},  # channels, groups, mpims
    {"item.user_id", "item.change_type", "item.date"},  # integration_logs
)
DIRECT = {"item.id", "item.created", "item.members"}  # all that dms have
NAMED = ("users", "channels", "groups", "dms", "mpims")
REFERENCE = re.compile(r"<([^<>]+)>")


def recognises(file: File) -> bool:
    """Say whether it is a day of a channel, or one of the lists that are beside the channels."""
    if {"item.ts", "item.type"} <= file.outline:
        return not {"item.user", "item.text", "item.bot_id"}.isdisjoint(file.outline)
    return _is_directory(file)


def read(file: File) -> Iterator[Record]:
    """Yield what was said in a channel on a day; of the lists of people and channels, nothing."""
    if _is_directory(file):
        return
    channel = folder_of(file)
    names = ChainMap(*(_names(file, each) for each in NAMED))
    title = _title(channel, names)
    session = f"{channel}/{file.stem}"

    def said(message: dict[str, Any]) -> Said | None:
        return _said(message, session, title, names)

    yield from said_by((value for _, value in json_stream.values(file.open(), "item")), said)


def _is_directory(file: File) -> bool:
    if file.head[:64].strip() == b"[]":  # no groups, or a day without messages
        return any(file.near(name) is not None for name in ("users.json", "../users.json"))
    direct = {path for path in file.outline if path.count(".") == 1} == DIRECT
    return direct or any(keys <= file.outline for keys in DIRECTORY)


def _names(file: File, which: str) -> dict[str, str]:
    """Return the names by id that one of the archive's lists gives."""
    return table(file.near(f"../{which}.json"), _users if which == "users" else _channels)


def _users(values: Any) -> Iterator[tuple[str, str]]:
    for user in values if isinstance(values, list) else []:
        profile = user.get("profile") if isinstance(user, dict) else None
        name = next(filter(None, (_name(user), _name(profile), text_at(user, "name"))), "")
        yield text_at(user, "id"), name
        if bot := text_at(profile, "bot_id"):
            yield bot, name


def _channels(values: Any) -> Iterator[tuple[str, str]]:
    """Yield the names of channels; a direct message has members, separated here by spaces."""
    for channel in values if isinstance(values, list) else []:
        members = " ".join(text_at(member) for member in items_at(channel, "members"))
        yield text_at(channel, "id"), text_at(channel, "name") or members


def _name(user: Any) -> str:
    return text_at(user, "real_name") or text_at(user, "display_name")


def _title(channel: str, names: Mapping[str, str]) -> str:
    if channel.startswith("mpdm-"):  # mpdm-ana--bo--cy-1
        return ", ".join(re.sub(r"-\d+$", "", channel[len("mpdm-") :]).split("--"))
    if channel in names:  # only direct messages lie in folders that are called by their id
        return ", ".join(names.get(id) or id for id in names[channel].split())
    return f"#{channel}"


def _said(
    message: dict[str, Any], session: str, title: str, names: Mapping[str, str]
) -> Said | None:  # fmt: skip
    text = rendered(_text(message), names)
    if not text or text_at(message, "subtype") not in SPOKEN:
        return None
    ts, thread = text_at(message, "ts"), text_at(message, "thread_ts")
    return Said(
        session, text, None, _speaker(message, names), when(ts), title, ts,
        thread if thread != ts else "",
    )  # fmt: skip


def _speaker(message: dict[str, Any], names: Mapping[str, str]) -> str:
    user = text_at(message, "user") or text_at(message, "comment", "user")
    bot = text_at(message, "bot_id")
    found = (
        _name(message.get("user_profile")),
        names.get(user),
        text_at(message, "username"),
        text_at(message, "bot_profile", "name"),
        names.get(bot),
    )
    return next(filter(None, found), user or bot)


def _text(message: dict[str, Any]) -> str:
    """Return a message's words; a bot's may stand only in what is attached to it."""
    text = text_at(message, "comment", "comment") or text_at(message, "text")
    return text or _block_text(items_at(message, "blocks")) or _attached(message)


def _attached(message: dict[str, Any]) -> str:
    found = [_card(card) for card in items_at(message, "attachments")]
    files = items_at(message, "files")
    found += [text_at(file, "title") or text_at(file, "name") for file in files]
    return "\n".join(filter(None, found))


def _card(card: Any) -> str:
    words = [text_at(card, key) for key in ("pretext", "title", "text")]
    for field in items_at(card, "fields"):
        words += [text_at(field, "title"), text_at(field, "value")]
    said = "\n".join(filter(None, words))
    return said or _block_text(items_at(card, "blocks")) or text_at(card, "fallback")


def _block_text(blocks: Iterable[Any]) -> str:
    lines = ("".join(_pieces(block)) for block in blocks)
    return cleaned("\n".join(line for line in lines if line.strip()))


def _pieces(block: Any) -> Iterator[str]:
    """Yield the pieces of text in a block, in which others may lie; the parser bounds how deep."""
    if not isinstance(block, dict):
        return
    text = block.get("text")
    if isinstance(text, str):
        yield text
    elif isinstance(text, dict):
        yield from _pieces(text)
    elif url := text_at(block, "url"):
        yield url
    elif user := text_at(block, "user_id"):
        yield f"<@{user}>"
    for inner in (*items_at(block, "elements"), *items_at(block, "fields")):
        yield from _pieces(inner)
        # Paragraphs and the items of a list stand on lines of their own.
        if isinstance(inner, dict) and str(inner.get("type")).startswith("rich_text_"):
            yield "\n"


def rendered(text: str, names: Mapping[str, str]) -> str:
    """Return a text as people see it: ``@Ana`` for ``<@U1>``, and links by their words."""
    text = REFERENCE.sub(lambda found: _reference(found[1], names), text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _reference(inside: str, names: Mapping[str, str]) -> str:
    target, _, label = inside.partition("|")
    sign, id = target[:1], target[1:]
    if sign in "@#":
        return sign + (label or names.get(id) or id).lstrip(sign)
    if sign == "!":  # <!here>, <!subteam^S1|@team>, <!date^…|Friday>
        return label or f"@{id.split('^')[0]}"
    return label or target


FORMAT = Format("slack", recognises, read, own_ids=True, begins=b"[{")
