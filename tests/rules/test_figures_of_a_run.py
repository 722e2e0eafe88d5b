"""Figures of a run whose rows are made by hand: the window is from 1 s, without it, to 5, with it.

Two producers and two brokers; two requests of one connection make a round.
"""

from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest

from model import PathConfig, ProducerConfig, Run, Scenario, TopicConfig
from model.outcome.facts import AckRow, BatchRow, DecisionRow, RequestRow
from model.outcome.recorder import Recorder
from model.outcome.start_times import EachStartTime, StartTimes

NAN = float("nan")


def request(
    number: int, handled_s: float, records: int = 10, *, producer: int = 0, broker: int = 0
) -> RequestRow:
    """Handled at an instant: sent 20 ms before, written 16, answered 8 and received 4; its service
    takes as many microseconds as it has records."""
    drained, sent, written, arrived, taken, answered, received = (
        handled_s - before_s for before_s in (0.025, 0.02, 0.016, 0.01, 0.009, 0.008, 0.004)
    )
    return RequestRow(
        *(number, producer, broker, 1 + number, records, 1_000 + 10 * records),
        *(drained, sent, written, arrived, taken, answered, received, handled_s),
        service_s=records * 1e-6,
    )


@pytest.fixture
def run_of(machine: Callable[..., Any]) -> Callable[..., Run]:
    def make(
        *rows: RequestRow, client: str = "java", unanswered_s: tuple[float, ...] = (), **kept: Any
    ) -> Run:
        recorder = Recorder(2)
        for row in rows:
            recorder.requests.append(row)
        for row in kept.get("batches", ()):
            recorder.batches.append(row)
        for row in kept.get("acks", ()):
            recorder.acks[1].append(row)
        recorder.decisions = list(kept.get("decisions", ()))
        scenario = Scenario(
            path=PathConfig(rtt_ms=10),
            producer=ProducerConfig(max_in_flight_requests_per_connection=2, client=client),
            topic=TopicConfig(partitions=2, brokers=2),
            machine=machine(wake_us=1_000, wake_after_us=1),  # a millisecond, however far
            producers=2,
            warmup_s=1,
            measured_s=4,
        )
        starts_s = [np.zeros(0), np.array([0.5, 1.5, 2.5, 3.5])]
        starts: list[StartTimes] = [EachStartTime(each_s) for each_s in starts_s]
        return Run.of(scenario, 1, recorder, starts, list(unanswered_s), 5.0, True)

    return make


RunOf = Callable[..., Run]


def regular(**where: int) -> list[RequestRow]:
    """Of one connection: 1.0 and 5.1 are outside of the window, five of six are two rounds."""
    times_s = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 5.0, 5.1)
    return [request(n, at_s, 10 * (n + 1), **where) for n, at_s in enumerate(times_s)]


def test_throughput_counts_whole_rounds_from_answer_to_answer(run_of: RunOf) -> None:
    run = run_of(*regular())
    # 30, 40, 50 and 60 records between 1.5 and 3.5
    assert run.records_per_s == pytest.approx(180 / 2.0)
    assert run.bytes_per_s == pytest.approx(180 / 2.0 * 1_000)
    assert not run.too_short


def test_of_each_connection_on_its_own(run_of: RunOf) -> None:
    everywhere = [
        row
        for producer in (0, 1)
        for broker in (0, 1)
        for row in regular(producer=producer, broker=broker)
    ]
    assert run_of(*everywhere).records_per_s == pytest.approx(4 * 90)


@pytest.mark.parametrize(
    ("times_s", "rate"),
    [
        ((2.0, 2.1), 20 / 4),  # no round
        ((2.0, 2.1, 2.3), 30 / 4),  # one of 0.3 s, and nothing for the rest
        ((2.0, 2.5, 3.0), 20 / 1.0),  # one of 1 s, and 3 s without any: just as many
        ((2.0, 2.5, 2.99), 30 / 4),
        ((2.0, 2.3, 2.8, 3.1, 3.61), 40 / 1.61),  # two of 0.8, and 2.39 without
        ((2.0, 2.3, 2.8, 3.1, 3.59), 50 / 4),
    ],
)
def test_where_a_connection_was_idle_the_window_counts(
    run_of: RunOf, times_s: tuple[float, ...], rate: float
) -> None:
    run = run_of(*(request(n, at_s) for n, at_s in enumerate(times_s)))
    assert run.records_per_s == pytest.approx(rate)
    assert run.too_short is (len(times_s) < 3)


def test_without_an_answer_of_the_broker_a_request_ends_when_it_is_handled(run_of: RunOf) -> None:
    rows = [request(n, at_s)._replace(answered_s=NAN) for n, at_s in enumerate((2.0, 3.0, 4.5))]
    rows[0] = rows[0]._replace(answered_s=1.5)
    assert run_of(*rows).records_per_s == pytest.approx(20 / 3.0)


def test_the_mean_request_is_of_those_that_throughput_counts(run_of: RunOf) -> None:
    mean = run_of(*regular()).mean_request
    assert astuple(mean) == pytest.approx((45, 4.5, 1_450, 45e-6))  # 30, 40, 50, 60 records
    short = run_of(*regular()[:3]).mean_request  # no round: of both that are in the window
    assert astuple(short) == pytest.approx((25, 2.5, 1_250, 25e-6))
    assert np.isnan(astuple(run_of(*regular()[:1]).mean_request)).all()


@pytest.mark.parametrize(
    ("client", "latency_ms"),
    [
        ("java", 25),  # from being drained until it is handled
        ("sarama", 20 - 4 + 1),  # from being sent until it is read, a millisecond after its arrival
        ("librdkafka", 16 - 4 + 1),  # from being in the socket
    ],
)
def test_a_latency_is_the_client_s_own(run_of: RunOf, client: str, latency_ms: float) -> None:
    run = run_of(*regular(), client=client)
    machine = run.scenario.client_machine
    read_ms = machine.wake_s(run.scenario.path.rtt_s) * 1e3
    less_ms = 0 if client == "java" else 1 - read_ms  # librdkafka's own thread wakes faster
    assert run.request_latency_ms == pytest.approx(latency_ms - less_ms)


def test_a_request_is_in_flight_from_its_sending_to_its_handling(run_of: RunOf) -> None:
    rows = [request(0, 1.25), request(1, 3.0)]
    rows = [rows[0]._replace(sent_s=0.5), rows[1]._replace(sent_s=1.25)]
    run = run_of(*rows, unanswered_s=(4.0,))
    times_s, levels = run.in_flight
    # at 1.25 one ends before the next begins
    assert times_s.tolist() == [0.5, 1.25, 1.25, 3.0, 4.0]
    assert levels.tolist() == [1, 0, 1, 0, 1]
    assert run.mean_in_flight == pytest.approx((0.25 + 1.75 + 1.0) / 4)


def test_others_count_it_until_it_is_read(run_of: RunOf) -> None:
    early = request(0, 2.0)  # received at 1.996 and read a millisecond later
    late = request(1, 3.0)._replace(received_s=2.9995)  # handled before it were read
    run = run_of(early, late, client="sarama")
    assert run.in_flight_until_s.tolist() == pytest.approx([1.997, 3.0])


def test_fill_and_latencies_are_of_what_was_acknowledged_in_the_window(run_of: RunOf) -> None:
    sizes = {1.0: 16_384, 1.1: 4_096, 5.0: 8_192, 5.1: 16_384}
    batches = [
        BatchRow(0, 0, 0, 0, 1, size, -1, -1, -1, -1, 0.0, 0.0, at_s, 0, False)
        for at_s, size in sizes.items()
    ]
    acks = [AckRow(0, 1, 1.0), AckRow(1, 2, 5.0), AckRow(3, 1, 5.1)]
    run = run_of(batches=batches, acks=acks)
    assert run.batch_fill == pytest.approx((0.25 + 0.5) / 2)
    [piece] = run.acked_records(1)
    assert piece.records.tolist() == [1, 2]
    assert piece.latencies_ms.tolist() == run.latency_ms.values_ms.tolist()[::-1] == [3_500, 2_500]
    assert run.guarantees.sent == 4


def test_decisions_are_in_the_order_of_time_and_then_of_partitions(run_of: RunOf) -> None:
    where = [(1, 2.0), (0, 2.0), (0, 1.0)]
    decisions = [DecisionRow(p, 0, 0, 0, 1, -1, -1, -1, "NONE", at_s) for p, at_s in where]
    run = run_of(decisions=decisions)
    assert [(row.partition, row.decided_s) for row in run.decisions] == [(0, 1), (0, 2), (1, 2)]


def test_a_run_says_what_it_carried(run_of: RunOf) -> None:
    assert repr(run_of()) == "<Run, seed 1: 0 records/s, no answer in the window>"
    run = run_of(*regular())
    assert repr(run) == f"<Run, seed 1: 90 records/s, limited by the {run.limit}>"
    assert run._repr_html_().startswith("<pre>")
