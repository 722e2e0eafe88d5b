"""A partition on its leader: the high watermark, the ISR, which follower lags and which is back."""

import pytest

from model.broker.partition import Partition
from model.wire.batches import NO_PRODUCER_ID, Numbers
from model.wire.requests import Slice

LAG_S = 10.0


def grow(partition: Partition, log_end_offset: int) -> None:
    """Append one batch that ends there."""
    records = log_end_offset - partition.log.log_end_offset
    partition.append(Numbers(NO_PRODUCER_ID, -1, -1), records, size_bytes=100)


def followed(log_end_offset: int, min_in_sync: int = 1) -> Partition:
    """A leader with so many records, and with the followers 1 and 2."""
    partition = Partition((1, 2), min_in_sync)
    if log_end_offset:
        grow(partition, log_end_offset)
    return partition


def without_the_second(min_in_sync: int = 1) -> Partition:
    """Ten records at the leader; follower 1 has them, follower 2 has four and lagged too long."""
    partition = followed(10, min_in_sync)
    partition.fetched(1, 10, now_s=1.0)
    partition.fetched(2, 4, now_s=1.0)
    partition.shrink_isr(1.0 + LAG_S, LAG_S)
    return partition


def test_without_followers_the_high_watermark_is_the_end() -> None:
    alone = Partition()
    grow(alone, 8)
    assert (alone.has_followers, alone.has_min_in_sync, alone.high_watermark) == (False, True, 8)


def test_all_are_in_sync_at_first() -> None:
    assert (followed(10).in_sync, followed(10).high_watermark) == (3, 0)


def test_the_high_watermark_is_the_lowest_end_of_those_in_sync() -> None:
    some = followed(10)
    assert some.high_watermark == 0
    some.fetched(1, 10, now_s=1.0)
    assert some.high_watermark == 0
    some.fetched(2, 4, now_s=1.0)
    assert some.high_watermark == 4
    some.fetched(2, 10, now_s=2.0)
    assert some.high_watermark == 10


def test_the_leader_has_it_all_and_is_asked_for_nothing() -> None:
    some = without_the_second()
    grow(some, 25)
    some.fetched(1, 25, now_s=12.0)
    assert some.high_watermark == 25


def test_the_high_watermark_is_not_beyond_the_leaders_end() -> None:
    some = followed(10)
    some.fetched(1, 12, now_s=1.0)
    some.fetched(2, 12, now_s=1.0)
    assert some.high_watermark == 10


def test_the_high_watermark_never_falls() -> None:
    some = followed(10)
    for follower in (1, 2):
        some.fetched(follower, 10, now_s=1.0)
    grow(some, 12)
    some.fetched(2, 3, now_s=2.0)  # it lost its log and starts again
    assert some.high_watermark == 10


def test_a_laggard_is_out_when_its_time_is_over_and_holds_nobody_up() -> None:
    some = followed(10)
    some.fetched(1, 10, now_s=1.0)
    some.fetched(2, 4, now_s=1.0)
    some.shrink_isr(LAG_S, LAG_S)
    assert (some.in_sync, some.high_watermark) == (3, 4)
    # follower 2 has all that there was at 0, when it was new, and nothing after
    some.shrink_isr(LAG_S + 0.1, LAG_S)
    assert (some.in_sync, some.high_watermark) == (2, 10)


def test_a_follower_at_the_leaders_end_does_not_lag_however_long_it_is_silent() -> None:
    some = followed(10)
    for follower in (1, 2):
        some.fetched(follower, 10, now_s=1.0)
    some.shrink_isr(1_000.0, LAG_S)
    assert some.in_sync == 3


def test_a_follower_that_is_always_one_fetch_behind_does_not_lag() -> None:
    some = followed(0)
    for second in range(40):
        # each time it has what there was when it asked last
        for follower in (1, 2):
            some.fetched(follower, max(0, 10 * (second - 1)), now_s=second)
        some.shrink_isr(second, LAG_S)
        grow(some, 10 * (second + 1))
    assert some.in_sync == 3


def test_a_follower_that_falls_further_and_further_behind_lags() -> None:
    some = followed(0)
    for second in range(40):
        some.fetched(1, 10 * second, now_s=second)
        some.fetched(2, 5 * second, now_s=second)
        some.shrink_isr(second, LAG_S)
        grow(some, 10 * (second + 1))
    assert some.in_sync == 2
    assert some.high_watermark == 390


def test_a_laggard_is_back_when_it_has_reached_the_high_watermark() -> None:
    some = without_the_second()
    grow(some, 14)
    some.fetched(2, 9, now_s=12.0)
    assert some.in_sync == 2
    some.fetched(2, 10, now_s=13.0)
    assert some.in_sync == 3
    # and from now on it counts again
    some.fetched(1, 14, now_s=13.0)
    assert some.high_watermark == 10


def test_below_the_least_the_high_watermark_stands_still() -> None:
    some = without_the_second(min_in_sync=3)
    assert (some.in_sync, some.has_min_in_sync, some.high_watermark) == (2, False, 4)
    grow(some, 20)
    some.fetched(1, 20, now_s=12.0)
    assert some.high_watermark == 4
    some.fetched(2, 4, now_s=13.0)  # the high watermark itself has not moved: it is back
    assert some.has_min_in_sync
    some.fetched(2, 20, now_s=14.0)
    assert some.high_watermark == 20


def test_without_any_follower_in_sync_the_leader_alone_decides() -> None:
    some = followed(10)
    some.shrink_isr(LAG_S + 1, LAG_S)
    assert (some.in_sync, some.has_min_in_sync, some.high_watermark) == (1, True, 10)


@pytest.mark.parametrize(("min_in_sync", "enough"), [(2, True), (3, False), (5, False)])
def test_more_than_there_are_replicas_is_taken_for_all_of_them(
    min_in_sync: int, enough: bool
) -> None:
    assert followed(10, min_in_sync).has_min_in_sync
    assert without_the_second(min_in_sync).has_min_in_sync is enough


def test_a_follower_that_the_controller_took_out_is_not_waited_for() -> None:
    some = followed(10)
    some.fetched(1, 10, now_s=1.0)
    some.set_isr({0, 1})
    assert (some.in_sync, some.high_watermark) == (2, 10)


def test_what_one_follower_lacks_is_kept_and_what_all_have_is_forgotten() -> None:
    some = followed(10)
    for log_end_offset in (20, 30):
        grow(some, log_end_offset)
    some.fetched(1, 30, now_s=1.0)
    some.fetched(2, 10, now_s=1.0)
    assert some.high_watermark == 10
    assert some.log.read(10, 1_000) == Slice(30, 2, 200)
    # nobody asks for the first batch any more: it is gone, the second is not
    assert some.log.read(0, 1_000) == Slice(30, 2, 200)
    some.fetched(2, 30, now_s=2.0)
    assert some.high_watermark == 30
    assert some.log.read(0, 1_000) == Slice(0, 0, 0)
