"""Idempotence on and off at equal acks, depth, distance and load."""

from dataclasses import replace

from experiments.kit import outcomes
from experiments.kit.capacity import at_capacity
from experiments.kit.grid import grid
from experiments.kit.horizon import full_request, over_seconds
from experiments.kit.replications import Replications
from model import OpenLoop, PathConfig, ProducerConfig, Scenario, TopicConfig, Workload
from model.outcome.bound import bound

QUESTION = "Does idempotence itself cost throughput or latency, at equal acks and depth?"
AXES = {
    "rtt_ms": (0.2, 2, 50),
    "depth": (1, 5),
    "partitions": (1, 6),
    "load": ("full", "part"),
    "idempotent": (True, False),
}
OUTCOMES = (outcomes.records_per_s, outcomes.p99_ms, outcomes.overloaded, outcomes.limit)
POINTS = grid(AXES)
SMOKE = POINTS[:4]
#: The interval is that of an equivalence test, which needs its runs whatever the first ones say.
REPLICATIONS = Replications(fewest=16, most=16)
#: Ours: records for each partition, whose batches fill together.
SHARE, RECORDS = 0.4, 3_000


def scenario(
    *, rtt_ms: float, depth: int, partitions: int, load: str, idempotent: bool
) -> Scenario:
    """One producer with acks=all: as fast as it can, or offered a part of what its bound is."""
    producer = ProducerConfig(
        max_in_flight_requests_per_connection=depth, enable_idempotence=idempotent
    )
    plain = Scenario(
        path=PathConfig(rtt_ms=rtt_ms),
        producer=producer,
        topic=TopicConfig(partitions=partitions),
        warm_start=True,
    )
    if load == "full":
        return at_capacity(plain)
    rate = float(f"{SHARE * bound(plain, full_request(plain)).records_per_s:.2g}")
    measured_s = RECORDS * partitions / rate
    arrival = Workload(arrival=OpenLoop(rate, "poisson"))
    return over_seconds(replace(plain, workload=arrival), 0.5 * measured_s, measured_s)
