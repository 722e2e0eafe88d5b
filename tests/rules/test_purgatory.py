"""Parked requests: they go on when what they wait for has happened, or when their time is over."""

import pytest

from model.alarm import Process
from model.broker.purgatory import DelayedOperationPurgatory
from model.clock import Clock
from model.wire.requests import Request, RequestKind


class Ward:
    """A purgatory whose requests are due when their number is called; who left it, and when."""

    def __init__(self) -> None:
        self.env = Clock()
        self.due: set[int] = set()
        self.purgatory = DelayedOperationPurgatory[Request](
            self.env, lambda request: request.number in self.due
        )
        self.left: list[tuple[int, float, bool]] = []

    def park(self, number: int, at_most_s: float, at_s: float = 0.0) -> None:
        self.env.process(self._wait(number, at_most_s, at_s))

    def _wait(self, number: int, at_most_s: float, at_s: float) -> Process:
        yield self.env.timeout(at_s)
        request = Request(number, 0, 0, at_s, RequestKind.FETCH)
        happened = yield from self.purgatory.try_complete_else_watch(request, at_most_s)
        self.left.append((number, self.env.now, happened))

    def call(self, at_s: float, *numbers: int, check: bool = True) -> None:
        self.env.process(self._call(at_s, numbers, check))

    def _call(self, at_s: float, numbers: tuple[int, ...], check: bool) -> Process:
        yield self.env.timeout(at_s)
        self.due.update(numbers)
        if check:
            self.purgatory.check_and_complete()


@pytest.fixture
def ward() -> Ward:
    return Ward()


def test_who_is_due_already_does_not_wait(ward: Ward) -> None:
    ward.due.add(1)
    ward.park(1, at_most_s=5)
    ward.env.run()
    assert ward.left == [(1, 0, True)]


def test_who_becomes_due_goes_on_at_once_and_alone(ward: Ward) -> None:
    for number in (1, 2, 3):
        ward.park(number, at_most_s=50)
    ward.call(2, 2)
    ward.call(3, 1, 3)
    ward.env.run()
    assert ward.left == [(2, 2, True), (1, 3, True), (3, 3, True)]


def test_nobody_is_noticed_who_becomes_due_without_a_check(ward: Ward) -> None:
    ward.park(1, at_most_s=50)
    ward.call(2, 1, check=False)
    ward.call(7)
    ward.env.run()
    assert ward.left == [(1, 7, True)]


def test_who_is_not_due_goes_on_when_its_time_is_over(ward: Ward) -> None:
    ward.park(1, at_most_s=5, at_s=1)
    ward.call(2)
    ward.env.run()
    assert ward.left == [(1, 6, False)]


def test_deadlines_are_kept_in_whatever_order_they_come(ward: Ward) -> None:
    ward.park(1, at_most_s=3)
    ward.park(2, at_most_s=9)
    ward.park(3, at_most_s=5, at_s=1)
    ward.park(4, at_most_s=3)
    ward.call(4, 3)
    ward.env.run()
    assert ward.left == [(1, 3, False), (4, 3, False), (3, 4, True), (2, 9, False)]


def test_who_comes_later_with_the_same_patience_leaves_later(ward: Ward) -> None:
    for number in range(4):
        ward.park(number, at_most_s=5, at_s=number)
    ward.env.run()
    assert ward.left == [(0, 5, False), (1, 6, False), (2, 7, False), (3, 8, False)]


def test_one_timer_serves_many(ward: Ward) -> None:
    for number in range(100):
        ward.park(number, at_most_s=5)
    ward.call(1, *range(100))
    while len(ward.left) < 100:
        ward.env.step()
    events_at_s = []
    while (next_s := ward.env.peek()) < float("inf"):
        ward.env.step()
        events_at_s.append(next_s)
    assert [at_s for at_s in events_at_s if at_s > 1] == [5]


def test_a_timer_that_finds_nobody_is_not_set_again(ward: Ward) -> None:
    ward.park(1, at_most_s=5)
    ward.call(1, 1)
    ward.env.run()
    assert ward.env.now == 5
    assert ward.left == [(1, 1, True)]


def test_who_is_forgotten_never_goes_on(ward: Ward) -> None:
    ward.park(1, at_most_s=5)
    ward.env.run(until=1)
    ward.purgatory.shutdown()
    ward.call(1, 1)
    ward.env.run()
    assert ward.left == []
