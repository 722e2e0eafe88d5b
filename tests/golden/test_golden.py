"""Rows of three tiny worlds as they were: a guard against changes that nobody meant.

They are right only in so far as the other tests say so. ``make golden`` writes them anew, on
purpose. Numbers are compared by their shortest exact decimal, so every bit counts. The time to
wake up is zero: it needs ``expm1``, whose last bit is the platform's.
"""

import csv
import io
from pathlib import Path

import pytest

from model import (
    BrokerConfig,
    ClosedLoop,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Scenario,
    TopicConfig,
    Workload,
    simulate,
)
from model.outcome.facts import RequestRow

HERE = Path(__file__).parent

MACHINE = MachineConfig(
    client_append_us=2,
    client_request_us=30,
    client_byte_us=0.001,
    client_record_us=0.2,
    broker_request_us=120,
    broker_batch_us=10,
    broker_byte_us=0.002,
    broker_tail_us=100,
    wake_us=0,
    wake_after_us=1,
)

WORLDS = {
    "saturating": Scenario(
        path=PathConfig(rtt_ms=2, bytes_per_s=12.5e6),
        machine=MACHINE,
        warm_start=True,
        warmup_s=0,
        measured_s=0.03,
    ),
    "poisson_keys_two_brokers": Scenario(
        path=PathConfig(rtt_ms=5, bytes_per_s=125e6),
        workload=Workload(arrival=OpenLoop(4_000, "poisson"), value_bytes=200, key_space=50),
        topic=TopicConfig(partitions=5, brokers=2),
        machine=MACHINE,
        producers=2,
        warm_start=True,
        warmup_s=0,
        measured_s=0.05,
    ),
    "closed_loop_sticky_little_memory": Scenario(
        path=PathConfig(rtt_ms=1),
        producer=ProducerConfig(
            acks="1",
            enable_idempotence=False,
            max_in_flight_requests_per_connection=2,
            batch_size_bytes=4_000,
            linger_ms=1,
            buffer_memory_bytes=12_000,
        ),
        workload=Workload(arrival=ClosedLoop(40), value_bytes=300),
        topic=TopicConfig(partitions=3),
        broker=BrokerConfig(num_network_threads=1, num_io_threads=1),
        machine=MACHINE,
        producers=2,
        warm_start=True,
        warmup_s=0,
        measured_s=0.02,
    ),
}


def rows_of(scenario: Scenario) -> str:
    """The run's requests as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(RequestRow._fields)
    writer.writerows([repr(value) for value in row] for row in simulate(scenario, seed=1).requests)
    return text.getvalue()


@pytest.mark.parametrize("name", WORLDS)
def test_the_rows_are_those_of_the_golden_file(name: str, request: pytest.FixtureRequest) -> None:
    path, rows = HERE / f"{name}.csv", rows_of(WORLDS[name])
    if request.config.getoption("--renew-golden"):
        path.write_text(rows, encoding="utf-8")
    assert rows.count("\n") > 20
    assert rows == path.read_text(encoding="utf-8")
