"""Windows are as long as what they measure, and no longer than can be simulated."""

from typing import Any

import numpy as np
import pytest

from experiments.compare.offered import MOST_GROWTH, PERCENTILES, growth, is_known, pilot
from experiments.compare.tasks import Outcome
from experiments.kit.loads import connections
from experiments.kit.properties import load_settings
from experiments.kit.windows import (
    BATCHES_OF_A_PARTITION,
    FEWEST_REQUESTS,
    FEWEST_ROUNDS,
    LINGERS,
    MOST_REQUESTS,
    RECORDS,
    ROUND_TRIPS,
)
from experiments.kit.world import World
from model import Scenario, TopicConfig, simulate


def world(*overrides: str, **given: Any) -> World:
    return World(resolved=load_settings(None, overrides, "4.1"), **given)


def load(asked: World, rate_per_s: float) -> Scenario:
    return asked.at_load(asked.own, rate_per_s)


def test_a_load_is_looked_at_over_lingers_round_trips_and_records() -> None:
    slow = world("linger.ms=100", rtt_ms=1)
    assert load(slow, 2.0).measured_s * 2.0 >= RECORDS
    assert load(slow, 100_000.0).measured_s >= RECORDS / 100_000.0
    large = world("linger.ms=100", "batch.size=1048576", rtt_ms=1)
    assert load(large, 2_000.0).measured_s >= LINGERS * 0.1
    far = world("linger.ms=0", rtt_ms=200)
    assert load(far, 300_000.0).measured_s >= ROUND_TRIPS * 0.2


def test_every_partition_gets_batches_whatever_the_rate() -> None:
    topic = TopicConfig(partitions=12, brokers=3)
    scenario = load(world(rtt_ms=2, topic=topic), 60_000.0)
    batches = scenario.measured_s * 60_000.0 / scenario.packing.records
    assert batches >= 12 * BATCHES_OF_A_PARTITION
    many = load(world(rtt_ms=2, topic=TopicConfig(partitions=10_000)), 60_000.0)
    assert many.measured_s * 60_000.0 / many.packing.records == pytest.approx(MOST_REQUESTS)


def test_a_long_linger_that_no_batch_waits_for_makes_no_long_window() -> None:
    patient = world("linger.ms=60000", rtt_ms=2)
    assert load(patient, 50_000.0).measured_s < 1


@pytest.mark.parametrize("depth", [1, 5])
@pytest.mark.parametrize("batch_bytes", [16_384, 1_048_576])
def test_full_load_holds_whole_rounds_of_every_connection(depth: int, batch_bytes: int) -> None:
    topic, given = TopicConfig(partitions=6, brokers=6), f"batch.size={batch_bytes}"
    depth_of = f"max.in.flight.requests.per.connection={depth}"
    asked = world(given, depth_of, rtt_ms=50, topic=topic, producers=2)
    run = simulate(asked.at_full_load(asked.own), seed=1)
    inside = run.request_column("handled_s") > run.scenario.warmup_s
    keys = run.request_column("producer")[inside] * 6 + run.request_column("broker")[inside]
    counts = np.unique_counts(keys).counts
    assert len(counts) == connections(run.scenario)
    fewest = max(depth * FEWEST_ROUNDS, FEWEST_REQUESTS)  # at the bound, which is not quite reached
    assert counts.min() >= 0.6 * fewest


def test_a_depth_that_memory_never_fills_asks_for_no_endless_window() -> None:
    deep = world("enable.idempotence=false", "max.in.flight.requests.per.connection=1000000")
    assert deep.at_full_load(deep.own).measured_s < 60


def test_a_closed_loop_is_looked_at_over_requests_as_small_as_it_makes_them() -> None:
    asked = world("batch.size=1048576", "linger.ms=0", rtt_ms=90, outstanding=1)
    run = simulate(asked.at_full_load(asked.own), seed=1)
    assert LINGERS <= len(run.requests) < 500


def outcomes(*percentiles_ms: float, answered: int = 100, finished: int = 1_000) -> list[Outcome]:
    return [
        Outcome({**dict.fromkeys(PERCENTILES, x), "finished": finished}, np.empty(0), [], answered)
        for x in percentiles_ms
    ]


def test_a_window_grows_until_percentiles_are_known_or_too_much_is_simulated() -> None:
    sure, unsure = (10.0, 10.1, 9.9, 10.0, 10.0), (10.0, 12.0, 8.0, 11.0, 9.0)
    assert growth(outcomes(*sure, *sure), producers=2) == 1
    assert 2 <= growth(outcomes(*sure, *unsure), producers=2) <= MOST_GROWTH
    assert growth(outcomes(*unsure, answered=MOST_REQUESTS), producers=1) == 1
    assert growth(outcomes(*unsure, finished=10**9), producers=1) == 1
    assert is_known(sure)
    assert not is_known(unsure)
    assert is_known((float("nan"), 1.0))  # in overload there is nothing to know


def test_who_is_overloaded_does_not_settle_and_needs_no_warm_up() -> None:
    asked = world("max.in.flight.requests.per.connection=1", rtt_ms=20)
    assert pilot((load(asked, 5_000.0), 1))[0] == 0
    assert pilot((load(asked, 400.0), 1))[1] > 10
