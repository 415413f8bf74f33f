"""The command line: parse, one call, render. Importing this loads nothing heavy."""

from memcli.cli.app import app

__all__ = ["app"]
