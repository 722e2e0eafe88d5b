"""What errors do to order, duplicates and goodput, by depth and idempotence.

``error`` "nack": a request is answered NOT_LEADER_OR_FOLLOWER and not appended. "reset": the
connection is torn down with whatever is on its way. The times are drawn at random; ``schedule``
numbers the draw, and all producers meet the same times.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import binomtest

from experiments.kit import figures
from experiments.kit.charts import columns, entitle, thousands
from experiments.kit.estimates import CONFIDENCE, Interval, interval, only, pick
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.figures import MILLION
from experiments.kit.loads import short_queue
from experiments.kit.replications import Levels, Replications
from experiments.kit.style import figure, look, quiet_grid
from experiments.kit.words import plain, within
from experiments.kit.world import World
from experiments.questions.trouble import (
    BEFORE_S,
    MOST_PER_S,
    PRODUCERS,
    Kind,
    connection_reset,
    fault_times_s,
    harm_over,
    request_refused,
)
from model import Fault, OpenLoop, ProducerConfig, Run, Saturating, Scenario
from model.streams import stream

SPAN_S = 20.0
#: Ours: one error is over before the next comes, or they would not add up.
APART_S = 0.3
#: Errors a minute and draws: in a sweep, and to answer in seconds.
RATES, SCHEDULES = (0, 6, 20, 60, 120), (1, 2, 3, 4, 5)
FEW_RATES, FEW_SCHEDULES = (0, 60), (1, 2)
#: Retriable errors in a million requests that the answer quotes.
ERRORS_PER_MILLION = 1_000
WORDS = {"nack": "a request is refused", "reset": "the connection is reset"}
#: Lines over the rate of errors, a panel each.
PANELS = {
    "displaced_per_million": "out of order, records per million",
    "duplicates_per_million": "duplicates, records per million",
    "goodput_records_per_s": "goodput, records per second",
}
KINDS: dict[str, Kind] = {"nack": request_refused, "reset": connection_reset}


def points(world: World) -> Iterator[Point]:
    """Every producer at every rate of errors; without errors all schedules are the same."""
    rates, schedules = (RATES, SCHEDULES) if world.fine else (FEW_RATES, FEW_SCHEDULES)
    axes = grid(
        rtt_ms=(world.rtt_ms,), error=tuple(KINDS), errors_per_minute=rates, schedule=schedules,
        producer=range(len(PRODUCERS)),
    )  # fmt: skip
    for level in axes:
        depth, idempotent = PRODUCERS[level.pop("producer")]
        if level["errors_per_minute"] or level["schedule"] == schedules[0]:
            seed, kind = world.seed - 1 + level["schedule"], KINDS[level["error"]]
            yield Point(
                levels={**level, "depth": depth, "idempotent": idempotent},
                scenario=replace(
                    _busy(world, world.in_flight(depth, idempotent)),
                    faults=tuple(_faults(kind, level["errors_per_minute"], seed)),
                    warmup_s=BEFORE_S,
                    measured_s=SPAN_S,
                ),
            )


def _busy(world: World, config: ProducerConfig) -> Scenario:
    """A sweep is as fast as the producer can, an answer at the user's rate."""
    if not world.fine:
        return world.scenario(config, OpenLoop(world.calm_rate(MOST_PER_S), world.arrivals))
    queue = short_queue(config, world.topic.partitions, config.max_request_size_bytes)
    return world.scenario(queue, Saturating())


def _faults(kind: Kind, errors_per_minute: float, seed: int) -> Iterator[Fault]:
    count = round(errors_per_minute * SPAN_S / 60)
    times_s = fault_times_s(stream(seed, "errors"), count, SPAN_S, APART_S)
    for at_s in times_s.tolist():
        yield from kind(at_s)


def errors(run: Run) -> int:
    """How many times something went wrong."""
    return len(run.scenario.faults)


def reordering_errors(run: Run) -> int:
    """After so many of them, and before the next, records came out of order."""
    return sum(by > 0 for by in _overtaken(run))


def overtaken(run: Run) -> int:
    """By how many records those out of order were overtaken at most, all errors added up."""
    return sum(_overtaken(run))


def _overtaken(run: Run) -> list[int]:
    """For each error the most records that had overtaken a first copy until the next error."""
    edges_s = [*(fault.at_s for fault in run.scenario.faults), math.inf]
    late = list(_late(run))
    return [
        max((by for at_s, by in late if start_s <= at_s < end_s), default=0)
        for start_s, end_s in pairwise(edges_s)
    ]


def _late(run: Run) -> Iterator[tuple[float, int]]:
    """(when, overtaken by) for each run of records first written after a higher number."""
    highest: dict[tuple[int, int], int] = {}
    written: set[tuple[int, int, int]] = set()
    for row in run.appends:
        log = row.producer, row.partition
        last, before = row.first_record + row.records - 1, highest.get(log, -1)
        if last < before and (*log, last) not in written:
            yield row.appended_s, before - last
        highest[log] = max(last, before)
        written.add((*log, last))


def probability(rows: pd.DataFrame) -> Interval:
    """Of an error to put records out of order, with Wilson's interval."""
    hits, tried = int(rows["reordering_errors"].sum()), int(rows["errors"].sum())
    found = binomtest(hits, tried).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(hits / tried, float(found.low), float(found.high))


def per_error(rows: pd.DataFrame, column: str) -> Interval:
    """A count for each error, with its interval over schedules."""
    return interval([float(x) for x in rows[column] / rows["errors"]])


def answer(rows: pd.DataFrame) -> str:
    """How likely one error breaks order and how far; harm and goodput at the highest rate."""
    most = rows["errors_per_minute"].max()
    refused = pick(rows, error="nack", errors_per_minute=most)
    one, five, safe = (
        pick(refused, depth=depth, idempotent=idempotent)
        for depth, idempotent in (PRODUCERS[0], *PRODUCERS[2:])
    )
    moved, by = (per_error(five, column) for column in ("displaced", "overtaken"))
    per_million = moved.value * ERRORS_PER_MILLION / five["records_per_request"].mean()
    parts = " ".join(
        f"When {words}: {'; '.join(_harm(pick(rows, error=kind), most))}."
        for kind, words in WORDS.items()
        if len(pick(rows, error=kind))
    )
    return (
        f"At {only(rows, 'rtt_ms'):g} ms a request that is refused and retried puts records out of"
        f" order with a probability of {within(probability(five))} when five are in flight:"
        f" {within(moved, 1)} records each time, overtaken by {within(by, 0)}; with one in flight"
        f" {within(probability(one))}, with five and idempotence {within(probability(safe))}. One"
        f" such error in {plain(MILLION / ERRORS_PER_MILLION)} requests is {plain(per_million)}"
        f" records out of order in a million. At {most:g} errors a minute, per million records and"
        f" in share of the goodput without errors: {parts}"
    )


def _harm(of_kind: pd.DataFrame, most: float) -> Iterator[str]:
    """A few words for each producer."""
    for depth, idempotent in PRODUCERS:
        of_producer = pick(of_kind, depth=depth, idempotent=idempotent)
        means = of_producer.groupby("errors_per_minute")[list(PANELS)].mean()
        if {0, most} <= set(means.index):
            displaced, duplicates, goodput = map(float, means.loc[most])
            share = goodput / float(means["goodput_records_per_s"][0])
            yield (
                f"{look(depth, idempotent).name} {displaced:,.0f} out of order,"
                f" {duplicates:,.0f} duplicates, {100 * share:.0f} %"
            )


def draw(rows: pd.DataFrame) -> Figure:
    """A row for each kind of error: how likely order is lost, then harm and goodput by rate."""
    rows = rows.rename(columns={"depth": "in_flight"})
    kinds = [kind for kind in KINDS if kind in set(rows["error"])]
    most = max(1.0, *rows[list(PANELS)[:2]].max())
    chart = figure(15.0, 1.0 + 3.2 * len(kinds))
    panels = chart.subplots(len(kinds), 1 + len(PANELS), squeeze=False)
    for (chance, *over_rate), kind in zip(panels, kinds, strict=True):
        of_kind = pick(rows, error=kind)
        _chances(chance, pick(of_kind, errors_per_minute=of_kind["errors_per_minute"].max()))
        chance.set_ylabel(WORDS[kind], weight="bold")
        for axes, (column, title) in zip(over_rate, PANELS.items(), strict=True):
            harm_over(axes, of_kind, "errors_per_minute", column)
            harm = column != "goodput_records_per_s"
            axes.set_ylim(-0.02 * most if harm else 0, 1.05 * most if harm else None)
            axes.set_title(title, size=9.5)
            axes.set_xlabel("errors per minute")
            thousands(axes)
    handles, labels = panels[0][1].get_legend_handles_labels()
    chart.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    harmless = not rows.loc[rows["idempotent"], list(PANELS)[:2]].any(axis=None)
    entitle(
        chart,
        "Retries leave disorder or duplicates; with idempotence "
        + ("neither, at some cost in goodput" if harmless else "fewer"),
        f"{only(rows, 'rtt_ms'):g} ms round trip; bands and bars: 95 % intervals over schedules",
    )
    return chart


def _chances(axes: Axes, rows: pd.DataFrame) -> None:
    """The probability that an error breaks order, with Wilson's interval."""
    quiet_grid(axes)
    values = [
        (f"{depth}, idem-\npotent" if idempotent else str(depth), probability(of_producer))
        for depth, idempotent in PRODUCERS
        for of_producer in (pick(rows, in_flight=depth, idempotent=idempotent),)
    ]
    columns(axes, values, [look(*producer).colour for producer in PRODUCERS])
    axes.set_ylim(0, 1.15)
    axes.set_title("probability that an error breaks order", size=9.5)
    axes.set_xlabel("requests in flight")


def _smoke(levels: Levels) -> bool:
    rate, schedule = levels["errors_per_minute"], levels["schedule"]
    return levels["error"] == "nack" and rate in (0, RATES[-1]) and schedule == SCHEDULES[0]


EXPERIMENT = Experiment(
    name="errors",
    question="How likely is reordering with 5 in flight, and what do errors do besides?",
    aliases=("reordering",),
    points=points,
    measure=figures.row(
        "duplicates_per_million",
        "displaced_per_million",
        "goodput_records_per_s",
        "duplicates",
        "displaced",
        "failed",
        "records_per_request",
        errors,
        reordering_errors,
        overtaken,
    ),
    # the schedules are the replications
    replications=Replications(fewest=1, most=1),
    answer=answer,
    draw=draw,
    assumption="errors come singly at random times, while others are in flight: as many as a"
    " producer that is as fast as it can has there in a sweep, and as your rate, distance and"
    " linger put there when you ask",
    smoke=_smoke,
)
