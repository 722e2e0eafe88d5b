"""Question 1: one request in flight for order's sake, or is idempotence enough?"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import bars, panels
from experiments.ask.frames import mean_of, only, pick, ratio
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Simulated
from experiments.ask.weather import Weather, connection_lost
from experiments.ask.words import plain, within

POINTS = ((1, False), (5, False), (1, True), (5, True))
LOST = Weather(strike=connection_lost, count=10, span_s=10.0)


def tasks(base: Base) -> Iterator[Simulated]:
    """One and five, idempotent or not: with connections lost, and as fast as they can."""
    for depth, idempotent in POINTS:
        config = base.in_flight(depth, idempotent)
        point = {"in_flight": depth, "idempotent": idempotent}
        yield from LOST.runs(base, {"phase": "errors", **point}, config, figures)
        full = base.at_full_load(config, base.rtt_ms)
        yield from base.replicated({"phase": "capacity", **point}, full, figures)


def per_loss(rows: pd.DataFrame) -> pd.DataFrame:
    """Harm for each lost connection, of the rows with errors."""
    errors = pick(rows, phase="errors")
    return errors.assign(
        disorder=errors["displaced"] / errors["strikes"],
        doubled=errors["duplicates"] / errors["strikes"],
    )


def answer(rows: pd.DataFrame) -> str:
    """Whether order needs one in flight, what it costs, and what each setting leaves."""
    errors, capacity = per_loss(rows), pick(rows, phase="capacity")
    one, five, _, safe = (pick(errors, in_flight=d, idempotent=i) for d, i in POINTS)
    gain = ratio(
        pick(capacity, in_flight=5, idempotent=True), pick(capacity, in_flight=1, idempotent=False)
    )
    kept = not safe["displaced"].any() and not safe["duplicates"].any()
    losses = int(safe["strikes"].sum())
    return (
        f"{'No, idempotence is enough' if kept else 'Idempotence was not enough here'}: through"
        f" {losses} lost connections, five in flight with idempotence left"
        f" {safe['displaced'].sum():.0f} of {plain(safe['sent'].sum())} records out of order and"
        f" {safe['duplicates'].sum():.0f} duplicates. One in flight without it left"
        f" {one['displaced'].sum():.0f} out of order, but"
        f" {within(mean_of(one, 'doubled'), 1)} duplicates for each loss; five without it"
        f" {within(mean_of(five, 'disorder'), 1)} out of order and"
        f" {within(mean_of(five, 'doubled'), 1)} duplicates. At"
        f" {only(errors, 'rtt_ms'):g} ms idempotent five carry {within(gain)} times as much"
        " as one."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Disorder, duplicates and throughput of the four."""
    chart, axes = panels("Order, duplicates and throughput of four producers", 3, 4.6)
    errors, capacity = per_loss(rows), pick(rows, phase="capacity")
    told = (
        (errors, "disorder", "records out of order for each lost connection"),
        (errors, "doubled", "duplicates for each lost connection"),
        (capacity, "records_per_s", "records per second, as fast as it can"),
    )
    for one, (frame, column, label) in zip(axes, told, strict=True):
        values = [
            (_label(d, i), mean_of(pick(frame, in_flight=d, idempotent=i), column))
            for d, i in POINTS
        ]
        bars(one, values, [1, 1, 0, 0])
        one.set_xlabel(label)
        if one is not axes[0]:
            one.set_yticklabels([])
    return chart


def _label(depth: int, idempotent: bool) -> str:
    return f"{depth} in flight,\n{'idempotent' if idempotent else 'not idempotent'}"


QUESTION = Question(
    number=1,
    text="Must I set max.in.flight.requests.per.connection=1 to keep order, or is idempotence"
    " enough?",
    aliases=("order",),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="no batch fails for good (delivery.timeout.ms is not reached), no broker forgets"
    " the producer, and the application does not send anything again by itself",
)
