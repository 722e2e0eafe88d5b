"""How long runs will take, before any of them is made: told where it is more than ten seconds.

A closed form of what a run is made of. It knows neither retries nor how busy the machine is, and is
right within a factor of two or three: to tell a coffee from a night.
"""

import os
from collections.abc import Iterable

from experiments.kit.loads import carries, full_request
from experiments.kit.words import count
from model import OpenLoop, Scenario
from model.units import seconds

#: Ours: what is over sooner need not be announced.
WORTH_TELLING_S = 10.0
#: Measured on the machine of docs/cost.md, in seconds of one core: a request, a batch, a record; a
#: partition when a producer is built, and at each of its requests; a timeout that is watched for.
REQUEST_S, BATCH_S, RECORD_S = 80e-6, 65e-6, 0.6e-6
PARTITION_S, LOOK_S, WATCH_S = 30e-6, 60e-9, 20e-6
#: Measured there too: what each further copy adds, as a share.
COPY_SHARE = 0.75
UNITS = (("hour", 3_600.0), ("minute", 60.0), ("second", 1.0))


def run_s(scenario: Scenario) -> float:
    """About how long one core takes for a run."""
    full, topic, arrival = full_request(scenario), scenario.topic, scenario.workload.arrival
    records = carries(scenario) * scenario.horizon_s
    if isinstance(arrival, OpenLoop):
        offered = arrival.records_per_s * scenario.horizon_s
        offered = min(offered, arrival.records or offered)
        records = min(records, scenario.producers * offered)
        batches = records / _records_of_a_batch(scenario, arrival)
        requests = batches  # at worst
    else:
        batches = records / scenario.packing.records
        requests = batches / full.batches
    partitions = topic.partitions
    watched = scenario.horizon_s / max(0.001, seconds(scenario.producer.request_timeout_ms))
    made_s = scenario.producers * (partitions * PARTITION_S + watched * WATCH_S)
    work_s = requests * (REQUEST_S + LOOK_S * partitions) + batches * BATCH_S + records * RECORD_S
    return made_s + work_s * (1 + COPY_SHARE * (topic.replicas - 1))


def _records_of_a_batch(scenario: Scenario, arrival: OpenLoop) -> float:
    """As many as come while it lingers, if that does not fill it."""
    partitions = scenario.topic.partitions if scenario.workload.key_space else 1
    lingering = seconds(scenario.producer.linger_ms) * arrival.records_per_s / partitions
    return min(scenario.packing.records, 1 + lingering)


def told(scenarios: Iterable[Scenario], jobs: int | None, times: float = 1.0) -> list[str]:
    """A line about how long all of these take, each so many ``times``; none where that is short."""
    return told_s(times * sum(map(run_s, scenarios)), jobs)


def told_s(work_s: float, jobs: int | None) -> list[str]:
    """The same of so many seconds of one core."""
    cores = os.cpu_count() or 1
    took_s = work_s / min(jobs or cores, cores)
    return [f"This takes about {_words(took_s)}."] if took_s > WORTH_TELLING_S else []


def _words(duration_s: float) -> str:
    unit, unit_s = next((u for u in UNITS if duration_s >= 1.5 * u[1]), UNITS[-1])
    return count(round(duration_s / unit_s), unit)
