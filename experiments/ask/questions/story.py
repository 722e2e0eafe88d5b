"""Question 2: how order survives five requests in flight, told and drawn from one refused batch.

The rows are four tables under each other, told apart by ``table``: attempts, decisions,
transmissions, faults.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.ask.base import Base
from experiments.ask.frames import pick
from experiments.ask.measures import books
from experiments.ask.question import Question
from experiments.ask.task import Row, Simulated
from experiments.ask.weather import AFTER_S, request_refused
from experiments.faults.story_chart import story_chart
from experiments.faults.story_frames import (
    TRANSMISSION_COLUMNS,
    attempts_of,
    decisions_of,
    faults_of,
    transmissions_of,
)
from model import OpenLoop, Run

AT_S, UNTIL_S = 1.0, 2.0
#: Ours: of what five carry; near it five are in flight at once.
LOAD = 0.9
OUT_OF_ORDER = "OUT_OF_ORDER_SEQUENCE_NUMBER"
#: The chart shows the first requests after the refusal, not the whole run.
AROUND_ROUNDS, AROUND_MS = 30.0, 400.0


def tasks(base: Base) -> Iterator[Simulated]:
    """The same refusal with sequence numbers and without."""
    rate = LOAD * base.carries(base.in_flight(5), base.rtt_ms)
    sends = OpenLoop(rate, "even", max(1, round(rate * UNTIL_S)))
    faults = tuple(request_refused(AT_S))
    for idempotent in (True, False):
        config = base.in_flight(5, idempotent)
        scenario = base.in_trouble(config, faults, sends, UNTIL_S + AFTER_S)
        point = {"idempotent": idempotent, "rtt_ms": base.rtt_ms}
        yield from base.replicated(point, scenario, story, replications=1)


def story(run: Run) -> list[Row]:
    """What was sent, decided and went wrong around the refusal, and the books."""
    tables = {
        "attempt": (attempts_of(run), "sent_ms"),
        "decision": (decisions_of(run), "decided_ms"),
        "transmission": (transmissions_of(run), "start_ms"),
    }
    near_ms = max(AROUND_MS, AROUND_ROUNDS * run.scenario.path.rtt_ms)
    rows: list[Row] = [{"table": "books", **books(run)}]
    for name, (frame, instant) in tables.items():
        near = frame[frame[instant].between(AT_S * 1e3 - near_ms, AT_S * 1e3 + near_ms)]
        rows += _as_rows(name, near)
    return rows + _as_rows("fault", faults_of(run.scenario))


def _as_rows(name: str, frame: pd.DataFrame) -> list[Row]:
    return [
        {"table": name, **{str(k): v for k, v in row.items()}} for row in frame.to_dict("records")
    ]


def table(rows: pd.DataFrame, name: str, idempotent: bool) -> pd.DataFrame:
    """One of the tables, with the columns that are its own."""
    return pick(rows, table=name, idempotent=idempotent).dropna(axis=1, how="all")


def answer(rows: pd.DataFrame) -> str:
    """What the broker refused, what was sent again, and what the log holds."""
    decisions, attempts = table(rows, "decision", True), table(rows, "attempt", True)
    refused = decisions[decisions["decision"] == OUT_OF_ORDER]
    again = attempts[attempts["attempt"] > 0]
    settled_ms = float(again["ended_ms"].max()) - AT_S * 1e3
    with_numbers, without = (table(rows, "books", idempotent) for idempotent in (True, False))
    return (
        f"Sequence numbers: when one batch is refused at {rows['rtt_ms'].iloc[0]:g} ms, the broker"
        f" refuses {len(refused)} batches behind it with {OUT_OF_ORDER}, because they do not"
        f" follow, and the producer sends {len(again)} requests again, in sequence; it is settled"
        f" after {settled_ms:.0f} ms with {with_numbers['displaced'].iloc[0]:.0f} records out of"
        f" order and {with_numbers['duplicates'].iloc[0]:.0f} duplicates. Without sequence numbers"
        f" the same refusal leaves {without['displaced'].iloc[0]:.0f} records out of order."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """The space-time diagram of the idempotent producer."""
    attempts, decisions, faults = (
        table(rows, name, True) for name in ("attempt", "decision", "fault")
    )
    if "received_ms" not in attempts:
        attempts = attempts.assign(received_ms=float("nan"))
    whole = decisions.astype({"first_record": int})
    transmissions = table(rows, "transmission", True).reindex(columns=list(TRANSMISSION_COLUMNS))
    return story_chart(
        attempts, whole, faults, transmissions, "One batch is refused, five are in flight"
    )


QUESTION = Question(
    number=2,
    text="How can order survive five requests in flight when one of them fails?",
    aliases=("story", "five-in-order"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="the batch was refused with a retriable error; it is not the very first batch of"
    " its producer (KAFKA-15591), and one broker leads the partition all the time",
)
