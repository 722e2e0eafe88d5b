"""The application thread: catching up in runs equals sending record by record."""

from collections import defaultdict
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import ClosedLoop, OpenLoop, ProducerConfig, Saturating, TopicConfig
from model.producer.accumulator import RecordAccumulator
from model.producer.application import Application
from model.producer.backoff import ExponentialBackoff
from model.producer.partitioner import NamedPartitions, cycled
from model.producer.schedule import Thread, build_schedule
from model.streams import stream
from model.units import NEVER_S
from model.wire.batches import RecordBatch
from model.wire.sizes import Packing, RecordShape

MS = 1e-3


class World:
    """An application with its accumulator, and nobody who drains it."""

    def __init__(
        self,
        arrival: Saturating | OpenLoop | ClosedLoop,
        named: tuple[int, ...] = (0,),
        append_us: float = 0.0,
        value_bytes: int = 1_000,
        partitioner: NamedPartitions | None = None,
        **settings: Any,
    ) -> None:
        config = ProducerConfig(**settings)
        topic = TopicConfig(partitions=max(named) + 1)
        self.packing = Packing(RecordShape(value_bytes), config.batch_size_bytes)
        backoff = ExponentialBackoff(0.1, 1.0, jitter=0.0, uniforms=iter([]))
        self.accumulator = RecordAccumulator(config, topic, self.packing, None, backoff)
        self.failed: list[tuple[int, float]] = []
        self.schedule = build_schedule(arrival, Thread(append_us * 1e-6), 0.0, stream(1, "test"))
        self.application = Application(
            config,
            self.schedule,
            partitioner or NamedPartitions(cycled(named * 100)),  # as far ahead as it looks
            self.accumulator,
            lambda record, at_s: self.failed.append((record, round(at_s / MS, 6))),
        )

    def catch_up(self, at_ms: float) -> None:
        self.application.catch_up(at_ms * MS)

    def drain(self, at_ms: float) -> list[RecordBatch]:
        return self.accumulator.drain(0, at_ms * MS)[0]

    def next_step_ms(self) -> float:
        return self.application.next_step_s() / MS


def test_records_are_appended_as_far_as_the_thread_got() -> None:
    world = World(OpenLoop(1_000))
    world.catch_up(2.5)
    tail = world.accumulator.tail(0)
    assert tail is not None
    assert (tail.spans, tail.created_s) == ([(0, 3)], 0.0)
    world.catch_up(3.0)
    assert tail.spans == [(0, 4)]


def test_a_batch_is_created_when_its_first_record_was_sent_not_when_somebody_looks() -> None:
    world = World(OpenLoop(1_000))
    world.catch_up(40.0)
    created_ms = [round(batch.created_s / MS, 6) for _ in range(3) for batch in world.drain(40.0)]
    assert created_ms == [0, 16, 32]


def test_the_next_step_is_the_record_that_opens_a_batch() -> None:
    world = World(OpenLoop(1_000))
    assert world.next_step_ms() == 0
    world.catch_up(0.0)
    assert world.next_step_ms() == pytest.approx(16)  # records 0 to 15 fit into the first


def test_the_next_step_sees_through_partitions_that_take_turns() -> None:
    world = World(OpenLoop(1_000), named=(0, 1, 0, 2))
    world.catch_up(2.0)
    assert world.next_step_ms() == pytest.approx(3)  # the first record of partition 2


def test_the_next_step_is_the_record_that_fills_a_batch_to_the_last_byte() -> None:
    world = World(OpenLoop(1_000), batch_size_bytes=61 + 16 * 1_009)
    world.catch_up(0.0)
    # KafkaProducer.doSend wakes the Sender when an append left the batch full: record 15
    assert world.next_step_ms() == pytest.approx(15)


def test_a_record_without_memory_blocks_the_thread() -> None:
    world = World(OpenLoop(1_000), buffer_memory_bytes=16_384, max_block_ms=30)
    world.catch_up(20.0)
    assert world.accumulator.pool.waiting
    assert world.next_step_ms() == pytest.approx(16 + 30)
    assert (world.schedule.next_record, world.failed) == (16, [])


def test_a_blocked_thread_gets_memory_and_goes_on_with_what_has_arrived() -> None:
    world = World(OpenLoop(1_000), buffer_memory_bytes=16_384, append_us=500)
    world.catch_up(20.0)
    [first] = world.drain(20.0)
    world.accumulator.free(first)
    world.catch_up(22.0)
    tail = world.accumulator.tail(0)
    assert tail is not None
    # record 16 was sent at 16 and appended at 22: the batch is that old and no older, but its
    # first stamp is 16; the next is appended at 22.5
    assert (tail.created_s, tail.first_stamp_ms, tail.records) == (22 * MS, 16, 1)
    world.catch_up(23.0)
    assert tail.records == 3


def test_max_block_ms_fails_one_record_after_the_other() -> None:
    world = World(OpenLoop(1_000), buffer_memory_bytes=16_384, max_block_ms=3)
    world.catch_up(24.0)
    # record 16 blocks from 16 to 19; 17 to 18 have arrived since, 17 blocks from 19 to 22, ...
    assert world.failed == [(16, 19), (17, 22)]
    assert world.next_step_ms() == pytest.approx(25)


def test_the_record_after_a_failed_one_goes_where_it_should() -> None:
    world = World(OpenLoop(1_000), (0, 1, 0), max_block_ms=0.5, buffer_memory_bytes=16_384)
    world.catch_up(2.6)
    # record 1, for partition 1, fails; 0 and 2 are in partition 0
    assert world.failed == [(1, 1.5)]
    assert [batch.spans for batch in world.drain(2.6)] == [[(0, 1), (2, 1)]]


def test_after_max_block_ms_nobody_waits_for_memory() -> None:
    world = World(OpenLoop(10), (0, 1, 0), max_block_ms=20, buffer_memory_bytes=16_384)
    world.catch_up(150.0)
    assert world.failed == [(1, 120)]
    # the next record comes at 200; until then BufferPool.queued() is 0 and linger counts again
    assert not world.accumulator.pool.waiting


class Listening(NamedPartitions):
    """Partition 0 for every record, and a note of what was said to have gone there."""

    def __init__(self) -> None:
        super().__init__(cycled((0,) * 100))
        self.notes: list[tuple[int, int]] = []

    def took(self, records: int, size_bytes: int) -> None:
        self.notes.append((records, size_bytes))
        super().took(records, size_bytes)


def test_the_header_of_a_batch_counts_for_the_sticky_choice() -> None:
    partitioner = Listening()
    world = World(OpenLoop(1_000), partitioner=partitioner)
    world.catch_up(0.0)
    world.catch_up(1.0)
    # 61 bytes of header with the first record, then the second record alone
    assert partitioner.notes == [(1, 61 + 1_009), (1, 1_009)]


def test_a_failed_record_lets_a_closed_loop_go_on() -> None:
    world = World(ClosedLoop(17), buffer_memory_bytes=16_384, max_block_ms=3)
    world.catch_up(7.0)
    assert world.failed == [(16, 3), (17, 6)]


def test_stamps_64_ms_after_the_first_make_records_longer() -> None:
    world = World(OpenLoop(100), value_bytes=100)
    world.catch_up(100.0)
    [batch] = world.drain(100.0)
    # records at 0, 10, ... 100 ms: seven with deltas below 64, four with 70 and more
    assert (batch.records, batch.size_bytes) == (11, 61 + 7 * 109 + 4 * 110)


def one_by_one(
    arrivals_ms: list[int], named: tuple[int, ...], value_bytes: int, batch_size: int
) -> dict[int, list[tuple[list[int], int]]]:
    """The accumulator with endless memory, record by record: (records, bytes) of each batch."""
    shape, queues = RecordShape(value_bytes), defaultdict[int, list[tuple[list[int], int]]](list)
    limit, stamps = max(batch_size, shape.upper_bound_bytes), dict[int, int]()
    for record, (at_ms, partition) in enumerate(zip(arrivals_ms, cycle(named), strict=False)):
        queue = queues[partition]
        if queue:
            records, size = queue[-1]
            size += shape.record_bytes(len(records), at_ms - stamps[partition])
            if size <= limit:
                queue[-1] = ([*records, record], size)
                continue
        stamps[partition] = at_ms
        queue.append(([record], 61 + shape.record_bytes(0)))
    return queues


@given(
    gap_ms=st.sampled_from([1, 3, 20, 100]),
    named=st.lists(st.integers(0, 2), min_size=1, max_size=5).map(tuple),
    value_bytes=st.sampled_from([0, 30, 100, 900]),
    batch_size=st.sampled_from([100, 1_000, 10_000]),
    looks=st.lists(st.integers(1, 400), min_size=1, max_size=6),
)
def test_catching_up_in_runs_is_sending_record_by_record(
    gap_ms: int, named: tuple[int, ...], value_bytes: int, batch_size: int, looks: list[int]
) -> None:
    world = World(
        OpenLoop(1_000 / gap_ms),
        named,
        value_bytes=value_bytes,
        batch_size_bytes=batch_size,
        buffer_memory_bytes=2**40,
    )
    now_ms = 0
    for wait_ms in looks:
        now_ms += wait_ms
        world.catch_up(now_ms)
    sent = now_ms // gap_ms + 1
    expected = one_by_one([gap_ms * n for n in range(sent)], named, value_bytes, batch_size)
    found: dict[int, list[tuple[list[int], int]]] = defaultdict(list)
    while batches := world.drain(now_ms):
        for batch in batches:
            records = [n for first, count in batch.spans for n in range(first, first + count)]
            found[batch.partition].append((records, batch.size_bytes))
    assert found == expected
    assert world.schedule.next_record == sent


@given(
    named=st.lists(st.integers(0, 2), min_size=1, max_size=4).map(tuple),
    gap_ms=st.sampled_from([1, 7, 30]),
    until_ms=st.integers(0, 500),
)
def test_the_next_step_is_never_late(named: tuple[int, ...], gap_ms: int, until_ms: int) -> None:
    world = World(OpenLoop(1_000 / gap_ms), named, value_bytes=200, batch_size_bytes=1_000)
    world.catch_up(until_ms)
    opened = sum(world.accumulator.queued_batches)
    step_ms = world.next_step_ms()
    following = until_ms // gap_ms + 1
    for record in islice(range(following, following + 200), 200):
        world.catch_up(record * gap_ms)
        if sum(world.accumulator.queued_batches) > opened:
            assert step_ms <= record * gap_ms + 1e-6
            return


def test_who_looks_at_the_accumulator_finds_what_was_sent_by_then() -> None:
    world = World(OpenLoop(records_per_s=1_000), linger_ms=0)
    assert world.accumulator.ready([0], 3.5 * MS) == ([0], NEVER_S)
    assert [batch.records for batch in world.drain(7.5)] == [8]


def test_a_record_that_fills_its_batch_by_a_wide_timestamp_is_a_step() -> None:
    """64 ms after the first a timestamp takes two bytes: then the third record may be the last."""
    size_bytes = Packing(RecordShape(100), 10_000).sizes[2] + RecordShape(100).record_bytes(2) + 4
    world = World(OpenLoop(20.0), value_bytes=100, batch_size_bytes=size_bytes)
    world.catch_up(50.0)
    assert world.next_step_ms() == pytest.approx(100.0)


def test_a_thread_whose_process_ended_takes_no_step_until_it_is_back() -> None:
    world = World(OpenLoop(1_000), buffer_memory_bytes=16_384, max_block_ms=30)
    world.catch_up(20.0)  # record 16 waits for memory
    world.application.go_down([])
    assert world.next_step_ms() == NEVER_S
    assert not world.accumulator.pool.waiting
    world.catch_up(60.0)
    assert (world.schedule.next_record, world.failed) == (16, [])
    world.application.come_back(0.07)
    assert world.next_step_ms() == pytest.approx(70)


def test_who_was_blocked_goes_on_in_a_batch_that_was_opened_for_what_is_sent_again() -> None:
    """Else the thread is taken to be over ``max.block.ms``, again and again in one instant."""
    world = World(OpenLoop(1_000), buffer_memory_bytes=16_384, max_block_ms=5)
    world.catch_up(0.0)
    (failed,) = world.drain(0.0)
    world.catch_up(5.0)
    assert world.next_step_ms() == pytest.approx(1 + 5)  # the second is blocked since it was sent
    world.accumulator.free(failed)
    world.application.send_again([failed])
    world.catch_up(5.5)
    tail = world.accumulator.tail(0)
    assert tail is not None
    assert tail.spans == [(0, 6)]
    assert world.failed == []
    assert world.next_step_ms() == pytest.approx(16)


def test_what_is_due_again_waits_for_memory_and_takes_no_step_by_itself() -> None:
    world = World(OpenLoop(1_000), buffer_memory_bytes=16_384)
    world.catch_up(0.0)
    (batch,) = world.drain(0.0)
    world.application.send_again([batch])
    world.catch_up(3.0)
    assert world.next_step_ms() == NEVER_S
    world.accumulator.free(batch)
    assert world.next_step_ms() < NEVER_S
    world.catch_up(4.0)
    tail = world.accumulator.tail(0)
    assert tail is not None
    assert tail.spans == [(0, 5)]


def test_of_a_batch_whose_first_record_waited_long_the_second_is_stamped_late() -> None:
    world = World(OpenLoop(1_000), buffer_memory_bytes=16_384)
    world.catch_up(0.0)
    (batch,) = world.drain(0.0)
    world.catch_up(1.0)  # the second record finds no memory
    world.accumulator.free(batch)
    world.catch_up(200.0)
    (tail,) = world.drain(200.0)
    shape = world.packing.shape
    late = sum(shape.record_bytes(index, delta_ms=199) for index in range(1, tail.records))
    assert tail.records > 2
    assert tail.size_bytes == 61 + shape.record_bytes(0) + late
