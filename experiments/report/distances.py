"""The comparison in full: what each producer carries at each distance, and how long it takes."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from experiments.compare.contenders import LABELS
from experiments.compare.report import overloaded
from experiments.report.answer import by_distance
from experiments.report.blocks import (
    Block,
    Cell,
    Chart,
    Section,
    Table,
    figure,
    numbers,
    text,
    words,
)
from experiments.report.stored import read_svg

#: Chart to its title, what it shows, and the sentence under it.
CHARTS = {
    "throughput": (
        "Records per second by distance",
        "Records per second against round-trip time, both on logarithmic axes, for the three"
        " producers, each with its closed-form bound.",
        "What one producer carries as fast as it can. Dotted: what it cannot exceed.",
    ),
    "latency": (
        "Latency under the same load",
        "For each distance, the share of records that took longer than a time, for the three"
        " producers under the same arrivals.",
        "How long records take when all producers are offered the same. The share that took longer"
        " is on a logarithmic axis, so that the slowest records can be seen.",
    ),
    "in_flight": (
        "Requests in flight after a cold start",
        "For each distance, the number of unanswered requests over the first round trips.",
        "One request at a time, or five: how many are unanswered at any moment.",
    ),
}
LATENCIES = ("mean_ms", "p50_ms", "p95_ms", "p99_ms")


def distances(folder: Path, rows: pd.DataFrame) -> Section:
    """Charts and tables of the comparison."""
    blocks: list[Block] = [
        *_chart(folder, "throughput"),
        _capacity(rows),
        *_chart(folder, "latency"),
        _latency(rows),
        *_chart(folder, "in_flight"),
    ]
    return Section("distances", "Distance", "By distance", blocks)


def _chart(folder: Path, name: str) -> list[Chart]:
    svg = read_svg(folder, name)
    return [] if svg is None else [Chart(name, svg, *CHARTS[name])]


def _capacity(rows: pd.DataFrame) -> Table:
    columns = [
        *words("round trip", "producer"),
        *numbers("records/s", "bound", "MB/s", "in flight", "batch fill"),
        *words("limited by"),
    ]
    return Table(
        "As fast as the producer can: means over the replications, beside the closed-form bound",
        columns,
        [
            [_place(place, part), text(label), *_carried(part[part["producer"] == label])]
            for place, part in by_distance(rows)
            for label in LABELS
        ],
    )


def _place(place: str, part: pd.DataFrame) -> Cell:
    return Cell(text(place).text, float(part["rtt_ms"].iloc[0]))


def _carried(of_label: pd.DataFrame) -> Sequence[Cell]:
    capacity = of_label[of_label["phase"] == "capacity"]
    mean = capacity.select_dtypes("number").mean()
    return [
        figure(mean["records_per_s"], ",.0f"),
        figure(mean["bound_records_per_s"], ",.0f"),
        figure(mean["mb_per_s"], ".2f"),
        figure(mean["in_flight_mean"], ".2f"),
        figure(mean["batch_fill"], ".0%"),
        text(capacity["limit"].mode().iloc[0]),
    ]


def _latency(rows: pd.DataFrame) -> Table:
    columns = [
        *words("round trip", "producer"),
        *numbers("offered/s", "mean", "p50", "p95", "p99"),
    ]
    return Table(
        "Latency of records in ms, all producers offered the same",
        columns,
        [
            [_place(place, part), text(label), *_took(part[part["producer"] == label])]
            for place, part in by_distance(rows)
            for label in LABELS
        ],
    )


def _took(of_label: pd.DataFrame) -> Sequence[Cell]:
    """Percentiles of an overloaded producer would be those of the survivors: none are given."""
    load = of_label[of_label["phase"] == "load"]
    offered = figure(float(load["offered_records_per_s"].mean()), ",.0f")
    if overloaded(of_label):
        return [offered, *[Cell("overload", float("inf"))] * len(LATENCIES)]
    return [offered, *(figure(float(load[name].mean()), ".3g") for name in LATENCIES)]
