"""The tiny worlds whose rows are golden, each there for something that goes on in it."""

from dataclasses import replace

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
    Uniform,
    Workload,
    producer_of,
)
from model.clients import PROFILES
from model.config.packets import Packets

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
    "without_acks": Scenario(
        path=PathConfig(rtt_ms=5, bytes_per_s=12.5e6),
        producer=ProducerConfig(
            acks="0", enable_idempotence=False, batch_size_bytes=2_000, linger_ms=2
        ),
        workload=Workload(arrival=OpenLoop(2_000, "poisson", records=500), value_bytes=300),
        topic=TopicConfig(partitions=2),
        machine=MACHINE,
        producers=2,
        faults=(
            Fault(what="lost-requests", at_s=0.05, for_s=0.1),
            Fault(what="nack", at_s=0.22, error="INVALID_RECORD", requests=2),
        ),
        warmup_s=0,
        measured_s=0.4,
    ),
    "all_that_a_broker_suffers": Scenario(
        path=PathConfig(rtt_ms=5, jitter=Uniform(1), answer_jitter=Uniform(2)),
        producer=ProducerConfig(
            batch_size_bytes=2_000, linger_ms=1, request_timeout_ms=150, retry_backoff_ms=20
        ),
        workload=Workload(arrival=OpenLoop(700, records=900), value_bytes=300),
        topic=TopicConfig(partitions=3),
        machine=MACHINE,
        faults=(
            Fault(what="slow-broker", at_s=0.1, for_s=0.1, times=20),
            Fault(what="broker-pause", at_s=0.25, for_s=0.2),
            Fault(what="full-disk", at_s=0.5, for_s=0.05),
            Fault(what="not-leader", at_s=0.6, for_s=0.05),
            Fault(what="too-few-replicas", at_s=0.7, for_s=0.05),
            Fault(what="too-few-replicas-after-append", at_s=0.8, for_s=0.05),
            Fault(what="latency-spike", at_s=0.9, for_s=0.1, rtt_ms=60),
            Fault(what="nack", at_s=1.1, error="UNKNOWN_PRODUCER_ID", requests=1),
        ),
        warm_start=True,
        warmup_s=0.05,
        measured_s=1.4,
    ),
    "an_unclean_election": Scenario(
        path=PathConfig(rtt_ms=5),
        producer=ProducerConfig(
            acks="1", enable_idempotence=False, request_timeout_ms=200, retry_backoff_ms=10
        ),
        workload=Workload(arrival=OpenLoop(400, "poisson", records=900), value_bytes=300),
        topic=TopicConfig(
            partitions=3,
            brokers=3,
            replicas=3,
            min_insync_replicas=2,
            unclean_leader_election_enable=True,
            eligible_leader_replicas=False,
        ),
        broker=BrokerConfig(
            broker_heartbeat_interval_ms=100,
            broker_session_timeout_ms=350,
            replica_lag_time_max_ms=200,
        ),
        machine=MACHINE,
        faults=(
            Fault(what="broker-isolation", at_s=0.3, for_s=0.7, broker=0),
            Fault(what="broker-pause", at_s=1.1, for_s=0.5, broker=1),
            Fault(what="broker-crash", at_s=1.2, for_s=0.5, broker=2),
            Fault(what="broker-restart", at_s=1.9, for_s=0.3, broker=0),
        ),
        warmup_s=0,
        measured_s=2.5,
    ),
    "many_partitions_near_and_far": Scenario(
        path=PathConfig(rtt_ms=1),
        broker_paths=(PathConfig(rtt_ms=1), PathConfig(rtt_ms=4), PathConfig(rtt_ms=12)),
        producer=ProducerConfig(batch_size_bytes=1_500, linger_ms=3, max_request_size_bytes=9_000),
        workload=Workload(arrival=OpenLoop(30_000), value_bytes=200),
        topic=TopicConfig(partitions=40, brokers=3),
        machine=MACHINE,
        warm_start=True,
        warmup_s=0,
        measured_s=0.04,
    ),
    "too_large_for_the_broker_and_little_memory": Scenario(
        path=PathConfig(rtt_ms=3),
        producer=ProducerConfig(
            compression_type="gzip",
            compression_level=9,
            batch_size_bytes=8_000,
            buffer_memory_bytes=24_000,
            max_block_ms=15,
            retry_backoff_ms=5,
        ),
        broker=BrokerConfig(message_max_bytes=7_000),
        workload=Workload(
            arrival=OpenLoop(9_000, "poisson", records=900),
            value_bytes=500,
            compressibility=Compressibility(ratio=0.85, falls=0.05, spread=0.2),
        ),
        topic=TopicConfig(partitions=2),
        machine=replace(MACHINE, client_gzip_byte_us=0.03, broker_gzip_byte_us=0.01),
        warmup_s=0,
        measured_s=0.3,
    ),
    "small_buffers_large_requests": Scenario(
        path=PathConfig(rtt_ms=4, bytes_per_s=125e6),
        producer=ProducerConfig(
            acks="1",
            enable_idempotence=False,
            batch_size_bytes=30_000,
            send_buffer_bytes=8_192,
            max_request_size_bytes=100_000,
        ),
        broker=BrokerConfig(socket_receive_buffer_bytes=16_384, num_network_threads=1),
        topic=TopicConfig(partitions=4),
        machine=MACHINE,
        warm_start=True,
        warmup_s=0,
        measured_s=0.7,
    ),
    "a_closed_loop_that_restarts_and_sends_what_failed": Scenario(
        path=PathConfig(rtt_ms=3),
        producer=ProducerConfig(
            retries=1, request_timeout_ms=40, delivery_timeout_ms=90, linger_ms=1
        ),
        workload=Workload(
            arrival=ClosedLoop(8), value_bytes=300, partition_cycle=(0, 1, 1), resends_failed=True
        ),
        topic=TopicConfig(partitions=2, brokers=2),
        machine=MACHINE,
        producers=2,
        faults=(
            Fault(what="black-hole", at_s=0.02, for_s=0.15, broker=1),
            Fault(what="producer-restart", at_s=0.25, for_s=0.05),
            Fault(what="connection-reset", at_s=0.35, broker=0),
        ),
        warm_start=True,
        warmup_s=0,
        measured_s=0.4,
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


#: Of each other client: what makes it impatient, and how many requests it may have out.
IMPATIENT: dict[str, tuple[dict[str, int], int]] = {
    "sarama": ({"Net.ReadTimeout": 200}, 5),
    "sarama_idempotent": ({"Net.ReadTimeout": 200, "Producer.Retry.Max": 30}, 1),
    "kafka-python": ({"request_timeout_ms": 200, "retries": 2}, 5),
    "kafka-python_idempotent": ({"request_timeout_ms": 200}, 5),
    "franz-go": ({"ProduceRequestTimeout": 100, "RequestTimeoutOverhead": 100}, 5),
    "franz-go_idempotent": ({"ProduceRequestTimeout": 100, "RequestTimeoutOverhead": 100}, 5),
    "aiokafka": ({"request_timeout_ms": 200}, 1),
    "aiokafka_idempotent": ({"request_timeout_ms": 200}, 1),
    "librdkafka_idempotent": ({"socket.timeout.ms": 200}, 5),
}
for each, (impatience, in_flight) in IMPATIENT.items():
    client, _, idempotent = each.partition("_")
    options = PROFILES[client].names.asked(bool(idempotent), in_flight, 2_000)
    TO_THE_NS[f"{each}_in_trouble"] = Scenario(
        path=PathConfig(rtt_ms=5),
        producer=producer_of(client, **options | impatience),
        workload=Workload(
            arrival=OpenLoop(600, "poisson", records=700), value_bytes=300, key_space=9
        ),
        topic=TopicConfig(partitions=3, brokers=2),
        machine=MACHINE,
        faults=(
            Fault(what="lost-acks", at_s=0.15, for_s=0.4),
            Fault(what="black-hole", at_s=0.8, for_s=0.4, broker=1),
            Fault(what="nack", at_s=1.0, error="NOT_LEADER_OR_FOLLOWER", requests=2),
        ),
        warmup_s=0,
        measured_s=1.8,
    )
