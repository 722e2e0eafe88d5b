"""How order survives five requests in flight, drawn from one refused batch.

A run's rows are five tables under each other, told apart by ``table``: books, attempts, decisions,
transmissions, faults. Times in ms. Left out: what came before the refusal and long after it.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.faults.story import (
    ATTEMPT_COLUMNS,
    TRANSMISSION_COLUMNS,
    attempts_of,
    decisions_of,
    faults_of,
    transmissions_of,
)
from experiments.faults.story_chart import story_chart
from experiments.kit import figures
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, Row
from experiments.kit.world import World
from experiments.questions.trouble import AFTER_S, request_refused
from model import OpenLoop, Run

AT_S, UNTIL_S = 1.0, 2.0
#: Ours: of what five carry; near it five are in flight at once.
LOAD_SHARE = 0.9
OUT_OF_ORDER = "OUT_OF_ORDER_SEQUENCE_NUMBER"
#: Ours: what is kept before and after the refusal, in round trips or in ms, whichever is longer.
AROUND_ROUNDS, AROUND_MS = 30.0, 400.0
BOOKS = figures.row(figures.BOOKS)
#: Tables of which columns may be empty, because nothing was lost, with all their columns.
OWN_COLUMNS = {"attempt": ATTEMPT_COLUMNS, "transmission": TRANSMISSION_COLUMNS}


def points(world: World) -> Iterator[Point]:
    """The same refusal with sequence numbers and without."""
    rate = LOAD_SHARE * world.carries(world.in_flight(5))
    sends = OpenLoop(rate, "even", max(1, round(rate * UNTIL_S)))
    faults = tuple(request_refused(AT_S))
    for idempotent in (True, False):
        config = world.in_flight(5, idempotent)
        yield Point(
            levels={"idempotent": idempotent},
            beside={"rtt_ms": world.rtt_ms},
            scenario=world.in_trouble(config, faults, sends, UNTIL_S + AFTER_S),
            replications=1,
        )


def story(run: Run) -> list[Row]:
    """What was sent, decided and went wrong around the refusal, and the books."""
    around_ms = max(AROUND_MS, AROUND_ROUNDS * run.scenario.path.rtt_ms)
    attempts, decisions, transmissions = attempts_of(run), decisions_of(run), transmissions_of(run)
    return [
        *_rows("books", pd.DataFrame(BOOKS(run))),
        *_rows("attempt", attempts[_near(attempts["sent_ms"], around_ms)]),
        *_rows("decision", decisions[_near(decisions["decided_ms"], around_ms)]),
        *_rows("transmission", transmissions[_near(transmissions["start_ms"], around_ms)]),
        *_rows("fault", faults_of(run.scenario)),
    ]


def _near(at_ms: "pd.Series[float]", around_ms: float) -> "pd.Series[bool]":
    """Whether these instants are close to the refusal."""
    return at_ms.between(AT_S * 1e3 - around_ms, AT_S * 1e3 + around_ms)


def _rows(table: str, frame: pd.DataFrame) -> list[Row]:
    """A frame as rows that say which table they are of."""
    named = frame.assign(table=table).to_dict("records")
    return [{str(column): value for column, value in row.items()} for row in named]


def table(rows: pd.DataFrame, name: str, idempotent: bool) -> pd.DataFrame:
    """One of the tables, with the columns that are its own."""
    found = pick(rows, table=name, idempotent=idempotent)
    if name in OWN_COLUMNS:
        return found.reindex(columns=list(OWN_COLUMNS[name]))
    return found.dropna(axis=1, how="all")


def answer(rows: pd.DataFrame) -> str:
    """What the broker refused, what was sent again, and what the log holds."""
    decisions, attempts = table(rows, "decision", True), table(rows, "attempt", True)
    refused = decisions[decisions["decision"] == OUT_OF_ORDER]
    again = attempts[attempts["attempt"] > 0]
    settled_ms = float(again["ended_ms"].max()) - AT_S * 1e3
    numbered, without = (table(rows, "books", idempotent).iloc[0] for idempotent in (True, False))
    return (
        f"Sequence numbers: when one batch is refused at {only(rows, 'rtt_ms'):g} ms, the broker"
        f" refuses {len(refused)} batches behind it with {OUT_OF_ORDER}, because they do not"
        f" follow, and the producer sends {len(again)} requests again, in sequence; it is settled"
        f" after {settled_ms:.0f} ms with {numbered['displaced']:.0f} records out of order and"
        f" {numbered['duplicates']:.0f} duplicates. Without sequence numbers the same refusal"
        f" leaves {without['displaced']:.0f} records out of order."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """The space-time diagram of the idempotent producer."""
    attempts, decisions, faults, transmissions = (
        table(rows, name, True) for name in ("attempt", "decision", "fault", "transmission")
    )
    title = "One batch is refused, those behind it too; all are sent again, in sequence"
    whole = decisions.astype({"first_record": int})
    return story_chart(attempts, whole, faults, transmissions, title)


EXPERIMENT = Experiment(
    name="story",
    question="How can order survive five requests in flight when one of them fails?",
    aliases=("five-in-order",),
    points=points,
    measure=story,
    answer=answer,
    draw=draw,
    assumption="the batch was refused with a retriable error; it is not the very first batch of"
    " its producer (KAFKA-15591), and one broker leads the partition all the time",
)
