"""What goes into which request: linger, several partitions, ``max.request.size``."""

from collections.abc import Callable
from typing import Any

import pytest

from model import ClosedLoop, OpenLoop, Run, Scenario, TopicConfig, Workload, simulate


def carried(run: Run) -> list[list[tuple[int, int]]]:
    """For each request its batches as (partition, records), in their order within it."""
    requests: dict[int, list[tuple[int, int]]] = {}
    for row in run.batches:
        requests.setdefault(row.request, []).append((row.partition, row.records))
    return [requests[number] for number in sorted(requests)]


def test_a_lone_record_waits_for_the_linger(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    workload = Workload(arrival=OpenLoop(records_per_s=100))
    run = simulate(tiny(linger_ms=5, workload=workload), seed=1)
    # a record every 10 ms; each leaves 5 ms after it came and is acknowledged 10.3 ms later
    assert story(run, "drained_s", "handled_s", "records", most=3) == [
        (5, 15.3, 1),
        (15, 25.3, 1),
        (25, 35.3, 1),
    ]
    assert run.latency_ms.quantile(0) == pytest.approx(15.3)
    assert run.latency_ms.quantile(1) == pytest.approx(15.3)


def test_records_of_the_instant_of_the_drain_are_in_it(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    workload = Workload(arrival=OpenLoop(records_per_s=1_000))
    run = simulate(tiny(linger_ms=5, workload=workload), seed=1)
    # records at 0, 1, ... 5 ms; the batch of record 0 leaves at 5 with six of them; the next
    # batch is opened by the record of 6 ms and leaves at 11. The third is opened by the record of
    # 12 ms; at 15.3 the Sender reads an answer and polls for 2 whole ms more: until 17.3
    assert story(run, "drained_s", "records", most=3) == [(5, 6), (11, 6), (17.3, 6)]
    # the first record of a batch waits 5 ms, the last not at all
    assert sorted(run.latency_ms.values_ms[:1]) == [pytest.approx(10.3)]
    # and no record waits longer than 6 ms, for polls are of whole ms
    assert 15.3 < run.latency_ms.quantile(1) < 16.3


def test_one_partition_whose_linger_is_over_takes_the_others_of_its_broker_along(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            linger_ms=5,
            topic=TopicConfig(partitions=2),
            workload=Workload(arrival=OpenLoop(1_000), partition_cycle=(0, 1)),
        ),
        seed=1,
    )
    # partition 0 is due at 5; partition 1, opened at 1, would be due at 6 but goes with it
    assert story(run, "drained_s", "batches", "records", most=1) == [(5, 2, 6)]
    assert carried(run)[0] == [(0, 3), (1, 3)]


def test_a_broker_is_not_drained_because_another_one_is_due(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            linger_ms=5,
            topic=TopicConfig(partitions=2, brokers=2),
            workload=Workload(arrival=OpenLoop(1_000), partition_cycle=(0, 1)),
        ),
        seed=1,
    )
    # the same records, but each partition has a broker of its own and keeps its own time
    assert story(run, "broker", "drained_s", "records", most=2) == [(0, 5, 3), (1, 6, 3)]


def test_a_full_batch_does_not_wait_for_the_linger(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(linger_ms=1_000, machine=machine(broker_request_us=300, client_append_us=100)),
        seed=1,
    )
    # a record each 0.1 ms, the first at 0. 16 fit; the 17th, at 1.6, opens the second batch, and
    # with that the first may go
    assert story(run, "drained_s", "records", most=3) == [(1.6, 16), (3.2, 16), (4.8, 16)]


def test_a_closed_loop_of_one_sends_each_record_alone(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    run = simulate(tiny(linger_ms=5, workload=Workload(arrival=ClosedLoop(1))), seed=1)
    # linger 5, then 10.3 there and back; the next record comes with the answer
    assert story(run, "drained_s", "handled_s", "records", most=3) == [
        (5, 15.3, 1),
        (20.3, 30.6, 1),
        (35.6, 45.9, 1),
    ]


def test_a_request_carries_one_batch_of_each_partition_of_its_broker(
    tiny: Callable[..., Scenario],
) -> None:
    run = simulate(
        tiny(topic=TopicConfig(partitions=2), workload=Workload(partition_cycle=(0, 1))), seed=1
    )
    # never two of one partition; a round starts at the partition that was visited last
    assert carried(run)[:3] == [[(0, 16), (1, 16)], [(1, 16), (0, 16)], [(0, 16), (1, 16)]]
    assert run.requests[0].size_bytes == 52 + 8 + 2 * 16_205


def test_max_request_size_splits_a_round_and_the_next_goes_on_from_there(
    tiny: Callable[..., Scenario],
) -> None:
    run = simulate(
        tiny(
            topic=TopicConfig(partitions=3),
            workload=Workload(partition_cycle=(0, 1, 2)),
            max_request_size_bytes=2 * 16_205,
        ),
        seed=1,
    )
    # two batches fit exactly; overhead does not count; the partition that did not fit is first
    order = [[partition for partition, _ in batches] for batches in carried(run)[:4]]
    assert order == [[0, 1], [2, 0], [1, 2], [0, 1]]


def test_a_batch_larger_than_max_request_size_goes_alone(tiny: Callable[..., Scenario]) -> None:
    run = simulate(
        tiny(
            topic=TopicConfig(partitions=2),
            workload=Workload(partition_cycle=(0, 1)),
            max_request_size_bytes=2_000,
        ),
        seed=1,
    )
    assert [len(batches) for batches in carried(run)[:4]] == [1, 1, 1, 1]
    assert run.requests[0].size_bytes == 52 + 16_205


def test_a_batch_filled_to_the_last_byte_leaves_with_its_last_record(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            batch_size_bytes=61 + 16 * 1_009,
            linger_ms=50,
            machine=machine(broker_request_us=300, client_append_us=100),
        ),
        seed=1,
    )
    # records at 0, 0.1, ... 1.5 ms; the 16th fills the batch and wakes the Sender
    assert story(run, "drained_s", "records", most=1) == [(1.5, 16)]
