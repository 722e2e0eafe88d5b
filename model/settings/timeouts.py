"""Timeouts and backoffs: what the client refuses and what it changes.

The model has no failures, so none of these takes effect in it. Units: milliseconds, as in Kafka.
"""

from collections.abc import Iterator

from model.config.checks import require
from model.settings.given import Given
from model.settings.kinds import INT_MAX

DELIVERY, REQUEST, LINGER = "delivery.timeout.ms", "request.timeout.ms", "linger.ms"
BACKOFF, BACKOFF_MAX = "retry.backoff.ms", "retry.backoff.max.ms"
RECONNECT, RECONNECT_MAX = "reconnect.backoff.ms", "reconnect.backoff.max.ms"


def settle_timeouts(given: Given) -> tuple[int, tuple[str, ...]]:
    """The delivery timeout that holds, in ms, and what there is to say.

    Raises ConfigError for a delivery timeout that was set and is too short. Source:
    KafkaProducer.configureDeliveryTimeout.
    """
    delivery_ms = given.whole(DELIVERY)
    least_ms = min(min(given.whole(LINGER), INT_MAX) + given.whole(REQUEST), INT_MAX)
    if given.hidden & {DELIVERY, REQUEST}:
        return delivery_ms, tuple(_notes(given, delivery_ms, 0))
    if given.has(DELIVERY):
        rule = f"at least {LINGER} + {REQUEST} = {least_ms}"
        require(DELIVERY, delivery_ms, rule, delivery_ms >= least_ms)
    return max(delivery_ms, least_ms), tuple(_notes(given, delivery_ms, least_ms))


def _notes(given: Given, delivery_ms: int, least_ms: int) -> Iterator[str]:
    """Sources: KafkaProducer.configureDeliveryTimeout; CommonClientConfigs, its
    postProcessReconnectBackoffConfigs and, from 3.7 on, warnDisablingExponentialBackoff."""
    if delivery_ms < least_ms:
        yield (
            f"{DELIVERY} is raised from {delivery_ms} to {least_ms} because it must not be shorter"
            f" than {LINGER} + {REQUEST}"
        )
    ceiling_ms = given.values.get(BACKOFF_MAX)
    hidden = given.hidden & {BACKOFF, BACKOFF_MAX}
    if ceiling_ms is not None and not hidden and given.whole(BACKOFF) > int(ceiling_ms):
        yield f"{BACKOFF} is above {BACKOFF_MAX}, so every retry waits {ceiling_ms} ms"
    if given.has(RECONNECT) and not given.has(RECONNECT_MAX):
        yield f"{RECONNECT} without {RECONNECT_MAX} makes every reconnect wait the same time"
