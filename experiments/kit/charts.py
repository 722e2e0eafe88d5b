"""What charts are made of: panels, lines with bands, bars with intervals, names at ends, axes.

Functions of frames of rows that have a ``replication`` column, or of frames of estimates
(:mod:`experiments.kit.estimates`). The look itself is :mod:`experiments.kit.style`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill, wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from experiments.kit.crops import POINTS_PER_INCH
from experiments.kit.estimates import Interval, mean_of, means
from experiments.kit.looks import TONES, Look, series_look
from experiments.kit.style import FAINT, INK, figure, number, quiet_grid

PANEL_WIDTH, PANEL_HEIGHT = 5.2, 4.0
#: In points; and of that the mean width of a letter, in bold and plain, with some to spare.
TITLE_SIZE, NOTE_SIZE, BOLD, PLAIN = 13.0, 10.0, 0.6, 0.56
#: Behind words that a line would cross.
ON_WHITE: dict[str, Any] = {"fc": "white", "ec": "none", "pad": 1}
#: Of the height of an axis: the least that two labels need to be told apart.
LABEL_APART = 0.065
#: Ours: a logarithmic axis that spans more than this factor has room for powers of ten only.
WIDE = 300


def panels(title: str, count: int = 1, width: float = PANEL_WIDTH) -> tuple[Figure, list[Axes]]:
    """A titled figure with so many panels side by side, each with a thin grid."""
    chart = figure(width * count + 0.8, PANEL_HEIGHT)
    axes = list(chart.subplots(1, count, squeeze=False)[0])
    for panel in axes:
        quiet_grid(panel)
    entitle(chart, title)
    return chart, axes


def entitle(chart: Figure, title: str, note: str = "") -> None:
    """The message of a figure above it, and what a reader has to know below it."""
    chart.suptitle(
        _fitted(chart, title, TITLE_SIZE * BOLD), weight="bold", size=TITLE_SIZE, x=0.01, ha="left"
    )
    if note:
        chart.supxlabel(_fitted(chart, note, NOTE_SIZE * PLAIN), size=NOTE_SIZE, color=FAINT)


def _fitted(chart: Figure, words: str, letter_points: float) -> str:
    """Words in lines of about one length, for letters of this width, that fit into a figure."""
    width = max(20, int(chart.get_figwidth() * POINTS_PER_INCH / letter_points))
    lines = len(wrap(words, width))
    while width > 1 and len(wrap(words, width - 1)) == lines:
        width -= 1
    return fill(words, width)


def band(axes: Axes, x: Sequence[float], estimates: pd.DataFrame, **look: Any) -> None:
    """A line through a frame of estimates, with the interval of each as a band."""
    style: dict[str, Any] = {"marker": "o", "ms": 4.5, "lw": 1.6} | look
    (drawn,) = axes.plot(x, estimates["value"], **style)
    known = np.isfinite(estimates["high"]) & (estimates["high"] > estimates["low"])
    if known.any():
        low, high = estimates["low"].where(known), estimates["high"].where(known)
        axes.fill_between(x, low, high, color=drawn.get_color(), alpha=0.2, lw=0)


def line(
    axes: Axes, rows: pd.DataFrame, x: str, y: str, series: int | Look, label: str, **look: Any
) -> None:
    """The mean of a figure over x with its band; ``series`` chooses colour and marker."""
    estimates = means(rows.dropna(subset=[y]), y, [x])
    estimates = estimates.assign(x=estimates[x].astype(float)).sort_values("x")
    style = series_look(series) | {"label": label} | look
    band(axes, estimates["x"].tolist(), estimates, **style)


@dataclass(frozen=True)
class Series:
    """Rows that are one line in every panel of a chart, and how it looks."""

    label: str
    rows: pd.DataFrame
    look: int | Look
    dashed: bool = False


def curves(
    title: str,
    series: Sequence[Series],
    x: tuple[str, str],
    figures: Mapping[str, str],
    log: str = "x",
    note: str = "",
) -> tuple[Figure, list[Axes]]:
    """A panel for each figure (column and what its axis says) over x (the same), all series in it.

    ``log``: which axes are logarithmic, of ``"xy"``; a linear vertical axis begins at zero. Names
    stand at the ends of the last panel's lines.
    """
    chart, axes = panels(title, len(figures), PANEL_WIDTH if len(figures) < 3 else 4.4)
    for panel, (column, label) in zip(axes, figures.items(), strict=True):
        for each in series:
            if each.rows[column].notna().any():
                style = "--" if each.dashed else "-"
                line(panel, each.rows, x[0], column, each.look, each.label, ls=style)
        panel.set_xlabel(x[1])
        panel.set_ylabel(label)
        for which in log:
            log_axis(panel, which)
        if "y" not in log:
            panel.set_ylim(bottom=0)
    entitle(chart, title, note)
    label_ends(axes[-1])
    return chart, axes


def bars(axes: Axes, values: Sequence[tuple[str, Interval]], colours: Sequence[str]) -> None:
    """Horizontal bars from the top, each with its interval and its figure."""
    for down, ((_, value), colour) in enumerate(zip(values, colours, strict=True)):
        axes.barh(down, value.value, color=colour, height=0.62, alpha=0.9)
        whisker = not value.exact and value.known
        if whisker:
            axes.plot([max(0.0, value.low), value.high], [down, down], color=INK, lw=2)
        annotate(axes, number(value.value), value.high if whisker else value.value, down, (5, 0))
    axes.set_yticks(range(len(values)), [label for label, _ in values])
    axes.set_ylim(len(values) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.margins(x=0.16)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def bar_panels(
    title: str, series: Sequence[Series], figures: Mapping[str, str]
) -> tuple[Figure, list[Axes]]:
    """A panel for each figure (column and what its axis says), a bar for each series in it."""
    chart, axes = panels(title, len(figures), 4.6)
    for panel, (column, label) in zip(axes, figures.items(), strict=True):
        values = [
            (each.label, mean_of(each.rows.dropna(subset=[column]), column)) for each in series
        ]
        bars(panel, values, [series_look(each.look)["color"] for each in series])
        panel.set_xlabel(label)
        if panel is not axes[0]:
            panel.set_yticklabels([])
    return chart, axes


def annotate(
    axes: Axes, text: str, x: float, y: float, offset: tuple[float, float], **style: Any
) -> None:
    """Words beside a point, so many points of type away."""
    style = {"va": "center", "textcoords": "offset points"} | style
    axes.annotate(text, (x, y), offset, **style)


def cells(
    axes: Axes,
    down: Sequence[str],
    across: Sequence[str],
    cell: Callable[[int, int], tuple[str, list[tuple[float, str, dict[str, Any]]]]],
) -> None:
    """A table as a picture: ``cell(row, column)`` gives a tone and texts at heights of the cell."""
    for row in range(len(down)):
        for column in range(len(across)):
            tone, texts = cell(row, column)
            axes.add_patch(Rectangle((column, row), 1, 1, fc=TONES[tone], ec="white", lw=2))
            for height, text, style in texts:
                axes.text(column + 0.5, row + height, text, ha="center", va="center", **style)
    axes.set_xlim(0, len(across))
    axes.set_ylim(len(down), 0)
    axes.set_xticks([x + 0.5 for x in range(len(across))], across)
    axes.set_yticks([y + 0.5 for y in range(len(down))], down)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def label_ends(axes: Axes, title: str = "") -> None:
    """Each labelled line's name at its right end, moved apart where they would overlap.

    Call it when the limits of the axes are final.
    """
    ends = sorted(
        (_height(axes, drawn), str(drawn.get_label()), drawn.get_color())
        for drawn in axes.lines
        if not str(drawn.get_label()).startswith("_") and len(np.atleast_1d(drawn.get_xdata()))
    )
    heights = _apart([height for height, _, _ in ends])
    if title and heights:
        ends.append((1.0, title, INK))
        heights.append(heights[-1] + 1.2 * LABEL_APART)
    for height, (_, label, colour) in zip(heights, ends, strict=True):
        style = {"color": colour, "size": 10, "xycoords": "axes fraction", "annotation_clip": False}
        annotate(axes, label, 1.0, height, (5, 0), **style)


def _height(axes: Axes, drawn: Any) -> float:
    """Where a line ends, as a share of the axis' height; what has no number is left out."""
    points = np.column_stack([drawn.get_xdata(), drawn.get_ydata()]).astype(float)
    known = points[np.isfinite(points[:, 1])]
    end = axes.transData.transform(known[-1] if len(known) else (0, 0))
    return float(np.clip(axes.transAxes.inverted().transform(end)[1], 0, 1))


def _apart(heights: Sequence[float]) -> list[float]:
    """Heights in order, pushed up until none is too close to the one below, then back inside."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + LABEL_APART) if placed else height)
    highest = 1.0
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], highest)
        highest = placed[index] - LABEL_APART
    return placed


def log_axis(
    axes: Axes,
    which: str,
    ticks: Sequence[float] | None = None,
    text: Callable[[float], str] = number,
) -> None:
    """A logarithmic axis, ``"x"`` or ``"y"``, with short numbers; draw the data first.

    Where zero is on it, a horizontal one is linear up to the least value that is not.
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    if which == "x" and axes.dataLim.x0 <= 0:
        if math.isfinite(nearest := axes.dataLim.minposx):
            axes.set_xscale("symlog", linthresh=nearest)
    else:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    low, high = axis.get_view_interval()
    if ticks is not None:
        axis.set_ticks(list(ticks))
        axis.set_ticks([], minor=True)
    elif high < WIDE * low:
        axis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axis.set_minor_formatter(NullFormatter())


def thousands(axes: Axes) -> None:
    """The vertical axis with short numbers."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value) if value else "0"))


def mark(axes: Axes, x: float, text: str, line: str = ":") -> None:
    """A thin vertical line with words at its top."""
    axes.axvline(x, color=FAINT, lw=0.8, ls=line)
    style = {"ha": "center", "va": "baseline", "size": 9.5, "color": FAINT}
    annotate(axes, text, x, 1.0, (0, 3), xycoords=axes.get_xaxis_transform(), **style)
