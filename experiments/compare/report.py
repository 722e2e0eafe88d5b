"""The comparison as text: what the client does, tables, ratios; a function of rows."""

from collections.abc import Iterator

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from experiments.compare.contenders import FIVE, FIVE_PLAIN, LABELS, ONE
from experiments.kit.stats import Interval, interval, paired_ratio

#: A producer that carries less than this share of what it is offered has no steady latency.
CARRIES = 0.95


def tables(rows: pd.DataFrame) -> RenderableType:
    """A table of capacity and latency for each distance, and the ratios under it."""
    parts: list[RenderableType] = []
    for (distance, rtt_ms), at_distance in _by_distance(rows):
        parts.append(_table(f"{distance} ({rtt_ms:g} ms RTT)", at_distance))
        parts.extend(Text(line) for line in ratio_lines(at_distance))
        parts.append(Text(""))
    return Group(*parts)


def _by_distance(rows: pd.DataFrame) -> Iterator[tuple[tuple[str, float], pd.DataFrame]]:
    headline = rows[rows["phase"] != "curve"]
    for (distance, rtt_ms), at_distance in headline.groupby(["distance", "rtt_ms"], sort=False):
        yield (str(distance), float(rtt_ms)), at_distance


def _table(title: str, at_distance: pd.DataFrame) -> Table:
    offered = at_distance.loc[at_distance["phase"] == "load", "offered_records_per_s"].iloc[0]
    load = f"at {offered:,.4g} records/s offered" if offered == offered else "in this loop"
    table = Table(title=title, title_justify="left", caption_justify="left")
    table.caption = f"left: as fast as it can; right: latency in ms {load}"
    table.add_column("producer", no_wrap=True)
    for name in ("records/s", "bound", "MB/s", "in flight", "batch fill"):
        table.add_column(name, justify="right")
    table.add_column("limited by", no_wrap=True)
    for name in ("mean", "p50", "p95", "p99"):
        table.add_column(name, justify="right")
    for label in LABELS:
        of_label = at_distance[at_distance["producer"] == label]
        if len(of_label):
            table.add_row(label, *_cells(of_label))
    return table


def _cells(of_label: pd.DataFrame) -> list[str]:
    capacity = of_label[of_label["phase"] == "capacity"]
    load = of_label[of_label["phase"] == "load"]
    mean = capacity.select_dtypes("number").mean()
    cells = [
        f"{mean['records_per_s']:,.0f}",
        f"{mean['bound_records_per_s']:,.0f}",
        f"{mean['mb_per_s']:.2f}",
        f"{mean['in_flight_mean']:.2f}",
        f"{mean['batch_fill']:.0%}",
        str(capacity["limit"].mode().iloc[0]),
    ]
    if overloaded(load):
        return [*cells, *["overload"] * 4]
    means = load[["mean_ms", "p50_ms", "p95_ms", "p99_ms"]].mean()
    return [*cells, *(f"{value:.3g}" for value in means)]


def overloaded(load: pd.DataFrame) -> bool:
    """Whether this producer does not carry what it is offered: then latency grows without end."""
    offered = load["offered_records_per_s"].mean()
    return bool(load["records_per_s"].mean() < CARRIES * offered)


def five_to_one(at_distance: pd.DataFrame) -> Interval:
    """Records/s of five idempotent requests in flight over one, paired by replication."""
    return _ratio(at_distance, FIVE, ONE)


def ratio_lines(at_distance: pd.DataFrame) -> list[str]:
    """What five in flight gain over one, and what idempotence costs at equal depth."""
    gain, cost = five_to_one(at_distance), _ratio(at_distance, FIVE, FIVE_PLAIN)
    lines = [f"  five / one in flight: x {gain:.2f}   idempotent / not, both five: x {cost:.3f}"]
    slowest = [
        interval(_replicated(at_distance, "load", label, "p99_ms")).value for label in (ONE, FIVE)
    ]
    if slowest[0] == slowest[0]:
        lines.append(f"  p99 at equal load: {slowest[0]:.3g} ms with one, {slowest[1]:.3g} ms with five")
    return lines


def _ratio(at_distance: pd.DataFrame, over: str, under: str) -> Interval:
    return paired_ratio(
        _replicated(at_distance, "capacity", over, "records_per_s"),
        _replicated(at_distance, "capacity", under, "records_per_s"),
    )


def _replicated(rows: pd.DataFrame, phase: str, label: str, column: str) -> list[float]:
    chosen = rows[(rows["phase"] == phase) & (rows["producer"] == label)]
    return [float(value) for value in chosen.sort_values("replication")[column]]
