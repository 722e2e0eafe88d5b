"""A run as a value, and its throughput where a window holds no whole round."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from experiments.kit.figures import FIGURES
from model import (
    ConfigError,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Scenario,
    Workload,
    simulate,
)
from model.wire.sizes import Packing, RecordShape

FAR = PathConfig(rtt_ms=50)


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_window_without_a_whole_round_counts_all_of_its_requests(depth: int) -> None:
    """The first answers come together, and are followed by no second round."""
    producer = ProducerConfig(max_in_flight_requests_per_connection=depth)
    run = simulate(Scenario(path=FAR, producer=producer, measured_s=0.055), seed=1)
    assert run.records_per_s == pytest.approx(depth * 16 / 0.055)


def test_a_window_without_a_whole_round_says_so() -> None:
    producer = ProducerConfig(max_in_flight_requests_per_connection=5)
    short = simulate(Scenario(path=FAR, producer=producer, measured_s=0.055), seed=1)
    longer = simulate(Scenario(path=FAR, producer=producer, measured_s=0.2), seed=1)
    assert short.too_short
    assert "too short to tell" in short.summary()
    assert not longer.too_short
    assert "too short" not in longer.summary()
    assert np.isnan(FIGURES["records_per_s"](short))
    assert FIGURES["records_per_s"](longer) == longer.records_per_s


def test_without_an_answer_nothing_is_carried_and_that_is_told() -> None:
    silent = simulate(Scenario(path=FAR, measured_s=0.01, warmup_s=0, warm_start=True), seed=1)
    assert silent.records_per_s == 0
    assert not silent.too_short


def test_runs_of_one_scenario_and_seed_have_equal_rows_and_are_two_runs() -> None:
    scenario = Scenario(path=FAR, measured_s=0.1)
    one, other = simulate(scenario, seed=3), simulate(scenario, seed=3)
    assert one.requests == other.requests
    assert one != other
    assert len({one, other, one}) == 2


@pytest.mark.parametrize("seed", [-1, 1.5, "a", None, True])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(ConfigError, match=r"^seed=.*: must be a whole number >= 0$"):
        simulate(Scenario(path=FAR, measured_s=0.1), seed)


def test_numpys_whole_number_is_a_seed_and_only_a_scenario_is_run() -> None:
    for seed in (np.int64(1), 0):
        whole: Any = seed
        assert simulate(Scenario(path=FAR, measured_s=0.1), whole).seed == seed
    with pytest.raises(ConfigError, match=r"^scenario=PathConfig: must be a Scenario$"):
        simulate(FAR, 1)  # type: ignore[arg-type]  # that is the point


def test_fill_is_the_mean_of_the_batches_as_a_share_of_their_limit(
    tiny: Callable[..., Scenario],
) -> None:
    """Two batches that are full to the byte, and one with a single record."""
    full_bytes = Packing(RecordShape(100), 10_000).sizes[3]
    arrival = OpenLoop(10_000.0, records=7)
    scenario = tiny(
        workload=Workload(arrival=arrival, value_bytes=100),
        batch_size_bytes=full_bytes,
        linger_ms=5,
    )
    sizes = simulate(scenario, seed=1).batches.column("size_bytes").tolist()
    assert sizes == [full_bytes, full_bytes, pytest.approx(sizes[2])]
    share = (2 + sizes[2] / full_bytes) / 3
    assert simulate(scenario, seed=1).batch_fill == pytest.approx(share)
