"""What the rows of a plain sweep say: a frame of means, a sentence, a table and a chart.

Functions of rows, of the axes that were varied and of the figures that were measured.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.kit.estimates import Interval, interval, only
from experiments.kit.replications import Levels
from experiments.kit.summaries import estimate
from experiments.kit.tables import Column, Table, filled, words
from experiments.kit.words import plain

#: Ours: so many figures have room in a table.
SHOWN = 4
#: Ours: points do not differ in what is as near as this, however narrow their intervals are.
ALIKE = 0.01
#: The field whose levels 1 and 5 have colours of their own.
DEPTH = "max_in_flight_requests_per_connection"


def estimated(rows: pd.DataFrame, axes: Sequence[str], measured: Sequence[str]) -> pd.DataFrame:
    """A row for each point: levels, runs, and each figure with NAME_low and NAME_high.

    Words are those of most runs, truth values whether any run's was true. A figure that any run
    was refused is empty, and so is the interval of one run alone.
    """
    found = []
    for _, of_point in rows.groupby("point", sort=False):
        row = {axis: of_point[axis].iloc[0] for axis in axes} | {"runs": len(of_point)}
        for figure in measured:
            row |= _estimated(of_point, figure)
        found.append(row)
    return pd.DataFrame(found)


def _estimated(rows: pd.DataFrame, figure: str) -> dict[str, Any]:
    values = rows[figure]
    if pd.api.types.is_bool_dtype(values):
        return {figure: bool(values.any())}
    if not pd.api.types.is_numeric_dtype(values):
        return {figure: only(rows, figure)}
    mean = _mean(values.astype(float).tolist())
    return {figure: mean.value, f"{figure}_low": mean.low, f"{figure}_high": mean.high}


def _mean(values: Sequence[float]) -> Interval:
    """The mean with its interval, which does not go below zero: no figure does."""
    if not np.isfinite(values).all():
        return Interval(np.nan, np.nan, np.nan)
    mean = interval(values)
    if not mean.known:
        return Interval(mean.value, np.nan, np.nan)
    return Interval(mean.value, max(0.0, mean.low), mean.high)


def answer(rows: pd.DataFrame, axes: Sequence[str], measured: Sequence[str]) -> str:
    """Where the first figure that differs has its least and its most, and which before it do not.

    Points differ where their intervals do not overlap; one run alone has none.
    """
    points = estimated(rows, axes, measured)
    figure, alike = telling(points, measured)
    if not figure:
        return "No figure is known at any point."
    least, most = _ends(points, figure)
    if figure in alike:
        about = "" if least[figure] == most[figure] else "about "
        others = " Nor does any other figure." if len(alike) > 1 else ""
        return (
            f"{figure} does not differ: it is {about}{plain(most[figure])} at every point.{others}"
        )
    also = f" {' and '.join(alike)} {'do' if alike[1:] else 'does'} not differ." if alike else ""
    return (
        f"{figure} is highest at {_named(most, axes)}: {plain(most[figure])}. It is lowest at"
        f" {_named(least, axes)}: {plain(least[figure])}.{also}"
    )


def telling(points: pd.DataFrame, measured: Sequence[str]) -> tuple[str, list[str]]:
    """The first figure of numbers that differs, and those before it that do not.

    Where none differs it is the first that is known, empty if none is.
    """
    known = [name for name in measured if f"{name}_low" in points and points[name].notna().any()]
    differs = next((name for name in known if _differs(points, name)), None)
    if differs:
        return differs, known[: known.index(differs)]
    return (known[0] if known else ""), known


def _differs(points: pd.DataFrame, figure: str) -> bool:
    least, most = _ends(points, figure)
    if abs(most[figure] - least[figure]) <= ALIKE * abs(most[figure]):
        return False
    intervals = least[f"{figure}_high"], most[f"{figure}_low"]
    return not np.isfinite(intervals).all() or bool(intervals[0] < intervals[1])


def _ends(points: pd.DataFrame, figure: str) -> "tuple[pd.Series[Any], pd.Series[Any]]":
    """The points with the least and with the most of a figure."""
    values = points[figure]
    return points.iloc[int(values.argmin())], points.iloc[int(values.argmax())]


def _named(point: "pd.Series[Any]", axes: Sequence[str]) -> str:
    return ", ".join(f"{axis}={point[axis]}" for axis in axes)


def tables(rows: pd.DataFrame, axes: Sequence[str], measured: Sequence[str]) -> list[Table]:
    """A row for each point, with as many figures in each table as a terminal has room for.

    After the first table what is nowhere above zero is left out.
    """
    points = estimated(rows, axes, measured)
    known = [name for name in measured if points[name].notna().any()]
    shown = known[:SHOWN] + [name for name in known[SHOWN:] if points[name].astype(bool).any()]
    return [
        _table(points, axes, shown[first : first + SHOWN]) for first in range(0, len(shown), SHOWN)
    ]


def _table(points: pd.DataFrame, axes: Sequence[str], shown: Sequence[str]) -> Table:
    cells = [
        [*(str(point[axis]) for axis in axes), *(_cell(point, figure) for figure in shown)]
        for _, point in points.iterrows()
    ]
    columns = [*words(*axes), *(Column(name, numeric=False) for name in shown)]
    return filled("Means of the runs, with 95 % intervals", columns, cells)


def _cell(point: "pd.Series[Any]", figure: str) -> object:
    if f"{figure}_low" not in point:
        return str(point[figure])
    mean, low, high = (float(point[f"{figure}{end}"]) for end in ("", "_low", "_high"))
    if mean != mean or low != low:
        return "-" if mean != mean else plain(mean)
    return estimate(Interval(mean, low, high), ",.0f" if mean >= 100 else ",.2f")


def draw(rows: pd.DataFrame, axes: Sequence[str], measured: Sequence[str]) -> Figure:
    """The figure of the answer over the first axis of numbers, a line for each level of the others.

    Bars where no axis has numbers.
    """
    # What draws sets the look of the process, which who only sweeps may not want.
    from experiments.kit import charts
    from experiments.kit.looks import LOOKS
    from experiments.kit.style import blank

    figure, _ = telling(estimated(rows, axes, measured), measured)
    if not figure:
        return blank("no figure is known")
    x = next((axis for axis in axes if _is_axis(rows[axis])), None)
    if x is None:
        points = rows.groupby("point", sort=False)
        series = [charts.Series(str(name), of_point, 0) for name, of_point in points]
        chart, _ = charts.bar_panels(f"{figure} at each point", series, {figure: figure})
        chart.set_figheight(max(charts.PANEL_HEIGHT, 0.3 * len(series)))
        return chart
    chart, (panel,) = charts.panels(f"{figure} by {x}")
    others = [axis for axis in axes if axis != x]
    for number, (levels, of_line) in enumerate(_lines(rows, others)):
        depth = int(levels[DEPTH]) if others == [DEPTH] else 0
        look = LOOKS.get((depth, depth != 1), number)
        name = ", ".join(str(level) for level in levels.values())
        charts.line(panel, of_line, x, figure, look, name or "_")
    panel.set(xlabel=x, ylabel=figure)
    panel.set_ylim(bottom=0)
    low, high = rows[x].min(), rows[x].max()
    if low > 0 and high >= 10 * low:
        charts.log_axis(panel, "x")
    charts.label_ends(panel, ", ".join(others))
    return chart


def _lines(rows: pd.DataFrame, others: list[str]) -> Iterator[tuple[Levels, pd.DataFrame]]:
    """Rows that differ in one axis only, by their levels of the others."""
    if not others:
        yield {}, rows
        return
    for _, of_line in rows.groupby(others, sort=False):
        yield {axis: of_line[axis].iloc[0] for axis in others}, of_line


def _is_axis(levels: "pd.Series[Any]") -> bool:
    """Whether levels can be an axis: numbers, and more than one."""
    number = pd.api.types.is_numeric_dtype(levels) and not pd.api.types.is_bool_dtype(levels)
    return bool(number) and levels.nunique() > 1
