"""Other clients, instant by instant: what they keep in flight, what they send again and how."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

from model import (
    BrokerConfig,
    ClosedLoop,
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
from model.clients import PROFILES
from tests.conftest import IDLE_MACHINE

Tiny = Callable[..., Scenario]
Story = Callable[..., Any]


def batches_of_16(**options: Any) -> ProducerConfig:
    """librdkafka with 16 messages in a batch and no linger."""
    return producer_of("librdkafka", **{"batch.num.messages": 16, "linger.ms": 0, **options})


def plain_machine(tiny: Tiny, producer: ProducerConfig, **parts: Any) -> Run:
    """A run in which the client's own code takes no time, as nothing but the broker's work does."""
    return simulate(tiny(producer=producer, **parts), seed=1)


def most_in_flight(run: Run) -> int:
    return int(run.in_flight[1].max())


def test_librdkafka_forms_one_request_more_than_it_may_send(tiny: Tiny, story: Story) -> None:
    run = plain_machine(tiny, batches_of_16(**{"max.in.flight": 1}))
    rows = story(run, "drained_s", "sent_s", "received_s", most=4)
    for (_, _, received_ms), (drained_ms, sent_ms, _), (later_ms, _, _) in zip(
        rows, rows[1:], rows[2:], strict=False
    ):
        assert drained_ms < received_ms <= sent_ms  # frozen while the one before was out
        assert later_ms == pytest.approx(sent_ms, abs=0.1)  # and then the next is formed
    assert most_in_flight(run) == 1


def test_idempotent_librdkafka_forms_nothing_while_five_messages_are_out(
    tiny: Tiny, story: Story
) -> None:
    run = plain_machine(tiny, batches_of_16(**{"enable.idempotence": True}))
    rows = story(run, "drained_s", "received_s", most=4)
    for (_, received_ms), (drained_ms, _) in itertools.pairwise(rows):
        assert drained_ms >= received_ms
    assert most_in_flight(run) == 1


def test_idempotent_librdkafka_keeps_five_out_in_batches_of_one(tiny: Tiny) -> None:
    one = producer_of(
        "librdkafka", **{"batch.num.messages": 1, "enable.idempotence": True, "linger.ms": 0}
    )
    assert most_in_flight(plain_machine(tiny, one)) == 5


def test_a_request_of_librdkafka_is_of_one_partition(tiny: Tiny) -> None:
    workload = Workload(partition_cycle=tuple(range(6)))
    run = plain_machine(
        tiny,
        batches_of_16(**{"enable.idempotence": True}),
        topic=TopicConfig(partitions=6),
        workload=workload,
    )
    assert {row.batches for row in run.requests} == {1}
    assert most_in_flight(run) == 5  # of a connection; one of each partition
    assert {row.partition for row in run.batches} == set(range(6))


def test_franz_go_begins_with_one_and_goes_on_with_five(tiny: Tiny, story: Story) -> None:
    run = plain_machine(tiny, producer_of("franz-go", ProducerBatchMaxBytes=16_384))
    sent = [sent_ms for (sent_ms,) in story(run, "sent_s")]
    first_answer_ms = 10.3
    assert sum(sent_ms < first_answer_ms for sent_ms in sent) == 1
    assert most_in_flight(run) == 5


def test_sarama_has_one_more_out_than_it_was_set_and_one_of_a_partition(tiny: Tiny) -> None:
    options = {"Net.MaxOpenRequests": 1, "Producer.RequiredAcks": "all"}
    assert most_in_flight(plain_machine(tiny, producer_of("sarama", **options))) == 1
    assert most_in_flight(plain_machine(tiny, producer_of("sarama", "1.47", **options))) == 2


def test_kafka_python_has_one_batch_of_a_partition_out_if_idempotent(tiny: Tiny) -> None:
    assert most_in_flight(plain_machine(tiny, producer_of("kafka-python"), measured_s=0.5)) == 1
    plain = producer_of("kafka-python", enable_idempotence=False)
    assert most_in_flight(plain_machine(tiny, plain, measured_s=0.5)) > 1


def test_aiokafka_fills_one_batch_of_a_partition_while_another_is_out(
    tiny: Tiny, story: Story
) -> None:
    run = plain_machine(tiny, producer_of("aiokafka"), topic=TopicConfig(partitions=3))
    assert most_in_flight(run) == 1
    out = [row for row in run.requests if row.sent_s > 0.02]
    # the first partition whose batch is full holds the application up, and with it all others
    assert max(row.records for row in out) < 3 * 16
    assert all(row.batches <= 3 for row in out)


def sent_again(producer: ProducerConfig) -> Run:
    """600 records a second over 50 ms; a connection is torn down while several are under way."""
    scenario = Scenario(
        path=PathConfig(rtt_ms=50),
        producer=producer,
        workload=Workload(arrival=OpenLoop(600, records=1_200)),
        machine=IDLE_MACHINE,
        warm_start=True,
        warmup_s=0.0,
        measured_s=3.0,
        faults=(
            Fault(what="lost-requests", at_s=1.0, for_s=0.045),
            Fault(what="connection-reset", at_s=1.045),
        ),
    )
    return simulate(scenario, seed=1)


def numbers(run: Run) -> list[int]:
    """The records in the log, by their numbers."""
    rows = sorted(run.appends, key=lambda row: row.base_offset)
    return [n for row in rows for n in range(row.first_record, row.first_record + row.records)]


PLAIN_JAVA = ProducerConfig(
    acks="1", enable_idempotence=False, linger_ms=0, max_in_flight_requests_per_connection=5
)
PLAIN_FRANZ_GO = producer_of(
    "franz-go",
    DisableIdempotentWrite=True,
    RequiredAcks="1",
    MaxProduceRequestsInflightPerBroker=5,
    ProducerLinger=0,
)
PLAIN_LIBRDKAFKA = producer_of("librdkafka", acks="1", **{"max.in.flight": 5, "linger.ms": 0})


def test_java_turns_round_what_it_sends_again() -> None:
    assert sent_again(PLAIN_JAVA).guarantees.displaced > 0


@pytest.mark.parametrize("producer", [PLAIN_LIBRDKAFKA, PLAIN_FRANZ_GO])
def test_others_send_again_in_order(producer: ProducerConfig) -> None:
    run = sent_again(producer)
    assert run.retries
    assert run.guarantees.displaced == 0
    assert sorted(set(numbers(run))) == list(range(1_200))


def test_librdkafka_draws_batches_anew_and_franz_go_does_not() -> None:
    requests = {
        producer.client: len(sent_again(producer).retries)
        for producer in (PLAIN_LIBRDKAFKA, PLAIN_FRANZ_GO)
    }
    assert requests["librdkafka"] == 1  # all of them in one
    assert requests["franz-go"] > 1


def refused(producer: ProducerConfig) -> Run:
    """One request is refused while others are on their way behind it."""
    scenario = Scenario(
        path=PathConfig(rtt_ms=50),
        producer=producer,
        workload=Workload(arrival=OpenLoop(600, records=600)),
        machine=IDLE_MACHINE,
        warm_start=True,
        warmup_s=0.0,
        measured_s=2.0,
        faults=(Fault(what="nack", at_s=0.5, error="KAFKA_STORAGE_ERROR", requests=1),),
    )
    return simulate(scenario, seed=1)


def test_franz_go_sends_again_what_was_written_behind_a_refused_request() -> None:
    run = refused(PLAIN_FRANZ_GO)
    assert run.guarantees.duplicates > 0  # those behind it were written, and are again
    assert refused(PLAIN_LIBRDKAFKA).guarantees.duplicates == 0
    assert run.guarantees.acked == 600


@pytest.mark.parametrize(
    "producer", [producer_of("franz-go"), producer_of("librdkafka", **{"enable.idempotence": True})]
)
def test_idempotent_ones_write_each_record_once_and_in_order(producer: ProducerConfig) -> None:
    for run in (refused(producer), sent_again(producer)):
        assert numbers(run) == list(range(len(numbers(run))))
        assert run.guarantees.duplicates == 0


def without_broker(producer: ProducerConfig, for_s: float) -> Run:
    """The broker is down for a while."""
    scenario = Scenario(
        path=PathConfig(rtt_ms=10),
        producer=producer,
        workload=Workload(arrival=OpenLoop(100, records=500)),
        machine=IDLE_MACHINE,
        warm_start=True,
        warmup_s=0.0,
        measured_s=6.0,
        faults=(Fault(what="broker-crash", at_s=1.0, for_s=for_s),),
    )
    return simulate(scenario, seed=1)


def test_sarama_gives_up_after_three_tenths_of_a_second() -> None:
    failed = without_broker(producer_of("sarama"), 2.0).guarantees.failed
    assert 100 * (2.0 - 0.5) <= failed <= 100 * 2.1
    longer = producer_of("sarama", **{"Producer.Retry.Max": 100})
    assert without_broker(longer, 2.0).guarantees.failed == 0


def test_kafka_python_failed_at_once_before_it_retried() -> None:
    assert without_broker(producer_of("kafka-python", "2.0.2"), 2.0).guarantees.failed > 0
    assert without_broker(producer_of("kafka-python"), 2.0).guarantees.failed == 0


@pytest.mark.parametrize("client", ["librdkafka", "franz-go", "aiokafka"])
def test_the_others_wait_for_the_broker(client: str) -> None:
    run = without_broker(producer_of(client), 2.0)
    assert run.guarantees.failed == 0
    assert run.guarantees.acked == 500


def test_librdkafka_looks_for_timeouts_once_a_second() -> None:
    producer = producer_of("librdkafka", acks="1", **{"socket.timeout.ms": 1_300, "linger.ms": 0})
    scenario = Scenario(
        path=PathConfig(rtt_ms=10),
        producer=producer,
        workload=Workload(arrival=OpenLoop(100, records=300)),
        machine=IDLE_MACHINE,
        warm_start=True,
        warmup_s=0.0,
        measured_s=8.0,
        faults=(Fault(what="lost-acks", at_s=1.0, for_s=1.5),),
    )
    lost = simulate(scenario, seed=1).lost
    assert lost
    assert {row.lost_s for row in lost} == {3.0}  # sent after 1 s, out of time after 2.3


@pytest.mark.parametrize("client", ["aiokafka", "franz-go", "kafka-python", "librdkafka", "sarama"])
def test_only_kafka_python_cuts_what_is_too_large_as_java_does(tiny: Tiny, client: str) -> None:
    """Into such as ``batch.size`` allows, which here are too large again (KAFKA-8350)."""
    options = PROFILES[client].names.asked(False, 1, 8_000)
    few = BrokerConfig(message_max_bytes=4_000)
    run = plain_machine(
        tiny,
        producer_of(client, **options),
        broker=few,
        workload=Workload(arrival=ClosedLoop(4)),
    )
    assert {row.error for row in run.decisions} == {"MESSAGE_TOO_LARGE"}
    assert {row.error for row in run.failures} == (
        set() if client == "kafka-python" else {"MESSAGE_TOO_LARGE"}
    )


def test_where_nothing_is_written_there_is_no_mean_request(tiny: Tiny) -> None:
    """Nor its bound; all that is told of the run is told."""
    run = plain_machine(
        tiny,
        producer_of("librdkafka", **PROFILES["librdkafka"].names.asked(True, 1, 8_000)),
        broker=BrokerConfig(message_max_bytes=4_000),
        workload=Workload(arrival=ClosedLoop(4)),
    )
    assert run.guarantees.acked == 0 < run.guarantees.failed
    assert math.isnan(run.mean_request.records)
    assert math.isnan(run.batch_fill)
    assert run.summary()
