"""Several requests on one connection: what overlaps, what queues, and what opens the gate."""

from collections.abc import Callable
from typing import Any

import pytest

from model import PathConfig, Scenario, simulate

#: A full request of 16,257 bytes takes 1 ms of this link.
REQUEST_PER_MS = 16_257_000.0
ROUND = ("drained_s", "arrived_s", "taken_s", "answered_s", "handled_s")


def test_with_one_in_flight_rounds_follow_each_other(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(tiny(max_in_flight_requests_per_connection=1), seed=1)
    # 5 there, 0.3 in the broker, 5 back
    assert story(run, *ROUND, most=3) == [
        (0, 5, 5, 5.3, 10.3),
        (10.3, 15.3, 15.3, 15.6, 20.6),
        (20.6, 25.6, 25.6, 25.9, 30.9),
    ]


def test_with_two_in_flight_the_second_waits_while_the_connection_is_muted(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(tiny(max_in_flight_requests_per_connection=2), seed=1)
    # both leave and arrive together; the broker takes the second when the first is answered;
    # from then on they stay 0.3 ms apart and nobody waits
    assert story(run, *ROUND, most=4) == [
        (0, 5, 5, 5.3, 10.3),
        (0, 5, 5.3, 5.6, 10.6),
        (10.3, 15.3, 15.3, 15.6, 20.6),
        (10.6, 15.6, 15.6, 15.9, 20.9),
    ]


def test_with_five_in_flight_nearby_the_broker_is_never_idle(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(tiny(path=PathConfig(rtt_ms=1)), seed=1)
    # Z = 1, S = 0.3: five requests hide the 1 ms that one of them is away, so X = 1 / S.
    # Request 5 leaves when the answer of request 0 is back (0.8 + 0.5) and waits at the broker.
    assert story(run, "drained_s", "arrived_s", "taken_s", most=8) == [
        (0, 0.5, 0.5),
        (0, 0.5, 0.8),
        (0, 0.5, 1.1),
        (0, 0.5, 1.4),
        (0, 0.5, 1.7),
        (1.3, 1.8, 2.0),
        (1.6, 2.1, 2.3),
        (1.9, 2.4, 2.6),
    ]


def test_the_link_serialises_and_the_distance_overlaps(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    path = PathConfig(rtt_ms=10, bytes_per_s=REQUEST_PER_MS)
    run = simulate(tiny(path=path, max_in_flight_requests_per_connection=3), seed=1)
    # the send buffer of 128 KiB takes all three at once; 1 ms each on the wire, one after the
    # other, and 5 ms on the way, all at the same time
    assert story(run, "drained_s", "written_s", "arrived_s", "answered_s", most=3) == [
        (0, 0, 6, 6.3),
        (0, 0, 7, 7.3),
        (0, 0, 8, 8.3),
    ]


def test_the_next_request_waits_until_the_newest_is_wholly_in_the_send_buffer(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    path = PathConfig(rtt_ms=10, bytes_per_s=REQUEST_PER_MS)
    run = simulate(tiny(path=path, send_buffer_bytes=6_158), seed=1)
    # The buffer holds 0.88 of twice the setting: two thirds of a request, unacknowledged.
    # Two thirds leave until 0.667, arrive at 5.667 and are acknowledged at 10.667: then the last
    # third is written, leaves until 11 and arrives at 16. The second request finds room for a third
    # at 10.667, which is acknowledged at 21.333; its other two leave when the last third of the
    # first was acknowledged, at 21, until 21.333 and 21.667: it arrives at 26.667.
    assert story(run, "drained_s", "written_s", "arrived_s", most=2) == [
        (0, 10.666667, 16),
        (10.666667, 21.333333, 26.666667),
    ]


def test_a_send_buffer_left_to_the_system_takes_everything_at_once(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    path = PathConfig(rtt_ms=10, bytes_per_s=REQUEST_PER_MS)
    run = simulate(tiny(path=path, send_buffer_bytes=-1), seed=1)
    assert story(run, "written_s", "arrived_s", most=4) == [(0, 6), (0, 7), (0, 8), (0, 9)]


def test_a_pass_of_the_sender_reads_one_answer_and_sends_one_request(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            machine=machine(broker_request_us=30, client_request_us=2_000),
            max_in_flight_requests_per_connection=2,
        ),
        seed=1,
    )
    # 1 ms to send, 1 ms to read an answer, and one thread for both.
    # r0 sent at 1, back at 11.03; r1 sent at 2, back at 12.03.
    # The thread sleeps until 11.03 and reads r0 until 12.03; its next pass sends r2 until 13.03
    # and then reads r1, which has been there since 12.03, until 14.03; then it sends r3.
    assert story(run, "drained_s", "sent_s", "received_s", "handled_s", most=4) == [
        (0, 1, 11.03, 12.03),
        (1, 2, 12.03, 14.03),
        (12.03, 13.03, 23.06, 24.06),
        (14.03, 15.03, 25.06, 26.06),
    ]


def test_answers_that_are_there_together_are_read_in_passes_of_their_own(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            machine=machine(broker_request_us=300, client_record_us=100),
            max_in_flight_requests_per_connection=3,
        ),
        seed=1,
    )
    # 1.6 ms to read the answer of 16 records; answers are back at 10.3, 10.6 and 10.9.
    # The first is read until 11.9; then both others are there, but between them the Sender sends.
    assert story(run, "drained_s", "handled_s", most=5) == [
        (0, 11.9),
        (0, 13.5),
        (0, 15.1),
        (11.9, 23.8),
        (13.5, 25.4),
    ]


@pytest.mark.parametrize("in_flight", [1, 5])
def test_without_acks_a_request_leaves_the_window_when_it_is_written(
    in_flight: int, tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            path=PathConfig(rtt_ms=10, bytes_per_s=REQUEST_PER_MS),
            acks="0",
            enable_idempotence=False,
            send_buffer_bytes=6_158,
            max_in_flight_requests_per_connection=in_flight,
        ),
        seed=1,
    )
    # nothing comes back, so the window never holds anybody up: only the send buffer does, which
    # has the whole request when two thirds of it are acknowledged
    assert story(run, "drained_s", "written_s", "handled_s", most=2) == [
        (0, 10.666667, 10.666667),
        (10.666667, 21.333333, 21.333333),
    ]
    assert {row.base_offset for row in run.batches} == {-1}
    assert run.appends[1].base_offset == 16  # the log has them all the same


def test_without_acks_the_broker_still_mutes_the_connection(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            machine=machine(broker_request_us=3_000),
            path=PathConfig(rtt_ms=10, bytes_per_s=REQUEST_PER_MS),
            acks="0",
            enable_idempotence=False,
        ),
        seed=1,
    )
    # requests arrive from 6 on, 1 ms apart, and are taken 3 ms apart: appended after two thirds
    appended_ms = [round(row.appended_s * 1e3, 6) for row in run.appends[:3]]
    assert appended_ms == [8, 11, 14]
