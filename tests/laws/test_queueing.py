"""Theory with known answers, compared by an interval over replications: nobody picks a tolerance.

Student's t for 99 % two-sided: 2.861 with 19 degrees of freedom.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from model import OpenLoop, PathConfig, Run, Scenario, Workload, simulate

REPLICATIONS = 20
T_99 = 2.861


def interval(values: list[float]) -> tuple[float, float]:
    """Mean and half width over the replications."""
    return float(np.mean(values)), float(T_99 * np.std(values, ddof=1) / math.sqrt(len(values)))


@pytest.mark.slow
def test_poisson_requests_wait_for_the_link_as_in_md1(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    # one record a batch and a request, no limit in flight or in the socket: each request finds
    # the link free or queues for it; a request of 52 + 61 + 109 bytes takes 1 ms
    scenario = tiny(
        path=PathConfig(rtt_ms=0, bytes_per_s=222_000),
        machine=machine(),
        workload=Workload(arrival=OpenLoop(600, "poisson"), value_bytes=100),
        batch_size_bytes=1,
        enable_idempotence=False,
        max_in_flight_requests_per_connection=1_000,
        send_buffer_bytes=-1,
        warmup_s=0.2,
        measured_s=2.5,
    )
    # the answer's 100 bytes take their time on the way back, where nothing waits
    on_the_wire_ms = 1.0 + 100 / 222
    means_ms = [simulate(scenario, seed).latency_ms.mean for seed in range(REPLICATIONS)]
    waits_ms = [mean_ms - on_the_wire_ms for mean_ms in means_ms]
    mean_ms, half_width_ms = interval(waits_ms)
    theory_ms = 0.6 * 1.0 / (2 * (1 - 0.6))
    assert abs(mean_ms - theory_ms) < half_width_ms < 0.15 * theory_ms


@pytest.mark.parametrize(
    ("records_per_s", "linger_ms"), [(1_000, 5), (2_000, 5), (5_000, 5), (1_000, 20)]
)
def test_batches_of_poisson_records_close_by_number_or_by_linger(
    records_per_s: float, linger_ms: float, tiny: Callable[..., Scenario]
) -> None:
    # A batch holds 16 records to its last byte (61 + 16 * 1,009) and is closed by the 16th or by
    # its linger. With m = E[min(Erlang(15, rate), linger)] the mean batch is 1 + rate * m.
    scenario = tiny(
        path=PathConfig(rtt_ms=0),
        workload=Workload(arrival=OpenLoop(records_per_s, "poisson")),
        linger_ms=linger_ms,
        batch_size_bytes=61 + 16 * 1_009,
        enable_idempotence=False,
        max_in_flight_requests_per_connection=1_000,
        warmup_s=0.1,
        measured_s=2.0,
    )
    sizes = [_records_per_batch(simulate(scenario, seed)) for seed in range(REPLICATIONS)]
    mean, half_width = interval(sizes)
    # The client counts in whole ms, so a Sender that is awake anyway may find a linger over that
    # is up to 1 ms short of it.
    latest, earliest = (
        1 + expected_further_records(records_per_s * ms / 1e3, 15)
        for ms in (linger_ms, linger_ms - 1)
    )
    assert earliest - half_width <= mean <= latest + half_width
    assert half_width < 0.05 * latest


def _records_per_batch(run: Run) -> float:
    return float(np.mean([row.records for row in run.batches]))


def expected_further_records(load: float, most: int) -> float:
    """E[min(N, most)] for N Poisson with mean ``load``: what still comes within the linger."""
    chances = [math.exp(-load) * load**n / math.factorial(n) for n in range(most)]
    return most - sum((most - n) * chance for n, chance in enumerate(chances))


def test_the_expectation_is_that_of_the_published_table() -> None:
    # measured elsewhere by Monte Carlo: 6.000, 10.897, 15.976, 15.750 records a batch
    table = {5: 6.000, 10: 10.897, 25: 15.976, 20: 15.750}
    for load, size in table.items():
        assert 1 + expected_further_records(load, 15) == pytest.approx(size, abs=2e-3)
