"""``memcli chat`` and ``memcli ask``."""

from __future__ import annotations

from typing import Annotated

import typer

from memcli.cli import ui
from memcli.cli.common import Model, Profile, opened

From = Annotated[str, typer.Option("--from", help="A document of memcli state list to speak of.")]


def chat(
    ctx: typer.Context,
    session: Annotated[
        str | None, typer.Option("--session", "-s", help="Go on with this session.")
    ] = None,
    last: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last session.")
    ] = False,
    private: Annotated[
        bool, typer.Option("--private", help="Store nothing of this session.")
    ] = False,
    from_: From = "",
    model: Model = None,
    profile: Profile = None,
) -> None:
    """Chat, answered from your memories; without a model, by quoting them."""
    from memcli.chat.repl import run

    with opened(ctx, profile=profile, model=model) as memory:
        chosen = memory.memory.find_session(session) if session else None
        if last and not chosen:
            chosen = next(iter(memory.store.sessions.latest(limit=1)), None)
        document = memory.states.open_document(from_, memory.engine) if from_ else None
        conversation = memory.conversation(chosen, private=private, document=document)
        run(memory, conversation, ui.Terminal())


def ask(
    ctx: typer.Context,
    question: Annotated[
        list[str] | None, typer.Argument(help="The question; - or nothing: stdin.")
    ] = None,
    stats: Annotated[bool, typer.Option("--stats", help="Show what the answer cost.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Store question and answer as a session.")
    ] = False,
    from_: From = "",
    model: Model = None,
    profile: Profile = None,
) -> None:
    """Ask once, and add what stands on stdin to the question."""
    from memcli.chat.repl import answer_once

    words = [word for word in question or [] if word != "-"]
    text = "\n\n".join(part for part in (" ".join(words), ui.piped().strip()) if part)
    with opened(ctx, profile=profile, model=model) as memory:
        answer_once(memory, text, ui.Terminal(), stats=stats, private=not keep, document=from_)
