"""How CUBIC's window grows and falls, step by step; its numbers are worked out by hand."""

import math

import pytest

from model.network.cubic import BETA, STEEPNESS, TICKS_PER_S, Cubic
from model.network.round_trips import RoundTrips

RTT_S, TIMEOUT_S = 0.05, 0.25


def used(cwnd: int, ssthresh: float = math.inf) -> Cubic:
    """One that holds bytes back."""
    cubic = Cubic(cwnd)
    cubic.ssthresh = ssthresh
    cubic.sent(0.0, cwnd, True, 0, cwnd, TIMEOUT_S)
    return cubic


def test_slow_start_adds_what_is_acknowledged() -> None:
    cubic = used(10)
    cubic.acknowledged(0.1, 4, RTT_S)
    assert (cubic.cwnd, cubic.in_slow_start) == (14, True)


def test_slow_start_ends_at_the_threshold_and_the_rest_counts_there() -> None:
    cubic = used(10, ssthresh=12)
    cubic.acknowledged(0.1, 12, RTT_S)
    # two to 12; of ten more 20 are needed for one at first, so none yet
    assert (cubic.cwnd, cubic.in_slow_start) == (12, False)
    cubic.acknowledged(0.1, 10, RTT_S)
    assert cubic.cwnd == 13


@pytest.mark.parametrize(("cwnd", "ssthresh", "pace"), [(9, 20, 2.0), (10, 20, 1.2), (30, 20, 1.2)])
def test_pieces_are_paced_for_two_windows_until_half_of_the_threshold(
    cwnd: int, ssthresh: float, pace: float
) -> None:
    assert used(cwnd, ssthresh).pace == pace


def test_a_loss_takes_three_tenths_and_remembers_what_there_was() -> None:
    cubic = used(100)
    cubic.lost()
    assert (cubic.ssthresh, cubic.cwnd) == (int(100 * BETA), 100)
    assert cubic.ssthresh == 70
    small = used(2)
    small.lost()
    assert small.ssthresh == 2  # and no less


def grown(cubic: Cubic, times: int, at_s: float = 1.0, segments: int = 10) -> list[int]:
    sizes = []
    for _ in range(times):
        cubic.acknowledged(at_s, segments, RTT_S)
        sizes.append(cubic.cwnd)
    return sizes


def needed(cubic: Cubic, at_s: float, segments: int, rtt_s: float = RTT_S) -> int:
    """So many acknowledged ones make one more, once these are acknowledged too."""
    cubic._look(round(at_s * TICKS_PER_S), segments, rtt_s)
    return cubic._needed


def test_after_a_loss_it_grows_as_the_curve_does_in_whole_segments() -> None:
    cubic = used(100)
    cubic.lost()
    cubic.cwnd = int(cubic.ssthresh)  # 70, and the curve comes back to 100 after cbrt(30 / 0.4)
    back_s = math.cbrt(30 / STEEPNESS)
    assert back_s == pytest.approx(4.215, abs=1e-3)
    # at once: 100 less the whole of 0.4 (4.215 - 0.052)^3 = 28.9 is 72: one more for 70 / 2
    assert grown(cubic, 4) == [70, 70, 70, 71]
    # when it is back, 29 more are wanted, one for each 71 // 29 = 2 acknowledged: one for the five
    # that were counted beyond 35, and five for ten
    cubic.acknowledged(1.0 + back_s - RTT_S, 10, RTT_S)
    assert cubic.cwnd == 71 + 1 + 5


def test_where_the_curve_is_flat_it_grows_as_reno_does() -> None:
    cubic = used(10)
    cubic.lost()
    cubic.cwnd = int(cubic.ssthresh)  # 7; the curve comes back to 10 after cbrt(3 / 0.4) = 1.96 s
    # at once it is at 10 less the whole of 2.8, which is 8: one more for 7
    assert needed(cubic, 1.0, 13) == 7
    # Reno has one more for each 7 * 15 // 8 = 13 acknowledged; a lead of two asks for 7 // 2
    assert needed(cubic, 1.032, 14) == 3
    assert needed(cubic, 1.064, 1_000) == 2  # and never more than half of them


def test_while_it_stands_its_pace_does_for_seven_ticks() -> None:
    cubic = used(10)
    cubic.lost()
    cubic.cwnd = int(cubic.ssthresh)
    assert needed(cubic, 1.0, 13) == 7
    assert needed(cubic, 1.028, 1_000) == 7  # a seventh tick of 4 ms
    assert needed(cubic, 1.032, 1) == 2


def test_in_one_tick_the_curve_is_asked_once_and_reno_whenever_it_has_grown() -> None:
    cubic = used(10)
    cubic.lost()
    cubic.cwnd = 7
    assert needed(cubic, 1.0, 1) == 7
    cubic.cwnd = 8  # the curve would ask for nothing more now: 800
    assert needed(cubic, 1.0, 1) == 7
    assert needed(cubic, 1.004, 1) == 800


def test_while_nothing_is_out_the_curve_stands() -> None:
    cubic = used(10)
    cubic.lost()
    cubic.cwnd = 7
    assert needed(cubic, 1.0, 1) == 7
    cubic.idled(2.9, 1.9, 10.0)
    cubic.cwnd = 8
    assert needed(cubic, 2.9, 1) == 800  # after 1.9 s of its own it would be back at 10


def test_after_a_timeout_it_has_forgotten_how_large_it_was() -> None:
    cubic = used(10)
    cubic.lost()
    cubic.forget()
    cubic.cwnd = int(cubic.ssthresh)
    assert needed(cubic, 1.0, 0) == 20


def test_without_a_loss_one_more_for_twenty_and_far_beyond_one_for_a_hundred_windows() -> None:
    assert needed(used(30, ssthresh=20), 1.0, 0, rtt_s=0.0) == 20
    cubic = used(30)
    cubic.lost()  # at the last size the curve is flat
    assert needed(cubic, 1.0, 0, rtt_s=0.0) == 3_000


def test_a_second_loss_on_the_way_back_leaves_room_to_others() -> None:
    cubic = used(100)
    cubic.lost()
    cubic.cwnd = 80  # below the 100 of the last loss
    cubic.lost()
    assert cubic.ssthresh == int(80 * BETA)
    cubic.cwnd = int(cubic.ssthresh)
    # the curve goes through 80 * (1 + beta) / 2 = 68, 12 more than 56: a steady 68 after cbrt(30) s
    cubic.acknowledged(1.0, 1, RTT_S)
    later_s = 1.0 + math.cbrt(12 / 0.4) - RTT_S
    assert needed(cubic, later_s, 0) == 56 // 12


def test_what_holds_nothing_back_does_not_grow() -> None:
    cubic = Cubic(100)
    cubic.ssthresh = 50
    cubic.sent(0.0, 60, False, 0, 60, TIMEOUT_S)
    assert grown(cubic, 50) == [100] * 50


@pytest.mark.parametrize(("out", "grows"), [(5, False), (6, True)])
def test_in_slow_start_it_is_used_if_more_than_half_is_out(out: int, grows: bool) -> None:
    cubic = Cubic(10)
    cubic.sent(0.0, out, False, 0, out, TIMEOUT_S)
    cubic.acknowledged(0.1, 3, RTT_S)
    assert cubic.cwnd == (13 if grows else 10)


def test_what_was_most_in_a_window_counts_until_that_window_is_acknowledged() -> None:
    cubic = Cubic(10)
    cubic.sent(0.0, 6, False, 0, 6, TIMEOUT_S)
    cubic.sent(0.0, 2, False, 5, 8, TIMEOUT_S)  # of the same window: six were out
    cubic.acknowledged(0.0, 1, RTT_S)
    assert cubic.cwnd == 11
    cubic.sent(0.0, 2, False, 6, 8, TIMEOUT_S)  # the next one
    cubic.acknowledged(0.0, 1, RTT_S)
    assert cubic.cwnd == 11


def test_what_is_not_used_for_a_timeout_shrinks_half_way_to_what_is() -> None:
    cubic = Cubic(100)
    cubic.ssthresh = 50
    cubic.sent(0.0, 20, False, 0, 20, TIMEOUT_S)
    cubic.sent(TIMEOUT_S - 0.01, 30, False, 20, 50, TIMEOUT_S)
    assert cubic.cwnd == 100
    cubic.sent(TIMEOUT_S, 20, False, 50, 70, TIMEOUT_S)
    assert (cubic.cwnd, cubic.ssthresh) == ((100 + 30) // 2, 75)  # three quarters stay known
    cubic.sent(2 * TIMEOUT_S - 0.01, 3, False, 70, 73, TIMEOUT_S)
    assert cubic.cwnd == 65
    cubic.sent(2 * TIMEOUT_S, 3, False, 73, 76, TIMEOUT_S)
    assert cubic.cwnd == (65 + 10) // 2  # ten, a new connection's, count as used
    cubic.sent(2.9 * TIMEOUT_S, 37, True, 76, 113, TIMEOUT_S)  # it is used
    cubic.sent(3.8 * TIMEOUT_S, 12, False, 113, 125, TIMEOUT_S)
    assert cubic.cwnd == 37


def test_what_is_out_beyond_the_window_does_not_widen_it() -> None:
    cubic = Cubic(10)
    cubic.ssthresh = 5
    cubic.sent(0.0, 12, False, 0, 12, TIMEOUT_S)
    cubic.sent(TIMEOUT_S, 12, False, 12, 24, TIMEOUT_S)
    assert (cubic.cwnd, cubic.ssthresh) == (10, 5)


@pytest.mark.parametrize(
    ("timeouts", "cwnd"), [(1.0, 80), (1.1, 40), (2.0, 20), (3.5, 10), (9.0, 10), (500.0, 10)]
)
def test_idle_it_halves_for_each_timeout_down_to_that_of_a_new_connection(
    timeouts: float, cwnd: int
) -> None:
    cubic = Cubic(80)
    cubic.ssthresh = 20
    cubic.idled(5.0, timeouts * TIMEOUT_S, TIMEOUT_S)
    assert cubic.cwnd == cwnd
    assert cubic.ssthresh == (20 if timeouts == 1 else 60)


def test_a_small_window_does_not_grow_by_idling() -> None:
    cubic = Cubic(4)
    cubic.idled(5.0, 1.0, TIMEOUT_S)
    assert cubic.cwnd == 4


def test_a_round_trip_counts_an_eighth_and_its_deviation_a_quarter() -> None:
    trips = RoundTrips(0.08)
    assert (trips.mean_s, trips.least_s) == (0.08, 0.08)
    assert trips.timeout_s == pytest.approx(0.28)
    trips.measure(0.48, 0.07)
    # the mean is 0.08 + 0.4 / 8, the deviation 0.4 / 4, of which four times are more than 0.2
    assert trips.mean_s == pytest.approx(0.13)
    assert trips.least_s == 0.07
    assert trips.timeout_s == pytest.approx(0.13 + 0.4)
    trips.measure(0.05, 0.09)
    assert trips.mean_s == pytest.approx(0.13 - 0.01)
    assert trips.timeout_s == pytest.approx(0.12 + 4 * (0.1 + (0.08 - 0.1) / 4))
    assert trips.least_s == 0.07


def test_each_timeout_is_twice_the_last_until_two_minutes_or_news() -> None:
    trips = RoundTrips(0.1)
    found_s = []
    for trips.expired in (0, 1, 2, 8, 9):
        found_s.append(trips.timeout_s)
    assert found_s == pytest.approx([0.3, 0.6, 1.2, 76.8, 120])
    trips.measure(0.1, 0.1)
    assert trips.timeout_s == pytest.approx(0.3)
