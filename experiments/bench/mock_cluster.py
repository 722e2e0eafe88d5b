"""What one would run instead: librdkafka's mock cluster, which lives in the producer's own process.

The same number of records of the same size through a real idempotent producer in C, timed by the
clock on the wall, against the model's run of them. It is another client than the one that is
modelled, and its cluster answers at once over the loopback interface: librdkafka can delay the
answers (``rd_kafka_mock_broker_set_rtt``), but not by a setting, so not from Python. What it says
nothing about is distance; whoever runs it at 50 ms waits in real time. Needs the extra ``bench``.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from experiments.bench.work import Work
from model import Scenario

TOPIC = "bench"
#: Where to stop filling librdkafka's queue and let it work, as its examples do.
POLL_S = 0.1
FLUSH_S = 60.0
LEFT_OUT = "librdkafka's mock cluster is left out: confluent_kafka is not installed (extra: bench)"


def installed() -> bool:
    """Whether there is a librdkafka to compare with."""
    return find_spec("confluent_kafka") is not None


def mock_cluster(scenario: Scenario, records: int) -> Work:
    """Produce so many records to a mock cluster of as many brokers, and wait for every ack."""
    producer = _producer(scenario)
    value, acked = bytes(scenario.workload.value_bytes), 0

    def on_delivery(error: Any, _: Any) -> None:
        nonlocal acked
        assert error is None, f"the mock cluster refused a record: {error}"
        acked += 1

    for _ in range(records):
        _send(producer, value, on_delivery)
    producer.flush(FLUSH_S)
    assert acked == records, f"the mock cluster acknowledged {acked} of {records} records"
    return Work(records=acked)


def _producer(scenario: Scenario) -> Any:
    settings = scenario.producer
    quiet = {"log_level": 0}
    return import_module("confluent_kafka").Producer(
        {
            "test.mock.num.brokers": scenario.topic.brokers,
            "enable.idempotence": settings.enable_idempotence,
            "acks": settings.acks,
            "batch.size": settings.batch_size_bytes,
            "linger.ms": settings.linger_ms,
            "max.in.flight": settings.max_in_flight_requests_per_connection,
        }
        | quiet
    )


def _send(producer: Any, value: bytes, on_delivery: Any) -> None:
    """Hand one record over; wait while librdkafka's queue is full."""
    while True:
        try:
            producer.produce(TOPIC, value, on_delivery=on_delivery)
        except BufferError:
            producer.poll(POLL_S)
        else:
            producer.poll(0)
            return
