"""The three producers that are compared, made from the user's own settings.

One in flight as people set it for order's sake, five in flight as the idempotent producer has it,
and five in flight without idempotence. Everything else is the user's.
"""

from collections.abc import Mapping

from model import ConfigError, ProducerConfig
from model.settings import KafkaVersion, resolve

IN_FLIGHT = "max.in.flight.requests.per.connection"
IDEMPOTENCE = "enable.idempotence"

ONE = "one in flight"
FIVE = "five in flight, idempotent"
FIVE_PLAIN = "five in flight, not idempotent"
LABELS = (ONE, FIVE, FIVE_PLAIN)

CHANGES: Mapping[str, Mapping[str, str]] = {
    ONE: {IN_FLIGHT: "1", IDEMPOTENCE: "false"},
    FIVE: {IN_FLIGHT: "5", IDEMPOTENCE: "true", "acks": "all"},
    FIVE_PLAIN: {IN_FLIGHT: "5", IDEMPOTENCE: "false"},
}


def contenders(explicit: Mapping[str, str], kafka: KafkaVersion) -> dict[str, ProducerConfig]:
    """Each contender's settings as this version's client ends up with them.

    Raises ConfigError where the user asks for five in flight and, with other acks than all, for
    something that cannot be idempotent, without saying that it need not be.
    """
    acks = explicit.get("acks", "all")
    pipelined = explicit.get(IN_FLIGHT, "1") != "1"
    plain = explicit.get(IDEMPOTENCE, "").lower() == "false"
    if acks not in ("all", "-1") and pipelined and not plain:
        raise ConfigError("acks", acks, f"must be all for {explicit[IN_FLIGHT]} idempotent requests"
                          f" in flight (or set {IDEMPOTENCE}=false: order and duplicates are then"
                          " not guaranteed)")
    return {label: resolve(_changed(explicit, label), kafka).producer for label in LABELS}


def _changed(explicit: Mapping[str, str], label: str) -> dict[str, str]:
    """The user's settings with a contender's own; retries=0 goes where idempotence needs them."""
    kept = dict(explicit)
    if label == FIVE and kept.get("retries") == "0":
        del kept["retries"]
    kept.pop("transactional.id", None)  # transactions are not modelled and need idempotence
    return kept | dict(CHANGES[label])
