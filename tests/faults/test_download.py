"""Servers that misbehave: the right file or none, a clear word, and nothing lost."""

import download


def test_misbehaving_servers_and_kills(tmp_path):
    """A round of every misbehaviour, and some kills."""
    servers, kills = download.figures(tmp_path, 0.05)
    assert (servers.problems, kills.problems) == ((), ())
    assert (servers.tried, kills.tried) == (2 * len(download.KINDS), 3)
    assert servers.failed + kills.failed == 0
