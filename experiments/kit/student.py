"""Student's t distribution, without the library that takes longer to import than to answer."""

import math
from functools import lru_cache
from statistics import NormalDist


@lru_cache
def t_quantile(freedom: int, share: float) -> float:
    """What a t-distributed number does not exceed in this share of cases, from a half up.

    ``freedom``: degrees of it, from 1 up. By Newton's steps from the normal quantile, which is
    below; the distribution is concave there, so they never go too far.
    """
    at = NormalDist().inv_cdf(share)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    while True:
        density = scale * (1 + at * at / freedom) ** (-(freedom + 1) / 2)
        after = at + (share - _not_above(freedom, at)) * math.sqrt(freedom * math.pi) / density
        if after - at <= 1e-15 * at:
            return at
        at = after


def _not_above(freedom: int, at: float) -> float:
    """The distribution function; read: Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = math.atan(at / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0 if freedom == 1 else term
    for number in range(2 + odd, freedom - 1, 2):
        term *= cosine * cosine * (number - 1) / number
        total += term
    inside = sine * total
    if odd:
        inside = 2 / math.pi * (angle + inside)
    return (1 + inside) / 2
