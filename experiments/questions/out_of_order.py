"""OutOfOrderSequence, by its causes: what recovers, and what is lost or doubled."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.faults.catalogue import AFTER_S, BEFORE_S, CASES, QUIET_S, SETTINGS, Case
from experiments.kit import figures
from experiments.kit.charts import cells, entitle
from experiments.kit.estimates import only
from experiments.kit.experiment import Experiment, Point
from experiments.kit.style import figure
from experiments.kit.tables import Table, filled, numbers, words
from experiments.kit.words import count, listed
from experiments.kit.world import World
from experiments.questions.trouble import MOST_PER_S
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
#: Column, its head in the chart, and how grave a number there is.
COLUMNS = (
    ("refused", "batches refused\nOUT_OF_ORDER_…", "calm"),
    ("epochs", "new epochs", "calm"),
    ("acked_missing", "acknowledged,\nnot in the log", "lost"),
    ("failed", "failed, and the\napplication knows", "lost"),
    ("failed_but_present", "of these in the\nlog all the same", "lost"),
    ("duplicates", "duplicates", "doubled"),
    ("displaced", "out of order", "disordered"),
)
HARM = ("failed", "duplicates", "displaced")


def points(world: World) -> Iterator[Point]:
    """Each cause, with the user's own producer made idempotent."""
    depth = min(5, world.own.max_in_flight_requests_per_connection)
    rate = world.calm_rate(MOST_PER_S)
    for cause, case in CAUSES.items():
        until_s = max(fault.until_s for fault in case.faults) + AFTER_S
        config = replace(world.in_flight(depth, idempotent=True), **{**SETTINGS, **case.changes})
        sends = OpenLoop(rate, "even", max(1, round(rate * until_s)))
        yield Point(
            levels={"cause": cause},
            beside={"rtt_ms": world.rtt_ms, "rate_per_s": rate},
            scenario=world.in_trouble(config, case.faults, sends, until_s + QUIET_S),
            replications=1,
        )


def refused(run: Run) -> int:
    """Batches that the broker refused because they did not follow."""
    return sum(row.error == "OUT_OF_ORDER_SEQUENCE_NUMBER" for row in run.decisions)


def epochs(run: Run) -> int:
    """Epochs that the producer began beside its first."""
    return len({(row.producer_id, row.epoch) for row in run.batches}) - 1


def answer(rows: pd.DataFrame) -> str:
    """Whether anything acknowledged was lost, and which causes leave something else."""
    lost, is_harmed = int(rows["acked_missing"].sum()), rows[[*HARM]].any(axis=1)
    raised = rows["refused"] > 0
    verdict = f"Yes, {count(lost, 'acknowledged record')} are not in the log"
    return (
        f"{verdict if lost else 'No acknowledged record was lost'}. The broker refuses a batch when"
        " one before it is missing, and mostly the producer sends both again in order."
        f" {_healed(raised, is_harmed)}"
        f" {' '.join(_left(row) for _, row in rows[is_harmed].iterrows())}"
    ).rstrip()


def _healed(raised: "pd.Series[bool]", harmed: "pd.Series[bool]") -> str:
    """How many of the troubles tried raise this error at all, and how many of these heal."""
    if not raised.any():
        return f"None of the {len(raised)} troubles tried raises this error."
    healed = int((raised & ~harmed).sum())
    return (
        f"Of {len(raised)} troubles tried {raised.sum()} raise this error, and of these"
        f" {healed or 'none'} {'heals' if healed == 1 else 'heal'} without harm."
    )


def _left(row: "pd.Series[Any]") -> str:
    """What one cause leaves, in a sentence."""
    present = int(row["failed_but_present"])
    beside = f", {present} of them in the log all the same" if present else ""
    left = {
        "failed": f"{count(row['failed'], 'record')} failed{beside}",
        "duplicates": f"{count(row['duplicates'], 'duplicate')} remained",
        "displaced": f"{count(row['displaced'], 'record')} came out of order",
    }
    return f"Where {row['cause']}, {listed([left[column] for column in HARM if row[column]])}."


def tables(rows: pd.DataFrame) -> list[Table]:
    """What each cause led to."""
    heads = numbers(*(head.replace("\n", " ") for _, head, _ in COLUMNS))
    lines = rows[["cause", *(column for column, _, _ in COLUMNS)]].to_numpy().tolist()
    return [filled("Records, but for batches and epochs", [*words("trouble"), *heads], lines)]


def draw(rows: pd.DataFrame) -> Figure:
    """A row for each cause: what it led to."""
    chart = figure(13.0, 1.6 + 0.5 * len(rows))

    def cell(down: int, across: int) -> tuple[str, list[tuple[float, str, dict[str, Any]]]]:
        column, _, tone = COLUMNS[across]
        count = int(rows[column].iloc[down])
        text = (0.5, f"{count:,}", {"weight": "bold" if count else "normal"})
        return (tone if count else "calm"), [text]

    cells(chart.subplots(), list(rows["cause"]), [head for _, head, _ in COLUMNS], cell)
    lost = int(rows["acked_missing"].sum())
    harmed = int((rows[list(HARM)] > 0).any(axis=1).sum())
    raised = int((rows["refused"] > 0).sum())
    title = (
        f"{lost or 'No'} acknowledged records are lost; {len(rows) - harmed} of {len(rows)}"
        f" troubles are put right without harm, and {raised} raise the error"
    )
    note = (
        f"records, but for batches and epochs; idempotent, {only(rows, 'rtt_ms'):g} ms round trip"
    )
    entitle(chart, title, note)
    return chart


EXPERIMENT = Experiment(
    name="out_of_order",
    question="OutOfOrderSequenceException: why, and did I lose data?",
    aliases=("out-of-order", "oose"),
    about="sequence number exactly once epoch unknown producer id lost records loss",
    points=points,
    measure=figures.row(refused, epochs, figures.BOOKS),
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="what a retry does is decided by the leader alone",
    assumption="the Java client without transactions, request.timeout.ms at most 1 s, and one"
    " copy of the partition, whose log stays. A leader that loses acknowledged records is"
    " another cause, and then data is lost",
)
