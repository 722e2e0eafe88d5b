"""Numbers in sentences, the same way in every answer."""

import math

from experiments.kit.estimates import Interval


def plain(value: float) -> str:
    """Whole with thousands, or three digits where there are few."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def within(value: Interval, digits: int = 2) -> str:
    """A figure with its 95 % interval, or alone where nothing was random."""
    if value.exact:
        return f"{value.value:,.{digits}f}"
    return f"{value.value:,.{digits}f} [{value.low:,.{digits}f}, {value.high:,.{digits}f}]"


def latency_ms(value: Interval, digits: int = 1) -> str:
    """A latency with its interval; there is none of a producer that falls behind its load."""
    if math.isnan(value.value):
        return "no bound (more than it carries)"
    return f"{within(value, digits)} ms"


def ms(value: float) -> str:
    """Milliseconds in three digits, seconds from one of them on."""
    return f"{value / 1e3:,.3g} s" if value >= 1_000 else f"{value:.3g} ms"


def share(value: float) -> str:
    """Percent."""
    return f"{value * 100:.3g} %"


def count(number: int, noun: str) -> str:
    """For example ``1 broker``, ``3 brokers``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
