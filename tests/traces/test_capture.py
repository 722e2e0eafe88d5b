"""Runs with a capture at the producers' connections: 10 ms there and back, 0.3 ms at the broker.

Times in ms since the first request was sent, positions in bytes.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from model import Run, Scenario, simulate
from model.outcome.capture import Capture
from model.simulation import captured
from model.wire.flights import Flight

#: Full batches of this batch.size make requests of 390,919 bytes: three windows of 131,070 less.
THREE = 391_000


@pytest.fixture
def large(tiny: Callable[..., Scenario]) -> Callable[..., Scenario]:
    """Saturating requests of one large batch, over a path that loses so much."""

    def make(batch_size: int, loss: float = 0.0, **changes: Any) -> Scenario:
        settings: dict[str, Any] = {
            "batch_size_bytes": batch_size,
            "send_buffer_bytes": -1,
            "max_in_flight_requests_per_connection": 1,
        }
        scenario = tiny(**settings | changes)
        return replace(scenario, path=replace(scenario.path, loss=loss))

    return make


def of_first(run: Run, capture: Capture) -> list[Flight]:
    """The flights of the first request."""
    return [row.flight for row in capture.flights if row.flight.request == run.requests[0].request]


def in_ms(*instants_s: float) -> tuple[float, ...]:
    return tuple(round(at_s * 1e3, 3) for at_s in instants_s)


def test_a_request_of_three_windows_leaves_in_three_flights_each_as_the_one_before_is_read(
    large: Callable[..., Scenario],
) -> None:
    run, capture = captured(large(THREE), seed=1)
    # Read at 5: the length first, with all held, so that 27,199 bytes of room are told; then all
    # there is, and the whole window. Both words are there at 10, and the next at 20.
    assert [
        (flight.start, flight.end, *in_ms(flight.left_s, flight.arrives_s))
        for flight in of_first(run, capture)
    ] == [
        (0, 131_070, 0, 5),
        (131_070, 158_269, 10, 15),
        (158_269, 262_140, 10, 15),
        (262_140, 390_919, 20, 25),
    ]
    words = [row.word for row in capture.words][:4]
    assert [
        (word.received, word.read, int(word.edge), *in_ms(word.told_s, word.known_s))
        for word in words
    ] == [
        (131_070, 0, 158_269, 5, 10),
        (131_070, 131_070, 262_140, 5, 10),
        (262_140, 262_140, 393_210, 15, 20),
        (390_919, 390_919, 521_989, 25, 30),
    ]


@pytest.mark.parametrize(("batch_size", "depth", "loss"), [(THREE, 1, 0), (65_536, 5, 0.01)])
def test_a_captured_run_is_the_run(
    large: Callable[..., Scenario], batch_size: int, depth: int, loss: float
) -> None:
    scenario = large(batch_size, loss, max_in_flight_requests_per_connection=depth)
    run, _ = captured(scenario, seed=1)
    plain = simulate(scenario, seed=1)
    assert list(run.requests) == list(plain.requests)
    assert run.transmissions == plain.transmissions


@pytest.mark.parametrize("depth", [1, 5])
def test_every_byte_leaves_once_and_in_order_where_nothing_is_lost(
    large: Callable[..., Scenario], depth: int
) -> None:
    run, capture = captured(large(65_536, max_in_flight_requests_per_connection=depth), seed=1)
    flights = [row.flight for row in capture.flights]
    assert all(before.end == after.start for before, after in pairwise(flights))
    assert all(before.left_s <= after.left_s for before, after in pairwise(flights))
    first = run.requests[0]
    assert sum(each.end - each.start for each in flights if each.request == first.request) == (
        first.size_bytes
    )


def test_what_is_lost_is_sent_again(large: Callable[..., Scenario]) -> None:
    run, capture = captured(large(65_536, loss=0.01), seed=1)
    flights = [row.flight for row in capture.flights]
    lost = [span for each in flights for span in each.lost]
    rows = [row for row in run.transmissions if (row.way, row.fate) == ("out", "lost")]
    assert len(lost) == len(rows) > 3
    again = [each for each in flights if each.again]
    done = flights[-1].start  # of what was sent last the repair may be beyond the end of the run
    for start, end in lost:
        if end <= done:
            assert any(each.start <= start and end <= each.end for each in again)


def test_the_machine_that_repairs_losses_sends_the_same_flights_where_there_are_none(
    large: Callable[..., Scenario],
) -> None:
    by_arithmetic, by_machine = (
        of_first(*captured(large(THREE, loss), seed=1)) for loss in (0.0, 1e-12)
    )
    assert [(each.start, each.end) for each in by_machine] == [
        (each.start, each.end) for each in by_arithmetic
    ]
    assert [each.left_s for each in by_machine] == pytest.approx(
        [each.left_s for each in by_arithmetic]
    )
