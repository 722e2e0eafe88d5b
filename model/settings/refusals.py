"""What some versions refuse in keys that the model leaves aside.

Each rule stands for one check of the client's. Which releases make it was read in their source up
to 3.9, and for 4.0 and later measured: their real clients were given such settings.
"""

from collections.abc import Mapping

from model.config.checks import ConfigError, require
from model.settings.kinds import trimmed
from model.settings.shown import is_placeholder, shown
from model.settings.versions import KafkaVersion
from model.units import KIB

SERVERS, PROTOCOL, MECHANISM = "bootstrap.servers", "security.protocol", "sasl.mechanism"
PARTITIONER, RACK_AWARE, RACK = "partitioner.class", "partitioner.rack.aware", "client.rack"
TWO_PHASE, TRANSACTION_TIMEOUT = "transaction.two.phase.commit.enable", "transaction.timeout.ms"
STRATEGY, COMPRESSION = "buffer.memory.allocation.strategy", "compression.type"

#: Every key whose value is a list.
LISTS = (
    *(SERVERS, "metric.reporters", "interceptor.classes", "config.providers"),
    *("ssl.cipher.suites", "ssl.enabled.protocols", "sasl.oauthbearer.expected.audience"),
)
#: Measured: with smaller batches 4.4.0 takes INCREMENTAL for FULL, and compression with it.
CHUNK_BYTES = 16 * KIB

_PRODUCER = "org.apache.kafka.clients.producer"
REMOVED_PARTITIONERS = (
    f"{_PRODUCER}.internals.DefaultPartitioner",
    f"{_PRODUCER}.UniformStickyPartitioner",
)


def refuse_in_version(name: str, text: str, kafka: KafkaVersion) -> None:
    """Raise ConfigError for a value, trimmed, that this version's client does not read."""
    if name == PROTOCOL:
        _refuse_lower_case_protocol(text, kafka)
    elif name == PARTITIONER:
        _refuse_removed_partitioner(text, kafka)
    elif name in LISTS and kafka.minor >= (4, 2):
        _refuse_empty_members(name, text)


def refuse_after_reading(texts: Mapping[str, str], kafka: KafkaVersion) -> None:
    """What the client checks once it has read every key; texts are trimmed.

    Source: CommonClientConfigs.postValidateSaslMechanismConfig, from 3.3 on.
    """
    protocol, no_mechanism = texts.get(PROTOCOL, ""), texts.get(MECHANISM) == ""
    if kafka.minor >= (3, 3) and protocol.upper().startswith("SASL_") and no_mechanism:
        raise ConfigError(MECHANISM, "", f"must not be empty when {PROTOCOL}={shown(protocol)}")


def refuse_after_idempotence(texts: Mapping[str, str], kafka: KafkaVersion) -> None:
    """What the client checks once it knows whether it is idempotent; source: KIP-939."""
    if kafka.minor >= (4, 1) and _is_true(texts, TWO_PHASE) and TRANSACTION_TIMEOUT in texts:
        raise ConfigError(TRANSACTION_TIMEOUT, "...", f"must not be set when {TWO_PHASE}=true")


def refuse_after_timeouts(texts: Mapping[str, str], batch_bytes: int, kafka: KafkaVersion) -> None:
    """What the client checks last: racks and KIP-1332's buffers, measured with 4.4.0."""
    if kafka.minor >= (4, 4) and _is_true(texts, RACK_AWARE):
        require(RACK, "", f"given when {RACK_AWARE}=true", bool(texts.get(RACK)))
    incremental = texts.get(STRATEGY, "").upper() == "INCREMENTAL" and batch_bytes >= CHUNK_BYTES
    if kafka.minor >= (4, 4) and incremental:
        codec = texts.get(COMPRESSION, "none")
        rule = f"none when {STRATEGY}=incremental, or batch.size below {CHUNK_BYTES}"
        require(COMPRESSION, shown(codec), rule, codec == "none" or is_placeholder(codec))
    require(SERVERS, "", "one address or more", texts.get(SERVERS) != "")


def _is_true(texts: Mapping[str, str], name: str) -> bool:
    return texts.get(name, "").lower() == "true"


def _refuse_lower_case_protocol(protocol: str, kafka: KafkaVersion) -> None:
    """Source: ValidString in ProducerConfig of 3.3.0 to 3.5.0; from 3.5.1 on case is nothing."""
    minds_case = kafka.minor >= (3, 3) and kafka.precedes((3, 5), 1)
    if minds_case:
        rule = f"in capitals for {kafka} (any case from 3.5.1 on)"
        require(PROTOCOL, shown(protocol), rule, protocol == protocol.upper())


def _refuse_removed_partitioner(name: str, kafka: KafkaVersion) -> None:
    """Deprecated by KIP-794, gone in 4.0; the client then finds no class of that name."""
    if kafka.minor >= (4, 0):
        rule = "another class or left out: Kafka 4.0 removed this one"
        require(PARTITIONER, shown(name), rule, name not in REMOVED_PARTITIONERS)


def _refuse_empty_members(name: str, text: str) -> None:
    """Measured from 4.2 on (KIP-1161): a list may be empty, but for the one of the brokers."""
    members = text.split(",") if text else []
    require(name, shown(text), "a list without an empty member", all(map(trimmed, members)))
    require(name, "", "one address or more", name != SERVERS or bool(members))
