"""The books: copies, duplicates and inversions, counted from rows of the log."""

from model.outcome.facts import AckRow, AppendRow, FailureRow
from model.outcome.ledger import Ledger
from model.outcome.recorder import Recorder


def appended(*rows: tuple[int, int, int, int]) -> Recorder:
    """A recorder that saw (partition, producer, first record, records) written in this order."""
    recorder = Recorder(producers=2)
    for partition, producer, first, records in rows:
        recorder.appends.append(AppendRow(partition, producer, first, records, 0, 0.0, request=0))
    return recorder


def test_a_clean_log_has_neither_duplicates_nor_inversions() -> None:
    books = Ledger.of(appended((0, 0, 0, 5), (1, 0, 5, 2), (0, 0, 7, 3), (0, 1, 0, 4)), sent=20)
    assert (books.in_log, books.duplicates, books.inversions) == (14, 0, 0)


def test_a_batch_that_is_written_twice_is_a_duplicate() -> None:
    books = Ledger.of(appended((0, 0, 0, 5), (0, 0, 5, 2), (0, 0, 5, 2)), sent=7)
    assert (books.in_log, books.duplicates, books.inversions) == (9, 2, 1)


def test_duplicates_are_counted_across_partitions_and_for_parts_of_batches() -> None:
    books = Ledger.of(appended((0, 0, 0, 10), (1, 0, 8, 4), (1, 0, 2, 1)), sent=20)
    assert books.duplicates == 3


def test_records_of_two_producers_are_not_the_same() -> None:
    assert Ledger.of(appended((0, 0, 0, 5), (0, 1, 0, 5)), sent=10).duplicates == 0


def test_a_lower_number_after_a_higher_one_is_an_inversion() -> None:
    books = Ledger.of(appended((0, 0, 5, 5), (0, 0, 0, 5), (0, 0, 10, 5)), sent=15)
    assert (books.duplicates, books.inversions) == (0, 1)


def test_order_counts_within_a_partition_and_a_producer_only() -> None:
    assert Ledger.of(appended((0, 0, 5, 1), (1, 0, 0, 1), (0, 1, 0, 1)), sent=9).inversions == 0


def test_what_is_neither_acknowledged_nor_failed_is_unfinished() -> None:
    recorder = Recorder(producers=2)
    recorder.acks[0].append(AckRow(0, 5, 1.0))
    recorder.acks[1].append(AckRow(0, 3, 1.0))
    recorder.record_failed(1, 3, 2.0)
    books = Ledger.of(recorder, sent=12)
    assert (books.acked, books.failed, books.unfinished) == (8, 1, 3)


def test_what_was_acknowledged_must_be_in_the_log_and_what_failed_may_be() -> None:
    recorder = appended((0, 0, 0, 5), (0, 0, 8, 4))
    recorder.acks[0].append(AckRow(0, 6, 1.0))
    recorder.acks[0].append(AckRow(8, 1, 1.0))
    recorder.failures += [FailureRow(0, 9, 2, "TIMEOUT", 1.0), FailureRow(0, 12, 3, "TIMEOUT", 1.0)]
    books = Ledger.of(recorder, sent=20)
    assert (books.acked, books.acked_missing) == (7, 1)
    assert (books.failed, books.failed_but_present, books.unfinished) == (5, 2, 8)


def test_a_record_that_failed_and_was_acknowledged_later_counts_as_acknowledged() -> None:
    recorder = appended((0, 0, 0, 3), (0, 0, 0, 3))
    recorder.failures.append(FailureRow(0, 0, 3, "TIMEOUT", 1.0))
    recorder.acks[0].append(AckRow(0, 3, 2.0))
    books = Ledger.of(recorder, sent=3)
    assert (books.acked, books.failed, books.failed_but_present) == (3, 0, 0)
    assert (books.duplicates, books.inversions, books.displaced) == (3, 1, 0)


def test_batches_sent_again_in_reversed_order_displace_all_but_the_last() -> None:
    # B1 is there; B2 to B4 were lost and come back to front, then B1 once more, then what is new
    books = Ledger.of(
        appended(
            (0, 0, 0, 4), (0, 0, 12, 4), (0, 0, 8, 4), (0, 0, 4, 4), (0, 0, 0, 4), (0, 0, 16, 4)
        ),
        sent=20,
    )
    assert (books.duplicates, books.inversions, books.displaced) == (4, 3, 8)


def test_a_copy_of_one_record_right_after_it_is_no_inversion() -> None:
    books = Ledger.of(appended((0, 0, 0, 1), (0, 0, 0, 1)), sent=1)
    assert (books.duplicates, books.inversions, books.displaced) == (1, 0, 0)
