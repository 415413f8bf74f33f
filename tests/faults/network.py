"""No command calls anybody: not where there is a network, and not where there is none."""

from commands import COMMANDS, can, run_all
from figures import Figure

NO_NETWORK = ("unshare", "-n")
QUICK = {"remember", "import", "chat", "recall", "config", "index", "backup", "doctor"}
TRACE = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=%network")


def figures(top, share):
    """Run the commands with all their calls written down, then in a network of nobody else.

    With a small share that is one run of those that are quick; ``test_files`` hears all of them.
    """
    traced = (*TRACE, "-o", str(top / "system-calls")) if can(*TRACE) else ()
    alone = NO_NETWORK if can(*NO_NETWORK) else ()
    runs = [traced, alone] if share == 1 else [(*alone, *traced)]
    commands = [c for c in COMMANDS if share == 1 or c[0].split()[0] in QUICK]
    heard = []
    for n, before in enumerate(runs):
        heard += _heard(top / str(n), before, commands)
    if traced:
        heard += _calls((top / "system-calls").read_text())
    note = ", ".join(
        said
        for said, done in (
            ("Python's sockets heard", True), ("system calls traced", traced),
            ("without a network", alone),
        )
        if done
    )  # fmt: skip
    tried = len(runs) * len(commands)
    yield Figure("Offline", "commands", tried, len(heard), note, tuple(heard[:5]))


def _heard(folder, before, commands):
    ended = run_all(folder, before=before, commands=commands)
    said = [ended.stderr[-500:]] if ended.returncode else []
    return [*said, *(folder / "calls").read_text().splitlines()]


def _calls(traced):
    """Return the system calls that could have left the machine; AF_UNIX cannot."""
    return [line for line in traced.splitlines() if "AF_INET" in line or "AF_NETLINK" in line]
