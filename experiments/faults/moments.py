"""When things go wrong: moments drawn at random, pushed apart where they would overlap."""

import numpy as np
from numpy.typing import NDArray

#: Ours: one loss is over before the next comes, or they would not add up.
APART_S = 0.5
#: Ours: nothing goes wrong before everything is under way.
CALM_S = 1.0


def moments_s(draw: np.random.Generator, count: int, span_s: float) -> NDArray[np.float64]:
    """So many instants of a span, in order and at least ``APART_S`` apart."""
    room_s = span_s - count * APART_S - CALM_S
    at_s: NDArray[np.float64] = (
        CALM_S + np.sort(draw.random(count)) * room_s + np.arange(count) * APART_S
    )
    return at_s
