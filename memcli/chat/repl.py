"""The prompt line: what is typed goes in, answers come out on stdout, all talk on stderr."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from memcli.api import Memcli
from memcli.chat import forgetting, slash
from memcli.chat.screen import Screen
from memcli.chat.turn import Conversation, Exchange
from memcli.engine.base import Cancel, Stats
from memcli.errors import InvalidInput, MemcliError, StoreError
from memcli.records import Memory, Triple
from memcli.text import one_line
from memcli.tiers.learning import Learnt

HOW_TO_LEAVE = "Ctrl-D or /quit leaves. Ctrl-C stops an answer."
PROMPT = "› "
TIDY_SECONDS = 2.0
RECALLED = 200  # messages of before that the arrow keys bring back
SHOWN = 60  # characters of a memory in a line about it


def run(memory: Memcli, conversation: Conversation, screen: Screen) -> None:
    """Chat until the input ends or the user leaves."""
    chat = slash.Chat(memory, conversation, screen)
    slash.greet(chat)
    for line, pasted in _typed(chat) if screen.terminal else _piped():
        known = len(chat.conversation.turns)
        try:
            if pasted or not slash.is_command(line):
                if line.strip() and (pasted or not forgetting.asked(chat, line)):
                    exchange(chat.conversation, line, screen)
            elif not slash.obey(chat, line):
                break
        except MemcliError as error:
            unwritten = isinstance(error, StoreError)
            if unwritten and not screen.terminal:  # whoever pipes lines in has them still
                raise
            screen.say(f"{error.message} {error.hint}".strip())
            if unwritten and len(chat.conversation.turns) == known:
                chat.prefill = line  # nothing of it is stored: Enter tries again
    tidy(chat)


def tidy(chat: slash.Chat) -> None:
    """Keep the model's state and summarise what was said, once the user leaves.

    What takes longer, or cannot be written now, waits for consolidate.
    """
    chat.conversation.suspend()
    if not chat.conversation.private:
        with contextlib.suppress(StoreError):
            chat.memory.memory.consolidate(seconds=TIDY_SECONDS)


def answer_once(
    memory: Memcli, text: str, screen: Screen, *, stats: bool, private: bool, document: str = ""
) -> None:
    """Answer one question, as ``memcli ask`` does.

    Raises:
        InvalidInput: the question is empty.
    """
    if not text.strip():
        raise InvalidInput("There is no question.", 'memcli ask "…", or pipe one in.')
    about = memory.states.open_document(document, memory.engine) if document else None
    conversation = memory.conversation(private=private, document=about)
    done = exchange(conversation, text, screen, asks=True, quiet=True)
    conversation.suspend()
    if stats:
        screen.say(cost(done.stats))
        if memory.kv.refused:
            screen.say(memory.kv.refused)


def exchange(
    conversation: Conversation,
    text: str,
    screen: Screen,
    *,
    asks: bool | None = None,
    quiet: bool = False,
) -> Exchange:
    """Say something and show the answer; Ctrl-C ends the answer and keeps the part said."""
    cancel = Cancel()
    with interruptible(cancel):
        done, pieces = conversation.say(text, cancel, asks=asks)
        screen.answer(pieces)
    if done.interrupted:
        said = "what was said is kept" if done.answer else "nothing was said yet"
        screen.say(f"interrupted; {said}")
    if not quiet:
        for line in (
            masked_line(done.input.secrets),
            learnt_line(done.learnt),
            done.context.report(),
            cost(done.stats),
        ):
            if line:
                screen.say(line)
    return done


def masked_line(secrets: Sequence[str]) -> str:
    """Say what was masked, as in ``masked: 2 × password``."""
    counts = Counter(secrets)
    return "masked: " + ", ".join(f"{n} × {kind}" for kind, n in counts.items()) if counts else ""


def learnt_line(learnt: list[Learnt]) -> str:
    """Say what was learnt, as in ``learnt 2 · changed home: Lisbon → Porto``, or is in conflict."""
    new = sum(item.decision != "duplicate" for item in learnt)
    parts = [f"learnt {new}"] if new else []
    parts += [_change(item, old) for item in learnt for old in item.replaced]
    parts += [_conflict(item) for item in learnt if item.decision == "contradicts"]
    return " · ".join(parts)


def cost(stats: Stats) -> str:
    """Say what an answer cost; empty where no model read anything."""
    if not stats.read:
        return ""
    as_text = stats.read + stats.spliced
    parts = [
        f"{stats.reused} tokens reused",
        f"{stats.spliced} spliced" if stats.spliced else "",
        f"{stats.read} read" + (f" (as text {as_text})" if stats.spliced else ""),
        f"{stats.stored} stored as cells" if stats.stored else "",
        "read as text, too, to compare" if stats.compared else "",
        f"{stats.written} written",
        f"first after {stats.first_token_s:.2f} s",
        f"{stats.tokens_per_s:.0f} tokens/s",
        stats.stopped,
    ]
    return " · ".join(filter(None, parts))


@contextlib.contextmanager
def interruptible(cancel: Cancel) -> Iterator[None]:
    """Let Ctrl-C raise ``cancel`` instead of an exception, which llama.cpp would swallow."""
    try:
        before = signal.signal(signal.SIGINT, lambda *_: cancel.raise_())
    except ValueError:  # not in the main thread: there is no Ctrl-C to catch
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _change(item: Learnt, old: Memory) -> str:
    verb = "changed" if item.decision == "supersedes" else "more precisely"
    for triple, before in _same_slot(item.memory, old):
        return f"{verb} {triple.predicate}: {before.object} → {triple.object}"
    return f"{verb}: {one_line(old.text)[:SHOWN]} → {one_line(item.memory.text)[:SHOWN]}"


def _conflict(item: Learnt) -> str:
    other = item.others[0]
    for triple, before in _same_slot(item.memory, other):
        return f"in conflict: {triple.predicate} {before.object} or {triple.object}? /conflicts"
    return f"in conflict with “{one_line(other.text)[:SHOWN]}”: /conflicts"


def _same_slot(memory: Memory, other: Memory) -> Iterator[tuple[Triple, Triple]]:
    """Yield the triples of two memories that have subject and predicate in common."""
    before = {(t.subject.casefold(), t.predicate): t for t in other.triples}
    for triple in memory.triples:
        if known := before.get((triple.subject.casefold(), triple.predicate)):
            yield triple, known


def _piped() -> Iterator[tuple[str, bool]]:
    """Yield each line of stdin; bytes that are no UTF-8 are replaced."""
    if sys.stdin is None:
        return
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").rstrip("\r\n"), False


def _typed(chat: slash.Chat) -> Iterator[tuple[str, bool]]:
    """Yield what is typed, and whether it begins with pasted text."""
    session, pasted = _prompt_session(chat)
    while True:
        pasted.clear()
        prefill, chat.prefill = chat.prefill, ""
        try:
            line = session.prompt(PROMPT, default=prefill)
        except KeyboardInterrupt:
            chat.screen.say(HOW_TO_LEAVE)
            continue
        except EOFError:
            return
        yield line, bool(pasted)


def _prompt_session(chat: slash.Chat) -> tuple[Any, list[bool]]:
    """Return the prompt line, and a list that is not empty while its text begins with a paste."""
    from prompt_toolkit import PromptSession  # 180 ms
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import InMemoryHistory
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys
    from prompt_toolkit.output import create_output

    bindings = KeyBindings()
    pasted: list[bool] = []

    @bindings.add(Keys.BracketedPaste)
    def _(event: Any) -> None:
        if not event.current_buffer.text.strip():
            pasted.append(True)
        event.current_buffer.insert_text(event.data.replace("\r\n", "\n").replace("\r", "\n"))

    @bindings.add("enter")
    def _(event: Any) -> None:
        event.current_buffer.validate_and_handle()

    @bindings.add("escape", "enter")
    def _(event: Any) -> None:
        event.current_buffer.insert_text("\n")

    words = [f"/{name}" for name in slash.COMMANDS]
    session: PromptSession[str] = PromptSession(
        history=InMemoryHistory(chat.memory.store.sessions.typed(RECALLED)),
        completer=WordCompleter(words, sentence=True),
        complete_while_typing=False,
        key_bindings=bindings,
        multiline=True,
        enable_open_in_editor=True,
        output=create_output(always_prefer_tty=True),
    )
    return session, pasted
