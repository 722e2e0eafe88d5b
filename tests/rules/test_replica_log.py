"""A log that leads and follows: whose batches it has, where it differs, what it cuts off."""

import pytest

from model.broker.replica_log import ReplicaLog
from model.wire.batches import Numbers
from model.wire.errors import Error
from model.wire.leadership import EpochStart

EVERYTHING = 10**9


def write(log: ReplicaLog, sequence: int, records: int) -> Error:
    return log.append(Numbers(7, 0, sequence), records, size_bytes=100).error


def fetch(follower: ReplicaLog, leader: ReplicaLog) -> None:
    """As often as it takes, at most a few times."""
    for _ in range(4):
        differs = leader.differs_from(follower.latest_epoch, follower.log_end_offset)
        if differs is None:
            follower.copy(leader.read(follower.log_end_offset, EVERYTHING))
        else:
            end_offset = follower.log_end_offset
            follower.copy(leader.read(end_offset, 0)._replace(entries=(), diverges_at=differs))


def a_leader_and_its_successor() -> tuple[ReplicaLog, ReplicaLog]:
    """A wrote 3, 2 and 4 records, B has the first 5 and wrote 6 as the next leader."""
    old, new = ReplicaLog(), ReplicaLog()
    old.lead(0)
    assert [write(old, 0, 3), write(old, 3, 2)] == [Error.NONE] * 2
    fetch(new, old)
    assert write(old, 5, 4) is Error.NONE
    new.lead(1)
    assert write(new, 5, 6) is Error.NONE
    return old, new


def same(one: ReplicaLog, other: ReplicaLog) -> bool:
    return one.read(0, EVERYTHING) == other.read(0, EVERYTHING)


def test_a_follower_has_what_it_fetched_and_whose_it_is() -> None:
    leader, follower = ReplicaLog(), ReplicaLog()
    leader.lead(4)
    write(leader, 0, 3)
    fetch(follower, leader)
    assert same(follower, leader)
    assert follower.epochs == leader.epochs == [EpochStart(4, 0)]


def test_a_new_leader_keeps_all_of_its_log() -> None:
    _, new = a_leader_and_its_successor()
    assert new.log_end_offset == 11
    assert new.epochs == [EpochStart(0, 0), EpochStart(1, 5)]


def test_the_end_of_an_epoch_is_where_the_next_one_starts() -> None:
    _, new = a_leader_and_its_successor()
    assert [new.end_of_epoch(epoch) for epoch in (-1, 0, 1, 5)] == [
        EpochStart(-1, 0),
        EpochStart(0, 5),
        EpochStart(1, 11),
        EpochStart(1, 11),
    ]


def test_where_logs_differ_is_found_by_epochs_not_by_lengths() -> None:
    old, new = a_leader_and_its_successor()
    assert new.differs_from(0, 9) == EpochStart(0, 5)
    assert new.differs_from(0, 5) is None
    assert new.differs_from(1, 11) is None
    assert old.log_end_offset < new.log_end_offset


def test_a_returning_leader_cuts_off_what_its_successor_lacked() -> None:
    old, new = a_leader_and_its_successor()
    fetch(old, new)
    assert same(old, new)
    assert old.epochs == new.epochs


def test_truncation_left_out_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReplicaLog, "truncate_to", lambda *_: None)
    old, new = a_leader_and_its_successor()
    fetch(old, new)
    assert not same(old, new)


def test_several_epochs_that_differ_are_cut_back_one_after_the_other() -> None:
    old, new = a_leader_and_its_successor()
    old.lead(2)  # unclean: it knows nothing of epoch 1
    write(old, 9, 1)
    old.lead(3)
    write(old, 10, 1)
    new.lead(4)
    write(new, 11, 1)
    fetch(old, new)
    assert same(old, new)


def test_who_led_without_writing_agrees_after_all() -> None:
    old, new = a_leader_and_its_successor()
    fetch(old, new)
    old.lead(2)
    new.lead(3)
    write(new, 11, 2)
    fetch(old, new)
    assert same(old, new)


def test_sequences_of_what_is_left_are_known_and_of_what_is_cut_off_are_not() -> None:
    old, _ = a_leader_and_its_successor()
    old.truncate_to(5)
    again = old.append(Numbers(7, 0, 3), 2, size_bytes=100)
    assert (again.duplicate, again.base_offset) == (True, 3)
    assert write(old, 5, 1) is Error.NONE  # the four records there are forgotten


def test_a_successor_finds_a_batch_again_that_it_copied() -> None:
    _, new = a_leader_and_its_successor()
    assert new.append(Numbers(7, 0, 3), 2, size_bytes=100).duplicate


def test_a_cut_is_between_batches() -> None:
    old, _ = a_leader_and_its_successor()
    old.truncate_to(4)
    assert old.log_end_offset == 3
