"""A partition's log: offsets, the order of its decisions, what a fetch gets."""

import pytest

from model.broker.unified_log import UnifiedLog
from model.wire.batches import NO_PRODUCER_ID, Numbers, Verdict
from model.wire.errors import Error
from model.wire.requests import Slice

OUT_OF_ORDER = Verdict(Error.OUT_OF_ORDER_SEQUENCE_NUMBER)
LAST = 2**31 - 1


def append(
    log: UnifiedLog, sequence: int, records: int, producer_id: int = 1, epoch: int = 0
) -> Verdict:
    return log.append(Numbers(producer_id, epoch, sequence), records, size_bytes=100)


def written(base_offset: int) -> Verdict:
    return Verdict(Error.NONE, base_offset)


def duplicate(base_offset: int) -> Verdict:
    return Verdict(Error.NONE, base_offset, duplicate=True)


def log_of(*batches: tuple[int, int]) -> UnifiedLog:
    """A log with these (sequence, records) of producer 1."""
    log = UnifiedLog()
    for sequence, records in batches:
        assert append(log, sequence, records).error is Error.NONE
    return log


def test_offsets_follow_each_other() -> None:
    log = UnifiedLog()
    assert [append(log, 0, 3), append(log, 3, 5)] == [written(0), written(3)]
    assert log.log_end_offset == 8


@pytest.mark.parametrize("sequence", [1, 2, 4])
def test_a_sequence_that_does_not_follow_is_refused_and_changes_nothing(sequence: int) -> None:
    log = log_of((0, 3))
    assert append(log, sequence, 1) == OUT_OF_ORDER
    assert log.log_end_offset == 3
    assert append(log, 3, 1) == written(3)


def test_a_duplicate_is_a_success_with_the_offset_it_has_and_is_not_written() -> None:
    log = log_of((0, 3), (3, 2), (5, 4))
    assert append(log, 3, 2) == duplicate(3)
    assert append(log, 0, 3) == duplicate(0)
    assert log.log_end_offset == 9
    assert append(log, 9, 1) == written(9)


def test_the_last_five_batches_are_remembered_and_no_more() -> None:
    log = log_of(*((sequence, 1) for sequence in range(6)))
    assert [append(log, sequence, 1) for sequence in range(1, 6)] == [
        duplicate(offset) for offset in range(1, 6)
    ]
    assert append(log, 0, 1) == OUT_OF_ORDER


@pytest.mark.parametrize(("sequence", "records"), [(0, 2), (0, 4), (1, 2), (3, 1)])
def test_a_batch_that_overlaps_another_is_no_duplicate(sequence: int, records: int) -> None:
    assert append(log_of((0, 3), (3, 2)), sequence, records) == OUT_OF_ORDER


def test_an_old_epoch_is_refused_even_with_numbers_that_would_follow() -> None:
    log = UnifiedLog()
    append(log, 0, 3, epoch=1)
    assert append(log, 3, 1, epoch=0) == Verdict(Error.INVALID_PRODUCER_EPOCH)
    assert append(log, 0, 3, epoch=0) == Verdict(Error.INVALID_PRODUCER_EPOCH)


def test_a_new_epoch_starts_at_zero_and_forgets_the_old_batches() -> None:
    log = log_of((0, 3))
    assert append(log, 3, 1, epoch=1) == OUT_OF_ORDER
    assert append(log, 0, 3, epoch=1) == written(3)  # the same numbers, but no duplicate
    assert append(log, 0, 3, epoch=0) == Verdict(Error.INVALID_PRODUCER_EPOCH)


def test_an_unknown_producer_may_start_with_any_sequence() -> None:
    log = log_of((0, 3))
    assert append(log, 77, 2, producer_id=2) == written(3)
    assert append(log, 79, 1, producer_id=2) == written(5)


def test_sequences_wrap() -> None:
    log = UnifiedLog()
    append(log, LAST - 3, 4)
    assert append(log, 0, 1) == written(4)
    assert append(log, LAST - 3, 4) == duplicate(0)


def test_without_a_producer_id_nothing_is_checked() -> None:
    log = UnifiedLog()
    for offset in (0, 3):
        assert append(log, -1, 3, producer_id=NO_PRODUCER_ID) == written(offset)


def test_after_a_reload_only_the_last_batch_of_each_producer_is_known() -> None:
    log = log_of((0, 3), (3, 2))
    append(log, 0, 1, producer_id=2)
    log.reload()
    assert append(log, 3, 2) == duplicate(3)
    assert append(log, 0, 3) == OUT_OF_ORDER
    assert append(log, 0, 1, producer_id=2) == duplicate(5)
    assert append(log, 5, 1) == written(6)


def fetched(*sizes_bytes: int) -> UnifiedLog:
    """A log that somebody copies, with batches of ten records and these sizes."""
    log = UnifiedLog(is_fetched=True)
    for size_bytes in sizes_bytes:
        log.append(Numbers(NO_PRODUCER_ID, -1, -1), 10, size_bytes)
    return log


@pytest.mark.parametrize(
    ("offset", "most_bytes", "piece"),
    [
        (0, 1_000, Slice(30, 3, 600)),
        (0, 600, Slice(30, 3, 600)),
        (0, 599, Slice(20, 2, 300)),
        (0, 300, Slice(20, 2, 300)),
        (0, 299, Slice(10, 1, 100)),
        (10, 499, Slice(20, 1, 200)),
        (20, 1_000, Slice(30, 1, 300)),
    ],
)
def test_a_fetch_gets_whole_batches_within_its_limit(
    offset: int, most_bytes: int, piece: Slice
) -> None:
    assert fetched(100, 200, 300).read(offset, most_bytes) == piece


def test_a_fetch_gets_one_batch_however_large_it_is() -> None:
    log = fetched(100, 200)
    assert log.read(0, 0) == Slice(10, 1, 100)
    assert log.read(10, 1) == Slice(20, 1, 200)


def test_a_fetch_from_the_end_gets_nothing() -> None:
    assert fetched(100).read(10, 1_000) == Slice(10, 0, 0)
    assert fetched().read(0, 1_000) == Slice(0, 0, 0)


def test_what_is_forgotten_is_read_no_more() -> None:
    log = fetched(100, 200, 300)
    log.forget_before(10)
    assert log.read(0, 1_000) == Slice(30, 2, 500)
    log.forget_before(29)
    assert log.read(0, 1_000) == Slice(30, 1, 300)
    log.forget_before(30)
    assert log.read(0, 1_000) == Slice(0, 0, 0)


def test_a_duplicate_is_not_fetched_twice() -> None:
    log = UnifiedLog(is_fetched=True)
    append(log, 0, 3)
    append(log, 0, 3)
    assert log.read(0, 1_000) == Slice(3, 1, 100)


def test_a_log_that_nobody_copies_keeps_no_batches() -> None:
    assert log_of((0, 3)).read(0, 1_000) == Slice(0, 0, 0)
