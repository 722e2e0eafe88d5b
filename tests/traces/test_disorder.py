"""Why more in flight is not always more disorder: what one error strikes, and what it is held to.

A refusal strikes one request, whatever the depth, and deeper producers send more between two of
them. A lost connection strikes all that is in flight, and turns its order round.
"""

from collections.abc import Sequence

from experiments.faults.campaign import broken_invariants, fell_into_the_first_batch_hole
from model import (
    Fault,
    OpenLoop,
    PathConfig,
    ProducerConfig,
    Run,
    Saturating,
    Scenario,
    TopicConfig,
    Workload,
    simulate,
)
from tests.conftest import IDLE_MACHINE

ERRORS_AT_S = (1.0, 1.5, 2.0, 2.5)
RECORDS_A_BATCH = 16


def run(depth: int, faults: Sequence[Fault]) -> Run:
    """As fast as it can over 20 ms, without idempotence, full batches."""
    producer = ProducerConfig(
        enable_idempotence=False,
        max_in_flight_requests_per_connection=depth,
        buffer_memory_bytes=12 * 16_384,
    )
    scenario = Scenario(
        path=PathConfig(rtt_ms=20),
        producer=producer,
        workload=Workload(arrival=Saturating()),
        topic=TopicConfig(partitions=1),
        machine=IDLE_MACHINE,
        faults=tuple(faults),
        warm_start=True,
        warmup_s=0.0,
        measured_s=3.5,
    )
    return simulate(scenario, seed=1)


def refused(depth: int) -> Run:
    """One request is refused now and then."""
    error = "NOT_LEADER_OR_FOLLOWER"
    return run(depth, [Fault(what="nack", at_s=s, error=error, requests=1) for s in ERRORS_AT_S])


def lost(depth: int) -> Run:
    """Requests on their way are lost now and then, and the connection with them."""
    faults = []
    for at_s in ERRORS_AT_S:
        faults.append(Fault(what="lost-requests", at_s=at_s, for_s=0.03))
        faults.append(Fault(what="connection-reset", at_s=at_s + 0.03))
    return run(depth, faults)


def test_a_refusal_displaces_one_batch_with_two_in_flight_as_with_five() -> None:
    displaced = {depth: refused(depth).guarantees.displaced for depth in (1, 2, 5)}
    assert displaced == {1: 0, **dict.fromkeys((2, 5), len(ERRORS_AT_S) * RECORDS_A_BATCH)}


def test_so_by_the_clock_five_leave_a_smaller_share_out_of_order_than_two() -> None:
    two, five = refused(2).guarantees, refused(5).guarantees
    assert five.sent > 1.5 * two.sent
    assert five.displaced / five.sent < two.displaced / two.sent / 1.5


def test_a_lost_connection_displaces_more_the_more_there_is_in_flight() -> None:
    displaced = {depth: lost(depth).guarantees.displaced for depth in (1, 2, 3, 5)}
    batches = {depth: count // RECORDS_A_BATCH for depth, count in displaced.items()}
    # all but the one that is written first, each time
    assert batches == {depth: len(ERRORS_AT_S) * (depth - 1) for depth in (1, 2, 3, 5)}


def test_because_what_was_lost_together_is_written_in_reversed_order() -> None:
    found = lost(5)
    again = {row.request for row in found.retries}
    written = [row.first_record for row in found.appends if row.request in again]
    assert len(written) == 5 * len(ERRORS_AT_S)
    for first in range(0, len(written), 5):
        together = written[first : first + 5]
        assert together == sorted(together, reverse=True)


def test_without_acks_a_closed_connection_delivers_beside_the_next_one() -> None:
    """The kernel goes on sending what a socket held when it was closed, and nobody waits for it."""
    producer = ProducerConfig(
        acks="0",
        enable_idempotence=False,
        max_in_flight_requests_per_connection=1,
        batch_size_bytes=1_100,
        linger_ms=0,
        request_timeout_ms=300,
    )
    scenario = Scenario(
        path=PathConfig(rtt_ms=1),
        producer=producer,
        workload=Workload(arrival=OpenLoop(300, records=600)),
        machine=IDLE_MACHINE,
        faults=(Fault(what="lost-acks", at_s=0.1, for_s=0.7),),
        warmup_s=0.0,
        measured_s=5.0,
    )
    run = simulate(scenario, seed=1)
    assert {row.error for row in run.lost} == {"REQUEST_TIMED_OUT"}
    assert run.guarantees.displaced > 100
    first = [row.first_record for row in run.appends]
    assert sorted(first[:40]) == first[:40]  # in order until the connection is lost


def test_what_a_new_log_takes_first_may_be_a_later_batch() -> None:
    """KAFKA-15591: a producer that a log does not know may start with any sequence.

    The first three are refused, the fourth is written; then they do not follow, two expire, and the
    third goes after it with a new epoch: there idempotence does not keep the order.
    """
    scenario = Scenario(
        path=PathConfig(rtt_ms=1),
        producer=ProducerConfig(batch_size_bytes=1_100, linger_ms=0),
        workload=Workload(arrival=OpenLoop(60, records=180)),
        machine=IDLE_MACHINE,
        faults=(
            Fault(what="lost-acks", at_s=0.0, for_s=0.05),
            Fault(what="nack", at_s=0.0, error="NOT_LEADER_OR_FOLLOWER", requests=3),
        ),
        warm_start=True,
        warmup_s=0.0,
        measured_s=125.0,
    )
    run = simulate(scenario, seed=1)
    assert run.appends[0].first_record == 3
    assert run.guarantees.failed == 2
    assert run.guarantees.displaced > 0
    assert fell_into_the_first_batch_hole(run)
    assert not broken_invariants(run)


def test_what_a_new_log_took_first_is_written_again_if_its_answer_is_lost_too() -> None:
    """KAFKA-15591, and the new epoch numbers anew what the log has already: the only duplicate."""
    scenario = Scenario(
        path=PathConfig(rtt_ms=20),
        producer=ProducerConfig(
            batch_size_bytes=1_100,
            linger_ms=0,
            request_timeout_ms=300,
            max_in_flight_requests_per_connection=2,
            delivery_timeout_ms=30_000,
        ),
        workload=Workload(arrival=OpenLoop(60, records=180)),
        machine=IDLE_MACHINE,
        faults=(
            Fault(what="lost-acks", at_s=0.0, for_s=0.3),
            Fault(what="nack", at_s=0.0, error="NOT_LEADER_OR_FOLLOWER", requests=1),
        ),
        warm_start=True,
        warmup_s=0.0,
        measured_s=46.0,
    )
    run = simulate(scenario, seed=1)
    assert [row.first_record for row in run.appends[:3]] == [1, 0, 1]
    assert (run.guarantees.duplicates, run.guarantees.failed) == (1, 0)
    assert fell_into_the_first_batch_hole(run)
    assert not broken_invariants(run)
