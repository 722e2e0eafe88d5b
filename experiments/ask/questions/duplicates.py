"""Question 14: how many duplicates do retries make?"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.charts import label_ends, line, panels, thousands
from experiments.ask.frames import mean_of, only, pick
from experiments.ask.measures import books
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.weather import MILLION, Weather, acks_lost
from experiments.ask.words import plain, within
from model import Run

LOSSES = (2, 4, 8)
SPAN_S = 6.0
#: In flight, whether idempotent.
PRODUCERS = ((1, False), (5, False), (5, True))


def tasks(base: Base) -> Iterator[Simulated]:
    """More and more connections that are lost with their acks, for each producer."""
    for count in LOSSES:
        weather = Weather(strike=acks_lost, count=count, span_s=SPAN_S)
        for depth, idempotent in PRODUCERS:
            config = base.in_flight(depth, idempotent)
            point = {"in_flight": depth, "idempotent": idempotent}
            yield from weather.runs(base, point, config, per_million)


def per_million(run: Run) -> list[Row]:
    """The books, and the same for a million records."""
    row = books(run)
    losses = sum(fault.what == "lost-acks" for fault in run.scenario.faults)
    return [
        {
            **row,
            "losses_per_million": losses / run.guarantees.sent * MILLION,
            "duplicates_per_million": run.guarantees.duplicates / run.guarantees.sent * MILLION,
            "duplicates_per_loss": run.guarantees.duplicates / losses,
        }
    ]


def answer(rows: pd.DataFrame) -> str:
    """Duplicates for each loss, and in a million records; none with idempotence."""
    one, five, safe = (pick(rows, in_flight=d, idempotent=i) for d, i in PRODUCERS)
    few, many = (
        mean_of(pick(five, strikes=count), "duplicates_per_loss").value
        for count in (LOSSES[0], LOSSES[-1])
    )
    return (
        f"As many as were in flight when their acks were lost: at {only(rows, 'rtt_ms'):g} ms and"
        f" {plain(only(rows, 'rate_per_s'))} records/s each connection lost with its acks leaves"
        f" {within(mean_of(five, 'duplicates_per_loss'), 1)} duplicates with five in flight and"
        f" {within(mean_of(one, 'duplicates_per_loss'), 1)} with one, in proportion to the losses"
        f" ({few:.1f} each at the fewest, {many:.1f} at the most). A hundred losses in a million"
        f" records are {plain(100 * mean_of(five, 'duplicates_per_loss').value)} duplicates. With"
        f" idempotence: {safe['duplicates'].sum():.0f} in {plain(safe['sent'].sum())} records."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Duplicates over losses, both for a million records."""
    chart, (axes,) = panels("Duplicates grow with lost acks, unless the broker knows them", 1, 7.0)
    for place, (depth, idempotent) in enumerate(PRODUCERS):
        mine = pick(rows, in_flight=depth, idempotent=idempotent)
        means = mine.groupby("strikes")["losses_per_million"].transform("mean")
        label = f"{depth} in flight" + (", idempotent" if idempotent else "")
        line(axes, mine.assign(x=means), "x", "duplicates_per_million", place, label)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("connections lost with their acks, per million records")
    axes.set_ylabel("duplicates in the log, per million records")
    thousands(axes)
    label_ends(axes)
    return chart


QUESTION = Question(
    number=14,
    text="How many duplicates do retries make?",
    aliases=("duplicates",),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="acks are lost for 30 ms and the connection goes then; losses come singly, at random"
    " moments, and what is in flight then is what this rate puts there",
)
