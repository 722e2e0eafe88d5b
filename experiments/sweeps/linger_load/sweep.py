"""linger.ms against the offered load, as latency and as requests; all see the same arrivals."""

from experiments.kit import outcomes
from experiments.kit.grid import grid
from experiments.kit.horizon import over_seconds
from experiments.kit.replications import Contrast, Replications
from model import OpenLoop, PathConfig, ProducerConfig, Scenario, Workload

QUESTION = "At which load does waiting with linger.ms shorten latency instead of adding to it?"
AXES = {
    "rtt_ms": (2,),
    "records_per_s": (100, 300, 1_000, 3_000, 6_000, 10_000, 15_000, 20_000, 25_000, 30_000),
    "linger_ms": (0, 1, 5, 20, 100),
}
OUTCOMES = (
    outcomes.mean_ms,
    outcomes.p50_ms,
    outcomes.p99_ms,
    outcomes.requests_per_s,
    outcomes.records_per_request,
    outcomes.offered,
    outcomes.finished,
    outcomes.unfinished,
    outcomes.overloaded,
    outcomes.limit,
)
POINTS = grid(AXES)
SMOKE = tuple(
    point
    for point in POINTS
    if point["records_per_s"] in (3_000, 30_000) and point["linger_ms"] in (0, 5)
)
REPLICATIONS = Replications(
    fewest=3, most=6, contrast=Contrast("mean_ms", "linger_ms", 0), precision=0.05
)
#: Ours: requests for a tail at low load, and records for chance to be small at high load.
LEAST_S, RECORDS = 0.3, 1_500


def scenario(*, rtt_ms: float, records_per_s: float, linger_ms: float) -> Scenario:
    """One producer, one partition, Poisson arrivals of records of 1,000 bytes."""
    plain = Scenario(
        path=PathConfig(rtt_ms=rtt_ms),
        producer=ProducerConfig(linger_ms=linger_ms),
        workload=Workload(arrival=OpenLoop(records_per_s, "poisson")),
        warm_start=True,
    )
    measured_s = max(LEAST_S, RECORDS / records_per_s)
    return over_seconds(plain, 0.5 * measured_s, measured_s)
