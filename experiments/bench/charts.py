"""The benchmark's chart, from its rows alone: costs on the left, growth on the right."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.bench import figures
from experiments.kit.charts import annotate, band, entitle, log_axis
from experiments.kit.estimates import pick
from experiments.kit.looks import SERIES, series_look
from experiments.kit.style import blank, figure, quiet_grid
from model.units import MIB

#: Times that something else takes over the model's, and what it is called.
BESIDE = {
    figures.OVER_FLOOR: "model over as many bare SimPy timeouts",
    figures.PER_RECORD_OVER: "per-record model over the model",
    figures.MOCK_OVER: "librdkafka's mock cluster over the model (wall time)",
}


def bench_chart(timings: pd.DataFrame, growth: pd.DataFrame) -> Figure:
    """What each scenario costs, against what, and how that grows."""
    if timings.empty or growth.empty:
        return blank("nothing was timed")
    chart = figure(12.0, 8.4)
    upper, lower = chart.subplots(2, 2, width_ratios=[1.15, 1])
    costs = figures.of_timings(timings)
    rates = pick(costs, figure=figures.REQUESTS_PER_CPU_S)["median"]
    span = f"{rates.min():,.0f} to {rates.max():,.0f}"
    entitle(chart, f"A second of CPU simulates {span} produce requests")
    _dots(upper[0], costs, {figures.REQUESTS_PER_CPU_S: ""}, ",.0f")
    upper[0].set_title("produce requests per second of CPU")
    _dots(lower[0], costs, BESIDE, ".3g")
    lower[0].set_title("times as much, measured side by side")
    lower[0].legend(frameon=False, loc="lower center", bbox_to_anchor=(0.4, -0.32))
    _growth(upper[1], growth, figures.COST, "CPU seconds of a run", 1)
    _growth(lower[1], growth, figures.MEMORY, "MiB of a run, beside an idle process's", MIB)
    return chart


def _dots(axes: Axes, costs: pd.DataFrame, labels: Mapping[str, str], spec: str) -> None:
    """Some figures of each scenario: the median, and the range over the repetitions."""
    names = list(pick(costs, figure=figures.REQUESTS_PER_CPU_S)["scenario"])
    for place, (kind, label) in enumerate(labels.items()):
        rows, colour = pick(costs, figure=kind), SERIES[place]
        down = [names.index(name) + 0.22 * place for name in rows["scenario"]]
        axes.hlines(down, rows["low"], rows["high"], color=colour, lw=6, alpha=0.3)
        axes.plot(rows["median"], down, "o", color=colour, label=label)
        for y, high, median in zip(down, rows["high"], rows["median"], strict=True):
            annotate(axes, f"{median:{spec}}", high, y, (7, 0), size=8.5)
    log_axis(axes, "x")
    axes.margins(x=0.15)
    quiet_grid(axes)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()


def _growth(axes: Axes, growth: pd.DataFrame, column: str, title: str, unit: int) -> None:
    """One line for each axis, with the range over the repetitions and its exponent."""
    fits = figures.exponents(growth)
    for place, (along, rows) in enumerate(growth.groupby("along", sort=False)):
        by_size = rows.groupby("size")
        ranges = by_size.agg(value=(column, "median"), low=(column, "min"), high=(column, "max"))
        label = f"more {along}: exponent {fits[str(along), column]:.2f}"
        acked = by_size["acked"].median().tolist()
        band(axes, acked, ranges / unit, label=label, **series_look(place))
    log_axis(axes, "x")
    log_axis(axes, "y")
    quiet_grid(axes)
    axes.set_title(title)
    axes.set_xlabel("records acknowledged (exponents: larger half of sizes)")
    axes.legend(frameon=False, loc="upper left", fontsize=9)
