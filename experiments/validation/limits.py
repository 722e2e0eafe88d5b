"""Is the named limit the limit? Two more runs of each row say so.

With the resource that a run names doubled its throughput rises; with another one doubled it does
not. What doubling means is one function for each resource.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from experiments.kit.pool import Workers
from experiments.validation.prediction import SEED, long_enough, scenarios_of
from model import ClosedLoop, MachineConfig, OpenLoop, Scenario, simulate
from model.config.cluster import CODEC_COSTS
from model.outcome import bound

#: Asked: a rise by more than this is one.
RISE = 1.02
#: Ours: the shortest linger that doubling one of zero comes to.
LEAST_LINGER_MS = 1.0
#: Where requests are what is scarce, memory is the other resource that is doubled.
REQUESTS = (bound.IN_FLIGHT_WINDOW, bound.RECEIVE_WINDOW, bound.BATCH_FILL)
#: Appends alone: twice as many partitions would fill other batches.
CLIENT_CODECS, BROKER_CODECS = (
    tuple(name for name in CODEC_COSTS if name.startswith(end)) for end in ("client", "broker")
)
LOG_COSTS = ("broker_batch_us", "broker_byte_us", "broker_stall_us", *BROKER_CODECS)
BROKER_COSTS = ("broker_request_us", "broker_tail_us", *LOG_COSTS)

Change = Callable[[Scenario], Scenario]


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

    @property
    def rises_percent(self) -> list[float]:
        """By how much throughput rises with the limit doubled, and with another."""
        doubled = (self.limit_doubled_per_s, self.other_doubled_per_s)
        return [100 * (each / self.records_per_s - 1) for each in doubled]


def check_limits(rows: pd.DataFrame, machine: MachineConfig, workers: Workers) -> list[Check]:
    """A check for each measured row."""
    return workers.map(check, map(long_enough, scenarios_of(rows, machine)))


def check(scenario: Scenario) -> Check:
    """Three runs of one scenario under one seed."""
    run = simulate(scenario, SEED)
    other = bound.BUFFER_MEMORY if run.limit in REQUESTS else bound.IN_FLIGHT_WINDOW
    doubled = (simulate(DOUBLED[each](scenario), SEED).records_per_s for each in (run.limit, other))
    return Check(run.limit, other, run.records_per_s, *doubled)


def _twice(part: str, setting: str, least: float = -1) -> Change:
    """Twice as much of one setting of one part."""

    def change(scenario: Scenario) -> Scenario:
        old = getattr(scenario, part)
        doubled = max(least, 2 * getattr(old, setting))
        return replace(scenario, **{part: replace(old, **{setting: doubled})})

    return change


def _faster(*costs: str) -> Change:
    """A machine on which these take half as long."""

    def change(scenario: Scenario) -> Scenario:
        halved = {name: getattr(scenario.machine, name) / 2 for name in costs}
        return replace(scenario, machine=replace(scenario.machine, **halved))

    return change


def _in_flight(scenario: Scenario) -> Scenario:
    """More than five cannot be idempotent, which costs nothing as long as nothing fails."""
    old = scenario.producer
    in_flight = 2 * old.max_in_flight_requests_per_connection
    plain = replace(old, enable_idempotence=old.enable_idempotence and in_flight <= 5)
    producer = replace(plain, max_in_flight_requests_per_connection=in_flight)
    return replace(scenario, producer=producer)


def _a_quarter_lost(scenario: Scenario) -> Scenario:
    """The window goes with the root of the share of packets that are lost."""
    return replace(scenario, path=replace(scenario.path, loss=scenario.path.loss / 4))


def _follower(scenario: Scenario) -> Scenario:
    """Followers half as far, and twice as fast: brokers are of one kind."""
    path = replace(scenario.replica_path, rtt_ms=scenario.replica_path.rtt_ms / 2)
    return _faster(*BROKER_COSTS)(replace(scenario, replica_path=path))


def _application(scenario: Scenario) -> Scenario:
    """Twice the rate, twice as many outstanding, or a thread twice as fast."""
    arrival = scenario.workload.arrival
    if isinstance(arrival, OpenLoop):
        arrival = replace(arrival, records_per_s=2 * arrival.records_per_s)
    elif isinstance(arrival, ClosedLoop):
        arrival = ClosedLoop(2 * arrival.outstanding)
    workload = replace(scenario.workload, arrival=arrival)
    return _faster("client_append_us", *CLIENT_CODECS)(replace(scenario, workload=workload))


DOUBLED: Mapping[str, Change] = {
    bound.IN_FLIGHT_WINDOW: _in_flight,
    bound.BROKER_CONNECTION: _faster(*BROKER_COSTS),
    bound.CONGESTION_WINDOW: _a_quarter_lost,
    bound.RECEIVE_WINDOW: _twice("broker", "socket_receive_buffer_bytes"),
    bound.NETWORK_THREADS: _twice("broker", "num_network_threads"),
    bound.REQUEST_HANDLERS: _twice("broker", "num_io_threads"),
    bound.PARTITION_LOG: _faster(*LOG_COSTS),
    bound.FOLLOWER: _follower,
    bound.LINK: _twice("path", "bytes_per_s"),
    bound.BATCH_FILL: _twice("producer", "linger_ms", LEAST_LINGER_MS),
    bound.BUFFER_MEMORY: _twice("producer", "buffer_memory_bytes"),
    bound.APPLICATION: _application,
    bound.CLIENT_CPU: _faster(
        "client_request_us", "client_byte_us", "client_record_us", *CLIENT_CODECS
    ),
}
