"""Which partition the next record goes to (BuiltInPartitioner.java, KIP-480 and KIP-794).

Other clients spread records without key by time, at random or in turn, and hash keys in other ways.
A partitioner answers for the *next* record and says for how many further ones the answer holds,
so that a run of records for one partition is one step. Left out: partitions without a leader
and ``partitioner.availability.timeout.ms``.
"""

import itertools
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from model.clients.profile import KeyHash
from model.config.workload import KEY_BYTES
from model.producer.queue_loads import QueueLoads
from model.producer.schedule import CHUNK, UNLIMITED, Schedule
from model.streams import WORD, words
from model.units import NOW_TOLERANCE_S


def murmur2(data: bytes) -> int:
    """Kafka's 32-bit murmur2 as an unsigned number (Utils.murmur2; seed and mixing as there)."""
    mix = 0x5BD1E995
    state = (0x9747B28C ^ len(data)) & WORD
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * mix & WORD
        word = (word ^ word >> 24) * mix & WORD
        state = (state * mix & WORD) ^ word
    if tail := data[whole:]:
        state = (state ^ int.from_bytes(tail, "little")) * mix & WORD
    state = (state ^ state >> 13) * mix & WORD
    return state ^ state >> 15


def fnv1a(data: bytes) -> int:
    """The 32-bit FNV-1a hash as an unsigned number (Go's hash/fnv)."""
    state = 0x811C9DC5
    for byte in data:
        state = (state ^ byte) * 0x01000193 & WORD
    return state


def partition_for_key(key: bytes, partitions: int, key_hash: KeyHash = KeyHash.MURMUR2) -> int:
    """Where a record with this key goes.

    Read: BuiltInPartitioner.partitionForKey; rd_kafka_msg_partitioner_consistent of librdkafka;
    hashPartitioner of sarama, whose remainder has the sign of a 32-bit number and loses it.
    """
    if key_hash is KeyHash.CRC32:
        return zlib.crc32(key) % partitions
    if key_hash is KeyHash.FNV1A:
        hashed = fnv1a(key)
        return (hashed if hashed <= WORD >> 1 else WORD + 1 - hashed) % partitions
    return (murmur2(key) & 0x7FFFFFFF) % partitions


class Partitioner(Protocol):
    """The choice for the application's next record."""

    def partition(self, tail_is_full: Callable[[int], bool]) -> int:
        """The next record's partition; ``tail_is_full`` also holds where there is no tail."""

    def run_length(self) -> int:
        """For how many records from the next one on the answer holds, if no batch fills up."""

    def upcoming(self, count: int) -> Sequence[int]:
        """The partitions of the next records, as far as is known, at most ``count``."""

    def took(self, records: int, size_bytes: int) -> None:
        """So many records were appended there, with so many bytes (batch header included)."""


class NamedPartitions:
    """The partitions come with the records: drawn by key, or named by the application."""

    def __init__(self, partitions: Iterator[list[int]]) -> None:
        self._partitions = partitions
        self._block: list[int] = next(partitions)
        self._position = 0

    def partition(self, tail_is_full: Callable[[int], bool]) -> int:
        return self._block[self._position]

    def run_length(self) -> int:
        ahead = itertools.islice(self._block, self._position, None)
        return sum(1 for _ in next(itertools.groupby(ahead))[1])

    def upcoming(self, count: int) -> Sequence[int]:
        return self._block[self._position : self._position + count]

    def took(self, records: int, size_bytes: int) -> None:
        self._position += records
        if self._position == len(self._block):
            self._block, self._position = next(self._partitions), 0


class StickyPartition:
    """Records without key: one partition until ``batch.size`` bytes went there, then another.

    The switch waits until the tail batch is absent or full. Kafka also switches without waiting
    at twice ``batch.size``; that is out of reach here, because a tail that opens below
    ``batch.size`` is full before twice that.
    """

    def __init__(
        self, partitions: int, batch_size_bytes: int, adaptive: bool, generator: np.random.Generator
    ) -> None:
        self._count = partitions
        self._batch_size_bytes = batch_size_bytes
        self.adapts = adaptive and partitions > 1  # to queues, of which one alone says nothing
        self._words = words(generator)
        self._produced_bytes = 0
        self.loads = QueueLoads(partitions)
        self._current = self._draw()

    def partition(self, tail_is_full: Callable[[int], bool]) -> int:
        if self._produced_bytes >= self._batch_size_bytes and tail_is_full(self._current):
            self._current = self._draw()
            self._produced_bytes = 0
        return self._current

    def run_length(self) -> int:
        return UNLIMITED

    def upcoming(self, count: int) -> Sequence[int]:
        return [self._current] * count

    def took(self, records: int, size_bytes: int) -> None:
        self._produced_bytes += size_bytes

    def _draw(self) -> int:
        """Uniform while queues are equal or unknown, else in favour of short queues."""
        return self.loads.draw(self._words) if self._count > 1 else 0


class StickyForAWhile:
    """Records without key: one partition for so long, then another (librdkafka, KIP-480).

    The time is counted from the record that came to it first.
    """

    def __init__(
        self, partitions: int, stays_s: float, schedule: Schedule, generator: np.random.Generator
    ) -> None:
        self._count = partitions
        self._stays_s = stays_s
        self._schedule = schedule
        self._generator = generator
        self._current, self._until_s = 0, 0.0

    def partition(self, tail_is_full: Callable[[int], bool]) -> int:
        next_s = self._schedule.time_of(0)
        if self._until_s <= next_s + NOW_TOLERANCE_S and next_s < float("inf"):
            self._current = int(self._generator.integers(self._count))
            self._until_s = next_s + self._stays_s
        return self._current

    def run_length(self) -> int:
        return max(1, self._schedule.due(self._until_s - 2 * NOW_TOLERANCE_S))

    def upcoming(self, count: int) -> Sequence[int]:
        return [self._current] * min(count, self.run_length())

    def took(self, records: int, size_bytes: int) -> None:
        """Nothing: time alone counts."""


def keyed(
    key_space: int,
    partitions: int,
    generator: np.random.Generator,
    key_hash: KeyHash = KeyHash.MURMUR2,
) -> Iterator[list[int]]:
    """Blocks of partitions of records whose keys are drawn uniformly from ``key_space`` keys."""
    known: dict[int, int] = {}
    while True:
        block = generator.integers(key_space, size=CHUNK).tolist()
        for key in block:
            if key not in known:
                known[key] = partition_for_key(b"%0*d" % (KEY_BYTES, key), partitions, key_hash)
        yield [known[key] for key in block]


def scattered(partitions: int, generator: np.random.Generator) -> Iterator[list[int]]:
    """Blocks of partitions drawn anew for each record."""
    while True:
        yield generator.integers(partitions, size=CHUNK).tolist()


def cycled(partition_cycle: Sequence[int]) -> Iterator[list[int]]:
    """The named partitions, record after record, over and over."""
    while True:
        yield list(partition_cycle)
