"""Points of a sweep: immutable values under the names of its axes, with ids made from them.

An id says what the point is, so that adding a level to an axis renames nothing.
"""

import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType

Value = str | int | float | bool
Point = Mapping[str, Value]
Axes = Mapping[str, Sequence[Value]]


def grid(axes: Axes) -> tuple[Point, ...]:
    """Every combination of levels; the last axis varies fastest."""
    return tuple(
        MappingProxyType(dict(zip(axes, levels, strict=True)))
        for levels in itertools.product(*axes.values())
    )


def point_id(point: Point) -> str:
    """For example ``rtt_ms=2 depth=5``: one id for one combination of values."""
    return " ".join(f"{name}={_told(value)}" for name, value in point.items())


def _told(value: Value) -> str:
    """A value as text; 2 and 2.0 are one level, written once."""
    return str(value) if isinstance(value, str | bool) else repr(float(value)).removesuffix(".0")
