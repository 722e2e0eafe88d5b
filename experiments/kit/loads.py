"""How long a scenario is looked at, in full requests or in seconds, and how hard it is pushed.

The one place for windows: whatever the distance, a figure is taken over so many requests, and over
at least so many round trips.
"""

from dataclasses import replace

from model import OpenLoop, ProducerConfig, Saturating, Scenario
from model.config.cluster import REQUESTS_SHARE, receive_window_bytes
from model.costs import BrokerCosts
from model.outcome.bound import MeanRequest, bound
from model.wire.sizes import request_bytes

#: Ours: as many requests as make a throughput known to a per cent or so.
WARMUP_REQUESTS, MEASURED_REQUESTS = 60, 200
#: Batches for each partition that a saturating producer's memory is cut down to: the queue never
#: runs dry, and a deeper one, such as the 2,048 batches of Kafka's default, adds waiting and no
#: throughput; most of a short run would go into filling it.
QUEUED_BATCHES = 16
#: Ours: what memory without a limit holds: more than is sent in a window, for otherwise a run would
#: begin with filling it.
ENDLESS_RECORDS, QUEUED_RECORDS = 10_000_000, 20_000
#: Ours: from this share of the closed-form bound on a load may be more than is carried, and is
#: looked at over so many records that a Poisson count is known to 3 % (three deviations).
HEAVY, HEAVY_RECORDS = 0.8, 10_000
#: Ours: round trips of warm-up, at least.
WARMUP_ROUND_TRIPS = 5


def full_request(scenario: Scenario) -> MeanRequest:
    """A request with one full batch for every partition that a broker leads."""
    packing = scenario.packing
    batches = max(1, scenario.topic.partitions // scenario.topic.brokers)
    batch_bytes = packing.full_bytes
    batches = min(batches, max(1, scenario.producer.max_request_size_bytes // batch_bytes))
    size_bytes = request_bytes(batches * batch_bytes, batches)
    costs = BrokerCosts(scenario.machine, scenario.producer)
    unpacked_bytes = batches * packing.unpacked_bytes
    service_s = costs.mean_service_s(batches, batches * batch_bytes, unpacked_bytes)
    return MeanRequest(batches * packing.records, batches, size_bytes, service_s)


def carries(scenario: Scenario) -> float:
    """Closed form: at most so many records/s, all producers together, in full batches."""
    return bound(scenario, full_request(scenario)).records_per_s


def window_bytes(scenario: Scenario) -> float:
    """A connection's receive window at the brokers; infinite where the system chooses."""
    return receive_window_bytes(scenario.broker.socket_receive_buffer_bytes, REQUESTS_SHARE)


def fills_receive_window(scenario: Scenario) -> bool:
    """Whether full requests in flight exceed the window that the brokers' sockets offer."""
    in_flight = scenario.producer.max_in_flight_requests_per_connection
    return in_flight * full_request(scenario).size_bytes > window_bytes(scenario)


def over_seconds(scenario: Scenario, warmup_s: float, measured_s: float) -> Scenario:
    """The scenario with its window set, and with some round trips of warm-up at least."""
    least_s = WARMUP_ROUND_TRIPS * scenario.path.rtt_s
    return replace(scenario, warmup_s=max(warmup_s, least_s), measured_s=measured_s)


def at_least(scenario: Scenario, warmup_s: float, measured_s: float) -> Scenario:
    """The scenario with a window that is no shorter than this."""
    return over_seconds(
        scenario, max(scenario.warmup_s, warmup_s), max(scenario.measured_s, measured_s)
    )


def over_requests(scenario: Scenario, warmup: int, measured: int) -> Scenario:
    """The scenario with its window set to last about so many full requests."""
    request = full_request(scenario)
    request_s = request.records / bound(scenario, request).records_per_s
    return over_seconds(scenario, warmup * request_s, measured * request_s)


def over_windows(scenario: Scenario, warmup: int, measured: int) -> Scenario:
    """As :func:`over_requests`, and longer for requests that exceed the brokers' receive window.

    Such a request takes a round trip for each window that it fills, however fast all else is.
    """
    request_s = full_request(scenario).size_bytes * scenario.path.rtt_s / window_bytes(scenario)
    request_s /= connections(scenario)
    scenario = over_requests(scenario, warmup, measured)
    return at_least(scenario, warmup * request_s, measured * request_s)


def connections(scenario: Scenario) -> int:
    """One from each producer to each broker that leads something."""
    return scenario.producers * min(scenario.topic.brokers, scenario.topic.partitions)


def short_queue(producer: ProducerConfig, partitions: int, least_bytes: int = 0) -> ProducerConfig:
    """The producer with memory for as many batches as keep every partition's queue busy."""
    enough = max(QUEUED_BATCHES * partitions * producer.batch_size_bytes, least_bytes)
    return replace(producer, buffer_memory_bytes=min(producer.buffer_memory_bytes, enough))


def with_short_queue(scenario: Scenario) -> Scenario:
    """The same with a limit where memory has none; where it counts records, they are the limit."""
    producer = scenario.producer
    if producer.buffer_records is None or producer.buffer_records < ENDLESS_RECORDS:
        return scenario
    enough = QUEUED_BATCHES * scenario.topic.partitions * scenario.packing.records
    few = replace(producer, buffer_records=max(enough, QUEUED_RECORDS))
    return replace(scenario, producer=few)


def at_capacity(
    scenario: Scenario, warmup: int = WARMUP_REQUESTS, measured: int = MEASURED_REQUESTS
) -> Scenario:
    """The scenario with an application that never pauses; so many full requests a connection."""
    producer = short_queue(
        scenario.producer, scenario.topic.partitions, scenario.producer.max_request_size_bytes
    )
    workload = replace(scenario.workload, arrival=Saturating())
    busy = replace(scenario, producer=producer, workload=workload, warm_start=True)
    busy = with_short_queue(busy)
    return over_requests(busy, warmup * connections(busy), measured * connections(busy))


def long_enough_to_tell(scenario: Scenario) -> Scenario:
    """An open loop of more than may be carried is looked at over ``HEAVY_RECORDS`` at least."""
    arrival = scenario.workload.arrival
    assert isinstance(arrival, OpenLoop)
    # of as many records as it can take: an open loop's own bound is never above its rate
    busy = replace(scenario, workload=replace(scenario.workload, arrival=Saturating()))
    offered_per_s = arrival.records_per_s * scenario.producers
    if offered_per_s < HEAVY * carries(busy):
        return scenario
    measured_s = HEAVY_RECORDS / offered_per_s
    return at_least(scenario, 0.2 * measured_s, measured_s)
