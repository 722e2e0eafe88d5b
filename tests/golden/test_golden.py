"""Rows of tiny worlds as they were: a guard against changes that nobody meant.

They are right only in so far as the other tests say so. ``make golden`` writes them anew, on
purpose. Numbers are compared by their shortest exact decimal, so every bit counts; the time to
wake up is zero there, for it needs ``expm1``, whose last bit is the platform's. Where a congestion
window's cube root or a lost packet's logarithm comes in, instants are compared by the nanosecond.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from model import (
    BrokerConfig,
    ClosedLoop,
    Compressibility,
    Fault,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Scenario,
    TopicConfig,
    Workload,
    producer_of,
    simulate,
)
from model.config.packets import Packets
from model.outcome.facts import AppendRow, ElectionRow, RequestRow

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
    client_zstd_byte_us=0.00796,
    broker_zstd_byte_us=0.00442,
    client_tls_request_us=10,
    client_tls_byte_us=0.001,
    broker_tls_request_us=10,
    broker_tls_byte_us=0.001,
)

WORLDS = {
    "zstd_over_tls": Scenario(
        path=PathConfig(rtt_ms=2),
        producer=ProducerConfig(
            compression_type="zstd", security_protocol="SSL", buffer_memory_bytes=8 * 16_384
        ),
        # no power of a size: its last bit is the platform's
        workload=Workload(compressibility=Compressibility(ratio=0.4, falls=0.0, spread=0.01)),
        machine=MACHINE,
        warm_start=True,
        warmup_s=0,
        measured_s=0.12,
    ),
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
    "lost_acks_five_in_flight": Scenario(
        path=PathConfig(rtt_ms=5, bytes_per_s=125e6),
        producer=ProducerConfig(
            enable_idempotence=False, batch_size_bytes=2_000, request_timeout_ms=100
        ),
        workload=Workload(arrival=OpenLoop(2_000, "poisson", records=400), value_bytes=300),
        topic=TopicConfig(partitions=2),
        machine=MACHINE,
        faults=(Fault(what="lost-acks", at_s=0.04, for_s=0.5),),
        warmup_s=0,
        measured_s=0.5,
    ),
    "three_replicas_and_a_paused_follower": Scenario(
        path=PathConfig(rtt_ms=5, bytes_per_s=125e6),
        workload=Workload(arrival=OpenLoop(4_000, "poisson", records=800), value_bytes=500),
        topic=TopicConfig(partitions=3, brokers=3, replicas=3, min_insync_replicas=2),
        broker=BrokerConfig(replica_lag_time_max_ms=100),
        machine=MACHINE,
        faults=(Fault(what="broker-pause", at_s=0.05, for_s=0.3, broker=1),),
        warm_start=True,
        warmup_s=0,
        measured_s=0.2,
    ),
}

#: Compared by the nanosecond.
TO_THE_NS = {
    "large_requests_from_a_cold_start": Scenario(
        path=PathConfig(rtt_ms=21, packets=Packets.LAB),
        producer=ProducerConfig(
            acks="1",
            enable_idempotence=False,
            batch_size_bytes=262_144,
            max_in_flight_requests_per_connection=3,
            send_buffer_bytes=-1,
        ),
        machine=MACHINE,
        warmup_s=0,
        measured_s=1.5,
    ),
    "pieces_lost": Scenario(
        path=PathConfig(rtt_ms=8, loss=0.02, packets=Packets.LAB),
        producer=ProducerConfig(acks="1", enable_idempotence=False, batch_size_bytes=65_536),
        machine=MACHINE,
        warmup_s=0,
        measured_s=2.0,
    ),
    "segments_lost_five_in_flight": Scenario(
        path=PathConfig(rtt_ms=5, loss=0.02, bytes_per_s=125e6),
        producer=ProducerConfig(batch_size_bytes=16_384),
        machine=MACHINE,
        warmup_s=0,
        measured_s=0.9,
    ),
    "leader_killed": Scenario(
        path=PathConfig(rtt_ms=5),
        producer=ProducerConfig(request_timeout_ms=300, retry_backoff_ms=10),
        workload=Workload(arrival=OpenLoop(500, "poisson", records=500), value_bytes=300),
        topic=TopicConfig(partitions=2, brokers=3, replicas=3, min_insync_replicas=2),
        broker=BrokerConfig(broker_heartbeat_interval_ms=100, broker_session_timeout_ms=450),
        machine=MACHINE,
        faults=(Fault(what="broker-crash", at_s=0.3, for_s=0.7, broker=0),),
        warmup_s=0,
        measured_s=3.0,
    ),
    "librdkafka_loses_acks": Scenario(
        path=PathConfig(rtt_ms=5),
        producer=producer_of(
            "librdkafka",
            **{"batch.num.messages": 16, "socket.timeout.ms": 1_000, "acks": 1, "max.in.flight": 3},
        ),
        workload=Workload(arrival=OpenLoop(1_500, "poisson", records=900), value_bytes=300),
        topic=TopicConfig(partitions=2),
        machine=MACHINE,
        faults=(Fault(what="lost-acks", at_s=0.2, for_s=1.5),),
        warmup_s=0,
        measured_s=1.0,
    ),
}


def rows_of(scenario: Scenario, write: Callable[[Any], str] = repr) -> str:
    """The run's requests as CSV; where things go wrong, also what was written to the logs."""
    text, run = io.StringIO(), simulate(scenario, seed=1)
    writer = csv.writer(text, lineterminator="\n")
    kinds: list[tuple[Any, Iterable[Any]]] = [(RequestRow, run.requests)]
    kinds += [(AppendRow, run.appends)] if scenario.faults else []
    kinds += [(ElectionRow, run.elections)] if run.elections else []
    for kind, rows in kinds:
        writer.writerow(kind._fields)
        writer.writerows([write(value) for value in row] for row in rows)
    return text.getvalue()


def to_the_ns(value: Any) -> str:
    """A number as it is written where its last bits are the platform's."""
    return f"{value:.9f}" if isinstance(value, float) else repr(value)


def test_what_goes_wrong_in_the_golden_runs_is_what_they_are_there_for() -> None:
    lost = simulate(WORLDS["lost_acks_five_in_flight"], seed=1)
    assert (lost.guarantees.duplicates, lost.guarantees.inversions) == (31, 6)
    assert lost.guarantees.unfinished == 0
    paused = simulate(WORLDS["three_replicas_and_a_paused_follower"], seed=1)
    assert max(row.answered_s - row.taken_s for row in paused.requests) > 0.05
    assert paused.guarantees.unfinished == paused.guarantees.failed == 0
    killed = simulate(TO_THE_NS["leader_killed"], seed=1)
    assert {row.leader for row in killed.elections} == {1}
    assert killed.guarantees.acked == killed.guarantees.in_log == 500
    assert any(row.leader_epoch for row in killed.appends)
    silent = simulate(TO_THE_NS["librdkafka_loses_acks"], seed=1)
    assert silent.guarantees.duplicates > 0
    fates = Counter(
        row.fate
        for name in ("pieces_lost", "segments_lost_five_in_flight")
        for row in simulate(TO_THE_NS[name], seed=1).transmissions
    )
    assert min(fates["lost"], fates["resent"]) > 20


@pytest.mark.parametrize("name", [*WORLDS, *TO_THE_NS])
def test_the_rows_are_those_of_the_golden_file(name: str, request: pytest.FixtureRequest) -> None:
    path = HERE / f"{name}.csv"
    rows = rows_of(TO_THE_NS[name], to_the_ns) if name in TO_THE_NS else rows_of(WORLDS[name])
    if request.config.getoption("--renew-golden"):
        path.write_text(rows, encoding="utf-8")
    assert rows.count("\n") > 20
    assert rows == path.read_text(encoding="utf-8")
