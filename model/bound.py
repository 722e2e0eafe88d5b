"""The closed-form bound beside every simulated throughput, and the resource that sets it.

For one connection with n requests in flight, S the serial in-broker time of a request and Z all
the rest of its round (propagation, serialisation, the client's own work):
``X(n) <= min(n / (Z + S), 1 / S)``. Wake-ups, queueing and linger only make things slower, so the
bound holds for every run; it is computed with the run's own mean request and mean S, because only
those are random. Left out: the receive window, followers. Units: records per second, seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from model.config.scenario import Scenario
from model.config.workload import ClosedLoop, OpenLoop
from model.units import MICROSECOND_S, seconds

IN_FLIGHT_WINDOW = "in-flight window"
BROKER_CONNECTION = "broker connection"
LINK = "link"
BATCH_FILL = "batch fill (linger)"
BUFFER_MEMORY = "buffer memory"
APPLICATION = "application"
CLIENT_CPU = "client CPU"

#: Ours: below this share of a full batch, fuller batches would carry more with the same requests.
WELL_FILLED = 0.8


@dataclass(frozen=True, slots=True)
class MeanRequest:
    """The average produce request of a run: what it carries and what it costs the broker."""

    records: float
    batches: float
    size_bytes: float
    service_s: float


@dataclass(frozen=True, slots=True)
class Bound:
    """For each resource the most records per second that it lets through."""

    by_resource: Mapping[str, float]
    well_filled: bool

    @property
    def records_per_s(self) -> float:
        """The tightest of all."""
        return min(self.by_resource.values())

    @property
    def limit(self) -> str:
        """The resource that sets it; thin batches are named where requests are what is scarce."""
        tightest = min(self.by_resource, key=lambda name: self.by_resource[name])
        thin = not self.well_filled and tightest in (IN_FLIGHT_WINDOW, BROKER_CONNECTION)
        return BATCH_FILL if thin else tightest


def bound(scenario: Scenario, request: MeanRequest) -> Bound:
    """The bound of a scenario whose average request is this one."""
    machine, producer = scenario.machine, scenario.producer
    connections = scenario.producers * min(scenario.topic.brokers, scenario.topic.partitions)
    client_s = MICROSECOND_S * (
        machine.client_request_us
        + request.size_bytes * machine.client_byte_us
        + request.records * machine.client_record_us
    )
    round_s = (
        scenario.path.rtt_s
        + request.size_bytes / scenario.path.bytes_per_s
        + client_s
        + request.service_s
    )
    by_resource = {
        BROKER_CONNECTION: connections * _per(request.records, request.service_s),
        LINK: connections * scenario.path.bytes_per_s * request.records / request.size_bytes,
        CLIENT_CPU: scenario.producers * _per(request.records, client_s),
        APPLICATION: _application(scenario, round_s),
    }
    if producer.acks != "0":  # without answers a request leaves the window when it is written
        in_flight = connections * producer.max_in_flight_requests_per_connection
        by_resource[IN_FLIGHT_WINDOW] = in_flight * _per(request.records, round_s)
        buffers = producer.buffer_memory_bytes // producer.batch_size_bytes
        by_resource[BUFFER_MEMORY] = (
            scenario.producers * buffers * _per(request.records / request.batches, round_s)
        )
    full = scenario.packing.records
    return Bound(by_resource, request.records / request.batches >= WELL_FILLED * full)


def _application(scenario: Scenario, round_s: float) -> float:
    """What the applications send at most: their rate, their loop, or their thread's speed."""
    arrival = scenario.workload.arrival
    thread = _per(1, scenario.machine.client_append_us * MICROSECOND_S)
    if isinstance(arrival, OpenLoop):
        return scenario.producers * min(thread, arrival.records_per_s)
    if isinstance(arrival, ClosedLoop):
        if (
            arrival.outstanding == 1 and scenario.packing.records > 1
        ):  # a lone record waits for the linger
            round_s += seconds(scenario.producer.linger_ms)
        return scenario.producers * min(thread, _per(arrival.outstanding, round_s))
    return scenario.producers * thread


def _per(amount: float, time_s: float) -> float:
    """Amount per time; what takes no time has no bound."""
    return amount / time_s if time_s else float("inf")
