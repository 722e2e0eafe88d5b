"""What connections share in a broker: network threads, handler threads, log locks."""

from collections.abc import Callable
from typing import Any

import pytest

from model import BrokerConfig, ClosedLoop, Scenario, TopicConfig, Workload, simulate

SIXTEEN = Workload(arrival=ClosedLoop(16))  # one full batch, then wait
TIMES = ("producer", "arrived_s", "taken_s", "answered_s")


@pytest.mark.parametrize(("threads", "second_ms"), [(1, 5.4), (2, 5.3)])
def test_connections_of_one_network_thread_are_read_and_written_in_turn(
    threads: int, second_ms: float, tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    broker = BrokerConfig(num_network_threads=threads)
    run = simulate(tiny(producers=2, broker=broker, workload=SIXTEEN), seed=1)
    # 0.1 each to read, handle and write. One thread reads the first in 5.0-5.1 and the second
    # in 5.1-5.2, writes the first in 5.2-5.3 and the second in 5.3-5.4.
    assert story(run, *TIMES, most=2) == [(0, 5, 5, 5.3), (1, 5, 5, second_ms)]


def test_connections_go_to_network_threads_in_turn(
    tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    broker = BrokerConfig(num_network_threads=2)
    run = simulate(tiny(producers=3, broker=broker, workload=SIXTEEN), seed=1)
    # the third connection shares the thread of the first
    assert story(run, "producer", "answered_s", most=3) == [(0, 5.3), (1, 5.3), (2, 5.4)]


@pytest.mark.parametrize(("handlers", "second_ms"), [(1, 5.4), (2, 5.3)])
def test_a_request_waits_for_a_handler_thread(
    handlers: int, second_ms: float, tiny: Callable[..., Scenario], story: Callable[..., Any]
) -> None:
    broker = BrokerConfig(num_io_threads=handlers)
    run = simulate(tiny(producers=2, broker=broker, workload=SIXTEEN), seed=1)
    # both are read in 5.0-5.1; a lone handler has the first in 5.1-5.2, the second in 5.2-5.3
    assert story(run, *TIMES, most=2) == [(0, 5, 5, 5.3), (1, 5, 5, second_ms)]


def test_two_producers_append_to_one_log_one_after_the_other(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    costs = machine(broker_request_us=300, broker_batch_us=200)
    run = simulate(tiny(producers=2, machine=costs, workload=SIXTEEN), seed=1)
    # both handled until 5.2; the lock has the first until 5.4 and the second until 5.6
    assert story(run, *TIMES, most=2) == [(0, 5, 5, 5.5), (1, 5, 5, 5.7)]
    appended = [
        (row.producer, row.base_offset, round(row.appended_s * 1e3, 6)) for row in run.appends
    ]
    assert appended[:2] == [(0, 0, 5.4), (1, 16, 5.6)]


def test_a_log_lock_is_held_for_its_own_batch_only(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            producers=2,
            machine=machine(broker_request_us=300, broker_batch_us=200),
            topic=TopicConfig(partitions=2),
            workload=Workload(arrival=ClosedLoop(32), partition_cycle=(0, 1)),
        ),
        seed=1,
    )
    # first:  log 0 in 5.2-5.4, log 1 in 5.4-5.6, answered at 5.7
    # second: log 0 in 5.4-5.6, log 1 in 5.6-5.8, answered at 5.9; 0.7 each without waiting
    assert story(run, *TIMES, "service_s", most=2) == [(0, 5, 5, 5.7, 0.7), (1, 5, 5, 5.9, 0.7)]
    appended = {
        (row.producer, row.partition, round(row.appended_s * 1e3, 6)) for row in run.appends
    }
    assert appended >= {(0, 0, 5.4), (0, 1, 5.6), (1, 0, 5.6), (1, 1, 5.8)}


def test_two_brokers_do_not_share_anything_but_the_senders_thread(
    tiny: Callable[..., Scenario], machine: Callable[..., Any], story: Callable[..., Any]
) -> None:
    run = simulate(
        tiny(
            machine=machine(broker_request_us=300, client_request_us=200),
            topic=TopicConfig(partitions=2, brokers=2),
            broker=BrokerConfig(num_network_threads=1, num_io_threads=1),
            workload=Workload(arrival=ClosedLoop(32), partition_cycle=(0, 1)),
        ),
        seed=1,
    )
    # both requests are built (0.1 each) before either is written, both answers are there at
    # 0.2 + 10.3 and are handled in one pass of 0.1 each
    assert story(run, "broker", "drained_s", "sent_s", "received_s", "handled_s", most=2) == [
        (0, 0, 0.2, 10.5, 10.7),
        (1, 0, 0.2, 10.5, 10.7),
    ]
