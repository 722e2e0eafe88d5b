"""Timeouts and backoffs: what the client refuses and what it changes.

They matter once something fails. Units: milliseconds, as in Kafka.
"""

from collections.abc import Iterator

from model.config.checks import require
from model.settings.given import Given
from model.settings.kinds import INT_MAX
from model.settings.versions import KafkaVersion

DELIVERY, REQUEST, LINGER = "delivery.timeout.ms", "request.timeout.ms", "linger.ms"
BACKOFF, BACKOFF_MAX = "retry.backoff.ms", "retry.backoff.max.ms"
SETUP = "socket.connection.setup.timeout.ms"
SETUP_MAX = "socket.connection.setup.timeout.max.ms"
RETRY_JITTER = 0.2  # read: CommonClientConfigs.RETRY_BACKOFF_JITTER
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


def backoffs(given: Given, kafka: KafkaVersion) -> dict[str, float]:
    """The backoffs as attributes of the producer's config.

    Before 3.7 retries wait the same time, without jitter (KIP-580). A reconnect backoff that is set
    alone does not grow (CommonClientConfigs.postProcessReconnectBackoffConfigs).
    """
    exponential = kafka.minor >= (3, 7)
    reconnect_ms, reconnect_max_ms = given.whole(RECONNECT), given.whole(RECONNECT_MAX)
    if given.has(RECONNECT) and not given.has(RECONNECT_MAX):
        reconnect_max_ms = reconnect_ms
    return {
        "retry_backoff_ms": given.whole(BACKOFF),
        "retry_backoff_max_ms": given.whole(BACKOFF_MAX) if exponential else given.whole(BACKOFF),
        "retry_backoff_jitter": RETRY_JITTER if exponential else 0.0,
        "reconnect_backoff_ms": reconnect_ms,
        "reconnect_backoff_max_ms": reconnect_max_ms,
    }


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
