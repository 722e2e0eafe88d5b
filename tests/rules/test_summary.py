"""A run in ten lines: every figure is the run's own, and nothing is said of what there is not."""

import re

from model import Fault, OpenLoop, PathConfig, Scenario, TopicConfig, Workload, simulate

NEAR = PathConfig(rtt_ms=2)


def told(scenario: Scenario) -> dict[str, str]:
    """The lines of a run's summary by what they are called."""
    lines = simulate(scenario, seed=1).summary().splitlines()
    return {line[:12].strip(): line[12:] for line in lines}


def test_it_says_what_the_run_says() -> None:
    open_loop = Workload(arrival=OpenLoop(records_per_s=500))
    run = simulate(Scenario(path=NEAR, workload=open_loop, measured_s=1), seed=7)
    text, books = run.summary(), run.guarantees
    assert 8 <= text.count("\n") + 1 <= 12
    for figure in (
        f"{run.records_per_s:,.0f} records/s, {run.bytes_per_s / 1e6:.3g} MB/s",
        f"{run.limit}: cannot exceed {run.bound.records_per_s:,.0f}",
        f"p50 {run.latency_ms.quantile(0.5):.3g}, p95 {run.latency_ms.quantile(0.95):.3g}",
        f"{run.mean_in_flight:.3g} requests on average",
        f"{books.sent:,} sent, {books.acked:,} acknowledged",
        f"{books.unfinished} unfinished",
        "seed 7",
    ):
        assert figure in text
    assert "buffer" not in text


def test_a_full_buffer_a_spread_of_distances_and_faults_are_named() -> None:
    saturating = told(Scenario(path=NEAR, measured_s=0.5, warmup_s=0.1))
    assert "of a buffer that is always full" in saturating["latency"]
    topic, paths = TopicConfig(partitions=2, brokers=2), (NEAR, PathConfig(rtt_ms=20))
    reset = Fault(what="connection-reset", at_s=0.3)
    scenario = Scenario(path=NEAR, topic=topic, broker_paths=paths, measured_s=1, faults=(reset,))
    assert told(scenario)["scenario"].startswith("1 producer, 2 to 20 ms from 2 brokers; 2 part")
    assert told(scenario)["window"].endswith("faults: connection-reset")


def test_where_nothing_was_acknowledged_no_figure_is_made_up() -> None:
    rare = Workload(arrival=OpenLoop(records_per_s=0.01))
    lines = told(Scenario(path=NEAR, workload=rare, measured_s=0.1))
    assert lines["requests"] == "none answered in the window"
    assert lines["latency"] == "no record acknowledged in the window"
    assert not any(re.search(r"\b(nan|inf|None)\b", line) for line in lines.values())


def test_a_window_without_an_answer_is_too_short_and_limits_nothing() -> None:
    far = Scenario(path=PathConfig(rtt_ms=10_000), measured_s=0.1)
    limit = "not known: no answer came within the window; make measured_s longer"
    assert told(far)["limit"] == limit
    assert repr(simulate(far, seed=1)) == "<Run, seed 1: 0 records/s, no answer in the window>"


def test_who_falls_behind_is_told_what_was_offered() -> None:
    far = PathConfig(rtt_ms=50)
    lines = told(Scenario(path=far, workload=Workload(arrival=OpenLoop(50_000)), measured_s=0.5))
    assert lines["throughput"].endswith(" of 50,000 offered: it falls behind")
    assert lines["latency"].endswith(" ms (these only say how long the window was)")
    lines = told(Scenario(path=far, workload=Workload(arrival=OpenLoop(500)), measured_s=0.5))
    assert lines["throughput"].endswith(" of 500 offered")
    assert lines["latency"].endswith(" ms")


def test_a_notebook_shows_the_summary_and_a_shell_one_line() -> None:
    run = simulate(Scenario(path=NEAR, measured_s=0.2, warmup_s=0.1), seed=1)
    assert run._repr_html_() == f"<pre>{run.summary()}</pre>"
    assert re.fullmatch(r"<Run, seed 1: [\d,]+ records/s, limited by the [\w -]+>", repr(run))
