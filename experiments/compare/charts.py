"""Charts of the comparison; each is a function of stored rows.

Units: ms of time, acknowledged records per second. The space-time picture has a file of its own.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from experiments.kit.stats import CONFIDENCE, paired_ratio
from experiments.kit.style import FAINT, INK, blank, figure, look, number, quiet_grid

ONE, FIVE = "one in flight", "five in flight, idempotent"
BOUND: dict[str, Any] = {"lw": 1.0, "ls": (0, (1, 1.5)), "zorder": 2}
TITLE: dict[str, Any] = {"weight": "bold", "size": 11, "x": 0.01, "ha": "left"}
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
    _log_axes(axes, "round-trip time to the cluster in ms", "records per second, acknowledged")
    curve, capacity = rows[rows["phase"] == "curve"], rows[rows["phase"] == "capacity"]
    beside_curve = capacity[~capacity["rtt_ms"].isin(curve["rtt_ms"])]
    for producer, points in _by_producer(pd.concat([curve, beside_curve])):
        style, mean = look(producer), points.groupby("rtt_ms").mean(numeric_only=True)
        axes.plot(
            mean.index,
            mean["records_per_s"],
            color=style.colour,
            lw=1.5,
            marker=style.marker,
            ms=style.marker_size,
            mfc="none" if style.hollow else style.colour,
            zorder=style.order,
            label=producer,
        )
        axes.plot(mean.index, mean["bound_records_per_s"], color=style.colour, **BOUND)
    _gains(axes, capacity)
    axes.plot([], [], color=FAINT, label="closed-form bound", **BOUND)
    axes.plot([], [], " ", label=f"x, ±: five over one, {CONFIDENCE:.0%} interval")
    axes.legend(frameon=False, loc="lower left")
    chart.suptitle("What one producer carries, by distance and requests in flight", **TITLE)
    return chart


def _gains(axes: Axes, capacity: pd.DataFrame) -> None:
    """Name the headline distances, and how many times as much five in flight carry there."""
    for distance, rows in capacity.groupby("distance", sort=False):
        rtt_ms = float(rows["rtt_ms"].iloc[0])
        axes.axvline(rtt_ms, ymin=0.97, color=FAINT, lw=0.8)
        if distance != f"{rtt_ms:g} ms":
            above = axes.get_xaxis_transform()
            axes.text(rtt_ms, 1.01, str(distance), transform=above, ha="center", color=FAINT)
        carried = rows.pivot(index="replication", columns="producer", values="records_per_s")
        if {ONE, FIVE} <= set(carried.columns):
            _gain(axes, rtt_ms, carried[ONE].tolist(), carried[FIVE].tolist())


def _gain(axes: Axes, rtt_ms: float, one: list[float], five: list[float]) -> None:
    """The ratio between the lines, with its interval if there are replications that differ."""
    gain, low, high = paired_ratio(five, one), np.mean(one), np.mean(five)
    if gain.value > SMALLEST_ARROW:
        ends = (rtt_ms, high * 0.86), (rtt_ms, low * 1.17)
        axes.annotate("", *ends, arrowprops={"arrowstyle": "<->", "color": INK, "lw": 0.8})
    at = rtt_ms, np.sqrt(low * high)
    beside: dict[str, Any] = {"textcoords": "offset points", "va": "center", "zorder": 6}
    some_random = not gain.exact and np.isfinite(gain.high)
    axes.annotate(f"x {gain.value:.1f}", at, (6, 6 * some_random), weight="bold", **beside)
    if some_random:
        told = f"±{(gain.high - gain.low) / 2:.1g}"
        axes.annotate(
            told, at, (6, -6), size=8, bbox={"fc": "white", "ec": "none", "pad": 0.5}, **beside
        )


def latency_chart(latencies: pd.DataFrame) -> Figure:
    """The share of records that took longer than a time; one panel for each distance."""
    if latencies.empty:
        return blank("no record was acknowledged under the offered load")
    chart, panels = _panels(
        latencies, "Latency when all are offered the same arrivals", "records that took longer"
    )
    for axes, of_distance in panels:
        for place, (producer, points) in enumerate(reversed(_by_producer(of_distance))):
            style, inside = look(producer), points["share"] < 1
            axes.plot(
                points["latency_ms"][inside],
                1 - points["share"][inside],
                color=style.colour,
                lw=style.width,
                zorder=style.order,
                label=producer,
            )
            _quantiles(axes, points, style.colour, place)
        _share_axis(axes)
        axes.set_xlim(left=0)
        axes.set_xlabel("latency of a record in ms")
    return chart


def _quantiles(axes: Axes, points: pd.DataFrame, colour: str, place: int) -> None:
    """A producer's median and 99th percentile in the corner that its curve leaves free."""
    p50_ms, p99_ms = np.interp([0.5, 0.99], points["share"], points["latency_ms"])
    told = f"p50 {number(p50_ms)}, p99 {number(p99_ms)} ms"
    height, within = 0.03 + 0.07 * place, axes.transAxes
    axes.text(0.03, height, "■", color=colour, size=7.5, transform=within)
    axes.text(0.08, height, told, size=7.5, transform=within)


def _share_axis(axes: Axes) -> None:
    """The vertical axis of the latencies, with the usual percentiles."""
    axes.set_yscale("log")
    axes.set_ylim(1e-3, 1.1)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    axes.yaxis.set_minor_locator(NullLocator())
    for share, told in ((0.5, "p50"), (0.05, "p95"), (0.01, "p99")):
        axes.axhline(share, color=FAINT, lw=0.6, ls=":")
        beside = axes.get_yaxis_transform()
        axes.text(1.01, share, told, transform=beside, va="center", color=FAINT, size=8)


def in_flight_chart(in_flight: pd.DataFrame) -> Figure:
    """Requests in flight over the first round trips; one panel for each distance."""
    if in_flight.empty:
        return blank("no request was sent")
    chart, panels = _panels(
        in_flight, "Requests in flight after a cold start", "requests in flight"
    )
    for axes, of_distance in panels:
        for producer, points in _by_producer(of_distance):
            style = look(producer)
            axes.step(
                points["at_ms"],
                points["level"],
                where="post",
                color=style.colour,
                lw=style.width * 0.8,
                zorder=style.order,
                label=producer,
            )
        axes.set_xlim(0, 3.2 * (float(of_distance["rtt_ms"].iloc[0]) + WORK_MS))
        axes.set_ylim(0, in_flight["level"].max() + 0.4)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("time since the start, in ms")
    return chart


def _panels(
    rows: pd.DataFrame, title: str, y_label: str
) -> tuple[Figure, list[tuple[Axes, pd.DataFrame]]]:
    """A figure with a titled panel for each distance, one vertical axis and one legend for all."""
    places = list(rows.groupby("distance", sort=False))
    columns = min(len(places), PANELS_IN_A_ROW)
    lines = -(-len(places) // columns)
    width = max(5.0, PANEL_WIDTH * columns)
    producers = list(rows["producer"].unique())
    legend_columns = len(producers) if width >= LEGEND_WIDTH else 1
    chart = figure(width, 0.9 + PANEL_HEIGHT * lines)
    chart.suptitle(title, **TITLE)
    panels: list[tuple[Axes, pd.DataFrame]] = []
    for place, (distance, of_distance) in enumerate(places):
        shared = panels[0][0] if panels else None
        axes = chart.add_subplot(lines, columns, place + 1, sharey=shared)
        if place % columns == 0:
            axes.set_ylabel(y_label)
        else:
            axes.tick_params(labelleft=False)
        rtt = f"{of_distance['rtt_ms'].iloc[0]:g} ms"
        axes.set_title(f"{rtt} RTT" if distance == rtt else f"{distance}, {rtt} RTT")
        quiet_grid(axes)
        panels.append((axes, of_distance))
    looks = [(name, look(str(name))) for name in producers]
    handles = [Line2D([], [], color=it.colour, lw=it.width, label=name) for name, it in looks]
    chart.legend(handles=handles, loc="outside lower center", ncols=legend_columns, frameon=False)
    return chart, panels


def _by_producer(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each producer, in the order in which they come first."""
    return [(str(name), points) for name, points in rows.groupby("producer", sort=False)]


def _log_axes(axes: Axes, x_label: str, y_label: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        axis.set_minor_formatter(NullFormatter())
    quiet_grid(axes)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
