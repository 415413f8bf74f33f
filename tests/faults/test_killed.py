"""SIGKILL at any moment: the memory is sound, what was acknowledged is there, nothing half done."""

from killed import KILLS, figures

SHARE = 0.1


def test_what_was_acknowledged_survives_any_kill(tmp_path):
    """A memory that is killed again and again, within each kind of action, heals by itself."""
    (figure,) = figures(tmp_path, SHARE)
    assert figure.problems == ()
    assert (figure.tried, figure.failed) == (KILLS * SHARE, 0)
