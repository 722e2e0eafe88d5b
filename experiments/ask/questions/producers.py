"""Question 9: the broker is idle, one producer is slow, more producers help. Why?"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import LAW, label_ends, line, panels, thousands
from experiments.ask.frames import mean_of, only, pick, ratio
from experiments.ask.horizon import over_windows
from experiments.ask.measures import throughput
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.words import plain, share, within
from experiments.compare.question import MEASURED_REQUESTS, WARMUP_REQUESTS
from model import Run

PRODUCERS = (1, 2, 3, 4, 6, 8)
DEPTHS = (1, 5)


def tasks(base: Base) -> Iterator[Simulated]:
    """So many producers alike, as fast as they can."""
    for count in PRODUCERS:
        several = replace(base, producers=count)
        for depth in DEPTHS:
            config = base.in_flight(depth, idempotent=depth > 1)
            scenario = over_windows(
                several.at_full_load(config, base.rtt_ms),
                count * WARMUP_REQUESTS,
                count * MEASURED_REQUESTS,
            )
            point = {"producers": count, "in_flight": depth, "rtt_ms": base.rtt_ms}
            yield from base.replicated(point, scenario, busy)


def busy(run: Run) -> list[Row]:
    """Throughput, and how busy the broker is: of one connection's time, of all handlers'."""
    made = throughput(run)
    working = run.records_per_s / run.mean_request.records * run.mean_request.service_s
    return [
        {
            **made,
            "connection_busy": working / run.scenario.producers,
            "handlers_busy": working / run.scenario.broker.num_io_threads,
        }
    ]


def answer(rows: pd.DataFrame) -> str:
    """How idle the broker is with one producer, and what each further one adds."""
    five = pick(rows, in_flight=DEPTHS[-1])
    one, two, most = (pick(five, producers=count) for count in (1, 2, PRODUCERS[-1]))
    return (
        f"Because a broker works on one request of a connection at a time. At"
        f" {only(one, 'rtt_ms'):g} ms one producer with {DEPTHS[-1]} in flight carries"
        f" {plain(one['records_per_s'].mean())} records/s: its connection is being worked on"
        f" {share(one['connection_busy'].mean())} of the time (limit: {only(one, 'limit')}), the"
        f" broker's request handlers {share(one['handlers_busy'].mean())}. Two producers carry"
        f" {within(ratio(two, one))} times as much, {PRODUCERS[-1]} carry"
        f" {within(ratio(most, one))} times ({within(mean_of(most, 'records_per_s'), 0)}"
        " records/s)."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput and the broker's business over the number of producers."""
    chart, (rates, working) = panels("More producers are more connections", 2)
    for place, depth in enumerate(DEPTHS):
        of_depth = pick(rows, in_flight=depth)
        label = f"{depth} in flight"
        bounds = of_depth.groupby("producers")["bound_records_per_s"].mean()
        rates.plot(bounds.index, bounds.to_numpy(), **LAW)
        line(rates, of_depth, "producers", "records_per_s", place, label)
        percent = of_depth.assign(percent=of_depth["handlers_busy"] * 100)
        line(working, percent, "producers", "percent", place, label)
    rates.plot([], [], **LAW, label="_law")
    rates.set_ylabel("records per second, all producers;\ndashed: closed-form bound")
    working.set_ylabel("request handlers busy, %")
    thousands(rates)
    for axes in (rates, working):
        axes.set_ylim(bottom=0)
        axes.set_xlabel("producers, one connection each")
        axes.set_xticks(PRODUCERS)
        label_ends(axes)
    return chart


QUESTION = Question(
    number=9,
    text="My broker is idle, one producer is slow and more producers help: why?",
    aliases=("producers", "idle-broker"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="the broker has its default of 8 request handlers, and no disk, quota or network"
    " card is the limit; near the broker what counts is its time for a request, far away the"
    " round trip",
    rtt_ms=0.5,
)
