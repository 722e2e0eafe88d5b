"""``buffer.memory``: what a blocked application thread waits for and what it sets in motion."""

from collections.abc import Callable
from typing import Any

import pytest

from model import PathConfig, Scenario, TopicConfig, Workload, simulate
from model.cluster import Cluster
from model.outcome.recorder import Recorder

BUFFER = 16_384


def test_a_blocked_thread_goes_on_when_an_answer_frees_a_buffer(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(tiny(buffer_memory_bytes=2 * BUFFER), seed=1)
    # two buffers, five might be in flight: both leave at 0 and come back at 10.3 and 10.6
    assert story(run, "drained_s", "handled_s", most=4) == [
        (0, 10.3),
        (0, 10.6),
        (10.3, 20.6),
        (10.6, 20.9),
    ]
    assert [round(row.created_s * 1e3, 6) for row in run.batches[:4]] == [0, 0, 10.3, 10.6]


def test_a_record_waits_for_memory_from_the_moment_that_it_was_sent(
    tiny: Callable[..., Scenario],
) -> None:
    run = simulate(tiny(buffer_memory_bytes=BUFFER, measured_s=0.021), seed=1)
    # 16 records at 0, acknowledged at 10.3. The 17th was sent at 0 too, got its buffer at 10.3
    # and is acknowledged at 20.6 with 15 more that were sent at 10.3.
    expected_ms = [10.3] * 16 + [10.3] * 15 + [20.6]
    assert list(run.latency_ms.values_ms) == pytest.approx(expected_ms)


def test_memory_spent_makes_every_partition_sendable(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            buffer_memory_bytes=2 * BUFFER,
            linger_ms=1_000,
            topic=TopicConfig(partitions=3),
            workload=Workload(partition_cycle=(0, 1, 2)),
        ),
        seed=1,
    )
    # the third record finds no buffer; the first two leave alone in their batches, linger or not
    assert story(run, "drained_s", "batches", "records", most=1) == [(0, 2, 2)]


def test_records_are_given_up_after_max_block_ms_one_by_one(tiny: Callable[..., Scenario]) -> None:
    scenario = tiny(
        path=PathConfig(rtt_ms=100),
        buffer_memory_bytes=2 * BUFFER,
        max_block_ms=30,
        topic=TopicConfig(partitions=3),
        workload=Workload(partition_cycle=(0, 1, 2)),
        measured_s=0.12,
    )
    recorder = Recorder(1)
    Cluster.build(scenario, 1, recorder).run()
    # records 0 and 1 leave at 0 and hold all memory until 100.3: record 2 is given up at 30,
    # the next, sent then, at 60 and 90. Record 5, sent at 90, gets a buffer at 100.3; record 6
    # gets the other; record 7 blocks from 100.3 on.
    assert [
        (f.producer, f.first_record, round(f.failed_s * 1e3, 6)) for f in recorder.failures
    ] == [
        (0, 2, 30),
        (0, 3, 60),
        (0, 4, 90),
    ]
    assert simulate(scenario, 1).guarantees.failed == 3


def test_memory_freed_at_the_end_of_a_pass_was_not_there_before(
    tiny: Callable[..., Scenario], machine: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            machine=machine(broker_request_us=300, client_append_us=750, client_request_us=2_000),
            buffer_memory_bytes=2 * BUFFER,
            linger_ms=1_000,
        ),
        seed=1,
    )
    # Record n is sent at 0.75 n. Record 16, at 12, opens the second batch and lets the first go:
    # sent at 13, back at 23.3, read until 24.3. Record 32 finds no memory at 24 and waits until
    # 24.3: its batch is that young.
    assert round(run.batches[2].created_s * 1e3, 6) == 24.3


def test_records_given_up_while_no_request_may_be_sent_are_in_the_books(
    tiny: Callable[..., Scenario],
) -> None:
    run = simulate(
        tiny(
            path=PathConfig(rtt_ms=1_000),
            buffer_memory_bytes=BUFFER,
            max_block_ms=30,
            max_in_flight_requests_per_connection=1,
        ),
        seed=1,
    )
    # the first batch holds all memory; records are given up at 30, 60 and 90 of 100 ms
    assert run.guarantees.failed == 3
