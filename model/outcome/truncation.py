"""Which of the batches that were written are in the log in the end.

What a leader wrote of which its successor had no copy is cut off when it is a follower again. The
last leader's log says by leader epochs what is left: a batch is there if its offset lies between
where its epoch starts and where the next one does (LeaderEpochFileCache).
"""

from collections.abc import Mapping, Sequence

from model.outcome.facts import AppendRow
from model.outcome.rows import Rows
from model.wire.leadership import EpochStart


def kept_and_cut(
    appends: Rows[AppendRow], epochs: Mapping[int, Sequence[EpochStart]]
) -> tuple[Rows[AppendRow], list[AppendRow]]:
    """What is left of what was written, and what is not; ``epochs`` by partition."""
    if not epochs:
        return appends, []
    kept, cut = Rows(AppendRow), list[AppendRow]()
    for row in appends:
        (kept if _is_left(row, epochs[row.partition]) else cut).append(row)
    return kept, cut


def _is_left(row: AppendRow, epochs: Sequence[EpochStart]) -> bool:
    later = (start.offset for start in epochs if start.epoch > row.leader_epoch)
    start = next((each.offset for each in epochs if each.epoch == row.leader_epoch), None)
    return start is not None and start <= row.base_offset < next(later, row.base_offset + 1)
