"""The break-even map: contours of what five in flight gain, and the law's beside them.

The law 1 + Z/S with Z the round-trip time alone: whatever else a round takes outside the broker
(the client's work, waking up) makes five in flight pay earlier.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from scipy.interpolate import RegularGridInterpolator

from experiments.kit.pairs import ratios, widest
from experiments.kit.style import FAINT, INK, figure, number

BY = ("rtt_ms", "in_broker_ms")
GAINS = (1.05, 1.5, 2.0, 4.0)
BANDS = ["#f7f7f7", "#e1ecf6", "#bcd7ec", "#8dbcdf", "#5b9bce"]
#: Ours: typical round trips.
PLACES = {"LAN": 0.2, "region": 2.0, "continent": 50.0}
FINER = 80
LAW: dict[str, Any] = {"color": INK, "lw": 1.1, "ls": (0, (1, 2))}
HALO: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.0}


def gains(rows: pd.DataFrame) -> pd.DataFrame:
    """Five in flight over one, everywhere, with intervals."""
    return ratios(rows, "records_per_s", "depth", 1, BY)


def draw(rows: pd.DataFrame) -> Figure:
    """The map on logarithmic axes."""
    told = gains(rows)
    rtt_ms, in_broker_ms, table = _smooth(told)
    chart = figure(8.4, 6.2)
    axes = chart.subplots()
    _logarithmic(axes, rtt_ms, in_broker_ms)
    edges = [min(0.9, table.min()), *GAINS, max(6.0, table.max())]
    axes.contourf(rtt_ms, in_broker_ms, table, levels=edges, colors=BANDS)
    _law(axes, rtt_ms)
    _places(axes, rtt_ms)
    lines = axes.contour(rtt_ms, in_broker_ms, table, levels=GAINS, colors=[INK], linewidths=1.6)
    for text in axes.clabel(lines, fmt={gain: percent(gain) for gain in GAINS}, fontsize=9):
        text.set_fontweight("bold")
    axes.set_xlabel("round-trip time in ms")
    axes.set_ylabel("time in the broker of one request, in ms")
    axes.set_title("What five requests in flight carry more than one", pad=22)
    where: dict[str, Any] = {"transform": axes.transAxes, "size": 8.5, "color": FAINT}
    axes.text(0, 1.015, _note(told), **where)
    return chart


def _smooth(told: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gains on a finer grid: contours are straight where gains are, on logarithmic axes."""
    table = told.pivot(index="in_broker_ms", columns="rtt_ms", values="value")
    ends = [np.log(axis.to_numpy(dtype=float)) for axis in (table.index, table.columns)]
    between = RegularGridInterpolator(ends, np.log(table.to_numpy(dtype=float)))
    in_broker, rtt = (np.linspace(it[0], it[-1], FINER) for it in ends)
    points = np.stack(np.meshgrid(in_broker, rtt, indexing="ij"), axis=-1)
    return np.exp(rtt), np.exp(in_broker), np.exp(between(points))


def answer(rows: pd.DataFrame) -> str:
    """Where five pay, in numbers from the rows."""
    told = gains(rows)
    nearest = told.loc[(np.log(told["in_broker_ms"] / 0.2)).abs().idxmin(), "in_broker_ms"]
    line = told[told["in_broker_ms"] == nearest].sort_values("rtt_ms")
    first, last = line.iloc[0], line.iloc[-1]
    parts = [
        f"With {nearest:g} ms in the broker five in flight carry {_times(first)} as much as one at"
        f" a round trip of {first['rtt_ms']:g} ms, and {_times(last)} at {last['rtt_ms']:g} ms."
    ]
    half = told[told["value"] >= GAINS[1]]
    if len(half):
        share = (half["in_broker_ms"] / half["rtt_ms"]).where(half["rtt_ms"] >= 1).max()
        parts.append(
            f"From 1 ms on they gain half as much again where the broker's time for a request is"
            f" up to {share:.2g} times the round trip:"
        )
    parts.append("five overlap the way, never the broker's work on one connection.")
    return " ".join(parts)


def percent(gain: float) -> str:
    """1.5 is +50 %."""
    return f"+{round(100 * (gain - 1))} %"


def _times(row: pd.Series) -> str:
    return f"{row['value']:.2f} times [{row['low']:.2f}, {row['high']:.2f}]"


def _note(told: pd.DataFrame) -> str:
    known = f"ratios are known to ±{100 * widest(told):.1f} % or better (95 %)"
    return f"solid: simulated; dotted: the law 1 + RTT/S at the same gains; {known}"


def _logarithmic(axes: Axes, rtt_ms: np.ndarray, in_broker_ms: np.ndarray) -> None:
    axes.set(xscale="log", yscale="log")
    axes.set_xlim(rtt_ms.min(), rtt_ms.max())
    axes.set_ylim(in_broker_ms.min(), in_broker_ms.max())
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
        axis.set_minor_formatter(NullFormatter())


def _law(axes: Axes, rtt_ms: np.ndarray) -> None:
    """Where 1 + RTT/S is each of the gains: straight lines."""
    for gain in GAINS:
        axes.plot(rtt_ms, rtt_ms / (gain - 1), **LAW)


def _places(axes: Axes, rtt_ms: np.ndarray) -> None:
    for name, at_ms in PLACES.items():
        if rtt_ms.min() <= at_ms <= rtt_ms.max():
            axes.axvline(at_ms, color="white", lw=1.0, alpha=0.8)
            where = axes.get_xaxis_transform()
            axes.text(at_ms, 0.02, name, transform=where, ha="center", size=9, bbox=HALO)
