"""The books: what became of every record, counted from the log and from what the client was told.

Nothing here is asserted by a setting's name; duplicates are duplicates because two rows of the log
hold the same record. Left out: what a consumer sees.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.facts import AppendRow, FailureRow
from model.recorder import Recorder

Spans = NDArray[np.int64]  # half-open runs of record numbers: a row is (first, after the last)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts of records over the whole run.

    ``sent`` were taken from the application, of which ``acked`` and ``failed`` have ended: a record
    that failed and was sent again and acknowledged counts as acknowledged. ``in_log`` counts
    copies, ``duplicates`` those beside the first. ``acked_missing`` are acknowledged and not in the
    log, ``failed_but_present`` failed and in the log. ``inversions`` counts records that directly
    follow a higher number of the same producer in their partition, ``displaced`` first copies that
    stand anywhere after a higher one.
    """

    sent: int
    acked: int
    failed: int
    in_log: int
    duplicates: int
    acked_missing: int
    failed_but_present: int
    inversions: int
    displaced: int

    @property
    def unfinished(self) -> int:
        """Records still queued or in flight when the run ended."""
        return self.sent - self.acked - self.failed

    @classmethod
    def of(cls, recorder: Recorder, sent: int) -> "Ledger":
        """Balance the books of a run in which ``sent`` records were taken from applications."""
        producers = range(len(recorder.spans))
        acked = [_spans(runs, 0, 1) for runs in recorder.spans]
        written = _by_producer(recorder.appends, len(producers))
        failed = _by_producer(recorder.failures, len(producers))
        in_log = sum(row.records for row in recorder.appends)
        acks = sum(_size(acked[p]) for p in producers)
        told = sum(_size(acked[p], failed[p]) for p in producers) if recorder.failures else acks
        present = sum(_size(written[p]) for p in producers)
        inversions = _inversions(recorder.appends)
        return cls(
            sent=sent,
            acked=acks,
            failed=told - acks,
            in_log=in_log,
            duplicates=in_log - present,
            acked_missing=sum(_size(acked[p], written[p]) for p in producers) - present,
            failed_but_present=sum(
                _failed_but_present(acked[p], failed[p], written[p]) for p in producers
            ),
            inversions=inversions,
            displaced=_displaced(recorder.appends) if inversions else 0,
        )


def _spans(rows: Sequence[tuple[Any, ...]], first: int, count: int) -> Spans:
    """Two columns of rows, where a run begins and how long it is, as runs."""
    starts = np.array([row[first] for row in rows], dtype=np.int64)
    return np.column_stack(
        [starts, starts + np.array([row[count] for row in rows], dtype=np.int64)]
    )


def _by_producer(rows: Sequence[AppendRow] | Sequence[FailureRow], producers: int) -> list[Spans]:
    """The runs of each producer's rows."""
    of: list[list[tuple[int, int]]] = [[] for _ in range(producers)]
    for row in rows:
        of[row.producer].append((row.first_record, row.records))
    return [_spans(runs, 0, 1) for runs in of]


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


def _inversions(appends: list[AppendRow]) -> int:
    last: dict[tuple[int, int], int] = {}
    inversions = 0
    for partition, producer, first, records, *_ in appends:
        place = (partition, producer)
        inversions += first < last.get(place, -1)
        last[place] = first + records - 1
    return inversions


def _displaced(appends: list[AppendRow]) -> int:
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
