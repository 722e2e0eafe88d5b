"""Requests in flight against round-trip time; more than five only without idempotence."""

from types import MappingProxyType

from experiments.kit import outcomes
from experiments.kit.capacity import at_capacity
from experiments.kit.grid import grid
from experiments.kit.replications import Contrast, Replications
from model import PathConfig, ProducerConfig, Scenario

QUESTION = "How many requests in flight are enough at each distance, and what ends their gain?"
AXES = {
    "rtt_ms": (0.2, 1, 2, 5, 10, 50),
    "depth": (1, 2, 3, 4, 5, 6, 8, 10, 15, 20),
}
#: What brokers remember of each producer; above it the client refuses idempotence.
MOST_IDEMPOTENT = 5
OUTCOMES = (
    outcomes.records_per_s,
    outcomes.bound_records_per_s,
    outcomes.in_flight_mean,
    outcomes.request_latency_ms,
    outcomes.limit,
)
POINTS = tuple(
    MappingProxyType({**point, "idempotent": float(point["depth"]) <= MOST_IDEMPOTENT})
    for point in grid(AXES)
)
SMOKE = POINTS[:5]
REPLICATIONS = Replications(
    fewest=3, most=12, contrast=Contrast("records_per_s", "depth", 1), precision=0.03
)


def scenario(*, rtt_ms: float, depth: int, idempotent: bool) -> Scenario:
    """One producer, one partition, Kafka's defaults but for depth and idempotence."""
    producer = ProducerConfig(
        max_in_flight_requests_per_connection=depth, enable_idempotence=idempotent
    )
    return at_capacity(Scenario(path=PathConfig(rtt_ms=rtt_ms), producer=producer))
