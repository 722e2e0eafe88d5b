"""The idempotent producer's books: numbers, what must wait, retries, epochs."""

import pytest

from model.producer.transaction_manager import LAST_EPOCH, TransactionManager
from model.wire.batches import RecordBatch, Verdict
from model.wire.errors import Error
from model.wire.sizes import Packing, RecordShape
from model.wire.states import BatchState, IllegalStepError, ProducerIdState

PACKING = Packing(RecordShape(100), 16_384)
OUT_OF_ORDER = Verdict(Error.OUT_OF_ORDER_SEQUENCE_NUMBER)


def ready(partitions: int = 2) -> TransactionManager:
    books = TransactionManager(partitions)
    books.initializing()
    books.initialized(7)
    return books


def batch(partition: int = 0, records: int = 1) -> RecordBatch:
    new = RecordBatch(partition, PACKING, created_s=0.0)
    new.append_alike(0, records)
    return new


def drained(books: TransactionManager, *sizes: int, partition: int = 0) -> list[RecordBatch]:
    """Batches of so many records, numbered and in flight."""
    batches = [batch(partition, records) for records in sizes]
    for each in batches:
        books.number(each)
        each.become(BatchState.IN_FLIGHT)
    return batches


def numbers(batches: list[RecordBatch]) -> list[tuple[int, int, int]]:
    return [(each.producer_id, each.epoch, each.base_sequence) for each in batches]


def test_each_partition_counts_its_own_records_from_zero() -> None:
    books = ready()
    assert numbers(drained(books, 5, 1)) == [(7, 0, 0), (7, 0, 5)]
    assert numbers(drained(books, 2, partition=1)) == [(7, 0, 0)]


def test_a_batch_that_is_drained_again_keeps_its_numbers() -> None:
    books = ready()
    first, _ = drained(books, 5, 1)
    books.number(first)
    assert numbers(drained(books, 3)) == [(7, 0, 6)]
    assert first.base_sequence == 0


def test_without_an_id_everything_waits() -> None:
    books = TransactionManager(1)
    assert books.must_wait(batch())
    books.initializing()
    assert books.must_wait(batch())
    books.initialized(3)
    assert not books.must_wait(batch())


def test_an_id_cannot_come_before_it_was_asked_for() -> None:
    with pytest.raises(IllegalStepError):
        TransactionManager(1).initialized(3)


def test_retries_go_one_at_a_time_in_the_order_of_sequences() -> None:
    books = ready()
    first, second = drained(books, 1, 1)
    assert [books.must_wait(each) for each in (first, second)] == [False, True]
    books.completed(first)
    assert not books.must_wait(second)
    assert not books.must_wait(batch())  # a new one may go beside a retry that has left


def test_out_of_order_is_retried_and_only_a_gap_starts_an_epoch() -> None:
    books = ready()
    first, second = drained(books, 2, 3)
    assert books.can_retry(second, OUT_OF_ORDER)  # the first failed before it, that is all
    books.settle()
    assert books.epoch == 0
    assert books.can_retry(first, OUT_OF_ORDER)  # it is the next, so the broker lost something
    books.settle()
    assert numbers([first, second]) == [(7, 1, 0), (7, 1, 2)]
    assert first.renumbered
    assert second.renumbered


def test_after_an_epoch_other_partitions_finish_with_their_old_numbers_first() -> None:
    books = ready()
    [mine] = drained(books, 1)
    [other] = drained(books, 4, partition=1)
    books.can_retry(mine, OUT_OF_ORDER)
    books.settle()
    assert numbers([other]) == [(7, 0, 0)]
    assert books.must_wait(batch(partition=1))
    books.completed(other)
    assert not books.must_wait(batch(partition=1))
    assert numbers(drained(books, 1, partition=1)) == [(7, 1, 0)]


def test_a_batch_with_new_numbers_that_is_out_of_order_is_just_retried() -> None:
    books = ready()
    [mine] = drained(books, 1)
    books.can_retry(mine, OUT_OF_ORDER)
    books.settle()
    assert books.can_retry(mine, OUT_OF_ORDER)
    books.settle()
    assert books.epoch == 1


@pytest.mark.parametrize(
    ("error", "retried"),
    [
        (Error.NETWORK_EXCEPTION, True),
        (Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND, True),
        (Error.UNKNOWN_PRODUCER_ID, True),
        (Error.INVALID_PRODUCER_EPOCH, False),
        (Error.INVALID_RECORD, False),
        (Error.TOPIC_AUTHORIZATION_FAILED, False),
    ],
)
def test_what_is_retried(error: Error, retried: bool) -> None:
    books = ready()
    [mine] = drained(books, 1)
    assert books.can_retry(mine, Verdict(error)) == retried


def test_a_permanent_failure_gives_its_sequences_to_who_comes_after() -> None:
    books = ready()
    first, second = drained(books, 2, 3)
    books.failed(first, Error.INVALID_RECORD, adjust=True)
    books.settle()
    assert numbers([second]) == [(7, 1, 0)]


def test_what_ran_out_of_time_keeps_its_sequences() -> None:
    books = ready()
    first, second = drained(books, 2, 3)
    books.failed(first, Error.TIMEOUT, adjust=False)
    books.settle()
    assert numbers([second]) == [(7, 0, 2)]


def test_after_an_expired_retry_nothing_new_goes_until_it_is_known_what_became_of_it() -> None:
    books = ready()
    first, second = drained(books, 2, 3)
    books.failed(first, Error.TIMEOUT, adjust=False)
    books.expired(first)
    books.settle()
    assert books.must_wait(batch())
    books.completed(second)  # it came after the first, so that was written
    books.settle()
    assert not books.must_wait(batch())
    assert books.epoch == 0


def test_if_nothing_after_an_expired_retry_was_written_an_epoch_starts() -> None:
    books = ready()
    [first] = drained(books, 2)
    books.failed(first, Error.TIMEOUT, adjust=False)
    books.expired(first)
    books.settle()
    assert books.epoch == 1
    assert numbers(drained(books, 1)) == [(7, 1, 0)]


def test_out_of_order_right_after_an_expired_batch_means_that_it_was_not_written() -> None:
    books = ready()
    first, second, third = drained(books, 2, 3, 1)
    books.failed(first, Error.TIMEOUT, adjust=False)
    books.expired(first)
    assert books.can_retry(third, OUT_OF_ORDER)
    books.settle()
    assert books.epoch == 0
    assert books.can_retry(second, OUT_OF_ORDER)
    books.settle()
    assert numbers([second, third]) == [(7, 1, 0), (7, 1, 3)]


def test_when_epochs_are_used_up_an_id_is_fetched() -> None:
    books = ready()
    books.epoch = LAST_EPOCH
    [mine] = drained(books, 1)
    books.can_retry(mine, OUT_OF_ORDER)
    books.settle()
    assert books.state is ProducerIdState.UNINITIALIZED
    assert books.must_wait(batch())
    books.initializing()
    books.initialized(8)
    assert numbers([mine]) == [(8, 0, 0)]


def test_a_fatal_error_is_the_end_however_many_batches_meet_it() -> None:
    books = ready()
    for mine in drained(books, 1, 1):
        books.failed(mine, Error.CLUSTER_AUTHORIZATION_FAILED, adjust=True)
    assert books.state is ProducerIdState.FATAL_ERROR
    assert books.must_wait(batch())


def test_the_parts_of_a_batch_share_its_sequences() -> None:
    books = ready()
    whole, after = drained(books, 5, 2)
    parts = [batch(records=3), batch(records=2)]
    books.replace(whole, parts)
    assert numbers([*parts, after]) == [(7, 0, 0), (7, 0, 3), (7, 0, 5)]
    assert [books.must_wait(each) for each in (*parts, after)] == [False, True, True]


def test_a_new_session_knows_nothing() -> None:
    books = ready()
    drained(books, 5)
    books.start_session()
    books.initializing()
    books.initialized(8)
    assert numbers(drained(books, 1)) == [(8, 0, 0)]
