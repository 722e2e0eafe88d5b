"""The benchmark's chart, from its rows alone: costs on the left, growth on the right."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.bench.figures import (
    EVENTS,
    MOCK_OVER,
    OVER_FLOOR,
    PER_RECORD_OVER,
    REQUESTS_PER_CPU_S,
    figures,
)
from experiments.bench.growth import COST, MEMORY, exponents, medians
from experiments.kit.charts import COLOURS, annotate, entitle, log_axis, series_look
from experiments.kit.style import INK, blank, figure, quiet_grid
from model.units import MIB

MODEL_COLOUR, OTHER_COLOUR = COLOURS[:2]
#: Times that something else takes over the model's, and what it is called.
BESIDE = {
    OVER_FLOOR: "model over as many bare SimPy timeouts",
    PER_RECORD_OVER: "per-record model over the model",
    MOCK_OVER: "librdkafka's mock cluster over the model (wall time)",
}


def bench_chart(timings: pd.DataFrame, growth: pd.DataFrame) -> Figure:
    """What each scenario costs, against what, and how that grows."""
    if timings.empty or growth.empty:
        return blank("nothing was timed")
    chart = figure(12.0, 8.4)
    upper, lower = chart.subplots(2, 2, width_ratios=[1.15, 1])
    costs = figures(timings)
    entitle(chart, _message(costs, growth))
    _costs(upper[0], costs)
    _beside(lower[0], costs)
    _growth(upper[1], growth, COST, "CPU seconds of a run", 1.0)
    _growth(lower[1], growth, MEMORY, "memory of a run, in MiB on top of an idle process", 1 / MIB)
    return chart


def _message(costs: pd.DataFrame, growth: pd.DataFrame) -> str:
    """The range of costs, and how they grow with the records."""
    rates = costs.loc[costs["figure"] == REQUESTS_PER_CPU_S, "median"]
    fits = exponents(growth)
    slopes = sorted(fit.value for (_, column), fit in fits.items() if column == COST)
    return (
        f"A second of CPU simulates {rates.min():,.0f} to {rates.max():,.0f} produce requests;"
        f" CPU time grows as records to the power of {slopes[0]:.2f} to {slopes[-1]:.2f}"
    )


def _costs(axes: Axes, costs: pd.DataFrame) -> None:
    """Requests per CPU second, with the range over the repetitions and the events they took."""
    rates = costs[costs["figure"] == REQUESTS_PER_CPU_S]
    events = costs[costs["figure"] == EVENTS].set_index("scenario")["median"]
    _named(axes, list(rates["scenario"]))
    axes.set_title("produce requests per second of CPU")
    for down, (_, row) in enumerate(rates.iterrows()):
        each = f"({events[row['scenario']]:.1f} events each)"
        _dot(axes, row, down, MODEL_COLOUR, f"{row['median']:,.0f}  {each}")
    axes.set_xlim(right=axes.get_xlim()[1] * 3)
    log_axis(axes, "x")


def _beside(axes: Axes, costs: pd.DataFrame) -> None:
    """Ratios of times; each from timings that stood side by side, under what they are."""
    lines = list(_headed(costs))
    _named(axes, ["" if isinstance(row, str) else row["scenario"] for row in lines])
    axes.set_title("times as much, measured side by side")
    axes.axvline(1, color=INK, lw=0.8)
    for down, row in enumerate(lines):
        if not isinstance(row, str):
            colour = MODEL_COLOUR if row["figure"] == OVER_FLOOR else OTHER_COLOUR
            _dot(axes, row, down, colour, f"x {row['median']:.3g}")
    low, high = axes.get_xlim()
    axes.set_xlim(min(0.8, low), high * 3)
    log_axis(axes, "x")
    for down, row in enumerate(lines):
        if isinstance(row, str):
            axes.text(1.05, down, row, va="center", size=8.5, weight="bold")


def _headed(costs: pd.DataFrame) -> Iterator["str | pd.Series[Any]"]:
    """The rows of each kind of ratio under its heading."""
    for kind, heading in BESIDE.items():
        of_kind = costs[costs["figure"] == kind]
        if len(of_kind):
            yield heading
        yield from (row for _, row in of_kind.iterrows())


def _named(axes: Axes, names: list[str]) -> None:
    """A logarithmic axis with a named line for each row, the first on top."""
    axes.set_xscale("log")
    quiet_grid(axes)
    axes.grid(visible=False, axis="y")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def _dot(axes: Axes, row: "pd.Series[Any]", down: int, colour: str, text: str) -> None:
    ends = [float(row["low"]), float(row["high"])]
    axes.plot(ends, [down, down], color=colour, lw=6, alpha=0.3, solid_capstyle="butt")
    axes.plot(row["median"], down, "o", color=colour, ms=6)
    annotate(axes, text, ends[1], down, (7, 0), size=8.5)


def _growth(axes: Axes, growth: pd.DataFrame, column: str, title: str, scale: float) -> None:
    """One line for each axis, named at its end with its exponent."""
    fits = exponents(growth)
    for number, (along, rows) in enumerate(growth.groupby("along", sort=False)):
        middle, ends = medians(rows), rows.groupby("size")[column]
        low, high = ends.min() * scale, ends.max() * scale
        axes.fill_between(middle["acked"], low, high, color=COLOURS[number], alpha=0.25, lw=0)
        label = f"more {along}: exponent {fits[str(along), column]:.2f}"
        style = series_look(number) | {"ms": 5, "lw": 1.6}
        axes.plot(middle["acked"], middle[column] * scale, label=label, **style)
    log_axis(axes, "x")
    log_axis(axes, "y")
    quiet_grid(axes)
    axes.set_title(title)
    axes.set_xlabel("records acknowledged (exponents: larger half of sizes)")
    axes.legend(frameon=False, loc="upper left", fontsize=9)
