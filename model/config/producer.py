"""The producer's settings that the model acts on, under Kafka's names.

Kafka's dots are underscores here, and a unit is added where Kafka's name has none. A value of this
class is what the client *ends up with*: which defaults a version has, and what it silently changes,
is decided in :mod:`model.settings`. Left out: transactions.
"""

from dataclasses import dataclass
from typing import Literal

from model.clients import PROFILES, RULES
from model.clients.profile import Alone, Profile
from model.config.checks import require, require_at_least, require_count
from model.config.compression import CODECS, NO_CODEC, CodecName, require_level
from model.config.kinds import settle_kinds
from model.config.security import PROTOCOLS, Protocol, TlsVersion, require_tls
from model.units import KIB, MIB

Acks = Literal["0", "1", "all"]
RecoveryStrategy = Literal["none", "rebootstrap"]
#: Read: acks is text to Kafka, and -1 another word for all (ProducerConfig.parseAcks).
WRITTEN_AS: dict[str, Acks] = {"0": "0", "1": "1", "-1": "all"}

#: Read: RA.append allocates at most what BufferPool has; larger than the pool never succeeds.
MAX_BATCH_SIZE_BYTES = 1024 * MIB
MAX_IN_FLIGHT_IDEMPOTENT = 5  # read: ProducerStateEntry.NUM_BATCHES_TO_RETAIN on the broker
MOST_OF_A_ROUND = 100  # ours: of more than that no window has whole rounds
MOST_RECORDS_BUFFERED = 2**40  # ours: where a client counts records and sets no limit


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerConfig:
    """Settings of one producer; the defaults are those of Kafka 4.4 (ProducerConfig.java).

    ``client`` says whose rules it keeps, by its name (:mod:`model.clients`); all else stays as it
    is given here, under Kafka's names. With its own defaults, and under its own names, a client is
    made by :func:`model.settings.producer_of`.

    Raises ConfigError on construction for a value or a combination that the client refuses.
    """

    acks: Acks = "all"  # kept as text; 0, 1 and -1 are taken too
    enable_idempotence: bool = True
    max_in_flight_requests_per_connection: int = 5
    batch_size_bytes: int = 16 * KIB
    linger_ms: float = 5.0
    compression_type: CodecName = "none"
    compression_level: int | None = None  # compression.<type>.level; None: the codec's default
    security_protocol: Protocol = "PLAINTEXT"
    sasl_mechanism: str = "GSSAPI"
    tls_version: TlsVersion = "TLSv1.3"  # the newest of ssl.enabled.protocols
    buffer_memory_bytes: int = 32 * MIB
    max_block_ms: float = 60_000.0
    max_request_size_bytes: int = 1 * MIB
    send_buffer_bytes: int = 128 * KIB  # -1: the operating system's own choice
    partitioner_adaptive_partitioning_enable: bool = True
    partitioner_ignore_keys: bool = False
    retries: int = 2**31 - 1
    delivery_timeout_ms: float = 120_000.0
    request_timeout_ms: float = 30_000.0
    retry_backoff_ms: float = 100.0
    retry_backoff_max_ms: float = 1_000.0
    retry_backoff_jitter: float = 0.2  # not a setting: 0.2 from Kafka 3.7 on, 0 before
    reconnect_backoff_ms: float = 50.0
    reconnect_backoff_max_ms: float = 1_000.0
    socket_connection_setup_timeout_ms: float = 10_000.0
    socket_connection_setup_timeout_max_ms: float = 30_000.0
    metadata_max_age_ms: float = 300_000.0
    metadata_recovery_strategy: RecoveryStrategy = "rebootstrap"  # "none" before Kafka 4.0
    produce_answers_name_leaders: bool = True  # not a setting: KIP-951, from Kafka 3.7 on
    client: str = "java"
    # No settings of Kafka's client, but of others:
    produce_timeout_ms: float | None = None  # what a broker waits for followers; None: as a client
    batch_records: int = MOST_RECORDS_BUFFERED  # in a batch
    buffer_records: int | None = None  # counted, in the place of buffer.memory's bytes
    buffer_partition_records: int = 0  # room for so many more for each partition
    sticky_partitioning_linger_ms: float = 0.0  # records without key stay on a partition so long

    def __post_init__(self) -> None:
        object.__setattr__(self, "acks", WRITTEN_AS.get(str(self.acks), self.acks))
        settle_kinds(self)
        require("client", self.client, f"one of {', '.join(PROFILES)}", self.client in RULES)
        require("acks", self.acks, "one of 0, 1, all", self.acks in ("0", "1", "all"))
        require_count(
            "max.in.flight.requests.per.connection",
            self.max_in_flight_requests_per_connection,
            1,
            1_000_000,
        )
        require_count("batch.size", self.batch_size_bytes, 1, MAX_BATCH_SIZE_BYTES)
        require_count("buffer.memory", self.buffer_memory_bytes, 1, 2**63 - 1)
        require_count("batch_records", self.batch_records, 1, MOST_RECORDS_BUFFERED)
        if self.buffer_records is not None:
            require_count("buffer_records", self.buffer_records, 1, MOST_RECORDS_BUFFERED)
        more = self.buffer_partition_records
        require_count("buffer_partition_records", more, 0, MOST_RECORDS_BUFFERED)
        if self.produce_timeout_ms is not None:
            require_at_least("produce_timeout_ms", self.produce_timeout_ms, 0)
        require_at_least("sticky_partitioning_linger_ms", self.sticky_partitioning_linger_ms, 0)
        require_count("max.request.size", self.max_request_size_bytes, 1, 2**31 - 1)
        require_count("send.buffer.bytes", self.send_buffer_bytes, -1, 2**31 - 1)
        require_at_least("linger.ms", self.linger_ms, 0)
        codecs = (NO_CODEC, *CODECS)
        rule = f"one of {', '.join(codecs)}"
        require("compression.type", self.compression_type, rule, self.compression_type in codecs)
        require_level(self.compression_type, self.compression_level)
        rule = f"one of {', '.join(PROTOCOLS)}"
        known = self.security_protocol in PROTOCOLS
        require("security.protocol", self.security_protocol, rule, known)
        require_tls(self.tls_version)
        require_at_least("max.block.ms", self.max_block_ms, 0)
        require_count("retries", self.retries, 0, 2**31 - 1)
        self._require_times()
        require(
            "batch.size",
            self.batch_size_bytes,
            f"at most buffer.memory ({self.buffer_memory_bytes}), or no batch is ever opened",
            self.batch_size_bytes <= self.buffer_memory_bytes or self.buffer_records is not None,
        )
        if self.enable_idempotence:
            self._require_what_idempotence_needs()

    def _require_times(self) -> None:
        """Source of the last rule: KafkaProducer.configureDeliveryTimeout."""
        for name in (
            "delivery.timeout.ms",
            "request.timeout.ms",
            "retry.backoff.ms",
            "retry.backoff.max.ms",
            "reconnect.backoff.ms",
            "reconnect.backoff.max.ms",
            "socket.connection.setup.timeout.ms",
            "socket.connection.setup.timeout.max.ms",
            "metadata.max.age.ms",
        ):
            require_at_least(name, getattr(self, name.replace(".", "_")), 0)
        if not self.profile.delivery_covers_request:
            return
        least_ms = self.linger_ms + self.request_timeout_ms
        rule = f"at least linger.ms + request.timeout.ms = {least_ms:g}"
        delivery_ms = self.delivery_timeout_ms
        require("delivery.timeout.ms", delivery_ms, rule, delivery_ms >= min(least_ms, 2**31 - 1))

    def _require_what_idempotence_needs(self) -> None:
        """Source: ProducerConfig.postProcessAndValidateIdempotenceConfigs."""
        require("retries", self.retries, "above 0 when enable.idempotence=true", self.retries > 0)
        require("acks", self.acks, "all when enable.idempotence=true", self.acks == "all")
        in_flight = self.max_in_flight_requests_per_connection
        require(
            "max.in.flight.requests.per.connection",
            in_flight,
            "at most 5 when enable.idempotence=true",
            in_flight <= MAX_IN_FLIGHT_IDEMPOTENT,
        )

    @property
    def profile(self) -> Profile:
        """The rules of its client."""
        return RULES[self.client]

    def requests_of_a_round(self, partitions: int) -> int:
        """Requests that go out together on a connection to the leader of so many partitions.

        As many as may be in flight, or as its rule for one partition lets out; 1 where neither is a
        limit that is ever reached.
        """
        most = self.max_in_flight_requests_per_connection + self.profile.requests_beyond
        if not self.profile.options:  # Java's
            return most
        if self.guarantees_message_order or (self.profile.records_out and self.enable_idempotence):
            most = min(most, partitions)
        return most if most <= MOST_OF_A_ROUND else 1

    @property
    def guarantees_message_order(self) -> bool:
        """Whether a partition is muted while a batch of it is out (KafkaProducer.newSender)."""
        alone = self.profile.alone
        if alone is Alone.NEVER:
            return False
        return (
            self.max_in_flight_requests_per_connection == 1
            or alone is Alone.ALWAYS
            or (alone is Alone.WITH_IDEMPOTENCE and self.enable_idempotence)
        )
