"""batch.size against depth at several distances, with default socket buffers and large ones."""

from dataclasses import replace

from experiments.kit import outcomes
from experiments.kit.capacity import at_capacity
from experiments.kit.grid import grid
from experiments.kit.horizon import over_seconds
from experiments.kit.replications import Contrast, Replications
from model import BrokerConfig, PathConfig, ProducerConfig, Scenario

QUESTION = "What to raise first, batch.size or depth, and which socket buffers does it take?"
AXES = {
    "rtt_ms": (2, 20, 100),
    "buffers": ("default", "large"),
    "batch_kib": (16, 32, 64, 128, 256, 512),
    "depth": (1, 2, 5),
}
OUTCOMES = (
    outcomes.mb_per_s,
    outcomes.records_per_s,
    outcomes.bound_records_per_s,
    outcomes.request_latency_ms,
    outcomes.limit,
)
POINTS = grid(AXES)
SMOKE = tuple(
    point
    for point in POINTS
    if point["rtt_ms"] == 20 and point["batch_kib"] in (16, 256) and point["depth"] in (1, 5)
)
REPLICATIONS = Replications(
    fewest=3, most=6, contrast=Contrast("records_per_s", "depth", 1), precision=0.05
)
#: More than five requests of 512 KiB, on either side.
LARGE_BYTES = 4 << 20
#: Ours: a window that holds less than a request lets one through in several round trips.
ROUND_TRIPS = 80


def scenario(*, rtt_ms: float, buffers: str, batch_kib: int, depth: int) -> Scenario:
    """One producer, one partition, Kafka's defaults but for these."""
    producer = ProducerConfig(
        max_in_flight_requests_per_connection=depth, batch_size_bytes=batch_kib << 10
    )
    broker = BrokerConfig()
    if buffers == "large":
        producer = replace(producer, send_buffer_bytes=LARGE_BYTES)
        broker = replace(broker, socket_receive_buffer_bytes=LARGE_BYTES)
    plain = at_capacity(Scenario(path=PathConfig(rtt_ms=rtt_ms), producer=producer, broker=broker))
    least_s = ROUND_TRIPS * plain.path.rtt_s
    return over_seconds(plain, max(plain.warmup_s, least_s), max(plain.measured_s, least_s))
