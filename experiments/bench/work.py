"""What a timed piece of work did: the amounts that times are divided by."""

from dataclasses import dataclass

from model import Run, Scenario, simulate
from model.cluster import Cluster
from model.outcome.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Work:
    """Acknowledged requests and records, how long that took in the world that is simulated, and
    points of a sweep."""

    requests: int = 0
    records: int = 0
    simulated_s: float = 0.0
    points: int = 0


def simulated(scenario: Scenario, seed: int) -> Work:
    """A run as a user waits for it: all rows, the books, the throughput and a percentile."""
    run = simulate(scenario, seed)
    assert run.records_per_s > 0
    assert run.latency_ms.quantile(0.99) > 0
    return work_of(run)


def work_of(run: Run) -> Work:
    """What a run did."""
    return Work(len(run.requests), run.guarantees.acked, run.scenario.horizon_s)


def scheduled_events(scenario: Scenario, seed: int) -> int:
    """How many events SimPy schedules in a run: the same for the same scenario and seed."""
    cluster = Cluster.build(scenario, seed, Recorder(scenario.producers))
    cluster.run()
    return cluster.events()
