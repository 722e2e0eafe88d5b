"""One request alone: every place on its way, and what each constant of the machine costs it."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from model import ClosedLoop, PathConfig, Scenario, Workload, simulate

#: A full batch of 16 records makes a request of 52 + 16,205 bytes: 1 ms of this link.
REQUEST_PER_MS = 16_257_000.0
PLACES = ("drained_s", "sent_s", "written_s", "arrived_s", "taken_s", "answered_s")
BACK = ("received_s", "handled_s")


def test_one_request_alone_passes_each_place_in_turn(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            path=PathConfig(rtt_ms=10, bytes_per_s=REQUEST_PER_MS),
            workload=Workload(arrival=ClosedLoop(16)),
            machine=machine(
                client_request_us=200,
                client_byte_us=0.1,
                client_record_us=10,
                broker_request_us=300,
                broker_batch_us=50,
                broker_byte_us=0.01,
            ),
        ),
        seed=1,
    )
    # building: half of 0.2, and 16,257 bytes at 0.1 us    -> sent at 0.1 + 1.6257 = 1.7257,
    #   wholly in the 128-KiB send buffer at once
    # link: 1 ms to send, 5 ms to travel                   -> arrived, and taken, at 7.7257
    # broker: 0.3 + 0.05 + 16,205 bytes at 0.01 us         = 0.51205 -> answered at 8.23775
    # back: 100 bytes in 0.006151 ms, and 5 ms              -> received at 13.243901
    # reading: half of 0.2, and 16 records at 10 us = 0.26 -> handled at 13.503901
    assert story(run, *PLACES, *BACK, "service_s", most=1) == [
        (0, 1.7257, 1.7257, 7.7257, 7.7257, 8.23775, 13.243901, 13.503901, 0.51205)
    ]


def test_the_next_request_of_a_closed_loop_starts_when_the_last_was_handled(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(tiny(workload=Workload(arrival=ClosedLoop(16))), seed=1)
    # 5 there, 0.3 in the broker, 5 back: rounds of 10.3 ms
    assert story(run, "drained_s", "handled_s", "records", most=3) == [
        (0, 10.3, 16),
        (10.3, 20.6, 16),
        (20.6, 30.9, 16),
    ]


def test_on_a_long_way_machines_fall_asleep_and_answers_are_taken_up_late(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    sleepy = machine(broker_request_us=300, wake_us=500, wake_after_us=2_000)
    run = simulate(tiny(machine=sleepy, workload=Workload(arrival=ClosedLoop(16))), seed=1)
    # 10 ms on the way, so 0.5 * (1 - exp(-10 / 2)) = 0.4966 ms pass before it is taken up
    late_ms = 0.5 * (1 - math.exp(-10 / 2))
    [(received_ms, handled_ms)] = story(run, "received_s", "handled_s", most=1)
    assert received_ms == 10.3
    assert handled_ms == pytest.approx(10.3 + late_ms, abs=1e-6)


def test_without_distance_nobody_falls_asleep(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            machine=machine(broker_request_us=300, wake_us=500, wake_after_us=2_000),
            path=PathConfig(rtt_ms=0),
            workload=Workload(arrival=ClosedLoop(16)),
            measured_s=0.001,
        ),
        seed=1,
    )
    assert story(run, "handled_s", most=1) == [(0.3,)]
