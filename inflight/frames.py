"""The rows of a run as frames of pandas, one function for each kind of row.

Times are seconds since the run began (``_s``), latencies milliseconds (``_ms``), sizes bytes.
Requests and batches are those of the whole run, the warm-up among them; ``latencies`` has the
records of the window, which ``run.latency_ms`` is of. ``pd.DataFrame(run.requests)`` gives the same
columns; frames are faster for long runs.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model import Run
from model.outcome.facts import AppendRow, BatchRow, RequestRow
from model.outcome.rows import Rows


def requests(run: Run) -> pd.DataFrame:
    """A row for each answered produce request, in the order in which answers were handled.

    ``request``, ``producer``, ``broker``: numbers from 0. ``batches``, ``records``, ``size_bytes``:
    what it carried. Its story: ``drained_s`` (made), ``sent_s`` (handed to the socket),
    ``written_s`` (wholly in it), ``arrived_s`` (at the broker), ``taken_s`` (read; the connection
    is muted from here), ``answered_s`` (and unmuted), ``received_s`` (back), ``handled_s``.
    ``service_s``: the broker's work without any waiting. NaN where it had none (acks=0).
    """
    return _frame(run.requests, RequestRow._fields)


def batches(run: Run) -> pd.DataFrame:
    """A row for each acknowledged batch, in the order of acknowledgements.

    ``request`` is that of :func:`requests`; ``producer``, ``broker``, ``partition``: numbers from
    0; ``records``, ``size_bytes``: what is in it; ``producer_id``, ``epoch``, ``base_sequence``,
    ``base_offset``: as the log has them, -1 where there are none; ``created_s``, ``drained_s``,
    ``acked_s``: first record appended, sent, acknowledged; ``retries``: how often it was sent
    again; ``found_again``: the broker had it from an earlier attempt, and did not write it twice.
    What was written twice is in :func:`appends`.
    """
    return _frame(run.batches, BatchRow._fields)


def appends(run: Run) -> pd.DataFrame:
    """A row for each batch that a broker wrote, in the order of writing.

    ``partition``, ``producer``, ``request`` as in :func:`batches`; ``first_record``: the number of
    its first record among the producer's; ``records``; ``base_offset``; ``appended_s``;
    ``leader_epoch``: how many leaders the partition had before; ``duplicate``: whether the log had
    these records already.
    """
    frame = _frame(run.appends, AppendRow._fields)
    return frame.assign(duplicate=frame.duplicated(["partition", "producer", "first_record"]))


def latencies(run: Run) -> pd.DataFrame:
    """A row for each record acknowledged in the window, in the order of acknowledgements.

    ``producer``; ``record``: its number, from 0 in the order of sends; ``partition``: where the log
    has it first, -1 if nowhere; ``sent_s``: when it was to be sent, from which its latency counts;
    ``acked_s``; ``latency_ms``. Takes 48 bytes a record.
    """
    producers = range(run.scenario.producers)
    frame = pd.concat([_records(run, producer) for producer in producers], ignore_index=True)
    return frame.sort_values("acked_s", kind="stable", ignore_index=True)


def _frame(rows: Rows[Any], fields: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: rows.column(name) for name in fields})


def _records(run: Run, producer: int) -> pd.DataFrame:
    pieces = list(run.acked_records(producer))
    records = np.concatenate([np.empty(0, dtype=np.int64), *(piece.records for piece in pieces)])
    acked_s = np.concatenate([np.empty(0), *(piece.acked_s for piece in pieces)])
    latency_ms = np.concatenate([np.empty(0), *(piece.latencies_ms for piece in pieces)])
    return pd.DataFrame(
        {
            "producer": np.full(len(records), producer),
            "record": records,
            "partition": _partitions(run, producer, records),
            "sent_s": acked_s - latency_ms / 1e3,
            "acked_s": acked_s,
            "latency_ms": latency_ms,
        }
    )


def _partitions(run: Run, producer: int, records: NDArray[np.int64]) -> NDArray[np.int64]:
    """The partition that each of a producer's records was first written to; -1: to none."""
    own = run.appends.column("producer") == producer
    first, count, partition = (
        run.appends.column(name)[own] for name in ("first_record", "records", "partition")
    )
    written = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
    found = np.full(max(written.max(initial=-1), records.max(initial=-1)) + 1, -1)
    found[written[::-1]] = np.repeat(partition, count)[::-1]  # of several copies the first counts
    return found[records]
