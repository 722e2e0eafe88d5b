"""Draws in blocks are the draws of NumPy's own methods, one by one."""

import numpy as np
import pytest

from model.streams import below, deviations, exponentials, uniform, words

SEED, MANY = 5, 2_000


def generator() -> np.random.Generator:
    return np.random.default_rng(SEED)


@pytest.mark.parametrize("limit", [1, 2, 3, 1_000, 2**31 + 1, 3_000_000_000, 2**32 - 1])
def test_a_whole_number_below_a_limit_is_the_one_that_numpy_draws(limit: int) -> None:
    """Of the largest limits every fourth word or every second is drawn in vain."""
    draws, numpys = words(generator()), generator()
    drawn = [below(limit, draws) for _ in range(MANY)]
    assert drawn == [int(numpys.integers(limit)) for _ in range(MANY)]


def test_of_one_nothing_is_drawn() -> None:
    draws = iter([1 << 31, 7])
    assert [below(1, draws), below(2, draws), next(draws)] == [0, 1, 7]


def test_blocks_are_no_different_from_one_long_draw() -> None:
    draws = exponentials(3.0, generator(), block=10)
    alone = 3.0 * generator().standard_exponential(25)
    assert [next(draws) for _ in range(25)] == pytest.approx(list(alone))
    even = uniform(generator(), block=10)
    assert [next(even) for _ in range(25)] == list(generator().random(25))
    normal = deviations(generator(), block=10)
    clipped = generator().standard_normal(MANY).clip(-3, 3)
    assert [next(normal) for _ in range(MANY)] == list(clipped)
    assert max(abs(clipped)) == 3
