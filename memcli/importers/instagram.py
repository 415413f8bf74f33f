"""Messages of Instagram and Messenger, as Meta exports them in JSON.

A thread comes in files of ten thousand messages, ``message_1.json`` and on, the newest first; one
of them is held at a time, to turn it round. Chats of Messenger that are encrypted have other keys.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from memcli.importers import json_stream
from memcli.importers.base import Format, Record, Said, Skipped, when
from memcli.importers.chats import folder_of, said_by, text_at
from memcli.importers.file import File

ITEM = "messages.item"
ABOUT = ("title", "thread_path", "threadName")
SPOKEN = ("", "Generic", "Share", "text")
EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
# What Meta's programs say of somebody who did something else than write: after the name, …
DONE = re.compile(
    r"""(?: (?:sent|shared)\ an?\ (?:attachment|photo|video|voice\ message|sticker|GIF|link|story
        |reel|post|(?:live\ )?location)
    | missed\ (?:your|an?)\ (?:(?:audio|video|voice)\ )?(?:call|chat)(?:\ from\ .{1,80})?
    | (?:started|ended|joined)\ (?:an?|the)\ (?:(?:audio|video|voice|group)\ )*(?:call|chat)
    | (?:added|removed)\ .{1,80}\ (?:to|from)\ the\ group | (?:created|left)\ the\ group
    | (?:changed|set|named|removed)\ (?:the|your|his|her|their)\ (?:group|theme|nickname|chat
        |emoji|quick)\b.{0,100}
    | wasn't\ notified\ about\ this\ message\ because\ they're\ in\ quiet\ mode
    | set\ .{1,80}'s\ nickname\ to\ .{1,80}
    | cleared\ (?:the|your|his|her|their)\ .{0,20}nickname.{0,80}
    | (?:un)?pinned\ a\ message | turned\ (?:on|off)\ (?:vanish\ mode|disappearing\ messages)
    | created\ a\ poll:\ .{1,200} | voted\ for\ .{1,200}\ in\ the\ poll.{0,200}
    | (?:are|is)\ now\ (?:connected\ on\ Messenger|an\ admin)
    | can\ now\ (?:message\ and\ )?call\ each\ other\ and\ see\ info.{1,80}
    | took\ a\ screenshot | unsent\ a\ message
    | envió\ un\ (?:archivo\ )?adjunto | hat\ einen\ Anhang\ gesendet
    | (?:a|avez)\ envoyé\ une\ pièce\ jointe | enviou\ um\ anexo | ha\ inviato\ un\ allegato
    | heeft\ een\ bijlage\ verzonden )\.?""",
    re.VERBOSE,
)
# … or without one.
HAPPENED = re.compile(
    r"""(?: Reacted\ \S{1,12}\ to\ your\ message | Liked\ a\ message | Reaccionó\ con\ .{1,40}
    | Hat\ mit\ .{1,40}\ reagiert | A\ réagi\ .{1,40} | Le\ gusta\ un\ mensaje
    | Gefällt\ eine\ Nachricht | (?:The\ )?(?:audio|video|voice)\ (?:call|chat)\ ended
    | This\ poll\ is\ no\ longer\ available
    | Say\ hi\ to\ your\ new\ (?:Facebook\ )?friend,\ .{1,80}
    | A\ aimé\ un\ message | Le\ gustó\ un\ mensaje | Curtiu\ uma\ mensagem | Reagiu\ com\ .{1,40}
    | Ha\ messo\ Mi\ piace\ a\ un\ messaggio | Ha\ reagito\ con\ .{1,40}
    | You\ missed\ an?\ .{1,20}(?:call|chat)\ (?:from|with)\ .{1,80} )\s*\.?""",
    re.VERBOSE | re.IGNORECASE,
)


def recognises(file: File) -> bool:
    """Say whether there are messages with Meta's names for their sender and time."""
    return any(
        {f"{ITEM}.{sender}", f"{ITEM}.{time}"} <= file.outline
        for sender, time in (("sender_name", "timestamp_ms"), ("senderName", "timestamp"))
    )


def read(file: File) -> Iterator[Record]:
    """Yield the messages of a thread from the oldest on."""
    # The thread is named after its messages, so the file is gone through twice.
    about = {path: mended(text_at(v)) for path, v in _values(file, *ABOUT)}
    session = about.get("thread_path") or about.get("threadName") or folder_of(file) or file.stem
    title = about.get("title") or about.get("threadName") or folder_of(file)
    seen: Counter[str] = Counter()
    said: list[Said] = []
    for record in said_by((value for _, value in _values(file, ITEM)), _said):
        if isinstance(record, Said):
            id = _numbered(record.external_id, seen)
            said.append(replace(record, session=session, title=title, external_id=id))
        elif isinstance(record, Skipped):
            yield record
    said.reverse()  # so that what was said in one second stays in order
    yield from sorted(said, key=lambda record: record.time or EARLIEST)


def mended(text: str) -> str:
    """Return a text of which Meta wrote each byte as a letter, such as ``Ã©`` for ``é``."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _values(file: File, *paths: str) -> Iterator[tuple[str, Any]]:
    return json_stream.values(file.open(), *paths)


def _said(message: dict[str, Any]) -> Said | None:
    speaker = mended(text_at(message, "sender_name") or text_at(message, "senderName"))
    text = mended(text_at(message, "content") or text_at(message, "text"))
    gone = message.get("is_unsent") is True or message.get("isUnsent") is True
    called = "call_duration" in message or text_at(message, "type") not in SPOKEN
    if not text or gone or called or _generated(text, speaker):
        return None
    time = text_at(message, "timestamp_ms") or text_at(message, "timestamp")
    return Said("", text, None, speaker, when(time), "", time)


def _generated(text: str, speaker: str) -> bool:
    """Say whether a program wrote it, to tell what the speaker did."""
    names = (speaker, *speaker.split()[:1], "You", "Vous")
    after = (text[len(name) :].strip() for name in names if name and text.startswith(f"{name} "))
    return bool(HAPPENED.fullmatch(text)) or any(DONE.fullmatch(words) for words in after)


def _numbered(id: str, seen: Counter[str]) -> str:
    """Return an id for a message, which has none but its millisecond."""
    seen[id] += 1
    return id if not id or seen[id] == 1 else f"{id}.{seen[id]}"


FORMAT = Format("instagram", recognises, read, own_ids=True, begins=b"{[")
