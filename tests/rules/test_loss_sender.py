"""The sending end where packets are lost, by hand; whole requests are in ``test_lossy``."""

from model.network.loss_sender import LossSender
from model.network.path import LEAST_TIMEOUT_S
from model.network.segments import SEGMENT_BYTES

RTT_S = 0.02


def test_who_shut_the_window_is_asked_again_and_again_with_nothing_new() -> None:
    left = list[tuple[int, int, int, bool]]()
    sender = LossSender(lambda *told: left.append(told), RTT_S, 2 * SEGMENT_BYTES, False, 10)
    sender.write(0.0, 5 * SEGMENT_BYTES)
    end = 2 * SEGMENT_BYTES
    assert (left[0][0], left[-1][1]) == (0, end)
    left.clear()
    sender.acked(RTT_S, end, [], end)
    first_s = sender.due_s
    assert first_s - RTT_S >= LEAST_TIMEOUT_S
    sender.expire(first_s)
    assert left == [(end, end, 1, True)]
    assert sender.due_s - first_s > first_s - RTT_S  # twice as late each time
    sender.acked(first_s + RTT_S, end, [], 5 * SEGMENT_BYTES)
    assert left[-1][1] == 5 * SEGMENT_BYTES


def test_what_was_sent_less_than_a_round_trip_ago_is_not_lost_in_a_timeout() -> None:
    left = list[tuple[int, int, int, bool]]()
    sender = LossSender(lambda *told: left.append(told), RTT_S, 10 * SEGMENT_BYTES, False, 10)
    sender.write(0.0, SEGMENT_BYTES)
    sender.expire(sender.due_s)  # a probe
    timeout_s = sender.due_s
    sender.write(timeout_s - RTT_S / 2, SEGMENT_BYTES)
    left.clear()
    sender.expire(timeout_s)
    assert left == [(0, SEGMENT_BYTES, 1, True)]
    assert (sender.board.out, sender.board.unrepaired) == (2, 0)
