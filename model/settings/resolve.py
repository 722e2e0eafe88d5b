"""From the settings that a user wrote to the producer that the model runs.

Pure: text in, values and sentences out. Left out: what has no effect without failures; keys of that
kind are checked as the client checks them, and named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from model.config.producer import Acks, ProducerConfig
from model.settings.given import Given, read_given
from model.settings.idempotence import IDEMPOTENCE, IN_FLIGHT, settle_idempotence
from model.settings.keys import KEYS, NO_TRANSACTIONS
from model.settings.kinds import INT_MAX, Value
from model.settings.timeouts import settle_timeouts
from model.settings.versions import KafkaVersion

ADAPTIVE = "partitioner.adaptive.partitioning.enable"
IGNORE_KEYS = "partitioner.ignore.keys"
CHANGED = "changed by the client"


@dataclass(frozen=True, slots=True)
class Setting:
    """A key with what the client ends up with, where that is from, and the version's default."""

    key: str
    value: str
    origin: str
    default: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the client does with its settings.

    ``values`` has every key that the model acts on or checks; ``notes`` are sentences; ``ignored``
    are pairs of a key and why it is left aside, ``unknown`` of a key and the one probably meant.
    No value of an ignored or unknown key is in here.
    """

    producer: ProducerConfig
    kafka: KafkaVersion
    values: tuple[Setting, ...]
    notes: tuple[str, ...]
    ignored: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str | None], ...]


def resolve(explicit: Mapping[str, str], kafka: KafkaVersion) -> Resolved:
    """What this version's client makes of settings given as text under Kafka's names.

    Raises ConfigError where the client raises ConfigException, where a placeholder hides a value
    that is needed, and for what the model cannot run.
    """
    given = read_given(explicit, kafka)
    idempotent, why_not = settle_idempotence(given, kafka)
    delivery_timeout_ms, about_timeouts = settle_timeouts(given, kafka)
    producer = _producer(given, explicit, idempotent)
    changed: Mapping[str, Value] = {
        IDEMPOTENCE: idempotent,
        "batch.size": producer.batch_size_bytes,
        "delivery.timeout.ms": delivery_timeout_ms,
        ADAPTIVE: producer.partitioner_adaptive_partitioning_enable,
    }
    return Resolved(
        producer=producer,
        kafka=kafka,
        values=tuple(_settings(given, kafka, changed)),
        notes=(*why_not, *about_timeouts, *_other_notes(given, explicit, kafka)),
        ignored=given.ignored,
        unknown=given.unknown,
    )


def _producer(given: Given, explicit: Mapping[str, str], idempotent: bool) -> ProducerConfig:
    """Source: the constructor of KafkaProducer; acks=-1 is all, batch.size=0 is taken as 1."""
    acks = given.text("acks")
    own_partitioner = "partitioner.class" in explicit
    return ProducerConfig(
        acks=cast(Acks, "all" if acks == "-1" else acks),
        enable_idempotence=idempotent,
        max_in_flight_requests_per_connection=given.whole(IN_FLIGHT),
        batch_size_bytes=max(1, given.whole("batch.size")),
        linger_ms=min(given.whole("linger.ms"), INT_MAX),
        buffer_memory_bytes=given.whole("buffer.memory"),
        max_block_ms=given.whole("max.block.ms"),
        max_request_size_bytes=given.whole("max.request.size"),
        send_buffer_bytes=given.whole("send.buffer.bytes"),
        partitioner_adaptive_partitioning_enable=bool(given.values.get(ADAPTIVE, False))
        and not own_partitioner,
        partitioner_ignore_keys=bool(given.values.get(IGNORE_KEYS, False)),
    )


def _settings(given: Given, kafka: KafkaVersion, changed: Mapping[str, Value]) -> Iterator[Setting]:
    """One row for each key that is acted on or checked, that this version knows, and whose value
    no placeholder hides."""
    hidden = {key for key, _ in given.ignored}
    for key, before in ((k, v) for k, v in given.values.items() if k not in hidden):
        after = changed.get(key, before)
        origin = "set" if key in given.explicit else f"default of {kafka}"
        yield Setting(
            key=key,
            value=_written(after),
            origin=origin if after == before else CHANGED,
            default=KEYS[key].default_in(kafka.minor),
        )


def _written(value: Value) -> str:
    """A value as a properties file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _other_notes(given: Given, explicit: Mapping[str, str], kafka: KafkaVersion) -> Iterator[str]:
    """What else the client does, or the model does not, that a user should know."""
    if given.whole("batch.size") == 0:
        yield "batch.size=0 is taken as 1: each record is a batch of its own"
    if "transactional.id" in explicit:
        yield f"{NO_TRANSACTIONS}; the producer is taken as idempotent only"
    if "partitioner.class" in explicit:
        yield "partitioner.class switches adaptive partitioning off; its own choice is not modelled"
    if kafka.minor < (3, 3):
        yield f"{kafka} has no adaptive partitioning (KIP-794 came with 3.3)"
