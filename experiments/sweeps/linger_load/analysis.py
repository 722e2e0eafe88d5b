"""Latency and requests over the load, one line for each linger.ms; overload is said, not drawn."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit.lines import APART, band, log_axis, name_ends
from experiments.kit.pairs import means
from experiments.kit.style import FAINT, figure

BY = ("linger_ms", "records_per_s")
PANELS = {
    "p50_ms": "median latency in ms",
    "p99_ms": "99th percentile of latency in ms",
    "requests_per_s": "requests per second",
}


def draw(rows: pd.DataFrame) -> Figure:
    """Three panels over the offered load."""
    chart = figure(11.5, 4.6)
    for place, (axes, (outcome, told)) in enumerate(
        zip(chart.subplots(1, len(PANELS)), PANELS.items(), strict=True)
    ):
        ends = _panel(axes, means(rows, outcome, BY))
        axes.set_xlabel("offered records per second")
        axes.set_title(told, size=10)
        if outcome != "requests_per_s":
            _overload(axes, rows)
        if place == len(PANELS) - 1:
            name_ends(axes, ends, "linger.ms")
    title = f"When waiting for more records helps, {rows['rtt_ms'].iloc[0]:g} ms round trip"
    chart.suptitle(title, weight="bold", size=11, x=0.01, ha="left")
    told_at = "bands: 95 % intervals; latency in overload grows without end and is not drawn"
    chart.supxlabel(told_at, size=8.5, color=FAINT)
    return chart


def answer(rows: pd.DataFrame) -> str:
    """Where each linger beats none, and who is overloaded where."""
    told = means(rows, "mean_ms", BY).pivot(index="records_per_s", columns="linger_ms")["value"]
    parts = []
    for linger in [it for it in told.columns if it > 0]:
        wins = told.index[(told[linger] < told[0]) | (told[0].isna() & told[linger].notna())]
        where = f"from {min(wins):,.0f} records/s on" if len(wins) else "at no load"
        parts.append(f"linger.ms={linger:g} {where}")
    words = f"Mean latency is shorter than with linger.ms=0 for {'; '.join(parts)}."
    lowest = told.index.min()
    cost = told.loc[lowest] - told.loc[lowest, 0]
    words += f" At {lowest:,.0f} records/s a wait only adds: " + ", ".join(
        f"{linger:g} adds {cost[linger]:.1f} ms" for linger in cost.index if linger > 0
    )
    return f"{words}. {_overloads(rows)}"


def _overloads(rows: pd.DataFrame) -> str:
    """What overload there is, with how much was finished of what was offered."""
    over = rows[rows["overloaded"]]
    if over.empty:
        return "No point is overloaded."
    lowest = over.groupby("linger_ms")["records_per_s"].min()
    told = []
    for rate, lingers in lowest.groupby(lowest):
        at = over[(over["records_per_s"] == rate) & over["linger_ms"].isin(lingers.index)]
        counts = at[["offered", "finished", "unfinished"]].mean()
        names = ", ".join(f"{linger:g}" for linger in lingers.index)
        told.append(
            f"{rate:,.0f} records/s on with linger.ms={names} (offered {counts['offered']:,.0f},"
            f" finished {counts['finished']:,.0f}, unfinished {counts['unfinished']:,.0f})"
        )
    return f"Overloaded, so without latencies, from {'; from '.join(told)}."


def _panel(axes: Axes, told: pd.DataFrame) -> list[tuple[str, float, str]]:
    """All lines of one outcome; the ends to be named."""
    log_axis(axes, "x")
    log_axis(axes, "y", (1, 2, 5))
    ends = []
    for colour, (linger, line) in zip(APART, told.groupby("linger_ms"), strict=False):
        band(axes, line["records_per_s"].tolist(), line, colour)
        known = line["value"].dropna()
        ends.append((f"{linger:g}", float(known.iloc[-1]) if len(known) else np.nan, colour))
    axes.set_xlim(told["records_per_s"].min() * 0.9, told["records_per_s"].max() * 1.1)
    return [end for end in ends if np.isfinite(end[1])]


def _overload(axes: Axes, rows: pd.DataFrame) -> None:
    """Crosses on top where points are overloaded, below each other for each linger."""
    where = axes.get_xaxis_transform()
    axes.set_ymargin(0.25)
    axes.autoscale(axis="y")
    over = rows[rows["overloaded"]]
    for place, linger in enumerate(rows["linger_ms"].unique()):
        loads = over.loc[over["linger_ms"] == linger, "records_per_s"].unique()
        heights = np.full(len(loads), 0.97 - 0.035 * place)
        axes.plot(loads, heights, "x", color=APART[place], ms=5, transform=where)
    if len(over):
        told = "overload: no latency"
        at = over["records_per_s"].min() * 0.85
        axes.text(at, 0.9, told, ha="right", va="center", size=8, color=FAINT, transform=where)
