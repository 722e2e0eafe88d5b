"""The load phase: all producers see the same arrivals, until their percentiles are known.

By the sweeps' own rules: a pilot of each producer finds its warm-up (MSER-5), and all are measured
after the longest. A distance whose percentiles are not known after all replications is looked at
again through a longer window, for all of its producers, until they are or ``MOST_REQUESTS`` are
simulated in one run. Windows grow rather than replications: a percentile of a short window is not
only uncertain, it lies beside that of a long one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from experiments.compare.tasks import Done, Outcome, Runs, replicated
from experiments.kit.loads import at_least
from experiments.kit.warmup import steady_from_s
from experiments.kit.windows import MOST_REQUESTS
from model import Scenario, simulate
from model.outcome.load import Load

if TYPE_CHECKING:  # workers need none of it, and it is slow to import
    from experiments.kit.world import World

#: Ours: a percentile's standard error over replications, as a share of it. With five of them its
#: 95 % interval is then 5 or 6 % each way.
KNOWN_TO = 0.02
PERCENTILES = ("p50_ms", "p99_ms")
#: Ours: what a window must be longer by to be simulated again, and how it grows at once.
WORTH_GROWING, LEAST_GROWTH, MOST_GROWTH = 1.5, 2.0, 8.0
#: Ours: so many latencies are read off one run at most.
MOST_LATENCIES = 1_000_000
#: Ours: so many windows make a pilot, if these are not more than ``MOST_REQUESTS``.
PILOT_WINDOWS = 8

#: Scenarios by producer.
Loads = Mapping[str, Scenario]


def measured(world: "World", distance: str, loads: Loads, runs: Runs) -> Done:
    """Every replication of every producer, all over one window that is long enough."""
    loads = _warmed_up(world, loads, runs)
    while True:
        tasks = [
            task
            for label, scenario in loads.items()
            for task in replicated(world, "load", distance, label, scenario)
        ]
        done = runs.of(tasks)
        times = growth([outcome for _, outcome in done], len(loads))
        if times < WORTH_GROWING:
            return done
        loads = {label: _longer(scenario, times) for label, scenario in loads.items()}


def _warmed_up(world: "World", loads: Loads, runs: Runs) -> Loads:
    """The same over one window, after the longest warm-up that a pilot of any of them finds.

    Pilots are several windows long: what a window is too short for shows only there. Whether
    batches are numbered makes no other warm-up, so there is one pilot for both.
    """
    seed = world.seed + (world.replications or 1)  # that of no replication
    loads = _alike(loads)
    differing = list({_unnumbered(scenario): scenario for scenario in loads.values()}.values())
    short = runs.workers.map(pilot, [(scenario, seed) for scenario in differing])
    largest = max(1, *(answered for _, answered in short))
    room = max(1.0, min(PILOT_WINDOWS, MOST_REQUESTS / largest))
    long = [(_longer(scenario, room), seed) for scenario in differing]
    warmup_s = max(steady_s for steady_s, _ in runs.workers.map(pilot, long))
    return {label: at_least(scenario, warmup_s, 0.0) for label, scenario in loads.items()}


def _unnumbered(scenario: Scenario) -> Scenario:
    return replace(scenario, producer=replace(scenario.producer, enable_idempotence=False))


def pilot(asked: tuple[Scenario, int]) -> tuple[float, int]:
    """When a scenario's warm-up ends, and how many requests were answered.

    Who is overloaded never settles, and has no percentiles to be right.
    """
    scenario, seed = asked
    run = simulate(replace(scenario, warmup_s=0.0, measured_s=scenario.horizon_s), seed)
    return 0.0 if Load.of(run).overloaded else steady_from_s(run), len(run.requests)


def growth(outcomes: Sequence[Outcome], producers: int) -> float:
    """How many times as long the window must be for all percentiles to be known; 1 if they are.

    ``outcomes`` are those of one producer after the other. No longer than ``MOST_REQUESTS`` and
    ``MOST_LATENCIES`` allow.
    """
    requests = max(1, *(outcome.answered for outcome in outcomes))
    records = max(1.0, *(outcome.figures["finished"] for outcome in outcomes))
    room = min(MOST_REQUESTS / requests, MOST_LATENCIES / records)
    of_each = np.array_split(np.arange(len(outcomes)), producers)
    wanted = max(
        wanted_growth([float(outcomes[place].figures[name]) for place in places])
        for places in of_each
        for name in PERCENTILES
    )
    grown = min(max(wanted, LEAST_GROWTH), room, MOST_GROWTH)
    return max(1.0, grown) if wanted >= WORTH_GROWING else 1.0


def wanted_growth(percentiles: Sequence[float]) -> float:
    """How many times as long a window makes their mean's standard error ``KNOWN_TO`` of it.

    Errors fall with the root of the length. 0 where there is nothing to know.
    """
    if len(percentiles) < 2 or not np.isfinite(percentiles).all():
        return 0.0
    error = np.std(percentiles, ddof=1) / math.sqrt(len(percentiles)) / np.mean(percentiles)
    return float(error / KNOWN_TO) ** 2


def is_known(percentiles: Sequence[float]) -> bool:
    """Whether replications of a percentile agree well enough."""
    return wanted_growth(percentiles) < WORTH_GROWING


def _alike(loads: Loads) -> Loads:
    """All over the longest window of any: the same arrivals."""
    warmup_s = max(scenario.warmup_s for scenario in loads.values())
    measured_s = max(scenario.measured_s for scenario in loads.values())
    return {label: at_least(scenario, warmup_s, measured_s) for label, scenario in loads.items()}


def _longer(scenario: Scenario, times: float) -> Scenario:
    return replace(scenario, measured_s=times * scenario.measured_s)
