"""What the benchmark prints: a table of costs, what stands beside them, and how they grow."""

import math

import pandas as pd
from rich.console import Group
from rich.table import Table

from experiments.bench.cases import ONE_FAR
from experiments.bench.figures import (
    EVENTS,
    MOCK_OVER,
    OVER_FLOOR,
    PER_RECORD_OVER,
    REAL_TIME,
    RECORDS_PER_CPU_S,
    REQUESTS_PER_CPU_S,
)
from experiments.bench.growth import COST, MEMORY, exponents, medians

#: Heading to figure, in the order of the columns.
COSTS = {
    "requests/CPU s": REQUESTS_PER_CPU_S,
    "records/CPU s": RECORDS_PER_CPU_S,
    "sim. s/s": REAL_TIME,
    "events/request": EVENTS,
    "x floor": OVER_FLOOR,
    "x per-record": PER_RECORD_OVER,
    "x mock": MOCK_OVER,
}
MIB = 2**20


def tables(figures: pd.DataFrame, growth: pd.DataFrame, parts: pd.DataFrame) -> Group:
    """Everything there is to tell."""
    shown = set(COSTS.values())
    scenarios = figures[figures["figure"] == REQUESTS_PER_CPU_S]["scenario"]
    others = figures[~(figures["scenario"].isin(scenarios) & figures["figure"].isin(shown))]
    costs = _costs(figures, list(scenarios))
    return Group(costs, _others(others), _growth(growth), _parts(parts))


def _costs(figures: pd.DataFrame, scenarios: list[str]) -> Table:
    table = Table(title="Cost of the model: median of the repetitions, and half of the spread")
    table.add_column("scenario", min_width=26)
    for heading in COSTS:
        table.add_column(heading, justify="right")
    for scenario in scenarios:
        mine = figures[figures["scenario"] == scenario].set_index("figure")
        table.add_row(scenario, *(_cell(mine, figure) for figure in COSTS.values()))
    table.caption = (
        "x floor: the model's CPU over that of as many bare SimPy timeouts. x per-record, x mock:"
        " a per-record model's CPU, and a mock cluster's wall time, over the model's."
    )
    return table


def _cell(mine: pd.DataFrame, figure: str) -> str:
    if figure not in mine.index:
        return "-"
    median, low, high = (float(mine[column][figure]) for column in ("median", "low", "high"))
    spread = f" ±{50 * (high - low) / median:.0f} %" if high > low else ""
    return f"{told(median)}{spread}"


def told(value: float) -> str:
    """Whole numbers with commas; three digits where it is small."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _others(others: pd.DataFrame) -> Table:
    table = Table(title="Sweeps and starts, by the clock on the wall")
    for heading in ("what", "figure", "median", "least", "most"):
        table.add_column(heading, justify="left" if heading in ("what", "figure") else "right")
    for _, row in others.iterrows():
        cells = (told(float(row[column])) for column in ("median", "low", "high"))
        table.add_row(str(row["scenario"]), str(row["figure"]), *cells)
    return table


def _growth(growth: pd.DataFrame) -> Table:
    table = Table(
        title="Growth: exponent in records over the larger half of sizes (1: linear), 95 % interval"
    )
    for heading in ("along", "from", "to", "CPU time", "memory", "CPU s at most", "MiB at most"):
        table.add_column(heading, justify="left" if heading == "along" else "right")
    fits = exponents(growth)
    for along, rows in growth.groupby("along", sort=False):
        most = medians(rows).iloc[-1]
        slopes = (_slope(fits[str(along), figure]) for figure in (COST, MEMORY))
        sizes = (f"{rows['size'].min():,}", f"{rows['size'].max():,}")
        ends = (f"{most['cpu_s']:.2f}", f"{most['peak_bytes'] / MIB:,.0f}")
        table.add_row(str(along), *sizes, *slopes, *ends)
    return table


def _parts(parts: pd.DataFrame) -> Table:
    table = Table(title=f"Where the time goes: {ONE_FAR}, under a profiler")
    table.add_column("part")
    for heading in ("share", "calls/request"):
        table.add_column(heading, justify="right")
    for part, share, calls in parts.itertuples(index=False):
        table.add_row(str(part), f"{100 * share:.0f} %", f"{calls:.0f}")
    return table


def _slope(fit: object) -> str:
    text = f"{fit:.2f}"
    return "-" if math.isnan(float(text.split()[0])) else text
