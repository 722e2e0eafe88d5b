"""The comparison's runs, and the frames that they leave.

Three phases: ``capacity``, as fast as each producer can at the headline distances; ``curve``, the
same over a range of distances; ``load``, all producers offered the same arrivals, by default a
share of what the slowest of them carries. Replication r of every point has the same seed, so all
contenders see the same arrivals and the same broker (common random numbers).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.compare.contenders import FIVE, ONE
from experiments.compare.outcome import Outcome, Task, carry_out
from experiments.compare.question import CURVE_MS, Question
from experiments.kit.pool import Workers
from model import Saturating

#: Ours: moderate load, where queues form and drain.
LOAD_SHARE = 0.6
LATENCIES = ("mean_ms", "p50_ms", "p95_ms", "p99_ms")
SHARES = np.round(np.append(np.linspace(0, 0.99, 100), [0.995, 0.999, 1.0]), 3)

Done = list[tuple[Task, Outcome]]


@dataclass(frozen=True)
class Study:
    """Frames by name: ``rows``, ``latencies``, ``in_flight``, ``requests``."""

    rows: pd.DataFrame
    latencies: pd.DataFrame
    in_flight: pd.DataFrame
    requests: pd.DataFrame

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """All of them, by the name that they are stored under."""
        return dict(vars(self))


def carry_out_study(question: Question, workers: Workers) -> Study:
    """Make every run of the comparison."""
    full = _run(_full_load_tasks(question), workers)
    capacity = [(task, outcome) for task, outcome in full if task.phase == "capacity"]
    load = _run(_load_tasks(question, capacity), workers)
    if question.outstanding is not None:  # a closed loop is its own load
        load = [(_as_load(task), outcome) for task, outcome in capacity]
    return Study(
        pd.DataFrame([_row(task, outcome) for task, outcome in full + load]),
        _latencies(load),
        _in_flight(capacity),
        _requests(capacity),
    )


def _run(tasks: Iterator[Task], workers: Workers) -> Done:
    """Every task with its outcome; what two of them ask is simulated once."""
    asked = list(tasks)
    once = {(task.scenario, task.seed): task for task in asked}
    outcomes = dict(zip(once, workers.map(carry_out, once.values()), strict=True))
    return [(task, outcomes[task.scenario, task.seed]) for task in asked]


def _full_load_tasks(question: Question) -> Iterator[Task]:
    for label, config in question.contenders.items():
        for distance, rtt_ms in question.distances_ms.items():
            scenario = question.at_full_load(config, rtt_ms)
            for replication in range(question.replications):
                seed = question.seed + replication
                yield Task("capacity", distance, label, replication, scenario, seed)
        for rtt_ms in CURVE_MS:
            scenario = question.at_full_load(config, rtt_ms)
            yield Task("curve", f"{rtt_ms:g} ms", label, 0, scenario, question.seed)


def _load_tasks(question: Question, capacity: Done) -> Iterator[Task]:
    if question.outstanding is not None:
        return
    for distance, rtt_ms in question.distances_ms.items():
        rate = question.rate_per_s
        if rate is None:
            rate = float(f"{LOAD_SHARE * _slowest(question, capacity, distance):.3g}")
        for label, config in question.contenders.items():
            scenario = question.at_load(config, rtt_ms, rate)
            for replication in range(question.replications):
                seed = question.seed + replication
                yield Task("load", distance, label, replication, scenario, seed)


def _slowest(question: Question, capacity: Done, distance: str) -> float:
    """The least that a contender carried there, per producer."""
    carried = min(
        float(outcome.figures["records_per_s"])
        for task, outcome in capacity
        if task.distance == distance
    )
    return carried / question.producers


def _as_load(task: Task) -> Task:
    return Task("load", task.distance, task.producer, task.replication, task.scenario, task.seed)


def _row(task: Task, outcome: Outcome) -> dict[str, object]:
    arrival = task.scenario.workload.arrival
    offered = getattr(arrival, "records_per_s", float("nan")) * task.scenario.producers
    return {
        "phase": task.phase,
        "distance": task.distance,
        "rtt_ms": task.scenario.path.rtt_ms,
        "producer": task.producer,
        "replication": task.replication,
        "offered_records_per_s": offered,
        **outcome.figures,
        **({} if _has_steady_latency(task) else dict.fromkeys(LATENCIES, float("nan"))),
    }


def _has_steady_latency(task: Task) -> bool:
    """A saturating producer's records wait as long as ``buffer.memory`` is deep: no figure."""
    return not isinstance(task.scenario.workload.arrival, Saturating)


def _latencies(load: Done) -> pd.DataFrame:
    """Quantiles of the latencies of all replications together."""
    values: dict[tuple[str, float, str], list[np.ndarray]] = {}
    for task, outcome in load:
        point = task.distance, task.scenario.path.rtt_ms, task.producer
        values.setdefault(point, []).append(outcome.latencies_ms)
    columns = ["distance", "rtt_ms", "producer", "share", "latency_ms"]
    rows = [
        (*point, share, latency_ms)
        for point, parts in values.items()
        for share, latency_ms in zip(
            SHARES, np.quantile(np.concatenate(parts), SHARES), strict=True
        )
        if sum(map(len, parts))
    ]
    return pd.DataFrame(rows, columns=columns)


def _in_flight(capacity: Done) -> pd.DataFrame:
    """The level after each step, from the first requests of the first replication."""
    rows = []
    for task, outcome in capacity:
        if task.replication:
            continue
        requests = outcome.requests
        steps = [(request["sent_ms"], 1) for request in requests]
        steps += [(request["handled_ms"], -1) for request in requests]
        level = 0
        for at_ms, step in sorted(steps):
            level += step
            rows.append((task.distance, task.scenario.path.rtt_ms, task.producer, at_ms, level))
    return pd.DataFrame(rows, columns=["distance", "rtt_ms", "producer", "at_ms", "level"])


def _requests(capacity: Done) -> pd.DataFrame:
    """The first requests of one in flight and of five, at every distance."""
    return pd.DataFrame(
        [
            {
                "distance": task.distance,
                "rtt_ms": task.scenario.path.rtt_ms,
                "producer": task.producer,
                **request,
            }
            for task, outcome in capacity
            if task.replication == 0 and task.producer in (ONE, FIVE)
            for request in outcome.requests
        ]
    )
