"""SIGKILL at any moment: the memory is sound, what was acknowledged is there, nothing half done."""

from killed import Life

from memcli.api import Memcli
from memcli.testing import HashEmbedder

KILLS = 15


def test_what_was_acknowledged_survives_any_kill(tmp_path, monkeypatch):
    """One memory, killed again and again while it is used in every way."""
    monkeypatch.setattr(Memcli, "_load_embedder", lambda self: HashEmbedder())
    life = Life(tmp_path, seed=11)
    for _ in range(KILLS):
        life.use_and_kill()
        assert life.problems() == []
    assert life.acts > 5 * KILLS
