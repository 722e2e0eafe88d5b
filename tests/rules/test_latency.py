"""Record latencies: one number for each record that was acknowledged in the window."""

import math

import numpy as np
import pytest

from model.latency import Latency, record_latencies_ms


def test_each_record_counts_from_its_own_start() -> None:
    starts_s = np.array([0.0, 0.1, 0.2, 0.3])
    spans = [(2, 2, 1.0), (0, 2, 1.5)]
    assert list(record_latencies_ms(spans, starts_s, 0.0, 2.0)) == pytest.approx(
        [800, 700, 1_500, 1_400]
    )


def test_only_acknowledgements_of_the_window_count() -> None:
    starts_s = np.zeros(4)
    spans = [(0, 1, 1.0), (1, 1, 1.5), (2, 1, 2.0), (3, 1, 2.5)]
    assert list(record_latencies_ms(spans, starts_s, 1.0, 2.0)) == [1_500, 2_000]


def test_no_records_have_no_latency() -> None:
    nothing = Latency(record_latencies_ms([], np.empty(0), 0.0, 1.0))
    assert len(nothing) == 0
    assert math.isnan(nothing.mean)
    assert math.isnan(nothing.quantile(0.5))


def test_quantiles_and_mean_are_those_of_all_records() -> None:
    latency = Latency(np.array([3.0, 1.0, 2.0, 10.0]))
    assert (latency.mean, latency.quantile(0), latency.quantile(0.5), latency.quantile(1)) == (
        4,
        1,
        2.5,
        10,
    )
