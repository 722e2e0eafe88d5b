"""The record accumulator: when a broker is ready, what a drain takes and in which order."""

from collections.abc import Iterable
from typing import Any

import pytest

from model import ProducerConfig, TopicConfig
from model.producer.accumulator import RecordAccumulator
from model.producer.backoff import ExponentialBackoff
from model.producer.queue_loads import QueueLoads
from model.producer.transaction_manager import TransactionManager
from model.units import NEVER_S
from model.wire.batches import RecordBatch
from model.wire.sizes import Packing, RecordShape
from model.wire.states import BatchState

LINGER_MS = 5


def accumulator(partitions: int = 1, brokers: int = 1, **settings: Any) -> RecordAccumulator:
    """Records of 1,000 bytes, 16 a batch."""
    config = ProducerConfig(**{"linger_ms": LINGER_MS} | settings)
    topic = TopicConfig(partitions=partitions, brokers=brokers)
    packing = Packing(RecordShape(1_000), config.batch_size_bytes)
    transactions = TransactionManager(partitions)
    transactions.initializing()
    transactions.initialized(7)
    backoff = ExponentialBackoff(0.1, 1.0, jitter=0.0, uniforms=iter([]))
    return RecordAccumulator(config, topic, packing, transactions, backoff)


def put(queues: RecordAccumulator, partition: int, at_s: float, records: int = 1) -> RecordBatch:
    """Open a batch with so many records."""
    batch = queues.open_batch(partition, at_s)
    assert batch is not None
    batch.append_alike(0, records)
    return batch


def partitions_of(batches: Iterable[RecordBatch]) -> list[int]:
    return [batch.partition for batch in batches]


def test_nothing_queued_is_never_ready() -> None:
    assert accumulator().ready([0], now_s=1.0) == ([], NEVER_S)


def test_a_batch_is_ready_when_its_linger_is_over() -> None:
    queues = accumulator()
    put(queues, 0, at_s=1.0)
    assert queues.ready([0], now_s=1.0) == ([], 1.005)
    assert queues.ready([0], now_s=1.005) == ([0], NEVER_S)


def test_a_second_batch_or_a_closed_one_is_ready_at_once() -> None:
    queues = accumulator(partitions=2, brokers=2)
    put(queues, 0, at_s=1.0)
    put(queues, 0, at_s=1.0)
    put(queues, 1, at_s=1.0).close()
    assert queues.ready([0, 1], now_s=1.0) == ([0, 1], NEVER_S)


def test_only_the_brokers_asked_for_are_looked_at() -> None:
    queues = accumulator(partitions=2, brokers=2)
    put(queues, 0, at_s=1.0)
    put(queues, 1, at_s=1.001)
    for asked, ready in (([1], []), ([0, 1], [0])):
        found, next_check_s = queues.ready(asked, now_s=1.0055)
        assert found == ready
        assert next_check_s == pytest.approx(1.006)


def test_somebody_waiting_for_memory_makes_every_partition_ready() -> None:
    queues = accumulator(partitions=3, brokers=2, buffer_memory_bytes=2 * 16_384)
    put(queues, 0, at_s=1.0)
    put(queues, 1, at_s=1.0)
    assert queues.ready([0, 1], now_s=1.0)[0] == []
    assert queues.open_batch(2, 1.0) is None
    assert queues.ready([0, 1], now_s=1.0)[0] == [0, 1]


def test_a_drain_asks_neither_for_linger_nor_for_fullness() -> None:
    queues = accumulator(partitions=3)
    put(queues, 0, at_s=0.0)
    put(queues, 2, at_s=0.999)
    assert partitions_of(queues.drain(0, now_s=1.0)[0]) == [0, 2]


def test_a_drain_takes_one_batch_a_partition_the_oldest_first() -> None:
    queues = accumulator()
    first, second = put(queues, 0, at_s=0.0, records=16), put(queues, 0, at_s=0.5)
    assert queues.drain(0, now_s=1.0)[0] == [first]
    assert queues.queued_batches == [1]
    assert queues.drain(0, now_s=1.0)[0] == [second]
    assert queues.drain(0, now_s=1.0)[0] == []


def test_a_drain_takes_only_what_its_broker_leads() -> None:
    queues = accumulator(partitions=4, brokers=2)
    for partition in range(4):
        put(queues, partition, at_s=0.0)
    assert partitions_of(queues.drain(1, now_s=1.0)[0]) == [1, 3]


def test_after_a_full_round_the_next_starts_one_earlier() -> None:
    queues = accumulator(partitions=3)
    orders = []
    for _ in range(4):
        for partition in range(3):
            put(queues, partition, at_s=0.0)
        orders.append(partitions_of(queues.drain(0, now_s=1.0)[0]))
    assert orders == [[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 1, 2]]


def test_after_a_stop_the_next_round_starts_where_it_stopped() -> None:
    queues = accumulator(partitions=3, max_request_size_bytes=2 * 16_205)
    for partition in (0, 1, 2, 0):
        put(queues, partition, at_s=0.0, records=16)
    assert partitions_of(queues.drain(0, now_s=1.0)[0]) == [0, 1]
    assert partitions_of(queues.drain(0, now_s=1.0)[0]) == [2, 0]


@pytest.mark.parametrize(("limit_bytes", "batches"), [(32_410, 2), (32_409, 1), (1_100, 1)])
def test_a_drain_stops_at_max_request_size_but_takes_one(limit_bytes: int, batches: int) -> None:
    queues = accumulator(partitions=3, max_request_size_bytes=limit_bytes)
    for partition in range(3):
        put(queues, partition, at_s=0.0, records=16)  # 16,205 bytes each
    assert len(queues.drain(0, now_s=1.0)[0]) == batches


def test_a_muted_partition_is_neither_ready_nor_drained_until_released() -> None:
    queues = accumulator(partitions=2)
    out = put(queues, 0, at_s=0.0)
    queues.drain(0, now_s=0.5)
    queues.mute(0)
    put(queues, 0, at_s=0.6).close()
    assert queues.ready([0], now_s=9.0) == ([], NEVER_S)
    put(queues, 1, at_s=0.6)
    assert partitions_of(queues.drain(0, now_s=9.0)[0]) == [1]
    queues.unmute(out.partition)
    assert queues.ready([0], now_s=9.0) == ([0], NEVER_S)


def test_a_batch_is_closed_and_numbered_when_it_is_drained() -> None:
    queues = accumulator()
    first, second = put(queues, 0, at_s=0.0, records=16), put(queues, 0, at_s=0.5, records=3)
    assert (second.base_sequence, second.state) == (-1, BatchState.OPEN)
    queues.drain(0, now_s=1.0)
    queues.drain(0, now_s=2.0)
    assert [(b.producer_id, b.epoch, b.base_sequence) for b in (first, second)] == [
        (7, 0, 0),
        (7, 0, 16),
    ]
    assert (second.state, second.drained_s) == (BatchState.IN_FLIGHT, 2.0)


def test_only_an_open_tail_takes_records() -> None:
    queues = accumulator()
    assert queues.tail(0) is None
    assert queues.tail_is_full(0)
    batch = put(queues, 0, at_s=0.0)
    assert queues.tail(0) is batch
    assert not queues.tail_is_full(0)
    batch.close()
    assert queues.tail(0) is None
    assert queues.tail_is_full(0)


def test_memory_is_held_until_release_and_in_whole_buffers() -> None:
    queues = accumulator(buffer_memory_bytes=2 * 16_384 + 100)
    first = put(queues, 0, at_s=0.0)
    put(queues, 0, at_s=0.0)
    assert queues.open_batch(0, 0.0) is None
    queues.drain(0, now_s=1.0)  # in flight is not free
    assert queues.open_batch(0, 1.0) is None
    queues.free(first)
    assert queues.open_batch(0, 2.0) is not None
    assert queues.pool.available_bytes == 100


class Told(QueueLoads):
    """What was told."""

    def __init__(self, partitions: int) -> None:
        super().__init__(partitions)
        self.told: dict[int, int] = {}

    def see(self, partition: int, queued: int) -> None:
        self.told[partition] = queued


def test_queue_lengths_tell_about_load_once_every_partition_was_used() -> None:
    queues = accumulator(partitions=2)
    loads = Told(2)
    put(queues, 1, at_s=0.0)
    queues.tell_queues(loads)
    assert loads.told == {}
    queues.drain(0, now_s=1.0)
    put(queues, 0, at_s=1.0)
    queues.tell_queues(loads)
    assert loads.told == {0: 1, 1: 0}
    loads.told.clear()
    put(queues, 1, at_s=2.0)
    queues.tell_queues(loads)
    assert loads.told == {1: 1}


def test_a_backoff_that_is_drawn_longer_at_the_drain_is_looked_at_again_a_millisecond_later() -> (
    None
):
    queues = accumulator()
    queues._backoff = ExponentialBackoff(0.1, 1.0, jitter=0.2, uniforms=iter([0.0, 1.0]))
    batch = put(queues, 0, at_s=1.0)
    queues.drain(0, now_s=1.005)
    queues.requeue(batch, now_s=1.01)
    assert queues.ready([0], now_s=1.1)[0] == [0]  # 80 ms
    batches, again_s = queues.drain(0, now_s=1.1)
    assert not batches  # 120 ms
    assert again_s == pytest.approx(1.101)


def test_a_batch_that_failed_is_taken_at_the_instant_at_which_its_backoff_ends() -> None:
    queues = accumulator()
    batch = put(queues, 0, at_s=1.0)
    queues.drain(0, now_s=1.005)
    queues.requeue(batch, now_s=1.01)
    assert queues.ready([0], now_s=1.109)[0] == []
    assert queues.drain(0, now_s=1.01 + 0.1)[0] == [batch]


def test_a_muted_partition_is_neither_ready_nor_drained_until_it_is_unmuted() -> None:
    """A run with one in flight and leaders that stay cannot tell: the connection holds it up."""
    queues = accumulator(partitions=2)
    for partition in (0, 1):
        put(queues, partition, at_s=1.0).close()
    queues.mute(0)
    assert partitions_of(queues.drain(0, now_s=1.0)[0]) == [1]
    assert queues.ready([0], now_s=1.0) == ([], NEVER_S)
    queues.unmute(0)
    assert queues.ready([0], now_s=1.0)[0] == [0]
    assert partitions_of(queues.drain(0, now_s=1.0)[0]) == [0]
