"""Who is timed beside whom: the model, SimPy alone, a per-record model, librdkafka; sweeps; starts.

Each group is one scenario; its trials are made once before they are timed, which warms the caches
and counts what is deterministic.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial

from experiments.bench.cases import ONE_FAR, ONE_NEAR, SMALL_RECORDS, cases, saturating
from experiments.bench.floor import bare_timeouts
from experiments.bench.interleaved import Trial
from experiments.bench.mock_cluster import installed, mock_cluster
from experiments.bench.per_record import per_record
from experiments.bench.work import Work, scheduled_events, simulated
from experiments.kit.horizon import over_requests
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


def cost_groups(requests: int) -> list[list[Trial]]:
    """For each scenario the model, the floor, and what else can do the same."""
    return [_cost_group(name, scenario) for name, scenario in cases(requests).items()]


def _cost_group(name: str, scenario: Scenario) -> list[Trial]:
    events, work = scheduled_events(scenario, SEED), simulated(scenario, SEED)
    trial = partial(Trial, COST, name)
    group = [
        trial(MODEL, lambda: simulated(scenario, SEED), events),
        trial(FLOOR, lambda: _floor(events), events),
    ]
    if name in ALSO_PER_RECORD:
        group.append(trial(PER_RECORD, lambda: per_record(scenario, SEED)))
    if name in ALSO_MOCKED and installed():
        group.append(trial(MOCK, lambda: mock_cluster(scenario, work.records)))
    return group


def _floor(events: int) -> Work:
    bare_timeouts(events)
    return Work()


def sweep_group(requests: int) -> list[Trial]:
    """The same sweep on one process and on two, with what it takes to start them."""
    asked = [over_requests(saturating(rtt_ms), 0, requests) for rtt_ms in SWEEP_RTTS_MS]
    name = f"sweep of {len(asked)} points"
    return [
        Trial(SWEEP, name, told, partial(_sweep, asked, jobs))
        for jobs, told in ((1, ONE_PROCESS), (2, TWO_PROCESSES))
    ]


def _sweep(asked: Sequence[Scenario], jobs: int) -> Work:
    with Workers(jobs, ("experiments.bench.work",)) as workers:
        done = workers.map(partial(simulated, seed=SEED), asked)
    requests, records = sum(it.requests for it in done), sum(it.records for it in done)
    return Work(requests, records, sum(it.simulated_s for it in done), len(done))


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
