"""Producers that share a broker; and one producer's memory in an outage and in overload.

``trouble`` "none": so many producers, as fast as they can. "outage": the broker stands still.
"overload": more records come than the producer carries, for a while. After both there is time to
catch up, and every record ends.
"""

from dataclasses import replace

from experiments.kit import outcomes
from experiments.kit.capacity import at_capacity
from experiments.kit.grid import Point, grid
from experiments.kit.replications import Contrast, Replications
from experiments.sweeps.producers_memory.outcomes import failed_share, longest_ms
from model import Fault, OpenLoop, PathConfig, ProducerConfig, Scenario, Workload

QUESTION = "What do several producers get of one broker, and how much memory rides out trouble?"
AXES = {
    "trouble": ("none", "outage", "overload"),
    "rtt_ms": (2,),
    "producers": (1, 2, 4, 8, 16, 32),
    "depth": (1, 5),
    "buffer_mib": (1, 2, 4, 8, 16, 32, 64),
    "max_block_ms": (0, 1_000, 60_000),
}
OUTCOMES = (
    outcomes.records_per_s,
    outcomes.request_latency_ms,
    failed_share,
    longest_ms,
    outcomes.unfinished,
    outcomes.limit,
)
DEPTH, BUFFER_MIB, MAX_BLOCK_MS = 5, 32, 60_000


def _levels(**changes: tuple[str | int, ...]) -> tuple[Point, ...]:
    """A grid over some axes; the others stand at Kafka's defaults."""
    fixed = {
        "trouble": ("none",),
        "rtt_ms": AXES["rtt_ms"],
        "producers": (1,),
        "depth": (DEPTH,),
        "buffer_mib": (BUFFER_MIB,),
        "max_block_ms": (MAX_BLOCK_MS,),
    }
    return grid({**fixed, **changes})


POINTS = (
    *_levels(producers=AXES["producers"], depth=AXES["depth"]),
    *_levels(
        trouble=("outage", "overload"),
        buffer_mib=AXES["buffer_mib"],
        max_block_ms=AXES["max_block_ms"],
    ),
)
SMOKE = tuple(
    point
    for point in POINTS
    if (point["producers"] in (1, 2) and point["trouble"] == "none")
    or (point["buffer_mib"] == 2 and point["trouble"] == "outage")
)
REPLICATIONS = Replications(
    fewest=3, most=6, contrast=Contrast("records_per_s", "depth", 1), precision=0.05
)

#: Ours: 2 MB/s that come to a stop; and about twice what this producer carries at 2 ms.
OUTAGE_S, OUTAGE_RATE = 5.0, 2_000.0
OVERLOAD_S, OVERLOAD_RATE = 1.0, 60_000.0
BEFORE_S, AFTER_S = 0.5, 6.0


def scenario(
    *,
    trouble: str,
    rtt_ms: float,
    producers: int,
    depth: int,
    buffer_mib: int,
    max_block_ms: float,
) -> Scenario:
    """One partition; records of 1,000 bytes."""
    producer = ProducerConfig(
        max_in_flight_requests_per_connection=depth,
        buffer_memory_bytes=buffer_mib << 20,
        max_block_ms=max_block_ms,
    )
    plain = Scenario(
        path=PathConfig(rtt_ms=rtt_ms), producer=producer, producers=producers, warm_start=True
    )
    if trouble == "none":
        return at_capacity(plain, measured=100)
    if trouble == "outage":
        outage = Fault(what="broker-pause", at_s=BEFORE_S, for_s=OUTAGE_S)
        return _for_a_while(plain, OUTAGE_RATE, BEFORE_S + OUTAGE_S, (outage,))
    return _for_a_while(plain, OVERLOAD_RATE, OVERLOAD_S, ())


def _for_a_while(plain: Scenario, rate: float, for_s: float, faults: tuple[Fault, ...]) -> Scenario:
    """Arrivals that end, and time for all of them to end as well."""
    arrival = OpenLoop(rate, records=round(rate * for_s))
    return replace(
        plain,
        workload=Workload(arrival=arrival),
        faults=faults,
        warmup_s=0.0,
        measured_s=for_s + AFTER_S,
    )
