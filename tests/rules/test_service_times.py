"""When an append stands still, by hand."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from model import Scenario, Workload, simulate
from model.broker.service_times import AppendStalls


def test_a_stall_comes_with_the_append_that_passes_its_place() -> None:
    stalls = AppendStalls(iter([100.0, 50.0, 1e9]), iter([0.2, 0.3]))
    assert [stalls.append_s(size) for size in (60, 40, 1, 49, 1)] == [0, 0, 0.2, 0, 0.3]


def test_a_large_append_may_stand_still_several_times() -> None:
    stalls = AppendStalls(iter([100.0, 50.0, 1e9]), iter([0.2, 0.3]))
    assert stalls.append_s(1_000) == 0.5


def test_without_gaps_that_end_nothing_stands_still() -> None:
    stalls = AppendStalls(itertools.repeat(float("inf")), itertools.repeat(1.0))
    assert {stalls.append_s(10**9) for _ in range(10)} == {0.0}


def test_stalls_are_as_many_and_as_long_as_the_machine_says(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    slow = machine(broker_request_us=300, broker_stall_us=2_000, broker_stalls_per_mb=2)
    run = simulate(tiny(machine=slow, workload=Workload(), measured_s=10.0), seed=1)
    stalled_ms = np.array([row.service_s * 1e3 - 0.3 for row in run.requests])
    megabytes = sum(row.size_bytes for row in run.requests) / 1e6
    assert np.mean(stalled_ms > 1e-6) == pytest.approx(2 * megabytes / len(stalled_ms), rel=0.1)
    assert stalled_ms.sum() == pytest.approx(2 * 2 * megabytes, rel=0.1)


def test_without_stalls_a_machine_is_as_fast_in_the_mean(machine: Callable[..., Any]) -> None:
    slow = machine(broker_byte_us=0.001, broker_stall_us=10_000, broker_stalls_per_mb=0.1)
    smooth = slow.without_stalls()
    assert smooth.broker_byte_us == pytest.approx(0.002)
    assert smooth.append_byte_us == slow.append_byte_us
    assert not smooth.broker_stalls_per_mb
