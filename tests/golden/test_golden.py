"""Rows of tiny worlds as they were: a guard against changes that nobody meant.

They are right only in so far as the other tests say so. ``make golden`` writes them anew, on
purpose. Numbers are compared by their shortest exact decimal, so every bit counts; the time to
wake up is zero there, for it needs ``expm1``, whose last bit is the platform's. Where a congestion
window's cube root or a lost packet's logarithm comes in, instants are compared by the nanosecond.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import cache
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
    Run,
    Scenario,
    TopicConfig,
    Workload,
    producer_of,
    simulate,
)
from model.config.packets import Packets
from model.outcome.facts import AppendRow, ElectionRow, RequestRow
from model.outcome.load import Load

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
    "losses_between_all_and_restarts": Scenario(
        path=PathConfig(rtt_ms=4, loss=0.03),
        replica_path=PathConfig(rtt_ms=1, loss=0.01),
        producer=ProducerConfig(request_timeout_ms=300, retry_backoff_ms=10, linger_ms=0),
        workload=Workload(arrival=OpenLoop(300, "poisson", records=900), value_bytes=300),
        topic=TopicConfig(partitions=2, brokers=3, replicas=3, min_insync_replicas=2),
        broker=BrokerConfig(
            broker_heartbeat_interval_ms=100,
            broker_session_timeout_ms=450,
            replica_lag_time_max_ms=150,
        ),
        machine=MACHINE,
        faults=(
            Fault(what="broker-pause", at_s=0.3, for_s=0.4, broker=2),
            Fault(what="broker-crash", at_s=1.2, for_s=0.6, broker=0),
            Fault(what="producer-restart", at_s=2.2, for_s=0.1),
            Fault(what="connection-reset", at_s=2.6),
            Fault(what="broker-restart", at_s=2.8, for_s=0.2, broker=1),
        ),
        warmup_s=0,
        measured_s=3.5,
    ),
    "answers_lost_from_the_start_over_tls": Scenario(
        path=PathConfig(rtt_ms=5),
        producer=ProducerConfig(
            batch_size_bytes=2_000,
            linger_ms=0,
            request_timeout_ms=100,
            delivery_timeout_ms=400,
            security_protocol="SASL_SSL",
            sasl_mechanism="SCRAM-SHA-256",
        ),
        workload=Workload(arrival=OpenLoop(500, "poisson", records=500), value_bytes=300),
        topic=TopicConfig(partitions=2, brokers=2),
        machine=MACHINE,
        faults=(
            Fault(what="lost-acks", at_s=0.05, for_s=0.3),
            Fault(what="black-hole", at_s=0.6, for_s=0.2, broker=1),
        ),
        warmup_s=0,
        measured_s=1.5,
    ),
    "librdkafka_packs_once_more_what_it_resends": Scenario(
        path=PathConfig(rtt_ms=5),
        producer=producer_of(
            "librdkafka",
            **{
                "batch.num.messages": 16,
                "socket.timeout.ms": 1_000,
                "acks": 1,
                "max.in.flight": 3,
                "compression.type": "lz4",
            },
        ),
        workload=Workload(
            arrival=OpenLoop(1_500, "poisson", records=600),
            value_bytes=300,
            compressibility=Compressibility(ratio=0.4, falls=0.0, spread=0.01),
        ),
        topic=TopicConfig(partitions=2),
        machine=MACHINE,
        faults=(Fault(what="lost-acks", at_s=0.1, for_s=1.5),),
        warmup_s=0,
        measured_s=1.0,
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


@cache
def run_of(name: str) -> Run:
    """The run of one of these worlds."""
    return simulate(WORLDS[name] if name in WORLDS else TO_THE_NS[name], seed=1)


def rows_of(run: Run, write: Callable[[Any], str] = repr) -> str:
    """The run's requests as CSV; where things go wrong, also what was written to the logs."""
    text, scenario = io.StringIO(), run.scenario
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
    lost = run_of("lost_acks_five_in_flight")
    assert (lost.guarantees.duplicates, lost.guarantees.inversions) == (31, 6)
    assert lost.guarantees.unfinished == 0
    paused = run_of("three_replicas_and_a_paused_follower")
    assert max(row.answered_s - row.taken_s for row in paused.requests) > 0.05
    assert paused.guarantees.unfinished == paused.guarantees.failed == 0
    killed = run_of("leader_killed")
    assert {row.leader for row in killed.elections} == {1}
    assert killed.guarantees.acked == killed.guarantees.in_log == 500
    assert any(row.leader_epoch for row in killed.appends)
    silent = run_of("librdkafka_loses_acks")
    assert silent.guarantees.duplicates > 0
    between = run_of("losses_between_all_and_restarts")
    assert {row.leader for row in between.elections} == {0, 1, 2}
    assert between.guarantees.duplicates > 0  # of a producer that was another one afterwards
    unheard = run_of("answers_lost_from_the_start_over_tls")
    assert unheard.guarantees.failed_but_present > 0
    again = run_of("librdkafka_packs_once_more_what_it_resends")
    assert again.guarantees.duplicates > 0
    fates = Counter(
        row.fate
        for name in ("pieces_lost", "segments_lost_five_in_flight")
        for row in run_of(name).transmissions
    )
    assert min(fates["lost"], fates["resent"]) > 20


def figures_of(run: Run) -> Iterator[tuple[str, object]]:
    """What is read off the rows: figures and bounds by name, and the summary line by line."""
    yield from enumerate(run.summary().splitlines())
    for kind in ("by_resource", "awake"):
        yield from ((f"{kind}: {name}", most) for name, most in getattr(run.bound, kind).items())
    for name in ("records_per_s", "request_latency_ms", "mean_in_flight", "batch_fill", "limit"):
        yield name, getattr(run, name)
    yield from asdict(run.mean_request).items()
    yield from asdict(run.guarantees).items()
    yield from asdict(Load.of(run)).items()
    yield "mean latency in ms", run.latency_ms.mean
    yield from ((f"quantile {x}", run.latency_ms.quantile(x)) for x in (0.1, 0.5, 0.999))


def test_the_figures_are_those_of_the_golden_file(request: pytest.FixtureRequest) -> None:
    path, text = HERE / "figures.csv", io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for world in (*WORLDS, *TO_THE_NS):
        for name, value in figures_of(run_of(world)):
            writer.writerow((world, name, f"{value:.9g}" if isinstance(value, float) else value))
    if request.config.getoption("--renew-golden"):
        path.write_text(text.getvalue(), encoding="utf-8")
    assert text.getvalue() == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*WORLDS, *TO_THE_NS])
def test_the_rows_are_those_of_the_golden_file(name: str, request: pytest.FixtureRequest) -> None:
    path = HERE / f"{name}.csv"
    rows = rows_of(run_of(name), to_the_ns if name in TO_THE_NS else repr)
    if request.config.getoption("--renew-golden"):
        path.write_text(rows, encoding="utf-8")
    assert rows.count("\n") > 20
    assert rows == path.read_text(encoding="utf-8")
