"""Which partition: murmur2 by key, sticky without, adaptive towards short queues."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from model.producer.partitioner import (
    NamedPartitions,
    StickyPartition,
    cycled,
    keyed,
    murmur2,
    partition_for_key,
)

BATCH_SIZE = 16_384


@pytest.mark.parametrize(
    ("data", "java_int"),
    [
        (b"21", -973_932_308),
        (b"foobar", -790_332_482),
        (b"a-little-bit-long-string", -985_981_536),
        (b"a-little-bit-longer-string", -1_486_304_829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        (b"abc", 479_470_107),
    ],
)
def test_murmur2_gives_the_values_of_kafkas_own_test(data: bytes, java_int: int) -> None:
    # read: UtilsTest.testMurmur2 of apache/kafka, which has signed 32-bit numbers
    assert murmur2(data) == java_int % 2**32


def test_a_key_goes_to_its_hash_without_the_sign_modulo_the_partitions() -> None:
    assert partition_for_key(b"abc", 10) == 479_470_107 % 10
    assert partition_for_key(b"21", 10) == (-973_932_308 & 0x7FFFFFFF) % 10


def test_a_key_always_goes_to_the_same_partition() -> None:
    blocks = keyed(5, 64, np.random.default_rng(1))
    numbers = np.random.default_rng(1).integers(5, size=1024).tolist()
    assert next(blocks) == [partition_for_key(b"%08d" % number, 64) for number in numbers]


def test_named_partitions_come_in_turn_and_say_how_long_they_last() -> None:
    named = NamedPartitions(cycled((2, 2, 5)))
    seen = []
    for _ in range(4):
        seen.append((named.partition(lambda _: False), named.run_length()))
        named.took(named.run_length(), 0)
    assert seen == [(2, 2), (5, 1), (2, 2), (5, 1)]


def test_named_partitions_can_be_taken_one_by_one() -> None:
    named = NamedPartitions(cycled((2, 2, 5)))
    named.took(1, 0)
    assert (named.partition(lambda _: False), named.run_length()) == (2, 1)
    assert list(named.upcoming(64)) == [2, 5]


def sticky(partitions: int, *, adaptive: bool = True, seed: int = 1) -> StickyPartition:
    return StickyPartition(partitions, BATCH_SIZE, adaptive, np.random.default_rng(seed))


def switches(partitioner: StickyPartition, size_bytes: int, full: bool, times: int = 200) -> bool:
    """Whether a partition ever changes when so many bytes went there each time."""
    seen = set()
    for _ in range(times):
        partitioner.took(1, size_bytes)
        seen.add(partitioner.partition(lambda _: full))
    return len(seen) > 1


def test_a_partition_sticks_until_batch_size_bytes_went_there() -> None:
    partitioner = sticky(50)
    first = partitioner.partition(lambda _: True)
    partitioner.took(16, BATCH_SIZE - 1)
    assert partitioner.partition(lambda _: True) == first
    partitioner.took(1, 1)
    partitioner.partition(lambda _: True)
    assert switches(partitioner, BATCH_SIZE, full=True)


def test_a_partition_sticks_while_its_tail_has_room() -> None:
    assert not switches(sticky(50), BATCH_SIZE, full=False)


def test_the_count_of_bytes_starts_anew_with_each_partition() -> None:
    partitioner, seen = sticky(1_000), []
    for _ in range(40):
        partitioner.took(1, BATCH_SIZE // 2)
        seen.append(partitioner.partition(lambda _: True))
    # a switch with every second half; this seed never draws one of 1,000 twice in a row
    assert sum(one != two for one, two in pairwise(seen)) == 20


def draws(partitioner: StickyPartition, times: int) -> Counter[int]:
    """How often each partition is drawn."""
    seen: Counter[int] = Counter()
    for _ in range(times):
        partitioner.took(1, BATCH_SIZE)
        seen[partitioner.partition(lambda _: True)] += 1
    return seen


def test_without_load_all_partitions_are_alike() -> None:
    seen = draws(sticky(4), 8_000)
    # 2,000 each with a standard deviation of 39
    assert all(abs(seen[partition] - 2_000) < 160 for partition in range(4))


def test_short_queues_are_drawn_more_often() -> None:
    partitioner = sticky(3)
    partitioner.loads.see(1, 3)
    partitioner.loads.see(2, 1)
    seen = draws(partitioner, 8_000)
    # weights 3 + 1 - queue: 4, 1, 3 of 8
    assert all(abs(seen[p] - 1_000 * weight) < 180 for p, weight in enumerate((4, 1, 3)))
