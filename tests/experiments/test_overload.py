"""One rule of overload: a question, a sweep and the comparison say the same at every load."""

import pytest

from experiments.catalogue import load
from experiments.compare.contenders import FIVE, contenders
from experiments.compare.tasks import Task, carry_out
from experiments.kit.journal import Kept
from experiments.kit.pool import Workers
from experiments.kit.progress import Progress
from experiments.kit.runner import Study
from experiments.kit.world import World
from experiments.questions import linger_load

#: What one partition carries at 2 ms with Kafka's defaults, in records/s.
CAPACITY_PER_S = 27_710
RTT_MS, LINGER_MS, SEEDS = 2.0, 5.0, 3
#: Share of it to runs that are overloaded: 2 % and three deviations of chance are tolerated.
OVERLOADED = {1.0: 0, 1.02: 0, 1.04: 0, 1.06: SEEDS, 1.08: SEEDS, 1.1: SEEDS}


def world(rate_per_s: float, fine: bool) -> World:
    """Records that arrive at random, so many a second, three times; one copy of them."""
    asked = World(rtt_ms=RTT_MS, rate_per_s=rate_per_s, replications=SEEDS, fine=fine)
    return asked.with_one_copy()


def studied(asked: World) -> int:
    """How many runs of a question, or of a sweep, are overloaded at the world's rate."""
    experiment, rate_per_s = load("linger_load"), asked.rate_per_s
    points = [
        point
        for point in experiment.chosen(asked)
        if point.levels.get("records_per_s") == rate_per_s
        and point.levels["linger_ms"] == LINGER_MS
    ]
    assert len(points) == 1
    with Workers(1) as workers, Progress("overload") as progress:
        rows = Study(experiment, asked, points, Kept(), workers, progress).rows()
    return int(rows["overloaded"].sum())


def compared(asked: World) -> int:
    """How many runs of the comparison are overloaded at the world's rate, five in flight."""
    assert asked.rate_per_s is not None
    scenario = asked.at_load(contenders(asked)[FIVE], asked.rate_per_s)
    tasks = [Task("load", "2 ms", FIVE, seed, scenario, 1 + seed) for seed in range(SEEDS)]
    return sum(carry_out(task).figures["overloaded"] for task in tasks)


@pytest.mark.parametrize(("share", "overloaded"), OVERLOADED.items())
def test_ask_sweep_and_compare_say_the_same_of_overload(
    share: float, overloaded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate_per_s = share * CAPACITY_PER_S
    monkeypatch.setattr(linger_load, "RATES_PER_S", (rate_per_s,))
    assert studied(world(rate_per_s, fine=False)) == overloaded
    assert studied(world(rate_per_s, fine=True)) == overloaded
    assert compared(world(rate_per_s, fine=False)) == overloaded
