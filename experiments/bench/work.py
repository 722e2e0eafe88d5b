"""What is timed: a simulation, as many bare events of SimPy, and what either of them did."""

from collections.abc import Generator
from dataclasses import dataclass

import simpy

from model import Scenario, simulate
from model.cluster import Cluster
from model.outcome.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Work:
    """The amounts that times are divided by.

    Acknowledged requests and records, how long that took in the world that is simulated, and points
    of a sweep.
    """

    requests: int = 0
    records: int = 0
    simulated_s: float = 0.0
    points: int = 0


def simulated(scenario: Scenario, seed: int) -> Work:
    """A run as a user waits for it: all rows, the books, the throughput and a percentile."""
    run = simulate(scenario, seed)
    assert run.records_per_s > 0
    assert run.latency_ms.quantile(0.99) > 0
    return Work(len(run.requests), run.guarantees.acked, scenario.horizon_s)


def scheduled_events(scenario: Scenario, seed: int) -> int:
    """How many events SimPy schedules in a run: the same for the same scenario and seed."""
    cluster = Cluster.build(scenario, seed, Recorder(scenario.producers))
    cluster.run()
    return cluster.events()


def bare_timeouts(count: int) -> Work:
    """The floor: one process that sleeps so many times; the queue is never longer than that."""
    env = simpy.Environment()
    env.process(_sleeper(env, count))
    env.run()
    return Work()


def _sleeper(env: simpy.Environment, count: int) -> Generator[simpy.Event, None, None]:
    for _ in range(count):
        yield env.timeout(1)
