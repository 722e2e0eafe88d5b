"""The design's price: scheduled SimPy events per produce request."""

from collections.abc import Callable
from typing import Any

import pytest

from model import PathConfig, Scenario
from model.cluster import Cluster
from model.outcome.recorder import Recorder

MOST_EVENTS_PER_REQUEST = 6


def events_per_request(scenario: Scenario) -> float:
    """Events that SimPy scheduled, per answered request."""
    recorder = Recorder(scenario.producers)
    cluster = Cluster.build(scenario, 1, recorder)
    cluster.run()
    events = cluster.events()
    assert len(recorder.requests) > 30, "too few requests to speak of a price for each"
    assert events > len(recorder.requests), "the count does not see the events"
    return events / len(recorder.requests)


@pytest.mark.parametrize("in_flight", [1, 5])
@pytest.mark.parametrize("rtt_ms", [2.0, 50.0])
def test_a_saturating_producer_costs_at_most_six_events_a_request(
    in_flight: int,
    rtt_ms: float,
    tiny: Callable[..., Scenario],
    machine: Callable[..., Any],
) -> None:
    scenario = tiny(
        path=PathConfig(rtt_ms=rtt_ms, bytes_per_s=125e6),
        machine=machine(
            client_append_us=1,
            client_request_us=30,
            client_byte_us=0.001,
            client_record_us=0.2,
            broker_request_us=120,
            broker_batch_us=10,
            broker_byte_us=0.002,
            broker_tail_us=100,
            wake_us=500,
            wake_after_us=2000,
        ),
        max_in_flight_requests_per_connection=in_flight,
        linger_ms=5,
        measured_s=2.0,
    )
    assert events_per_request(scenario) <= MOST_EVENTS_PER_REQUEST


def test_every_event_is_counted(
    tiny: Callable[..., Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = Cluster.build(tiny(), 1, Recorder(1))
    step, happened = cluster.env.step, 0

    def counting() -> None:
        nonlocal happened
        happened += 1
        step()

    monkeypatch.setattr(cluster.env, "step", counting)
    cluster.run()
    left = len(cluster.env._queue)
    assert cluster.events() == happened + left > left > 0
