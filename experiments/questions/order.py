"""Order kept by one request in flight or by idempotence: harm for each lost connection, and speed.

Left out: batches that fail for good, and an application that sends them again by itself.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import bars, panels
from experiments.kit.estimates import mean_of, only, pick, ratio
from experiments.kit.experiment import Experiment, Point
from experiments.kit.style import look
from experiments.kit.words import plain, within
from experiments.kit.world import World
from experiments.questions.trouble import Trouble, connection_lost

#: In flight, and whether idempotent.
PRODUCERS = ((1, False), (5, False), (1, True), (5, True))
LOST = Trouble(kind=connection_lost, count=10, span_s=10.0)


def points(world: World) -> Iterator[Point]:
    """One and five, idempotent or not: with connections lost, and as fast as they can."""
    for depth, idempotent in PRODUCERS:
        config = world.in_flight(depth, idempotent)
        levels = {"in_flight": depth, "idempotent": idempotent}
        yield LOST.point(world, {"phase": "errors", **levels}, config)
        full = world.at_full_load(config)
        yield Point(levels={"phase": "capacity", **levels}, scenario=full)


def per_loss(rows: pd.DataFrame) -> pd.DataFrame:
    """Harm for each lost connection, of the rows with errors."""
    errors = pick(rows, phase="errors")
    return errors.assign(
        disorder=errors["displaced"] / errors["fault_count"],
        doubled=errors["duplicates"] / errors["fault_count"],
    )


def answer(rows: pd.DataFrame) -> str:
    """Whether order needs one in flight, what it costs, and what each setting leaves."""
    errors, capacity = per_loss(rows), pick(rows, phase="capacity")
    one, five, _, safe = (pick(errors, in_flight=d, idempotent=i) for d, i in PRODUCERS)
    gain = ratio(
        pick(capacity, in_flight=5, idempotent=True), pick(capacity, in_flight=1, idempotent=False)
    )
    kept = not safe["displaced"].any() and not safe["duplicates"].any()
    return (
        f"{'No, idempotence is enough' if kept else 'Idempotence was not enough here'}: through"
        f" {plain(safe['fault_count'].sum())} lost connections, five in flight with idempotence"
        f" left {safe['displaced'].sum():.0f} of {plain(safe['sent'].sum())} records out of order"
        f" and {safe['duplicates'].sum():.0f} duplicates. One in flight without it left"
        f" {one['displaced'].sum():.0f} out of order, but"
        f" {within(mean_of(one, 'doubled'), 1)} duplicates for each loss; five without it"
        f" {within(mean_of(five, 'disorder'), 1)} out of order and"
        f" {within(mean_of(five, 'doubled'), 1)} duplicates. At"
        f" {only(errors, 'rtt_ms'):g} ms idempotent five carry {within(gain)} times as much"
        " as one."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Disorder, duplicates and throughput of the four."""
    title = "Idempotence keeps order as one in flight does, makes no duplicates, and is faster"
    chart, axes = panels(title, 3, 4.6)
    errors, capacity = per_loss(rows), pick(rows, phase="capacity")
    shown = (
        (errors, "disorder", "records out of order for each lost connection"),
        (errors, "doubled", "duplicates for each lost connection"),
        (capacity, "records_per_s", "records per second, as fast as it can"),
    )
    colours = [look(*producer).colour for producer in PRODUCERS]
    for panel, (frame, column, label) in zip(axes, shown, strict=True):
        values = [
            (_label(d, i), mean_of(pick(frame, in_flight=d, idempotent=i), column))
            for d, i in PRODUCERS
        ]
        bars(panel, values, colours)
        panel.set_xlabel(label)
        if panel is not axes[0]:
            panel.set_yticklabels([])
    return chart


def _label(depth: int, idempotent: bool) -> str:
    return f"{depth} in flight,\n{'idempotent' if idempotent else 'not idempotent'}"


EXPERIMENT = Experiment(
    name="order",
    question="Must I set max.in.flight.requests.per.connection=1 to keep order, or is idempotence"
    " enough?",
    aliases=(),
    points=points,
    measure=figures.row(figures.THROUGHPUT, figures.BOOKS),
    answer=answer,
    draw=draw,
    assumption="no batch fails for good (delivery.timeout.ms is not reached), no broker forgets"
    " the producer, and the application does not send anything again by itself",
    smoke=lambda levels: True,
)
