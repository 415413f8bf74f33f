"""Secrets are masked before anything is stored, and errors do not show them."""

import os
import subprocess
import sys

import masking
import pytest
from commands import SECRET
from secret_texts import secrets

from memcli.acquire.redact import mask

FAILING = """
import sys
from memcli.__main__ import main
from memcli.api import Memcli

def recall(self, query, **more):
    secret = query + query
    {error}

Memcli.recall = recall
sys.exit(main())
"""


def test_secrets_are_masked_and_notes_stay(tmp_path):
    """Of 200 forms of secrets two are known to stay; of the harmless notes none is touched."""
    told, harmless, formats = masking.figures(tmp_path, 0.1)
    assert told.tried > 200
    assert harmless.tried > 250
    assert formats.tried == len(masking.SAMPLES)
    for figure in (told, harmless, formats):
        assert figure.failed == 0, figure.problems


def test_masking_twice_changes_nothing():
    """What is masked holds no secret more."""
    for note in secrets():
        once = mask(note.text).text
        assert mask(once).text == once


@pytest.mark.parametrize("debug", [(), ("--debug",)])
@pytest.mark.parametrize("error", ["raise ValueError('odd')", "1 / 0", "assert not secret"])
def test_no_locals_in_a_traceback(debug, error):
    """An error that nobody foresaw says where it was, not what was being worked on."""
    ended = _fails(FAILING.replace("{error}", error), *debug, "recall", SECRET)
    assert ended.returncode == 1
    assert (
        "recall" in ended.stderr if debug else "Error: memcli failed unexpectedly" in ended.stderr
    )
    assert SECRET not in ended.stderr


def test_an_errors_own_words_are_not_told():
    """Without --debug, as they may be those of a message."""
    ended = _fails(FAILING.replace("{error}", "raise KeyError(secret)"), "recall", SECRET)
    assert "KeyError in " in ended.stderr
    assert SECRET not in ended.stderr


def test_long_input_is_not_quoted_whole(run):
    """An error names the beginning of what cannot be understood."""
    result = run("remember", "A note.", "--kind", "word " * 10_000)
    assert result.code == 2
    assert len(result.err) < 1_000


@pytest.mark.parametrize(
    ("command", "rest"),
    [("edit", ("--set", f"text=It is {SECRET}.")), ("edit", ("--set", f"title={SECRET}")),
     ("split", ("--into", f"Red {SECRET}.", "--into", "Blue.")), ("edit", ("--set", f"tags={SECRET}"))],
)  # fmt: skip
def test_what_is_typed_later_is_masked(run, own_home, command, rest):
    """Secrets in an edited text, a title, a tag, a part are masked like any other."""
    run("remember", "The gate is green.")
    id = run("memory", "list").out.split("\t")[0]
    assert run("memory", command, id, *rest).code == 0
    assert "[secret:" in run("memory", "list", "--json").out
    assert not any(SECRET.encode() in f.read_bytes() for f in own_home.rglob("*") if f.is_file())


def _fails(script, *arguments):
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONFAULTHANDLER": "1"},
    )  # fmt: skip
