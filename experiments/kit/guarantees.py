"""What a producer's settings promise, in words: order, duplicates, records that are lost.

Sources: the documentation of ``acks``, ``enable.idempotence`` and ``retries`` in
ProducerConfig.java; what faults do to each producer is simulated by `inflight faults`. Left out:
transactions, producers that are started anew, unclean elections.
"""

from experiments.files.topic import TopicSettings
from experiments.kit.words import count, ms
from model.clients.profile import Resends
from model.config.producer import ProducerConfig

#: Source: min.insync.replicas in ServerConfigs and TopicConfig, 1 by default.
UNKNOWN_COPIES = (
    "at least min.insync.replicas brokers must have had them, which is 1, the leader alone, unless"
    " the topic or its brokers say otherwise"
)
ENDLESS_MS = 2**31 - 1


def guarantees(producer: ProducerConfig, topic: TopicSettings) -> dict[str, str]:
    """Answers by what is asked."""
    return {
        "order": _order(producer),
        "duplicates": _duplicates(producer),
        "acknowledged records": _loss(producer, topic),
        "records that fail": _failure(producer),
    }


def _order(producer: ProducerConfig) -> str:
    depth = producer.max_in_flight_requests_per_connection
    if producer.enable_idempotence:
        return "kept within a partition, also when requests are sent again"
    if producer.retries == 0 or producer.acks == "0":
        return "kept within a partition, since nothing is sent again; what is lost leaves a gap"
    if depth == 1 or producer.guarantees_message_order:
        return (
            "first copies are in order, but a late duplicate may stand after newer records: where"
            " the last write of a key wins, that is not kept order"
        )
    if producer.profile.resends is not Resends.TO_THE_FRONT:
        return (
            "kept when a connection is lost, after which all that was on its way is sent again in"
            " order, as late duplicates; not kept where a broker refuses one request and writes the"
            " next"
        )
    return f"not kept when a request is sent again: up to {depth - 1} newer ones may be before it"


def _duplicates(producer: ProducerConfig) -> str:
    if producer.enable_idempotence:
        return "none: brokers find what they have already written"
    if producer.retries == 0 or producer.acks == "0":
        return "none: the client sends nothing again"
    return "possible: what is sent again because its answer was lost is written twice"


def _loss(producer: ProducerConfig, topic: TopicSettings) -> str:
    if producer.acks == "0":
        return "there are none: the client waits for no answer, and what is lost goes unnoticed"
    if topic.replicas == 1:
        return "lost with the only copy's disk"
    if producer.acks == "1":
        return "lost if the leader fails before a follower has copied them"
    least = topic.min_insync_replicas
    copies = f"at least {count(least, 'broker')} must have had them" if least else UNKNOWN_COPIES
    return f"not lost while one of the in-sync replicas is left; {copies}"


def _failure(producer: ProducerConfig) -> str:
    if producer.acks == "0":
        return "are not told to the application"
    if producer.retries == 0:
        return "are told to the application at the first error or lost answer: nothing is retried"
    waits_ms = _retries_ms(producer)
    if producer.profile.counts_waits:
        return (
            f"are told to the application after {_counted_retries(producer.retries)}, which a"
            " broker that is not there uses up too: within about"
            f" {ms(waits_ms)}; an election takes longer"
        )
    if waits_ms < producer.delivery_timeout_ms:
        return (
            f"are told to the application after {_counted_retries(producer.retries)}: where a"
            f" broker answers with errors these are used up within about {ms(waits_ms)}, and"
            f" delivery.timeout.ms={producer.delivery_timeout_ms:.0f} is not reached"
        )
    if producer.delivery_timeout_ms >= ENDLESS_MS:
        return "none within 24 days: the client tries on, and the application waits"
    after_s = producer.delivery_timeout_ms / 1_000
    return f"are told to the application, {after_s:g} s after the send at the latest"


def _retries_ms(producer: ProducerConfig) -> float:
    """What all retries wait together, without jitter and round trips.

    Source: ExponentialBackoff; from then on that it is longer than the client tries, some more.
    """
    wait_ms, total_ms = producer.retry_backoff_ms, 0.0
    for retry in range(producer.retries):
        if total_ms >= producer.delivery_timeout_ms:
            break
        if wait_ms >= producer.retry_backoff_max_ms:  # all that follow wait as long
            return total_ms + (producer.retries - retry) * producer.retry_backoff_max_ms
        total_ms += wait_ms
        wait_ms *= 2
    return total_ms


def _counted_retries(retries: int) -> str:
    return "one retry" if retries == 1 else f"{retries:,} retries"
