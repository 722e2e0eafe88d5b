"""The comparison's runs, and the frames that they leave.

Three phases: ``capacity``, as fast as each producer can at the headline distances; ``curve``, the
same over a range of distances; ``load``, all producers offered the same arrivals, by default a
share of what the slowest of them carries. Replication r of every point has the same seed, so all
contenders see the same arrivals and the same broker (common random numbers).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.compare.contenders import FIVE, ONE, Comparison
from experiments.kit import figures
from experiments.kit.loads import at_least
from experiments.kit.pool import Workers
from experiments.kit.world import LOAD_SHARE, World
from model import Run, Scenario, simulate

#: The curve of throughput over distance.
CURVE_MS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
SHARES = np.round(np.append(np.linspace(0, 0.99, 100), [0.995, 0.999, 1.0]), 3)
#: The first requests of a run that are kept for the space-time picture and the steps.
FIRST_REQUESTS = 60
MOMENTS = ("drained", "sent", "arrived", "taken", "answered", "received", "handled")
MEASURE = figures.row(
    *("records_per_s", "mb_per_s", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "request_latency_ms"),
    *("in_flight_mean", "batch_fill", "records_per_request", "bound_records_per_s", "limit"),
    *("duplicates", "inversions", "overloaded"),
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
    """A run's figures by column, its latencies, and first replications' first requests, in ms."""

    figures: Mapping[str, Any]
    latencies_ms: NDArray[np.float64]
    requests: list[dict[str, float]]


Done = list[tuple[Task, Outcome]]


def carry_out(task: Task) -> Outcome:
    """Simulate a task."""
    run = simulate(task.scenario, task.seed)
    (row,) = MEASURE(run)
    return Outcome(row, run.latency_ms.values_ms, [] if task.replication else _first_requests(run))


def _first_requests(run: Run) -> list[dict[str, float]]:
    """Those of the first producer and broker, in the order in which they were sent.

    ``base_sequence`` is the last batch's, -1 without idempotence.
    """
    rows = [row for row in run.requests if row.producer == 0 and row.broker == 0]
    sequences = {row.request: row.base_sequence for row in run.batches}
    return [
        {
            "request": float(number),
            "records": row.records,
            "base_sequence": sequences[row.request],
            **{f"{moment}_ms": getattr(row, f"{moment}_s") * 1e3 for moment in MOMENTS},
        }
        for number, row in enumerate(rows[:FIRST_REQUESTS])
    ]


def carry_out_study(asked: Comparison, workers: Workers) -> dict[str, pd.DataFrame]:
    """Make every run; the frames ``rows``, ``latencies``, ``in_flight`` and ``requests``."""
    full = _run(_full_load_tasks(asked), workers)
    capacity = [(task, outcome) for task, outcome in full if task.phase == "capacity"]
    if asked.world.outstanding is not None:  # a closed loop is its own load
        load = [(replace(task, phase="load"), outcome) for task, outcome in capacity]
    else:
        load = _run(_load_tasks(asked, capacity), workers)
    return {
        "rows": pd.DataFrame([_row(task, outcome) for task, outcome in full + load]),
        "latencies": _latencies(load),
        "in_flight": _in_flight(capacity),
        "requests": _requests(capacity),
    }


def _run(tasks: Iterator[Task], workers: Workers) -> Done:
    """Every task with its outcome; what two of them ask is simulated once."""
    wanted = list(tasks)
    once = {(task.scenario, task.seed): task for task in wanted}
    outcomes = dict(zip(once, workers.map(carry_out, once.values()), strict=True))
    return [(task, outcomes[task.scenario, task.seed]) for task in wanted]


def _replicated(
    world: World, phase: str, distance: str, producer: str, scenario: Scenario
) -> Iterator[Task]:
    """A phase's task again and again, each time with the next seed."""
    for replication in range(world.replications or 1):
        yield Task(phase, distance, producer, replication, scenario, world.seed + replication)


def _full_load_tasks(asked: Comparison) -> Iterator[Task]:
    world = asked.world
    for label, config in asked.contenders.items():
        for distance, rtt_ms in asked.distances_ms.items():
            scenario = world.at_full_load(config, rtt_ms)
            yield from _replicated(world, "capacity", distance, label, scenario)
        for rtt_ms in CURVE_MS:
            scenario = world.at_full_load(config, rtt_ms)
            yield Task("curve", f"{rtt_ms:g} ms", label, 0, scenario, world.seed)


def _load_tasks(asked: Comparison, capacity: Done) -> Iterator[Task]:
    world = asked.world
    for distance, rtt_ms in asked.distances_ms.items():
        rate = world.rate_per_s
        if rate is None:
            carried = [
                out.figures["records_per_s"] for t, out in capacity if t.distance == distance
            ]
            rate = float(f"{LOAD_SHARE * (min(carried) / world.producers):.3g}")
        loads = [world.at_load(config, rate, rtt_ms) for config in asked.contenders.values()]
        warmup_s, measured_s = max(s.warmup_s for s in loads), max(s.measured_s for s in loads)
        for label, scenario in zip(asked.contenders, loads, strict=True):
            same = at_least(scenario, warmup_s, measured_s)  # all over the same arrivals
            yield from _replicated(world, "load", distance, label, same)


def _row(task: Task, outcome: Outcome) -> dict[str, object]:
    arrival = task.scenario.workload.arrival
    offered = getattr(arrival, "records_per_s", float("nan")) * task.scenario.producers
    named = {"phase": task.phase, **task.levels, "replication": task.replication}
    return {**named, "offered_records_per_s": offered, **outcome.figures}


def _latencies(load: Done) -> pd.DataFrame:
    """Quantiles of the latencies of all replications together; NaN if any is overloaded."""
    rows = []
    for point in dict.fromkeys(task.point for task, _ in load):
        outcomes = [outcome for task, outcome in load if task.point == point]
        values_ms = np.concatenate([outcome.latencies_ms for outcome in outcomes])
        if any(outcome.figures["overloaded"] for outcome in outcomes):
            values_ms = np.full(1, np.nan)
        if len(values_ms):
            quantiles_ms = np.quantile(values_ms, SHARES)
            rows += [(*point, *pair) for pair in zip(SHARES, quantiles_ms, strict=True)]
    return pd.DataFrame(rows, columns=[*POINT, "share", "latency_ms"])


def _in_flight(capacity: Done) -> pd.DataFrame:
    """The level after each step, from the first requests of the first replication."""
    rows = []
    for task, outcome in capacity:
        level = 0
        steps = [(request["sent_ms"], 1) for request in outcome.requests]
        steps += [(request["handled_ms"], -1) for request in outcome.requests]
        for at_ms, step in sorted(steps):
            level += step
            rows.append((*task.point, at_ms, level))
    return pd.DataFrame(rows, columns=[*POINT, "at_ms", "level"])


def _requests(capacity: Done) -> pd.DataFrame:
    """The first requests of one in flight and of five, at every distance."""
    wanted = [(task, outcome) for task, outcome in capacity if task.producer in (ONE, FIVE)]
    rows = [task.levels | request for task, outcome in wanted for request in outcome.requests]
    return pd.DataFrame(rows)
