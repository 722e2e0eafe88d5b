"""What the questions' charts have in common: lines with bands, bars with intervals, labels at ends.

Functions of frames that have a ``replication`` column; every mean has its interval over these.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from experiments.ask.frames import means
from experiments.kit.stats import Interval
from experiments.kit.style import FAINT, INK, figure, number, quiet_grid

#: Okabe and Ito's, in the order in which lines take them.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", INK)
MARKERS = ("o", "D", "s", "^", "v", "P", "X")
LAW: dict[str, Any] = {"color": FAINT, "lw": 1.2, "ls": (0, (4, 2)), "zorder": 1}
PANEL_WIDTH, PANEL_HEIGHT = 5.6, 4.0
#: Of the height of an axis: the least that two labels need to be told apart.
LABEL_APART = 0.065
#: Ours: a logarithmic axis that spans more than this factor has room for powers of ten only.
WIDE = 300


def panels(title: str, count: int = 1, width: float = PANEL_WIDTH) -> tuple[Figure, list[Axes]]:
    """A titled figure with so many panels side by side, each with a thin grid."""
    chart = figure(width * count + 0.8, PANEL_HEIGHT)
    axes = list(chart.subplots(1, count, squeeze=False)[0])
    for one in axes:
        quiet_grid(one)
    chart.suptitle(title, weight="bold", size=11.5, x=0.01, ha="left")
    return chart, axes


def line(
    axes: Axes, rows: pd.DataFrame, x: str, y: str, place: int, label: str, **look: Any
) -> None:
    """A mean over x with a band for its interval; ``place`` chooses colour and marker."""
    points = sorted(means(rows, x, y), key=lambda point: float(point[0]))
    at = [float(value) for value, _ in points]
    colour = COLOURS[place % len(COLOURS)]
    style: dict[str, Any] = {"marker": MARKERS[place % len(MARKERS)], "ms": 4.5, "lw": 1.6} | look
    axes.plot(at, [one.value for _, one in points], color=colour, label=label, **style)
    if any(not one.exact and math.isfinite(one.high) for _, one in points):
        low, high = [one.low for _, one in points], [one.high for _, one in points]
        axes.fill_between(at, low, high, color=colour, alpha=0.2, lw=0)


def bars(axes: Axes, values: Sequence[tuple[str, Interval]], places: Sequence[int]) -> None:
    """Horizontal bars from the top, each with its interval and its figure."""
    for down, ((_, value), place) in enumerate(zip(values, places, strict=True)):
        colour = COLOURS[place % len(COLOURS)]
        axes.barh(down, value.value, color=colour, height=0.62, alpha=0.9)
        if not value.exact and math.isfinite(value.high):
            axes.plot([max(0.0, value.low), value.high], [down, down], color=INK, lw=2)
        end = value.value if value.exact or math.isinf(value.high) else value.high
        axes.annotate(
            number(value.value), (end, down), (5, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(range(len(values)), [label for label, _ in values])
    axes.set_ylim(len(values) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.margins(x=0.16)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def label_ends(axes: Axes) -> None:
    """Each labelled line's name at its right end, moved apart where they would overlap."""
    ends = [
        (_height(axes, line_), str(line_.get_label()), line_.get_color())
        for line_ in axes.lines
        if not str(line_.get_label()).startswith("_") and len(np.atleast_1d(line_.get_xdata()))
    ]
    ends.sort(key=lambda end: end[0])
    for height, (_, label, colour) in zip(_apart([e[0] for e in ends]), ends, strict=True):
        axes.annotate(
            label,
            (1.0, height),
            (5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            color=colour,
            va="center",
            size=9,
            annotation_clip=False,
        )


def _height(axes: Axes, drawn: Any) -> float:
    """Where a line ends, as a share of the axis' height."""
    x, y = float(drawn.get_xdata()[-1]), float(drawn.get_ydata()[-1])
    return float(
        np.clip(axes.transAxes.inverted().transform(axes.transData.transform((x, y)))[1], 0, 1)
    )


def _apart(heights: Sequence[float]) -> list[float]:
    """Heights in order, pushed up until none is too close to the one below, then back inside."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + LABEL_APART) if placed else height)
    over = max(0.0, placed[-1] - 1.0) if placed else 0.0
    for place in range(len(placed) - 1, -1, -1):
        most = 1.0 if place == len(placed) - 1 else placed[place + 1] - LABEL_APART
        placed[place] = min(placed[place], most) if over else placed[place]
    return placed


def log_axis(axes: Axes, which: str, ticks: Sequence[float] | None = None) -> None:
    """A logarithmic axis with numbers in full, for data that is drawn already."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    low, high = axis.get_view_interval()
    if ticks is not None:
        axis.set_ticks(list(ticks))
    elif high < WIDE * low:
        axis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axis.set_minor_formatter(NullFormatter())


def from_zero(axes: Axes) -> None:
    """A vertical axis that begins at zero, with room above."""
    axes.set_ylim(0, axes.get_ylim()[1] * 1.05)


def thousands(axes: Axes) -> None:
    """The vertical axis with short numbers."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value) if value else "0"))


def mark(axes: Axes, x: float, told: str) -> None:
    """A thin vertical line with words at its top."""
    axes.axvline(x, color=FAINT, lw=0.8, ls=":")
    axes.annotate(
        told,
        (x, 1.0),
        (0, 3),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        ha="center",
        size=8,
        color=FAINT,
    )
