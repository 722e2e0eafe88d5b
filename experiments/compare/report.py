"""The comparison as text: what the client does, tables, ratios; a function of rows."""

from collections.abc import Iterator

import pandas as pd
from rich.box import SIMPLE
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from experiments.compare.contenders import FIVE, FIVE_PLAIN, LABELS, ONE
from experiments.kit.stats import Interval, paired_ratio


def tables(rows: pd.DataFrame) -> RenderableType:
    """Capacity and latency of every producer at every distance, and the ratios between them."""
    capacity = _table("As fast as the producer can", ("records/s", "bound", "MB/s", "in flight"))
    capacity.add_column("fill", justify="right", no_wrap=True)
    capacity.add_column("limited by", no_wrap=True)
    latency = _table("Latency of records in ms, all offered the same", ("offered/s",))
    for name in ("mean", "p50", "p95", "p99"):
        latency.add_column(name, justify="right")
    lines = []
    for place, at_distance in _by_distance(rows):
        for table in (capacity, latency):
            table.add_row(place, style="bold")
        for label in LABELS:
            of_label = at_distance[at_distance["producer"] == label]
            last = label == LABELS[-1]
            capacity.add_row(f"  {label}", *_capacity_cells(of_label), end_section=last)
            latency.add_row(f"  {label}", *_latency_cells(of_label), end_section=last)
        lines.append(Text(f"{place}: {ratio_line(at_distance)}"))
    return Group(capacity, Text(), latency, Text(), *lines, Text())


def _table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)
    table.add_column("round-trip time, producer", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _by_distance(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    headline = rows[rows["phase"] != "curve"]
    for (distance, rtt_ms), at_distance in headline.groupby(["distance", "rtt_ms"], sort=False):
        rtt = f"{rtt_ms:g} ms"
        yield (rtt if distance == rtt else f"{distance}, {rtt}"), at_distance


def _capacity_cells(of_label: pd.DataFrame) -> list[str]:
    capacity = of_label[of_label["phase"] == "capacity"]
    mean = capacity.select_dtypes("number").mean()
    return [
        f"{mean['records_per_s']:,.0f}",
        f"{mean['bound_records_per_s']:,.0f}",
        f"{mean['mb_per_s']:.2f}",
        f"{mean['in_flight_mean']:.2f}",
        f"{mean['batch_fill']:.0%}",
        str(capacity["limit"].mode().iloc[0]),
    ]


def _latency_cells(of_label: pd.DataFrame) -> list[str]:
    load = of_label[of_label["phase"] == "load"]
    offered = load["offered_records_per_s"].mean()
    told = f"{offered:,.0f}" if offered == offered else "closed loop"
    if overloaded(of_label):
        return [told, "overload", "", "", ""]
    means = load[["mean_ms", "p50_ms", "p95_ms", "p99_ms"]].mean()
    return [told, *(f"{value:.3g}" for value in means)]


def overloaded(of_label: pd.DataFrame) -> bool:
    """Whether a producer is offered more than it can carry: latency then grows without end."""
    means = of_label.groupby("phase")[["records_per_s", "offered_records_per_s"]].mean()
    offered, carries = means.loc["load", "offered_records_per_s"], means["records_per_s"]
    return bool(offered > carries["capacity"])


def five_to_one(at_distance: pd.DataFrame) -> Interval:
    """Records/s of five idempotent requests in flight over one, paired by replication."""
    return ratio(at_distance, FIVE, ONE)


def ratio_line(at_distance: pd.DataFrame) -> str:
    """What five in flight gain over one, and what idempotence costs at equal depth."""
    gain, cost = five_to_one(at_distance), ratio(at_distance, FIVE, FIVE_PLAIN)
    return f"five / one in flight = {gain:.2f};  with / without idempotence = {cost:.3f}"


def ratio(at_distance: pd.DataFrame, over: str, under: str) -> Interval:
    """Records/s of one producer over another's, paired by replication."""
    return paired_ratio(
        _replicated(at_distance, "capacity", over, "records_per_s"),
        _replicated(at_distance, "capacity", under, "records_per_s"),
    )


def _replicated(rows: pd.DataFrame, phase: str, label: str, column: str) -> list[float]:
    chosen = rows[(rows["phase"] == phase) & (rows["producer"] == label)]
    return [float(value) for value in chosen.sort_values("replication")[column]]
