"""The books: what became of every record, counted from the log and from what the client was told.

Nothing here is asserted by a setting's name; duplicates are duplicates because two rows of the log
hold the same record. Left out: what a consumer sees.
"""

from collections import defaultdict
from dataclasses import dataclass

from model.facts import AppendRow
from model.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts of records over the whole run.

    ``sent`` were taken from the application, of which ``acked`` and ``failed`` have ended.
    ``in_log`` counts copies. ``inversions`` counts runs of records that directly follow a higher
    number of the same producer in their partition.
    """

    sent: int
    acked: int
    failed: int
    in_log: int
    duplicates: int
    inversions: int

    @property
    def unfinished(self) -> int:
        """Records still queued or in flight when the run ended."""
        return self.sent - self.acked - self.failed

    @classmethod
    def of(cls, recorder: Recorder, sent: int) -> "Ledger":
        """Balance the books of a run in which ``sent`` records were taken from applications."""
        acked = sum(count for spans in recorder.spans for _, count, _ in spans)
        in_log = sum(row.records for row in recorder.appends)
        return cls(
            sent,
            acked,
            len(recorder.failed),
            in_log,
            in_log - _distinct(recorder.appends),
            _inversions(recorder.appends),
        )


def _distinct(appends: list[AppendRow]) -> int:
    """Records that are in a log at least once: the measure of the union of runs."""
    runs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in appends:
        runs[row.producer].append((row.first_record, row.first_record + row.records))
    return sum(_union(sorted(of_one)) for of_one in runs.values())


def _union(runs: list[tuple[int, int]]) -> int:
    """Length of the union of half-open runs, sorted by their start."""
    total = covered_to = 0
    for start, end in runs:
        total += max(0, end - max(start, covered_to))
        covered_to = max(covered_to, end)
    return total


def _inversions(appends: list[AppendRow]) -> int:
    newest: dict[tuple[int, int], int] = {}
    inversions = 0
    for row in appends:
        place = (row.partition, row.producer)
        inversions += row.first_record < newest.get(place, -1)
        newest[place] = row.first_record
    return inversions
