"""What a chat needs of the place where it is shown. The terminal's own is in ``cli/ui.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Screen(Protocol):
    """Shows answers and talk. ``terminal``: a person types; else lines come from a pipe."""

    terminal: bool

    def answer(self, pieces: Iterator[str]) -> None:
        """Show an answer while it comes."""

    def say(self, text: str) -> None:
        """Show a line that is no answer."""

    def confirm(self, question: str) -> bool:
        """Ask yes or no; without anybody to ask, no."""
