"""Question 15: how likely is reordering with five in flight and no idempotence?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import binomtest

from experiments.ask.base import Base
from experiments.ask.charts import COLOURS, panels
from experiments.ask.frames import mean_of, only, pick
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.weather import MILLION, Weather, request_refused
from experiments.ask.words import plain, within
from experiments.kit.stats import CONFIDENCE, Interval
from model import Run

DEPTHS = (1, 2, 3, 4, 5)
WEATHER = Weather(strike=request_refused, count=10, span_s=8.0)
#: Retriable errors in a million requests that the answer quotes.
ERRORS_PER_MILLION = 1_000


def tasks(base: Base) -> Iterator[Simulated]:
    """Every depth without idempotence, and five with it."""
    for depth, idempotent in [(depth, False) for depth in DEPTHS] + [(DEPTHS[-1], True)]:
        point = {"in_flight": depth, "idempotent": idempotent}
        yield from WEATHER.runs(base, point, base.in_flight(depth, idempotent), after_each)


def after_each(run: Run) -> list[Row]:
    """A row for each error: how many records came out of order between it and the next."""
    late_s = _displaced_s(run)
    edges = [*(fault.at_s for fault in run.scenario.faults), np.inf]
    counts, _ = np.histogram(late_s, bins=edges)
    per_request = run.guarantees.acked / max(1, len(run.requests))
    return [
        {"displaced": count, "reordered": count > 0, "records_per_request": per_request}
        for count in counts.tolist()
    ]


def _displaced_s(run: Run) -> list[float]:
    """For each record that is written after a higher number of its partition, when that was."""
    highest: dict[int, int] = {}
    found: list[float] = []
    for row in run.appends:
        last = row.first_record + row.records - 1
        if row.first_record < highest.get(row.partition, -1):
            found += [row.appended_s] * row.records
        highest[row.partition] = max(last, highest.get(row.partition, -1))
    return found


def probability(rows: pd.DataFrame) -> Interval:
    """Of an error to put records out of order, with Wilson's interval."""
    hits, errors = int(rows["reordered"].sum()), len(rows)
    found = binomtest(hits, errors).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(hits / errors, float(found.low), float(found.high))


def answer(rows: pd.DataFrame) -> str:
    """How likely, how far, and what that makes of a rate of errors."""
    plain_rows = pick(rows, idempotent=False)
    one, five = pick(plain_rows, in_flight=1), pick(plain_rows, in_flight=DEPTHS[-1])
    safe = pick(rows, idempotent=True)
    moved = _displaced(five)
    per_million = moved.value * ERRORS_PER_MILLION / five["records_per_request"].mean()
    return (
        f"At {only(rows, 'rtt_ms'):g} ms and {plain(only(rows, 'rate_per_s'))} records/s a request"
        f" that is refused and retried puts records out of order with a probability of"
        f" {within(probability(five))} when five are in flight, {within(moved, 1)} records each"
        f" time on average; with one in flight {within(probability(one))}, with five and"
        f" idempotence {within(probability(safe))}. One such error in"
        f" {plain(MILLION / ERRORS_PER_MILLION)} requests is {plain(per_million)} records out of"
        " order in a million."
    )


def _displaced(rows: pd.DataFrame) -> Interval:
    """Records out of order for each error, over replications."""
    by_replication = rows.groupby("replication", as_index=False)["displaced"].mean()
    return mean_of(by_replication, "displaced")


def draw(rows: pd.DataFrame) -> Figure:
    """The probability and the number of records over the depth."""
    chart, (chances, moved) = panels("What one retried request does to order", 2)
    labels = [f"{depth}" for depth in DEPTHS] + ["5, idempotent"]
    points = [(depth, False) for depth in DEPTHS] + [(DEPTHS[-1], True)]
    for place, (depth, idempotent) in enumerate(points):
        mine = pick(rows, in_flight=depth, idempotent=idempotent)
        for axes, value in ((chances, probability(mine)), (moved, _displaced(mine))):
            colour = COLOURS[0] if idempotent else COLOURS[1]
            axes.bar(place, value.value, color=colour, width=0.62)
            ends = [max(0.0, value.low), value.high]
            axes.plot([place, place], ends, color="#222222", lw=2)
            axes.annotate(
                f"{value.value:.2g}",
                (place, ends[1]),
                (0, 4),
                textcoords="offset points",
                ha="center",
            )
    chances.set_ylabel("probability that order is lost")
    chances.set_ylim(0, 1.12)
    moved.set_ylabel("records out of order for each error")
    moved.set_ylim(bottom=0)
    moved.margins(y=0.12)
    for axes in (chances, moved):
        axes.set_xticks(range(len(labels)), labels)
        axes.set_xlabel("requests in flight")
        axes.grid(visible=False, axis="x")
    return chart


QUESTION = Question(
    number=15,
    text="How likely is reordering with 5 in flight and no idempotence?",
    aliases=("reordering",),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="errors hit single requests at random moments; whether others are in flight then"
    " depends on the rate, the distance and the linger, which are yours",
)
