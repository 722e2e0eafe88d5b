"""What errors do to order, duplicates and goodput, by depth and idempotence.

``error`` "nack": a request is answered NOT_LEADER_OR_FOLLOWER and not appended. "reset": the
connection is torn down with whatever is on its way. The times are drawn at random; ``schedule``
numbers the draw, and all producers meet the same times.
"""

import itertools
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import binomtest

from experiments.kit import figures
from experiments.kit.charts import columns, entitle, label_ends, thousands
from experiments.kit.estimates import CONFIDENCE, Interval, interval, only, pick
from experiments.kit.experiment import Experiment, Point, grid, whole
from experiments.kit.loads import short_queue
from experiments.kit.replications import Replications
from experiments.kit.style import figure, look, quiet_grid
from experiments.kit.words import plain, within
from experiments.kit.world import World
from experiments.questions import trouble
from model import Fault, OpenLoop, ProducerConfig, Run, Saturating, Scenario
from model.streams import stream

SPAN_S = 20.0
#: Ours: one error is over before the next comes, or they would not add up.
APART_S = 0.3
#: Errors a minute and draws: in a sweep, and to answer in seconds.
RATES, SCHEDULES = (0, 6, 20, 60, 120), (1, 2, 3, 4, 5)
FEW_RATES, FEW_SCHEDULES = (0, 60), (1, 2)
#: Kinds of error, and what the chart calls them.
KINDS = {
    "nack": (trouble.request_refused, "a request is refused"),
    "reset": (trouble.connection_reset, "the connection is reset"),
}
PRODUCERS, LABELS = trouble.PRODUCERS, ("1", "2", "5", "5, idem-\npotent")
#: Lines over the rate of errors, a panel each.
PANELS = {
    "displaced_per_million": "out of order, records per million",
    "duplicates_per_million": "duplicates, records per million",
    "goodput_records_per_s": "goodput, records per second",
}


def points(world: World) -> Iterator[Point]:
    """Every producer at every rate of errors; without errors all schedules are the same."""
    rates, schedules = (RATES, SCHEDULES) if world.fine else (FEW_RATES, FEW_SCHEDULES)
    errors_of = {"error": tuple(KINDS), "errors_per_minute": rates, "schedule": schedules}
    axes = grid(rtt_ms=(whole(world.rtt_ms),), **errors_of)
    for level, (depth, idempotent) in itertools.product(axes, PRODUCERS):
        rate, schedule = level["errors_per_minute"], level["schedule"]
        if rate or schedule == schedules[0]:
            draw, count = stream(world.seed - 1 + schedule, "errors"), round(rate * SPAN_S / 60)
            kind = KINDS[level["error"]][0]
            faults = trouble.faults_at_random(kind, draw, count, SPAN_S, APART_S)
            yield Point(
                levels={**level, "depth": depth, "idempotent": idempotent},
                scenario=_scenario(world, world.in_flight(depth, idempotent), faults),
            )


def _scenario(world: World, config: ProducerConfig, faults: tuple[Fault, ...]) -> Scenario:
    """A sweep is as fast as the producer can, an answer at the user's rate."""
    if world.fine:
        queue = short_queue(config, world.topic.partitions, config.max_request_size_bytes)
        busy = world.scenario(queue, Saturating())
    else:
        rate = world.calm_rate(trouble.MOST_PER_S)
        busy = world.scenario(config, OpenLoop(rate, world.arrivals))
    return replace(busy, faults=faults, warmup_s=trouble.BEFORE_S, measured_s=SPAN_S)


def errors(run: Run) -> int:
    """How many times something went wrong."""
    return len(run.scenario.faults)


def reordering_errors(run: Run) -> int:
    """After so many of them, and before the next, records came out of order."""
    times_s = [fault.at_s for fault in run.scenario.faults]
    return len({bisect_right(times_s, at_s) for at_s in _late_s(run)})


def _late_s(run: Run) -> Iterator[float]:
    """When records were first written after a higher number of their producer and partition."""
    highest: dict[tuple[int, int], int] = {}
    written: set[tuple[int, int, int]] = set()
    for row in run.appends:
        log = row.producer, row.partition
        last, before = row.first_record + row.records - 1, highest.get(log, -1)
        if last < before and (*log, last) not in written:
            yield row.appended_s
        highest[log] = max(last, before)
        written.add((*log, last))


def probability(rows: pd.DataFrame) -> Interval:
    """Of an error to put records out of order, with Wilson's interval."""
    hits, tried = int(rows["reordering_errors"].sum()), int(rows["errors"].sum())
    found = binomtest(hits, tried).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(hits / tried, float(found.low), float(found.high))


def answer(rows: pd.DataFrame) -> str:
    """How likely a refused request breaks order, and for how many; what all errors double."""
    most = pick(rows, errors_per_minute=rows["errors_per_minute"].max())
    one, five, safe = (
        pick(most, error="nack", depth=depth, idempotent=idempotent)
        for depth, idempotent in ((1, False), (5, False), (5, True))
    )
    moved = interval(list(five["displaced"] / five["errors"]))
    doubled = most.groupby(["idempotent", "error", "depth"])["duplicates_per_million"].mean()
    return (
        f"A request that is refused and retried puts records out of order with a probability of"
        f" {within(probability(five))} when five are in flight, {within(moved, 1)} each time. With"
        f" one in flight it is {within(probability(one))}, with five and idempotence"
        f" {within(probability(safe))}. At {only(rows, 'rtt_ms'):g} ms"
        f" {only(most, 'errors_per_minute')} errors a minute leave up to"
        f" {plain(doubled[False].max())} duplicates in a million records, with idempotence"
        f" {plain(doubled[True].max())}."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """A row for each kind of error: how likely order is lost, then harm and goodput by rate."""
    rows = rows.rename(columns={"depth": "in_flight"})
    kinds = list(rows["error"].unique())
    chart = figure(15.0, 1.0 + 3.2 * len(kinds))
    axes_of = chart.subplots(len(kinds), 1 + len(PANELS), squeeze=False)
    for (chance, *over_rate), kind in zip(axes_of, kinds, strict=True):
        of_kind = pick(rows, error=kind)
        often = pick(of_kind, errors_per_minute=of_kind["errors_per_minute"].max())
        chances = [probability(pick(often, in_flight=d, idempotent=i)) for d, i in PRODUCERS]
        colours = [look(*producer).colour for producer in PRODUCERS]
        columns(chance, list(zip(LABELS, chances, strict=True)), colours)
        what = f"{KINDS[kind][1]}:\nprobability to break order"
        chance.set(ylim=(0, 1.15), xlabel="requests in flight", ylabel=what)
        for axes, (column, label) in zip(over_rate, PANELS.items(), strict=True):
            quiet_grid(axes)
            trouble.harm_over(axes, of_kind, "errors_per_minute", column)
            most = max(1.0, *rows[trouble.HARM if column in trouble.HARM else [column]].max())
            axes.set(ylim=(-0.02 * most, 1.05 * most), xlabel="errors per minute", ylabel=label)
            thousands(axes)
        label_ends(over_rate[-1])
    title = "Retries leave disorder or duplicates, with idempotence "
    note = f"{only(rows, 'rtt_ms'):g} ms round trip; bands and bars: 95 % intervals over schedules"
    entitle(chart, title + trouble.harm_with_idempotence(rows), note)
    return chart


EXPERIMENT = Experiment(
    name="errors",
    question="How likely is reordering with 5 in flight, and what do errors do besides?",
    aliases=("reordering",),
    points=points,
    measure=figures.row(
        *(*trouble.HARM, "goodput_records_per_s", "duplicates", "displaced", "failed"),
        *("records_per_request", errors, reordering_errors),
    ),
    # the schedules are the replications
    replications=Replications(fewest=1, most=1),
    answer=answer,
    draw=draw,
    assumption="errors come singly at random times, while others are in flight: as many as a"
    " producer that is as fast as it can has there in a sweep, and as your rate, distance and"
    " linger put there when you ask",
    smoke=lambda at: (
        at["error"] == "nack" and at["schedule"] == 1 and at["errors_per_minute"] in (0, RATES[-1])
    ),
)
