"""The limit that a run names is its limit: doubling it helps, doubling another does not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from experiments.kit.measured import read_rows
from experiments.validation.limits import DOUBLED, Check, check
from experiments.validation.prediction import MEASURED, long_enough, scenarios_of
from model import (
    MEASURED_MACHINE,
    BrokerConfig,
    ClosedLoop,
    MachineConfig,
    OpenLoop,
    PathConfig,
    Scenario,
    TopicConfig,
    Workload,
)
from model.outcome.bound import (
    APPLICATION,
    BROKER_CONNECTION,
    BUFFER_MEMORY,
    CLIENT_CPU,
    CONGESTION_WINDOW,
    FOLLOWER,
    IN_FLIGHT_WINDOW,
    LINK,
    NETWORK_THREADS,
    PARTITION_LOG,
    RECEIVE_WINDOW,
    REQUEST_HANDLERS,
)

THREE = TopicConfig(partitions=1, brokers=1, replicas=3, min_insync_replicas=2)
FAR = PathConfig(rtt_ms=20)
BUSY_CLIENT: dict[str, float] = {"client_request_us": 900, "broker_request_us": 50}
SLOW_BROKER: dict[str, float] = {"broker_request_us": 3_000}
#: More connections than threads.
MANY: dict[str, Any] = {"producers": 30}
#: Where requests are few they need longer to be counted to 2 %.
LONGER: dict[str, Any] = {"warmup_s": 0.5, "measured_s": 1.0}
#: The named limit, and a world in which it is that.
WORLDS: list[tuple[str, dict[str, Any], dict[str, float]]] = [
    (IN_FLIGHT_WINDOW, {}, {}),
    (IN_FLIGHT_WINDOW, {"max_in_flight_requests_per_connection": 1}, {}),
    (IN_FLIGHT_WINDOW, {"topic": THREE, "replica_path": PathConfig(rtt_ms=0)}, {}),
    (BROKER_CONNECTION, {"path": PathConfig(rtt_ms=0.5)}, {}),
    (
        BROKER_CONNECTION,
        LONGER | {"topic": TopicConfig(partitions=3)},
        {"broker_request_us": 4_000},
    ),
    (RECEIVE_WINDOW, {"batch_size_bytes": 65_536, "buffer_memory_bytes": 2**22}, {}),
    (RECEIVE_WINDOW, {"broker": BrokerConfig(socket_receive_buffer_bytes=16_384)}, {}),
    (FOLLOWER, {"topic": THREE, "replica_path": FAR}, {}),
    (
        FOLLOWER,
        {"topic": THREE, "replica_path": FAR, "max_in_flight_requests_per_connection": 1}
        | {"path": PathConfig(rtt_ms=0.1)},
        {},
    ),
    (LINK, {"path": PathConfig(rtt_ms=2, bytes_per_s=2e6)}, {}),
    (BUFFER_MEMORY, {"buffer_memory_bytes": 2 * 16_384}, {}),
    (APPLICATION, {"workload": Workload(arrival=OpenLoop(1_000))}, {}),
    (APPLICATION, {"workload": Workload(arrival=ClosedLoop(1))}, {}),
    (NETWORK_THREADS, MANY | {"broker": BrokerConfig(num_network_threads=1)}, SLOW_BROKER),
    (REQUEST_HANDLERS, MANY | {"broker": BrokerConfig(num_io_threads=1)}, SLOW_BROKER),
    (PARTITION_LOG, MANY, {"broker_batch_us": 200}),
    (CLIENT_CPU, {"path": PathConfig(rtt_ms=0.5)}, BUSY_CLIENT),
]


@pytest.mark.slow
@pytest.mark.parametrize(("limit", "world", "costs"), WORLDS)
def test_throughput_rises_with_the_named_limit_and_with_no_other(
    limit: str,
    world: dict[str, Any],
    costs: dict[str, float],
    tiny: Callable[..., Scenario],
    machine: Callable[..., MachineConfig],
) -> None:
    constants = machine(**{"broker_request_us": 300, "client_append_us": 1} | costs)
    parts = {"machine": constants, "warmup_s": 0.2, "measured_s": 0.3}
    checked = check(tiny(**parts | world))
    assert checked.limit == limit
    assert checked.agrees, checked


def test_a_rise_with_another_resource_is_no_agreement() -> None:
    checked = Check(LINK, IN_FLIGHT_WINDOW, 100.0, 150.0, 100.0)
    assert checked.agrees
    assert not replace(checked, limit_doubled_per_s=102.0).agrees
    assert not replace(checked, other_doubled_per_s=103.0).agrees


def test_every_resource_can_be_doubled(tiny: Callable[..., Scenario]) -> None:
    scenario = tiny(path=PathConfig(rtt_ms=10, bytes_per_s=1e6, loss=0.04))
    doubled = {name: double(scenario) for name, double in DOUBLED.items()}
    assert doubled[IN_FLIGHT_WINDOW].producer.max_in_flight_requests_per_connection == 10
    assert not doubled[IN_FLIGHT_WINDOW].producer.enable_idempotence
    assert doubled[LINK].path.bytes_per_s == 2e6
    assert doubled[CONGESTION_WINDOW].path.loss == 0.01
    assert doubled[BROKER_CONNECTION].machine.broker_request_us == 150
    assert doubled[RECEIVE_WINDOW].broker.socket_receive_buffer_bytes == 204_800
    assert all(each != scenario for name, each in doubled.items() if name not in SAME)


#: What costs nothing here is no faster when it is twice as fast.
SAME = (CLIENT_CPU, APPLICATION, PARTITION_LOG)


#: Measured rows of different kinds, by file and number: near and far, one and five in flight, large
#: batches, many partitions, closed and open loops, a slow link, followers near and far.
MEASURED_ROWS = {
    "single": (1, 9, 22, 27, 47, 72, 91, 99, 112, 118, 125, 133),
    "trio": (17, 20, 104),
    "stretch": (4, 14, 19),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "number"), [(name, row) for name, rows in MEASURED_ROWS.items() for row in rows]
)
def test_the_limit_that_a_measured_row_names_is_its_limit(name: str, number: int) -> None:
    rows = read_rows(Path(f"experiments/validation/measured/{name}.csv"), MEASURED)
    (scenario,) = scenarios_of(rows.iloc[[number - 1]], MEASURED_MACHINE)
    checked = check(long_enough(scenario))
    assert checked.agrees, checked
