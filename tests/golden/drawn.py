"""Worlds drawn at random, the same for the same number, for what nobody thought of.

A line of figures of each is golden. They are small and impatient, so that much happens in little
time; what a scenario refuses is drawn again.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import isnan
from random import Random

from experiments.faults.campaign import worth_a_try
from model import (
    BrokerConfig,
    ClosedLoop,
    Compressibility,
    ConfigError,
    Fault,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Run,
    Saturating,
    Scenario,
    TopicConfig,
    Uniform,
    Workload,
    producer_of,
)
from model.clients import PROFILES
from model.config.compression import CodecName
from model.config.faults import KINDS
from model.config.packets import Packets
from tests.golden.worlds import IMPATIENT, MACHINE

CODECS: list[CodecName] = ["none", "none", "none", "gzip", "snappy", "lz4", "zstd"]

SMALL_BYTES = 3_000


def drawn(number: int) -> Scenario:
    """The world of a number."""
    draw = Random(number)
    while True:
        try:
            return _with_faults(draw, _calm(draw))
        except ConfigError:
            continue


def figures(run: Run) -> Iterator[tuple[str, object]]:
    """How many of each there are, sums over their instants, and what is told of the whole."""
    for name in ("requests", "batches", "appends", "truncated", "elections", "decisions"):
        yield name, len(getattr(run, name))
    for name in ("failures", "lost", "retries", "transmissions"):
        yield name, len(getattr(run, name))
    books = run.guarantees
    for name in ("acked", "failed", "unfinished", "duplicates", "displaced", "acked_missing"):
        yield name, getattr(books, name)
    for name in ("sent_s", "arrived_s", "answered_s", "handled_s"):
        yield name, sum(x for x in (getattr(row, name) for row in run.requests) if not isnan(x))
    yield "created_s", sum(row.created_s for row in run.batches)
    yield "bytes", sum(row.size_bytes for row in run.batches)
    yield "appended_s", sum(row.appended_s for row in run.appends)
    yield "failed_s", sum(row.failed_s for row in run.failures)
    yield "lost_s", sum(row.lost_s for row in run.lost)
    yield "on the way_s", sum(row.until_s for row in run.transmissions)
    yield "mean_ms", run.latency_ms.mean
    yield "ended_s", run.ended_s


def _with_faults(draw: Random, calm: Scenario) -> Scenario:
    """The same with none to three faults. Raises ConfigError if one cannot strike there."""
    for _ in range(draw.choice([0, 1, 2, 3])):
        what = draw.choice(sorted(KINDS))
        own = {name: draw.choice(values) for name, values in worth_a_try(what).items()}
        own |= {"for_s": draw.choice([0.02, 0.1])} if "for_s" in own else {}
        broker = draw.choice([None, *range(calm.topic.all_brokers)])
        fault = Fault(what=what, at_s=draw.randrange(150) / 1e3, broker=broker, **own)
        calm = replace(calm, faults=(*calm.faults, fault))
    return calm


def _calm(draw: Random) -> Scenario:
    topic, producer, broker = _topic(draw), _producer(draw), _broker(draw)
    return Scenario(
        path=_path(draw),
        broker_paths=tuple(_path(draw) for _ in range(topic.brokers)) * draw.choice([0, 0, 0, 1]),
        replica_path=PathConfig(rtt_ms=draw.choice([0.1, 1, 4]), loss=draw.choice([0, 0, 0.02])),
        producer=producer,
        workload=_workload(draw, topic.partitions),
        topic=topic,
        broker=broker,
        machine=_machine(draw),
        producers=draw.choice([1, 1, 2, 3]),
        warm_start=draw.choice([True, False]),
        compression_estimate=draw.choice([1.0, 0.7]),
        warmup_s=draw.choice([0, 0.01]),
        measured_s=0.2,
        # what is too large for the broker may go round for as long as delivery.timeout.ms
        until_settled=broker.message_max_bytes > SMALL_BYTES,
    )


def _topic(draw: Random) -> TopicConfig:
    return TopicConfig(
        partitions=draw.choice([1, 2, 5]),
        brokers=draw.choice([1, 2, 3]),
        replicas=draw.choice([1, 3, 3]),
        min_insync_replicas=draw.choice([1, 2]),
        unclean_leader_election_enable=draw.choice([False, False, True]),
        eligible_leader_replicas=draw.choice([False, True]),
    )


def _path(draw: Random) -> PathConfig:
    return PathConfig(
        rtt_ms=draw.choice([0, 0.3, 2, 9]),
        bytes_per_s=draw.choice([float("inf"), 125e6, 3e6]),
        jitter=Uniform(draw.choice([0, 0, 0, 2])),
        answer_jitter=Uniform(draw.choice([0, 0, 0, 1])),
        loss=draw.choice([0, 0, 0, 0.03]),
        packets=draw.choice(list(Packets)),
    )


def _producer(draw: Random) -> ProducerConfig:
    """Of the Java client more often than not."""
    if draw.random() < 0.3:
        return _other(draw)
    idempotent, request_ms = draw.choice([True, False]), draw.choice([60, 150])
    batch_bytes = draw.choice([500, 4_000, 16_384, 100_000])
    return ProducerConfig(
        acks="all" if idempotent else draw.choice(["0", "1", "all"]),
        enable_idempotence=idempotent,
        max_in_flight_requests_per_connection=draw.choice([1, 2, 5]),
        batch_size_bytes=batch_bytes,
        linger_ms=draw.choice([0, 1, 5]),
        compression_type=draw.choice(CODECS),
        security_protocol=draw.choice(["PLAINTEXT", "PLAINTEXT", "SSL", "SASL_SSL"]),
        sasl_mechanism=draw.choice(["PLAIN", "SCRAM-SHA-512", "OAUTHBEARER"]),
        buffer_memory_bytes=max(batch_bytes, 4_000) * draw.choice([1, 4, 1_000]),
        max_block_ms=draw.choice([20, 60_000]),
        max_request_size_bytes=draw.choice([4_000, 1_048_576]),
        send_buffer_bytes=draw.choice([-1, 16_384, 131_072]),
        partitioner_adaptive_partitioning_enable=draw.choice([True, False]),
        partitioner_ignore_keys=draw.choice([True, False]),
        retries=draw.choice([2, 2_147_483_647]),
        request_timeout_ms=request_ms,
        delivery_timeout_ms=draw.choice([request_ms + 100, 3_000]),
        retry_backoff_ms=draw.choice([5, 40]),
        reconnect_backoff_ms=draw.choice([5, 50]),
        metadata_max_age_ms=draw.choice([100, 300_000]),
        metadata_recovery_strategy=draw.choice(["none", "rebootstrap"]),
        produce_answers_name_leaders=draw.choice([True, False]),
    )


def _other(draw: Random) -> ProducerConfig:
    name = draw.choice(sorted(IMPATIENT))
    client, _, idempotent = name.partition("_")
    impatience, in_flight = IMPATIENT[name]
    batch_bytes = draw.choice([2_000, 16_384])
    options = PROFILES[client].names.asked(bool(idempotent), in_flight, batch_bytes)
    return producer_of(client, **options | impatience)


def _workload(draw: Random, partitions: int) -> Workload:
    arrivals: list[Saturating | OpenLoop | ClosedLoop] = [
        Saturating(),
        OpenLoop(draw.choice([100.0, 900.0]), draw.choice(["even", "poisson"]), records=300),
        OpenLoop(4_000.0, "poisson", records=700),
        ClosedLoop(draw.choice([1, 8, 60])),
    ]
    spread = Compressibility(ratio=0.4, falls=draw.choice([0.0, 0.05]), spread=0.05)
    return Workload(
        arrival=draw.choice(arrivals),
        value_bytes=draw.choice([10, 300, 1_500]),
        key_space=draw.choice([0, 0, 12]),
        partition_cycle=tuple(draw.choices(range(partitions), k=3)) * draw.choice([0, 0, 1]),
        resends_failed=draw.choice([False, False, True]),
        compressibility=draw.choice([None, spread]),
    )


def _broker(draw: Random) -> BrokerConfig:
    return BrokerConfig(
        num_network_threads=draw.choice([1, 3]),
        num_io_threads=draw.choice([1, 2, 8]),
        message_max_bytes=draw.choice([SMALL_BYTES, 1_048_588, 1_048_588]),
        socket_receive_buffer_bytes=draw.choice([-1, 16_384, 102_400]),
        replica_fetch_wait_max_ms=draw.choice([20, 500]),
        replica_fetch_max_bytes=draw.choice([3_000, 1_048_576]),
        replica_fetch_response_max_bytes=draw.choice([5_000, 10_485_760]),
        replica_lag_time_max_ms=draw.choice([60, 30_000]),
        broker_heartbeat_interval_ms=30,
        broker_session_timeout_ms=draw.choice([90, 150]),
    )


def _machine(draw: Random) -> MachineConfig:
    return replace(
        MACHINE,
        broker_tail_us=draw.choice([0, 100]),
        wake_us=draw.choice([0, 400]),
        wake_after_us=1_000,
        round_wake_us=draw.choice([0, 300]),
        notify_us=draw.choice([0, 100]),
        timer_late_us=draw.choice([0, 200]),
        broker_stall_us=draw.choice([0, 2_000]),
        broker_stalls_per_mb=draw.choice([0, 2]),
    )
