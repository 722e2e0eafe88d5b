"""What the picture of a story is drawn from: requests, what became of them on their way, decisions,
faults. Times in ms.
"""

import pandas as pd

from model import Run, Scenario
from model.outcome.facts import LostRow, RequestRow
from model.wire.batches import NO_SEQUENCE

ACKED, DUPLICATE, ERROR = "acked", "duplicate", "error"
WRITTEN, WRITTEN_LATE = "written", "written after the producer gave it up"
ATTEMPT_COLUMNS = (
    "request",
    "broker",
    "outcome",
    "attempt",
    "base_sequence",
    "sent_ms",
    "arrived_ms",
    "answered_ms",
    "received_ms",
    "ended_ms",
    "one_way_ms",
)

TRANSMISSION_COLUMNS = ("request", "way", "fate", "held_by", "start_ms", "end_ms")


def attempts_of(run: Run) -> pd.DataFrame:
    """A row for each produce request, answered or lost; NaN for places that it never reached.

    ``outcome``: acked, duplicate (acknowledged because it was there), error, or why it was lost;
    ``attempt`` counts the earlier ones of its first batch.
    """
    batches = {row.request: row for row in reversed(run.batches)}
    retries = dict(run.retries)
    rows: list[tuple[object, ...]] = []
    ended: list[RequestRow | LostRow] = [*run.requests, *run.lost]
    for row in sorted(ended, key=lambda row: (row.sent_s, row.request)):
        batch = batches.get(row.request)
        sequence = batch.base_sequence if batch else NO_SEQUENCE
        outcome = ERROR if batch is None else DUPLICATE if batch.duplicate else ACKED
        if isinstance(row, LostRow):
            sequence, outcome = row.first_sequence, row.error
            received_s, ended_s = float("nan"), row.lost_s
        else:
            received_s, ended_s = row.received_s, row.handled_s
        rows.append(
            (
                row.request,
                row.broker,
                outcome,
                retries.get(row.request, 0),
                sequence,
                row.sent_s * 1e3,
                row.arrived_s * 1e3,
                row.answered_s * 1e3,
                received_s * 1e3,
                ended_s * 1e3,
                run.scenario.path_to(row.broker).one_way_s * 1e3,
            )
        )
    return pd.DataFrame(rows, columns=list(ATTEMPT_COLUMNS))


def transmissions_of(run: Run) -> pd.DataFrame:
    """What was lost, sent again, held back or cut off on the way, as the model recorded it."""
    rows = [
        (row.request, row.way, row.fate, row.held_by, row.from_s * 1e3, row.until_s * 1e3)
        for row in run.transmissions
    ]
    return pd.DataFrame(rows, columns=list(TRANSMISSION_COLUMNS))


def decisions_of(run: Run) -> pd.DataFrame:
    """What a broker did with each batch: written, written late, duplicate, or the error it gave.

    ``first_record`` is the batch's lowest record number.
    """
    given_up = {row.request: row.lost_s for row in run.lost}
    rows = [
        (
            row.appended_s * 1e3,
            row.request,
            WRITTEN_LATE if row.appended_s > given_up.get(row.request, float("inf")) else WRITTEN,
            row.first_record,
        )
        for row in run.appends
    ]
    rows += [
        (
            row.decided_s * 1e3,
            row.request,
            DUPLICATE if row.error == "NONE" else row.error,
            row.first_record,
        )
        for row in run.decisions
    ]
    frame = pd.DataFrame(rows, columns=["decided_ms", "request", "decision", "first_record"])
    first = frame.groupby(["decided_ms", "request", "decision"], as_index=False).min()
    return first.sort_values("decided_ms", ignore_index=True)


def faults_of(scenario: Scenario) -> pd.DataFrame:
    """The schedule; a fault that is over at once has its start as its end."""
    rows = [(fault.what, fault.at_s * 1e3, fault.until_s * 1e3) for fault in scenario.faults]
    return pd.DataFrame(rows, columns=["what", "start_ms", "end_ms"])
