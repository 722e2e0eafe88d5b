"""Windows as long as what they measure: round trips, lingers, rounds of requests, batches.

A latency is made of what a record waits for, so a window holds each of these many times, and for
every partition. What is bounded is how much is simulated: where partitions are so many that ten
batches of each are more than ``MOST_REQUESTS``, each has fewer. Units: seconds, records.
"""

import math

from experiments.kit.loads import connections, full_request, over_seconds, over_windows
from model import OpenLoop, Scenario
from model.config.checks import MOST_HORIZON_S, require
from model.units import seconds

#: Ours: of each so many, at least. A round trip or a linger is one draw of what may happen in it.
RECORDS, BATCHES, BATCHES_OF_A_PARTITION = 800, 50, 10
ROUND_TRIPS, LINGERS = 20, 20
#: Ours: rounds of ``max.in.flight`` requests of a connection, to count whole ones between answers.
ROUNDS, FEWEST_ROUNDS, FEWEST_REQUESTS = 5, 3, 8
#: Ours: about so many requests are simulated for such a window, which takes up to a second; and of
#: a producer that never pauses so many records, each of which it waits for memory with.
MOST_REQUESTS, MOST_RECORDS = 4_000, 50_000
#: Ours: of a window, what is cut before it at least.
WARMUP_SHARE = 0.2


def over_load(scenario: Scenario) -> Scenario:
    """An open loop over as many records, batches, lingers and round trips as percentiles need."""
    arrival, topic = scenario.workload.arrival, scenario.topic
    assert isinstance(arrival, OpenLoop)
    wanted = max(BATCHES, min(BATCHES_OF_A_PARTITION * topic.partitions, MOST_REQUESTS))
    filling_per_s = arrival.records_per_s / (topic.partitions if scenario.workload.key_space else 1)
    full = scenario.packing.records
    # a batch that is full before its linger is over does not wait for it
    linger_s = min(seconds(scenario.producer.linger_ms), full / filling_per_s)
    records = max(RECORDS, wanted * min(full, 1 + filling_per_s * linger_s))
    measured_s = max(
        records / (arrival.records_per_s * scenario.producers),
        LINGERS * linger_s,
        ROUND_TRIPS * (scenario.path.rtt_s + _replicas_s(scenario)),
    )
    _require_a_rate_for(measured_s, arrival.records_per_s)
    return over_seconds(scenario, WARMUP_SHARE * measured_s, measured_s)


def _replicas_s(scenario: Scenario) -> float:
    """The round trip to the replicas, where anybody waits for it."""
    waits = scenario.topic.replicas > 1 and scenario.producer.acks == "all"
    return scenario.replica_path.rtt_s if waits else 0.0


def _require_a_rate_for(measured_s: float, records_per_s: float) -> None:
    """Refuse a rate that makes the window longer than a run may be."""
    most_s = MOST_HORIZON_S / (1 + WARMUP_SHARE)
    least_per_s = records_per_s * measured_s / most_s
    rule = f"at least {least_per_s:.1g}, or enough records for percentiles take longer than a month"
    require("rate in records/s", records_per_s, rule, measured_s <= most_s)


def over_rounds(scenario: Scenario, warmup: int, measured: int) -> Scenario:
    """About so many full requests, and some whole rounds of those in flight on every connection."""
    in_flight, ways = _in_flight(scenario), connections(scenario)
    most = min(MOST_REQUESTS, int(MOST_RECORDS / full_request(scenario).records))
    fewest = ways * max(FEWEST_ROUNDS * in_flight, FEWEST_REQUESTS)
    wanted = max(measured, ROUNDS * in_flight * ways)
    scenario = over_windows(scenario, warmup, max(fewest, min(wanted, most)))
    arrival = scenario.workload.arrival
    share = getattr(arrival, "outstanding", math.inf) / full_request(scenario).records
    if share >= 1:
        return scenario  # batches are full before their linger is over
    # no request of a closed loop is larger than the loop
    wait_s = LINGERS * (seconds(scenario.producer.linger_ms) + scenario.path.rtt_s)
    measured_s = max(share * scenario.measured_s, wait_s)
    return over_seconds(scenario, WARMUP_SHARE * measured_s, measured_s)


def _in_flight(scenario: Scenario) -> int:
    """Requests in flight on a connection: as many as are allowed, and as there are batches for."""
    batches = scenario.producer.buffer_memory_bytes // scenario.producer.batch_size_bytes
    leaders = min(scenario.topic.brokers, scenario.topic.partitions)
    filled = -(-batches // (full_request(scenario).batches * leaders))
    return int(min(scenario.producer.max_in_flight_requests_per_connection, max(1, filled)))
