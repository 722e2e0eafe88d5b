"""Claims that were measured on somebody's cluster, or follow from a formula that several state."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from experiments.validation.published.claim import Check, Claim, Runs, figure, ratio, within
from experiments.validation.published.deterministic import NOTHING_TAKES_TIME
from model import (
    BrokerConfig,
    Fault,
    MachineConfig,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Saturating,
    Scenario,
    TopicConfig,
    Workload,
)
from model.config.producer import Acks
from model.units import KIB, MIB

LARGE_SOCKETS = BrokerConfig(socket_receive_buffer_bytes=-1)
#: A batch of 974 records of 1,000 bytes, as the client of claim 1 cut them.
BATCH_OF_974 = 61 + 974 * 1_010


def producer(in_flight: int, batch_bytes: int = 16 * KIB, acks: Acks = "all") -> ProducerConfig:
    """Saturating, without linger; idempotent where a client could be."""
    return ProducerConfig(
        acks=acks,
        enable_idempotence=acks == "all" and in_flight <= 5,
        batch_size_bytes=batch_bytes,
        buffer_memory_bytes=max(32 * MIB, 20 * batch_bytes),
        max_request_size_bytes=max(MIB, batch_bytes),
        max_in_flight_requests_per_connection=in_flight,
        linger_ms=0,
    )


def run(
    rtt_ms: float, config: ProducerConfig, warmup_s: float, measured_s: float, **parts: Any
) -> Scenario:
    """A warm producer at this distance; saturating unless a part says otherwise."""
    return Scenario(
        path=PathConfig(rtt_ms=rtt_ms),
        producer=config,
        warm_start=True,
        warmup_s=warmup_s,
        measured_s=measured_s,
        **parts,
    )


def far(in_flight: int) -> Scenario:
    """Requests of 1 MB over 160 ms, sockets that do not matter."""
    config = replace(producer(in_flight, BATCH_OF_974), send_buffer_bytes=64 * MIB)
    return run(160, config, 2.0, 8.0, broker=LARGE_SOCKETS)


def _slow_broker() -> Scenario:
    """Three brokers, one of which takes 20 ms more for each answer."""
    return run(
        0.1,
        replace(producer(5), partitioner_adaptive_partitioning_enable=False),
        2.0,
        18.0,
        topic=TopicConfig(partitions=3, brokers=3),
        workload=Workload(arrival=OpenLoop(2_048), value_bytes=512),
        machine=MachineConfig(**{**NOTHING_TAKES_TIME, "broker_request_us": 200.0}),
        faults=(Fault(what="slow-broker", at_s=0, for_s=100, broker=0, times=101),),
    )


def _lone(in_flight: int) -> dict[str, Scenario]:
    """Few records over 1 s."""
    few = Workload(arrival=OpenLoop(97), value_bytes=100)
    return {
        "lone": run(1_000, replace(producer(in_flight), linger_ms=200), 5.0, 60.0, workload=few)
    }


def near(in_flight: int, partitions: int = 1, acks: Acks = "all", replicas: int = 1) -> Scenario:
    """Saturating on a LAN."""
    brokers = 3 if replicas > 1 else 1
    topic = TopicConfig(partitions=partitions, brokers=brokers, replicas=replicas)
    return run(0.5, producer(in_flight, acks=acks), 0.5, 1.5, topic=topic)


def capped(rtt_ms: float, brokers: int = 1, batch_bytes: int = 16 * KIB) -> dict[str, Scenario]:
    """Five in flight to each broker, one partition each, and nothing else in the way."""
    config = replace(producer(5, batch_bytes), send_buffer_bytes=64 * MIB)
    topic = TopicConfig(partitions=brokers, brokers=brokers)
    broker = replace(LARGE_SOCKETS, message_max_bytes=2 * MIB)
    return {"capped": run(rtt_ms, config, 2.0, 20 * rtt_ms / 1e3, topic=topic, broker=broker)}


def _full_buffer() -> Scenario:
    small = Workload(arrival=Saturating(), value_bytes=512)
    return run(0.2, producer(5, acks="1"), 3.0, 2.0, workload=small)


def _mb_per_s(runs: Runs) -> float:
    return runs["capped"]["records_per_s"] * 1_000 / 1e6


def _buffered(runs: Runs) -> float:
    """Share of buffer.memory that median latency times throughput comes to."""
    full = runs["full"]
    return full["p50_ms"] / 1e3 * full["records_per_s"] * 512 / (32 * MIB)


#: Idempotence or not, with all else alike.
PLAIN = replace(near(5), producer=replace(producer(5), enable_idempotence=False))
WITH_AND_WITHOUT = {"with": near(5), "without": PLAIN}
FULL_BUFFER = {"full": _full_buffer()}
SLOW_BROKER = {"uniform": _slow_broker()}
FAR = {name: far(n) for name, n in (("one", 1), ("two", 2), ("six", 6))}
BY_PARTITIONS = {
    f"{n} in flight, {p} partitions": near(n, p) for p in (1, 9, 36, 100) for n in (1, 2)
}


def _steps_down(runs: Runs) -> float:
    """How often the gain of two over one falls from one number of partitions to the next."""
    gains = [
        ratio(f"2 in flight, {p} partitions", f"1 in flight, {p} partitions")(runs)
        for p in (1, 9, 36, 100)
    ]
    return sum(after < before for before, after in pairwise(gains))


REPLICATED = {
    "all, one": near(1, 9, "all", 3),
    "all, five": near(5, 9, "all", 3),
    "1, five": near(5, 9, "1", 3),
}
ALL_OVER_ONE = ratio("all, five", "1, five", "p95_ms")
REQUEST_LATENCY = "request_latency_avg"
SARAMA = "github.com/IBM/sarama/pull/2094"
CONFLUENCE = "cwiki.apache.org/confluence (An analysis of the impact of max.in.flight)"
HARDWARE = "it is a constant of somebody's hardware, which one would have to calibrate on first"

CLAIMS = (
    Claim(
        1,
        "Requests of 1 MB over 160 ms: throughput is linear in what is in flight",
        SARAMA,
        (
            within(10, "two over one", 2.07, FAR, ratio("two", "one")),
            within(10, "six over one", 6.21, FAR, ratio("six", "one")),
            within(10, "records/s with one", 5_610, FAR, figure("one", "records_per_s")),
            within(3, "request latency with six, ms", 161, FAR, figure("six", REQUEST_LATENCY)),
        ),
    ),
    Claim(
        3,
        "A broker that takes 20 ms more for an answer works on one request at a time",
        "cwiki.apache.org/confluence (KIP-794)",
        (
            Check("mean in ms", 49.9, 30, 60, SLOW_BROKER, figure("uniform", "mean_ms")),
            Check("99th pct. in ms", 214, 110, 230, SLOW_BROKER, figure("uniform", "p99_ms")),
        ),
    ),
    Claim(
        7,
        "Few records over 1 s: with one in flight 95 % wait up to 1.95 round trips",
        "github.com/confluentinc/librdkafka/pull/4989",
        (
            within(3, "95th pct. with one, ms", 1_950, _lone(1), figure("lone", "p95_ms")),
            within(3, "95th pct. with five, ms", 1_190, _lone(5), figure("lone", "p95_ms")),
        ),
    ),
    Claim(
        8,
        "In overload the median latency is 0.95 of buffer.memory over throughput",
        "github.com/aaronchlam/kafka-benchmarks",
        (within(10, "share of buffer.memory", 0.95, FULL_BUFFER, _buffered),),
    ),
    Claim(
        9,
        "Idempotence itself costs nothing at equal acks and depth",
        "KIP-185, KIP-679, Dekaf's continuous measurements",
        (within(3, "with over without", 1.0, WITH_AND_WITHOUT, ratio("with", "without")),),
    ),
    Claim(
        10,
        "Throughput is at most batches in flight over the round trip",
        "KIP-782; Redpanda's documentation of cloud topics",
        (
            within(5, "MB/s, 16 KiB x 5 at 50 ms", 1.6, capped(50), _mb_per_s),
            within(5, "MB/s, 16 KiB x 5 at 100 ms", 0.8, capped(100), _mb_per_s),
            within(5, "MB/s, 3 brokers x 5 x 1 MiB", 62.9, capped(250, 3, MIB), _mb_per_s),
        ),
    ),
    Claim(
        11,
        "The gain of two over one falls with the number of partitions",
        CONFLUENCE,
        (Check("steps of three that fall", 3, 3, 3, BY_PARTITIONS, _steps_down),),
    ),
    Claim(
        12,
        "acks=1 with five in flight over acks=all with one on a LAN: 1.2",
        "www.confluent.io/blog (exactly-once semantics)",
        (Check("ratio", 1.21, 1.05, 1.35, REPLICATED, ratio("1, five", "all, one")),),
    ),
    Claim(
        13, "Time for a batch is 0.17 ms and its bytes over 81 MiB/s", "xinchen384", (), HARDWARE
    ),
    Claim(14, "A healthy LAN has a 99th percentile of twice its median", "Confluent", (), HARDWARE),
    Claim(
        15,
        "acks=all has about twice the 95th percentile of acks=1",
        CONFLUENCE,
        (Check("ratio of 95th percentiles", 2.0, 1.5, 2.5, REPLICATED, ALL_OVER_ONE),),
    ),
)
