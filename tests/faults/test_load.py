"""Several processes at once on one profile, and a day of use in one process."""

import subprocess
import sys

import day
import load
import pytest

SHARE = 0.03
KEEPS = "import sys, memcli; memcli.open(folder=sys.argv[1]).close()"
SAMPLE = {"memory": 1000, "handles": 10, "threads": 2, "log": 2**22}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nothing_is_lost_nobody_waits_and_nothing_grows(tmp_path):
    """Four writers and four readers; commands beside a writer; Chroma; a day; turns with a model."""
    figures = [*load.figures(tmp_path, SHARE), *day.figures(tmp_path, SHARE)]
    assert [problem for figure in figures for problem in figure.problems] == []
    assert [figure.failed for figure in figures] == [0] * 7
    wrote, _, read, commands, openings, actions, turns = (figure.tried for figure in figures)
    assert (wrote, openings, commands) == (4 * load.WRITES * SHARE, 4 * 1, len(load.COMMANDS))
    assert (actions, turns) == (day.ACTIONS * SHARE, day.TURNS * SHARE)
    assert read


def test_a_forgetting_keeps_the_locks_of_an_open_database(tmp_path):
    """The proof reads the database; the next process to close it is not its last user for that."""
    with load.new_memory(tmp_path) as memory:
        known = memory.remember(load.text("forgotten", 1))[0].memory
        assert memory.forget(known.id).proof.ok
        subprocess.run([sys.executable, "-c", KEEPS, str(tmp_path)], check=True)
        memory.remember(load.text("kept", 1))
        with load.new_memory(tmp_path) as other:
            other.remember(load.text("kept", 2))
    with load.new_memory(tmp_path) as memory:
        assert len(memory.store.memories.newest()) == 2


@pytest.mark.parametrize("what", ["memory", "handles", "threads", "log"])
def test_what_grows_is_told(what):
    """A tenth more memory than after the first fifth, one handle, one thread, a long log."""
    samples = [SAMPLE] * 9
    assert not [*day.grown([*samples, SAMPLE], [100, 100])]
    more = {**SAMPLE, what: 3 * SAMPLE[what]}
    (problem,) = day.grown([*samples, more], [100, 100])
    assert what in problem


def test_a_database_that_holds_more_than_its_content_is_told():
    """Rows that belong to nothing, or pages that are never used again."""
    (problem,) = day.grown([SAMPLE] * 10, [130, 100])
    assert "130" in problem
