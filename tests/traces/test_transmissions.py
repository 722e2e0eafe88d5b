"""Runs whose requests or answers do not simply cross: 10 ms there and back, 0.3 ms at the broker.

Times in ms.
"""

from collections.abc import Callable
from typing import Any

import pytest

from model import Fault, OpenLoop, PathConfig, Run, Saturating, Scenario, Workload, simulate
from model.outcome import recorder

Row = tuple[int, str, str, str, float, float]
World = Callable[..., Run]


@pytest.fixture
def world(tiny: Callable[..., Scenario]) -> World:
    """A run of one record of 1,000 bytes, or several 2 ms apart, one in each batch."""

    def make(*faults: Fault, records: int = 1, **changes: Any) -> Run:
        settings: dict[str, Any] = {
            "batch_size_bytes": 1_100,
            "retry_backoff_jitter": 0.0,
            "retry_backoff_max_ms": 100.0,
            "reconnect_backoff_ms": 0.0,
            "request_timeout_ms": 1_000.0,
            "workload": Workload(arrival=OpenLoop(500, records=records)),
            "faults": faults,
            "measured_s": 5.0,
        }
        return simulate(tiny(**settings | changes), seed=1)

    return make


def in_ms(at_s: float) -> float:
    return round(at_s * 1e3, 3)


def on_the_way(run: Run) -> list[Row]:
    """Request, way, fate, why, from when, until when."""
    return [
        (row.request, row.way, row.fate, row.held_by, in_ms(row.from_s), in_ms(row.until_s))
        for row in run.transmissions
    ]


def test_without_faults_there_is_nothing_to_report(world: World) -> None:
    run = world(records=6)
    assert len(run.requests) == 6
    assert run.transmissions == []
    assert run.transmissions_left_out == 0


def test_a_request_that_is_lost_arrives_when_tcp_has_sent_it_again(world: World) -> None:
    run = world(Fault(what="lost-requests", at_s=0.0, for_s=0.1))
    # sent again a timeout of 200 ms and a round trip after 0
    assert on_the_way(run) == [
        (0, "out", "lost", "", 0, 0),
        (0, "out", "resent", "", 210, 215),
    ]
    [request] = run.requests
    assert request.arrived_s == pytest.approx(0.215)


def test_an_answer_that_is_lost_arrives_when_tcp_has_sent_it_again(world: World) -> None:
    run = world(Fault(what="lost-acks", at_s=0.0, for_s=0.1))
    assert on_the_way(run) == [
        (0, "back", "lost", "", 5.3, 5.3),
        (0, "back", "resent", "", 215.3, 220.3),
    ]
    [request] = run.requests
    assert request.received_s == pytest.approx(0.2203)


def test_a_copy_that_comes_to_a_client_that_gave_up_is_cut_off_and_not_resent(
    world: World,
) -> None:
    run = world(Fault(what="lost-acks", at_s=0.0, for_s=0.1), request_timeout_ms=200.0)
    # given up at 201
    assert on_the_way(run)[:2] == [
        (0, "back", "lost", "", 5.3, 5.3),
        (0, "back", "cut off", "", 5.3, 220.3),
    ]
    assert not [row for row in run.transmissions if row.fate == "resent"]


def test_an_answer_to_a_connection_that_was_reset_is_cut_off_and_not_lost(world: World) -> None:
    run = world(Fault(what="connection-reset", at_s=0.006))
    assert on_the_way(run) == [(0, "back", "cut off", "", 5.3, 10.3)]


def test_a_request_that_finds_its_broker_dead_is_cut_off_and_not_lost(world: World) -> None:
    run = world(Fault(what="broker-crash", at_s=0.001, for_s=0.1))
    assert on_the_way(run)[0] == (0, "out", "cut off", "", 0, 5)
    assert not [row for row in run.transmissions if row.fate == "lost"]


def test_a_request_that_takes_long_is_not_lost(world: World) -> None:
    run = world(Fault(what="latency-spike", at_s=0.0, for_s=0.1, rtt_ms=500.0))
    [request] = run.requests
    assert request.arrived_s == pytest.approx(0.25)
    assert run.transmissions == []


def test_a_new_connection_holds_a_large_request_back(world: World) -> None:
    arrival = OpenLoop(100_000, records=40)
    large = {"batch_size_bytes": 65_536, "linger_ms": 1.0}
    run = world(warm_start=False, workload=Workload(arrival=arrival), **large)
    [request] = run.requests
    # 40,000 bytes and more: ten segments, then twenty, a round trip of 10 ms later
    sent_ms = round(request.sent_s * 1e3, 3)
    assert on_the_way(run) == [
        (request.request, "out", "held back", "congestion window", sent_ms, sent_ms + 10),
    ]
    assert request.arrived_s * 1e3 == pytest.approx(sent_ms + 15)


def test_a_run_keeps_no_more_rows_than_are_worth_looking_at(
    tiny: Callable[..., Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: dict[str, Any] = {
        "batch_size_bytes": 65_536,
        "path": PathConfig(rtt_ms=50),
        "workload": Workload(arrival=Saturating()),
        "measured_s": 1.0,
    }
    everything = simulate(tiny(**changes), seed=1)
    count = len(everything.transmissions)
    assert {row.held_by for row in everything.transmissions} == {"receive window"}
    assert everything.transmissions_left_out == 0
    monkeypatch.setattr(recorder, "MOST_TRANSMISSIONS", 7)
    run = simulate(tiny(**changes), seed=1)
    assert run.transmissions == everything.transmissions[:7]
    assert run.transmissions_left_out == count - 7 > 0
