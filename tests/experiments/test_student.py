"""Quantiles of Student's t are those of a library that has them."""

import pytest
from scipy.stats import t

from experiments.kit.student import t_quantile


@pytest.mark.parametrize("share", [0.5, 0.9, 0.975, 0.995, 0.9999])
@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 8, 19, 30, 99, 1_000])
def test_quantiles_are_the_librarys(freedom: int, share: float) -> None:
    assert t_quantile(freedom, share) == pytest.approx(float(t.ppf(share, freedom)), rel=1e-9)
