"""Commands that are typed into a chat. Each is a function; its docstring is its help."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from memcli.api import Memcli
from memcli.chat import forgetting, repl
from memcli.chat.screen import Screen
from memcli.chat.turn import Conversation
from memcli.errors import InvalidInput, MemcliError, NotFound
from memcli.recall.budget import line, quoted, where
from memcli.records import Memory, Session
from memcli.text import one_line
from memcli.tiers import judging

COMMAND = re.compile(r"/[a-z]+(?:\s|$)")
LISTED = 15
UNNAMED = "(no name)"
NO_MODEL = "no model: answers are quotes from your memories"


@dataclass(slots=True)
class Chat:
    """What a command works on. ``prefill`` stands in the next prompt line."""

    memory: Memcli
    conversation: Conversation
    screen: Screen
    prefill: str = ""
    leave: bool = False

    def say(self, text: str) -> None:
        """Show a line that is no answer."""
        self.screen.say(text)


def is_command(text: str) -> bool:
    """Say whether a line is a command: ``/word``, not a path such as ``/etc/hosts``."""
    return bool(COMMAND.match(text))


def obey(chat: Chat, text: str) -> bool:
    """Run a command, and say whether the chat goes on.

    Raises:
        InvalidInput: there is no such command.
    """
    name, *rest = text[1:].split(maxsplit=1)
    if name not in COMMANDS:
        raise InvalidInput(f"There is no command /{name}.", "/help lists them.")
    command, _ = COMMANDS[name]
    command(chat, "".join(rest).strip())
    return not chat.leave


def greet(chat: Chat) -> None:
    """Say who answers, and show the end of a resumed session."""
    conversation = chat.conversation
    engine = conversation.engine
    name = engine.name if engine.reads_prompts else NO_MODEL
    mode = " · private: nothing is stored" if conversation.private else ""
    chat.say(f"memcli · {one_line(name)}{mode} · /help")
    for note in getattr(engine, "notes", ()):
        chat.say(note)
    _show_end(chat)
    if conversation.note:
        chat.say(conversation.note)


def _help(chat: Chat, rest: str) -> None:
    """List these commands."""
    for name, (command, arguments) in COMMANDS.items():
        chat.say(f"{f'/{name} {arguments}':<20} {command.__doc__}")
    chat.say(f"{repl.HOW_TO_LEAVE} Alt-Enter begins a new line, Ctrl-X Ctrl-E opens an editor.")


def _remember(chat: Chat, rest: str) -> None:
    """Keep something, word for word."""
    learnt = chat.memory.remember(rest)
    for item in learnt:
        chat.say(f"{item.decision} {_short(item.memory.id)}: {one_line(item.memory.text)}")
    if change := repl.learnt_line([item for item in learnt if item.replaced]):
        chat.say(change)


def _forget(chat: Chat, rest: str) -> None:
    """Erase memories for good."""
    forgetting.forget(chat, forgetting.named(chat, rest))


def _memories(chat: Chat, rest: str) -> None:
    """List what is remembered, or what is remembered about something."""
    if rest:
        for hit in chat.memory.recall(rest, limit=LISTED):
            chat.say(f"{_short(hit.id)}  {line(hit)[2:][:200]}")
        return
    found = chat.memory.store.memories.newest(current=True, limit=LISTED)
    for memory in found:
        chat.say(f"{_short(memory.id)}  {memory.kind:<10} {one_line(memory.text)[:200]}")
    if not found:
        chat.say("nothing is remembered yet")


def _conflicts(chat: Chat, rest: str) -> None:
    """List memories that cannot both hold."""
    pairs = judging.conflicts(chat.memory.memory)
    for pair in pairs:
        for memory in pair:
            chat.say(f"{_short(memory.id)}  {memory.recorded:%Y-%m-%d}  {one_line(memory.text)}")
    chat.say("/resolve ID keeps that one; /resolve ID both keeps both" if pairs else "none")


def _resolve(chat: Chat, rest: str) -> None:
    """Say which of two memories in conflict holds."""
    id, _, both = rest.partition(" ")
    memory = chat.memory.memory.find(id)
    if not isinstance(memory, Memory):
        raise InvalidInput(f"{id} is a turn, and no memory.", "/conflicts lists what is open.")
    judging.resolve(chat.memory.memory, memory, both=both == "both")
    chat.say(f"{'both hold' if both == 'both' else 'this holds'}: {one_line(memory.text)}")


def _why(chat: Chat, rest: str) -> None:
    """Name the memories behind the last answer, with the parts of their scores."""
    last = chat.conversation.last
    if last is None:
        raise NotFound("There is no answer to explain yet.")
    reads = chat.conversation.engine.reads_prompts
    hits = last.context.recalled if reads else quoted(last.recalled)
    for hit in sorted(hits, key=lambda hit: -hit.score):
        parts = " + ".join(f"{name} {value:.2f}" for name, value in hit.parts.items())
        chat.say(
            f"{_short(hit.id)}  {hit.when.astimezone():%Y-%m-%d}  {hit.score:.2f} = {parts}"
            f"  ({where(hit)})  {one_line(hit.text)[:120]}"
        )
    enough = "seem to support" if last.recalled.enough else "do not seem to support"
    chat.say(f"memories recalled: {len(hits)}; they {enough} an answer")


def _undo(chat: Chat, rest: str) -> None:
    """Take back the last turn and what was learnt from it."""
    gone = chat.conversation.undo()
    chat.say(f"undone: “{one_line(gone[0].text)[:80]}” and what was learnt from it")


def _retry(chat: Chat, rest: str) -> None:
    """Ask the last message again."""
    _say_instead(chat, chat.conversation.last_said())


def _edit(chat: Chat, rest: str) -> None:
    """Say the last message differently."""
    if rest:
        _say_instead(chat, rest)
    elif chat.screen.terminal:
        chat.prefill = f"/edit {chat.conversation.last_said()}"
    else:
        raise InvalidInput("Say what instead?", "/edit TEXT")


def _say_instead(chat: Chat, text: str) -> None:
    """Take back the last exchange and say something else; if that fails, the exchange stays."""
    undone = chat.conversation.undo()[0].id
    try:
        repl.exchange(chat.conversation, text, chat.screen)
    except MemcliError:
        chat.conversation.redo(undone)
        raise


def _context(chat: Chat, rest: str) -> None:
    """Show what the model saw last."""
    last = chat.conversation.last
    if last is None:
        raise NotFound("Nothing has been said yet.")
    for message in last.context.messages:
        chat.say(f"[{message.role}] {message.text.rstrip()}")
    size = chat.conversation.engine.context_size
    chat.say(f"{last.context.tokens} of {size} tokens")
    if report := last.context.report():
        chat.say(report)


def _stats(chat: Chat, rest: str) -> None:
    """Show what the last answer cost, and how much is remembered."""
    if chat.conversation.last and (cost := repl.cost(chat.conversation.last.stats)):
        chat.say(cost)
    if fingerprint := chat.conversation.engine.fingerprint:
        chat.say(f"memories as KV cells: {chat.memory.kv.verdict(fingerprint)}")
    store = chat.memory.store
    sessions = len(store.sessions.latest())
    chat.say(
        f"{store.memories.count()} memories · {store.sessions.count()} turns in {sessions} sessions"
    )


def _new(chat: Chat, rest: str) -> None:
    """Begin a new session."""
    chat.conversation.suspend()
    chat.conversation = chat.memory.conversation()
    chat.say("a new session")


def _sessions(chat: Chat, rest: str) -> None:
    """List the latest sessions."""
    for session in chat.memory.store.sessions.latest(limit=LISTED):
        when = f"{session.updated.astimezone():%Y-%m-%d %H:%M}"
        title = one_line(session.title) or UNNAMED
        chat.say(f"{_short(session.id)}  {when}  {session.turns:>4} turns  {title}")


def _resume(chat: Chat, rest: str) -> None:
    """Go on with a session; without an id, with the last one."""
    if rest:
        session = chat.memory.memory.find_session(rest)
    else:
        here = chat.conversation.session
        latest = chat.memory.store.sessions.latest(limit=2)
        others = [session for session in latest if not here or session.id != here.id]
        if not others:
            raise NotFound("There is no other session to go on with.")
        session = others[0]
    chat.conversation.suspend()
    chat.conversation = chat.memory.conversation(session)
    _show_end(chat)
    if chat.conversation.note:
        chat.say(chat.conversation.note)


def _fork(chat: Chat, rest: str) -> None:
    """Go on in a copy of this session; this one stays as it is."""
    session = _stored(chat)
    chat.conversation.suspend()
    fork = chat.memory.fork(session, title=one_line(rest))
    chat.conversation = chat.memory.conversation(fork, document=chat.conversation.document)
    chat.say(f"{fork.turns} turns copied: this is now {_short(fork.id)}, “{fork.title}”")
    chat.say(f"/resume {_short(session.id)} goes back to where it came from")


def _rename(chat: Chat, rest: str) -> None:
    """Give this session another name."""
    session = _stored(chat)
    if not rest:
        raise InvalidInput("A session needs a name.", "/rename TITLE")
    chat.memory.memory.rename_session(session.id, rest)
    chat.say(f"this session is now “{one_line(rest)}”")


def _private(chat: Chat, rest: str) -> None:
    """Begin a session of which nothing is stored."""
    chat.conversation = chat.memory.conversation(private=True)
    chat.say("a private session: nothing of it is stored, unless you /save it")


def _model(chat: Chat, rest: str) -> None:
    """Show or change the model for this chat; “none” for no model."""
    if rest:
        engine = chat.memory.use_model("" if rest == "none" else rest)
        chat.conversation = chat.conversation.with_engine(engine)
    engine = chat.conversation.engine
    chat.say(f"{engine.name}, context of {engine.context_size} tokens")
    for note in getattr(engine, "notes", ()):
        chat.say(note)


def _save(chat: Chat, rest: str) -> None:
    """Store a private session after all, or write this one to a file."""
    if not rest:
        was_private = chat.conversation.private
        chat.conversation.keep()
        chat.say("stored" if was_private else "this session is stored already")
        return
    file = Path(rest).expanduser()
    text = "\n\n".join(f"**{turn.role}:** {turn.text}" for turn in chat.conversation.turns)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text + "\n")
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be written: {error.strerror}.", "Name a new file."
        ) from error
    chat.say(f"written to {file}")


def _quit(chat: Chat, rest: str) -> None:
    """Leave."""
    chat.leave = True


def _stored(chat: Chat) -> Session:
    session = chat.conversation.session
    if session is None or chat.conversation.private:
        raise NotFound("This session is not stored yet.", "Say something first.")
    return session


def _show_end(chat: Chat) -> None:
    for turn in chat.conversation.turns[-2 * LISTED :]:
        mark = " (interrupted)" if turn.interrupted else ""
        chat.say(f"{turn.speaker or turn.role}{mark}: {turn.text}")


def _short(id: str) -> str:
    return id[-6:]


# What a command is called, and what may stand behind its name.
COMMANDS: dict[str, tuple[Callable[[Chat, str], None], str]] = {
    "help": (_help, ""),
    "remember": (_remember, "TEXT"),
    "forget": (_forget, "ID or words"),
    "memories": (_memories, "[words]"),
    "conflicts": (_conflicts, ""),
    "resolve": (_resolve, "ID [both]"),
    "why": (_why, ""),
    "undo": (_undo, ""),
    "retry": (_retry, ""),
    "edit": (_edit, "[TEXT]"),
    "context": (_context, ""),
    "stats": (_stats, ""),
    "new": (_new, ""),
    "sessions": (_sessions, ""),
    "resume": (_resume, "[ID]"),
    "fork": (_fork, "[TITLE]"),
    "rename": (_rename, "TITLE"),
    "private": (_private, ""),
    "model": (_model, "[PATH]"),
    "save": (_save, "[FILE]"),
    "quit": (_quit, ""),
}
