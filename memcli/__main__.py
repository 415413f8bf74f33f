"""The one exit point: every error becomes a message, a hint and an exit code here, nowhere else."""

from __future__ import annotations

import io
import os
import sys
import traceback
from pathlib import Path

from memcli.errors import EXIT_INTERRUPTED, MemcliError

LONGEST = 500  # characters of an error


def main() -> int:
    """Run the command line and return its exit code."""
    from memcli.cli import app

    os.umask(0o077)  # what libraries write is the owner's alone, too
    for stream in (sys.stdout, sys.stderr):  # what a terminal's encoding lacks becomes "?"
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except SystemExit as stop:
        if type(sys.stdout).__name__ == "PacifyFlushWrapper":  # typer saw a broken pipe
            return 0
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        return _explain(error)
    return 0


def _explain(error: Exception) -> int:
    """Print what went wrong, without locals or a traceback: they are personal data."""
    from memcli.cli import ui

    if not isinstance(error, MemcliError):
        from memcli.store import cipher
        from memcli.store.explain import explain

        if isinstance(error, cipher.errors()):
            error = explain(error, "the database")
    if not isinstance(error, MemcliError):
        error = _unexpected(error)
    print(f"Error: {ui.safe(shorten(error.message))}", file=sys.stderr)
    if error.hint:
        print(f"  {ui.safe(error.hint)}", file=sys.stderr)
    return error.exit_code


def _unexpected(error: Exception) -> MemcliError:
    """Say what failed and where, but not the error's own words: they may be a message's."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
    return MemcliError(
        f"memcli failed unexpectedly: {where}.", "Run it again with --debug to see how."
    )


def shorten(message: str) -> str:
    """Cut a message that quotes something long."""
    return message if len(message) <= LONGEST else f"{message[:LONGEST]} …"


if __name__ == "__main__":
    sys.exit(main())
