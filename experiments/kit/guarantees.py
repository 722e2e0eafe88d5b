"""What a producer's settings promise, in words: order, duplicates, records that are lost.

Sources: the documentation of ``acks``, ``enable.idempotence`` and ``retries`` in
ProducerConfig.java; what faults do to each producer is simulated by `inflight faults`. Left out:
transactions, producers that are started anew, unclean elections.
"""

from experiments.files.topic import TopicSettings
from model.config.producer import ProducerConfig

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
    if depth == 1:
        return "kept within a partition, but a late duplicate may stand after newer records"
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
    copies = f"{least} brokers" if least and least > 1 else "min.insync.replicas brokers"
    return f"not lost while one of the in-sync replicas is left; at least {copies} have them"


def _failure(producer: ProducerConfig) -> str:
    if producer.acks == "0":
        return "are not told to the application"
    if producer.delivery_timeout_ms >= ENDLESS_MS:
        return "none within 24 days: the client tries on, and the application waits"
    after_s = producer.delivery_timeout_ms / 1_000
    return f"are told to the application, {after_s:g} s after the send at the latest"
