"""Throughput and latency over the replicas' distance, by acks and depth."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from experiments.kit.lines import band, log_axis, name_ends
from experiments.kit.pairs import means
from experiments.kit.style import FAINT, figure, number

WAY = ["acks", "depth"]
LOOKS: dict[tuple[str, int], tuple[str, Any, str]] = {
    ("1", 1): ("#d55e00", (0, (3, 1.5)), "acks=1, one"),
    ("1", 5): ("#0072b2", (0, (3, 1.5)), "acks=1, five"),
    ("all", 1): ("#d55e00", "-", "acks=all, one"),
    ("all", 5): ("#0072b2", "-", "acks=all, five"),
}
PANELS = {
    "records_per_s": ("full", "records per second, as fast as it can"),
    "p50_ms": ("light", "median latency in ms, 200 records/s"),
    "p99_ms": ("light", "99th percentile in ms, 200 records/s"),
}


def draw(rows: pd.DataFrame) -> Figure:
    """Three panels over the round trip between replicas."""
    rows = rows.assign(acks=rows["acks"].astype(str))
    chart = figure(12.5, 4.6)
    panels = chart.subplots(1, len(PANELS))
    for axes, (outcome, (load, title)) in zip(panels, PANELS.items(), strict=True):
        ends = _panel(axes, rows[rows["load"] == load], outcome)
        axes.set_title(title, size=9.5)
        axes.set_xlabel("round trip between replicas in ms")
    name_ends(panels[-1], ends)
    title = "What acks=all waits for: three replicas, the producer next to the leader"
    chart.suptitle(title, weight="bold", size=11, x=0.01, ha="left")
    told_at = "bands: 95 % intervals; latency is not drawn where there is overload"
    chart.supxlabel(told_at, size=8.5, color=FAINT)
    return chart


def answer(rows: pd.DataFrame) -> str:
    """What acks=all costs at the nearest and the furthest, and what five in flight give back."""
    rows = rows.assign(acks=rows["acks"].astype(str))
    rate = _table(rows[rows["load"] == "full"], "records_per_s")
    wait = _table(rows[rows["load"] == "light"], "p50_ms")
    return " ".join(_at(at, rate, wait) for at in sorted({rate.index.min(), rate.index.max()}))


def _at(at_ms: float, rate: pd.DataFrame, wait: pd.DataFrame) -> str:
    """Both kinds of acks at one distance."""
    carried, waited = rate.loc[at_ms], wait.loc[at_ms]
    gain = carried["all", 5] / carried["all", 1]
    return (
        f"With replicas {at_ms:g} ms apart acks=all carries {carried['all', 1]:,.0f} records/s with"
        f" one in flight and {gain:.2f} times that with five (acks=1: {carried['1', 1]:,.0f} and"
        f" {carried['1', 5] / carried['1', 1]:.2f} times); the median latency at 200 records/s is"
        f" {_told(waited['all', 1])} and {_told(waited['all', 5])} instead of"
        f" {_told(waited['1', 1])} and {_told(waited['1', 5])}."
    )


def _told(latency_ms: Any) -> str:
    return "overload" if pd.isna(latency_ms) else f"{latency_ms:.1f} ms"


def _table(rows: pd.DataFrame, outcome: str) -> pd.DataFrame:
    told = means(rows, outcome, ["replica_rtt_ms", *WAY])
    return told.pivot(index="replica_rtt_ms", columns=WAY, values="value")


def _panel(axes: Axes, rows: pd.DataFrame, outcome: str) -> list[tuple[str, float, str]]:
    """A line for each way; the ends to be named."""
    log_axis(axes, "x", (1, 2, 5))
    log_axis(axes, "y", (1, 2, 5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    told, ends = means(rows, outcome, [*WAY, "replica_rtt_ms"]), []
    for (acks, depth), (colour, style, name) in LOOKS.items():
        line = told[(told["acks"] == acks) & (told["depth"] == depth)]
        known = line["value"].dropna()
        if len(known):
            band(axes, line["replica_rtt_ms"].tolist(), line, colour, "o", style)
            ends.append((name, float(known.iloc[-1]), colour))
    return ends
