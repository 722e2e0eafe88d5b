"""How fast a sender goes on while it repairs: the window, by hand (RFC 6937)."""

import pytest

from model.network.cubic import Cubic
from model.network.recovery import Phase, Recovery
from model.network.scoreboard import Scoreboard


@pytest.fixture
def board() -> Scoreboard:
    return Scoreboard()


def repairing(board: Scoreboard, out: int) -> tuple[Cubic, Recovery]:
    """A window of 20, of which a loss leaves 14, and so many segments on their way."""
    cubic = Cubic(20)
    recovery = Recovery(cubic, board)
    recovery.begin(sent=1_000)
    assert cubic.ssthresh == 14
    board.out = out
    return cubic, recovery


def test_above_its_aim_it_sends_seven_tenths_of_what_arrives(board: Scoreboard) -> None:
    cubic, recovery = repairing(board, 18)
    recovery.reduce(3, 0)
    assert cubic.cwnd == 18 + 3  # 14 * 3 / 20, rounded up
    recovery.left(3)
    recovery.reduce(3, 0)
    assert cubic.cwnd == 18 + 2  # 5 of 6 that arrived, and 3 have left
    recovery.left(2)
    recovery.reduce(1, 5)
    assert cubic.cwnd == 18  # 4.9: no more yet, whatever advances


def test_below_its_aim_it_sends_what_arrives_and_one_more_for_what_advances(
    board: Scoreboard,
) -> None:
    cubic, recovery = repairing(board, 6)
    recovery.reduce(2, 0)
    assert cubic.cwnd == 6 + 2
    recovery.left(1)
    recovery.reduce(2, 1)
    assert cubic.cwnd == 6 + 3 + 1  # 4 arrived, and 1 has left
    recovery.left(6)
    recovery.reduce(1, 1)
    assert cubic.cwnd == 6 + 1 + 1  # though 7 left and 5 arrived
    board.out = 13
    recovery.reduce(9, 9)
    assert cubic.cwnd == 14
    board.out = 14
    recovery.reduce(9, 9)
    assert cubic.cwnd == 14


def test_something_leaves_at_the_beginning_and_nothing_for_no_news(board: Scoreboard) -> None:
    cubic, recovery = repairing(board, 14)
    recovery.reduce(0, 0)
    assert cubic.cwnd == 14 + 1
    recovery.left(1)
    cubic.cwnd = 3
    recovery.reduce(0, 1)
    assert cubic.cwnd == 3


def test_a_repair_ends_where_it_began_with_the_window_that_it_left(board: Scoreboard) -> None:
    cubic, recovery = repairing(board, 6)
    recovery.ended_by(999)
    assert recovery.phase is Phase.RECOVERY
    recovery.ended_by(1_000)
    assert (recovery.phase, cubic.cwnd) == (Phase.OPEN, 14)


def test_after_a_timeout_it_grows_by_itself(board: Scoreboard) -> None:
    cubic, recovery = repairing(board, 2)
    recovery.begin_anew(500, 2_000)  # in the midst of a repair: no second reduction
    assert (recovery.phase, cubic.cwnd, cubic.ssthresh) == (Phase.LOSS, 3, 14)
    recovery.ended_by(2_000)
    assert (recovery.phase, cubic.cwnd) == (Phase.OPEN, 3)
    cubic.cwnd = 10
    recovery.begin_anew(2_000, 3_000)
    assert (cubic.cwnd, cubic.ssthresh) == (3, 7)
    cubic.cwnd = 20
    recovery.begin_anew(3_000, 4_000)  # all of the last one is there
    assert cubic.ssthresh == 14
