"""How many copies of each partition a world has, on how many brokers, and how far apart these are.

What is not said is as production has it: three replicas on three brokers, acks=all refused when
fewer than two are in sync, half a millisecond from broker to broker. Left out: racks, replicas that
are unequally far.
"""

from model import BETWEEN_BROKERS, PRODUCTION_TOPIC, ConfigError, PathConfig, TopicConfig
from model.config.checks import require_count, require_delay_ms
from model.config.cluster import MAX_BROKERS
from model.config.scenario import ONE_RACK

REPLICAS, MIN_INSYNC = PRODUCTION_TOPIC.replicas, PRODUCTION_TOPIC.min_insync_replicas
BETWEEN_MS = BETWEEN_BROKERS.rtt_ms


def placed(
    partitions: int,
    brokers: int | None = None,
    replicas: int | None = None,
    min_insync: int | None = None,
    usual: tuple[int, int] = (REPLICAS, MIN_INSYNC),
) -> TopicConfig:
    """A topic in a cluster; None: not said, and then as many as ``usual`` where there is room.

    Without ``brokers`` there is one for each replica. Raises ConfigError.
    """
    copies = replicas if replicas is not None else min(usual[0], brokers or usual[0])
    if replicas is not None:
        require_count("replicas", replicas, 1, MAX_BROKERS)
    in_sync = min_insync if min_insync is not None else min(usual[1], copies)
    topic = TopicConfig(
        partitions=partitions,
        brokers=copies if brokers is None else brokers,
        replicas=copies,
        min_insync_replicas=in_sync,
    )
    if copies > topic.brokers:
        rule = f"must be at most as many as brokers ({topic.brokers})"
        raise ConfigError("replicas", copies, rule)
    if in_sync > copies:
        rule = f"must be at most as many as replicas ({copies})"
        raise ConfigError("min.insync.replicas", in_sync, rule)
    return topic


def between(topic: TopicConfig, rtt_ms: float) -> PathConfig:
    """The way between brokers that are so far apart (round trip). Raises ConfigError.

    Nothing crosses it where there is one copy, and nobody says how long it is.
    """
    require_delay_ms("replica-rtt-ms", rtt_ms)
    return ONE_RACK if topic.replicas == 1 else PathConfig(rtt_ms=rtt_ms)
