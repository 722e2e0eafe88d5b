"""The facts that actors report: one complete, immutable row for each thing that ended.

A row holds every instant of its story, so that any split of a latency is computed afterwards from
rows alone. Units: seconds of the run, bytes. ``Probe`` is who listens.
"""

from typing import NamedTuple, Protocol

from model.messages import ProduceRequest, RecordBatch


class BatchRow(NamedTuple):
    """An acknowledged batch; ids and offsets are -1 where there are none."""

    producer: int
    broker: int
    partition: int
    request: int
    records: int
    size_bytes: int
    producer_id: int
    epoch: int
    base_sequence: int
    base_offset: int
    created_s: float
    drained_s: float
    acked_s: float


class RequestRow(NamedTuple):
    """An answered request: drained, handed to the socket, wholly in it, at the broker, taken from
    the connection (which is muted from here), answered (and unmuted), back, and handled.

    ``service_s`` is the broker's work on it without any waiting.
    """

    request: int
    producer: int
    broker: int
    batches: int
    records: int
    size_bytes: int
    drained_s: float
    sent_s: float
    written_s: float
    arrived_s: float
    taken_s: float
    answered_s: float
    received_s: float
    handled_s: float
    service_s: float


class AppendRow(NamedTuple):
    """A batch written to a partition's log; ``first_record`` counts the producer's records."""

    partition: int
    producer: int
    first_record: int
    records: int
    base_offset: int
    appended_s: float


class Probe(Protocol):
    """What a recorder offers to the actors."""

    def request_answered(self, request: ProduceRequest, handled_s: float) -> None:
        """All batches of a request were completed at ``handled_s``."""

    def record_failed(self, producer: int, record: int, at_s: float) -> None:
        """The application was told that a record will not be sent."""

    def batch_appended(self, producer: int, batch: RecordBatch, at_s: float) -> None:
        """A broker wrote a batch to a log."""
