"""The benchmark's chart, from its rows alone: costs on the left, growth on the right."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from experiments.bench.figures import (
    EVENTS,
    MOCK_OVER,
    OVER_FLOOR,
    PER_RECORD_OVER,
    REQUESTS_PER_CPU_S,
    figures,
)
from experiments.bench.growth import COST, MEMORY, PARTITIONS, PRODUCERS, RECORDS, medians
from experiments.bench.growth import exponents as fitted
from experiments.kit.style import INK, blank, figure, quiet_grid

MODEL_COLOUR, OTHER_COLOUR = "#0072b2", "#d55e00"
#: Axis of growth to colour and marker.
AXES = {
    RECORDS: ("#0072b2", "o"),
    PARTITIONS: ("#e69f00", "s"),
    PRODUCERS: ("#009e73", "^"),
}
MIB = 2**20
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
    chart.suptitle("What a simulated Kafka costs", weight="bold", size=12, x=0.01, ha="left")
    told = figures(timings)
    _costs(upper[0], told)
    _beside(lower[0], told)
    _growth(upper[1], growth, COST, "CPU seconds of a run", 1.0)
    _growth(lower[1], growth, MEMORY, "memory of a run, in MiB on top of an idle process", 1 / MIB)
    return chart


def _costs(axes: Axes, told: pd.DataFrame) -> None:
    """Requests per CPU second, with the range over the repetitions and the events they took."""
    mine = told[told["figure"] == REQUESTS_PER_CPU_S]
    events = told[told["figure"] == EVENTS].set_index("scenario")["median"]
    _named(axes, list(mine["scenario"]))
    axes.set_title("produce requests per second of CPU")
    for place, (_, row) in enumerate(mine.iterrows()):
        said = f"{row['median']:,.0f}  ({events[row['scenario']]:.1f} events each)"
        _dot(axes, row, place, MODEL_COLOUR, said)
    axes.set_xlim(right=axes.get_xlim()[1] * 3)
    _ticks(axes.xaxis)


def _beside(axes: Axes, told: pd.DataFrame) -> None:
    """Ratios of times; each from timings that stood side by side, under what they are."""
    lines = list(_headed(told))
    _named(axes, [name for name, _ in lines])
    axes.set_title("times as much, measured side by side")
    axes.axvline(1, color=INK, lw=0.8)
    for place, (_, row) in enumerate(lines):
        if row is None:
            continue
        colour = MODEL_COLOUR if row["figure"] == OVER_FLOOR else OTHER_COLOUR
        _dot(axes, row, place, colour, f"x {row['median']:.3g}")
    low, high = axes.get_xlim()
    axes.set_xlim(min(0.8, low), high * 3)
    _ticks(axes.xaxis)
    for place, (_, row) in enumerate(lines):
        if row is not None and lines[place - 1][1] is None:
            said = BESIDE[str(row["figure"])]
            axes.text(1.05, place - 1, said, va="center", size=8.5, weight="bold")


def _headed(told: pd.DataFrame) -> Iterator[tuple[str, "pd.Series[Any] | None"]]:
    """The rows of each kind of ratio, with a line without a row above them."""
    for kind in BESIDE:
        mine = told[told["figure"] == kind]
        if len(mine):
            yield "", None
        for _, row in mine.iterrows():
            yield str(row["scenario"]), row


def _named(axes: Axes, names: list[str]) -> None:
    """A logarithmic axis with a named line for each row, the first on top."""
    axes.set_xscale("log")
    quiet_grid(axes)
    axes.grid(visible=False, axis="y")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def _ticks(axis: Axis) -> None:
    """Plain numbers at decades; between them too where there are few."""
    low, high = axis.get_view_interval()
    subs = (1.0,) if high > 100 * low else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: amount(value)))
    axis.set_minor_locator(NullLocator())


def amount(value: float) -> str:
    """A tick: 0.02, 30, 5k, 10M."""
    for unit, sign in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{sign}"
    return f"{value:g}"


def _dot(axes: Axes, row: "pd.Series[Any]", place: int, colour: str, said: str) -> None:
    ends = [float(row["low"]), float(row["high"])]
    axes.plot(ends, [place, place], color=colour, lw=6, alpha=0.3, solid_capstyle="butt")
    axes.plot(row["median"], place, "o", color=colour, ms=6)
    axes.annotate(said, (ends[1], place), (7, 0), textcoords="offset points", va="center", size=8.5)


def _growth(axes: Axes, growth: pd.DataFrame, column: str, title: str, scale: float) -> None:
    """One line for each axis, named at its end with its exponent."""
    fits = fitted(growth)
    for along, rows in growth.groupby("along", sort=False):
        colour, marker = AXES[str(along)]
        middle = medians(rows)
        ends = rows.groupby("size")[column]
        style: dict[str, Any] = {"color": colour, "marker": marker, "ms": 5, "lw": 1.6}
        low, high = ends.min() * scale, ends.max() * scale
        axes.fill_between(middle["acked"], low, high, color=colour, alpha=0.25, lw=0)
        fit = fits[str(along), column]
        said = f"more {along}: exponent {fit.value:.2f} [{fit.low:.2f}, {fit.high:.2f}]"
        axes.plot(middle["acked"], middle[column] * scale, label=said, **style)
    axes.set_xscale("log")
    axes.set_yscale("log")
    _ticks(axes.xaxis)
    _ticks(axes.yaxis)
    quiet_grid(axes)
    axes.set_title(title)
    axes.set_xlabel("records acknowledged (exponents: larger half of sizes)")
    axes.legend(frameon=False, loc="upper left", fontsize=9)
