"""``memcli demo``."""

from __future__ import annotations

from memcli.cli import ui
from memcli.cli.common import Model, model_path


def demo(model: Model = None) -> None:
    """Show in a minute what memcli does, in a folder of its own that is deleted afterwards."""
    from memcli.demo import show

    show(ui.Terminal(), model=model_path(model or ""))
