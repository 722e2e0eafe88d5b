"""Small worlds in which something goes wrong: who notices when, and what ends up in the log.

10 ms there and back, 0.3 ms a request at the broker, one record in each batch where nothing else
is said. Reconnects wait 0 ms and retries exactly 100, so that times are exact.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from model import Fault, OpenLoop, Run, Scenario, TopicConfig, Workload, simulate

World = Callable[..., Run]


@pytest.fixture
def world(tiny: Callable[..., Scenario]) -> World:
    """A run of some records of 1,000 bytes, one a batch, that arrive 2 ms apart."""

    def make(*faults: Fault, records: int = 6, **changes: Any) -> Run:
        settings: dict[str, Any] = {
            "batch_size_bytes": 1_100,
            "retry_backoff_jitter": 0.0,
            "retry_backoff_max_ms": 100.0,
            "reconnect_backoff_ms": 0.0,
            "request_timeout_ms": 200.0,
            "workload": Workload(arrival=OpenLoop(500, records=records)),
            "faults": faults,
            "measured_s": 5.0,
        }
        return simulate(tiny(**settings | changes), seed=1)

    return make


def plain(in_flight: int = 5) -> dict[str, Any]:
    """A producer without idempotence."""
    return {"enable_idempotence": False, "max_in_flight_requests_per_connection": in_flight}


def log_of(run: Run) -> list[int]:
    """The records in the order of the log."""
    return [row.first_record for row in run.appends]


def decided(run: Run) -> list[tuple[int, str]]:
    """What was not written and why: (first record, error); NONE is a duplicate."""
    return [(row.first_record, row.error) for row in run.decisions]


def lost(run: Run) -> list[tuple[int, str, float]]:
    """Requests that the client gave up: number, why, at which ms."""
    return [(row.request, row.error, round(row.lost_s * 1e3, 3)) for row in run.lost]


def test_a_lost_ack_is_retried_and_the_duplicate_acknowledged_but_not_written(
    world: World,
) -> None:
    run = world(Fault(what="lost-acks", at_s=0.0, for_s=0.1), records=1)
    # sent at 0, written at 5.2, answered at 5.3: lost. The timeout of 200 ms is over in the first
    # whole ms after it; the retry waits 100 ms and finds a connection and metadata made meanwhile.
    assert lost(run) == [(0, "REQUEST_TIMED_OUT", 201.0)]
    assert log_of(run) == [0]
    assert decided(run) == [(0, "NONE")]
    [batch] = run.batches
    assert (batch.base_offset, batch.retries, batch.found_again) == (0, 1, True)
    # metadata is there at 201 + 10 + 10.3 + 10.3 = 231.6; then the Sender polls for 70 whole ms
    assert round(batch.acked_s * 1e3, 3) == 311.9  # 301.6 + 10 + 0.3


def test_without_a_producer_id_the_retry_is_written_twice(world: World) -> None:
    run = world(Fault(what="lost-acks", at_s=0.0, for_s=0.1), records=1, **plain())
    assert log_of(run) == [0, 0]
    assert run.guarantees.duplicates == 1
    assert [row.base_offset for row in run.batches] == [1]


def test_a_timeout_takes_every_request_of_the_connection_with_it(world: World) -> None:
    run = world(Fault(what="lost-acks", at_s=0.0, for_s=0.1), **plain())
    # requests leave at 0, 2, 4, 6 and 8 ms; the first is too old at 201 ms, and all go with it
    assert lost(run) == [(number, "REQUEST_TIMED_OUT", 201.0) for number in range(5)]


def test_after_a_reset_five_in_flight_are_sent_again_in_reversed_order(world: World) -> None:
    # Requests 3, 4 and 5 leave at 6, 8 and 10.3 ms. What leaves from 5.5 ms on is lost; at 11 ms
    # the connection is torn down, before TCP could send it again.
    faults = (
        Fault(what="lost-requests", at_s=0.0055, for_s=0.005),
        Fault(what="connection-reset", at_s=0.011),
    )
    run = world(*faults, **plain())
    assert log_of(run)[:3] == [0, 1, 2]
    assert [record for record in log_of(run) if record > 2] == [5, 4, 3]
    assert run.guarantees.displaced == 2


def test_with_sequence_numbers_they_are_sent_again_in_order_one_at_a_time(world: World) -> None:
    faults = (
        Fault(what="lost-requests", at_s=0.0055, for_s=0.005),
        Fault(what="connection-reset", at_s=0.011),
    )
    run = world(*faults)
    assert list(dict.fromkeys(log_of(run))) == [0, 1, 2, 3, 4, 5]
    assert run.guarantees.duplicates == 0
    retried = [row for row in run.batches if row.retries]
    assert len(retried) >= 2
    drained, acked = [row.drained_s for row in retried], [row.acked_s for row in retried]
    assert all(later >= ack for later, ack in zip(drained[1:], acked, strict=False))


def test_with_one_in_flight_a_reset_never_changes_the_order(world: World) -> None:
    run = world(Fault(what="connection-reset", at_s=0.006), records=12, **plain(in_flight=1))
    # the request that left at 0 is at the broker when the connection goes: written, then once more
    assert log_of(run)[:2] == [0, 0]
    assert run.guarantees.displaced == 0


def test_one_error_while_the_connection_stays_breaks_the_order_only_without_numbers(
    world: World,
) -> None:
    fault = Fault(what="nack", at_s=0.0, error="NOT_LEADER_OR_FOLLOWER", requests=1)
    run = world(fault, **plain())
    # record 5, which comes while 0 waits for its retry, waits behind it
    assert log_of(run) == [1, 2, 3, 4, 0, 5]
    assert (run.guarantees.duplicates, run.guarantees.displaced) == (0, 1)


def test_with_numbers_what_comes_after_an_error_is_refused_until_it_is_written(
    world: World,
) -> None:
    fault = Fault(what="nack", at_s=0.05, error="NOT_LEADER_OR_FOLLOWER", requests=1)
    run = world(fault, records=40)
    first, *others = decided(run)
    assert first[1] == "NOT_LEADER_OR_FOLLOWER"
    assert {error for _, error in others} == {"OUT_OF_ORDER_SEQUENCE_NUMBER"}
    assert [record for record, _ in others] == list(range(first[0] + 1, first[0] + 1 + len(others)))
    assert log_of(run) == list(range(40))


def test_the_first_batch_of_all_may_fall_into_a_hole(world: World) -> None:
    """KAFKA-15591: a broker that does not know the producer takes the second batch as its first."""
    fault = Fault(what="nack", at_s=0.0, error="NOT_LEADER_OR_FOLLOWER", requests=1)
    run = world(fault, delivery_timeout_ms=1_000.0)
    assert log_of(run) == [1, 2, 3, 4, 5]
    assert [(row.first_record, row.error) for row in run.failures] == [(0, "TIMEOUT")]


def test_a_cold_start_connects_asks_for_metadata_and_an_id_before_it_sends(world: World) -> None:
    # TCP 10 ms, ApiVersions 10.3; Metadata and InitProducerId together 10.3 and 0.3 for the second
    run = world(warm_start=False, records=1)
    assert [round(row.sent_s * 1e3, 3) for row in run.requests] == [30.9]
    assert [row.producer_id for row in run.batches] == [0]
    run = world(warm_start=False, records=1, **plain())
    assert [round(row.sent_s * 1e3, 3) for row in run.requests] == [30.6]


def test_a_producer_that_restarts_gets_another_id_and_duplicates(world: World) -> None:
    run = world(Fault(what="producer-restart", at_s=0.007, for_s=0.1), records=20)
    # sent at 0 and 2 and written at 5.2 and 7.2, but at 7 nothing is acknowledged
    assert {row.producer_id for row in run.batches} == {1}
    assert log_of(run)[:4] == [0, 1, 2, 3]  # by the first session, whose id was 0
    assert run.guarantees.duplicates == 4
    assert set(log_of(run)) == set(range(20))
    assert run.guarantees.unfinished == 0


def test_what_expired_may_be_in_the_log_and_is_doubled_by_who_sends_it_again(world: World) -> None:
    fault = Fault(what="lost-acks", at_s=0.0, for_s=2.0)
    run = world(fault, delivery_timeout_ms=400.0)
    assert run.guarantees.failed == 6
    assert run.guarantees.failed_but_present >= 1
    assert run.guarantees.duplicates == 0
    arrival = OpenLoop(500, records=6)
    resends = Workload(arrival=arrival, resends_failed=True)
    run = world(fault, delivery_timeout_ms=400.0, workload=resends)
    assert run.guarantees.acked == 6
    assert run.guarantees.duplicates >= 1


def test_a_permanent_error_fails_its_batch_and_starts_a_new_epoch(world: World) -> None:
    run = world(Fault(what="nack", at_s=0.02, error="INVALID_RECORD", requests=1), records=40)
    assert [row.error for row in run.failures] == ["INVALID_RECORD"]
    assert {row.epoch for row in run.batches} == {0, 1}
    first_of_new = next(row for row in run.batches if row.epoch == 1)
    assert first_of_new.base_sequence == 0
    assert run.guarantees.duplicates == 0
    assert run.guarantees.displaced == 0


def test_a_broker_that_remembers_one_batch_lets_an_idempotent_producer_duplicate(
    world: World,
) -> None:
    faults = (
        Fault(what="lost-acks", at_s=0.0, for_s=0.35),
        Fault(what="broker-restart", at_s=0.05, for_s=0.01),
    )
    run = world(*faults)
    # five batches are written and none acknowledged; only the last is remembered
    assert (0, "OUT_OF_ORDER_SEQUENCE_NUMBER") in decided(run)
    assert run.guarantees.duplicates == 5
    assert {row.epoch for row in run.batches} == {1}


def test_a_broker_writes_what_was_delivered_before_the_client_gave_up(world: World) -> None:
    run = world(Fault(what="broker-pause", at_s=0.004, for_s=0.5), **plain())
    # all five arrive while it stands still; at 504 it writes them one after the other, although
    # the client has gone: the reset that the first answer draws is 10 ms away
    written = [row.request for row in run.appends[:5]]
    assert written == [0, 1, 2, 3, 4]
    assert run.guarantees.duplicates == 5


def test_a_client_that_went_long_ago_stops_the_broker_after_one_more(world: World) -> None:
    faults = (
        Fault(what="broker-pause", at_s=0.004, for_s=0.5),
        Fault(what="connection-reset", at_s=0.1),
    )
    run = world(*faults, **plain())
    # the reset lies at the broker's end already: it reads one, writes it, and cannot answer
    assert log_of(run)[0] == 0
    assert run.guarantees.duplicates == 1


def test_while_a_broker_is_down_connections_are_refused(world: World) -> None:
    run = world(Fault(what="broker-crash", at_s=0.02, for_s=0.3), records=40, **plain(1))
    acked_ms = sorted(row.acked_s * 1e3 for row in run.batches)
    gap = max(later - before for before, later in pairwise(acked_ms))
    assert 300 < gap < 400
    assert run.guarantees.unfinished == 0
    assert set(log_of(run)) == set(range(40))


def test_a_chain_of_retries_keeps_the_broker_s_other_partitions_waiting(world: World) -> None:
    """The trap of the saved drain index: one partition's retries hold up its neighbours."""
    workload = Workload(arrival=OpenLoop(500, records=60), partition_cycle=(0, 0, 0, 0, 0, 1))
    topic = TopicConfig(partitions=2)
    faults = (
        Fault(what="lost-requests", at_s=0.0205, for_s=0.010),
        Fault(what="connection-reset", at_s=0.032),
    )
    run = world(*faults, workload=workload, topic=topic)
    others = [row for row in run.batches if row.partition == 1]
    retries = [row for row in run.batches if row.partition == 0 and row.retries]
    assert len(retries) >= 2
    begins_s, ends_s = (f(row.drained_s for row in retries) for f in (min, max))
    waiting = [row for row in others if row.created_s < ends_s and row.drained_s > begins_s]
    meanwhile = [row for row in waiting if row.drained_s < ends_s]
    # one of the neighbour's batches leaves with each retry: a round trip for each, not five in it
    assert len(meanwhile) <= len(retries) < len(waiting)
    assert run.guarantees.duplicates == run.guarantees.displaced == 0


def test_without_acks_an_error_closes_the_connection(world: World) -> None:
    run = world(Fault(what="full-disk", at_s=0.02, for_s=0.05), records=60, acks="0", **plain())
    assert run.guarantees.failed == 0
    assert run.guarantees.acked_missing > 0  # nobody hears of it


def test_a_batch_that_is_too_large_is_split_into_what_it_was_until_its_time_is_over(
    world: World,
) -> None:
    """KAFKA-8350: without compression a split by batch.size changes nothing."""
    from model import BrokerConfig

    run = world(
        records=40,
        batch_size_bytes=16_384,
        linger_ms=50.0,
        delivery_timeout_ms=600.0,
        broker=BrokerConfig(message_max_bytes=5_000),
    )
    assert {error for _, error in decided(run)} == {"MESSAGE_TOO_LARGE"}
    assert run.guarantees.failed == 40
    assert run.guarantees.in_log == 0
