"""Who is timed beside whom: the model, SimPy alone, its rivals; sweeps; starts.

Machines are noisy and slow down for seconds at a time, so only ratios within one repetition are
worth anything: all contenders of a scenario run right after each other, over and over, and every
other repetition backwards, or the first would always meet the same cache. Beside that: where the
model's time goes, under Python's profiler, which makes calls dearer than they are. Units: seconds,
of CPU (this process and children that ended) and by the clock on the wall.
"""

import cProfile
import gc
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

import experiments
import model
from experiments.bench import cases
from experiments.bench.cases import Work, scheduled_events, simulated
from experiments.bench.rivals import installed, mock_cluster, per_record
from experiments.kit.loads import over_requests
from experiments.kit.pool import Workers
from model import Scenario
from model.cluster import Cluster
from model.outcome.recorder import Recorder

MODEL, FLOOR, PER_RECORD, MOCK = "model", "bare timeouts", "per-record model", "mock cluster"
ONE_PROCESS, TWO_PROCESSES = "one process", "two processes"
COMMAND, PYTHON = "command", "python -c pass"

#: What the per-record model can do: one partition of one broker, saturated, nothing goes wrong.
ALSO_PER_RECORD = (cases.ONE_NEAR, cases.ONE_FAR, cases.SMALL_RECORDS)
#: Distance is no matter to a mock cluster, so one scenario for each size of records.
ALSO_MOCKED = (cases.ONE_NEAR, cases.SMALL_RECORDS)
SWEEP_RTTS_MS = (0.5, 1, 2, 5, 10, 20, 50, 100)
SEED = 1
SIMPY, REST = "SimPy", "the rest"
#: The first that a file's path in the model begins with.
PARTS: Mapping[str, str] = {
    "producer/application": "application thread",
    "producer/schedule": "application thread",
    "producer/partitioner": "application thread",
    "outcome/start_times": "application thread",
    "producer/": "Sender, accumulator, client",
    "network/": "connection: TCP's windows",
    "broker/": "broker",
    "outcome/": "rows",
    "wire/": "batches and requests",
}
MODEL_FOLDER = Path(model.__file__).parent.as_posix()

Row = dict[str, object]


@dataclass(frozen=True)
class Trial:
    """One contender in one scenario; ``events`` is what SimPy schedules, where that is counted."""

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


def groups(requests: int, requests_of_a_point: int, commands: Sequence[str]) -> list[list[Trial]]:
    """For each scenario the model, the floor, and what else can do the same; a sweep; commands."""
    return [
        *(_cost_group(name, scenario) for name, scenario in cases.scenarios(requests).items()),
        _sweep_group(requests_of_a_point),
        *(_start_group(command) for command in commands),
    ]


def _cost_group(name: str, scenario: Scenario) -> list[Trial]:
    events, work = scheduled_events(scenario, SEED), simulated(scenario, SEED)
    trial = partial(Trial, "cost", name)
    model = trial(MODEL, partial(simulated, scenario, SEED), events)
    group = [model, trial(FLOOR, partial(cases.bare_timeouts, events), events)]
    if name in ALSO_PER_RECORD:
        group.append(trial(PER_RECORD, partial(per_record, scenario, SEED)))
    if name in ALSO_MOCKED and installed():
        group.append(trial(MOCK, partial(mock_cluster, scenario, work.records)))
    return group


def _sweep_group(requests: int) -> list[Trial]:
    """The same sweep on one process and on two, with what it takes to start them."""
    points = [over_requests(cases.saturating(rtt_ms), 0, requests) for rtt_ms in SWEEP_RTTS_MS]
    name = f"sweep of {len(points)} points"
    return [
        Trial("sweep", name, contender, partial(_sweep, points, jobs))
        for jobs, contender in ((1, ONE_PROCESS), (2, TWO_PROCESSES))
    ]


def _sweep(points: Sequence[Scenario], jobs: int) -> Work:
    with Workers(jobs, (cases.__name__,)) as workers:
        done = workers.map(partial(simulated, seed=SEED), points)
    return Work(points=len(done))


def _start_group(command: str) -> list[Trial]:
    """A command in a fresh process, beside an interpreter that does nothing."""
    trial = partial(Trial, "start", f"inflight {command}")
    empty = trial(PYTHON, partial(_fresh, "-c", "pass"))
    return [trial(COMMAND, partial(_inflight, command)), empty]


def _inflight(command: str) -> Work:
    with tempfile.TemporaryDirectory() as folder:
        out = ["--out", folder, "--world", "none"] if command == "compare" else []
        return _fresh("-m", experiments.__name__, command, *out)


def _fresh(*arguments: str) -> Work:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return Work()


def profile(scenario: Scenario, seed: int) -> pd.DataFrame:
    """Parts, shares of the events' time, and calls for each produce request, dearest first."""
    recorder = Recorder(scenario.producers)
    cluster = Cluster.build(scenario, seed, recorder)
    cluster.start()
    profiler = cProfile.Profile()
    profiler.runcall(cluster.env.run, until=scenario.horizon_s)
    own = pd.DataFrame(_own(pstats.Stats(profiler)), columns=["part", "share", "calls_per_request"])
    parts = own.groupby("part").sum().sort_values("share", ascending=False)
    parts["share"] = (parts["share"] / parts["share"].sum()).round(3)
    parts["calls_per_request"] = (parts["calls_per_request"] / len(recorder.requests)).round(1)
    return parts.reset_index()


def _own(stats: pstats.Stats) -> Iterator[tuple[str, float, int]]:
    """Part, seconds and calls of each function itself."""
    table: Mapping[Any, Any] = stats.stats  # type: ignore[attr-defined]  # not in typeshed
    for (file, _, _), (_, calls, own_s, _, callers) in table.items():
        if file == "~" and callers:
            for (calling, _, _), (_, its_calls, its_own_s, _) in callers.items():
                yield part_of(calling), its_own_s, its_calls
        else:
            yield part_of(file), own_s, calls


def part_of(file: str) -> str:
    """The part that a source file belongs to."""
    path = Path(file).as_posix()
    if "/simpy/" in path:
        return SIMPY
    inside = path.removeprefix(f"{MODEL_FOLDER}/")
    return next((part for start, part in PARTS.items() if inside.startswith(start)), REST)
