"""The books: what became of every record, counted from the log and from what the client was told.

Nothing here is asserted by a setting's name; duplicates are duplicates because two rows of the log
hold the same record. Left out: what a consumer sees.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from model.facts import AppendRow
from model.recorder import Recorder

Spans = list[tuple[int, int]]  # half-open runs of record numbers: (first, after the last)


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
        acked: list[Spans] = [
            [(first, first + count) for first, count, _ in spans] for spans in recorder.spans
        ]
        failed, written = _by_producer(recorder)
        in_log = sum(row.records for row in recorder.appends)
        told = sum(_size(acked[p] + failed[p]) for p in producers)
        acks = sum(_size(spans) for spans in acked)
        present = sum(_size(written[p]) for p in producers)
        inversions = _inversions(recorder.appends)
        return cls(
            sent=sent,
            acked=acks,
            failed=told - acks,
            in_log=in_log,
            duplicates=in_log - present,
            acked_missing=sum(_size(acked[p] + written[p]) for p in producers) - present,
            failed_but_present=sum(
                _size(failed[p] + acked[p])
                - _size(acked[p])
                - _size(failed[p] + acked[p] + written[p])
                + _size(acked[p] + written[p])
                for p in producers
            ),
            inversions=inversions,
            displaced=_displaced(recorder.appends) if inversions else 0,
        )


def _by_producer(recorder: Recorder) -> tuple[dict[int, Spans], dict[int, Spans]]:
    """Runs of records that failed, and runs that were written, of each producer."""
    failed: dict[int, Spans] = defaultdict(list)
    for failure in recorder.failures:
        first = failure.first_record
        failed[failure.producer].append((first, first + failure.records))
    written: dict[int, Spans] = defaultdict(list)
    for row in recorder.appends:
        written[row.producer].append((row.first_record, row.first_record + row.records))
    return failed, written


def _size(runs: Iterable[tuple[int, int]]) -> int:
    """How many records are in at least one of these runs."""
    total = covered_to = 0
    for start, end in sorted(runs):
        total += max(0, end - max(start, covered_to))
        covered_to = max(covered_to, end)
    return total


def _inversions(appends: list[AppendRow]) -> int:
    last: dict[tuple[int, int], int] = {}
    inversions = 0
    for row in appends:
        place = (row.partition, row.producer)
        inversions += row.first_record < last.get(place, -1)
        last[place] = row.first_record + row.records - 1
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
