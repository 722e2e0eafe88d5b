"""The scenarios of the published claims, by the names that ``claims.toml`` calls them.

Those of the simulator that drives the real Java client with a virtual clock are closed loops in a
world with no work but 1 ms in the broker. All others saturate, unless their workload says
otherwise. Left out: start-up.
"""

from dataclasses import replace
from typing import Any

from model import (
    BrokerConfig,
    Fault,
    MachineConfig,
    PathConfig,
    Scenario,
    TopicConfig,
    producer_of,
)
from model.config.producer import Acks, ProducerConfig
from model.config.workload import ClosedLoop, OpenLoop, Workload
from model.units import KIB, MIB

_COSTS = (
    *("client_append_us", "client_request_us", "client_byte_us", "client_record_us", "wake_us"),
    *("broker_batch_us", "broker_byte_us", "broker_tail_us"),
)
LARGE_SOCKETS = BrokerConfig(socket_receive_buffer_bytes=-1)
#: A batch of 974 records of 1,000 bytes, as the client of claim 1 cut them.
BATCH_OF_974 = 61 + 974 * 1_010


def run(
    rtt_ms: float, producer: ProducerConfig, warmup_s: float, measured_s: float, **parts: Any
) -> Scenario:
    """A warm producer at this distance."""
    return Scenario(
        path=PathConfig(rtt_ms=rtt_ms),
        producer=producer,
        warm_start=True,
        warmup_s=warmup_s,
        measured_s=measured_s,
        **parts,
    )


def machine(broker_request_us: float) -> MachineConfig:
    """Nothing takes time but requests in the broker."""
    costs = dict.fromkeys(_COSTS, 0.0)
    return MachineConfig(**costs, wake_after_us=1.0, broker_request_us=broker_request_us)


def simulated(
    outstanding: int, in_flight: int, partitions: int = 6, keys: int = 64, **parts: Any
) -> Scenario:
    """A closed loop of the simulator."""
    producer = ProducerConfig(
        batch_size_bytes=4_096,
        max_request_size_bytes=65_536,
        max_in_flight_requests_per_connection=in_flight,
    )
    # seven records of 540 bytes with keys of eight fill a batch
    workload = Workload(arrival=ClosedLoop(outstanding), value_bytes=540, key_space=keys)
    topic = TopicConfig(partitions=partitions, brokers=min(partitions, 3))
    world = {"topic": topic, "workload": workload, "machine": machine(1_000.0)}
    return run(0.4, producer, 1.0, 6.0, **world, **parts)


def saturating(in_flight: int, batch_bytes: int = 16 * KIB, acks: Acks = "all") -> ProducerConfig:
    """Without linger; idempotent where a client could be."""
    return ProducerConfig(
        acks=acks,
        enable_idempotence=acks == "all" and in_flight <= 5,
        batch_size_bytes=batch_bytes,
        buffer_memory_bytes=max(32 * MIB, 20 * batch_bytes),
        max_request_size_bytes=max(MIB, batch_bytes),
        max_in_flight_requests_per_connection=in_flight,
        linger_ms=0,
    )


def large_requests(in_flight: int) -> Scenario:
    """Requests of 1 MB over 160 ms, sockets that do not matter."""
    producer = replace(saturating(in_flight, BATCH_OF_974), send_buffer_bytes=64 * MIB)
    return run(160, producer, 2.0, 8.0, broker=LARGE_SOCKETS)


def slow_broker() -> Scenario:
    """Three brokers, one of which takes 20 ms more for each answer."""
    producer = replace(saturating(5), partitioner_adaptive_partitioning_enable=False)
    workload = Workload(arrival=OpenLoop(2_048), value_bytes=512)
    slow = Fault(what="slow-broker", at_s=0, for_s=100, broker=0, times=101)
    world = {"workload": workload, "machine": machine(200.0), "faults": (slow,)}
    return run(0.1, producer, 2.0, 18.0, topic=TopicConfig(partitions=3, brokers=3), **world)


def few_records(in_flight: int) -> Scenario:
    """With a linger of a fifth of the round trip."""
    return over_a_second(replace(saturating(in_flight), linger_ms=200))


def over_a_second(producer: ProducerConfig) -> Scenario:
    """97 records/s over 1 s."""
    workload = Workload(arrival=OpenLoop(97), value_bytes=100)
    return run(1_000, producer, 5.0, 60.0, workload=workload)


def librdkafka_of_4989() -> ProducerConfig:
    """As it was when that was reported."""
    return producer_of("librdkafka", "2.8", **{"enable.idempotence": True, "linger.ms": 200})


def sarama_of_2094(set_to: int) -> Scenario:
    """As it became pipelined, over 140 ms, sockets that do not matter."""
    options = {"Net.MaxOpenRequests": set_to, "Producer.RequiredAcks": "all"}
    producer = replace(producer_of("sarama", "1.31", **options), send_buffer_bytes=64 * MIB)
    return run(140, producer, 2.0, 8.0, broker=LARGE_SOCKETS)


def near(in_flight: int, partitions: int = 1, acks: Acks = "all", replicas: int = 1) -> Scenario:
    """On a LAN."""
    topic = TopicConfig(partitions=partitions, brokers=min(replicas, 3), replicas=replicas)
    return run(0.5, saturating(in_flight, acks=acks), 0.5, 1.5, topic=topic)


def capped(rtt_ms: float, brokers: int = 1, batch_bytes: int = 16 * KIB) -> Scenario:
    """Five in flight to each broker, one partition each, and nothing else in the way."""
    producer = replace(saturating(5, batch_bytes), send_buffer_bytes=64 * MIB)
    topic = TopicConfig(partitions=brokers, brokers=brokers)
    broker = replace(LARGE_SOCKETS, message_max_bytes=2 * MIB)
    return run(rtt_ms, producer, 2.0, 20 * rtt_ms / 1e3, topic=topic, broker=broker)


ONE_FAR = tuple(PathConfig(rtt_ms=rtt_ms) for rtt_ms in (0.4, 0.4, 40))
PLAIN = replace(saturating(5), enable_idempotence=False)

SCENARIOS = {
    **{f"1 MB, {n} in flight": large_requests(n) for n in (1, 2, 6)},
    **{
        f"{k} outstanding, {n} in flight": simulated(k, n) for k in (1, 16, 64, 256) for n in (1, 5)
    },
    "256 outstanding, 2 in flight": simulated(256, 2),
    "one slow broker": slow_broker(),
    "one partition, 3 in flight": simulated(32, 3, partitions=1, keys=0),
    **{f"one broker far, {n} in flight": simulated(32, n, broker_paths=ONE_FAR) for n in (1, 5)},
    **{f"few records, {n} in flight": few_records(n) for n in (1, 5)},
    "few records, idempotent librdkafka": over_a_second(librdkafka_of_4989()),
    **{f"sarama over 140 ms, set to {n}": sarama_of_2094(n) for n in (1, 5)},
    "full buffer": run(0.2, saturating(5, acks="1"), 3.0, 2.0, workload=Workload(value_bytes=512)),
    "idempotent": near(5),
    "not idempotent": replace(near(5), producer=PLAIN),
    "16 KiB x 5 at 50 ms": capped(50),
    "16 KiB x 5 at 100 ms": capped(100),
    "3 brokers x 5 x 1 MiB": capped(250, 3, MIB),
    **{f"{p} partitions, {n} in flight": near(n, p) for p in (1, 9, 36, 100) for n in (1, 2)},
    "acks=all, 1 in flight": near(1, 9, "all", 3),
    "acks=all, 5 in flight": near(5, 9, "all", 3),
    "acks=1, 5 in flight": near(5, 9, "1", 3),
}
