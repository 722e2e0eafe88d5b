"""How a connection ends, at either end: 10 ms there and back, requests of two segments."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import simpy

from model import PathConfig
from model.alarm import Alarm
from model.clock import Clock
from model.network.connection import Connection
from model.network.path import Path
from model.network.receiver import ReceiveBuffer
from model.network.sockets import Sockets
from model.wire.requests import Request, RequestKind
from model.wire.transmission import Fate, Transmission, Way

MS = 1e-3
REQUEST_BYTES = 2_000


class Chosen(Path):
    """Loses the packets of these numbers on the way out; ``left`` counts what enters."""

    def __init__(self, config: PathConfig, lost: Iterable[int]) -> None:
        super().__init__(config)
        self.lost, self.left = set(lost), 0

    def lost_of(self, way: Way, packets: int) -> list[int]:
        if way is Way.BACK:
            return []
        first, self.left = self.left, self.left + packets
        return [n for n in range(packets) if first + n in self.lost]


class Rig:
    """A connection without processes; the second segment of a request is lost if it ``loses``."""

    def __init__(self, machine: Callable[..., Any], loses: bool = False) -> None:
        self.env, self.found = Clock(), list[Transmission]()
        self.lost_ms, self.rest_ms = list[float](), list[float]()
        self.path = Chosen(PathConfig(rtt_ms=10, loss=0.01 if loses else 0), [1])
        sockets = Sockets(5, math.inf, ReceiveBuffer(131_070, 136_000))
        self.connection = Connection(
            self.env,
            self.path,
            sockets,
            machine(),
            Alarm(self.env),
            lambda _: self.lost_ms.append(self.now_ms),
            self.found.append,
        )

    @property
    def now_ms(self) -> float:
        return round(self.env.now / MS, 6)

    def at(self, at_ms: float) -> Connection:
        """The connection at an instant."""
        self.env.run(until=at_ms * MS)
        return self.connection

    def send(self, number: int = 0) -> Request:
        request = Request(number, 0, 0, self.env.now, RequestKind.PRODUCE)
        request.size_bytes = REQUEST_BYTES
        self.connection.send(request)
        return request

    def note(self, _: simpy.Event) -> None:
        self.rest_ms.append(self.now_ms)

    def read(self) -> Request:
        """As a broker does; when the rest is there, or will not come, is noted."""
        request, rest = self.connection.inbox.read()
        if rest is not None:
            assert rest.callbacks is not None
            rest.callbacks.append(self.note)
        return request

    def fates(self) -> list[tuple[Fate, Way, float]]:
        return [(each.fate, each.way, round(each.until_s / MS, 6)) for each in self.found]


def test_whoever_is_torn_down_sends_nothing_again_and_nobody_waits_for_it(
    machine: Callable[..., Any],
) -> None:
    rig = Rig(machine, loses=True)
    rig.send()
    rig.at(6)
    rig.read()  # there is one segment of two
    rig.at(20).reset()
    assert (rig.lost_ms, rig.rest_ms, rig.path.left) == ([20], [], 2)
    connection = rig.at(3_000)
    assert connection.is_reset
    assert rig.rest_ms == [25]  # the reset is there
    assert rig.path.left == 2


def test_whose_other_end_is_gone_sends_nothing_again_and_hears_of_it_half_a_round_trip_later(
    machine: Callable[..., Any],
) -> None:
    rig = Rig(machine, loses=True)
    rig.send()
    rig.at(6)
    rig.read()
    waiting = rig.connection.inbox.arrival()
    rig.at(20).break_off()
    rig.at(3_000)
    assert waiting.processed
    assert (rig.rest_ms, rig.lost_ms, rig.path.left) == ([20], [25], 2)


def test_what_is_lost_is_sent_again_where_nothing_ends(machine: Callable[..., Any]) -> None:
    rig = Rig(machine, loses=True)
    rig.send()
    rig.at(6)
    request = rig.read()
    rig.at(3_000)
    assert rig.path.left == 3
    assert rig.rest_ms == [33]  # a probe after two round trips and 8 ms, and its way
    assert request.arrived_s == pytest.approx(33 * MS)


def test_the_end_of_the_other_side_waits_until_its_last_answers_are_read(
    machine: Callable[..., Any],
) -> None:
    rig = Rig(machine)
    first, second = rig.send(), rig.send(1)
    rig.at(6)
    assert rig.read() is first
    rig.connection.answer(first)
    rig.connection.break_off()
    connection = rig.at(15)
    assert (list(connection.answers), rig.lost_ms) == ([first], [])
    assert connection.next_answer() is first
    rig.at(16)
    assert rig.lost_ms == [15]
    assert connection.close() == [second]


def test_without_answers_it_is_heard_of_at_once(machine: Callable[..., Any]) -> None:
    rig = Rig(machine)
    first = rig.send()
    rig.at(6).break_off()
    connection = rig.at(20)
    assert rig.lost_ms == [11]
    connection.answer(first)  # by a process that is gone
    rig.at(40)
    assert not connection.answers


def test_an_answer_after_a_reset_fails_and_breaks_the_connection(
    machine: Callable[..., Any],
) -> None:
    rig = Rig(machine)
    request = rig.send()
    rig.at(3).reset()
    rig.at(7.5)
    assert rig.read() is request  # it was on its way before
    assert not rig.connection.is_reset
    connection = rig.at(9)
    assert (connection.is_reset, connection.ends.broken) == (True, False)
    connection.answer(request)
    assert connection.ends.broken
    assert rig.fates() == [(Fate.CUT_OFF, Way.BACK, 9)]
    rig.at(30)
    assert not connection.answers


def test_an_answer_to_who_has_closed_draws_a_reset(machine: Callable[..., Any]) -> None:
    rig = Rig(machine)
    request = rig.send()
    assert rig.at(4).close() == [request]
    waiting = rig.connection.inbox.arrival()
    rig.at(7)
    rig.read()
    assert not rig.connection.finished
    connection = rig.at(9.5)
    assert waiting.processed
    assert connection.finished  # the end of what was sent is there
    connection.answer(request)
    assert rig.fates() == [(Fate.CUT_OFF, Way.BACK, 14.5)]
    assert not rig.at(19).is_reset
    assert rig.at(20).is_reset


def test_what_leaves_after_a_reset_is_cut_off(machine: Callable[..., Any]) -> None:
    rig = Rig(machine)
    rig.send()
    rig.connection.reset()
    late = Request(1, 0, 0, 0.0, RequestKind.PRODUCE)
    rig.at(1)
    rig.connection.send(late)
    connection = rig.at(20)
    assert [request.number for request in connection.inbox.arrived] == [0]
    assert rig.fates() == [(Fate.CUT_OFF, Way.OUT, 6)]
