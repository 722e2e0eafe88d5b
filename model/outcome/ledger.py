"""The books: what became of every record, counted from the log and from what the client learnt.

Nothing here is asserted by a setting's name; duplicates are duplicates because two rows of the log
hold the same record. Left out: what a consumer sees.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.outcome.facts import AppendRow, FailureRow
from model.outcome.recorder import Recorder
from model.outcome.rows import Rows

Spans = NDArray[np.int64]  # half-open runs of record numbers: a row is (first, after the last)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts of records over the whole run.

    ``sent`` were taken from the application, of which ``acked`` and ``failed`` have ended: a record
    that failed and was sent again and acknowledged counts as acknowledged. ``unfinished`` were
    still queued or in flight when the run ended. ``in_log`` counts copies, ``duplicates`` those
    beside the first. ``acked_missing`` are acknowledged and not in the log, ``failed_but_present``
    failed and in the log. ``inversions`` counts records that directly follow a higher number of the
    same producer in their partition, ``displaced`` first copies that stand anywhere after a higher
    one.
    """

    sent: int
    acked: int
    failed: int
    unfinished: int
    in_log: int
    duplicates: int
    acked_missing: int
    failed_but_present: int
    inversions: int
    displaced: int

    @classmethod
    def of(cls, recorder: Recorder, sent: int, appends: Rows[AppendRow] | None = None) -> "Ledger":
        """Balance the books of a run in which ``sent`` records were taken from applications.

        ``appends``: what is in the logs in the end, where that is not all that was written.
        """
        appends = recorder.appends if appends is None else appends
        producers = range(len(recorder.acks))
        acked = [
            _runs(rows.column("first_record"), rows.column("records")) for rows in recorder.acks
        ]
        written = _written(appends, len(producers))
        failed = _failed(recorder.failures, len(producers))
        in_log = int(appends.column("records").sum())
        acks = sum(_size(acked[p]) for p in producers)
        ended = sum(_size(acked[p], failed[p]) for p in producers) if recorder.failures else acks
        present = sum(_size(written[p]) for p in producers)
        inversions = _inversions(appends)
        return cls(
            sent=sent,
            acked=acks,
            failed=ended - acks,
            unfinished=sent - ended,
            in_log=in_log,
            duplicates=in_log - present,
            acked_missing=sum(_size(acked[p], written[p]) for p in producers) - present,
            failed_but_present=sum(
                _failed_but_present(acked[p], failed[p], written[p]) for p in producers
            ),
            inversions=inversions,
            displaced=_displaced(appends) if inversions else 0,
        )


def _runs(first: NDArray[np.int64], records: NDArray[np.int64]) -> Spans:
    """Columns of where runs begin and how long they are, as runs."""
    return np.column_stack([first, first + records])


def _written(appends: Rows[AppendRow], producers: int) -> list[Spans]:
    """What is in the log of each producer."""
    producer, first, records = (
        appends.column(name) for name in ("producer", "first_record", "records")
    )
    order = np.argsort(producer, kind="stable")
    edges = np.searchsorted(producer[order], np.arange(1, producers))
    return np.split(_runs(first[order], records[order]), edges)


def _failed(failures: list[FailureRow], producers: int) -> list[Spans]:
    """What failed for each producer's application."""
    of: list[list[tuple[int, int]]] = [[] for _ in range(producers)]
    for row in failures:
        of[row.producer].append((row.first_record, row.first_record + row.records))
    return [np.array(runs, dtype=np.int64).reshape(-1, 2) for runs in of]


def _failed_but_present(acked: Spans, failed: Spans, written: Spans) -> int:
    """Records that failed, were never acknowledged, and are in the log."""
    if not len(failed):
        return 0
    ended, acked_or_written = _size(failed, acked), _size(acked, written)
    return ended - _size(acked) - _size(failed, acked, written) + acked_or_written


def _size(*spans: Spans) -> int:
    """How many records are in at least one of these runs."""
    runs = np.concatenate(spans)
    starts, ends = runs[np.argsort(runs[:, 0], kind="stable")].T
    covered_to = np.maximum.accumulate(np.append(0, ends))[:-1]
    return int(np.maximum(0, ends - np.maximum(starts, covered_to)).sum())


def _inversions(appends: Rows[AppendRow]) -> int:
    partition, producer, first, records = (
        appends.column(name) for name in ("partition", "producer", "first_record", "records")
    )
    order = np.lexsort((producer, partition))  # stable: of one log in the order of appends
    alike = (np.diff(partition[order]) == 0) & (np.diff(producer[order]) == 0)
    last = (first + records - 1)[order]
    return int(np.sum(alike & (first[order][1:] < last[:-1])))


def _displaced(appends: Rows[AppendRow]) -> int:
    """First copies after a higher number, of all producers in all partitions."""
    runs: dict[tuple[int, int], list[AppendRow]] = defaultdict(list)
    for row in appends:
        runs[row.partition, row.producer].append(row)
    displaced = 0
    for rows in runs.values():
        numbers = np.concatenate([row.first_record + np.arange(row.records) for row in rows])
        highest_before = np.maximum.accumulate(np.append(-1, numbers))[:-1]
        first_copy = np.unique(numbers, return_index=True)[1]
        displaced += int(np.sum(numbers[first_copy] < highest_before[first_copy]))
    return displaced
