"""The facts that actors report: one complete, immutable row for each thing that ended.

A row holds every instant of its story, so that any split of a latency is computed afterwards from
rows alone. Units: seconds of the run, bytes. ``Probe`` is who listens.
"""

from typing import NamedTuple, Protocol

from model.wire.batches import Numbers, RecordBatch, Verdict
from model.wire.errors import Error
from model.wire.requests import Request
from model.wire.transmission import Transmission


class BatchRow(NamedTuple):
    """An acknowledged batch; ids and offsets are -1 where there are none.

    It was sent again ``retries`` times; ``found_again``: the broker had it from an earlier attempt,
    and did not write it twice.
    """

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
    retries: int
    found_again: bool


class AckRow(NamedTuple):
    """Consecutive records of a producer that were acknowledged together."""

    first_record: int
    records: int
    acked_s: float


class RequestRow(NamedTuple):
    """An answered request: drained, handed to the socket, wholly in it, at the broker, taken from
    the connection (which is muted from here), answered (and unmuted), back, and handled.

    ``records`` are those that it got acknowledged, which are all unless something failed.
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
    """A run of records written to a partition's log; ``first_record`` counts the producer's.

    ``leader_epoch`` counts the leaders that the partition had before.
    """

    partition: int
    producer: int
    first_record: int
    records: int
    base_offset: int
    appended_s: float
    request: int
    leader_epoch: int = 0


class DecisionRow(NamedTuple):
    """A batch that a broker did not write, and why: an error, or NONE for a duplicate."""

    partition: int
    producer: int
    request: int
    first_record: int
    records: int
    producer_id: int
    epoch: int
    base_sequence: int
    error: str
    decided_s: float


class ElectionRow(NamedTuple):
    """The controller gave a partition another leader, -1 for none, or an ISR of another size."""

    partition: int
    leader: int
    leader_epoch: int
    in_sync: int
    elected_s: float


class FailureRow(NamedTuple):
    """Consecutive records that failed for the application, and why."""

    producer: int
    first_record: int
    records: int
    error: str
    failed_s: float


class LostRow(NamedTuple):
    """A produce request that the client gave up, and why; NaN for places that it never reached."""

    request: int
    producer: int
    broker: int
    batches: int
    records: int
    first_sequence: int
    error: str
    drained_s: float
    sent_s: float
    arrived_s: float
    taken_s: float
    answered_s: float
    lost_s: float


class RetryRow(NamedTuple):
    """A produce request, ended, whose first batch had failed so often before it was sent."""

    request: int
    attempts: int


class TransmissionRow(NamedTuple):
    """Bytes of a request (way "out") or of its answer ("back") that did not simply cross.

    ``fate`` and ``held_by`` are the values of Fate and HeldBy, and the instants those of
    Transmission. ``request`` -1: no request's, as the end of a connection.
    """

    producer: int
    broker: int
    request: int
    way: str
    fate: str
    held_by: str
    from_s: float
    until_s: float


class Probe(Protocol):
    """What a recorder offers to the actors."""

    def request_answered(
        self, request: Request, acked: list[RecordBatch], handled_s: float
    ) -> None:
        """An answer was handled at ``handled_s``; these of its batches are acknowledged now."""

    def request_lost(self, request: Request, error: Error, at_s: float) -> None:
        """The client gave a request up."""

    def batch_failed(self, producer: int, batch: RecordBatch, error: Error, at_s: float) -> None:
        """A batch failed for the application."""

    def record_failed(self, producer: int, record: int, at_s: float) -> None:
        """A record will not be sent: ``max.block.ms`` is over."""

    def batch_appended(
        self,
        request: Request,
        batch: RecordBatch,
        base_offset: int,
        at_s: float,
        leader_epoch: int,
    ) -> None:
        """A broker wrote a batch to a log, as leader of this epoch."""

    def leader_elected(self, row: ElectionRow) -> None:
        """A partition has another leader, or none."""

    def batch_not_written(
        self, request: Request, batch: RecordBatch, numbers: Numbers, verdict: Verdict, at_s: float
    ) -> None:
        """A broker did not write a batch: there was an error, or it is there already."""

    def transmission(self, producer: int, broker: int, found: Transmission) -> None:
        """Bytes between these two were lost, sent again, held back or cut off."""
