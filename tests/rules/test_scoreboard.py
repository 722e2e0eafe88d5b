"""What a sender knows of what is on its way, span by span; ten segments from the start."""

import pytest

from model.network.scoreboard import Scoreboard, Span
from model.network.segments import SEGMENT_BYTES

S = SEGMENT_BYTES


def board_of(*spans: tuple[int, int], sent_s: float = 1.0) -> Scoreboard:
    """Spans from and to segments, sent at one instant in pieces of two."""
    board = Scoreboard()
    for start, end in spans:
        board.add(Span(start * S, end * S, sent_s, 2))
    return board


def counts(board: Scoreboard) -> tuple[int, int, int]:
    return board.out, board.sacked, board.unrepaired


def spans(board: Scoreboard) -> list[tuple[float, float]]:
    """In segments."""
    return [(span.start / S, span.end / S) for span in board.spans]


@pytest.mark.parametrize(("size", "segments"), [(1, 1), (S, 1), (S + 1, 2), (3 * S, 3)])
def test_a_span_has_a_segment_for_each_that_is_begun(size: int, segments: int) -> None:
    assert Span(7, 7 + size, 0.0, 1).segments == segments


def test_an_acknowledgement_takes_what_is_before_it_and_cuts_what_it_is_in() -> None:
    board = board_of((0, 4), (4, 10))
    assert board.acknowledge(0) == []
    assert [span.end // S for span in board.acknowledge(4 * S)] == [4]
    assert spans(board) == [(4, 10)]
    news = board.acknowledge(7 * S)
    assert [(span.start // S, span.end // S) for span in news] == [(4, 7)]
    assert (spans(board), counts(board)) == ([(7, 10)], (3, 0, 0))
    # the rest is as it was sent
    rest = board.spans[0]
    assert (rest.sent_s, rest.piece, rest.sacked, rest.lost, rest.resent) == (1.0, 2, 0, 0, 0)


def test_what_was_sacked_is_no_news_when_it_is_acknowledged() -> None:
    board = board_of((0, 4))
    board.sack([(2 * S, 4 * S)])
    assert [span.end // S for span in board.acknowledge(4 * S)] == [2]
    assert (spans(board), counts(board)) == ([], (0, 0, 0))


def test_a_range_in_the_middle_makes_three_spans() -> None:
    board = board_of((0, 10))
    news = board.sack([(3 * S, 5 * S)])
    assert [(span.start // S, span.end // S) for span in news] == [(3, 5)]
    assert spans(board) == [(0, 3), (3, 5), (5, 10)]
    assert [span.sacked for span in board.spans] == [False, True, False]
    assert counts(board) == (8, 2, 0)
    assert board.sack([(3 * S, 5 * S)]) == []
    assert [span.start // S for span in board.unsacked()] == [0, 5]


def test_a_range_over_several_spans_is_of_all_of_them() -> None:
    board = board_of((0, 2), (2, 4), (4, 6), (6, 8))
    assert len(board.sack([(1 * S, 2 * S), (3 * S, 7 * S)])) == 4
    assert spans(board) == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 6), (6, 7), (7, 8)]
    assert [span.sacked for span in board.spans] == [False, True, False, True, True, True, False]
    assert counts(board) == (3, 5, 0)


def test_what_is_lost_is_out_no_more_until_it_is_sent_again() -> None:
    board = board_of((0, 4), (4, 10))
    board.lose(board.spans[0])
    assert (counts(board), board.spans[0].is_out) == ((6, 0, 4), False)
    span = board.to_repair(100)
    assert span is board.spans[0]
    board.resend(span, 2.5)
    assert (counts(board), span.is_out, span.ever_resent, span.sent_s) == (
        (10, 0, 0),
        True,
        True,
        2.5,
    )
    assert board.to_repair(100) is None
    board.lose(span)  # the copy too
    assert (counts(board), span.ever_resent) == ((6, 0, 4), True)
    board.sack([(0, 4 * S)])
    assert (counts(board), board.to_repair(100)) == ((6, 4, 0), None)


def test_so_many_segments_are_repaired_at_a_time_the_first_first() -> None:
    board = board_of((0, 2), (2, 7), (7, 10))
    for span in list(board.spans)[1:]:
        board.lose(span)
    first = board.to_repair(3)
    assert first is board.spans[1]
    assert spans(board) == [(0, 2), (2, 5), (5, 7), (7, 10)]
    board.resend(first, 2.0)
    assert counts(board) == (5, 0, 5)
    second = board.to_repair(2)
    assert second is board.spans[2]
    assert spans(board) == [(0, 2), (2, 5), (5, 7), (7, 10)]  # it is no longer than that


def test_a_part_of_what_was_sent_again_was_sent_again() -> None:
    board = board_of((0, 4))
    board.lose(board.spans[0])
    board.resend(board.spans[0], 2.0)
    board.acknowledge(1 * S)
    rest = board.spans[0]
    assert (rest.lost, rest.resent, rest.ever_resent, rest.sent_s) == (True, True, True, 2.0)
    assert counts(board) == (3, 0, 0)


@pytest.mark.parametrize(
    ("end", "last"), [(3 * S, (2, 3)), (2 * S + 1, (2, 2 + 1 / S)), (S, (0, 1))]
)
def test_the_last_segment_is_a_span_of_its_own(end: int, last: tuple[float, float]) -> None:
    board = Scoreboard()
    board.add(Span(0, end, 1.0, 2))
    before = counts(board)
    span = board.last_segment()
    assert (span.start / S, span.end / S) == last
    assert (board.spans[-1] is span, counts(board)) == (True, before)
    assert board.spans[0].start == 0
