"""Throughput and the gain of five over partitions, a line for each way to use the brokers."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.kit.lines import band, log_axis, name_ends
from experiments.kit.pairs import means, ratios
from experiments.kit.style import FAINT, figure

WAY = ["brokers", "records_to"]
#: Number of brokers and who gets the records, to what it is called and its colour.
WAYS: dict[tuple[int, str], tuple[str, str]] = {
    (1, "all partitions"): ("one broker", "#d55e00"),
    (3, "all partitions"): ("three brokers", "#0072b2"),
    (3, "one broker's"): ("one of three", "#009e73"),
}


def draw(rows: pd.DataFrame) -> Figure:
    """Records per second on the left, the gain of five on the right."""
    chart = figure(11.0, 4.8)
    rates, gains = chart.subplots(1, 2)
    carried = means(rows, "records_per_s", [*WAY, "partitions", "depth"])
    gained = ratios(rows, "records_per_s", "depth", 1, [*WAY, "partitions"])
    log_axis(rates, "y", (1, 2, 5))
    for depth, marker, line in ((1, "o", "--"), (5, "D", "-")):
        _lines(rates, carried[carried["depth"] == depth], marker, line)
    ends = _lines(gains, gained, "D", "-")
    gains.set_ylim(0.9, max(5.2, float(gained["high"].max()) * 1.04))
    gains.axhline(1, color=FAINT, lw=0.9, ls=":")
    rates.set_title("records per second: five in flight, and one (dashed)", size=10)
    gains.set_title("five over one", size=10)
    for axes in (rates, gains):
        log_axis(axes, "x", (1, 2, 5))
        axes.set_xlabel("partitions")
    name_ends(gains, ends)
    title = f"More partitions make larger requests; {rows['rtt_ms'].iloc[0]:g} ms round trip"
    chart.suptitle(title, weight="bold", size=11, x=0.01, ha="left")
    chart.supxlabel("bands: 95 % intervals", size=8.5, color=FAINT)
    return chart


def answer(rows: pd.DataFrame) -> str:
    """The gain at the ends, and whether brokers that get nothing help."""
    gained = ratios(rows, "records_per_s", "depth", 1, [*WAY, "partitions"])
    parts = []
    for way, (told, _) in WAYS.items():
        line = _of(gained, way).sort_values("partitions")
        if len(line):
            first, last = line.iloc[0], line.iloc[-1]
            parts.append(
                f"{first['value']:.2f} at {first['partitions']:g} and {last['value']:.2f} at"
                f" {last['partitions']:g} partitions with {told}"
            )
    return f"Five in flight carry, times what one does: {'; '.join(parts)}.{_idle(rows)}"


def _idle(rows: pd.DataFrame) -> str:
    """What a producer whose records all go to one of three brokers gets of three windows."""
    five = rows[rows["depth"] == 5]
    everywhere = five.groupby("partitions")[WAY].apply(lambda it: len(it.drop_duplicates()))
    full = everywhere.index[everywhere == len(WAYS)]
    if not len(full):
        return ""
    at = five[five["partitions"] == full.min()]
    busy, idle, alone = (
        _of(at, way)["in_flight_mean"].mean()
        for way in ((3, "all partitions"), (3, "one broker's"), (1, "all partitions"))
    )
    return (
        f" With {full.min():g} partitions and five in flight on each connection a producer has"
        f" {busy:.1f} requests out with three brokers, {idle:.1f} if one of them gets all records,"
        f" and {alone:.1f} with one broker: idle brokers do not lend their slots."
    )


def _of(told: pd.DataFrame, way: tuple[int, str]) -> pd.DataFrame:
    found: pd.DataFrame = told[(told["brokers"] == way[0]) & (told["records_to"] == way[1])]
    return found


def _lines(axes: Axes, told: pd.DataFrame, marker: str, style: str) -> list[Any]:
    """One line for each way; the ends to be named."""
    ends = []
    for way, (name, colour) in WAYS.items():
        line = _of(told, way)
        if len(line):
            band(axes, line["partitions"].tolist(), line, colour, marker, style)
            ends.append((name, float(line["value"].iloc[-1]), colour))
    return ends
