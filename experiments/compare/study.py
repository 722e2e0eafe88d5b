"""The comparison's runs, and the frames that they leave.

Three phases: ``capacity``, as fast as each producer can at the headline distances; ``curve``, the
same over a range of distances; ``load``, all producers offered the same arrivals, by default a
share of what the slowest of them carries. Where partitions have several copies, one in flight and
five run at full load with one copy too. Replication r of every point has the same seed, so all
contenders see the same arrivals and the same broker (common random numbers).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from experiments.compare.contenders import FIVE, ONE, Comparison
from experiments.compare.full_load import CURVE_MS, full_load, with_one_copy
from experiments.compare.offered import measured
from experiments.compare.tasks import POINT, Done, Outcome, Runs, Task
from experiments.kit.world import LOAD_SHARE

SHARES = np.round(np.append(np.linspace(0, 0.99, 100), [0.995, 0.999, 1.0]), 3)


def carry_out_study(
    asked: Comparison,
    runs: Runs,
    curve_ms: Sequence[float] = CURVE_MS,
    begun: Callable[[dict[str, pd.DataFrame]], None] = lambda _: None,
) -> dict[str, pd.DataFrame]:
    """Make every run; the frames ``rows``, ``latencies``, ``in_flight`` and ``requests``.

    Also ``copies``, where there are several: what of one in flight and five is not ``load``, with
    one copy and with all. ``begun`` gets what is known before all are offered the same: the first
    two phases.
    """
    tasks, alone = list(full_load(asked, curve_ms)), list(with_one_copy(asked, curve_ms))
    full = runs.of([*tasks, *alone])[: len(tasks)]
    capacity = [(task, outcome) for task, outcome in full if task.phase == "capacity"]
    known = {"in_flight": _in_flight(capacity), "requests": _requests(capacity)}
    if alone:
        known["copies"] = copies(asked, runs, curve_ms)
    begun({"rows": pd.DataFrame([_row(task, outcome) for task, outcome in full]), **known})
    if asked.world.outstanding is not None:  # a closed loop is its own load
        load = [(replace(task, phase="load"), outcome) for task, outcome in capacity]
    else:
        load = _load(asked, capacity, runs)
    return {
        "rows": pd.DataFrame([_row(task, outcome) for task, outcome in full + load]),
        "latencies": _latencies(load),
        **known,
    }


def copies(asked: Comparison, runs: Runs, curve_ms: Sequence[float] = CURVE_MS) -> pd.DataFrame:
    """Rows of one in flight and five at full load, by how many copies there are."""
    several = [task for task in full_load(asked, curve_ms) if task.producer in (ONE, FIVE)]
    return pd.DataFrame(
        [
            {"replicas": task.scenario.topic.replicas, **_row(task, outcome)}
            for task, outcome in runs.of([*with_one_copy(asked, curve_ms), *several])
        ]
    )


def _load(asked: Comparison, capacity: Done, runs: Runs) -> Done:
    """All contenders of each distance offered the same, the user's rate or a share of the least."""
    world, begun = asked.world, list[Callable[[], Done]]()
    for distance, rtt_ms in asked.distances_ms.items():
        rate = world.rate_per_s
        if rate is None:
            carried = [
                out.figures["records_per_s"] for t, out in capacity if t.distance == distance
            ]
            rate = float(f"{LOAD_SHARE * (min(carried) / world.producers):.3g}")
        loads = {
            label: world.at_load(config, rate, rtt_ms) for label, config in asked.contenders.items()
        }
        begun.append(runs.workers.begin(partial(measured, world, distance, loads, runs)))
    return [each for done in begun for each in done()]


def _row(task: Task, outcome: Outcome) -> dict[str, object]:
    arrival = task.scenario.workload.arrival
    offered = getattr(arrival, "records_per_s", float("nan")) * task.scenario.producers
    named = {"phase": task.phase, **task.levels, "replication": task.replication}
    window = {"warmup_s": task.scenario.warmup_s, "measured_s": task.scenario.measured_s}
    return {**named, **window, "offered_records_per_s": offered, **outcome.figures}


def _latencies(load: Done) -> pd.DataFrame:
    """Quantiles of the latencies of all replications together; NaN if any is overloaded."""
    rows = []
    for point in dict.fromkeys(task.point for task, _ in load):
        outcomes = [outcome for task, outcome in load if task.point == point]
        values_ms = np.concatenate([outcome.latencies_ms for outcome in outcomes])
        if any(outcome.figures["overloaded"] for outcome in outcomes) or not len(values_ms):
            values_ms = np.full(1, np.nan)
        rows += [
            (*point, *pair) for pair in zip(SHARES, np.quantile(values_ms, SHARES), strict=True)
        ]
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
