"""The documents say what the program does."""

import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from memcli.config import tomllib

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_commands_and_settings_are_documented(monkeypatch):
    """docs/cli.md is what docs/make_cli.py makes of the present program."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import make_cli

    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == make_cli.generate()


def transcript():
    """Return the README's console block as (command, what it printed)."""
    block = re.search(r"```console\n(.*?)```", README, re.DOTALL)[1]
    return [
        (line, printed)
        for line, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]


def without_today(text):
    return re.sub(r"\d{4}-\d{2}-\d{2}", lambda m: m[0] if m[0] < "2026" else "TODAY", text)


def test_readme_transcript_is_what_is_printed():
    """Every command of the README's transcript prints what stands below it."""
    assert date.today().isoformat() >= "2026", "the transcript's dates are told by their year"
    python = shlex.quote(sys.executable)
    for command, printed in transcript():
        line = re.sub(r"\bmemcli\b", f"{python} -m memcli", command, count=1)
        done = subprocess.run(
            line, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
        assert without_today(done.stdout) == without_today(printed), command


def test_ci_runs_the_commands_of_the_readme():
    """The two commands that install and test stand in .ci/run just as in the README."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    install, check = re.findall(r"```sh\n(.*?)\n```", README, re.DOTALL)[:2]
    assert install in script
    assert check in script


def test_python_example_runs(tmp_path):
    """The README's Python example prints the memory it asked for."""
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "The boiler was serviced in January.\n"


def test_every_format_is_documented():
    """How to import names each format, and README says how many there are, with the archive."""
    from memcli.importers.choose import formats

    page = (ROOT / "docs" / "import.md").read_text("utf-8")
    assert [name for name in formats() if f"`{name}`" not in page] == []
    assert f"{len(formats()) + 1} formats" in README


def test_jsonl_example_is_imported(memory, tmp_path):
    """The README's example of a JSONL line is a turn with all it says."""
    from memcli.importing import Importer

    (tmp_path / "one.jsonl").write_text(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])
    assert Importer(memory).paths([tmp_path]).new == 1
    session = memory.store.sessions.latest()[0]
    turn = memory.store.sessions.turns(session.id)[0]
    assert (session.title, turn.speaker, turn.external_id) == ("Planning the trip", "Tomas", "42")


@pytest.mark.parametrize("path", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_links_of_the_readme_lead_somewhere(path):
    """A file that the README links to is there."""
    assert (ROOT / path).exists()


def test_figures_have_commands():
    """Every figure in the README names a command that exists."""
    rows = re.findall(r"^\|.*\| `python (benchmarks/[\w/.]+)", README, re.MULTILINE)
    assert rows
    assert all((ROOT / row).is_file() for row in rows)


def test_each_promise_is_held_by_tests_that_exist():
    """The tests that docs/guarantees.md names are there."""
    named = re.findall(
        r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/guarantees.md").read_text()
    )
    assert len(named) > 20
    for file, name in named:
        assert (ROOT / file).is_file(), file
        assert not name or f"def {name}(" in (ROOT / file).read_text(), f"{file}::{name}"


def test_each_dependency_has_its_reason():
    """docs/dependencies.md and pyproject.toml name the same libraries, and the same ranges."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pinned = [
        *project["dependencies"],
        *(each for name in extras for each in extras[name] if name != "test"),
    ]
    ranges = dict(re.match(r"([\w.-]+)([<>=,.\d]+)", each).groups() for each in pinned)
    told = re.findall(
        r"^\| ([\w.-]+) \| `([^`]+)` \|", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE
    )
    assert dict(told) == ranges
