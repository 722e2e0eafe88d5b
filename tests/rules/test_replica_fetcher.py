"""What a follower asks its leader for, and what it makes of the answers; no way between them."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from model.broker.pace import Pace
from model.broker.replica_fetcher import BACKOFF_S, ReplicaFetcherThread
from model.broker.replica_log import ReplicaLog
from model.clock import Clock
from model.costs import BrokerCosts
from model.wire.batches import Numbers
from model.wire.errors import Error
from model.wire.requests import FetchRequest, LogEntry, Slice

EPOCH = 4


class Leader:
    """Stands in for the leader: all that is asked of it here."""

    number = 3


def entry(end_offset: int) -> LogEntry:
    return LogEntry(end_offset, 2, 500, Numbers(-1, -1, -1), EPOCH)


class Desk:
    """A thread that follows partitions 0, 1 and 2, and is not run."""

    def __init__(self, machine: Callable[..., Any]) -> None:
        self.env = Clock()
        leader: Any = Leader()
        costs = BrokerCosts(machine(broker_batch_us=300, broker_byte_us=1))
        dial: Any = None
        self.thread = ReplicaFetcherThread(
            self.env, 1, leader, costs, Pace(), dial, request_numbers=count(7)
        )
        self.logs = [ReplicaLog() for _ in range(3)]
        for number, log in enumerate(self.logs):
            self.thread.follow(number, log, EPOCH)

    def at(self, at_s: float) -> "Desk":
        self.env.run(until=at_s)
        return self

    def ask(self) -> FetchRequest:
        return self.thread._request()

    def get(self, asked: FetchRequest, slices: dict[int, Slice]) -> None:
        asked.bring(slices)
        self.thread._write(asked)

    @property
    def ends(self) -> list[int]:
        return [log.log_end_offset for log in self.logs]


NOT_LEADER = Slice(0, 0, 0, error=Error.UNKNOWN_LEADER_EPOCH)
TWO = Slice(2, 1, 500, (entry(2),))


@pytest.fixture
def desk(machine: Callable[..., Any]) -> Desk:
    return Desk(machine)


def test_one_fetch_asks_for_all_partitions_with_their_epochs(desk: Desk) -> None:
    asked = desk.at(0.5).ask()
    assert (asked.number, asked.follower, asked.broker, asked.drained_s) == (7, 1, 3, 0.5)
    assert asked.offsets == {0: 0, 1: 0, 2: 0}
    assert asked.epochs == dict.fromkeys(range(3), (EPOCH, -1))
    desk.get(asked, {0: TWO})
    again = desk.ask()
    assert (again.number, again.offsets) == (8, {0: 2, 1: 0, 2: 0})
    assert again.epochs[0] == (EPOCH, EPOCH)


def test_who_does_not_lead_a_partition_is_asked_for_it_a_while_later(desk: Desk) -> None:
    desk.get(desk.at(0.5).ask(), {1: NOT_LEADER, 2: TWO})
    assert desk.ends == [0, 0, 2]
    assert desk.thread._next_due_s() == 0.5  # for the others
    assert set(desk.at(0.5 + BACKOFF_S - 0.01).ask().offsets) == {0, 2}
    assert set(desk.at(0.5 + BACKOFF_S).ask().offsets) == {0, 1, 2}


def test_when_all_wait_the_first_is_waited_for(desk: Desk) -> None:
    desk.get(desk.at(0.5).ask(), {1: NOT_LEADER})
    desk.get(desk.at(0.75).ask(), {0: NOT_LEADER, 2: NOT_LEADER})
    assert desk.thread._next_due_s() == 0.5 + BACKOFF_S
    desk.thread.leave(1)
    assert desk.thread._next_due_s() == 0.75 + BACKOFF_S
    desk.thread.follow(2, desk.logs[2], EPOCH + 1)  # at once, whatever was before
    assert desk.thread._next_due_s() == 0.75
    assert set(desk.ask().offsets) == {2}
    desk.thread.leave(0)
    desk.thread.leave(2)
    assert desk.thread._next_due_s() == float("inf")


def test_what_is_not_this_leaders_any_more_is_not_written(desk: Desk) -> None:
    asked = desk.ask()
    desk.thread.leave(0)
    desk.thread.follow(1, desk.logs[1], EPOCH + 1)
    desk.get(asked, dict.fromkeys(range(3), TWO))
    assert desk.ends == [0, 0, 2]


def test_what_does_not_follow_the_log_is_not_written(desk: Desk) -> None:
    asked = desk.ask()
    desk.get(desk.ask(), {2: TWO})
    desk.get(asked, {2: Slice(4, 2, 1_000, (entry(2), entry(4)))})
    assert desk.ends == [0, 0, 2]


def test_writing_takes_what_its_batches_and_bytes_take(desk: Desk) -> None:
    asked = desk.ask()
    asked.bring({0: TWO, 2: Slice(4, 2, 1_000, (entry(2), entry(4)))})
    assert desk.thread._copying_s(asked) == pytest.approx(3 * 300e-6 + 1_500e-6)
