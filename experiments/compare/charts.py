"""Charts of the comparison; each is a function of stored rows."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from experiments.kit.style import FAINT, INK, figure, look, number, quiet_grid

ONE, FIVE = "one in flight", "five in flight, idempotent"
BOUND: dict[str, Any] = {"lw": 1.0, "ls": (0, (1, 1.5)), "zorder": 2}
PANEL_WIDTH, PANEL_HEIGHT = 3.6, 3.4


def throughput_chart(rows: pd.DataFrame) -> Figure:
    """Records/s over the round-trip time, with the closed-form bound and the gain of five."""
    chart = figure(8.2, 5.0)
    axes = chart.subplots()
    for producer, points in _by_producer(rows[rows["phase"] == "curve"]):
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
    _gains(axes, rows[rows["phase"] == "capacity"])
    _log_axes(axes, "round-trip time to the cluster in ms", "records per second, acknowledged")
    axes.plot([], [], color=FAINT, label="closed-form bound", **BOUND)
    axes.legend(frameon=False, loc="lower left")
    axes.set_title("What one producer carries, by distance and requests in flight")
    return chart


def _gains(axes: Axes, capacity: pd.DataFrame) -> None:
    """Write at the headline distances how many times as much five in flight carry."""
    means = capacity.groupby(["rtt_ms", "producer"])["records_per_s"].mean().unstack()
    if not {ONE, FIVE} <= set(means.columns):
        return
    for rtt_ms, one, five in means[[ONE, FIVE]].dropna().itertuples():
        ends = (rtt_ms, five * 0.86), (rtt_ms, one * 1.17)
        axes.annotate("", *ends, arrowprops={"arrowstyle": "<->", "color": INK, "lw": 0.8})
        told = f" x {five / one:.1f}"
        axes.text(rtt_ms * 1.04, np.sqrt(one * five), told, va="center", weight="bold")


def latency_chart(latencies: pd.DataFrame) -> Figure:
    """The share of records that took longer than a time; one panel for each distance."""
    panels = _by_distance(latencies)
    chart = figure(max(5.0, PANEL_WIDTH * len(panels)), PANEL_HEIGHT + 0.6)
    all_axes = np.atleast_1d(chart.subplots(1, len(panels), sharey=True))
    for axes, (place, of_distance) in zip(all_axes, panels, strict=True):
        for producer, points in _by_producer(of_distance):
            style, inside = look(producer), points["share"] < 1
            axes.plot(
                points["latency_ms"][inside],
                1 - points["share"][inside],
                color=style.colour,
                lw=style.width,
                zorder=style.order,
                label=producer,
            )
        axes.set_yscale("log")
        axes.set_ylim(1e-3, 1.1)
        for share, told in ((0.5, "p50"), (0.05, "p95"), (0.01, "p99")):
            axes.axhline(share, color=FAINT, lw=0.6, ls=":")
            axes.text(1.0, share, told, transform=axes.get_yaxis_transform(), color=FAINT, size=8)
        axes.set_xlim(left=0)
        quiet_grid(axes)
        axes.set_title(place)
        axes.set_xlabel("latency of a record in ms")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
        axes.yaxis.set_minor_locator(NullLocator())
    all_axes[0].set_ylabel("records that took longer")
    _legend_above(chart, all_axes[0], "Latency when all are offered the same arrivals")
    return chart


def in_flight_chart(in_flight: pd.DataFrame) -> Figure:
    """Requests in flight over the first round trips; one panel for each distance."""
    panels = _by_distance(in_flight)
    chart = figure(max(5.0, PANEL_WIDTH * len(panels)), PANEL_HEIGHT)
    all_axes = np.atleast_1d(chart.subplots(1, len(panels), sharey=True))
    for axes, (place, of_distance) in zip(all_axes, panels, strict=True):
        shown_ms = 3.2 * (float(of_distance["rtt_ms"].iloc[0]) + 1)
        for producer, points in _by_producer(of_distance):
            style = look(producer)
            points = points[points["at_ms"] < shown_ms]
            axes.step(
                points["at_ms"],
                points["level"],
                where="post",
                color=style.colour,
                lw=style.width * 0.8,
                zorder=style.order,
                label=producer,
            )
        axes.set_xlim(0, shown_ms)
        axes.set_ylim(0, max(5.4, in_flight["level"].max() + 0.4))
        quiet_grid(axes)
        axes.set_title(place)
        axes.set_xlabel("time in ms")
    all_axes[0].set_ylabel("requests in flight")
    _legend_above(chart, all_axes[0], "Requests in flight after a cold start")
    return chart


def _by_producer(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each producer, in the order in which they come first."""
    return [(str(name), points) for name, points in rows.groupby("producer", sort=False)]


def _by_distance(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """A title for each distance and its rows, in the order in which they come first."""
    titled = []
    for name, of_distance in rows.groupby("distance", sort=False):
        rtt = f"{of_distance['rtt_ms'].iloc[0]:g} ms"
        titled.append((f"{rtt} RTT" if name == rtt else f"{name}, {rtt} RTT", of_distance))
    return titled


def _log_axes(axes: Axes, x_label: str, y_label: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        axis.set_minor_formatter(NullFormatter())
    quiet_grid(axes)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)


def _legend_above(chart: Figure, axes: Axes, title: str) -> None:
    handles, labels = axes.get_legend_handles_labels()
    chart.suptitle(title, weight="bold", size=11, x=0.01, ha="left")
    chart.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
