"""The one exit point: every error becomes a message, a hint and an exit code here, nowhere else."""

from __future__ import annotations

import io
import sqlite3
import sys

from memcli.errors import EXIT_INTERRUPTED, MemcliError


def main() -> int:
    """Run the command line and return its exit code."""
    from memcli.cli import app

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
    if isinstance(error, sqlite3.Error):
        from memcli.store.store import explain

        error = explain(error, "the database")
    if not isinstance(error, MemcliError):
        where = type(error).__name__
        error = MemcliError(
            f"memcli failed unexpectedly: {where}: {error}",
            "Run it again with --debug to see where.",
        )
    print(f"Error: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  {error.hint}", file=sys.stderr)
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
