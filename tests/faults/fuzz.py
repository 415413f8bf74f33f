"""What memcli reads, made wrong in every way that chance finds: it is refused or read, no more.

A target takes its inputs from a strategy of hypothesis, which finds the smallest that fails, or
makes them by chance. An input fails if it raises what is no error of ours, or never ends.
"""

import contextlib
import ctypes
import gc
import resource
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import damage
from figures import Figure
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.strategies import SearchStrategy
from targets import TARGETS

from memcli.errors import MemcliError
from memcli.importers.base import Unreadable
from memcli.media.blob import Refused

LONGEST = 20  # seconds: a guard against what never ends, no measure of speed
GROWTH = 100  # MiB by which memory may grow when all is done once more
OURS = (MemcliError, Unreadable, Refused)
MOST = 5  # problems told of one target


class Hung(BaseException):
    """An input took longer than it may."""


@dataclass
class Tally:
    """What became of the inputs of a target."""

    tried: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Guarded:
    """A check that ends, one way or another; an error of ours is an answer."""

    check: Callable
    tally: Tally
    last: object = None

    def __call__(self, value):
        self.tally.tried, self.last = self.tally.tried + 1, value
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        try:
            self.check(value)
        except OURS:
            self.tally.refused += 1
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def attack(name, times, seed, folder):
    """Feed a target so many inputs, and tell what became of them."""
    target, tally = TARGETS[name], Tally()
    folder.mkdir(parents=True)
    feed = _by_hypothesis if isinstance(target.of, SearchStrategy) else _by_chance
    before = signal.signal(signal.SIGALRM, _hung)
    try:
        with target.begin(folder) as check:
            for error, value in feed(target.of, Guarded(check, tally), times, seed):
                place = traceback.extract_tb(error.__traceback__)[-1]
                what = (
                    f"{type(error).__name__}: {str(error)[:120]} ({place.filename}:{place.lineno})"
                )
                tally.problems.append(f"{name}, seed {seed}: {what} on {value!r:.300}")
    finally:
        signal.signal(signal.SIGALRM, before)
    return tally


def _hung(*_):
    raise Hung(f"more than {LONGEST} s")


def _by_chance(make, check, times, seed):
    rng = damage.rng_of(f"{seed}")
    for _ in range(times):
        value = make(rng)
        try:
            check(value)
        except (Exception, Hung) as error:
            yield error, value


def _by_hypothesis(strategy, check, times, seed):
    quiet = settings(
        max_examples=times, database=None, deadline=None, print_blob=False, report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    try:
        seeded(seed)(
            quiet(
                given(strategy)(lambda value: check(value))  # noqa: PLW0108 (it looks at a function's signature)
            )
        )()
    except (Exception, Hung) as error:
        yield error, check.last  # the smallest


def figures(top, share, seed=1):
    """Yield what became of all targets, fed twice, and how much larger that made the process."""
    tallies, sizes = {}, []
    for turn in (0, 1):
        for name, target in TARGETS.items():
            times = max(round(target.times * share / 2), 1)
            tally = attack(name, times, 2 * seed + turn, Path(top, f"{name}-{turn}"))
            tallies.setdefault(target.family, []).append(tally)
        sizes.append(_memory())
    for family, parts in tallies.items():
        problems = [problem for tally in parts for problem in tally.problems]
        refused = sum(tally.refused for tally in parts)
        yield Figure(
            "Fuzz", family, sum(tally.tried for tally in parts), len(problems),
            f"{refused:,} refused with a reason".replace(",", " "), tuple(problems[:MOST]),
        )  # fmt: skip
    grown = sizes[1] - sizes[0]
    yield Figure(
        "Fuzz",
        "the same number of inputs once more",
        1,
        int(grown > GROWTH),
        f"{grown:+} MiB of memory",
    )


def _memory():
    """Return the MiB that this process holds, what was freed given back."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # glibc alone keeps it, and has this
        ctypes.CDLL(None).malloc_trim(0)
    with contextlib.suppress(OSError):  # other systems have no such file
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() >> 20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
