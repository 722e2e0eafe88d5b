"""How likely harm is: duplicates and disorder per million records, by connections lost.

A connection that is lost swallows everything for a moment, both ways, and is then torn down, at
random times. Left out: losses that come in groups.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.faults.catalogue import RATE_PER_S, SETTINGS
from experiments.kit import figures
from experiments.kit.charts import entitle, label_ends
from experiments.kit.estimates import Interval, mean_of, only, pick
from experiments.kit.experiment import Experiment, Point
from experiments.kit.figures import MILLION
from experiments.kit.replications import Levels, Replications
from experiments.kit.style import figure, number
from experiments.kit.words import plain, within
from experiments.kit.world import World
from experiments.questions.trouble import MOST_PER_S, connection_lost, fault_times_s, harm_over
from model import Fault, OpenLoop, Run
from model.streams import stream

#: In flight, whether idempotent: in a sweep, and of these the ones that an answer needs.
PRODUCERS = ((1, False), (1, True), (2, False), (2, True), (5, False), (5, True))
FEW = ((1, False), (5, False), (5, True))
#: Ours: the most connections lost per million records, or one a second where that is less.
MOST_LOSSES, PER_S = 1_000, 1
#: Parts of that, and how many are lost in a run at the most: in a sweep, and to answer in seconds.
PARTS, MOST = (10, 5, 2, 1), 30
FEW_PARTS, FEW_MOST = (4, 2, 1), 8
#: After the last record and its delivery timeout nothing more can happen.
SLACK_S = 5.0
HARM = {
    "duplicates_per_million": "duplicates in the log",
    "displaced_per_million": "records out of order in the log",
}


@dataclass(frozen=True, slots=True)
class Losses:
    """So many lost connections in a span; the times of a run are those of its seed."""

    per_million: int
    count: int
    span_s: float

    def __call__(self, seed: int) -> tuple[Fault, ...]:
        draw = stream(seed - 1, f"losses-{self.per_million}")
        times_s = fault_times_s(draw, self.count, self.span_s).tolist()
        return tuple(fault for at_s in times_s for fault in connection_lost(at_s))


def points(world: World) -> Iterator[Point]:
    """Every rate of losses with every producer; all meet the same losses."""
    producers, parts, most = (PRODUCERS, PARTS, MOST) if world.fine else (FEW, FEW_PARTS, FEW_MOST)
    rate = world.rate_per_s or (RATE_PER_S if world.fine else world.calm_rate(MOST_PER_S))
    most_losses = min(MOST_LOSSES, round(PER_S / rate * MILLION))
    records = round(most * MILLION / most_losses)
    sends, span_s = OpenLoop(rate, "even", records), records / rate
    horizon_s = span_s + SETTINGS["delivery_timeout_ms"] / 1e3 + SLACK_S
    for losses in sorted({max(1, round(most_losses / part)) for part in parts}):
        count = max(1, round(losses * records / MILLION))
        for depth, idempotent in producers:
            config = replace(world.in_flight(depth, idempotent), **SETTINGS)
            scenario = world.in_trouble(config, (), sends, horizon_s)
            yield Point(
                levels={
                    "losses_per_million": losses, "in_flight": depth, "idempotent": idempotent,
                },
                beside={"rtt_ms": world.rtt_ms, "rate_per_s": rate},
                scenario=replace(scenario, warm_start=False),
                faults=Losses(losses, count, span_s),
            )  # fmt: skip


def losses(run: Run) -> int:
    """Connections that were lost with whatever was on its way."""
    return sum(fault.what == "connection-reset" for fault in run.scenario.faults)


def duplicates_per_loss(run: Run) -> float:
    """Copies in the log for each connection lost."""
    return run.guarantees.duplicates / losses(run)


def answer(rows: pd.DataFrame) -> str:
    """Duplicates for each loss, disorder, and what idempotence makes of both."""
    one, five, safe = (pick(rows, in_flight=d, idempotent=i) for d, i in FEW)
    levels = rows["losses_per_million"]
    few, many = (
        _per_loss(pick(five, losses_per_million=at)) for at in (levels.min(), levels.max())
    )
    displaced = mean_of(pick(five, losses_per_million=levels.max()), "displaced_per_million")
    alone = pick(one, losses_per_million=levels.max())["displaced_per_million"].mean()
    return (
        f"As many as were written but not yet acknowledged: at {only(rows, 'rtt_ms'):g} ms and"
        f" {plain(only(rows, 'rate_per_s'))} records/s a lost connection leaves"
        f" {within(_per_loss(five), 1)} duplicates with five in flight and"
        f" {within(_per_loss(one), 1)} with one, in proportion to the losses ({few.value:.1f} each"
        f" at the fewest, {many.value:.1f} at the most). {plain(levels.max())} losses in a million"
        f" records put {within(displaced, 0)} records out of order with five in flight,"
        f" {plain(alone)} with one. With idempotence: {safe['duplicates'].sum():.0f} duplicates and"
        f" {safe['displaced'].sum():.0f} out of order in {plain(safe['sent'].sum())} records."
    )


def _per_loss(rows: pd.DataFrame) -> Interval:
    return mean_of(rows, "duplicates_per_loss")


def draw(rows: pd.DataFrame) -> Figure:
    """Duplicates beside displaced records, over the losses."""
    chart = figure(11.5, 4.6)
    for axes, (column, title) in zip(chart.subplots(1, 2, sharey=True), HARM.items(), strict=True):
        _panel(axes, rows, column)
        axes.set_title(title)
    chart.axes[0].set_ylabel("records per million")
    chart.axes[0].set_ylim(bottom=-3)
    for axes in chart.axes:
        label_ends(axes)
    safe = rows[rows["idempotent"]]
    harmless = not safe[list(HARM)].any(axis=None)
    entitle(
        chart,
        "Lost connections leave duplicates, and disorder with more than one in flight; "
        + ("with idempotence neither" if harmless else "with idempotence fewer"),
        f"round trip {only(rows, 'rtt_ms'):g} ms, {number(only(rows, 'rate_per_s'))} records/s;"
        " bands: 95 % intervals over replications",
    )
    return chart


def _panel(axes: Axes, rows: pd.DataFrame, column: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("symlog", linthresh=10)
    harm_over(axes, rows, "losses_per_million", column)
    levels = sorted(rows["losses_per_million"].unique())
    axes.set_xticks(levels, [f"{level:,}" for level in levels])
    axes.minorticks_off()
    axes.set_xlabel("connections lost per million records")


def _smoke(levels: Levels) -> bool:
    return levels["losses_per_million"] == MOST_LOSSES and (
        (levels["in_flight"], levels["idempotent"]) in FEW
    )


EXPERIMENT = Experiment(
    name="likelihood",
    question="How many duplicates do retries make, and how many records come out of order?",
    aliases=("duplicates",),
    points=points,
    measure=figures.row(
        "duplicates_per_million",
        "displaced_per_million",
        "failed_per_million",
        "sent",
        "duplicates",
        "displaced",
        losses,
        duplicates_per_loss,
    ),
    replications=Replications(fewest=5, most=5),
    answer=answer,
    draw=draw,
    assumption="everything is lost for 30 ms and the connection goes then; losses come singly, at"
    " random times, among records that arrive evenly; what is in flight then is what this rate puts"
    " there",
    smoke=_smoke,
)
