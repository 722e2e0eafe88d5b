"""Is the named limit the limit? Two more runs of each row say so.

With the resource that a run names doubled its throughput rises; with another one doubled it does
not. What doubling means is one function for each resource.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from experiments.kit.pool import Workers
from experiments.validation.measured import rows_of, scenario_of
from experiments.validation.prediction import SEED, long_enough
from model import BrokerConfig, ClosedLoop, MachineConfig, OpenLoop, Scenario, simulate
from model.outcome.bound import (
    APPLICATION,
    BATCH_FILL,
    BROKER_CONNECTION,
    BUFFER_MEMORY,
    CLIENT_CPU,
    FOLLOWER,
    IN_FLIGHT_WINDOW,
    LINK,
    NETWORK_THREADS,
    PARTITION_LOG,
    RECEIVE_WINDOW,
    REQUEST_HANDLERS,
)

#: Asked: a rise by more than this is one.
RISE = 1.02
#: Ours: the shortest linger that doubling one of zero comes to.
LEAST_LINGER_MS = 1.0

BROKER_COSTS = (
    "broker_request_us",
    "broker_batch_us",
    "broker_byte_us",
    "broker_tail_us",
    "broker_stall_us",
)
LOG_COSTS = ("broker_batch_us", "broker_byte_us", "broker_stall_us")
CLIENT_COSTS = ("client_request_us", "client_byte_us", "client_record_us")


@dataclass(frozen=True)
class Check:
    """A scenario's throughput in records/s, with its limit doubled, and with another doubled."""

    limit: str
    other: str
    records_per_s: float
    limit_doubled_per_s: float
    other_doubled_per_s: float

    @property
    def agrees(self) -> bool:
        """Whether the named limit alone lets throughput rise."""
        most = RISE * self.records_per_s
        return self.limit_doubled_per_s > most >= self.other_doubled_per_s


def check_limits(rows: pd.DataFrame, machine: MachineConfig, workers: Workers) -> list[Check]:
    """A check for each measured row."""
    scenarios = [scenario_of(row, machine) for row in rows_of(rows)]
    return workers.map(check, [long_enough(scenario) for scenario in scenarios])


def check(scenario: Scenario) -> Check:
    """Three runs of one scenario under one seed."""
    run = simulate(scenario, SEED)
    other = BUFFER_MEMORY if run.limit in REQUESTS else IN_FLIGHT_WINDOW
    doubled = [
        simulate(DOUBLED[resource](scenario), SEED).records_per_s for resource in (run.limit, other)
    ]
    return Check(run.limit, other, run.records_per_s, *doubled)


def _in_flight(scenario: Scenario) -> Scenario:
    """More than five cannot be idempotent, which costs nothing as long as nothing fails."""
    in_flight = 2 * scenario.producer.max_in_flight_requests_per_connection
    producer = replace(
        scenario.producer,
        max_in_flight_requests_per_connection=in_flight,
        enable_idempotence=scenario.producer.enable_idempotence and in_flight <= 5,
    )
    return replace(scenario, producer=producer)


def _receive_window(scenario: Scenario) -> Scenario:
    broker: BrokerConfig = scenario.broker
    twice = max(-1, 2 * broker.socket_receive_buffer_bytes)
    return replace(scenario, broker=replace(broker, socket_receive_buffer_bytes=twice))


def _broker(scenario: Scenario) -> Scenario:
    """Brokers twice as fast."""
    return _faster(scenario, BROKER_COSTS)


def _network_threads(scenario: Scenario) -> Scenario:
    threads = 2 * scenario.broker.num_network_threads
    return replace(scenario, broker=replace(scenario.broker, num_network_threads=threads))


def _request_handlers(scenario: Scenario) -> Scenario:
    threads = 2 * scenario.broker.num_io_threads
    return replace(scenario, broker=replace(scenario.broker, num_io_threads=threads))


def _partition_log(scenario: Scenario) -> Scenario:
    """Appends twice as fast: twice as many partitions would fill other batches."""
    return _faster(scenario, LOG_COSTS)


def _follower(scenario: Scenario) -> Scenario:
    """Followers half as far, and twice as fast: brokers are of one kind."""
    path = replace(scenario.replica_path, rtt_ms=scenario.replica_path.rtt_ms / 2)
    return _broker(replace(scenario, replica_path=path))


def _client(scenario: Scenario) -> Scenario:
    """A Sender thread twice as fast."""
    return _faster(scenario, CLIENT_COSTS)


def _faster(scenario: Scenario, costs: tuple[str, ...]) -> Scenario:
    halved = {name: getattr(scenario.machine, name) / 2 for name in costs}
    return replace(scenario, machine=replace(scenario.machine, **halved))


def _link(scenario: Scenario) -> Scenario:
    path = replace(scenario.path, bytes_per_s=2 * scenario.path.bytes_per_s)
    return replace(scenario, path=path)


def _batch_fill(scenario: Scenario) -> Scenario:
    """Twice the time for a batch to fill."""
    linger_ms = max(LEAST_LINGER_MS, 2 * scenario.producer.linger_ms)
    return replace(scenario, producer=replace(scenario.producer, linger_ms=linger_ms))


def _memory(scenario: Scenario) -> Scenario:
    memory = 2 * scenario.producer.buffer_memory_bytes
    return replace(scenario, producer=replace(scenario.producer, buffer_memory_bytes=memory))


def _application(scenario: Scenario) -> Scenario:
    """Twice the rate, twice as many outstanding, or a thread twice as fast."""
    arrival = scenario.workload.arrival
    if isinstance(arrival, OpenLoop):
        arrival = replace(arrival, records_per_s=2 * arrival.records_per_s)
    elif isinstance(arrival, ClosedLoop):
        arrival = ClosedLoop(2 * arrival.outstanding)
    workload = replace(scenario.workload, arrival=arrival)
    return _faster(replace(scenario, workload=workload), ("client_append_us",))


DOUBLED: Mapping[str, Callable[[Scenario], Scenario]] = {
    IN_FLIGHT_WINDOW: _in_flight,
    BROKER_CONNECTION: _broker,
    RECEIVE_WINDOW: _receive_window,
    NETWORK_THREADS: _network_threads,
    REQUEST_HANDLERS: _request_handlers,
    PARTITION_LOG: _partition_log,
    FOLLOWER: _follower,
    LINK: _link,
    BATCH_FILL: _batch_fill,
    BUFFER_MEMORY: _memory,
    APPLICATION: _application,
    CLIENT_CPU: _client,
}
#: Where requests are what is scarce, memory is the other resource that is doubled.
REQUESTS = (IN_FLIGHT_WINDOW, RECEIVE_WINDOW, BATCH_FILL)
