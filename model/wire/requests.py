"""Requests: what carries batches, what keeps a session going, what a follower asks for.

Control requests keep a connection and a session going and carry no records. A follower fetches
everything beyond what it has (FetchRequest.json). Left out: fetch sessions, what a consumer asks
for. Units: bytes, seconds.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Final, NamedTuple

from model.wire.batches import NO_PRODUCER_ID, Numbers, RecordBatch, Verdict
from model.wire.errors import NO_ERROR, Error
from model.wire.leadership import EpochStart, LeaderAndEpoch
from model.wire.sizes import request_bytes

NO_PRODUCER = -1  # a follower's request is nobody's
#: Assumed: a produce response for a few partitions.
ANSWER_BYTES: Final = 100
#: Assumed: ApiVersions, Metadata of one topic and InitProducerId are all about this small.
CONTROL_REQUEST_BYTES: Final = 64
#: Assumed: an incremental fetch and its answer without records, and what each partition adds.
FETCH_BYTES = 120
FETCH_PARTITION_BYTES = 30
#: A time not reached yet.
NAN: Final = float("nan")


NO_EPOCHS: Mapping[int, tuple[int, int]] = MappingProxyType({})


class RequestKind(Enum):
    """The requests that a producer sends (ApiKeys)."""

    PRODUCE = "batches, one of each partition at most"
    HANDSHAKE = "of TLS or SASL, a round trip of it"
    API_VERSIONS = "the first of a connection"
    METADATA = "who leads which partition"
    INIT_PRODUCER_ID = "a producer id, for a new session"
    FETCH = "a follower's: what comes after what it has"

    __hash__ = object.__hash__


#: Looked up once: a member looked up in its class costs as much as a call.
PRODUCE: Final = RequestKind.PRODUCE
FETCH: Final = RequestKind.FETCH


class Request:
    """One request on one connection, and when it reached each place on its way.

    Times in seconds of the run; a time not reached yet is NaN. ``service_s`` is the broker's work
    on it without any waiting. ``producer_id`` is what InitProducerId is answered with;
    ``end_byte`` is where it ends in the connection's bytes, ``attempts`` how often its first
    batch had failed before. ``leaders`` is what Metadata is answered with, by partition; None where
    leaders do not change.
    """

    records: int = 0
    size_bytes: int = CONTROL_REQUEST_BYTES
    batches: Sequence[RecordBatch] = ()
    numbers: Sequence[Numbers] = ()
    attempts: int = 0
    leaders: Mapping[int, LeaderAndEpoch] | None = None
    producer_id: int = NO_PRODUCER_ID
    answer_bytes: int = ANSWER_BYTES
    end_byte: int = 0
    sent_s: float = NAN
    written_s: float = NAN
    arrived_s: float = NAN
    taken_s: float = NAN
    answered_s: float = NAN
    received_s: float = NAN
    service_s: float = 0.0

    def __init__(
        self, number: int, producer: int, broker: int, drained_s: float, kind: RequestKind
    ) -> None:
        self.number = number
        self.producer = producer
        self.broker = broker
        self.drained_s = drained_s
        self.kind = kind
        self.verdicts: list[Verdict] = []

    def __repr__(self) -> str:
        return f"<Request {self.number} to broker {self.broker}: {self.kind.name}>"


class ProduceRequest(Request):
    """A request that carries batches, and how long the broker may wait for followers with it."""

    def __init__(
        self,
        number: int,
        producer: int,
        broker: int,
        batches: list[RecordBatch],
        drained_s: float,
        acks: str = "all",
        timeout_s: float = 30.0,
    ) -> None:
        super().__init__(number, producer, broker, drained_s, PRODUCE)
        self.acks = acks
        self.timeout_s = timeout_s
        self.batches = batches
        self.attempts = batches[0].attempts
        numbers: list[Numbers] = []
        records = payload_bytes = 0
        for batch in batches:
            numbers.append(Numbers(batch.producer_id, batch.epoch, batch.base_sequence))
            records += batch.records
            payload_bytes += batch.size_bytes
        self.numbers, self.records = numbers, records
        self.size_bytes = request_bytes(payload_bytes, len(batches))

    @property
    def failed(self) -> bool:
        """Whether the broker had an error for one of its batches."""
        return any(verdict.error is not NO_ERROR for verdict in self.verdicts)


class LogEntry(NamedTuple):
    """A batch in a log: what a follower needs to know of it to be a leader one day."""

    end_offset: int
    records: int
    size_bytes: int
    numbers: Numbers
    epoch: int  # of the leader that appended it


class Slice(NamedTuple):
    """Consecutive batches of a partition, as a fetch brings them.

    ``entries`` are the batches where leaders may change. Where the follower's log is another than
    the leader's, it ``diverges_at`` the end of an epoch; one who does not lead, or not yet, has an
    ``error``.
    """

    end_offset: int
    batches: int
    size_bytes: int
    entries: tuple[LogEntry, ...] = ()
    diverges_at: EpochStart | None = None
    error: Error = NO_ERROR


class FetchRequest(Request):
    """One fetch of a follower; ``offsets`` are its log end offsets, ``slices`` the answer.

    ``epochs`` has by partition the epoch of the leader that it takes the other for, and that of
    its own last batch; nothing where leaders do not change.
    """

    def __init__(
        self,
        number: int,
        follower: int,
        leader: int,
        offsets: dict[int, int],
        now_s: float,
        epochs: Mapping[int, tuple[int, int]] = NO_EPOCHS,
    ) -> None:
        super().__init__(number, NO_PRODUCER, leader, now_s, FETCH)
        self.follower = follower
        self.offsets = offsets
        self.epochs = epochs
        self.slices: dict[int, Slice] = {}
        self.fetched_bytes = 0
        self.size_bytes = FETCH_BYTES + len(offsets) * FETCH_PARTITION_BYTES

    def bring(self, slices: dict[int, Slice]) -> None:
        """Have an answer."""
        self.slices = slices
        self.fetched_bytes = sum([piece.size_bytes for piece in slices.values()])
        self.answer_bytes = self.size_bytes + self.fetched_bytes
