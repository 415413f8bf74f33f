"""Write docs/cli.md from the program's own help: python docs/make_cli.py."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.testing import CliRunner

from memcli import config
from memcli.cli import app

DOCUMENT = Path(__file__).with_name("cli.md")


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every command, groups first."""
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


def generate() -> str:
    """Return the whole document."""
    os.environ.update({"COLUMNS": "100", "NO_COLOR": "1", "TERMINAL_WIDTH": "100"})
    parts = ["# Commands\n\nWritten by `python docs/make_cli.py`; a test keeps it true.\n"]
    for path in commands(typer.main.get_command(app)):
        result = CliRunner().invoke(app, [*path, "--help"], prog_name="memcli")
        text = "\n".join(line.rstrip() for line in result.output.strip().splitlines())
        parts.append(f"## {' '.join(('memcli', *path))}\n\n```\n{text}\n```\n")
    parts.append(
        "# Settings\n\nIn the file that `memcli config path` prints, or in the environment.\n"
    )
    parts.append("| key | environment | default | meaning |\n|---|---|---|---|")
    for key, field in config.declared():
        variable = "MEMCLI_" + key.replace(".", "_").upper()
        parts.append(f"| `{key}` | `{variable}` | `{field.default!r}` | {field.metadata['doc']} |")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(generate(), encoding="utf-8")
    sys.stdout.write(f"wrote {DOCUMENT}\n")
