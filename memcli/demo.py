"""A minute with memcli: notes come in, a fact changes, a memory is forgotten."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from memcli.api import Memcli
from memcli.chat.repl import exchange
from memcli.chat.screen import Screen
from memcli.errors import NotFound

PACKAGE = Path(__file__).parent
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
        _say(memory, screen, "Where is the spare key?", asks=True)
        _say(memory, screen, "What did the garage say about the brakes?", asks=True)
        screen.say("— Say something about yourself, and ask")
        _say(memory, screen, "I live in Lisbon.")
        _say(memory, screen, HOME, asks=True)
        screen.say("— The fact changes")
        _say(memory, screen, "I moved to Porto last week.")
        _say(memory, screen, HOME, asks=True)
        screen.say("— Forget where you live, then and now")
        slot = [
            m for m in memory.store.memories.newest() if "home" in (t.predicate for t in m.triples)
        ]
        gone = memory.forget(*(m.id for m in slot))
        screen.say(f"{gone.memories} memories erased, {gone.blanked} turns blanked")
        _say(memory, screen, HOME, asks=True)


def _say(memory: Memcli, screen: Screen, text: str, *, asks: bool = False) -> None:
    screen.say(f"› {text}")
    exchange(memory.conversation(private=asks), text, screen, asks=asks)


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
