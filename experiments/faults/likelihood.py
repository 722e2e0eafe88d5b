"""How likely harm is: duplicates and displaced records per million against connections lost.

A connection that is lost swallows everything for a moment, both ways, and is then torn down; the
moments are drawn at random. Left out: losses that come in groups.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.faults.catalogue import DROP_S, RATE_PER_S, RTT_MS, SETTINGS
from experiments.faults.moments import moments_s
from experiments.kit.pool import Workers
from experiments.kit.stats import interval
from experiments.kit.style import figure, quiet_grid
from model import (
    Fault,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Scenario,
    Workload,
    simulate,
)
from model.streams import stream

#: Lost connections per million records.
LOSSES = (100, 200, 500, 1_000)
DEPTHS = (1, 2, 5)
RECORDS = 30_000
REPLICATIONS = 5
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Point:
    """One run: so many losses per million records, with one producer."""

    losses: int
    depth: int
    idempotent: bool
    replication: int


def likelihood_rows(
    base: ProducerConfig, machine: MachineConfig, workers: Workers, records: int = RECORDS
) -> pd.DataFrame:
    """Harm per million records of every run; common losses for all producers of a replication."""
    points = [
        Point(losses, depth, idempotent, replication)
        for losses in LOSSES
        for depth in DEPTHS
        for idempotent in (False, True)
        for replication in range(REPLICATIONS)
    ]
    asked = [(point, _scenario(point, base, machine, records)) for point in points]
    return pd.DataFrame(workers.map(_row, asked))


def _scenario(point: Point, base: ProducerConfig, machine: MachineConfig, records: int) -> Scenario:
    producer = replace(
        base,
        acks="all",
        enable_idempotence=point.idempotent,
        max_in_flight_requests_per_connection=point.depth,
        **SETTINGS,
    )
    span_s = records / RATE_PER_S
    return Scenario(
        path=PathConfig(rtt_ms=RTT_MS),
        producer=producer,
        workload=Workload(arrival=OpenLoop(RATE_PER_S, records=records)),
        machine=machine,
        faults=tuple(_losses(point, span_s, records)),
        warmup_s=0.0,
        measured_s=span_s + SETTINGS["delivery_timeout_ms"] / 1e3 + 5,
    )


def _losses(point: Point, span_s: float, records: int) -> Iterator[Fault]:
    """Moments drawn uniformly, pushed apart where they would overlap."""
    count = max(1, round(point.losses * records / MILLION))
    draw = stream(point.replication, f"losses-{point.losses}")
    for moment_s in moments_s(draw, count, span_s).tolist():
        yield Fault(what="black-hole", at_s=moment_s, for_s=DROP_S)
        yield Fault(what="connection-reset", at_s=moment_s + DROP_S)


def _row(asked: tuple[Point, Scenario]) -> dict[str, object]:
    point, scenario = asked
    books = simulate(scenario, seed=1 + point.replication).guarantees
    return {
        "losses_per_million": point.losses,
        "in_flight": point.depth,
        "idempotent": point.idempotent,
        "replication": point.replication,
        "duplicates_per_million": books.duplicates / books.sent * MILLION,
        "displaced_per_million": books.displaced / books.sent * MILLION,
        "failed_per_million": books.failed / books.sent * MILLION,
    }


#: In flight, and whether idempotent, to colour, marker and what it is called.
LOOKS = {
    (1, False): ("#d55e00", "o", "one in flight"),
    (2, False): ("#e69f00", "s", "two in flight"),
    (5, False): ("#0072b2", "D", "five in flight"),
    (5, True): ("#009e73", "^", "five in flight, idempotent"),
}
#: Lines that coincide are drawn beside each other, by this factor of the horizontal axis.
BESIDE = 1.03


def likelihood_chart(rows: pd.DataFrame) -> Figure:
    """Duplicates beside displaced records, each with its interval over replications."""
    chart = figure(10.0, 4.8)
    panels = chart.subplots(1, 2, sharex=True)
    for axes, column, told in zip(
        panels,
        ("duplicates_per_million", "displaced_per_million"),
        ("duplicates in the log", "records out of order in the log"),
        strict=True,
    ):
        _panel(axes, rows, column)
        axes.set_title(told)
        axes.set_xlabel("connections lost per million records")
    panels[0].set_ylabel("records per million")
    handles, labels = panels[0].get_legend_handles_labels()
    chart.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    return chart


def _panel(axes: Axes, rows: pd.DataFrame, column: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("symlog", linthresh=10)
    quiet_grid(axes)
    for place, ((depth, idempotent), look) in enumerate(LOOKS.items()):
        mine = rows[(rows["in_flight"] == depth) & (rows["idempotent"] == idempotent)]
        _line(axes, mine, column, look, BESIDE ** (place - 1.5))
    axes.set_xticks(LOSSES, [f"{losses:,}" for losses in LOSSES])
    axes.minorticks_off()
    axes.set_ylim(bottom=-3)


def _line(
    axes: Axes, rows: pd.DataFrame, column: str, look: tuple[str, str, str], beside: float
) -> None:
    colour, marker, told = look
    for losses, of_losses in rows.groupby("losses_per_million"):
        estimate = interval(_floats(of_losses[column]))
        at = float(str(losses)) * beside
        ends = [max(0.0, estimate.low), estimate.high]
        axes.plot([at, at], ends, color=colour, lw=6, alpha=0.3, solid_capstyle="butt")
    means = rows.groupby("losses_per_million")[column].mean()
    places = [float(str(losses)) * beside for losses in means.index]
    axes.plot(places, means.to_numpy(), color=colour, marker=marker, ms=5, lw=1.6, label=told)


def _floats(column: "pd.Series[float]") -> Sequence[float]:
    return [float(value) for value in column]
