"""Question 16: OutOfOrderSequence, by its causes: what recovers, and what is lost or doubled."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from experiments.ask.base import Base
from experiments.ask.frames import only, pick
from experiments.ask.measures import books
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.weather import MOST_PER_S
from experiments.faults.catalogue import AFTER_S, BEFORE_S, CASES, QUIET_S, SETTINGS, Case
from experiments.faults.table import COLOURS
from experiments.kit.style import figure
from model import Fault, OpenLoop, Run

NAMED = {case.name: case for case in CASES}
FORGOTTEN = Fault(what="nack", at_s=BEFORE_S, error="UNKNOWN_PRODUCER_ID", requests=1)
#: What a user would call it, and the case that it is.
CAUSES = {
    "a batch before it was refused": NAMED["one batch gets a retriable error"],
    "a connection dropped with requests on their way": NAMED["connection drops before the append"],
    "acks were lost": NAMED["acks lost for 3 s"],
    "a batch expired (delivery.timeout.ms)": NAMED["acks lost until delivery.timeout.ms"],
    "the broker forgot the producer": Case("forgotten", (FORGOTTEN,)),
    "acks were lost and the broker restarted": NAMED["acks lost, then the broker restarts cleanly"],
}
#: Column, its head in the chart, and what colour a number there has.
COLUMNS = (
    ("refused", "batches refused\nOUT_OF_ORDER_…", COLOURS["calm"]),
    ("epochs", "new epochs", COLOURS["calm"]),
    ("acked_missing", "acknowledged,\nnot in the log", COLOURS["lost"]),
    ("failed", "failed, and the\napplication told", COLOURS["lost"]),
    ("duplicates", "duplicates", COLOURS["doubled"]),
    ("displaced", "out of order", COLOURS["doubled"]),
)


def tasks(base: Base) -> Iterator[Simulated]:
    """Each cause, with the user's own producer made idempotent."""
    depth = min(5, base.own.max_in_flight_requests_per_connection)
    rate = base.calm_rate(MOST_PER_S)
    for cause, case in CAUSES.items():
        until_s = max(fault.until_s for fault in case.faults) + AFTER_S
        config = replace(base.in_flight(depth, idempotent=True), **{**SETTINGS, **case.changes})
        sends = OpenLoop(rate, "even", max(1, round(rate * until_s)))
        scenario = base.in_trouble(config, case.faults, sends, until_s + QUIET_S)
        point = {"cause": cause, "rtt_ms": base.rtt_ms, "rate_per_s": rate}
        yield from base.replicated(point, scenario, consequences, replications=1)


def consequences(run: Run) -> list[Row]:
    """What the broker refused, the epochs that the producer began, and the books."""
    refused = sum(row.error == "OUT_OF_ORDER_SEQUENCE_NUMBER" for row in run.decisions)
    epochs = len({(row.producer_id, row.epoch) for row in run.batches}) - 1
    return [{"refused": refused, "epochs": epochs, **books(run)}]


def answer(rows: pd.DataFrame) -> str:
    """Which causes recover, which make new epochs, and whether anything acknowledged was lost."""
    harmless = rows[(rows["failed"] == 0) & (rows["duplicates"] == 0) & (rows["displaced"] == 0)]
    harmed = rows.drop(harmless.index)
    told = "; ".join(f"{row['cause']}: {_harm(row)}" for row in harmed.to_dict("records"))
    lost = int(rows["acked_missing"].sum())
    refusing = int((rows["refused"] > 0).sum())
    return (
        f"{'No' if not lost else 'Yes'}: of everything acknowledged {lost} records are missing from"
        f" the log. Of {len(rows)} causes, at {only(rows, 'rtt_ms'):g} ms, {refusing} made the"
        f" broker refuse batches out of order, and {len(harmless)} were put right by themselves"
        f" ({', '.join(harmless['cause'])}). The others: {told or 'none'}."
    )


def _harm(row: dict[object, object]) -> str:
    words = {"failed": "failed", "duplicates": "duplicates", "displaced": "out of order"}
    told = [f"{row[name]:.0f} {word}" for name, word in words.items() if row[name]]
    if row["failed_but_present"]:
        told.append(f"{row['failed_but_present']:.0f} of the failed are in the log")
    return ", ".join(told)


def draw(rows: pd.DataFrame) -> Figure:
    """A row for each cause: what it led to."""
    chart = figure(11.5, 0.9 + 0.55 * len(CAUSES))
    axes = chart.subplots()
    for down, cause in enumerate(rows["cause"]):
        for across, (column, _, colour) in enumerate(COLUMNS):
            count = int(pick(rows, cause=cause)[column].iloc[0])
            colour = colour if count else COLOURS["calm"]
            axes.add_patch(Rectangle((across, down), 1, 1, fc=colour, ec="white", lw=2))
            weight = "bold" if count else "normal"
            axes.text(
                across + 0.5, down + 0.5, f"{count:,}", ha="center", va="center", weight=weight
            )
    axes.set_xlim(0, len(COLUMNS))
    axes.set_ylim(len(rows), 0)
    axes.set_xticks([x + 0.5 for x in range(len(COLUMNS))], [head for _, head, _ in COLUMNS])
    axes.set_yticks([y + 0.5 for y in range(len(rows))], list(rows["cause"]))
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    title = "What makes a broker say OutOfOrderSequence, and what comes of it (records)"
    chart.suptitle(title, weight="bold", size=11.5, x=0.01, ha="left")
    return chart


QUESTION = Question(
    number=16,
    text="OutOfOrderSequenceException: why, and did I lose data?",
    aliases=("out-of-order", "oose"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="the Java client without transactions, request.timeout.ms at most 1 s in these"
    " stories, one replica whose log stays: a leader that loses acknowledged records is another"
    " cause, and then data is lost",
)
