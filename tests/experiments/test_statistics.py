"""Warm-up, equivalence, overload and the width of a ratio, on cases with known answers."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from experiments.kit.estimates import interval, log_half_width, means, paired_ratio, ratios, tost
from experiments.kit.figures import FIGURES
from experiments.kit.warmup import mser5
from model import MachineConfig, OpenLoop, PathConfig, ProducerConfig, Scenario, Workload, simulate
from model.outcome.load import Load


def test_mser5_cuts_a_step_where_it_is() -> None:
    """Ten observations of 9, then 5 +- 1 for 90: batch means 9, 9 and then 5 throughout."""
    steady = [4, 6, 5, 4, 6] * 18
    cut = mser5([9.0] * 10 + [float(x) for x in steady])
    assert (cut.observations, cut.found) == (10, True)


def test_mser5_by_hand() -> None:
    """Batch means 4, then 1 and 3 in turn, ten in all. Squares about the mean over (10 - d)^2:
    12.9/100 = 0.129 with all, 8.89/81 = 0.110 without the first, 8/64 = 0.125 without two,
    6.86/49 = 0.140 without three, 6/36 = 0.167 without four: the first batch is cut."""
    series = [float(mean) for mean in (4, *(1, 3) * 4, 1) for _ in range(5)]
    assert mser5(series).observations == 5


def test_mser5_of_a_constant_cuts_nothing() -> None:
    assert mser5([0.1] * 50).observations == 0


def test_mser5_says_when_the_series_is_too_short() -> None:
    rising = mser5([float(x) for x in range(100)])
    assert not rising.found
    assert rising.observations == 50
    assert not mser5([1.0] * 9).found


def test_tost_by_hand() -> None:
    """Logs -0.01, 0, 0.01 against 0.0, 0.0, 0.0 + the same spread: difference 0, standard error
    sqrt(2 * 0.0001 / 3) = 0.00816, 4 degrees of freedom. Margin ln 1.05 = 0.04879 is t = 5.976,
    whose one-sided p-value is 0.0020; margin ln 1.01 = 0.00995 is t = 1.219, p = 0.145."""
    ours = [math.exp(x) for x in (-0.01, 0.0, 0.01)]
    wide, narrow = tost(ours, ours, 0.05), tost(ours, ours, 0.01)
    assert wide.p_value == pytest.approx(0.0020, abs=1e-4)
    assert narrow.p_value == pytest.approx(0.145, abs=1e-3)
    assert wide.shown
    assert not narrow.shown
    assert wide.ratio.value == pytest.approx(1)
    assert math.log(wide.ratio.high) == pytest.approx(2.132 * 0.008165, rel=1e-3)


def test_no_difference_found_is_not_equivalence() -> None:
    """Two wide samples with the same mean differ by nothing that a test would find."""
    swing = [10.0, 1000.0, 100.0]
    assert not tost(swing, swing, 0.05).shown


def test_a_difference_beyond_the_margin_is_not_equivalence() -> None:
    assert not tost([2.0, 2.01, 1.99], [1.0, 1.005, 0.995], 0.05).shown


@pytest.mark.parametrize(("ratio", "shown"), [(1.0, True), (1.009, True), (1.02, False)])
def test_without_variation_the_difference_decides(ratio: float, shown: bool) -> None:
    verdict = tost([ratio] * 3, [1.0] * 3, 0.01)
    assert verdict.shown is shown
    assert verdict.ratio.exact


def test_the_width_of_a_ratio_is_that_of_its_logarithm() -> None:
    logs = [math.log(x) for x in (2.0, 2.2, 2.1)]
    of_logs = interval(logs)
    width = log_half_width(paired_ratio([2.0, 2.2, 2.1], [1.0, 1.0, 1.0]))
    assert width == pytest.approx((of_logs.high - of_logs.low) / 2)
    assert log_half_width(paired_ratio([2.0, 2.0], [1.0, 1.0])) == 0
    assert log_half_width(paired_ratio([2.0], [1.0])) == math.inf


def test_estimates_come_with_their_axes_and_refused_figures_have_none() -> None:
    rows = pd.DataFrame(
        {
            "rtt_ms": [1, 1, 1, 1],
            "depth": [1, 1, 5, 5],
            "replication": [0, 1, 0, 1],
            "x": [1.0, 2.0, 4.0, 8.0],
            "y": [1.0, np.nan, 2.0, 2.0],
        }
    )
    (ratio,) = ratios(rows, "x", "depth", 1, ["rtt_ms"]).itertuples()
    assert (ratio.rtt_ms, ratio.depth, ratio.runs) == (1, 5, 2)
    assert ratio.value == pytest.approx(4)
    mean = means(rows, "y", ["depth"]).set_index("depth")
    assert mean["value"].isna().loc[1]
    assert mean.loc[5, "value"] == 2


@pytest.mark.parametrize("arrivals", ["even", "poisson"])
@pytest.mark.parametrize(("share", "overloaded"), [(0.5, False), (1.5, True)])
def test_overload_is_detected_and_percentiles_over_survivors_are_refused(
    arrivals: str, share: float, overloaded: bool, machine: Callable[..., MachineConfig]
) -> None:
    """The broker takes 10 ms for a request of one record: 100 records a second."""
    scenario = Scenario(
        path=PathConfig(rtt_ms=0),
        producer=ProducerConfig(batch_size_bytes=1, linger_ms=0),
        workload=Workload(arrival=OpenLoop(100 * share, arrivals)),  # type: ignore[arg-type]
        machine=machine(broker_request_us=10_000),
        warm_start=True,
        warmup_s=5,
        measured_s=20,
    )
    run = simulate(scenario, seed=1)
    load = Load.of(run)
    assert load.overloaded is overloaded
    assert math.isnan(FIGURES["p99_ms"](run)) is overloaded
    assert load.offered == 2_000 * share
    if overloaded:
        assert load.finished == pytest.approx(2_000, abs=2)
        assert load.unfinished == pytest.approx(25 * 100 * (share - 1), abs=5)
