"""Forgetting in a chat: by /forget, or by asking for it in plain words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memcli.errors import InvalidInput, NotFound
from memcli.records import Memory, Turn
from memcli.text import one_line
from memcli.tiers.choosing import close

if TYPE_CHECKING:
    from memcli.chat.slash import Chat

SHOWN = 200  # characters of what would go
SAID = r"i(?:'ve| have)?(?: just| ever)? (?:said|told you|mentioned|wrote)"
ASKED = re.compile(
    rf"(?:please )?(?:can you |could you )?(?:please )?forget (?:"
    rf"(?P<last>that|this|it|(?:my|the) last message|what {SAID})"
    rf"|(?:what|everything|anything|all)(?: that)?(?: {SAID}| you know| you remember)?"
    r" (?:about|of|on) (?P<topic>.{2,80}?)|that (?P<fact>(?:i|my|we|our) .{2,200}?))"
    r"(?:,? please)?[.!?]*",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Say whether a message asks to forget."""
    return ASKED.fullmatch(text.strip()) is not None


def asked(chat: Chat, text: str) -> bool:
    """Obey a message that asks to forget, and say whether it is one."""
    match = ASKED.fullmatch(text.strip())
    if not match:
        return False
    if match["last"]:
        forget(chat, [_last_said(chat)])
    else:
        forget(chat, _close(chat, match["topic"] or match["fact"]))
    return True


def named(chat: Chat, what: str) -> list[Memory | Turn]:
    """Return the memory with an id, or what recall is sure of for some words.

    Raises:
        InvalidInput: nothing is named.
        NotFound: nothing speaks of it.
    """
    if not what:
        raise InvalidInput("Forget what?", "/forget ID, or some words of it.")
    if re.fullmatch(r"[0-9a-z]{4,26}", what):
        try:
            return [chat.memory.memory.find(what)]
        except NotFound:
            pass
    return _close(chat, what)


def _close(chat: Chat, what: str) -> list[Memory | Turn]:
    if found := close(chat.memory.memory, what):
        return found
    raise NotFound(f"Nothing that is remembered speaks of “{one_line(what)}”.")


def forget(chat: Chat, found: list[Memory | Turn]) -> None:
    """Show what would go, ask, erase it, and say what is left."""
    ids = [record.id for record in found]
    planned = chat.memory.forget(*ids, dry_run=True)
    for record in (*planned.named, *planned.derived):
        chat.say(f"{record.id[-6:]}  {one_line(record.text)[:SHOWN]}")
    if not chat.screen.confirm(f"Forget {planned.memories + planned.turns} for good?"):
        chat.say("nothing was forgotten")
        return
    try:
        gone = chat.memory.forget(*ids)
    finally:
        chat.conversation.reload()
    chat.say(f"forgotten: {gone.memories} memories, {gone.turns} turns, {gone.blanked} blanked")
    if gone.proof and not gone.proof.ok:
        left = [*gone.proof.remains, *gone.proof.recalled]
        chat.say(f"the same words are still in {', '.join(left)}")


def _last_said(chat: Chat) -> Turn:
    said = [turn for turn in chat.conversation.turns if turn.role == "user"]
    if not said or chat.conversation.private:
        raise NotFound("Nothing of this chat is stored yet.")
    return said[-1]
