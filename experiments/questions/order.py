"""Order kept by one request in flight or by idempotence: harm for each lost connection, and speed.

Left out: batches that fail for good, and an application that sends them again by itself.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.kit import figures
from experiments.kit.charts import Series, bar_panels
from experiments.kit.estimates import mean_of, only, pick, ratio
from experiments.kit.experiment import Experiment, Point
from experiments.kit.looks import look
from experiments.kit.summaries import INTERVALS, estimate
from experiments.kit.tables import Table, filled, numbers, words
from experiments.kit.words import about, as_much, count, or_no, plain
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
        yield Point(levels={"phase": "capacity", **levels}, scenario=world.at_full_load(config))


def per_loss(rows: pd.DataFrame) -> pd.DataFrame:
    """Harm for each lost connection, where any is lost; throughput where none is."""
    return rows.assign(
        disorder=rows["displaced"] / rows["fault_count"],
        doubled=rows["duplicates"] / rows["fault_count"],
        capacity=rows["records_per_s"].where(rows["phase"] == "capacity"),
    )


def answer(rows: pd.DataFrame) -> str:
    """Whether order needs one in flight, what each setting leaves, and what one costs."""
    errors, capacity = pick(per_loss(rows), phase="errors"), pick(rows, phase="capacity")
    one, five, _, safe = (pick(errors, in_flight=d, idempotent=i) for d, i in PRODUCERS)
    slow, *_, fast = (pick(capacity, in_flight=d, idempotent=i) for d, i in PRODUCERS)
    return (
        f"{_verdict(safe)} Without idempotence each lost connection left {_left(five)} with five in"
        f" flight. With one it left {_left(one)}. At {only(errors, 'rtt_ms'):g} ms idempotent five"
        f" carry {as_much(ratio(fast, slow).value, 'one')}."
    )


def _verdict(safe: pd.DataFrame) -> str:
    """What idempotence with five in flight left of order."""
    moved, doubled, lost = (safe[name].sum() for name in ("displaced", "duplicates", "fault_count"))
    if moved or doubled:
        left = f"{count(moved, 'record')} out of order and {count(doubled, 'duplicate')}"
        return f"Idempotence was not enough here: five in flight left {left}."
    return (
        f"No: idempotence is enough. Through {count(lost, 'lost connection')} five in flight kept"
        f" all {plain(safe['sent'].sum())} records in order and made no duplicate, because the"
        " broker checks each batch's sequence number."
    )


def _left(of: pd.DataFrame) -> str:
    """What a lost connection leaves in the mean."""
    moved, doubled = (of[name].mean() for name in ("disorder", "doubled"))
    duplicates = f"{or_no(doubled)} duplicates"
    return (
        f"{about(moved)} records out of order and {duplicates}"
        if moved
        else (f"{duplicates} but nothing out of order")
    )


def tables(rows: pd.DataFrame) -> list[Table]:
    """What each of the four leaves and carries."""
    harm, lines = per_loss(rows), []
    for depth, idempotent in PRODUCERS:
        of = pick(harm, in_flight=depth, idempotent=idempotent)
        errors = (mean_of(pick(of, phase="errors"), name) for name in ("disorder", "doubled"))
        carried = mean_of(pick(of, phase="capacity"), "records_per_s")
        left = (estimate(each, ".1f") for each in errors)
        lines.append([look(depth, idempotent).name, *left, estimate(carried)])
    heads = numbers("out of order", "duplicates", "records/s without losses")
    caption = f"Records for each lost connection; {INTERVALS}"
    return [filled(caption, [*words("producer"), *heads], lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """Disorder, duplicates and throughput of the four."""
    harm = per_loss(rows)
    series = [
        Series(look(d, i).name, pick(harm, in_flight=d, idempotent=i), look(d, i))
        for d, i in PRODUCERS
    ]
    shown = {
        "disorder": "out of order, records\nfor each lost connection",
        "doubled": "duplicates, records\nfor each lost connection",
        "capacity": "records per second,\nas fast as it can",
    }
    return bar_panels(_title(rows), series, shown)[0]


def _title(rows: pd.DataFrame) -> str:
    """Whether idempotence is enough, and what five gain over one."""
    capacity = pick(rows, phase="capacity")
    slow, *_, fast = (pick(capacity, in_flight=d, idempotent=i) for d, i in PRODUCERS)
    safe = pick(rows, phase="errors", in_flight=5, idempotent=True)
    kept = not safe[["displaced", "duplicates"]].any(axis=None)
    does = "keep order without duplicates" if kept else "did not keep order here"
    gain = f"{ratio(fast, slow).value:.1f} times what one carries"
    return f"Five idempotent requests in flight {does}, and carry {gain}"


EXPERIMENT = Experiment(
    name="order",
    question="Must I set max.in.flight.requests.per.connection=1 to keep order, or is idempotence"
    " enough?",
    aliases=(),
    about="ordering reorder sequence number exactly once retries guarantee lost connection",
    points=points,
    measure=figures.row(figures.THROUGHPUT, figures.BOOKS),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="a leader checks sequence numbers alone, whoever copies its log",
    assumption="no batch fails for good (delivery.timeout.ms is not reached), no broker forgets"
    " the producer, and the application does not send anything again by itself",
    smoke=lambda levels: True,
)
