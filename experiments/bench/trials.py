"""Who is timed beside whom: the model, SimPy alone, a per-record model, librdkafka; sweeps; starts.

Each group is one scenario; its trials are made once before they are timed, which warms the caches
and counts what is deterministic. Machines are noisy and slow down for seconds at a time, so only
ratios within one repetition are worth anything: all contenders of a scenario run right after each
other, over and over, and every other repetition goes through them backwards, or the first would
always meet the same cache. Units: seconds, of CPU (this process and children that ended) and by
the clock on the wall.
"""

import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from experiments.bench.cases import ONE_FAR, ONE_NEAR, SMALL_RECORDS, cases, saturating
from experiments.bench.mock_cluster import installed, mock_cluster
from experiments.bench.per_record import per_record
from experiments.bench.work import Work, bare_timeouts, scheduled_events, simulated
from experiments.kit.loads import over_requests
from experiments.kit.pool import Workers
from model import Scenario

COST, SWEEP, START = "cost", "sweep", "start"
MODEL, FLOOR, PER_RECORD, MOCK = "model", "bare timeouts", "per-record model", "mock cluster"
ONE_PROCESS, TWO_PROCESSES = "one process", "two processes"
COMMAND, PYTHON = "command", "python -c pass"

#: What the per-record model can do: one partition of one broker, saturated, nothing goes wrong.
ALSO_PER_RECORD = (ONE_NEAR, ONE_FAR, SMALL_RECORDS)
#: Distance is no matter to a mock cluster, so one scenario for each size of records.
ALSO_MOCKED = (ONE_NEAR, SMALL_RECORDS)
SWEEP_RTTS_MS = (0.5, 1, 2, 5, 10, 20, 50, 100)
SEED = 1

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
    """Do it once; how long it took and what it did."""
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


def cost_groups(requests: int) -> list[list[Trial]]:
    """For each scenario the model, the floor, and what else can do the same."""
    return [_cost_group(name, scenario) for name, scenario in cases(requests).items()]


def _cost_group(name: str, scenario: Scenario) -> list[Trial]:
    events, work = scheduled_events(scenario, SEED), simulated(scenario, SEED)
    trial = partial(Trial, COST, name)
    group = [
        trial(MODEL, partial(simulated, scenario, SEED), events),
        trial(FLOOR, partial(bare_timeouts, events), events),
    ]
    if name in ALSO_PER_RECORD:
        group.append(trial(PER_RECORD, partial(per_record, scenario, SEED)))
    if name in ALSO_MOCKED and installed():
        group.append(trial(MOCK, partial(mock_cluster, scenario, work.records)))
    return group


def sweep_group(requests: int) -> list[Trial]:
    """The same sweep on one process and on two, with what it takes to start them."""
    points = [over_requests(saturating(rtt_ms), 0, requests) for rtt_ms in SWEEP_RTTS_MS]
    name = f"sweep of {len(points)} points"
    return [
        Trial(SWEEP, name, contender, partial(_sweep, points, jobs))
        for jobs, contender in ((1, ONE_PROCESS), (2, TWO_PROCESSES))
    ]


def _sweep(points: Sequence[Scenario], jobs: int) -> Work:
    with Workers(jobs, ("experiments.bench.work",)) as workers:
        done = workers.map(partial(simulated, seed=SEED), points)
    requests, records = sum(work.requests for work in done), sum(work.records for work in done)
    return Work(requests, records, sum(work.simulated_s for work in done), len(done))


def start_groups(commands: Sequence[str]) -> list[list[Trial]]:
    """Commands in fresh processes, each beside an interpreter that does nothing."""
    return [
        [
            Trial(START, f"inflight {command}", COMMAND, partial(_inflight, command)),
            Trial(START, f"inflight {command}", PYTHON, partial(_fresh, "-c", "pass")),
        ]
        for command in commands
    ]


def _inflight(command: str) -> Work:
    """Run a command; `compare` leaves its results in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as folder:
        out = ["--out", folder] if command == "compare" else []
        return _fresh("-m", "experiments", command, *out)


def _fresh(*arguments: str) -> Work:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return Work()
