"""Round-trip time against in-broker time, one request in flight and five.

The broker's constants keep the proportions that were fitted, so also how much of them is random.
"""

from dataclasses import replace

from experiments.kit import outcomes
from experiments.kit.capacity import at_capacity
from experiments.kit.grid import grid
from experiments.kit.horizon import full_request
from experiments.kit.replications import Contrast, Replications
from model import REFERENCE_MACHINE, MachineConfig, PathConfig, ProducerConfig, Scenario

QUESTION = "Where do five requests in flight pay, by round-trip time and time in the broker?"
AXES = {
    "rtt_ms": (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100),
    "in_broker_ms": (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50),
    "depth": (1, 5),
}
OUTCOMES = (
    outcomes.records_per_s,
    outcomes.bound_records_per_s,
    outcomes.service_ms,
    outcomes.request_latency_ms,
    outcomes.limit,
)
POINTS = grid(AXES)
SMOKE = grid({"rtt_ms": (0.2, 2), "in_broker_ms": (0.2, 2), "depth": (1, 5)})
REPLICATIONS = Replications(
    fewest=3, most=9, contrast=Contrast("records_per_s", "depth", 1), precision=0.05
)


def scenario(*, rtt_ms: float, in_broker_ms: float, depth: int) -> Scenario:
    """One producer, one partition, Kafka's defaults but for the depth."""
    producer = ProducerConfig(max_in_flight_requests_per_connection=depth)
    plain = Scenario(path=PathConfig(rtt_ms=rtt_ms), producer=producer)
    times = in_broker_ms / (full_request(plain).service_s * 1e3)
    return at_capacity(replace(plain, machine=slower_broker(times)))


def slower_broker(times: float) -> MachineConfig:
    """The reference machine with a broker that takes so many times as long."""
    machine = REFERENCE_MACHINE
    return replace(
        machine,
        broker_request_us=machine.broker_request_us * times,
        broker_batch_us=machine.broker_batch_us * times,
        broker_byte_us=machine.broker_byte_us * times,
        broker_tail_us=machine.broker_tail_us * times,
        broker_stall_us=machine.broker_stall_us * times,
    )
