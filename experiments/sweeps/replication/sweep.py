"""acks and the replicas' distance, one request in flight and five.

The producer is in the leader's rack; the followers are as far away as ``replica_rtt_ms`` says, all
of them alike, and pull. ``acks`` "all" waits until every in-sync replica has the records.
"""

from dataclasses import replace

from experiments.kit import outcomes
from experiments.kit.capacity import at_capacity
from experiments.kit.grid import grid
from experiments.kit.horizon import over_seconds
from experiments.kit.replications import Contrast, Replications
from model import OpenLoop, PathConfig, ProducerConfig, Scenario, TopicConfig, Workload

QUESTION = "What does acks=all wait for, by the distance of the replicas, and what hides it?"
AXES = {
    "rtt_ms": (0.5,),
    "replica_rtt_ms": (0.2, 0.5, 1, 2, 5, 10, 20, 50),
    "acks": ("1", "all"),
    "depth": (1, 5),
    "load": ("full", "light"),
}
OUTCOMES = (
    outcomes.records_per_s,
    outcomes.request_latency_ms,
    outcomes.p50_ms,
    outcomes.p99_ms,
    outcomes.overloaded,
    outcomes.limit,
)
POINTS = grid(AXES)
SMOKE = tuple(point for point in POINTS if point["replica_rtt_ms"] == 5)
REPLICATIONS = Replications(
    fewest=3, most=6, contrast=Contrast("records_per_s", "depth", 1), precision=0.05
)
REPLICAS, IN_SYNC = 3, 2
LIGHT_RATE, LIGHT_RECORDS = 200.0, 600
#: Ours: a batch is a follower's fetch away from its ack, or two.
ROUNDS = 60


def scenario(*, rtt_ms: float, replica_rtt_ms: float, acks: str, depth: int, load: str) -> Scenario:
    """One producer, one partition with three replicas, two of which have to be in sync."""
    producer = ProducerConfig(
        acks="all" if acks == "all" else "1",
        enable_idempotence=acks == "all",
        max_in_flight_requests_per_connection=depth,
    )
    plain = Scenario(
        path=PathConfig(rtt_ms=rtt_ms),
        replica_path=PathConfig(rtt_ms=replica_rtt_ms),
        producer=producer,
        topic=TopicConfig(replicas=REPLICAS, min_insync_replicas=IN_SYNC),
        warm_start=True,
    )
    if load == "light":
        arrival = Workload(arrival=OpenLoop(LIGHT_RATE, "poisson"))
        measured_s = LIGHT_RECORDS / LIGHT_RATE
        return over_seconds(replace(plain, workload=arrival), 0.5 * measured_s, measured_s)
    busy = at_capacity(plain)
    least_s = ROUNDS * plain.replica_path.rtt_s
    return over_seconds(busy, max(busy.warmup_s, 0.5 * least_s), max(busy.measured_s, least_s))
