"""Tiny worlds for what is seldom travelled: odd settings, restarts at a bad moment, late threads.

Compared by the nanosecond, as those of :mod:`tests.golden.worlds` that need logarithms.
"""

from dataclasses import replace
from typing import Any

from model import (
    BrokerConfig,
    ClosedLoop,
    Compressibility,
    Fault,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Saturating,
    Scenario,
    TopicConfig,
    Workload,
    producer_of,
)
from model.clients import PROFILES
from tests.golden.worlds import MACHINE

ODD = {
    "a_machine_whose_threads_are_late": Scenario(
        path=PathConfig(rtt_ms=3),
        producer=ProducerConfig(batch_size_bytes=1_200, linger_ms=2, send_buffer_bytes=8_192),
        workload=Workload(
            arrival=OpenLoop(1_500, "poisson", spins_below_ms=0.4), value_bytes=250, key_space=30
        ),
        topic=TopicConfig(partitions=3),
        broker=BrokerConfig(socket_receive_buffer_bytes=4_096, num_io_threads=1),
        machine=replace(
            MACHINE,
            wake_us=300,
            wake_after_us=2_000,
            round_wake_us=200,
            timer_late_us=70,
            broker_stall_us=500,
            broker_stalls_per_mb=20,
        ),
        warmup_s=0,
        measured_s=0.15,
    ),
    "a_closed_loop_that_is_woken_late": Scenario(
        path=PathConfig(rtt_ms=2),
        producer=ProducerConfig(
            compression_type="lz4", compression_level=5, linger_ms=1, batch_size_bytes=3_000
        ),
        workload=Workload(
            arrival=ClosedLoop(12),
            value_bytes=700,
            compressibility=Compressibility(ratio=0.9, falls=0.1, spread=0.1),
        ),
        machine=replace(MACHINE, notify_us=150, timer_late_us=40),
        warmup_s=0.01,
        measured_s=0.1,
    ),
    "few_small_records_that_linger_long": Scenario(
        path=PathConfig(rtt_ms=2),
        producer=ProducerConfig(batch_size_bytes=400, linger_ms=350, delivery_timeout_ms=120_000),
        workload=Workload(
            arrival=OpenLoop(70, "poisson"), value_bytes=20, partition_cycle=(0, 1, 1, 1, 0)
        ),
        topic=TopicConfig(partitions=2),
        machine=MACHINE,
        warm_start=True,
        warmup_s=0.2,
        measured_s=7.0,
    ),
    "nobody_is_there_and_the_producer_restarts": Scenario(
        path=PathConfig(rtt_ms=4),
        producer=ProducerConfig(
            batch_size_bytes=1_000,
            buffer_memory_bytes=6_000,
            max_block_ms=60,
            request_timeout_ms=100,
            delivery_timeout_ms=300,
            linger_ms=3,
            retry_backoff_ms=20,
            socket_connection_setup_timeout_ms=70,
            socket_connection_setup_timeout_max_ms=250,
        ),
        workload=Workload(arrival=OpenLoop(300, "poisson"), value_bytes=200),
        topic=TopicConfig(partitions=2, brokers=2),
        machine=MACHINE,
        faults=(
            Fault(what="broker-crash", at_s=0.15, for_s=0.2, broker=0),
            Fault(what="broker-crash", at_s=0.17, for_s=0.2, broker=1),
            Fault(what="producer-restart", at_s=0.26, for_s=0.04),
            Fault(what="black-hole", at_s=0.5, for_s=0.6),
            Fault(what="producer-restart", at_s=0.93, for_s=0.01),
            Fault(what="producer-restart", at_s=0.97, for_s=0.01),
            Fault(what="producer-restart", at_s=1.01, for_s=0.01),
        ),
        warmup_s=0,
        measured_s=1.2,
    ),
    "a_producer_that_is_not_allowed": Scenario(
        path=PathConfig(rtt_ms=4),
        producer=ProducerConfig(batch_size_bytes=1_000, linger_ms=1),
        workload=Workload(arrival=OpenLoop(500, records=130), value_bytes=200),
        topic=TopicConfig(partitions=2),
        machine=MACHINE,
        faults=(
            Fault(what="connection-reset", at_s=0.0105),  # its id is on its way
            Fault(what="nack", at_s=0.15, error="CLUSTER_AUTHORIZATION_FAILED", requests=2),
            Fault(what="producer-restart", at_s=0.2, for_s=0.03),
        ),
        warmup_s=0,
        measured_s=0.4,
    ),
    "metadata_grows_old_while_a_leader_is_away": Scenario(
        path=PathConfig(rtt_ms=4),
        producer=ProducerConfig(
            batch_size_bytes=1_000,
            request_timeout_ms=200,
            retry_backoff_ms=15,
            retry_backoff_max_ms=60,
            metadata_max_age_ms=120,
            metadata_recovery_strategy="none",
            produce_answers_name_leaders=False,
            max_in_flight_requests_per_connection=1,
        ),
        workload=Workload(arrival=OpenLoop(100, "poisson", records=170), value_bytes=200),
        topic=TopicConfig(partitions=2, brokers=2, replicas=2),
        broker=BrokerConfig(
            broker_heartbeat_interval_ms=60,
            broker_session_timeout_ms=200,
            replica_lag_time_max_ms=100,
        ),
        machine=MACHINE,
        faults=(
            Fault(what="broker-isolation", at_s=0.3, for_s=0.5, broker=0),
            Fault(what="broker-restart", at_s=1.1, for_s=0.3, broker=1),
        ),
        warmup_s=0,
        measured_s=1.6,
    ),
    "librdkafka_gives_messages_up_soon": Scenario(
        path=PathConfig(rtt_ms=5),
        producer=producer_of(
            "librdkafka",
            **{
                "batch.num.messages": 4,
                "enable.idempotence": True,
                "message.timeout.ms": 600,
                "linger.ms": 20,
            },
        ),
        workload=Workload(
            arrival=OpenLoop(120, "poisson", records=150), value_bytes=300, resends_failed=True
        ),
        topic=TopicConfig(partitions=2),
        machine=MACHINE,
        faults=(
            Fault(what="lost-acks", at_s=0.2, for_s=1.1),
            Fault(what="producer-restart", at_s=1.7, for_s=0.1),
        ),
        warmup_s=0,
        measured_s=1.9,
    ),
    "franz-go_gives_records_up_and_restarts": Scenario(
        path=PathConfig(rtt_ms=5),
        producer=producer_of(
            "franz-go",
            **{
                "DisableIdempotentWrite": True,
                "MaxProduceRequestsInflightPerBroker": 4,
                "RecordDeliveryTimeout": 150,
                "ProducerBatchMaxBytes": 900,
                "ProducerLinger": 2,
            },
        ),
        workload=Workload(arrival=OpenLoop(500, "poisson", records=330), value_bytes=150),
        topic=TopicConfig(partitions=2),
        machine=MACHINE,
        faults=(
            Fault(what="lost-acks", at_s=0.08, for_s=0.24),
            Fault(what="producer-restart", at_s=0.3, for_s=0.03),
            Fault(what="nack", at_s=0.45, error="NOT_LEADER_OR_FOLLOWER", requests=1),
            Fault(what="producer-restart", at_s=0.458, for_s=0.03),
        ),
        warmup_s=0,
        measured_s=0.8,
    ),
    "rules_of_librdkafka_with_the_settings_of_kafka": Scenario(
        path=PathConfig(rtt_ms=5),
        producer=ProducerConfig(
            client="librdkafka",
            acks="1",
            enable_idempotence=False,
            max_in_flight_requests_per_connection=3,
            batch_size_bytes=1_500,
            buffer_memory_bytes=12_000,
            max_block_ms=300,
            linger_ms=2,
            request_timeout_ms=900,
        ),
        workload=Workload(arrival=OpenLoop(250, "poisson", records=220), value_bytes=300),
        topic=TopicConfig(partitions=2),
        machine=MACHINE,
        faults=(
            Fault(what="lost-acks", at_s=0.15, for_s=0.4),
            Fault(what="nack", at_s=0.8, error="NOT_LEADER_OR_FOLLOWER", requests=2),
        ),
        warmup_s=0,
        measured_s=1.0,
    ),
}
ODD["a_partition_without_a_leader"] = replace(
    ODD["metadata_grows_old_while_a_leader_is_away"],
    producer=ProducerConfig(
        batch_size_bytes=1_000, request_timeout_ms=200, retry_backoff_ms=15, retry_backoff_max_ms=60
    ),
    faults=(
        Fault(what="broker-pause", at_s=0.2, for_s=0.4, broker=1),
        Fault(what="broker-crash", at_s=0.58, for_s=0.7, broker=0),
    ),
)
ODD["rules_of_librdkafka_and_records_that_are_counted"] = replace(
    ODD["rules_of_librdkafka_with_the_settings_of_kafka"],
    producer=replace(
        ODD["rules_of_librdkafka_with_the_settings_of_kafka"].producer, buffer_records=30
    ),
)
ODD["sarama_gives_up_what_is_for_a_broker_that_is_away"] = Scenario(
    path=PathConfig(rtt_ms=5),
    producer=producer_of(
        "sarama", **{"Producer.MaxMessageBytes": 1_500, "Producer.Retry.Backoff": 60}
    ),
    workload=Workload(arrival=OpenLoop(150, "poisson", records=150), value_bytes=300, key_space=7),
    topic=TopicConfig(partitions=2, brokers=2),
    machine=MACHINE,
    faults=(
        Fault(what="broker-crash", at_s=0.2, for_s=0.5, broker=0),
        Fault(what="producer-restart", at_s=0.8, for_s=0.02),
    ),
    warmup_s=0,
    measured_s=1.2,
)
ODD["librdkafka_sends_just_before_a_message_ends"] = Scenario(
    path=PathConfig(rtt_ms=5),
    producer=producer_of("librdkafka", **{"linger.ms": 400, "message.timeout.ms": 405}),
    workload=Workload(arrival=OpenLoop(60, "poisson"), value_bytes=100, key_space=90),
    topic=TopicConfig(partitions=20),
    machine=MACHINE,
    faults=(Fault(what="lost-acks", at_s=0.7, for_s=2.6),),
    warmup_s=0,
    measured_s=3.5,
)

#: Of each other client: little room, where there is an option for it, in batches of 2,000 bytes.
LITTLE: dict[str, tuple[str, dict[str, int]]] = {
    "aiokafka": ("", {}),
    "franz-go": ("", {"MaxBufferedRecords": 15}),
    "kafka-python": ("2.0", {"buffer_memory": 9_000, "retries": 5}),
    "librdkafka": ("", {"queue.buffering.max.messages": 15}),
    "sarama": ("", {"ChannelBufferSize": 2}),
}
for client, (release, little) in LITTLE.items():
    options: dict[str, Any] = {**little, PROFILES[client].names.batch_bytes: 2_000}
    ODD[f"{client}_in_haste_restarts"] = Scenario(
        path=PathConfig(rtt_ms=14),
        producer=producer_of(client, release, **options),
        workload=Workload(arrival=ClosedLoop(24), value_bytes=150),
        topic=TopicConfig(partitions=3, brokers=2),
        machine=MACHINE,
        faults=(
            Fault(what="connection-reset", at_s=0.1),
            Fault(what="producer-restart", at_s=0.1, for_s=0.03),
            Fault(what="lost-requests", at_s=0.17, for_s=0.02, broker=1),
            Fault(what="connection-reset", at_s=0.19),
            Fault(what="producer-restart", at_s=0.195, for_s=0.03),
        ),
        warmup_s=0,
        measured_s=0.27,
    )
    ODD[f"{client}_without_end"] = Scenario(
        path=PathConfig(rtt_ms=9, bytes_per_s=20e6),
        producer=producer_of(client, release, **options),
        workload=Workload(arrival=Saturating(), value_bytes=150),
        topic=TopicConfig(partitions=4),
        machine=MACHINE,
        warm_start=True,
        warmup_s=0.02,
        measured_s=0.2,
    )
