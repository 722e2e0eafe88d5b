"""Charts of the comparison; each is a function of stored rows.

Units: ms of time, acknowledged records per second. The space-time picture has a file of its own.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.compare.contenders import FIVE, ONE
from experiments.compare.gain_chart import gain_chart
from experiments.compare.space_time import nearest, space_time_chart
from experiments.kit.charts import annotate, entitle, line, log_axis, mark, panels
from experiments.kit.estimates import pick, ratio
from experiments.kit.looks import look_of, wide
from experiments.kit.style import FAINT, blank, number

BOUND: dict[str, Any] = {"lw": 1.0, "ls": (0, (1, 1.5)), "zorder": 2}
#: Where a named distance is; what is dotted is a bound.
DISTANCE_LINE = "-"
#: In inches: of a panel, and of all of them at least.
PANEL_WIDTH, LEAST_WIDTH = 4.0, 7.0
#: Ours: a difference of latencies that is worth a word; and how long after the start is shown.
NOTICED, FIRST_ROUNDS = 0.05, 3.2
BAR = 0.42
TIMES = "\N{MULTIPLICATION SIGN}"
#: Ours: a gain whose lines are so far apart that its figure fits between.
ROOM = 1.8
#: Ours: about what a round takes beside the round-trip time.
WORK_MS = 1.0


def throughput_chart(rows: pd.DataFrame) -> Figure:
    """Records/s over the round-trip time, with the closed-form bound and the gain of five."""
    if rows.empty:
        return blank("no run was made")
    chart, (axes,) = panels("", width=7.4)
    curve, capacity = pick(rows, phase="curve"), pick(rows, phase="capacity")
    beside_curve = capacity[~capacity["rtt_ms"].isin(curve["rtt_ms"])]
    drawn = pd.concat([curve, beside_curve])
    for producer, points in _by_producer(drawn):
        look = look_of(producer)
        line(axes, points, "rtt_ms", "records_per_s", look, producer, **wide(look) | {"lw": 1.6})
        bound = points.groupby("rtt_ms")["bound_records_per_s"].mean()
        axes.plot(bound.index, bound, color=look.colour, **BOUND)
    log_axis(axes, "x")
    log_axis(axes, "y")
    axes.set_xlabel("round-trip time to the cluster in ms")
    axes.set_ylabel("records per second, acknowledged")
    axes.plot([], [], color=FAINT, label="what it cannot exceed", **BOUND)
    note = f"{TIMES}: what five carry, over what one carries"
    chart.legend(loc="outside lower center", ncols=2, frameon=False, title=note)
    _gains(axes, capacity)
    entitle(chart, _carried(drawn))
    return chart


def _gains(axes: Axes, capacity: pd.DataFrame) -> None:
    """Write what five in flight gain between the lines at the headline distances."""
    for distance, rows in capacity.groupby("distance", sort=False):
        rtt_ms = float(rows["rtt_ms"].iloc[0])
        if distance != f"{rtt_ms:g} ms":
            mark(axes, rtt_ms, str(distance), DISTANCE_LINE)
        one, five = pick(rows, producer=ONE), pick(rows, producer=FIVE)
        if len(one) and len(five):
            gain = ratio(five, one).value
            low, high = (rows["records_per_s"].mean() for rows in (one, five))
            at, down = (np.sqrt(low * high), 0) if gain > ROOM else (low, -12)
            annotate(axes, f"{TIMES} {gain:.1f}", rtt_ms, at, (6, down), weight="bold")


def _carried(shown: pd.DataFrame) -> str:
    """What five in flight gain over all distances that are drawn, in a sentence."""
    gains = [
        ratio(five, one).value
        for _, rows in shown.groupby("rtt_ms")
        if len(one := pick(rows, producer=ONE)) and len(five := pick(rows, producer=FIVE))
    ]
    if not gains:
        return "What one producer carries, by distance and requests in flight"
    ends = dict.fromkeys(f"{end(gains):.1f}" for end in (min, max))
    return f"Five in flight carry {' to '.join(ends)} times what one carries"


def latency_chart(latencies: pd.DataFrame) -> Figure:
    """Median and 99th percentile of each producer, a panel for each distance."""
    if latencies.empty:
        return blank("no record was acknowledged under the offered load")
    found = _percentiles(latencies)
    distances = list(found.groupby(["distance", "rtt_ms"], sort=False))
    chart, all_axes = panels("", len(distances), max(PANEL_WIDTH, LEAST_WIDTH / len(distances)))
    for axes, ((distance, rtt_ms), rows) in zip(all_axes, distances, strict=True):
        for down, row in enumerate(rows.to_dict("records")):
            _latency_bar(axes, down, row)
        rtt = f"{rtt_ms:g} ms RTT"
        axes.set_title(rtt if distance == f"{rtt_ms:g} ms" else f"{distance}, {rtt}")
        _name_bars(axes, [str(name) for name in rows["producer"]], axes is all_axes[0])
        axes.set_xlabel("latency of a record in ms")
    note = "all producers get the same records; dark: median, light: 99th percentile"
    entitle(chart, _shorter(found), note)
    return chart


def _percentiles(latencies: pd.DataFrame) -> pd.DataFrame:
    """Median and 99th percentile of each producer at each distance; NaN where it is overloaded."""
    by = ["distance", "rtt_ms", "producer"]
    found = [
        (*point, *np.interp([0.5, 0.99], of["share"], of["latency_ms"]))
        if of["latency_ms"].notna().all()
        else (*point, np.nan, np.nan)
        for point, of in latencies.groupby(by, sort=False)
    ]
    return pd.DataFrame(found, columns=[*by, "p50_ms", "p99_ms"])


def _latency_bar(axes: Axes, down: int, row: Mapping[Hashable, Any]) -> None:
    """A producer's percentiles as one bar, and in words."""
    p50_ms, p99_ms, colour = row["p50_ms"], row["p99_ms"], look_of(row["producer"]).colour
    if np.isnan(p99_ms):
        annotate(axes, "overload: no latency", 0, down, (5, 0), color=colour)
        return
    axes.barh(down, p99_ms, color=colour, alpha=0.35, height=BAR)
    axes.barh(down, p50_ms, color=colour, height=BAR)
    words = f"p50 {number(p50_ms)}, p99 {number(p99_ms)} ms"
    annotate(axes, words, 0, down - 0.42, (2, 0), size=9.5)


def _name_bars(axes: Axes, producers: Sequence[str], in_words: bool) -> None:
    """A producer's name beside each bar, in the first panel."""
    names = [name.replace(", ", ",\n") if in_words else "" for name in producers]
    axes.set_yticks(range(len(producers)), names)
    axes.set(xlim=(0, None), ylim=(len(producers) - 0.5, -0.75))
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def _shorter(found: pd.DataFrame) -> str:
    """At which distance five shorten the tail most, in a sentence."""
    p99_ms = found.pivot(index="rtt_ms", columns="producer", values="p99_ms")
    if not {ONE, FIVE} <= set(p99_ms) or p99_ms[FIVE].isna().all():
        return "Latency of records under one load, by what is in flight"
    too_much = p99_ms[p99_ms[ONE].isna() & p99_ms[FIVE].notna()]
    if len(too_much):
        rtt_ms, tail = too_much.index[0], number(float(too_much[FIVE].iloc[0]))
        return f"At {rtt_ms:g} ms this load is too much for one in flight; five: 99 % in {tail} ms"
    both = p99_ms[[ONE, FIVE]].dropna()
    rtts_ms, one_ms, five_ms = both.index.to_numpy(), both[ONE].to_numpy(), both[FIVE].to_numpy()
    less = 1 - five_ms / one_ms
    most = int(less.argmax())
    if less[most] < NOTICED:
        return "At this load five in flight are not faster than one"
    alike = [f"{rtt_ms:g}" for rtt_ms in rtts_ms[np.abs(less) < NOTICED]]
    rest = f"; at {' and '.join(alike)} ms there is no difference" if alike else ""
    cut = f"from {number(one_ms[most])} to {number(five_ms[most])} ms"
    return f"At {rtts_ms[most]:g} ms five in flight cut the 99th percentile {cut}{rest}"


def in_flight_chart(in_flight: pd.DataFrame) -> Figure:
    """Requests in flight over the first round trips, at the distance of the space-time picture."""
    if in_flight.empty:
        return blank("no request was sent")
    here = nearest(in_flight)
    rtt_ms = float(here["rtt_ms"].iloc[0])
    until_ms = FIRST_ROUNDS * (rtt_ms + WORK_MS)
    chart, (axes,) = panels("", width=7.4)
    kept = {}
    for producer, points in _by_producer(here):
        kept[producer] = _mean_level(points, until_ms)
        look = look_of(producer)
        style: dict[str, Any] = {"color": look.colour, "lw": look.width, "zorder": look.order}
        axes.step(points["at_ms"], points["level"], where="post", label=producer, **style)
    axes.set(xlim=(0, until_ms), ylim=(0, here["level"].max() + 0.4))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="time since the start, in ms", ylabel="requests in flight to one broker")
    chart.legend(loc="outside lower center", ncols=len(kept), frameon=False)
    entitle(chart, _kept_full(kept, rtt_ms, until_ms))
    return chart


def _mean_level(points: pd.DataFrame, until_ms: float) -> float:
    """The mean over time from the first request on."""
    seen = points[points["at_ms"] < until_ms]
    lasts_ms = np.diff([*seen["at_ms"], until_ms])
    return float(np.average(seen["level"], weights=lasts_ms))


def _kept_full(kept: Mapping[str, float], rtt_ms: float, until_ms: float) -> str:
    """How many are on the way to a broker after a cold start, in a sentence."""
    if not {ONE, FIVE} <= set(kept):
        return f"Requests in flight at {rtt_ms:g} ms from the start on"
    one, five = (f"{kept[producer]:.1f}" for producer in (ONE, FIVE))
    return (
        f"In the first {number(until_ms)} ms at {rtt_ms:g} ms, to one broker:"
        f" one in flight keeps {one} on the way, five {five}"
    )


def _by_producer(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each producer, in the order in which they come first."""
    return [(str(name), points) for name, points in rows.groupby("producer", sort=False)]


DRAWN_BY: Mapping[str, Callable[[pd.DataFrame], Figure]] = {
    "space_time": space_time_chart,
    "gain": gain_chart,
    "throughput": throughput_chart,
    "latency": latency_chart,
    "in_flight": in_flight_chart,
}
