"""Charts of the comparison; each is a function of stored rows.

Units: ms of time, acknowledged records per second. The space-time picture has a file of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from experiments.compare.contenders import FIVE, ONE
from experiments.compare.space_time import space_time_chart
from experiments.kit.charts import entitle, line, log_axis
from experiments.kit.estimates import CONFIDENCE, Interval, paired_ratio
from experiments.kit.style import FAINT, INK, blank, figure, look_of, number, quiet_grid

BOUND: dict[str, Any] = {"lw": 1.0, "ls": (0, (1, 1.5)), "zorder": 2}
#: In inches; three producers side by side in a legend take the last.
PANEL_WIDTH, PANEL_HEIGHT, LEGEND_WIDTH = 3.6, 3.0, 7.0
PANELS_IN_A_ROW = 3
#: Ours: below this gain there is no room for an arrow between the two lines.
SMALLEST_ARROW = 1.6
#: Ours: about what a round takes beside the round-trip time.
WORK_MS = 1.0


def throughput_chart(rows: pd.DataFrame) -> Figure:
    """Records/s over the round-trip time, with the closed-form bound and the gain of five."""
    if rows.empty:
        return blank("no run was made")
    chart = figure(8.2, 5.0)
    axes = chart.subplots()
    quiet_grid(axes)
    curve, capacity = rows[rows["phase"] == "curve"], rows[rows["phase"] == "capacity"]
    beside_curve = capacity[~capacity["rtt_ms"].isin(curve["rtt_ms"])]
    for producer, points in _by_producer(pd.concat([curve, beside_curve])):
        look = look_of(producer)
        face = "none" if look.hollow else look.colour
        style = {"ms": look.marker_size, "mfc": face, "lw": 1.5, "zorder": look.order}
        line(axes, points, "rtt_ms", "records_per_s", look, producer, **style)
        bound = points.groupby("rtt_ms")["bound_records_per_s"].mean()
        axes.plot(bound.index, bound, color=look.colour, **BOUND)
    log_axis(axes, "x")
    log_axis(axes, "y")
    axes.set_xlabel("round-trip time to the cluster in ms")
    axes.set_ylabel("records per second, acknowledged")
    gains = _gains(axes, capacity)
    axes.plot([], [], color=FAINT, label="closed-form bound", **BOUND)
    axes.plot([], [], " ", label=f"x, ±: five over one, {CONFIDENCE:.0%} interval")
    axes.legend(frameon=False, loc="lower left")
    entitle(chart, _message(gains))
    return chart


def _message(gains: list[Interval]) -> str:
    """What a producer gains by five in flight."""
    if not gains:
        return "What one producer carries, by distance and requests in flight"
    ends = dict.fromkeys(f"{end(gain.value for gain in gains):.1f}" for end in (min, max))
    return f"Five in flight carry {' to '.join(ends)} times what one carries"


def _gains(axes: Axes, capacity: pd.DataFrame) -> list[Interval]:
    """Name the headline distances, and how many times as much five in flight carry there."""
    gains = []
    for distance, rows in capacity.groupby("distance", sort=False):
        rtt_ms = float(rows["rtt_ms"].iloc[0])
        axes.axvline(rtt_ms, ymin=0.97, color=FAINT, lw=0.8)
        if distance != f"{rtt_ms:g} ms":
            above = axes.get_xaxis_transform()
            axes.text(rtt_ms, 1.01, str(distance), transform=above, ha="center", color=FAINT)
        carried = rows.pivot(index="replication", columns="producer", values="records_per_s")
        if {ONE, FIVE} <= set(carried.columns):
            gains.append(_gain(axes, rtt_ms, carried[ONE].tolist(), carried[FIVE].tolist()))
    return gains


def _gain(axes: Axes, rtt_ms: float, one: list[float], five: list[float]) -> Interval:
    """The ratio between the lines, with its interval if there are replications that differ."""
    gain, low, high = paired_ratio(five, one), np.mean(one), np.mean(five)
    if gain.value > SMALLEST_ARROW:
        ends = (rtt_ms, high * 0.86), (rtt_ms, low * 1.17)
        axes.annotate("", *ends, arrowprops={"arrowstyle": "<->", "color": INK, "lw": 0.8})
    at = rtt_ms, np.sqrt(low * high)
    beside: dict[str, Any] = {"textcoords": "offset points", "va": "center", "zorder": 6}
    some_random = not gain.exact and gain.known
    axes.annotate(f"x {gain.value:.1f}", at, (6, 6 * some_random), weight="bold", **beside)
    if some_random:
        width = f"±{(gain.high - gain.low) / 2:.1g}"
        beside |= {"size": 8, "bbox": {"fc": "white", "ec": "none", "pad": 0.5}}
        axes.annotate(width, at, (6, -6), **beside)
    return gain


def latency_chart(latencies: pd.DataFrame) -> Figure:
    """The share of records that took longer than a time; one panel for each distance."""
    if latencies.empty:
        return blank("no record was acknowledged under the offered load")
    title = "Latency when all are offered the same arrivals"
    chart, panels = _panels(latencies, title, "records that took longer")
    for axes, of_distance in panels:
        for up, (producer, points) in enumerate(reversed(_by_producer(of_distance))):
            inside = points["share"] < 1
            shares, times_ms = 1 - points["share"][inside], points["latency_ms"][inside]
            axes.plot(times_ms, shares, lw=look_of(producer).width, **_style(producer))
            _quantiles(axes, points, look_of(producer).colour, up)
        _share_axis(axes)
        axes.set_xlim(left=0)
        axes.set_xlabel("latency of a record in ms")
    return chart


def _quantiles(axes: Axes, points: pd.DataFrame, colour: str, up: int) -> None:
    """A producer's median and 99th percentile in the corner that its curve leaves free."""
    p50_ms, p99_ms = np.interp([0.5, 0.99], points["share"], points["latency_ms"])
    text = f"p50 {number(p50_ms)}, p99 {number(p99_ms)} ms"
    if points["latency_ms"].isna().any():
        text = "overload: no latency"
    height, within = 0.03 + 0.07 * up, axes.transAxes
    axes.text(0.03, height, "■", color=colour, size=7.5, transform=within)
    axes.text(0.08, height, text, size=7.5, transform=within)


def _share_axis(axes: Axes) -> None:
    """The vertical axis of the latencies, with the usual percentiles."""
    axes.set_yscale("log")
    axes.set_ylim(1e-3, 1.1)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    axes.yaxis.set_minor_locator(NullLocator())
    for share, name in ((0.5, "p50"), (0.05, "p95"), (0.01, "p99")):
        axes.axhline(share, color=FAINT, lw=0.6, ls=":")
        beside = axes.get_yaxis_transform()
        axes.text(1.01, share, name, transform=beside, va="center", color=FAINT, size=8)


def in_flight_chart(in_flight: pd.DataFrame) -> Figure:
    """Requests in flight over the first round trips; one panel for each distance."""
    if in_flight.empty:
        return blank("no request was sent")
    title = "Requests in flight after a cold start"
    chart, panels = _panels(in_flight, title, "requests in flight")
    for axes, of_distance in panels:
        for producer, points in _by_producer(of_distance):
            style = _style(producer) | {"where": "post", "lw": look_of(producer).width * 0.8}
            axes.step(points["at_ms"], points["level"], **style)
        axes.set_xlim(0, 3.2 * (float(of_distance["rtt_ms"].iloc[0]) + WORK_MS))
        axes.set_ylim(0, in_flight["level"].max() + 0.4)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("time since the start, in ms")
    return chart


def _panels(
    rows: pd.DataFrame, title: str, y_label: str
) -> tuple[Figure, list[tuple[Axes, pd.DataFrame]]]:
    """A figure with a titled panel for each distance, one vertical axis and one legend for all."""
    distances = list(rows.groupby("distance", sort=False))
    across = min(len(distances), PANELS_IN_A_ROW)
    down = -(-len(distances) // across)
    width = max(5.0, PANEL_WIDTH * across)
    chart = figure(width, 0.9 + PANEL_HEIGHT * down)
    entitle(chart, title)
    grid = chart.subplots(down, across, sharey=True, squeeze=False).flatten()
    for axes in grid[len(distances) :]:
        axes.remove()
    for axes, (distance, of_distance) in zip(grid, distances, strict=False):
        rtt = f"{of_distance['rtt_ms'].iloc[0]:g} ms"
        axes.set_title(f"{rtt} RTT" if distance == rtt else f"{distance}, {rtt} RTT")
        quiet_grid(axes)
    for axes in grid[::across]:
        axes.set_ylabel(y_label)
    looks = [(name, look_of(name)) for name, _ in _by_producer(rows)]
    handles = [Line2D([], [], color=look.colour, lw=look.width, label=name) for name, look in looks]
    ncols = len(handles) if width >= LEGEND_WIDTH else 1
    chart.legend(handles=handles, loc="outside lower center", ncols=ncols, frameon=False)
    return chart, [(axes, part) for axes, (_, part) in zip(grid, distances, strict=False)]


def _by_producer(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each producer, in the order in which they come first."""
    return [(str(name), points) for name, points in rows.groupby("producer", sort=False)]


def _style(producer: str) -> dict[str, Any]:
    look = look_of(producer)
    return {"color": look.colour, "zorder": look.order, "label": producer}


DRAWN_BY: Mapping[str, Callable[[pd.DataFrame], Figure]] = {
    "space_time": space_time_chart,
    "throughput": throughput_chart,
    "latency": latency_chart,
    "in_flight": in_flight_chart,
}
