"""How order survives five requests in flight, drawn from one refused batch.

A run's rows are five tables under each other, told apart by ``table``: books, attempts, decisions,
transmissions, faults. Times in ms. Left out: what came before the refusal and long after it.
"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from experiments.faults import story as recorded
from experiments.faults.story_chart import story_chart
from experiments.kit import figures
from experiments.kit.estimates import only, pick
from experiments.kit.experiment import Experiment, Point, Row
from experiments.kit.summaries import Shown, summary
from experiments.kit.tables import Table
from experiments.kit.words import count, ms
from experiments.kit.world import World
from experiments.questions.trouble import AFTER_S, request_refused
from model import OpenLoop, Run

AT_S, UNTIL_S = 1.0, 2.0
#: Ours: of what five carry; near it five are in flight at once.
LOAD_SHARE = 0.9
OUT_OF_ORDER = "OUT_OF_ORDER_SEQUENCE_NUMBER"
#: Ours: what is kept before and after the refusal, in round trips or in ms, whichever is longer.
AROUND_ROUNDS, AROUND_MS = 30.0, 400.0


def points(world: World) -> Iterator[Point]:
    """The same refusal with sequence numbers and without."""
    rate = LOAD_SHARE * world.carries(world.in_flight(5))
    sends = OpenLoop(rate, "even", max(1, round(rate * UNTIL_S)))
    faults = tuple(request_refused(AT_S))
    for idempotent in (True, False):
        producer = world.in_flight(5, idempotent)
        yield Point(
            levels={"idempotent": idempotent},
            beside={"rtt_ms": world.rtt_ms},
            scenario=world.in_trouble(producer, faults, sends, UNTIL_S + AFTER_S),
            replications=1,
        )


def story(run: Run) -> list[Row]:
    """What was sent, decided and went wrong around the refusal, and the books."""
    around_ms = max(AROUND_MS, AROUND_ROUNDS * run.scenario.path.rtt_ms)
    frames = {
        "books": pd.DataFrame(figures.row(figures.BOOKS)(run)),
        "attempt": _near(recorded.attempts_of(run), "sent_ms", around_ms),
        "decision": _near(recorded.decisions_of(run), "decided_ms", around_ms),
        "transmission": _near(recorded.transmissions_of(run), "start_ms", around_ms),
        "fault": recorded.faults_of(run.scenario),
    }
    return [
        {str(column): value for column, value in row.items()} | {"table": name}
        for name, frame in frames.items()
        for row in frame.to_dict("records")
    ]


def _near(frame: pd.DataFrame, column: str, around_ms: float) -> pd.DataFrame:
    """The rows of which this instant is close to the refusal."""
    return frame[frame[column].between(AT_S * 1e3 - around_ms, AT_S * 1e3 + around_ms)]


def answer(rows: pd.DataFrame) -> str:
    """What the broker refused, what was sent again, and what the log holds."""
    safe = pick(rows, idempotent=True)
    refused, again = pick(safe, decision=OUT_OF_ORDER), safe[safe["attempt"] > 0]
    numbered, without = (pick(rows, table="books", idempotent=i).iloc[0] for i in (True, False))
    moved = count(numbered["displaced"], "record")
    doubled = count(numbered["duplicates"], "duplicate")
    return (
        "By sequence numbers: the broker writes nothing that comes after a missing batch."
        f" {_refused(len(refused), len(again))} At {only(rows, 'rtt_ms'):g} ms that left {moved}"
        f" out of order and {doubled}{_settled(again)}. Without sequence numbers"
        f" {count(without['displaced'], 'record')} came out of order."
    )


def _refused(refused: int, again: int) -> str:
    """What became of the requests behind the one that failed."""
    resent = f"the producer sent {count(again, 'request')} again, in sequence"
    if not refused:
        return f"Here no other request was on its way; {resent}."
    behind = count(refused, "request")
    return f"It refused {behind} behind the failed one with {OUT_OF_ORDER}, and {resent}."


def _settled(again: pd.DataFrame) -> str:
    after_ms = again["ended_ms"].max() - AT_S * 1e3
    return f", and was settled after {ms(after_ms)}" if after_ms == after_ms else ""


def tables(rows: pd.DataFrame) -> list[Table]:
    """What the log holds in the end, with sequence numbers and without."""
    shown = (("sent", "sent"), ("displaced", "out of order"), ("duplicates", "duplicates"))
    caption, by = "Records at the end of the run", {"idempotent": "idempotent"}
    columns = [Shown(*each) for each in (*shown, ("failed", "failed"))]
    return [summary(caption, pick(rows, table="books"), by, columns)]


def draw(rows: pd.DataFrame) -> Figure:
    """The space-time diagram of the idempotent producer."""
    safe = pick(rows, idempotent=True)
    attempts, decisions, faults, transmissions = (
        pick(safe, table=name) for name in ("attempt", "decision", "fault", "transmission")
    )
    refused, again = (decisions["decision"] == OUT_OF_ORDER).sum(), (attempts["attempt"] > 0).sum()
    displaced = int(pick(safe, table="books")["displaced"].iloc[0])
    title = (
        f"One batch is refused, and {refused} behind it; {again} requests are sent again in"
        f" sequence, and {displaced or 'no'} records are out of order"
    )
    whole = decisions.astype({"first_record": int})
    losses = transmissions.reindex(columns=list(recorded.TRANSMISSION_COLUMNS))  # may be none
    return story_chart(attempts, whole, faults, losses, title)


EXPERIMENT = Experiment(
    name="story",
    question="How can order survive five requests in flight when one of them fails?",
    aliases=("five-in-order",),
    about="sequence number retries reorder exactly once refused",
    points=points,
    measure=story,
    answer=answer,
    tables=tables,
    draw=draw,
    one_copy_because="a leader checks sequence numbers alone, whoever copies its log",
    assumption="the batch was refused with a retriable error; it is not the very first batch of"
    " its producer (KAFKA-15591), and one broker leads the partition all the time",
)
