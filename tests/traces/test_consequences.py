"""A run goes on until its faults have shown what they do; its figures stay those of the window."""

from dataclasses import replace

import pytest

from model import Fault, OpenLoop, PathConfig, ProducerConfig, Run, Scenario, Workload, simulate
from tests.conftest import IDLE_MACHINE

#: So long that TCP does not help: what was lost waits for request.timeout.ms, half a minute.
ACKS_LOST = Fault(what="lost-acks", at_s=2.0, for_s=40.0)


def scenario(*faults: Fault, measured_s: float = 4.0, **producer: object) -> Scenario:
    """100 records a second for three seconds, acks=all without idempotence."""
    return Scenario(
        path=PathConfig(rtt_ms=10),
        producer=replace(ProducerConfig(enable_idempotence=False), **producer),  # type: ignore[arg-type]
        workload=Workload(arrival=OpenLoop(100, records=300)),
        machine=IDLE_MACHINE,
        faults=faults,
        warm_start=True,
        measured_s=measured_s,
    )


def run(*faults: Fault, measured_s: float = 4.0, **producer: object) -> Run:
    """A run of that, window and all."""
    return simulate(scenario(*faults, measured_s=measured_s, **producer), seed=1)


def test_duplicates_show_however_early_the_window_ends() -> None:
    short, long = run(ACKS_LOST), run(ACKS_LOST, measured_s=200.0)
    assert short.scenario.horizon_s == 5.0
    assert 42.0 < short.ended_s < 100.0
    assert short.settled
    assert short.guarantees == long.guarantees
    assert short.guarantees.duplicates > 0
    assert run(ACKS_LOST, enable_idempotence=True).guarantees.duplicates == 0


def test_what_expires_is_waited_for() -> None:
    failing = run(ACKS_LOST, request_timeout_ms=5_000.0, delivery_timeout_ms=20_000.0)
    assert failing.guarantees.failed > 0
    assert failing.guarantees.unfinished == 0


def test_figures_are_of_the_window_all_the_same() -> None:
    short = run(ACKS_LOST)
    assert max(row.acked_s for row in short.batches) > 42.0
    assert len(short.latency_ms) == sum(
        row.records for row in short.batches if 1.0 < row.acked_s <= 5.0
    )
    assert short.records_per_s == pytest.approx(25, rel=0.1)
    assert short.request_latency_ms < 1e3


@pytest.mark.parametrize(
    "fault",
    [
        None,
        Fault(what="connection-reset", at_s=1.5),
        Fault(what="lost-acks", at_s=1.0, for_s=0.5),
        Fault(what="lost-acks", at_s=5.5, for_s=40.0),
    ],
)
def test_a_run_in_which_nothing_is_cut_short_ends_with_its_window(fault: Fault | None) -> None:
    calm = run(*([fault] if fault else []))
    assert calm.settled
    assert calm.ended_s == calm.scenario.horizon_s == 5.0


def test_a_run_that_need_not_settle_ends_with_its_window() -> None:
    cut = simulate(replace(scenario(ACKS_LOST), until_settled=False), seed=1)
    assert cut.ended_s == cut.scenario.horizon_s == 5.0
    assert not cut.settled
    assert cut.guarantees.duplicates == 0
    assert cut.guarantees.unfinished > 0


def test_records_that_only_wait_for_their_turn_do_not_keep_a_run_going() -> None:
    calm = scenario(Fault(what="nack", at_s=2.0, error="NOT_LEADER_OR_FOLLOWER", requests=1))
    queue = ProducerConfig(
        enable_idempotence=False,
        max_in_flight_requests_per_connection=1,
        linger_ms=0,
        buffer_memory_bytes=2**20,
    )
    busy = simulate(replace(calm, producer=queue, workload=Workload()), seed=1)
    assert busy.ended_s == busy.scenario.horizon_s
    assert busy.settled
    assert busy.guarantees.unfinished > 0


def test_one_that_never_settles_says_so() -> None:
    endless = {"delivery_timeout_ms": 2.0**31 - 1}
    stuck = run(Fault(what="broker-pause", at_s=1.0, for_s=10_000.0), **endless)
    assert stuck.ended_s == 605.0
    assert not stuck.settled
    assert stuck.guarantees.unfinished > 0
    assert f"unfinished={stuck.guarantees.unfinished}" in str(stuck.guarantees)
