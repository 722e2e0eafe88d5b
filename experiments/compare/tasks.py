"""One run of the comparison: where it stands, what it simulates, what it leaves."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.kit import figures
from experiments.kit.pool import Workers
from model import Run, Scenario, simulate

if TYPE_CHECKING:  # workers need none of it, and it is slow to import
    from experiments.kit.world import World

#: The first requests of a run that are kept for the space-time picture and the steps.
FIRST_REQUESTS = 60
#: Ours: more latencies than a picture, or its 99.9th percentile, can tell apart.
KEPT_LATENCIES = 20_000
MOMENTS = ("drained", "sent", "arrived", "taken", "answered", "received", "handled")
MEASURE = figures.row(
    *("records_per_s", "mb_per_s", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "request_latency_ms"),
    *("in_flight_mean", "batch_fill", "records_per_request", "bound_records_per_s", "limit"),
    *("duplicates", "inversions", "overloaded", "finished"),
)
POINT = ["distance", "rtt_ms", "producer"]


@dataclass(frozen=True, slots=True)
class Task:
    """A run to make: where it stands in the comparison, and what to simulate."""

    phase: str
    distance: str
    producer: str
    replication: int
    scenario: Scenario
    seed: int

    @property
    def point(self) -> tuple[str, float, str]:
        """What its rows begin with."""
        return self.distance, self.scenario.path.rtt_ms, self.producer

    @property
    def levels(self) -> dict[str, Any]:
        """The same by column."""
        return dict(zip(POINT, self.point, strict=True))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's figures by column, its latencies, and first replications' first requests, in ms.

    ``answered``: how many requests there were. Of very many latencies there are as many quantiles.
    """

    figures: Mapping[str, Any]
    latencies_ms: NDArray[np.float64]
    requests: list[dict[str, float]]
    answered: int


Done = list[tuple[Task, Outcome]]


def carry_out(task: Task) -> Outcome:
    """Simulate a task."""
    run = simulate(task.scenario, task.seed)
    (row,) = MEASURE(run)
    requests = [] if task.replication else first_requests(run)
    return Outcome(row, _latencies_ms(run), requests, len(run.requests))


def _latencies_ms(run: Run) -> NDArray[np.float64]:
    latency = run.latency_ms
    if not latency.exact:
        return np.array([latency.quantile(share) for share in np.linspace(0, 1, KEPT_LATENCIES)])
    kept = min(len(latency), KEPT_LATENCIES)
    places = np.linspace(0, len(latency) - 1, kept).astype(int)
    values_ms: NDArray[np.float64] = latency.values_ms[places]
    return values_ms


def first_requests(run: Run) -> list[dict[str, float]]:
    """Those of the first producer and broker, in the order in which they were sent.

    ``base_sequence`` is the last batch's, -1 without idempotence; ``appended_ms`` is when the last
    was, NaN where the answer does not wait for followers from then on.
    """
    rows = [row for row in run.requests if row.producer == 0 and row.broker == 0]
    sequences = {row.request: row.base_sequence for row in run.batches}
    appended_s = _parked_from_s(run)
    return [
        {
            "request": float(number),
            "records": row.records,
            "base_sequence": sequences[row.request],
            **{f"{moment}_ms": getattr(row, f"{moment}_s") * 1e3 for moment in MOMENTS},
            "appended_ms": appended_s.get(row.request, math.nan) * 1e3,
        }
        for number, row in enumerate(rows[:FIRST_REQUESTS])
    ]


def _parked_from_s(run: Run) -> Mapping[int, float]:
    """By request the instant from which it waited for followers; empty where nobody does."""
    if run.scenario.topic.replicas == 1 or run.scenario.producer.acks != "all":
        return {}
    return {row.request: row.appended_s for row in run.appends}


class Runs:
    """What was simulated so far: what two tasks ask alike is simulated once."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self._known: dict[tuple[Scenario, int], Callable[[], Outcome]] = {}
        self._asks = Lock()

    def of(self, tasks: Iterable[Task]) -> Done:
        """Every task with its outcome."""
        return [(task, outcome()) for task, outcome in self.ask(tasks)]

    def ask(self, tasks: Iterable[Task]) -> list[tuple[Task, Callable[[], Outcome]]]:
        """Have tasks simulated, with what to call for their outcomes."""
        wanted = [(task, (task.scenario, task.seed)) for task in tasks]
        with self._asks:  # who asks the same at once waits for the same answer
            for task, asked in wanted:
                if asked not in self._known:
                    self._known[asked] = self.workers.ask(carry_out, task)
        return [(task, self._known[asked]) for task, asked in wanted]


def replicated(
    world: "World", phase: str, distance: str, producer: str, scenario: Scenario
) -> Iterator[Task]:
    """A phase's task again and again, each time with the next seed."""
    for replication in range(world.replications or 1):
        yield Task(phase, distance, producer, replication, scenario, world.seed + replication)
