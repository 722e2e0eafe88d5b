"""What one producer client does in its own way: rules as data, the words that they are told in.

A profile says, at each place where clients differ, which of the rules that there are holds; who
acts on it is named beside each. What is not said is as in the Java client. Numbers that a user may
set are no part of it: they are settings, and the profile has their names and defaults only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from model.clients.options import (
    Option,
    Refuse,
    Settle,
    Value,
    refuses_nothing,
    settles_nothing,
)


class Lingers(Enum):
    """Whom a linger holds back (producer.accumulator)."""

    NODE = "one sendable batch makes its broker ready, and a request takes the others along"
    PARTITION = "each partition waits for itself, and no request takes one along that lingers"


class Alone(Enum):
    """When no more than one batch of a partition is out (producer.partition_gate)."""

    WITH_ONE_IN_FLIGHT = "with one request in flight"
    WITH_IDEMPOTENCE = "with one request in flight, or idempotent"
    ALWAYS = "whatever is set"


class Resends(Enum):
    """Where batches go that are to be sent again, without sequence numbers (same place)."""

    TO_THE_FRONT = "each to the front: several are reversed"
    SORTED = "by the order of their records, with boundaries drawn anew"
    REWOUND = "with all that was sent after the first of them, in order"


class Keyless(Enum):
    """Where a record without a key goes (producer.partitioner)."""

    STICKY_BYTES = "to one partition until so many bytes went there"
    STICKY_TIME = "to one partition for so long"
    RANDOM = "anywhere, each record anew"
    ROUND_ROBIN = "to one partition after the other"


class KeyHash(Enum):
    """How a key names its partition (producer.partitioner)."""

    MURMUR2 = "murmur2"
    CRC32 = "CRC-32"
    FNV1A = "FNV-1a"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How large a client takes a batch to be while it fills: bytes of an empty one and a record.

    A record's key and value come on top of ``record_bytes``.
    """

    batch_bytes: int
    record_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a client's own code takes, in microseconds; None: as the machine's constants say.

    ``append_us`` of the application's thread, for each record; the others of the thread that sends:
    for each request, half of it to send and half to read the answer; for each batch and each record
    in it, to send; for each byte.
    """

    append_us: float | None = None
    request_us: float | None = None
    batch_us: float = 0.0
    record_us: float | None = None
    byte_us: float | None = None
    origin: str = ""  # whether each was fitted, read or assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One client. Its ``name`` is what `--client` takes, ``versions`` are told apart, in order.

    ``estimate`` cuts batches (None: the bytes that they take), ``early_estimate`` until the first
    answer has come. ``partitions_per_request`` None: all that have something. ``requests_beyond``
    go out on one connection beside those that its setting allows; ``forms_ahead`` says whether one
    more is formed and waits with its content frozen; ``starts_with_one``: until the first answer of
    a connection and the last success of a partition. ``records_out`` of one partition close it,
    where the producer is idempotent. ``frees_when_sent``: room in the buffer comes back when a
    batch leaves, not with its answer; ``queued_batches``: so many of one partition wait at most.
    ``full_buffer_sends``: who waits for room makes everything sendable.
    """

    name: str
    title: str
    versions: tuple[str, ...]
    options: tuple[Option, ...] = ()
    constants: Mapping[str, Value] = field(
        default_factory=dict
    )  # attributes of ProducerConfig of no option
    settle: Settle = settles_nothing
    refuse: Refuse = refuses_nothing
    estimate: Estimate | None = None
    early_estimate: Estimate | None = None
    lingers: Lingers = Lingers.NODE
    partitions_per_request: int | None = None
    requests_beyond: int = 0
    forms_ahead: bool = False
    starts_with_one: bool = False
    alone: Alone = Alone.WITH_ONE_IN_FLIGHT
    records_out: int | None = None
    resends: Resends = Resends.TO_THE_FRONT
    timeouts_every_ms: float = 0.0
    full_buffer_sends: bool = True
    frees_when_sent: bool = False
    queued_batches: int | None = None
    keyless: Keyless = Keyless.STICKY_BYTES
    sticky_bytes: int | None = None  # None: batch.size
    key_hash: KeyHash = KeyHash.MURMUR2
    work: Work = Work()
