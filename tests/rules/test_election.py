"""Who leads next, who stays eligible, what the controller grants: by hand, A 0, B 1, C 2."""

from dataclasses import replace

import pytest

from model.broker import election
from model.broker.election import PartitionRegistration, Rules, without
from model.broker.replication_control import ReplicationControl
from model.wire.leadership import NO_LEADER

A, B, C = 0, 1, 2
ABC = (A, B, C)
OLD = Rules(min_insync_replicas=2, eligible=False)
ELR = Rules(min_insync_replicas=2, eligible=True)


def control(rules: Rules = OLD, assignment: tuple[int, ...] = ABC) -> ReplicationControl:
    return ReplicationControl({0: assignment}, rules)


def state(books: ReplicationControl) -> tuple[int, int, frozenset[int]]:
    each = books.partitions[0]
    return each.leader, each.leader_epoch, each.isr


def in_sync_and_eligible(books: ReplicationControl) -> tuple[list[int], list[int]]:
    each = books.partitions[0]
    return sorted(each.isr), sorted(each.elr)


def test_the_first_in_the_order_of_assignment_leads_not_the_lowest_number() -> None:
    books = control(assignment=(C, A, B))
    assert state(books) == (C, 0, frozenset(ABC))
    books.remove(C)
    assert state(books) == (A, 1, frozenset({A, B}))


def out_of_sync_elected() -> bool:
    """B has fallen out of the ISR, A dies: does B lead?"""
    books = control()
    assert books.alter(0, A, 0, frozenset({A, C})) == [0]
    books.remove(A)
    return books.partitions[0].leader == B


def test_who_is_not_in_sync_is_not_elected_though_it_comes_first() -> None:
    assert not out_of_sync_elected()


def test_a_leader_elected_before_its_isr_member_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def any_active(
        partition: PartitionRegistration,
        isr: frozenset[int],
        _: object,
        active: set[int],
        *__: object,
    ) -> tuple[int, frozenset[int]]:
        return next(each for each in partition.assignment if each in active), isr

    monkeypatch.setattr(election, "_elect", any_active)
    assert out_of_sync_elected()


def test_a_follower_that_leaves_moves_no_leader_and_no_epoch() -> None:
    books = control()
    assert books.remove(C) == [0]
    assert state(books) == (A, 0, frozenset({A, B}))
    assert books.remove(C) == []


def test_a_broker_that_comes_back_does_not_lead_again_by_itself() -> None:
    books = control()
    books.remove(A)
    assert books.restore(A) == []
    assert books.alter(0, B, 1, frozenset(ABC)) == [0]
    assert state(books) == (B, 1, frozenset(ABC))


def test_the_last_member_stays_and_leads_when_it_is_back() -> None:
    books = control(replace(OLD, min_insync_replicas=1))
    for broker in (C, B, A):
        books.remove(broker)
    assert state(books) == (NO_LEADER, 2 - 1, frozenset({A}))
    books.restore(B)  # it is not in sync: its return does not help
    assert state(books)[0] == NO_LEADER
    books.restore(A)
    assert state(books) == (A, 2, frozenset({A}))


def test_an_unclean_election_takes_whoever_is_there_alone() -> None:
    books = control(replace(OLD, min_insync_replicas=1, unclean=True))
    for broker in (C, B, A):
        books.remove(broker)
    books.restore(C)
    assert state(books) == (C, 2, frozenset({C}))


def test_who_left_below_min_insync_stays_eligible_and_is_elected() -> None:
    books = control(ELR)
    books.remove(C)
    assert in_sync_and_eligible(books) == ([A, B], [])  # two are left: enough
    books.remove(B)
    assert in_sync_and_eligible(books) == ([A], [B])
    books.remove(A)
    assert in_sync_and_eligible(books) == ([], [A, B])
    books.restore(C)  # it may lack what was acknowledged since
    assert state(books)[0] == NO_LEADER
    books.restore(B)
    assert state(books)[0::2] == (B, frozenset({B}))
    assert in_sync_and_eligible(books) == ([B], [A])


def test_without_eligible_replicas_only_the_last_of_the_isr_is() -> None:
    books = control(OLD)
    for broker in (C, B, A):
        books.remove(broker)
    books.restore(B)
    assert state(books)[0] == NO_LEADER


def test_who_was_killed_is_not_eligible_any_more_but_the_last_leader_is_known() -> None:
    books = control(ELR)
    for broker in (C, B, A):
        books.remove(broker)
    books.register(B, unclean=True)
    books.restore(B)
    assert state(books)[0] == NO_LEADER
    books.register(A, unclean=True)
    books.restore(A)
    assert state(books)[0::2] == (A, frozenset({A}))


@pytest.mark.parametrize(
    ("leader", "epoch", "isr", "why"),
    [
        (B, 0, {A, B}, "not the leader"),
        (A, 1, {A, B}, "of another epoch"),
        (A, 0, {A, B, C}, "C is fenced"),
    ],
)
def test_an_isr_is_not_granted_to_whom_it_is_not_due(
    leader: int, epoch: int, isr: set[int], why: str
) -> None:
    books = control()
    books.remove(C)
    assert books.alter(0, leader, epoch, frozenset(isr)) == [], why


def test_nothing_changes_without_a_cause() -> None:
    partition = PartitionRegistration.new(ABC)
    assert without(partition, 7, {A, B, C}, ELR) is partition
