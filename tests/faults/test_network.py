"""Nothing leaves the machine."""

import socket
import sys

import network
import pytest
from commands import run_all


def test_no_command_calls_anybody(tmp_path):
    """All of them work with no network, and try nothing."""
    (figure,) = network.figures(tmp_path, 0.1)
    assert figure.problems == ()
    assert figure.tried > 10


def test_a_call_would_be_heard(tmp_path):
    """Who looks for a Chroma server is found out: the test above can fail."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    commands = [
        ("config set index.backend chroma",),
        (f"config set index.chroma 127.0.0.1:{port}",),
    ]
    run_all(tmp_path / "a", commands=[*commands, ("index status",)])
    assert str(port) in (tmp_path / "a" / "calls").read_text()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is of Linux")
def test_system_calls_are_told_apart():
    """A socket of this machine alone is no call."""
    inet = "1 connect(3, {sa_family=AF_INET, sin_port=htons(443)}, 16) = -1"
    assert network._calls(f"1 socketpair(AF_UNIX, SOCK_STREAM, 0, [11, 12]) = 0\n{inet}\n") == [
        inet
    ]
