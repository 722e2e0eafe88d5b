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
    Tell,
    Value,
    Values,
    refuses_nothing,
    settles_nothing,
    tells_nothing,
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
    NEVER = "not even with one request in flight"


class Resends(Enum):
    """Where batches go that are to be sent again, without sequence numbers (same place)."""

    TO_THE_FRONT = "each to the front: several are reversed"
    SORTED = "by the order of their records, with boundaries drawn anew"
    REWOUND = "with all that was sent after the first of them, in order"


class Counts(Enum):
    """From where to where a client's own request latency counts (outcome.run)."""

    FORMED_TO_HANDLED = "from its batches being taken until its answer was acted on"
    SENT_TO_READ = "from the beginning of its being written until its answer was read"
    WRITTEN_TO_READ = "from its being wholly in the socket until its answer was read"


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

    A record's key and value come on top of ``record_bytes``. ``of_next``: only the record that is
    to be added is estimated, those in the batch count with the bytes that they take.
    """

    batch_bytes: int
    record_bytes: int
    of_next: bool = False

    def takes(self, records: int, size_bytes: int, payload_bytes: int, limit_bytes: int) -> bool:
        """Whether a batch takes one more and then has so many; its size and a record's payload."""
        record_bytes = self.record_bytes + payload_bytes
        if self.of_next:
            return size_bytes + self.batch_bytes + record_bytes <= limit_bytes
        return self.batch_bytes + records * record_bytes <= limit_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Its options for what all clients have, so that all can be asked for the same.

    ``idempotent`` and ``plain``: what makes it idempotent, and what not. ``in_flight``: how many
    requests a broker may have unanswered, empty where there is no such option;
    ``in_flight_idempotent`` where that differs. ``batch_bytes``: how large a batch may be;
    ``linger_ms``: how long it waits for more, empty where it does not.
    """

    idempotent: Values
    plain: Values
    batch_bytes: str
    in_flight: str = ""
    in_flight_idempotent: str | None = None
    linger_ms: str = ""

    def asked(self, idempotent: bool, in_flight: int, batch_bytes: int) -> dict[str, str]:
        """Options for this; of requests in flight only where there is an option for them."""
        texts = {
            name: str(value)
            for name, value in (self.idempotent if idempotent else self.plain).items()
        }
        if depth := self.depth(idempotent):
            texts[depth] = str(in_flight)
        return {**texts, self.batch_bytes: str(batch_bytes)}

    def depth(self, idempotent: bool) -> str:
        """The option for requests in flight, empty where there is none."""
        if idempotent and self.in_flight_idempotent is not None:
            return self.in_flight_idempotent
        return self.in_flight


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a client's own code takes, in microseconds; None: as the machine's constants say.

    ``append_us`` of the application's thread, for each record; of the thread that sends: for each
    request, half of it to send and half to read the answer, for each byte of it, and for each
    record that it has carried. ``wake_us`` and ``wake_after_us``: how late a thread runs that slept
    (:class:`model.config.cluster.MachineConfig`). ``origin`` says how each is known.
    """

    append_us: float | None = None
    request_us: float | None = None
    record_us: float | None = None
    byte_us: float | None = None
    wake_us: float | None = None
    wake_after_us: float | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One client. ``name`` is what `--client` takes; releases from ``oldest`` to ``newest`` differ
    by what its options say; before each version of ``older``, by its rules too.

    ``estimate`` cuts batches (None: the bytes that they take), ``early_estimate`` until the first
    answer has come. ``fills_by_estimate``: of what the codec will make of it; others fill a batch
    with records as they are. ``partitions_per_request`` None: all that have something.
    ``own_connections``: each partition has one of its own; where leaders move it shares its
    broker's. So many requests as ``requests_beyond`` go out on one connection beside those that its
    setting allows; ``forms_ahead`` says whether one more is formed and waits with its content
    frozen; ``starts_with_one``: until the first answer of a connection and the last success of a
    partition. ``records_out`` of one partition close it, where the producer is idempotent.
    ``frees_when_sent``: room in the buffer comes back when a batch leaves, not with its answer;
    ``queued_batches``: so many of one partition wait at most. ``timeouts_every_ms`` is how often it
    looks for them; ``counts_waits``: that there is no broker to send to is a failed try.
    ``full_buffer_sends``: who waits for room makes everything sendable. ``splits``: a batch that
    the broker refuses as too large is cut into such as batch.size allows; others let it fail.
    ``delivery_covers_request``: delivery.timeout.ms must not be shorter than linger.ms and
    request.timeout.ms together.
    """

    name: str
    title: str
    names: Names
    oldest: str = ""
    newest: str = ""
    options: tuple[Option, ...] = ()
    constants: Mapping[str, Value] = field(
        default_factory=dict
    )  # attributes of ProducerConfig of no option
    families: tuple[str, ...] = ()  # beginnings of names that are known and left aside
    refuses_unknown: bool = False
    older: tuple[tuple[str, "Profile"], ...] = ()
    settle: Settle = settles_nothing
    refuse: Refuse = refuses_nothing
    tell: Tell = tells_nothing
    estimate: Estimate | None = None
    early_estimate: Estimate | None = None
    fills_by_estimate: bool = False
    lingers: Lingers = Lingers.NODE
    partitions_per_request: int | None = None
    own_connections: bool = False
    requests_beyond: int = 0
    forms_ahead: bool = False
    starts_with_one: bool = False
    alone: Alone = Alone.WITH_ONE_IN_FLIGHT
    records_out: int | None = None
    resends: Resends = Resends.TO_THE_FRONT
    timeouts_every_ms: float = 0.0
    counts_waits: bool = False
    full_buffer_sends: bool = True
    delivery_covers_request: bool = False
    splits: bool = False
    frees_when_sent: bool = False
    queued_batches: int | None = None
    keyless: Keyless = Keyless.STICKY_BYTES
    sticky_bytes: int | None = None  # None: batch.size
    key_hash: KeyHash = KeyHash.MURMUR2
    latency: Counts = Counts.FORMED_TO_HANDLED
    work: Work = Work()
