"""The benchmark: what is counted, what is compared, how figures follow from rows; nothing timed."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import model.network.window
from experiments.bench.cases import (
    FAULTS_ON,
    ONE_FAR,
    ONE_NEAR,
    SMALL_RECORDS,
    STRIKES,
    Work,
    bare_timeouts,
    scenarios,
    scheduled_events,
    simulated,
)
from experiments.bench.charts import bench_chart
from experiments.bench.figures import (
    COST,
    EVENTS,
    MOCK_OVER,
    OVER_FLOOR,
    PER_RECORD_OVER,
    REQUESTS_PER_CPU_S,
    TWO_OVER_ONE,
    exponent,
    exponents,
    extrapolated,
    of_timings,
)
from experiments.bench.growth import SIZES, measure, points
from experiments.bench.rivals import installed, mock_cluster, per_record
from experiments.bench.stored import excerpts, stored
from experiments.bench.trials import (
    FLOOR,
    MOCK,
    MODEL,
    PARTS,
    PER_RECORD,
    REST,
    SIMPY,
    SWEEP_RTTS_MS,
    Trial,
    interleaved,
    part_of,
    profile,
)
from experiments.commands.bench import command
from experiments.kit.loads import over_requests
from experiments.kit.store import MANIFEST, load_frame
from model import PathConfig, ProducerConfig, Scenario, Workload, simulate
from model.units import KIB


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a quick benchmark left its results."""
    out = tmp_path_factory.mktemp("bench")
    result = CliRunner().invoke(command, ["--quick", "--out", str(out)])
    assert result.exit_code == 0, result.output
    for text in ("Cost of the model", "x per-record", "Growth", "inflight --help"):
        assert text in result.output
    return out


@pytest.fixture
def saturating(tiny: Callable[..., Scenario], machine: Callable[..., object]) -> Scenario:
    """One partition, 10 ms, with every constant of the machine in play."""
    return tiny(
        machine=machine(
            client_append_us=1,
            client_request_us=30,
            client_byte_us=0.001,
            client_record_us=0.2,
            broker_request_us=300,
            broker_batch_us=10,
            broker_byte_us=0.002,
            broker_tail_us=100,
            wake_us=500,
            wake_after_us=2_000,
        ),
        linger_ms=5,
        buffer_memory_bytes=16 * 16 * KIB,
        measured_s=3.0,
    )


@pytest.mark.parametrize("in_flight", [1, 5])
@pytest.mark.parametrize("rtt_ms", [1, 50])
@pytest.mark.parametrize("value_bytes", [100, 1_000])
def test_the_per_record_model_carries_what_the_model_carries(
    in_flight: int, rtt_ms: float, value_bytes: int, saturating: Scenario
) -> None:
    producer = replace(saturating.producer, max_in_flight_requests_per_connection=in_flight)
    scenario = replace(
        saturating,
        producer=producer,
        path=PathConfig(rtt_ms=rtt_ms),
        workload=Workload(value_bytes=value_bytes),
    )
    scenario = over_requests(scenario, 0, 200)
    assert per_record(scenario, 1).records == pytest.approx(
        simulated(scenario, 1).records, rel=0.03
    )


def test_the_per_record_model_knows_its_limits(saturating: Scenario) -> None:
    with pytest.raises(AssertionError):
        per_record(replace(saturating, producers=2), 1)


def test_a_batch_of_the_per_record_model_leaves_when_its_linger_is_over(
    saturating: Scenario,
) -> None:
    """Half a millisecond between records: 11 come in the 5 ms of a batch that would hold 16."""
    slow = replace(saturating.machine, client_append_us=500.0)
    work = per_record(replace(saturating, machine=slow), 1)
    assert work.records / work.requests == pytest.approx(11, abs=1)


@pytest.mark.parametrize("name", [ONE_NEAR, ONE_FAR, SMALL_RECORDS])
def test_events_are_counted_alike_every_time_and_go_with_requests_not_records(name: str) -> None:
    scenario = scenarios(100)[name]
    events = scheduled_events(scenario, 1)
    assert scheduled_events(scenario, 1) == events
    requests = simulated(scenario, 1).requests
    assert requests < events <= 12 * requests


def test_a_floor_of_so_many_timeouts_schedules_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two more: the process begins, and it ends."""
    import simpy

    made: list[simpy.Environment] = []

    class Kept(simpy.Environment):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr(simpy, "Environment", Kept)
    bare_timeouts(1_000)
    assert next(made[0]._eid) == 1_002


def test_every_scenario_is_about_as_long_as_asked_for() -> None:
    for name, scenario in scenarios(300).items():
        if name != FAULTS_ON:
            assert 50 <= simulated(scenario, 1).requests <= 450, name


def test_with_faults_on_requests_are_lost_and_records_are_not() -> None:
    run = simulate(scenarios(300)[FAULTS_ON], 1)
    assert len(run.lost) >= STRIKES
    assert (run.guarantees.acked_missing, run.guarantees.failed) == (0, 0)


def _trials(done: list[str]) -> Iterator[Trial]:
    def does(name: str) -> Callable[[], Work]:
        def do() -> Work:
            done.append(name)
            return Work(requests=1)

        return do

    return (Trial("cost", "here", name, does(name)) for name in "abc")


def test_contenders_take_turns_and_every_other_time_backwards() -> None:
    done: list[str] = []
    rows = list(interleaved([list(_trials(done)), list(_trials(done))], 2))
    assert "".join(done) == "abcabc" + "cbacba"
    assert [row["place"] for row in rows] == list(range(12))
    assert [row["repetition"] for row in rows] == [0] * 6 + [1] * 6


def a_timing(repetition: int, contender: str, cpu_s: float, **amounts: float) -> dict[str, object]:
    rest = {"requests": 0, "records": 0, "simulated_s": 0.0, "points": 0, "events": 0}
    named = {"part": "cost", "scenario": "here", "repetition": repetition, "contender": contender}
    return {**named, "cpu_s": cpu_s, "wall_s": 2 * cpu_s, **rest, **amounts}


def test_ratios_are_formed_within_a_repetition() -> None:
    """The machine is ten times slower the second time: rates fall tenfold, ratios stay."""
    done = {"requests": 100, "records": 1_000, "events": 900}
    timings = pd.DataFrame(
        [
            row
            for repetition, slow in enumerate((1.0, 10.0, 1.0))
            for row in (
                a_timing(repetition, MODEL, 2.0 * slow, **done),
                a_timing(repetition, FLOOR, 0.5 * slow),
                a_timing(repetition, PER_RECORD, 8.0 * slow, records=100),
                a_timing(repetition, MOCK, 1.0 * slow),
            )
        ]
    )
    found = of_timings(timings).set_index("figure")
    assert list(found.loc[REQUESTS_PER_CPU_S, ["low", "median", "high"]]) == [5, 50, 50]
    # the per-record model did a tenth of the records in four times the time
    for figure, ratio in ((OVER_FLOOR, 4), (PER_RECORD_OVER, 40), (MOCK_OVER, 0.5), (EVENTS, 9)):
        assert list(found.loc[figure, ["low", "median", "high"]]) == pytest.approx([ratio] * 3)


def test_an_exponent_is_the_slope_of_the_logarithms() -> None:
    sizes = pd.Series([1.0, 10.0, 100.0, 1_000.0])
    fit = exponent(sizes, 3 * sizes**1.5)
    assert (fit.value, fit.low, fit.high) == pytest.approx((1.5, 1.5, 1.5))
    noisy = exponent(sizes, pd.Series([1.0, 11.0, 90.0, 1_050.0]))
    assert noisy.low < 1 < noisy.high
    assert np.isnan(exponent(sizes[:2], sizes[:2]).value)


def test_a_straight_line_is_prolonged_with_an_interval_that_widens() -> None:
    sizes = pd.Series([1e6, 3e6, 1e7, 1e8])
    growth = pd.DataFrame({"along": "records", "acked": sizes, COST: 2e-6 * sizes})
    exact = extrapolated(growth, COST, 1e9)
    assert (exact.value, exact.low, exact.high) == pytest.approx((2_000, 2_000, 2_000))
    growth[COST] *= [1.1, 0.9, 1.1, 0.9]
    near, far = (extrapolated(growth, COST, records) for records in (1e8, 1e9))
    assert near.high / near.low < far.high / far.low
    assert far.low < 2_000 < far.high
    assert np.isnan(extrapolated(growth[:2], COST, 1e9).value)


def test_growth_adds_a_largest_point_only_when_asked() -> None:
    usual, large = points(SIZES, large=False), points(SIZES, large=True)
    assert max(point.amounts["records"] for point in usual) == 30_000_000
    assert [point.size for point in large if point not in usual] == [100_000_000]


@pytest.mark.parametrize(("partitions", "producers"), [(1, 1), (3, 1), (1, 3)])
def test_a_point_of_growth_is_about_the_size_that_it_says(partitions: int, producers: int) -> None:
    measured = measure(60_000, partitions, producers)
    assert 30_000 <= measured["acked"] <= 90_000
    assert min(measured["peak_bytes"], measured["before_bytes"]) > 2**20


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Hypothesis has itself called at every garbage collection, and those calls are counted too."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_every_moment_and_every_call_belongs_to_a_part() -> None:
    scenario = scenarios(100)[ONE_FAR]
    one, other = profile(scenario, 1), profile(scenario, 1)
    assert one["share"].sum() == pytest.approx(1, abs=0.01)
    assert one["share"].is_monotonic_decreasing
    calls = [parts.set_index("part")["calls_per_request"].to_dict() for parts in (one, other)]
    assert calls[0] == calls[1]  # times differ, calls do not
    assert calls[0][SIMPY] > 10
    assert part_of(model.network.window.__file__) == PARTS["network/"]
    assert part_of("/anywhere/simpy/core.py") == SIMPY
    assert part_of(__file__) == REST


@pytest.mark.skipif(not installed(), reason="confluent_kafka is not installed")
def test_the_mock_cluster_acknowledges_every_record() -> None:
    scenario = Scenario(path=PathConfig(rtt_ms=1), producer=ProducerConfig())
    assert mock_cluster(scenario, 200) == Work(records=200)


@pytest.mark.slow
def test_a_quick_benchmark_leaves_rows_of_every_contender_and_a_chart(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    rows = {"timings.csv", "growth.csv", "profile.csv"}
    assert names == rows | {MANIFEST, "bench.svg", "bench.png"}
    timings, growth, parts = stored(folder)
    assert set(PARTS.values()) < set(parts["part"])
    for name in scenarios(100):
        beside = timings[timings["scenario"] == name]
        assert {MODEL, FLOOR} <= set(beside["contender"])
        # side by side: nothing else was timed between them
        assert beside["place"].max() - beside["place"].min() == len(beside) - 1
    assert (timings["cpu_s"] > 0).all()
    assert timings["points"].max() == len(SWEEP_RTTS_MS)
    assert set(exponents(growth)) >= {("records", COST), ("partitions", COST)}
    found = set(of_timings(timings)["figure"])
    assert {REQUESTS_PER_CPU_S, OVER_FLOOR, PER_RECORD_OVER, TWO_OVER_ONE} <= found


@pytest.mark.slow
def test_the_chart_names_every_scenario_and_quotes_its_rows(folder: Path) -> None:
    timings, growth, _ = stored(folder)
    chart = bench_chart(timings, growth)
    chart.draw_without_rendering()
    costs, by_cpu, _, _ = chart.axes
    assert [tick.get_text() for tick in costs.get_yticklabels()] == list(scenarios(100))
    medians = of_timings(timings).set_index(["scenario", "figure"])["median"]
    said = " ".join(text.get_text() for text in costs.texts)
    assert f"{medians[ONE_NEAR, REQUESTS_PER_CPU_S]:,.0f}" in said
    assert [str(line.get_label()).split(":")[0] for line in by_cpu.lines] == [
        "more records",
        "more partitions",
        "more producers",
    ]


def test_what_docs_quote_is_in_the_committed_rows() -> None:
    results = Path("results")
    speed = excerpts(results)["speed"]
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in speed.splitlines()}
    for folder in (results / "bench", results / "bench" / "compiled"):
        found = of_timings(load_frame(folder, "timings")).set_index(["scenario", "figure"])[
            "median"
        ]
        for name in scenarios(100):
            assert f"| {found[name, REQUESTS_PER_CPU_S]:,.0f} |" in rows[name]


def test_a_chart_without_rows_says_so() -> None:
    chart = bench_chart(pd.DataFrame(), pd.DataFrame())
    assert "nothing to draw" in chart.texts[0].get_text()


def test_an_interrupted_benchmark_keeps_what_was_timed_apart_from_whole_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> Iterator[dict[str, object]]:
        raise KeyboardInterrupt
        yield {}

    group = list(_trials([]))
    monkeypatch.setattr("experiments.commands.bench.groups", lambda *_: [group])
    monkeypatch.setattr("experiments.commands.bench.growth_rows", stopped)
    result = CliRunner().invoke(command, ["--quick", "--out", str(tmp_path)])
    assert result.exit_code != 0
    assert [path.name for path in tmp_path.iterdir()] == ["interrupted"]
    assert (tmp_path / "interrupted" / "timings.csv").is_file()
