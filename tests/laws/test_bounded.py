"""No simulated throughput is above its closed-form bound, where nothing is random."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model import (
    ClosedLoop,
    OpenLoop,
    PathConfig,
    Run,
    Saturating,
    Scenario,
    TopicConfig,
    Workload,
    simulate,
)
from model.outcome.bound import BROKER_CONNECTION, IN_FLIGHT_WINDOW

ROUNDING = 1 + 1e-9


@given(data=st.data())
def test_throughput_never_passes_the_bound(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    arrival = scenario.workload.arrival
    assume(not isinstance(arrival, OpenLoop) or arrival.arrivals == "even")
    assume(scenario.producer.acks != "0")  # its socket may fill up for longer than the run
    smooth = replace(
        scenario,
        machine=replace(scenario.machine, broker_tail_us=0),
        topic=replace(scenario.topic, brokers=1),
        warmup_s=0.1,
        measured_s=0.3,
    )
    run = simulate(smooth, 1)
    assume(run.requests and run.requests[-1].handled_s > smooth.warmup_s)
    assert run.records_per_s <= run.bound.records_per_s * (1 + cut(run))


def cut(run: Run) -> float:
    """The share of a connection's records that one round of its requests is at most.

    The window of the rate and that of the mean request are cut at requests, and where memory or
    the application lets fewer requests fly than the window would, a round is cut as well.
    """
    rows = [row for row in run.requests if row.handled_s > run.scenario.warmup_s]
    per_round = run.scenario.producer.max_in_flight_requests_per_connection
    largest = max(row.records for row in rows) / run.mean_request.records
    return largest * per_round * run.scenario.producers / len(rows)


def test_brokers_that_take_turns_do_not_add_up(tiny: Callable[..., Scenario]) -> None:
    run = simulate(
        tiny(
            linger_ms=5,
            topic=TopicConfig(partitions=3, brokers=3),
            workload=Workload(arrival=ClosedLoop(1)),
            max_in_flight_requests_per_connection=1,
            warmup_s=0.1,
            measured_s=1.0,
        ),
        seed=1,
    )
    # one record after the other, 5 ms of linger and 10.3 there and back, whichever broker
    assert run.records_per_s == pytest.approx(1 / 15.3e-3, rel=0.02)


def test_the_link_bounds_a_producer_without_acks_and_with_the_systems_send_buffer(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            path=PathConfig(rtt_ms=2, bytes_per_s=1e6),
            machine=machine(client_request_us=100, broker_request_us=300),
            acks="0",
            enable_idempotence=False,
            send_buffer_bytes=-1,
            warmup_s=6.0,  # the system's 4 MiB are full after 4.2 s
            measured_s=2.0,
        ),
        seed=1,
    )
    # a megabyte a second carries less than 1,000 records of 1,000 bytes a second
    assert run.records_per_s <= 1_000
    assert run.records_per_s <= run.bound.records_per_s * ROUNDING


@pytest.mark.parametrize("outstanding", [1, 40])
def test_the_client_bounds_a_closed_loop_without_acks(
    outstanding: int, tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            machine=machine(client_request_us=100, broker_request_us=300, client_append_us=1),
            workload=Workload(arrival=ClosedLoop(outstanding), value_bytes=10),
            acks="0",
            enable_idempotence=False,
            measured_s=0.2,
        ),
        seed=1,
    )
    assert run.records_per_s > outstanding / run.scenario.path.rtt_s  # no round trip is awaited
    assert run.records_per_s <= run.bound.records_per_s * ROUNDING


@pytest.mark.parametrize("rtt_ms", [0.2, 1.0, 2.0, 10.0, 50.0])
@pytest.mark.parametrize("in_flight", [1, 2, 5])
def test_a_saturated_connection_reaches_the_bound(
    rtt_ms: float, in_flight: int, tiny: Callable[..., Scenario]
) -> None:
    run = simulate(
        tiny(
            path=PathConfig(rtt_ms=rtt_ms),
            max_in_flight_requests_per_connection=in_flight,
            warmup_s=0.5,
            measured_s=1.0,
        ),
        seed=1,
    )
    # X(n) = min(n / (Z + S), 1 / S) with S = 0.3 ms and Z = rtt: 16 records each
    service_s, away_s = 0.3e-3, rtt_ms * 1e-3
    by_hand = 16 * min(in_flight / (away_s + service_s), 1 / service_s)
    assert run.records_per_s == pytest.approx(by_hand, rel=1e-9)
    assert run.bound.records_per_s == pytest.approx(by_hand, rel=1e-9)
    window = in_flight * service_s < away_s + service_s
    assert run.limit == (IN_FLIGHT_WINDOW if window else BROKER_CONNECTION)


@pytest.mark.parametrize("arrival", [Saturating(), ClosedLoop(64)])
def test_five_in_flight_gain_one_plus_z_over_s_at_most(
    arrival: Saturating | ClosedLoop, tiny: Callable[..., Scenario]
) -> None:
    rates = [
        simulate(
            tiny(
                path=PathConfig(rtt_ms=0.6),
                max_in_flight_requests_per_connection=in_flight,
                workload=Workload(arrival=arrival),
                warmup_s=0.1,
                measured_s=0.5,
            ),
            seed=1,
        ).records_per_s
        for in_flight in (1, 5)
    ]
    assert rates[1] / rates[0] == pytest.approx(1 + 0.6 / 0.3, rel=1e-9)
