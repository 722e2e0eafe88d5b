"""Timing side by side: all contenders of a scenario right after each other, over and over.

Machines are noisy and slow down for seconds at a time, so only ratios within one repetition are
worth telling. Every other repetition goes through the contenders backwards, or the first would
always meet the same cache. Units: seconds, of CPU (this process and children that ended) and by
the clock on the wall.
"""

import gc
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from experiments.bench.work import Work

Row = dict[str, object]


@dataclass(frozen=True)
class Trial:
    """One contender in one scenario; ``events`` is what SimPy schedules, 0 where it is no matter.

    ``part`` is the question that it belongs to.
    """

    part: str
    scenario: str
    contender: str
    does: Callable[[], Work]
    events: int = 0


def interleaved(groups: Sequence[Sequence[Trial]], repetitions: int) -> Iterator[Row]:
    """A row for each timing; the trials of a group stand beside each other in each repetition."""
    place = 0
    for repetition in range(repetitions):
        for group in groups:
            for trial in group if repetition % 2 == 0 else reversed(group):
                yield {"repetition": repetition, "place": place, **timed(trial)}
                place += 1


def timed(trial: Trial) -> Row:
    """Do it once and tell how long it took."""
    gc.collect()  # what the last one left is not this one's to clear away
    wall_s, cpu_s = time.perf_counter(), used_cpu_s()
    work = trial.does()
    wall_s, cpu_s = time.perf_counter() - wall_s, used_cpu_s() - cpu_s
    named = {"part": trial.part, "scenario": trial.scenario, "contender": trial.contender}
    return {**named, "cpu_s": cpu_s, "wall_s": wall_s, **asdict(work), "events": trial.events}


def used_cpu_s() -> float:
    """CPU time of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
