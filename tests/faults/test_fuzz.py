"""Whatever is fed to memcli is read or refused with a reason: no traceback, and always an end."""

import time

import fuzz
import pytest
from hypothesis import strategies as st
from targets import TARGETS, Target, plain

from memcli.errors import InvalidInput

SHARE = 0.03


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_fed_breaks_it(name, tmp_path):
    """Each input is read, or refused by an error of ours."""
    times = max(round(TARGETS[name].times * SHARE), 20)
    tally = fuzz.attack(name, times, seed=0, folder=tmp_path / name)
    assert tally.problems == []
    assert tally.tried >= times


def broken(value):
    if value % 4 == 1:
        raise InvalidInput("it is refused")
    if value % 4 == 2:
        raise KeyError(value)
    if value % 4 == 3:
        time.sleep(60)


@pytest.mark.parametrize("of", [st.integers(0, 3), lambda rng: rng.randrange(4)])
def test_what_breaks_is_counted(of, tmp_path, monkeypatch):
    """An error that is none of ours and an input without an end are problems, a refusal is none."""
    monkeypatch.setattr(fuzz, "LONGEST", 0.01)
    monkeypatch.setitem(TARGETS, "broken", Target("x", of, plain(broken), 1))
    tally = fuzz.attack("broken", 40, seed=1, folder=tmp_path / "x")
    assert tally.problems
    assert all("KeyError" in problem or "Hung" in problem for problem in tally.problems)
    assert tally.refused > 0 or len(tally.problems) == 1  # hypothesis stops at the first


def test_the_figures_of_all_targets(tmp_path):
    """Every family is counted, and nothing of it failed."""
    figures = list(fuzz.figures(tmp_path, 0.0005))
    assert {figure.what for figure in figures} > {target.family for target in TARGETS.values()}
    assert [figure.problems for figure in figures if figure.failed] == []
    assert all(figure.tried for figure in figures)
