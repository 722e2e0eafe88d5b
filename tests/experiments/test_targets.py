"""The figures that are asked for, from rows made by hand: which rows count, and how."""

from collections.abc import Callable, Mapping

import pandas as pd
import pytest

from experiments.validation.errors import (
    TARGETS,
    Reached,
    capacity_per_s,
    error_table,
    ratio_pairs,
    reached,
)
from experiments.validation.prediction import scenario_of
from experiments.validation.worst import NOT_EXPLAINED, worst_rows
from model import MachineConfig

IN_FLIGHT = "max.in.flight.requests.per.connection"
ROW = {
    "cluster": "single",
    "rtt_us": "10000",
    "jitter_us": "0",
    "rate_Bps": "0",
    "loss": "0",
    "partitions": "1",
    "size": "1000",
    "key_space": "0",
    "target_rate": "0",
    "outstanding": "0",
    "secs": "1",
    "settings": f"{IN_FLIGHT}=5",
    "repeat": "1",
    "noisy": "0",
    "calibration": "0",
}


def row(error: float = 0.0, cells: Mapping[str, str] | None = None) -> dict[str, str]:
    """A row in which the model is off by so much in every figure."""
    figures = ("records_per_s", "request_latency_avg", "p50_ms", "p99_ms")
    measured = dict.fromkeys((*figures, "records_per_request_avg"), "100")
    predicted = {f"model_{figure}": str(100 * (1 + error)) for figure in measured}
    return {**ROW, **measured, **predicted, **(cells or {})}


@pytest.fixture(scope="module")
def brokers(machine: Callable[..., MachineConfig]) -> MachineConfig:
    """Half a millisecond for each request."""
    return machine(broker_request_us=500)


def figures(rows: list[dict[str, str]], machine: MachineConfig) -> dict[str, Reached]:
    return {each.target.name: each for each in reached(pd.DataFrame(rows), machine)}


def test_rows_for_calibration_and_noisy_rows_do_not_count(brokers: MachineConfig) -> None:
    rows = [row(0.01), row(9, cells={"noisy": "1"}), row(9, cells={"calibration": "1"}), row(0.02)]
    figure = figures(rows, brokers)["records/s"]
    assert figure.rows == 2
    assert [figure.median, figure.p90] == pytest.approx([1.5, 1.9])


def test_each_figure_counts_its_own_loads(brokers: MachineConfig) -> None:
    loads: list[dict[str, str]] = [{}, {"outstanding": "16"}, {"target_rate": "900"}]
    of_loads = figures([row(0.01, cells=cells) for cells in loads], brokers)
    counts = {name: figure.rows for name, figure in of_loads.items()}
    assert counts == {
        "records/s": 2,
        "records/s, large": 1,
        "records/s, loss": 0,
        "records/s, codecs": 0,
        "ratio five to one": 0,
        "request latency, mean": 3,
        "p50 of record latency": 2,
        "p99 of record latency": 1,
        "records per request": 3,
        "records per request, codecs": 0,
    }


def test_a_figure_is_missed_by_its_median_or_by_its_90th_percentile(
    brokers: MachineConfig,
) -> None:
    assert not figures([row(0.014)] * 10, brokers)["records/s"].missed
    assert figures([row(0.03)] * 10, brokers)["records/s"].missed
    assert figures([row(0.0)] * 8 + [row(-0.5)] * 2, brokers)["records/s"].missed


def test_capacity_is_that_of_the_same_settings_as_fast_as_they_can(brokers: MachineConfig) -> None:
    # 16 records in each of so many requests, 10.075 ms of path and 0.5 ms of broker
    for depth in (1, 5):
        cells = {"target_rate": "100", "settings": f"{IN_FLIGHT}={depth}"}
        capacity = capacity_per_s(scenario_of(row(cells=cells), brokers))
        assert capacity == pytest.approx(depth * 16 / 10.575e-3)


def test_an_open_loop_near_its_capacity_has_no_99th_percentile_to_be_met(
    brokers: MachineConfig,
) -> None:
    capacity = 5 * 16 / 10.575e-3
    rows = [row(cells={"target_rate": str(share * capacity)}) for share in (0.5, 0.89, 0.91, 2.0)]
    assert figures(rows, brokers)["p99 of record latency"].rows == 2


ONE = f"{IN_FLIGHT}=1"


def test_a_pair_differs_in_its_depth_alone() -> None:
    rows = [
        row(
            cells={
                "settings": f"linger.ms=0;{IN_FLIGHT}=5",
                "records_per_s": "500",
                "model_records_per_s": "440",
            }
        ),
        row(cells={"settings": f"{IN_FLIGHT}=1;linger.ms=0", "model_records_per_s": "110"}),
        row(cells={"settings": ONE}),  # another linger
        row(cells={"settings": f"linger.ms=0;{ONE}", "repeat": "2"}),
        row(cells={"settings": f"linger.ms=0;{ONE}", "rtt_us": "9"}),
    ]
    (pair,) = ratio_pairs(pd.DataFrame(rows)).to_dict("records")
    assert (pair["measured"], pair["predicted"]) == (pytest.approx(5), pytest.approx(4))
    assert pair["error"] == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("five", "one", "pairs"),
    [
        ({}, {}, 1),
        ({"calibration": "1"}, {}, 1),
        ({}, {"calibration": "1"}, 1),
        ({"calibration": "1"}, {"calibration": "1"}, 0),
        ({"noisy": "1"}, {}, 0),
        ({"target_rate": "9"}, {"target_rate": "9"}, 0),
    ],
)
def test_which_pairs_count(five: dict[str, str], one: dict[str, str], pairs: int) -> None:
    rows = pd.DataFrame([row(cells=five), row(cells={"settings": ONE, **one})])
    assert len(ratio_pairs(rows)) == pairs


def test_the_worst_rows_are_those_furthest_off_for_what_is_allowed(
    brokers: MachineConfig,
) -> None:
    rows = pd.DataFrame(
        [
            row(0.01),
            row(0.3, cells={"model_p50_ms": "100"}),
            row(9, cells={"noisy": "1"}),
            row(-0.2, cells={"target_rate": "50"}),
        ]
    )
    worst = worst_rows(rows, brokers)
    assert list(worst["row"])[:2] == ["single 2", "single 4"]
    assert list(worst["error %"])[:2] == [30.0, -20.0]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({}, NOT_EXPLAINED),
        ({"outstanding": "16", "settings": "linger.ms=0"}, "who wakes first"),
        ({"rtt_us": "1000"}, "two cores"),
        ({"settings": "batch.size=65536"}, "5 requests of 65 kB exceed the receive window:"),
        ({"settings": "batch.size=1000000"}, "A request fills 7.6 receive windows"),
        ({"target_rate": "3000", "cpu_cores": "1.05"}, "1.05 cores, for its load generator spins"),
        ({"target_rate": "7000"}, "93 % of what these settings carry"),
    ],
)
def test_a_row_that_is_off_gets_the_sentence_of_the_rule_that_applies(
    cells: dict[str, str], why: str, brokers: MachineConfig
) -> None:
    rows = pd.DataFrame([row(0.3, cells={"records_per_request_avg": "1e6", **cells})])
    assert why in worst_rows(rows, brokers)["why"].iloc[0]


def test_repeats_that_differ_explain_an_error_of_their_size(brokers: MachineConfig) -> None:
    rows = [
        row(0.3),
        row(0.0, cells={"records_per_s": "125", "request_latency_avg": "125", "repeat": "2"}),
    ]
    worst = worst_rows(pd.DataFrame(rows), brokers)
    assert "Repeats of the same settings differ by 25 %" in worst["why"].iloc[0]


def test_there_are_the_figures_that_were_asked_for() -> None:
    asked = [(target.median, target.p90) for target in TARGETS]
    rates = [(1.5, 6), (3, 10), (10, 25), (6, 15)]
    assert asked == [*rates, (2.5, 8), (2, 10), (4, 12), (10, 45), (3, 10), (5, 15)]


def test_of_several_seeds_a_figure_is_the_median(brokers: MachineConfig) -> None:
    seen = row(0.01) | {"model_records_per_s_seeds": "101;104;102"}
    figure = figures([seen] * 3, brokers)["records/s"]
    assert figure.medians == pytest.approx((1.0, 4.0, 2.0))
    assert figure.median == pytest.approx(2.0)


def test_rows_of_each_kind_have_their_own_line_and_the_worst_is_first() -> None:
    cells: list[dict[str, str]] = [
        {},
        {"outstanding": "16"},
        {"loss": "0.01"},
        {"loss": "0.01", "offload": "off"},
        {"jitter_us": "500"},
        {"rate_Bps": "1000000"},
        {"settings": "batch.size=131072", "records_per_request_avg": "129"},
        {"cluster": "trio"},
    ]
    rows = [
        row(0.01 * place, cells={"records_per_request_avg": "16", "offload": "", **each})
        for place, each in enumerate(cells)
    ]
    table = error_table(pd.DataFrame(rows))
    assert list(table["group"]) == [
        *("three brokers", "large requests", "limited rate", "jitter", "loss in segments"),
        *("loss in pieces", "closed loop", "at full speed"),
    ]
