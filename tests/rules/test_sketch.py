"""The sketch's quantiles against those of all the numbers."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from model.sketch import Sketch

GENERATOR = np.random.default_rng(1)
COUNT = 1_000_000
SPREAD = {
    "lognormal": GENERATOR.lognormal(0, 1, COUNT),
    "two humps": np.where(
        GENERATOR.random(COUNT) < 0.1,
        GENERATOR.normal(50, 1, COUNT),
        GENERATOR.normal(5, 0.1, COUNT),
    ),
    "ever longer": np.linspace(1, 1_000, COUNT),
}


def off(values: NDArray[np.float64], told: float, share: float) -> float:
    """By what share of the numbers a told quantile is off."""
    return abs(float(np.mean(values <= told)) - share)


@pytest.mark.parametrize("values", SPREAD.values(), ids=SPREAD)
def test_quantiles_are_off_by_less_than_a_thousandth_and_less_at_the_ends(
    values: NDArray[np.float64],
) -> None:
    sketch = Sketch.of(np.array_split(values, 7))
    assert max(off(values, sketch.quantile(share), share) for share in (0.1, 0.5, 0.9, 0.99)) < 1e-3
    assert max(off(values, sketch.quantile(share), share) for share in (0.001, 0.999)) < 1e-5


def test_ends_mean_and_count_are_exact() -> None:
    values = SPREAD["lognormal"]
    sketch = Sketch.of(np.array_split(values, 7))
    assert (sketch.quantile(0), sketch.quantile(1)) == (values.min(), values.max())
    assert len(sketch) == COUNT
    assert sketch.mean == pytest.approx(values.mean())


def test_the_same_numbers_in_the_same_order_give_the_same_quantiles() -> None:
    one, other = (Sketch.of(np.array_split(SPREAD["two humps"], 7)) for _ in range(2))
    shares = np.linspace(0, 1, 101)
    assert [one.quantile(share) for share in shares] == [other.quantile(share) for share in shares]


def test_nothing_has_no_quantiles() -> None:
    sketch = Sketch()
    assert len(sketch) == 0
    assert math.isnan(sketch.mean)
    assert math.isnan(sketch.quantile(0.5))
