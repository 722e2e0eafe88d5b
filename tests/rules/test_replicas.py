"""Followers as a leader knows them: the high watermark, the ISR, who lags and who is back."""

import pytest

from model.broker.replicas import Replicas

LAG_S = 10.0


def replicas(min_in_sync: int = 1) -> Replicas:
    """A leader with followers 1 and 2."""
    return Replicas((1, 2), min_in_sync)


def without_the_second(min_in_sync: int = 1) -> Replicas:
    """Ten records at the leader; follower 1 has them, follower 2 has four and lagged too long."""
    some = replicas(min_in_sync)
    some.fetched(1, 10, 10, now_s=1.0)
    some.fetched(2, 4, 10, now_s=1.0)
    some.drop_laggards(10, 1.0 + LAG_S, LAG_S)
    return some


def test_all_are_in_sync_at_first() -> None:
    assert (replicas().in_sync, replicas().high_watermark) == (3, 0)


def test_the_high_watermark_is_the_lowest_end_of_those_in_sync() -> None:
    some = replicas()
    some.advance(10)
    assert some.high_watermark == 0
    some.fetched(1, 10, 10, now_s=1.0)
    assert some.high_watermark == 0
    some.fetched(2, 4, 10, now_s=1.0)
    assert some.high_watermark == some.lowest_end == 4
    some.fetched(2, 10, 10, now_s=2.0)
    assert some.high_watermark == 10


def test_the_leader_has_it_all_and_is_asked_for_nothing() -> None:
    some = without_the_second()
    some.fetched(1, 25, 25, now_s=12.0)
    assert some.high_watermark == 25


def test_the_high_watermark_is_not_beyond_the_leaders_end() -> None:
    some = replicas()
    some.fetched(1, 12, 10, now_s=1.0)
    some.fetched(2, 12, 10, now_s=1.0)
    assert some.high_watermark == 10


def test_the_high_watermark_never_falls() -> None:
    some = replicas()
    for follower in (1, 2):
        some.fetched(follower, 10, 10, now_s=1.0)
    some.fetched(2, 3, 12, now_s=2.0)  # it lost its log and starts again
    assert (some.lowest_end, some.high_watermark) == (3, 10)


def test_a_laggard_is_out_when_its_time_is_over_and_holds_nobody_up() -> None:
    some = replicas()
    some.fetched(1, 10, 10, now_s=1.0)
    some.fetched(2, 4, 10, now_s=1.0)
    some.drop_laggards(10, LAG_S, LAG_S)
    assert (some.in_sync, some.high_watermark) == (3, 4)
    # follower 2 has all that there was at 0, when it was new, and nothing after
    some.drop_laggards(10, LAG_S + 0.1, LAG_S)
    assert (some.in_sync, some.high_watermark) == (2, 10)


def test_a_follower_at_the_leaders_end_does_not_lag_however_long_it_is_silent() -> None:
    some = replicas()
    for follower in (1, 2):
        some.fetched(follower, 10, 10, now_s=1.0)
    some.drop_laggards(10, 1_000.0, LAG_S)
    assert some.in_sync == 3


def test_a_follower_that_is_always_one_fetch_behind_does_not_lag() -> None:
    some = replicas()
    for second in range(40):
        # each time it has what there was when it asked last
        for follower in (1, 2):
            some.fetched(follower, max(0, 10 * (second - 1)), 10 * second, now_s=second)
        some.drop_laggards(10 * second, second, LAG_S)
    assert some.in_sync == 3


def test_a_follower_that_falls_further_and_further_behind_lags() -> None:
    some = replicas()
    for second in range(40):
        some.fetched(1, 10 * second, 10 * second, now_s=second)
        some.fetched(2, 5 * second, 10 * second, now_s=second)
        some.drop_laggards(10 * second, second, LAG_S)
    assert some.in_sync == 2
    assert some.high_watermark == 390


def test_a_laggard_is_back_when_it_has_reached_the_high_watermark() -> None:
    some = without_the_second()
    some.fetched(2, 9, 14, now_s=12.0)
    assert some.in_sync == 2
    some.fetched(2, 10, 14, now_s=13.0)
    assert some.in_sync == 3
    # and from now on it counts again
    some.fetched(1, 14, 14, now_s=13.0)
    assert some.high_watermark == 10


def test_below_the_least_the_high_watermark_stands_still() -> None:
    some = without_the_second(min_in_sync=3)
    assert (some.in_sync, some.enough, some.high_watermark) == (2, False, 4)
    some.fetched(1, 20, 20, now_s=12.0)
    assert some.high_watermark == 4
    some.fetched(2, 4, 20, now_s=13.0)  # the high watermark itself has not moved: it is back
    assert some.enough
    some.fetched(2, 20, 20, now_s=14.0)
    assert some.high_watermark == 20


def test_without_any_follower_in_sync_the_leader_alone_decides() -> None:
    some = replicas()
    some.advance(10)
    some.drop_laggards(10, LAG_S + 1, LAG_S)
    assert (some.in_sync, some.enough, some.high_watermark) == (1, True, 10)


@pytest.mark.parametrize(("min_in_sync", "enough"), [(2, True), (3, False), (5, False)])
def test_more_than_there_are_replicas_is_taken_for_all_of_them(
    min_in_sync: int, enough: bool
) -> None:
    assert replicas(min_in_sync).enough
    assert without_the_second(min_in_sync).enough is enough
