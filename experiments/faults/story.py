"""The frames that the picture of a schedule is drawn from.

Frames are requests, what became of them on their way, decisions and faults; their times in ms.
"""

import math

import pandas as pd

from experiments.faults.timeline import given_up_times, with_copies
from model import Run, Scenario
from model.outcome.facts import LostRow, RequestRow
from model.wire.batches import NO_SEQUENCE

#: What a broker did with a batch.
WRITTEN, WRITTEN_LATE, DUPLICATE = "written", "written after the producer gave it up", "duplicate"
#: What it wrote although its log had it: a record is in there more than once.
WRITTEN_AGAIN = "written again"
ATTEMPT_COLUMNS = (
    *("request", "broker", "outcome", "attempt", "base_sequence"),
    *("sent_ms", "arrived_ms", "answered_ms", "received_ms", "ended_ms", "one_way_ms"),
)
TRANSMISSION_COLUMNS = ("request", "way", "fate", "held_by", "start_ms", "end_ms")
#: What the picture is drawn from, by name.
FRAMES = ("attempts", "decisions", "faults", "transmissions")


def frames_of(run: Run) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from."""
    frames = attempts_of(run), decisions_of(run), faults_of(run.scenario), transmissions_of(run)
    return dict(zip(FRAMES, frames, strict=True))


def attempts_of(run: Run) -> pd.DataFrame:
    """A row for each produce request, answered or lost; NaN for places that it never reached.

    ``outcome``: acked, duplicate (acknowledged because it was there), error, or why it was lost;
    ``attempt`` counts the earlier ones of its first batch.
    """
    batches, retries = {row.request: row for row in reversed(run.batches)}, dict(run.retries)
    rows: list[tuple[object, ...]] = []
    ended: list[RequestRow | LostRow] = [*run.requests, *run.lost]
    for row in sorted(ended, key=lambda row: (row.sent_s, row.request)):
        if isinstance(row, LostRow):
            outcome, sequence, end_s = row.error, row.first_sequence, (math.nan, row.lost_s)
        else:
            batch, end_s = batches.get(row.request), (row.received_s, row.handled_s)
            sequence = batch.base_sequence if batch else NO_SEQUENCE
            outcome = "error" if batch is None else DUPLICATE if batch.found_again else "acked"
        one_way_s = run.scenario.path_to(row.broker).one_way_s
        times_s = row.sent_s, row.arrived_s, row.answered_s, *end_s, one_way_s
        name = row.request, row.broker, outcome, retries.get(row.request, 0), sequence
        rows.append((*name, *(time_s * 1e3 for time_s in times_s)))
    return pd.DataFrame(rows, columns=list(ATTEMPT_COLUMNS))


def transmissions_of(run: Run) -> pd.DataFrame:
    """What was lost, sent again, held back or cut off on the way, as the model recorded it."""
    rows = [
        (row.request, row.way, row.fate, row.held_by, row.from_s * 1e3, row.until_s * 1e3)
        for row in run.transmissions
    ]
    return pd.DataFrame(rows, columns=list(TRANSMISSION_COLUMNS))


def decisions_of(run: Run) -> pd.DataFrame:
    """What a broker did with each batch: written (late, again), duplicate, or the error it gave.

    ``first_record`` is the batch's lowest record number, ``records`` how many it has.
    """
    given_up_s, rows = given_up_times(run), []
    for row, copies in with_copies(run):
        done = WRITTEN_LATE if row.appended_s > given_up_s[row.request] else WRITTEN
        done = WRITTEN_AGAIN if copies else done
        rows.append((row.appended_s * 1e3, row.request, done, row.first_record, row.records))
    for no in run.decisions:
        done = DUPLICATE if no.error == "NONE" else no.error
        rows.append((no.decided_s * 1e3, no.request, done, no.first_record, no.records))
    by = ["decided_ms", "request", "decision"]
    frame = pd.DataFrame(rows, columns=[*by, "first_record", "records"])
    batches = frame.groupby(by, as_index=False).agg({"first_record": "min", "records": "sum"})
    return batches.sort_values("decided_ms", ignore_index=True)


def faults_of(scenario: Scenario) -> pd.DataFrame:
    """The schedule; a fault that is over at once has its start as its end."""
    rows = [(fault.what, fault.at_s * 1e3, fault.until_s * 1e3) for fault in scenario.faults]
    return pd.DataFrame(rows, columns=["what", "start_ms", "end_ms"])
