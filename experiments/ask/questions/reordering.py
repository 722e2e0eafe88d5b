"""Question 15: how likely is reordering with five in flight and no idempotence?"""

import math
from collections.abc import Iterator
from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import binomtest

from experiments.ask.base import Base
from experiments.ask.charts import COLOURS, panels
from experiments.ask.frames import only, pick
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.weather import MILLION, Weather, request_refused
from experiments.ask.words import plain, within
from experiments.kit.stats import CONFIDENCE, Interval, interval
from experiments.kit.style import INK
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
    """A row for each error: the records that came out of order between it and the next, and how
    many records had overtaken them at most."""
    late = _displaced(run)
    edges = [*(fault.at_s for fault in run.scenario.faults), math.inf]
    per_request = run.guarantees.acked / max(1, len(run.requests))
    rows: list[Row] = []
    for start_s, end_s in pairwise(edges):
        mine = [(records, by) for at_s, records, by in late if start_s <= at_s < end_s]
        displaced = sum(records for records, _ in mine)
        overtaken = max((by for _, by in mine), default=0)
        found = {"displaced": displaced, "overtaken_by": overtaken, "reordered": displaced > 0}
        rows.append({**found, "records_per_request": per_request})
    return rows


def _displaced(run: Run) -> list[tuple[float, int, int]]:
    """(when, records, overtaken by) for each run of records written after a higher number."""
    highest: dict[int, int] = {}
    found: list[tuple[float, int, int]] = []
    for row in run.appends:
        last, before = row.first_record + row.records - 1, highest.get(row.partition, -1)
        if row.first_record < before:
            found.append((row.appended_s, row.records, before - last))
        highest[row.partition] = max(last, before)
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
    moved, by = (_per_error(five, column) for column in ("displaced", "overtaken_by"))
    per_million = moved.value * ERRORS_PER_MILLION / five["records_per_request"].mean()
    return (
        f"At {only(rows, 'rtt_ms'):g} ms and {plain(only(rows, 'rate_per_s'))} records/s a request"
        f" that is refused and retried puts records out of order with a probability of"
        f" {within(probability(five))} when five are in flight: {within(moved, 1)} records each"
        f" time, overtaken by {within(by, 0)}; with one in flight {within(probability(one))},"
        f" with five and idempotence {within(probability(safe))}. One such error in"
        f" {plain(MILLION / ERRORS_PER_MILLION)} requests is {plain(per_million)} records out of"
        " order in a million."
    )


def _per_error(rows: pd.DataFrame, column: str) -> Interval:
    """A count for each error, with its interval over replications."""
    return interval([float(mean) for mean in rows.groupby("replication")[column].mean()])


def draw(rows: pd.DataFrame) -> Figure:
    """The probability, and the records out of order and those before them, over the depth."""
    chart, (chances, moved, overtook) = panels("What one retried request does to order", 3, 4.7)
    points = [(depth, False) for depth in DEPTHS] + [(DEPTHS[-1], True)]
    for place, (depth, idempotent) in enumerate(points):
        mine = pick(rows, in_flight=depth, idempotent=idempotent)
        _bar(chances, place, probability(mine), idempotent)
        _bar(moved, place, _per_error(mine, "displaced"), idempotent)
        _bar(overtook, place, _per_error(mine, "overtaken_by"), idempotent)
    chances.set_ylabel("probability that order is lost")
    moved.set_ylabel("records out of order for each error")
    overtook.set_ylabel("records that overtook them")
    for axes in (chances, moved, overtook):
        labels = [str(depth) for depth in DEPTHS] + ["5, idem-\npotent"]
        axes.set_xticks(range(len(labels)), labels)
        axes.set_xlabel("requests in flight")
        axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
        axes.grid(visible=False, axis="x")
    return chart


def _bar(axes: Axes, place: int, value: Interval, idempotent: bool) -> None:
    """A bar with its interval and its figure."""
    axes.bar(place, value.value, color=COLOURS[0 if idempotent else 1], width=0.62)
    top = value.high if math.isfinite(value.high) else value.value
    axes.plot([place, place], [max(0.0, min(value.low, top)), top], color=INK, lw=2)
    told = f"{value.value:.2g}"
    axes.annotate(told, (place, top), (0, 4), textcoords="offset points", ha="center")


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
