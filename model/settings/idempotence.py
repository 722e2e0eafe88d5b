"""Whether the client ends up idempotent, by version, and what it refuses on the way.

Three rules, each in force for some releases. 3.0.0 and 3.1.0: on only where it, or a
transactional.id, is set (KAFKA-13598). 3.0.1 to 3.9: the default gives way without an error. From
4.0 on (KAFKA-17927): the same, but more than five in flight is refused, unless
enable.idempotence=false is written.
"""

from model.config.checks import ConfigError, require
from model.config.producer import MAX_IN_FLIGHT_IDEMPOTENT
from model.settings.given import Given
from model.settings.versions import KafkaVersion

IDEMPOTENCE = "enable.idempotence"
IN_FLIGHT = "max.in.flight.requests.per.connection"
TRANSACTIONAL_ID = "transactional.id"

Outcome = tuple[bool, tuple[str, ...]]  # whether it is on, and what there is to say about it


def settle_idempotence(given: Given, kafka: KafkaVersion) -> Outcome:
    """Whether the client is idempotent, and why not; ConfigError where this version refuses."""
    if kafka.leaves_idempotence_off:
        return _before_kafka_13598(given, kafka)
    enabled = given.flag(IDEMPOTENCE)
    if enabled and given.has(IDEMPOTENCE):
        _require_what_it_needs(given, f"when {IDEMPOTENCE}=true is set")
    reasons = _reasons_against(given, kafka) if enabled else ()
    enabled = enabled and not reasons
    _require_for_transactions(given, enabled)
    return enabled, reasons


def _before_kafka_13598(given: Given, kafka: KafkaVersion) -> Outcome:
    """Source: ProducerConfig.idempotenceEnabled and maybeOverrideAcksAndRetries of 3.0.0."""
    transactional = given.has(TRANSACTIONAL_ID)
    if given.has(IDEMPOTENCE):
        _require_for_transactions(given, given.flag(IDEMPOTENCE))
    elif not transactional:
        return False, (
            f"idempotence is off: {kafka} leaves it so unless enable.idempotence=true is set,"
            " although its documented default is true (KAFKA-13598)",
        )
    enabled = given.flag(IDEMPOTENCE)
    if enabled:
        asked = TRANSACTIONAL_ID if transactional else f"{IDEMPOTENCE}=true"
        _require_what_it_needs(given, f"when {asked} is set")
    return enabled, ()


def _require_what_it_needs(given: Given, when: str) -> None:
    """The three conditions, in the client's order; source: ProducerConfig."""
    require("retries", given.whole("retries"), f"above 0 {when}", given.whole("retries") > 0)
    require("acks", given.text("acks"), f"all {when}", given.text("acks") == "all")
    _require_five_in_flight(given, when)


def _require_five_in_flight(given: Given, when: str) -> None:
    rule = f"at most {MAX_IN_FLIGHT_IDEMPOTENT} {when}"
    in_flight = given.whole(IN_FLIGHT)
    require(IN_FLIGHT, in_flight, rule, in_flight <= MAX_IN_FLIGHT_IDEMPOTENT)


def _reasons_against(given: Given, kafka: KafkaVersion) -> tuple[str, ...]:
    """What switches off an idempotence that is only the default; empty: nothing does.

    Source: ProducerConfig.postProcessAndValidateIdempotenceConfigs.
    """
    if kafka.minor >= (4, 0):
        _require_five_in_flight(
            given, f"unless {IDEMPOTENCE}=false is set (since 4.0; other acks do not suffice)"
        )
    causes = (
        ("retries", given.whole("retries") == 0),
        ("acks", given.text("acks") != "all"),
        (IN_FLIGHT, given.whole(IN_FLIGHT) > MAX_IN_FLIGHT_IDEMPOTENT),
    )
    return tuple(
        f"idempotence is off because {name}={given.text(name)} was set"
        for name, holds in causes
        if holds
    )


def _require_for_transactions(given: Given, idempotent: bool) -> None:
    """Source: the end of postProcessAndValidateIdempotenceConfigs. The id is not repeated."""
    if given.has(TRANSACTIONAL_ID) and not idempotent:
        raise ConfigError(TRANSACTIONAL_ID, "...", "needs idempotence, which is off")
