"""How often something goes wrong, by depth and idempotence; what is in the log afterwards.

``error`` "nack": a request is answered NOT_LEADER_OR_FOLLOWER and not appended. "reset": the
connection is torn down with whatever is on its way. The moments are drawn at random; ``schedule``
numbers the draw, and all producers meet the same moments.
"""

from collections.abc import Iterator

import numpy as np

from experiments.kit import outcomes
from experiments.kit.grid import grid
from experiments.kit.replications import Replications
from experiments.sweeps.errors.outcomes import (
    displaced_per_million,
    duplicates_per_million,
    goodput_records_per_s,
)
from model import Fault, PathConfig, ProducerConfig, Saturating, Scenario, Workload
from model.streams import stream

QUESTION = "What do errors do to order, duplicates and goodput, by depth and idempotence?"
AXES = {
    "rtt_ms": (20,),
    "error": ("nack", "reset"),
    "errors_per_minute": (0, 6, 20, 60, 120),
    "schedule": (1, 2, 3, 4, 5),
    "depth": (1, 2, 5),
    "idempotent": (False, True),
}
OUTCOMES = (
    duplicates_per_million,
    displaced_per_million,
    goodput_records_per_s,
    outcomes.duplicates,
    outcomes.displaced,
    outcomes.failed,
)
#: Idempotence is shown at five alone; without errors all schedules are the same.
POINTS = tuple(
    point
    for point in grid(AXES)
    if (point["depth"] == 5 or not point["idempotent"])
    and (point["errors_per_minute"] or point["schedule"] == 1)
)
SMOKE = tuple(
    point
    for point in POINTS
    if point["errors_per_minute"] in (0, 120)
    and point["schedule"] == 1
    and point["depth"] == 5
    and point["error"] == "nack"
)
#: The schedules are the replications.
REPLICATIONS = Replications(fewest=1, most=1)
SPAN_S = 20.0
#: Ours: one error is over before the next comes, or they would not add up.
APART_S = 0.3


def scenario(
    *,
    rtt_ms: float,
    error: str,
    errors_per_minute: float,
    schedule: int,
    depth: int,
    idempotent: bool,
) -> Scenario:
    """One producer, one partition, as fast as it can; acks=all."""
    producer = ProducerConfig(
        max_in_flight_requests_per_connection=depth,
        enable_idempotence=idempotent,
        buffer_memory_bytes=1 << 20,
    )
    return Scenario(
        path=PathConfig(rtt_ms=rtt_ms),
        producer=producer,
        workload=Workload(arrival=Saturating()),
        faults=tuple(_faults(error, errors_per_minute, schedule)),
        warm_start=True,
        warmup_s=1.0,
        measured_s=SPAN_S,
    )


def _faults(error: str, errors_per_minute: float, schedule: int) -> Iterator[Fault]:
    """Moments drawn uniformly, pushed apart where they would overlap."""
    count = round(errors_per_minute * SPAN_S / 60)
    draw = stream(schedule, "errors").random(count)
    room_s = SPAN_S - 1.0 - count * APART_S
    for at_s in (1.0 + np.sort(draw) * room_s + np.arange(count) * APART_S).tolist():
        if error == "nack":
            yield Fault(what="nack", at_s=at_s, error="NOT_LEADER_OR_FOLLOWER", requests=1)
        else:
            yield Fault(what="connection-reset", at_s=at_s)
