"""A minute with memcli: notes come in, a fact changes, a memory is forgotten."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from memcli.api import Memcli
from memcli.chat.repl import exchange
from memcli.errors import NotFound

if TYPE_CHECKING:
    from memcli.chat.screen import Screen

PACKAGE = Path(__file__).parent

ABOUT_NOTES = ("Where is the spare key?", "What did the garage say about the brakes?")
HOME = "Where do I live?"


def notes_folder() -> Path:
    """Return the example notes: inside an installed memcli, beside it in a checkout.

    Raises:
        NotFound: they were left out of this installation.
    """
    for folder in (PACKAGE / "_examples" / "notes", PACKAGE.parent / "examples" / "notes"):
        if folder.is_dir():
            return folder
    raise NotFound("The example notes are not installed.", "Reinstall memcli.")


def show(screen: Screen, *, model: str) -> None:
    """Run the demonstration in a data folder of its own, deleted afterwards."""
    with _temporary_home(), Memcli(settings={"model.path": model}) as memory:
        screen.say("— Import a folder of notes")
        report = memory.import_paths([notes_folder()])
        screen.say(f"{report.files} files, {report.new} pieces")
        screen.say("— Ask about them")
        _ask(memory, screen, *ABOUT_NOTES)
        screen.say("— Say something about yourself, and ask")
        _tell(memory, screen, "I live in Lisbon.")
        _ask(memory, screen, HOME)
        screen.say("— The fact changes")
        _tell(memory, screen, "I moved to Porto last week.")
        _ask(memory, screen, HOME)
        screen.say("— Forget where you live, then and now")
        slot = [
            m for m in memory.store.memories.newest() if "home" in (t.predicate for t in m.triples)
        ]
        gone = memory.forget(*(m.id for m in slot))
        screen.say(f"{gone.memories} memories erased, {gone.blanked} turns blanked")
        _ask(memory, screen, HOME)


def _ask(memory: Memcli, screen: Screen, *questions: str) -> None:
    for question in questions:
        screen.say(f"› {question}")
        exchange(memory.conversation(private=True), question, screen, asks=True)


def _tell(memory: Memcli, screen: Screen, statement: str) -> None:
    screen.say(f"› {statement}")
    exchange(memory.conversation(), statement, screen)


@contextlib.contextmanager
def _temporary_home() -> Iterator[None]:
    before = os.environ.get("MEMCLI_HOME")
    with tempfile.TemporaryDirectory(prefix="memcli-demo-") as folder:
        os.environ["MEMCLI_HOME"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["MEMCLI_HOME"]
            else:
                os.environ["MEMCLI_HOME"] = before
