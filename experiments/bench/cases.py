"""What is timed: scenarios of about so many produce requests, simulations, and bare SimPy.

Producers are idempotent (so acks=all) with Kafka 4.4's other defaults, on the reference machine.
Memory is for few batches a partition, as in `compare`: a deeper queue adds waiting, and a model of
every record would spend a short run on filling it.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace

import simpy

from experiments.kit.loads import carries, over_requests
from experiments.kit.world import World
from model import Fault, OpenLoop, ProducerConfig, Scenario, TopicConfig, Workload, simulate
from model.cluster import Cluster
from model.config.scenario import ONE_RACK
from model.outcome.recorder import Recorder

ONE_NEAR = "one partition, 2 ms"
ONE_FAR = "one partition, 50 ms"
SMALL_RECORDS = "100-byte records, 50 ms"
FAULTS_ON = "faults on, 2 ms"
TOPIC = TopicConfig()

#: A connection is reset so many times in a run, and acks are lost as often for some round trips.
STRIKES = 3
LOST_FOR_S = 0.01
#: Assumed: what a strike takes until all is well again; the run is longer by as much.
OVER_AFTER_S = 0.5


def scenarios(requests: int) -> Mapping[str, Scenario]:
    """Name to scenario; each simulates about so many produce requests."""
    half = OpenLoop(0.5 * carries(saturating(2)), "poisson")  # of what the bound lets through
    replicated = TopicConfig(partitions=3, brokers=3, replicas=3)
    long = {
        ONE_NEAR: saturating(2),
        ONE_FAR: saturating(50),
        "12 partitions, 2 ms": saturating(2, TopicConfig(partitions=12)),
        SMALL_RECORDS: saturating(50, value_bytes=100),
        "three brokers and replicas, 2 ms": saturating(2, replicated),
        "half load, Poisson, 2 ms": replace(saturating(2), workload=Workload(arrival=half)),
        FAULTS_ON: saturating(2),
    }
    sized = {name: over_requests(scenario, 0, requests) for name, scenario in long.items()}
    return {**sized, FAULTS_ON: _with_faults(sized[FAULTS_ON])}


def saturating(
    rtt_ms: float, topic: TopicConfig = TOPIC, value_bytes: int = 1_000, producers: int = 1
) -> Scenario:
    """Producers that send as fast as they can."""
    rack_ms = ONE_RACK.rtt_ms  # as it was measured, release after release
    world = World(topic=topic, replica_rtt_ms=rack_ms, value_bytes=value_bytes, producers=producers)
    return world.at_full_load(ProducerConfig(), rtt_ms)


def _with_faults(scenario: Scenario) -> Scenario:
    """Resets and lost acks in turn, evenly over a run that is longer by what they take."""
    scenario = replace(scenario, measured_s=scenario.measured_s + 2 * STRIKES * OVER_AFTER_S)
    at_s = [scenario.horizon_s * n / (2 * STRIKES + 1) for n in range(1, 2 * STRIKES + 1)]
    resets = [Fault(what="connection-reset", at_s=moment_s) for moment_s in at_s[0::2]]
    lost = [Fault(what="lost-acks", at_s=moment_s, for_s=LOST_FOR_S) for moment_s in at_s[1::2]]
    return replace(scenario, faults=(*resets, *lost))


@dataclass(frozen=True, slots=True)
class Work:
    """What times are divided by; requests and records are acknowledged, points are a sweep's."""

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

    def sleeper() -> Generator[simpy.Event, None, None]:
        for _ in range(count):
            yield env.timeout(1)

    env.process(sleeper())
    env.run()
    return Work()
