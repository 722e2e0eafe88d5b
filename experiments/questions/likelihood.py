"""How likely harm is: duplicates and disorder per million records, by connections lost.

A connection that is lost swallows everything for a moment, both ways, and is then torn down, at
random times. Left out: losses that come in groups.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from experiments.faults.catalogue import RATE_PER_S, SETTINGS
from experiments.kit import figures
from experiments.kit.charts import entitle, label_ends, log_axis, panels
from experiments.kit.estimates import Interval, mean_of, only, pick
from experiments.kit.experiment import Experiment, Point
from experiments.kit.replications import Replications
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import about, count, or_no, plain
from experiments.kit.world import World
from experiments.questions import trouble
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
ONE = 1
NAMES = dict(zip(trouble.HARM, ("duplicates", "records out of order"), strict=True))
#: After the last record and its delivery timeout nothing more can happen.
SLACK_S = 5.0


def points(world: World) -> Iterator[Point]:
    """Every rate of losses with every producer; all meet the same losses."""
    producers, parts, most = (PRODUCERS, PARTS, MOST) if world.fine else (FEW, FEW_PARTS, FEW_MOST)
    rate = world.rate_per_s or (RATE_PER_S if world.fine else world.calm_rate(trouble.MOST_PER_S))
    most_losses = min(MOST_LOSSES, round(PER_S / rate * figures.MILLION))
    records = round(most * figures.MILLION / most_losses)
    sends, span_s = OpenLoop(rate, "even", records), records / rate
    horizon_s = span_s + SETTINGS["delivery_timeout_ms"] / 1e3 + SLACK_S
    for losses in sorted({max(1, round(most_losses / part)) for part in parts}):
        count = max(1, round(losses * records / figures.MILLION))
        for depth, idempotent in producers:
            config = replace(world.in_flight(depth, idempotent), **SETTINGS)
            scenario = world.in_trouble(config, (), sends, horizon_s)
            level = {"losses_per_million": losses, "in_flight": depth, "idempotent": idempotent}
            yield Point(
                levels=level,
                beside={"rtt_ms": world.rtt_ms, "rate_per_s": rate},
                scenario=replace(scenario, warm_start=False),
                faults=partial(_faults, losses, count, span_s),
            )


def _faults(per_million: int, count: int, span_s: float, seed: int) -> tuple[Fault, ...]:
    draw = stream(seed - 1, f"losses-{per_million}")
    return trouble.faults_at_random(trouble.connection_lost, draw, count, span_s)


def losses(run: Run) -> int:
    """Connections that were lost with whatever was on its way."""
    return sum(fault.what == "connection-reset" for fault in run.scenario.faults)


def duplicates_per_loss(run: Run) -> float:
    """Copies in the log for each connection lost."""
    return run.guarantees.duplicates / losses(run)


def answer(rows: pd.DataFrame) -> str:
    """Duplicates for each loss, disorder, and what idempotence makes of both."""
    one, five, safe = (pick(rows, in_flight=d, idempotent=i) for d, i in FEW)
    doubled, by_one = (mean_of(of, "duplicates_per_loss") for of in (five, one))
    return (
        "As many as were written but not yet acknowledged when a connection was lost: about"
        f" {or_no(doubled.value)} each time with five in flight. {_with_one(by_one, doubled)}"
        f" {_disorder(one, five)} {_with_idempotence(safe)}"
    )


def _with_one(by_one: Interval, by_five: Interval) -> str:
    """Duplicates with one in flight: told only where the intervals lie apart."""
    if by_one.low <= by_five.high and by_five.low <= by_one.high:
        return "With one it is about the same."
    return f"With one it is {or_no(by_one.value)}."


def _disorder(one: pd.DataFrame, five: pd.DataFrame) -> str:
    """What many losses do to order, with five in flight and with one."""
    most = five["losses_per_million"].max()
    by_one, moved = (
        pick(of, losses_per_million=most)["displaced_per_million"].mean() for of in (one, five)
    )
    if not moved and not by_one:
        return "No record came out of order, with five in flight as with one."
    return (
        f"At {plain(most)} losses in a million records {about(moved)} of them come out of order"
        f" with five in flight, and {about(by_one) if by_one else 'none'} with one: those whose"
        " requests were lost on the way, which are then written in reversed order."
    )


def _with_idempotence(safe: pd.DataFrame) -> str:
    doubled, moved = (safe[name].sum() for name in ("duplicates", "displaced"))
    among = f"in {plain(safe['sent'].sum())} records"
    if not doubled and not moved:
        return f"Idempotence leaves neither, {among}."
    left = f"{count(doubled, 'duplicate')} and {count(moved, 'record')} out of order"
    return f"Even idempotence leaves {left}, {among}."


def tables(rows: pd.DataFrame) -> list[Table]:
    """What each producer leaves at each rate of losses."""
    shown = (
        Shown("duplicates_per_loss", "duplicates for each loss", ".1f"),
        Shown("duplicates_per_million", "duplicates"),
        Shown("displaced_per_million", "out of order"),
        Shown("failed_per_million", "failed"),
    )
    by = {"losses_per_million": "losses", "in_flight": "in flight", "idempotent": "idempotent"}
    return [summary("Per million records", rows, by, shown)]


def draw(rows: pd.DataFrame) -> Figure:
    """Duplicates beside displaced records, over the losses."""
    (chart, panels_of), most = panels("", 2), float(rows[trouble.HARM].max().max())
    for axes, column in zip(panels_of, trouble.HARM, strict=True):
        trouble.harm_over(axes, rows, "losses_per_million", column)
        log_axis(axes, "x", sorted(rows["losses_per_million"].unique()))
        axes.set_yscale("symlog", linthresh=10)
        axes.set(xlabel="connections lost per million records", ylim=(-3, 2 * most))
        axes.set_ylabel(f"{NAMES[column]} per million records")
        label_ends(axes)
    note = (
        "names stand together where lines lie on one another; round trip"
        f" {only(rows, 'rtt_ms'):g} ms, {plain(only(rows, 'rate_per_s'))} records/s"
    )
    entitle(chart, _title(rows), note)
    return chart


def _title(rows: pd.DataFrame) -> str:
    """Who leaves duplicates and disorder, and what idempotence makes of both."""
    without, safe = (pick(rows, idempotent=is_on)[trouble.HARM] for is_on in (False, True))
    disorder = without["displaced_per_million"].groupby(rows["in_flight"]).sum()
    who = "several in flight, not one," if not disorder[ONE] else "any number in flight"
    kept = "fewer of both" if safe.any(axis=None) else "neither"
    return (
        "A lost connection leaves duplicates without idempotence, however many are in flight, and"
        f" with {who} disorder; with idempotence {kept}"
    )


EXPERIMENT = Experiment(
    name="likelihood",
    question="How many duplicates do retries make, and how many records come out of order?",
    aliases=("duplicates",),
    about="exactly once at least once duplicate reorder ordering lost connection idempotence retry",
    points=points,
    measure=figures.row(
        *(*trouble.HARM, "failed_per_million", "sent", "duplicates", "displaced"),
        *(losses, duplicates_per_loss),
    ),
    replications=Replications(fewest=5, most=5),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="what a retry does is decided by the leader alone",
    assumption="before a connection goes, everything on it is lost for 30 ms; losses come one at"
    " a time, at random, among records that arrive evenly",
    smoke=lambda at: at["losses_per_million"] == MOST_LOSSES and at["in_flight"] != 2,
)
