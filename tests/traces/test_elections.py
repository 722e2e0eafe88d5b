"""Leaders that are killed, shut down, paused or cut off: who leads then, and what it costs.

Three brokers of which 0 leads, 10 ms from the producer and 1 ms from each other; 100 records a
second, each a batch of its own; a heartbeat each 100 ms and a session of 450.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
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
from model.broker.replica_log import ReplicaLog
from model.cluster import Cluster
from model.outcome.recorder import Recorder

World = Callable[..., Scenario]
NOT_ALL: dict[str, Any] = {"acks": "1", "enable_idempotence": False}
HEARTBEATS = BrokerConfig(broker_heartbeat_interval_ms=100, broker_session_timeout_ms=450)
AT_S, RECORDS = 1.0, 300
#: What a client needs beyond the fencing: it looks again for up to 1.2 s, and four round trips.
AFTERWARDS_S = 1.2 + 0.05


@pytest.fixture
def world(tiny: Callable[..., Scenario]) -> World:
    def make(*faults: Fault, **changes: Any) -> Scenario:
        settings: dict[str, Any] = {
            "topic": TopicConfig(replicas=3, min_insync_replicas=2),
            "replica_path": PathConfig(rtt_ms=1),
            "broker": HEARTBEATS,
            "workload": Workload(arrival=OpenLoop(100, records=RECORDS)),
            "request_timeout_ms": 300.0,
            "measured_s": 6.0,
        }
        return tiny(faults=faults, **settings | changes)

    return make


def leader(what: str, for_s: float = 2.0, at_s: float = AT_S) -> Fault:
    return Fault(what=what, at_s=at_s, for_s=for_s, broker=0)


def leaders(run: Run) -> list[tuple[int, int]]:
    """Who led after the first, since which epoch."""
    told = [(row.leader, row.leader_epoch) for row in run.elections]
    return [now for before, now in zip([(0, 0), *told], told, strict=False) if now != before]


def longest_s(run: Run) -> float:
    times_s = sorted(row.acked_s for row in run.batches)
    return max(b - a for a, b in pairwise(times_s))


def test_who_is_killed_is_fenced_when_its_session_ends_and_not_when_it_is_back(
    world: World,
) -> None:
    for for_s in (0.05, 2.0):
        run = simulate(world(leader("broker-crash", for_s)), 1)
        assert leaders(run) == [(1, 1)]
        # the last heartbeat was up to 100 ms before
        fenced_s = run.elections[0].elected_s - AT_S
        assert 0.35 <= fenced_s <= 0.45
        assert fenced_s < longest_s(run) < fenced_s + AFTERWARDS_S
        assert run.guarantees.acked == run.guarantees.in_log == RECORDS
        assert run.elections[-1].in_sync == 3  # it is back, as a follower


def test_a_pause_that_is_shorter_than_any_session_needs_no_controller(world: World) -> None:
    short, long = (
        Cluster.build(world(leader("broker-pause", for_s)), 1, Recorder(1))
        for for_s in (0.35, 0.36)
    )
    assert (short.controller, short.lifecycles) == (None, [])
    assert long.controller is not None
    assert len(long.lifecycles) == 3
    none = Cluster.build(world(), 1, Recorder(1))
    assert none.controller is None


def test_the_replicas_agree_when_all_are_back(world: World) -> None:
    cluster = Cluster.build(world(leader("broker-isolation"), **NOT_ALL), 1, Recorder(1))
    cluster.run()
    logs = [broker.replica_manager.partitions[0].log for broker in cluster.brokers]
    found = [log.read(0, 10**9) for log in logs]
    assert found[0] == found[1] == found[2]
    assert found[0].end_offset < RECORDS  # what the old leader alone had is gone


def test_without_truncation_they_would_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReplicaLog, "truncate_to", lambda *_: None)
    cluster = Cluster.build(world(leader("broker-isolation"), **NOT_ALL), 1, Recorder(1))
    cluster.run()
    old, new = (cluster.brokers[each].replica_manager.partitions[0].log for each in (0, 1))
    assert old.read(0, 10**9) != new.read(0, 10**9)


def test_who_is_cut_off_serves_on_and_what_it_alone_has_is_lost(world: World) -> None:
    run = simulate(world(leader("broker-isolation"), **NOT_ALL), 1)
    # all of two seconds, but for a few that were under way
    assert 195 <= run.guarantees.acked_missing <= 202
    assert sum(row.records for row in run.truncated) >= run.guarantees.acked_missing
    assert all(row.leader_epoch == 0 for row in run.truncated)


@pytest.mark.parametrize("what", ["broker-crash", "broker-pause", "broker-isolation"])
@pytest.mark.parametrize("idempotent", [True, False])
def test_with_acks_all_nothing_is_lost(world: World, what: str, idempotent: bool) -> None:
    run = simulate(world(leader(what), enable_idempotence=idempotent), 1)
    assert leaders(run) == [(1, 1)]
    assert run.guarantees.acked_missing == run.guarantees.failed == 0
    assert run.guarantees.acked == RECORDS
    if idempotent:
        assert run.guarantees.duplicates == run.guarantees.inversions == 0


def test_who_wakes_up_first_serves_what_its_sockets_hold(world: World) -> None:
    """And hears only then that another leads: acknowledged, and lost."""
    patient = world(leader("broker-pause"), request_timeout_ms=5_000.0, **NOT_ALL)
    run = simulate(patient, 1)
    assert 1 <= run.guarantees.acked_missing <= 10
    assert simulate(world(leader("broker-pause"), **NOT_ALL), 1).guarantees.acked_missing == 0


def test_a_leader_that_shuts_down_hands_over_at_once(world: World) -> None:
    run = simulate(world(leader("broker-restart")), 1)
    assert (run.elections[0].elected_s, run.elections[0].leader) == (AT_S, 1)
    assert longest_s(run) < 0.15
    assert run.guarantees.acked == run.guarantees.in_log == RECORDS


def test_an_answer_that_names_the_leader_saves_the_backoff(world: World) -> None:
    def stall_s(named: bool) -> float:
        shut_down = leader("broker-restart", at_s=0.994)
        settings: dict[str, Any] = {"produce_answers_name_leaders": named}
        return longest_s(simulate(world(shut_down, **NOT_ALL | settings), 1))

    # 50 ms: the refusal, a connection, ApiVersions, the records; or metadata besides
    assert stall_s(named=True) < stall_s(named=False) < 0.2


def test_when_the_last_in_sync_dies_it_is_waited_for(world: World) -> None:
    alone = TopicConfig(replicas=2, min_insync_replicas=1)
    faults = (
        Fault(what="broker-crash", at_s=0.2, for_s=1.6, broker=1),
        leader("broker-crash", for_s=1.5),
    )
    run = simulate(world(*faults, topic=alone), 1)
    assert leaders(run) == [(-1, 1), (0, 2)]
    assert run.elections[-1].in_sync == 2
    assert run.guarantees.acked == RECORDS
    assert run.guarantees.acked_missing == run.guarantees.duplicates == 0


def test_an_unclean_election_loses_what_was_acknowledged_and_nobody_is_told(
    world: World,
) -> None:
    topic = TopicConfig(replicas=2, min_insync_replicas=1, unclean_leader_election_enable=True)
    faults = (
        Fault(what="broker-crash", at_s=0.2, for_s=1.6, broker=1),
        leader("broker-crash", for_s=1.5),
    )
    run = simulate(world(*faults, topic=topic), 1)
    assert leaders(run) == [(-1, 1), (1, 2)]
    assert run.guarantees.acked == RECORDS
    assert run.guarantees.acked_missing > 20
    assert run.guarantees.failed == 0


def test_below_min_insync_replicas_the_new_leader_refuses(world: World) -> None:
    faults = (
        Fault(what="broker-crash", at_s=0.2, for_s=2.5, broker=2),
        leader("broker-crash", for_s=3.0),
    )
    run = simulate(world(*faults), 1)
    assert leaders(run) == [(1, 1)]
    refused = {row.error for row in run.decisions}
    assert "NOT_ENOUGH_REPLICAS" in refused
    assert run.guarantees.acked == run.guarantees.in_log == RECORDS


def test_sessions_that_end_together_end_in_the_order_of_brokers(world: World) -> None:
    """Nobody was heard of since the start; each leader is elected before the next is fenced."""
    faults = (Fault(what="broker-crash", at_s=0.0, for_s=2.0, broker=each) for each in (1, 0))
    run = simulate(world(*faults), 1)
    together = [row for row in run.elections if row.elected_s == run.elections[0].elected_s]
    assert [(row.leader, row.leader_epoch, row.in_sync) for row in together] == [
        (1, 1, 2),
        (2, 2, 1),
    ]


def lost_sight(world: World, **settings: Any) -> Run:
    hole = Fault(what="black-hole", at_s=AT_S, for_s=1.5)
    alone = TopicConfig()
    times: dict[str, Any] = {"delivery_timeout_ms": 600.0, "max_block_ms": 60_000.0}
    return simulate(world(hole, topic=alone, **times | settings), 1)


def test_who_loses_every_broker_waits_in_send_for_metadata(world: World) -> None:
    run = lost_sight(world)
    # until the first request times out records are taken, and their time is over in the hole
    assert 25 <= run.guarantees.failed <= 35
    assert run.guarantees.acked + run.guarantees.failed == RECORDS
    gone_on = lost_sight(world, metadata_recovery_strategy="none").guarantees.failed
    assert gone_on > 3 * run.guarantees.failed


def test_and_gives_records_up_after_max_block_ms(world: World) -> None:
    run = lost_sight(world, max_block_ms=100.0)
    blocked = [row for row in run.failures if row.records == 1 and row.failed_s > AT_S + 0.4]
    assert len(blocked) >= 10
    assert run.guarantees.acked + run.guarantees.failed == RECORDS


@pytest.mark.parametrize("what", ["broker-crash", "broker-restart"])
def test_a_broker_without_a_replica_goes_and_comes_and_nothing_happens(
    world: World, what: str
) -> None:
    five = TopicConfig(brokers=5, replicas=3, min_insync_replicas=2)
    fault = Fault(what=what, at_s=AT_S, for_s=2.0, broker=4)
    run, calm = (simulate(world(*faults, topic=five), 1) for faults in ([fault], []))
    assert run.elections == []
    # who lost a connection asks for metadata, which takes a number and no time
    assert np.array_equal(run.request_column("handled_s"), calm.request_column("handled_s"))
    assert run.guarantees.acked == run.guarantees.in_log == RECORDS


@pytest.mark.parametrize(("fell_s", "batches"), [(0.02, 0), (0.05, 1), (0.09, 2)])
def test_a_leader_that_is_killed_in_the_midst_of_a_request_writes_no_more_of_it(
    world: World, machine: Callable[..., Any], fell_s: float, batches: int
) -> None:
    """Two batches of 40 ms each, from 5 on; whoever waits for followers then waits for nothing."""
    scenario = world(
        Fault(what="broker-crash", at_s=fell_s, for_s=2.0, broker=0),
        machine=machine(broker_batch_us=40_000),
        topic=TopicConfig(partitions=2, replicas=2),
        workload=Workload(arrival=ClosedLoop(2), partition_cycle=(0, 1)),
        measured_s=3.0,
    )
    run = simulate(scenario, 1)
    written = [*run.appends, *run.truncated]
    assert len([row for row in written if row.appended_s <= fell_s]) == batches
    assert min(row.appended_s for row in written if row.appended_s > fell_s) > 0.4
    assert run.guarantees.acked_missing == run.guarantees.failed == 0
    assert run.guarantees.acked > 10
