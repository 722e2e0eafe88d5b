"""The sketch's quantiles against those of all the numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.outcome.sketch import GREATEST, LEAST, PRECISION, Sketch

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
    "all alike": np.full(COUNT, 51.3),
}
SHARES = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)


@pytest.mark.parametrize("values", SPREAD.values(), ids=SPREAD)
def test_quantiles_are_off_by_a_thousandth_of_their_value(values: NDArray[np.float64]) -> None:
    sketch = Sketch.of(np.array_split(values, 7))
    found = [sketch.quantile(share) for share in SHARES]
    assert found == pytest.approx(np.quantile(values, SHARES), rel=PRECISION)
    assert PRECISION < 0.0012


@given(
    values=st.lists(st.floats(LEAST / 10, GREATEST * 10), min_size=1, max_size=9),
    share=st.floats(0, 1),
)
def test_a_quantile_lies_beside_a_number_that_is_there(values: list[float], share: float) -> None:
    sketch = Sketch.of([np.array(values)])
    found = sketch.quantile(share)
    assert min(values) <= found <= max(values)
    if LEAST <= found < GREATEST:
        assert min(abs(found / value - 1) for value in values) < 2 * PRECISION


def test_ends_mean_and_count_are_exact() -> None:
    values = SPREAD["lognormal"]
    sketch = Sketch.of([*np.array_split(values, 7), np.empty(0)])
    assert (sketch.quantile(0), sketch.quantile(1)) == (values.min(), values.max())
    assert len(sketch) == COUNT
    assert sketch.mean == pytest.approx(values.mean())


def test_nothing_has_no_quantiles() -> None:
    sketch = Sketch()
    assert len(sketch) == 0
    assert math.isnan(sketch.mean)
    assert math.isnan(sketch.quantile(0.5))
