"""Lines with their intervals as bands, named at their ends instead of in a legend."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from experiments.kit.style import number, quiet_grid

LineStyle = str | tuple[float, tuple[float, ...]]
#: Okabe and Ito.
APART = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222")
#: Ours: labels at line ends keep so many lines of text apart, as a share of the axis.
CLEARANCE = 0.05


def band(
    axes: Axes,
    x: Sequence[float],
    told: pd.DataFrame,
    colour: str,
    marker: str = "o",
    style: LineStyle = "-",
) -> None:
    """A line through estimates, with the interval of each as a band."""
    axes.plot(x, told["value"], color=colour, lw=1.7, ls=style, marker=marker, ms=4.5)
    axes.fill_between(x, told["low"], told["high"], color=colour, alpha=0.22, lw=0)


def log_axis(axes: Axes, which: str, steps: Sequence[float] = (1,)) -> None:
    """One logarithmic axis, ``"x"`` or ``"y"``, with short numbers at these steps of each power."""
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axis.set_minor_formatter(NullFormatter())
    quiet_grid(axes)


def name_ends(axes: Axes, ends: Sequence[tuple[str, float, str]], title: str = "") -> None:
    """Labels (text, height, colour) to the right of the axes, moved apart where they would meet.

    Call it when the limits of the axes are final.
    """
    to_share = axes.transAxes.inverted()
    shares = [
        float(to_share.transform(axes.transData.transform((axes.get_xlim()[1], height)))[1])
        for _, height, _ in ends
    ]
    order = np.argsort(shares)
    placed = _apart([shares[it] for it in order])
    for place, it in zip(placed, order, strict=True):
        text, _, colour = ends[it]
        axes.text(1.015, place, text, transform=axes.transAxes, color=colour, va="center", size=8.5)
    if title and placed:
        above = placed[-1] + CLEARANCE * 1.2
        axes.text(1.015, above, title, transform=axes.transAxes, va="center", size=8.5)


def _apart(heights: Sequence[float]) -> list[float]:
    """The heights, in order, pushed apart evenly until they keep the clearance."""
    placed = list(heights)
    for _ in range(200):
        for low in range(len(placed) - 1):
            short = CLEARANCE - (placed[low + 1] - placed[low])
            if short > 0:
                placed[low] -= short / 2
                placed[low + 1] += short / 2
    return placed
