"""From the settings that a user wrote to the producer that the model runs.

Pure: text in, values and sentences out. Keys without an effect in the model are checked as the
client checks them, and named. Left out: whether addresses resolve and classes can be loaded, which
only the client can tell.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from model.config.compression import CodecName
from model.config.producer import Acks, ProducerConfig
from model.config.security import Protocol, newest_tls
from model.settings.given import Given, read_given
from model.settings.idempotence import IDEMPOTENCE, IN_FLIGHT, TRANSACTIONAL_ID, settle_idempotence
from model.settings.keys import KEYS
from model.settings.kinds import INT_MAX, Value, trimmed
from model.settings.refusals import (
    MECHANISM,
    PARTITIONER,
    PROTOCOL,
    refuse_after_idempotence,
    refuse_after_timeouts,
)
from model.settings.resolved import NO_ORIGINS, Resolved, Setting, written
from model.settings.timeouts import (
    LINGER,
    RECONNECT_MAX,
    REQUEST,
    SETUP,
    SETUP_MAX,
    backoffs,
    settle_timeouts,
)
from model.settings.versions import KafkaVersion

ADAPTIVE = "partitioner.adaptive.partitioning.enable"
IGNORE_KEYS = "partitioner.ignore.keys"
RECOVERY = "metadata.recovery.strategy"
#: Read: KIP-951, what a produce answer of version 10 says of leaders.
NAMES_LEADERS = (3, 7)
CHANGED = "changed by the client"


def resolve(
    explicit: Mapping[str, str], kafka: KafkaVersion, origins: Mapping[str, str] = NO_ORIGINS
) -> Resolved:
    """What this version's client makes of settings given as text under Kafka's names.

    ``origins`` says in words where a setting was given, by its key; "set" where it says nothing.

    Raises ConfigError where the client raises ConfigException, where a placeholder hides a value
    that is needed, and for what the model cannot run.
    """
    texts = {name: trimmed(text) for name, text in explicit.items()}
    given = read_given(texts, kafka)
    idempotent, why_not = settle_idempotence(given, kafka)
    refuse_after_idempotence(texts, kafka)
    delivery_timeout_ms, about_timeouts = settle_timeouts(given)
    refuse_after_timeouts(texts, given.whole("batch.size"), kafka)
    backs_off = backoffs(given, kafka)
    producer = _producer(given, kafka, idempotent, delivery_timeout_ms, backs_off)
    changed: Mapping[str, Value] = {
        IDEMPOTENCE: idempotent,
        "batch.size": producer.batch_size_bytes,
        LINGER: min(given.whole(LINGER), INT_MAX),
        "delivery.timeout.ms": delivery_timeout_ms,
        RECONNECT_MAX: backs_off["reconnect_backoff_max_ms"],
        ADAPTIVE: producer.partitioner_adaptive_partitioning_enable,
    }
    return Resolved(
        producer=producer,
        kafka=kafka,
        values=tuple(_settings(given, kafka, changed, origins)),
        notes=(*why_not, *about_timeouts, *_other_notes(given, kafka)),
        ignored=given.ignored,
        unknown=given.unknown,
    )


def _producer(
    given: Given,
    kafka: KafkaVersion,
    idempotent: bool,
    delivery_timeout_ms: int,
    backs_off: Mapping[str, Any],
) -> ProducerConfig:
    """Source: the constructor of KafkaProducer; batch.size=0 is taken as 1."""
    restarts = str(given.values.get(RECOVERY, "none")).lower() == "rebootstrap"
    linger_ms = min(given.whole(LINGER), INT_MAX)
    adaptive = given.values.get(ADAPTIVE, False) and not given.has(PARTITIONER)
    codec = given.text("compression.type")
    level = f"compression.{codec}.level"
    return ProducerConfig(
        acks=cast(Acks, given.text("acks")),
        enable_idempotence=idempotent,
        max_in_flight_requests_per_connection=given.whole(IN_FLIGHT),
        batch_size_bytes=max(1, given.whole("batch.size")),
        linger_ms=linger_ms,
        compression_type=cast(CodecName, codec),
        compression_level=given.whole(level) if given.has(level) else None,
        security_protocol=cast(Protocol, given.text(PROTOCOL).upper()),
        sasl_mechanism=given.text(MECHANISM),
        tls_version=newest_tls(given.text("ssl.enabled.protocols")),
        buffer_memory_bytes=given.whole("buffer.memory"),
        max_block_ms=given.whole("max.block.ms"),
        max_request_size_bytes=given.whole("max.request.size"),
        send_buffer_bytes=given.whole("send.buffer.bytes"),
        partitioner_adaptive_partitioning_enable=bool(adaptive),
        partitioner_ignore_keys=bool(given.values.get(IGNORE_KEYS, False)),
        retries=given.whole("retries"),
        # of two timeouts one may be hidden, and the other too short for its default
        delivery_timeout_ms=max(delivery_timeout_ms, linger_ms + given.whole(REQUEST)),
        request_timeout_ms=given.whole(REQUEST),
        **backs_off,
        socket_connection_setup_timeout_ms=max(0, given.whole(SETUP)),
        socket_connection_setup_timeout_max_ms=max(0, given.whole(SETUP_MAX)),
        metadata_max_age_ms=given.whole("metadata.max.age.ms"),
        metadata_recovery_strategy="rebootstrap" if restarts else "none",
        produce_answers_name_leaders=kafka.minor >= NAMES_LEADERS,
    )


def _settings(
    given: Given, kafka: KafkaVersion, changed: Mapping[str, Value], origins: Mapping[str, str]
) -> Iterator[Setting]:
    """One row for each key that is acted on or checked, that this version knows, and whose value
    no placeholder hides."""
    for key, before in given.values.items():
        if key in given.hidden:
            continue
        after = changed.get(key, before)
        explicit = key in given.explicit
        origin = origins.get(key, "set") if explicit else f"default of {kafka}"
        yield Setting(
            key=key,
            value=written(after),
            origin=origin if after == before else CHANGED,
            default=KEYS[key].default_in(kafka.minor),
            given=explicit,
            changed=after != before,
        )


def _other_notes(given: Given, kafka: KafkaVersion) -> Iterator[str]:
    """What else the client does, or the model does not, that a user should know."""
    if given.whole("batch.size") == 0:
        yield "batch.size=0 is taken as 1: each record is a batch of its own"
    if given.has(TRANSACTIONAL_ID):
        yield "transactions are not modelled: the producer is taken as idempotent only"
    if given.has(PARTITIONER):
        yield "partitioner.class switches adaptive partitioning off; its own choice is not modelled"
    if kafka.minor < (3, 3):
        yield f"{kafka} spreads records without regard to queues: KIP-794 came with 3.3"
