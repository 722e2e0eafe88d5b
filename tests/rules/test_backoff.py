"""Exponential backoff with a jitter that is drawn at every look."""

import pytest

from model.producer.backoff import ExponentialBackoff


def backoff(jitter: float, *uniforms: float, most_s: float = 1.0) -> ExponentialBackoff:
    return ExponentialBackoff(0.1, most_s, jitter, iter(uniforms))


def test_waits_double_up_to_the_most() -> None:
    waits = [backoff(0.0).wait_s(failures) for failures in range(1, 7)]
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.0, 1.0])


def test_jitter_is_a_share_either_way_and_drawn_anew() -> None:
    drawn = backoff(0.2, 0.0, 0.5, 1.0)
    assert [drawn.wait_s(1) for _ in range(3)] == pytest.approx([0.08, 0.1, 0.12])


def test_the_most_is_never_exceeded_but_may_be_undercut() -> None:
    drawn = backoff(0.2, 0.0, 1.0)
    assert [drawn.wait_s(9) for _ in range(2)] == pytest.approx([0.8, 1.0])


def test_a_first_wait_above_the_most_is_the_most() -> None:
    assert backoff(0.0, most_s=0.05).wait_s(3) == 0.05


def test_no_wait_stays_none() -> None:
    assert ExponentialBackoff(0.0, 1.0, 0.2, iter([0.7])).wait_s(5) == 0.0
