"""Little's law on produce requests: level = rate times time, from three separate calculations."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import ClosedLoop, OpenLoop, PathConfig, Saturating, Scenario, Workload, simulate


@pytest.mark.parametrize("arrival", [Saturating(), ClosedLoop(40), OpenLoop(3_000, "poisson")])
@pytest.mark.parametrize("in_flight", [1, 5])
def test_the_level_in_flight_is_the_rate_of_requests_times_their_time(
    arrival: Any, in_flight: int, tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    scenario = tiny(
        path=PathConfig(rtt_ms=2, bytes_per_s=125e6),
        machine=machine(broker_request_us=300, broker_tail_us=200, client_request_us=60),
        workload=Workload(arrival=arrival),
        max_in_flight_requests_per_connection=in_flight,
        linger_ms=1,
        warmup_s=0.5,
        measured_s=2.0,
    )
    run = simulate(scenario, 1)
    requests_per_s = run.records_per_s / run.mean_request.records
    inside = run.request_column("handled_s") > scenario.warmup_s
    times_s = (run.request_column("handled_s") - run.request_column("sent_s"))[inside]
    # At either end of the window at most `in_flight` requests are cut, each by its whole time at
    # most, and the rate is counted between two answers that are up to one round inside it.
    cut = 2 * in_flight * times_s.max() / scenario.measured_s
    assert cut < 0.05 * in_flight
    assert run.mean_in_flight == pytest.approx(requests_per_s * times_s.mean(), abs=cut)


@given(data=st.data())
def test_the_mean_level_is_the_time_that_requests_spend_in_the_window(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    run = simulate(scenario, 1)
    start_s, end_s = scenario.warmup_s, scenario.horizon_s
    spent_s = [
        max(0.0, min(row.handled_s, end_s) - max(row.sent_s, start_s)) for row in run.requests
    ]
    spent_s += [end_s - max(since_s, start_s) for since_s in run.unanswered_since_s]
    assert np.isclose(run.mean_in_flight, sum(spent_s) / scenario.measured_s, rtol=1e-9, atol=1e-9)
