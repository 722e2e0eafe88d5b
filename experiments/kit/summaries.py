"""Rows of runs as a table: a line for each point, its figures as means with their intervals.

What an answer's sentences are made of. Left out: which points a reader wants to see.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from experiments.kit.estimates import CONFIDENCE, Interval, means, only
from experiments.kit.tables import Cell, Column, Table, filled, number

#: An interval that is too narrow to be seen is not written.
INTERVALS = f"in brackets: {100 * CONFIDENCE:g} % intervals"


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of the rows as a column of the table: its heading, and how it is written.

    Of numbers the mean is shown, of words the most frequent; a ``share`` in percent.
    ``least`` bounds the interval of a figure that is nowhere less in these runs.
    """

    column: str
    heading: str
    spec: str = ",.0f"
    unit: str = ""
    share: bool = False
    least: float = 0.0


def summary(
    caption: str, rows: pd.DataFrame, by: Mapping[str, str], shown: Iterable[Shown]
) -> Table:
    """A line for each point, told apart by columns of the rows, each under its heading.

    A figure that a point lacks, or that a run of it was refused, is a dash.
    """
    figures = [each for each in shown if each.column in rows and rows[each.column].notna().any()]
    columns = [Column(name, _is_number(rows[of]), "g") for of, name in by.items()]
    columns += [Column(each.heading, _is_number(rows[each.column])) for each in figures]
    points = rows.groupby(list(by), sort=False)
    lines = [
        [*map(_level, point), *(_figure(of_point, each) for each in figures)]
        for point, of_point in points
    ]
    table = filled(caption, columns, lines)
    return filled(f"{caption}; {INTERVALS}", columns, lines) if _uncertain(table) else table


def estimate(value: Interval, spec: str = ",.0f", unit: str = "") -> Cell:
    """A figure as a cell, with its interval where it has one that so many digits show."""
    shown = [f"{bound:{spec}}" for bound in (value.value, value.low, value.high)]
    if not value.known or len(set(shown)) == 1:
        return number(value.value, spec, unit)
    return Cell(f"{value:{spec}}{unit}", value.value)


def estimate_of(row: "pd.Series[Any]", spec: str = ",.0f") -> Cell:
    """The same of a row of a frame of estimates."""
    return estimate(Interval(row["value"], row["low"], row["high"]), spec)


def _uncertain(table: Table) -> bool:
    return any("[" in cell.text for row in table.rows for cell in row)


def _is_number(values: "pd.Series[Any]") -> bool:
    return bool(is_numeric_dtype(values) and not is_bool_dtype(values))


def _level(level: Any) -> object:
    """Yes and no for what is true or not."""
    return ("yes" if level else "no") if str(level) in ("True", "False") else level


def _figure(of_point: pd.DataFrame, each: Shown) -> object:
    if not _is_number(of_point[each.column]):
        return only(of_point, each.column)
    found = means(of_point.assign(_all=0), each.column, ["_all"]).iloc[0]
    value, low, high = (float(found[name]) for name in ("value", "low", "high"))
    if of_point[each.column].min() >= each.least:
        low = max(low, each.least)
    if each.share:
        return estimate(Interval(100 * value, 100 * low, 100 * min(1.0, high)), each.spec, " %")
    return estimate(Interval(value, low, high), each.spec, each.unit)
