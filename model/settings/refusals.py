"""What some versions refuse in keys that the model leaves aside.

Each rule stands for one check of the client's. Which releases make it was read in their source up
to 3.9; what is said of 4.0 and later is assumed from the deprecations there, not read.
"""

from collections.abc import Mapping

from model.config.checks import ConfigError, require
from model.settings.shown import is_placeholder, shown
from model.settings.versions import KafkaVersion

PROTOCOL, MECHANISM, PARTITIONER = "security.protocol", "sasl.mechanism", "partitioner.class"
TWO_PHASE, TRANSACTION_TIMEOUT = "transaction.two.phase.commit.enable", "transaction.timeout.ms"

_PRODUCER = "org.apache.kafka.clients.producer"
REMOVED_PARTITIONERS = (
    f"{_PRODUCER}.internals.DefaultPartitioner",
    f"{_PRODUCER}.UniformStickyPartitioner",
)


def refuse_what_is_left_aside(texts: Mapping[str, str], kafka: KafkaVersion) -> None:
    """Raise ConfigError where this version's client would not start; texts are trimmed."""
    known = {key: text for key, text in texts.items() if not is_placeholder(text)}
    _refuse_lower_case_protocol(known.get(PROTOCOL, ""), kafka)
    _refuse_sasl_without_mechanism(known.get(PROTOCOL, ""), known.get(MECHANISM), kafka)
    _refuse_removed_partitioner(known.get(PARTITIONER, ""), kafka)
    two_phase = known.get(TWO_PHASE, "").lower() == "true" and kafka.minor >= (4, 1)
    if two_phase and TRANSACTION_TIMEOUT in texts:  # assumed: KIP-939
        raise ConfigError(TRANSACTION_TIMEOUT, "...", f"must not be set when {TWO_PHASE}=true")


def _refuse_lower_case_protocol(protocol: str, kafka: KafkaVersion) -> None:
    """Source: ValidString in ProducerConfig of 3.3.0 to 3.5.0; from 3.5.1 on case is nothing."""
    minds_case = kafka.minor >= (3, 3) and kafka.precedes((3, 5), 1)
    if minds_case:
        rule = f"in capitals for {kafka} (any case from 3.5.1 on)"
        require(PROTOCOL, shown(protocol), rule, protocol == protocol.upper())


def _refuse_sasl_without_mechanism(
    protocol: str, mechanism: str | None, kafka: KafkaVersion
) -> None:
    """Source: CommonClientConfigs.postValidateSaslMechanismConfig, from 3.3 on."""
    if kafka.minor >= (3, 3) and protocol.upper().startswith("SASL_") and mechanism == "":
        raise ConfigError(MECHANISM, "", f"must not be empty when {PROTOCOL}={shown(protocol)}")


def _refuse_removed_partitioner(name: str, kafka: KafkaVersion) -> None:
    """Assumed: deprecated by KIP-794, gone in 4.0; the client then finds no class of that name."""
    if kafka.minor >= (4, 0):
        rule = "another class or left out: Kafka 4.0 removed this one"
        require(PARTITIONER, shown(name), rule, name not in REMOVED_PARTITIONERS)
