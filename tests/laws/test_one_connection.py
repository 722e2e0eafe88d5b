"""What holds on each connection: the order of places, the mute rule, the in-flight limit."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from model import Run, Scenario, simulate
from model.outcome.facts import RequestRow
from model.units import NOW_TOLERANCE_S

FORWARD = ("drained_s", "sent_s", "arrived_s", "taken_s", "answered_s", "received_s", "handled_s")


def connections(run: Run) -> Iterator[list[RequestRow]]:
    """The requests of each connection, in the order in which they were made."""
    lines: dict[tuple[int, int], list[RequestRow]] = defaultdict(list)
    for row in sorted(run.requests, key=lambda row: row.request):
        lines[row.producer, row.broker].append(row)
    yield from lines.values()


@given(data=st.data())
def test_a_request_passes_its_places_in_order(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    assume(scenario.producer.acks != "0")
    for row in simulate(scenario, 1).requests:
        instants = [getattr(row, place) for place in FORWARD]
        assert instants == sorted(instants)
        assert row.sent_s <= row.written_s <= row.arrived_s
        assert row.answered_s - row.taken_s >= row.service_s - NOW_TOLERANCE_S


@given(data=st.data())
def test_a_connection_is_never_in_the_broker_twice(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    assume(scenario.producer.acks != "0")
    for line in connections(simulate(scenario, 1)):
        for before, after in pairwise(line):
            assert after.taken_s >= before.answered_s
            assert after.taken_s == max(after.arrived_s, before.answered_s)


@given(data=st.data())
def test_a_request_starts_when_the_one_before_is_written(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    for line in connections(simulate(data.draw(scenarios), 1)):
        for before, after in pairwise(line):
            assert after.drained_s >= before.written_s - NOW_TOLERANCE_S


@given(data=st.data())
def test_no_more_requests_are_in_flight_than_allowed(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    most = scenario.producer.max_in_flight_requests_per_connection
    for line in connections(simulate(scenario, 1)):
        # answers come in order, so the request `most` places before must have been handled
        for earlier, later in zip(line, line[most:], strict=False):
            assert later.drained_s >= earlier.handled_s


@given(data=st.data())
def test_the_level_of_requests_in_flight_never_passes_the_limit(
    data: st.DataObject, scenarios: st.SearchStrategy[Scenario]
) -> None:
    scenario = data.draw(scenarios)
    lines = scenario.producers * min(scenario.topic.brokers, scenario.topic.partitions)
    _, levels = simulate(scenario, 1).in_flight
    most = lines * scenario.producer.max_in_flight_requests_per_connection
    assert not len(levels) or levels.max() <= most
