"""Sequence numbers wrap."""

from model.sequences import next_sequence

LAST = 2**31 - 1


def test_the_sequence_after_the_last_is_zero() -> None:
    assert next_sequence(LAST, 1) == 0
    assert next_sequence(LAST - 9, 10) == 0
    assert next_sequence(LAST - 9, 15) == 5
    assert next_sequence(LAST - 9, 9) == LAST
