"""What holds for every client, whatever goes wrong: books that add up, promises that are kept."""

from typing import Any

import pytest

from model import (
    Fault,
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

RECORDS = 900
FAULTS: dict[str, dict[str, Any]] = {
    "lost-acks": {"for_s": 1.2},
    "lost-requests": {"for_s": 0.05},
    "connection-reset": {},
    "broker-crash": {"for_s": 0.6},
    "nack": {"error": "KAFKA_STORAGE_ERROR", "requests": 2},
    "producer-restart": {"for_s": 0.2},
}
PLAIN: dict[str, dict[str, Any]] = {
    "librdkafka": {"socket.timeout.ms": 1_000, "max.in.flight": 5, "batch.num.messages": 20},
    "franz-go": {
        "ProducerBatchCompression": "none",
        "DisableIdempotentWrite": True,
        "MaxProduceRequestsInflightPerBroker": 4,
        "ProduceRequestTimeout": 500,
        "RequestTimeoutOverhead": 500,
    },
    "sarama": {"Producer.RequiredAcks": "all", "Net.ReadTimeout": 1_000},
    "kafka-python": {"enable_idempotence": False, "request_timeout_ms": 1_000},
    "aiokafka": {"acks": "all", "request_timeout_ms": 1_000},
}
IDEMPOTENT: dict[str, dict[str, Any]] = {
    "librdkafka": {
        **{"enable.idempotence": True, "socket.timeout.ms": 1_000, "batch.num.messages": 2}
    },
    "franz-go": {
        "ProducerBatchCompression": "none",
        "ProduceRequestTimeout": 500,
        "RequestTimeoutOverhead": 500,
    },
    "sarama": {
        "Producer.Idempotent": True,
        "Producer.RequiredAcks": "all",
        "Net.MaxOpenRequests": 1,
        "Producer.Retry.Max": 100,
    },
    "kafka-python": {"request_timeout_ms": 1_000},
    "aiokafka": {"enable_idempotence": True, "request_timeout_ms": 1_000},
}


def run(producer: ProducerConfig, fault: str, partitions: int = 3) -> Run:
    """600 records a second over 20 ms, two brokers."""
    scenario = Scenario(
        path=PathConfig(rtt_ms=20),
        producer=producer,
        topic=TopicConfig(partitions=partitions, brokers=2),
        workload=Workload(arrival=OpenLoop(600, records=RECORDS)),
        faults=(Fault(what=fault, at_s=0.5, **FAULTS[fault]),),
        warmup_s=0.0,
        measured_s=15.0,
    )
    return simulate(scenario, seed=1)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("client", PLAIN)
def test_every_record_ends_once_in_the_books(client: str, fault: str) -> None:
    books = run(producer_of(client, **PLAIN[client]), fault).guarantees
    assert books.sent == books.acked + books.failed + books.unfinished
    assert books.unfinished == 0
    assert books.acked_missing == 0  # nothing but a disk loses what one copy has
    assert books.acked + books.failed == RECORDS


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "producer-restart"])
@pytest.mark.parametrize("client", IDEMPOTENT)
def test_idempotence_is_what_it_promises_with_every_client(client: str, fault: str) -> None:
    books = run(producer_of(client, **IDEMPOTENT[client]), fault).guarantees
    # an application whose record finds no room for as long as a request may take is told so
    gives_up = client == "aiokafka"
    assert books.acked == RECORDS or (gives_up and books.acked + books.failed == RECORDS)
    assert (books.duplicates, books.displaced, books.failed_but_present) == (0, 0, 0)


@pytest.mark.parametrize("client", PLAIN)
def test_the_same_seed_gives_the_same_rows(client: str) -> None:
    first, second = (run(producer_of(client, **PLAIN[client]), "lost-acks") for _ in range(2))
    assert list(first.requests) == list(second.requests)
    assert list(first.appends) == list(second.appends)
