"""Followers that pull: what acks=all waits for, by hand.

10 ms between producer and broker, 2 ms between brokers, 0.1 ms each to read, handle and write a
request, 0.4 ms to append a batch, on the leader as on a follower; sending it to one is free.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from model import (
    BrokerConfig,
    ClosedLoop,
    Fault,
    OpenLoop,
    PathConfig,
    Run,
    Scenario,
    TopicConfig,
    Workload,
    simulate,
)
from model.cluster import Cluster
from model.outcome.recorder import Recorder

World = Callable[..., Run]
NOT_ALL: dict[str, Any] = {"acks": "1", "enable_idempotence": False}
SIXTEEN = Workload(arrival=ClosedLoop(16))  # one full batch, then wait
APPEND_MS = 0.1 + 0.1 + 0.4  # from a request's being taken to its append
#: The leader writes the fetch, the way, the follower appends, the way, the next fetch
#: is read and handled.
ROUND_MS = 0.1 + 1 + 0.4 + 1 + 0.1 + 0.1


@pytest.fixture
def world(tiny: Callable[..., Scenario], machine: Callable[..., Any]) -> World:
    """A run of a topic with one partition and three replicas."""

    def make(**changes: Any) -> Run:
        settings: dict[str, Any] = {
            "topic": TopicConfig(replicas=3),
            "replica_path": PathConfig(rtt_ms=2),
            "machine": machine(broker_request_us=300, broker_batch_us=400),
            "workload": SIXTEEN,
        }
        return simulate(tiny(**settings | changes), seed=1)

    return make


def held_ms(run: Run, most: int | None = None) -> list[float]:
    """For how long requests were at the broker, from taken to answered."""
    rows = sorted(run.requests, key=lambda row: row.request)[:most]
    return [round((row.answered_s - row.taken_s) * 1e3, 6) for row in rows]


def test_acks_all_waits_until_the_next_fetch_tells_that_it_was_copied(
    world: World, story: Callable[..., Any]
) -> None:
    # arrived at 5, appended at 5.6: both parked fetches go on
    # leader:   written until 5.7, at the followers at 6.7
    # follower: appended until 7.1; the next fetch is at the leader at 8.1
    # leader:   read until 8.2, handled until 8.3: the high watermark passes
    # written until 8.4, back at 13.4
    columns = ("drained_s", "taken_s", "answered_s", "handled_s")
    assert story(world(), *columns, most=2) == [
        (0, 5, 8.4, 13.4),
        (13.4, 18.4, 21.8, 26.8),
    ]


def test_a_thread_that_goes_on_with_a_parked_request_runs_late(
    world: World, machine: Callable[..., Any]
) -> None:
    slow = machine(broker_request_us=300, broker_batch_us=400, wake_us=1000, wake_after_us=1)
    # the follower takes the answer up 1 ms late; the leader goes on with the parked fetch and then
    # with the parked produce request half as late
    assert held_ms(world(machine=slow), most=1) == [3.4 + 0.5 + 1 + 0.5]
    # what is not parked is not late
    assert held_ms(world(machine=slow, **NOT_ALL), most=1) == [0.7]


def test_acks_1_does_not_wait(world: World, story: Callable[..., Any]) -> None:
    run = world(**NOT_ALL)
    assert story(run, "taken_s", "answered_s", "handled_s", most=1) == [(5, 5.7, 10.7)]


@pytest.mark.parametrize("replicas", [2, 3, 5])
def test_followers_pull_side_by_side(world: World, replicas: int) -> None:
    run = world(
        topic=TopicConfig(replicas=replicas), broker=BrokerConfig(num_network_threads=replicas)
    )
    assert held_ms(run, most=1) == [3.4]


def test_followers_of_one_network_thread_wait_for_each_other(world: World) -> None:
    run = world(broker=BrokerConfig(num_network_threads=1))
    # both fetches are written one after the other, at 5.7 and 5.8; the second is appended until
    # 7.2, asks again at 8.2, is read until 8.3 and handled until 8.4
    assert held_ms(run, most=1) == [3.5]


def test_one_replica_is_no_follower(world: World) -> None:
    assert held_ms(world(topic=TopicConfig(replicas=1)), most=1) == [0.7]


@pytest.mark.parametrize("in_flight", [1, 5])
def test_on_one_connection_the_fetch_is_always_there_first(world: World, in_flight: int) -> None:
    # the request after is read when this one was answered, so its append comes when the fetches
    # that released this one are parked: every request waits equally long
    run = world(
        workload=Workload(), max_in_flight_requests_per_connection=in_flight, measured_s=0.2
    )
    waits_ms = held_ms(run)
    assert len(waits_ms) > 10
    assert waits_ms == pytest.approx([APPEND_MS + ROUND_MS + 0.1] * len(waits_ms))


def test_of_two_producers_the_second_append_just_misses_the_fetch(
    world: World, story: Callable[..., Any]
) -> None:
    run = world(producers=2, broker=BrokerConfig(num_network_threads=4))
    # Both are handled until 5.2; the log has the first until 5.6 and the second until 6.0. The
    # fetches leave at 5.6 with the first alone, and bring the second when they come again:
    # handled at 8.3, written 8.4, there 9.4, appended 9.8, and the third fetches are handled at
    # 11.0. From append to release 5.0 instead of 2.7.
    assert story(run, "producer", "taken_s", "answered_s", most=2) == [
        (0, 5, 8.4),
        (1, 5, 11.1),
    ]


def test_a_fetch_brings_all_that_was_appended_meanwhile(
    world: World, story: Callable[..., Any]
) -> None:
    run = world(producers=3, broker=BrokerConfig(num_network_threads=5))
    # the third is appended at 6.4 and goes with the second at 8.3: two batches, 0.4 more to
    # append, so both are released at 11.4
    assert story(run, "producer", "answered_s", most=3) == [(0, 8.4), (1, 11.5), (2, 11.5)]


def test_a_fetch_brings_no_more_than_its_limit(world: World, story: Callable[..., Any]) -> None:
    broker = BrokerConfig(num_network_threads=5, replica_fetch_max_bytes=20_000)
    run = world(producers=3, broker=broker)
    # as with two, and the third batch (16,205 bytes, as the others) goes another round later: 2.7
    assert story(run, "producer", "answered_s", most=3) == [(0, 8.4), (1, 11.1), (2, 13.8)]


@pytest.mark.parametrize(("most_bytes", "answered_ms"), [(16_000, 11.5), (40_000, 9.2)])
def test_partitions_beyond_a_fetchs_limit_wait_for_the_next(
    world: World, story: Callable[..., Any], most_bytes: int, answered_ms: float
) -> None:
    run = world(
        topic=TopicConfig(partitions=2, replicas=2),
        workload=Workload(arrival=ClosedLoop(32), partition_cycle=(0, 1)),
        broker=BrokerConfig(replica_fetch_response_max_bytes=most_bytes),
    )
    # One request with a batch for each partition, the second appended at 6.0. Both in one fetch:
    # there at 7.1, appended until 7.9, released at 9.1. One in each: the first is known at 8.7,
    # the second there at 9.8, appended until 10.2, known at 11.4.
    assert story(run, "batches", "answered_s", most=1) == [(2, answered_ms)]


def test_with_followers_far_away_five_in_flight_carry_no_more_than_one(
    world: World, story: Callable[..., Any]
) -> None:
    def answered_ms(in_flight: int) -> list[float]:
        run = world(
            path=PathConfig(rtt_ms=1),
            replica_path=PathConfig(rtt_ms=20),
            workload=Workload(),
            max_in_flight_requests_per_connection=in_flight,
            measured_s=0.5,
        )
        return [row[0] for row in story(run, "answered_s")]

    # 20 ms between brokers and 1.4 of work while the connection is muted; with one in flight the
    # producer's 1 ms comes on top, and that is all that four more can hide
    gaps = {n: {round(b - a, 6) for a, b in pairwise(answered_ms(n))} for n in (1, 5)}
    assert gaps == {1: {22.4}, 5: {21.4}}


def test_what_is_lost_between_brokers_comes_late(world: World) -> None:
    def held(**between: Any) -> list[float]:
        path = PathConfig(rtt_ms=2, **between)
        return held_ms(world(replica_path=path, workload=Workload(), measured_s=1.0))

    calm, lossy = held(), held(loss=0.05)
    assert len(lossy) > 10
    assert min(lossy) >= min(calm)
    # a tail loss probe comes two round trips later at the least, and two ticks of the clock
    assert max(lossy) > max(calm) + 2 * 2 + 8


def test_with_followers_near_a_far_producer_gains_five_times(world: World) -> None:
    def rate(in_flight: int) -> float:
        run = world(
            path=PathConfig(rtt_ms=100),
            replica_path=PathConfig(rtt_ms=0.2),
            workload=Workload(),
            max_in_flight_requests_per_connection=in_flight,
            warmup_s=0.5,
            measured_s=5.0,
        )
        return run.records_per_s

    # 1.6 ms at the broker, 101.6 ms a round: one batch of 16 in each, or five
    assert rate(1) == pytest.approx(16 / 0.1016)
    assert rate(5) == pytest.approx(5 * 16 / 0.1016)


def pause(from_ms: float, until_ms: float, broker: int = 1) -> Fault:
    for_s = (until_ms - from_ms) / 1e3
    return Fault(what="broker-pause", at_s=from_ms / 1e3, for_s=for_s, broker=broker)


def test_acks_all_stalls_while_a_follower_pauses_and_goes_on_after_it(world: World) -> None:
    run = world(topic=TopicConfig(replicas=2), faults=(pause(4, 54),))
    # the fetch is back at 6.7; the follower appends until 54.4, and its next fetch is handled at
    # 55.6; from then on it is as ever
    assert held_ms(run, most=3) == [50.7, 3.4, 3.4]
    assert not run.decisions


def test_brokers_that_lead_nothing_are_not_fetched_from(world: World) -> None:
    # a fetch without partitions would be answered at once, over and over
    followers_only = world(topic=TopicConfig(replicas=3))
    leaders_too = world(topic=TopicConfig(brokers=3, replicas=3))
    assert leaders_too.requests == followers_only.requests
    cluster = Cluster.build(leaders_too.scenario, 1, Recorder(1))
    assert len(cluster.fetchers) == 2


def test_acks_1_does_not_notice_that_a_follower_pauses(world: World) -> None:
    run = world(topic=TopicConfig(replicas=2), faults=(pause(4, 54),), **NOT_ALL)
    assert set(held_ms(run)) == {0.7}


@pytest.mark.parametrize("what", ["broker-pause", "broker-crash"])
def test_a_follower_that_is_silent_for_nine_seconds_is_fenced(world: World, what: str) -> None:
    silent = Fault(what=what, at_s=0.004, for_s=20.0, broker=1)
    run = world(faults=(silent,), measured_s=9.5, request_timeout_ms=60_000.0)
    # appended at 5.6 ms, with the other follower at 8.3; heard of last at the start, so fenced
    # 9 s after it; the leader is told within 5 ms and writes the answer in 0.1
    fenced, told_ms = run.elections[0], held_ms(run, most=1)[0] + 5 - 0.1
    assert (fenced.elected_s, fenced.in_sync, fenced.leader) == (9.0, 2, 0)
    assert 1 <= told_ms - 9_000 <= 5
    assert run.guarantees.acked > 32


def test_a_follower_that_was_killed_is_let_in_when_its_session_is_over(world: World) -> None:
    dies = Fault(what="broker-crash", at_s=0.007, for_s=0.05, broker=1)
    run = world(topic=TopicConfig(replicas=2), faults=(dies,), measured_s=10.0)
    # a fast restart does not shorten it: the leader waits until it is alone, and after the next
    # look of the follower, 2 s at most, both are in sync again
    sizes = [(row.in_sync, row.leader, row.leader_epoch) for row in run.elections]
    assert sizes == [(1, 0, 0), (2, 0, 0)]
    assert run.elections[0].elected_s == 9.0
    assert run.elections[1].elected_s < 11.1
    assert held_ms(run, most=1)[0] > 8_990
    assert run.guarantees.duplicates == run.guarantees.acked_missing == 0


def test_a_follower_that_shuts_down_is_waited_for_no_more(world: World) -> None:
    leaves = Fault(what="broker-restart", at_s=0.007, for_s=10.0, broker=1)
    run = world(topic=TopicConfig(replicas=2), faults=(leaves,))
    # the controller hears of it at 7, the leader at 12 at the latest; alone it does not wait
    first_ms, second_ms = held_ms(run, most=2)
    assert 8 + 0.1 - 5 <= first_ms <= 12 + 0.1 - 5
    assert second_ms == 0.7


def test_the_slowest_of_two_followers_sets_the_pace(world: World) -> None:
    run = world(faults=(pause(4, 54, broker=2),))
    assert held_ms(run, most=1) == [50.7]


def test_a_follower_that_lags_too_long_is_waited_for_no_more(world: World) -> None:
    run = world(
        topic=TopicConfig(replicas=2),
        broker=BrokerConfig(replica_lag_time_max_ms=20),
        faults=(pause(4, 104),),
    )
    # It was at the leader's end at 1.2, when its first fetch was handled. Somebody looks every
    # 10 ms: at 30 it is out, and the leader alone is enough: written until 30.1, back at 35.1.
    # The next request does not wait at all.
    assert held_ms(run, most=2) == [25.1, 0.7]


def test_below_min_insync_replicas_what_was_appended_waits_for_the_follower(
    world: World,
) -> None:
    run = world(
        topic=TopicConfig(replicas=2, min_insync_replicas=2),
        broker=BrokerConfig(replica_lag_time_max_ms=20),
        faults=(pause(4, 104),),
        measured_s=0.2,
    )
    # out at 30, but then the leader is alone and the high watermark stands still; the follower
    # appends until 104.4, its next fetch is handled at 105.6
    assert held_ms(run, most=2) == [100.7, 3.4]


def test_below_min_insync_replicas_acks_all_is_refused_and_retried(world: World) -> None:
    def run(**changes: Any) -> Run:
        return world(
            producers=2,
            workload=Workload(arrival=OpenLoop(10, records=1)),  # the second's at 50 ms
            topic=TopicConfig(replicas=2, min_insync_replicas=2),
            broker=BrokerConfig(replica_lag_time_max_ms=20),
            faults=(pause(4, 104),),
            retry_backoff_jitter=0.0,
            measured_s=0.5,
            **changes,
        )

    refused = run()
    # arrived at 55, decided when it would have been appended, at 55.6; 100 ms later it is written
    [decision] = refused.decisions
    assert decision.error == "NOT_ENOUGH_REPLICAS"
    assert (decision.producer, round(decision.decided_s * 1e3, 6)) == (1, 55.6)
    assert refused.guarantees.acked == refused.guarantees.in_log == 2
    assert {row.producer: row.retries for row in refused.batches} == {0: 0, 1: 1}
    assert not run(**NOT_ALL).decisions


def test_what_followers_never_have_is_timed_out_and_not_written_twice(world: World) -> None:
    run = world(
        topic=TopicConfig(replicas=2),
        workload=Workload(arrival=OpenLoop(10, records=1)),
        faults=(pause(4, 504),),
        request_timeout_ms=200.0,
        retry_backoff_jitter=0.0,
        measured_s=2.0,
    )
    # The client gives up after 200 ms. What it sends again is a duplicate, which waits in turn
    # until the follower is back.
    assert run.guarantees.acked == run.guarantees.in_log == 1
    assert run.guarantees.duplicates == 0
    assert {row.error for row in run.decisions} == {"NONE"}


def test_a_parked_request_whose_time_is_over_lets_the_connection_go_on(world: World) -> None:
    run = world(
        topic=TopicConfig(replicas=2),
        workload=Workload(arrival=ClosedLoop(32)),  # two requests, which arrive together
        faults=(pause(4, 504),),
        enable_idempotence=False,
        request_timeout_ms=200.0,
        measured_s=1.0,
    )
    # The first is parked from 5.6 to 205.6 and answered at 205.7, to a client that has gone. The
    # second lies at the broker all that time; it is read then, and appended after 0.6.
    appended_ms = {row.request: round(row.appended_s * 1e3, 6) for row in run.appends}
    assert (appended_ms[0], appended_ms[1]) == (5.6, 206.3)


def test_a_fetch_on_its_way_takes_nobody_s_turn(tiny: Callable[..., Scenario]) -> None:
    """One network thread for all; a record each millisecond, and fetches 2 ms from the leader."""
    scenario = tiny(
        acks="1",
        enable_idempotence=False,
        topic=TopicConfig(replicas=2),
        replica_path=PathConfig(rtt_ms=4),
        broker=BrokerConfig(num_network_threads=1),
        workload=Workload(arrival=OpenLoop(1_000)),
    )
    rows = simulate(scenario, 1).requests
    # a tenth of a millisecond each to read, handle and write; a fetch's to read or write beside
    waits_ms = {round(1e3 * (row.answered_s - row.arrived_s), 6) for row in rows}
    assert min(waits_ms) == 0.3
    assert max(waits_ms) <= 0.5
    assert len(rows) > 40
