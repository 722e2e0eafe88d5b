"""Partitions and brokers, one request in flight and five; also with one broker that gets it all."""

from experiments.kit import outcomes
from experiments.kit.capacity import at_capacity
from experiments.kit.grid import grid
from experiments.kit.replications import Contrast, Replications
from model import PathConfig, ProducerConfig, Scenario, TopicConfig, Workload

QUESTION = "How much do five in flight still gain with many partitions, and do brokers share slots?"
AXES = {
    "rtt_ms": (2,),
    "brokers": (1, 3),
    "records_to": ("all partitions", "one broker's"),
    "partitions": (1, 3, 6, 12, 24, 48, 96),
    "depth": (1, 5),
}
OUTCOMES = (
    outcomes.records_per_s,
    outcomes.records_per_request,
    outcomes.in_flight_mean,
    outcomes.service_ms,
    outcomes.limit,
)
#: Several brokers need a partition each, and one broker alone is always the one that gets it all.
POINTS = tuple(
    point
    for point in grid(AXES)
    if int(point["partitions"]) >= int(point["brokers"])
    and (point["brokers"] != 1 or point["records_to"] == "all partitions")
)
SMOKE = POINTS[:4]
REPLICATIONS = Replications(
    fewest=3, most=6, contrast=Contrast("records_per_s", "depth", 1), precision=0.05
)


def scenario(
    *, rtt_ms: float, brokers: int, records_to: str, partitions: int, depth: int
) -> Scenario:
    """One producer that sends as fast as it can."""
    topic = TopicConfig(partitions=partitions, brokers=brokers)
    cycle = tuple(topic.led_by(0)) if records_to == "one broker's" else ()
    return at_capacity(
        Scenario(
            path=PathConfig(rtt_ms=rtt_ms),
            producer=ProducerConfig(max_in_flight_requests_per_connection=depth),
            workload=Workload(partition_cycle=cycle),
            topic=topic,
        )
    )
