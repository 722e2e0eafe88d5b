"""A follower's connection to its leader, where a way loses packets and where it does not.

10 ms there and back; a fetch of 2,000 bytes, which is two segments.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from model import PathConfig
from model.alarm import Process
from model.broker.follower_connection import FollowerConnection
from model.clock import Clock
from model.network.path import Path
from model.network.receiver import ReceiveBuffer
from model.network.sockets import Sockets
from model.wire.requests import FetchRequest
from model.wire.transmission import Way

MS = 1e-3


class Chosen(Path):
    """Loses the packets of these numbers on the way out."""

    def __init__(self, config: PathConfig, lost: Iterable[int]) -> None:
        super().__init__(config)
        self.lost, self.left = set(lost), 0

    def lost_of(self, way: Way, packets: int) -> list[int]:
        if way is Way.BACK:
            return []
        first, self.left = self.left, self.left + packets
        return [n for n in range(packets) if first + n in self.lost]


class Rig:
    """Asks once at the beginning; ``told`` is what happened, each with its instant in ms."""

    def __init__(
        self,
        machine: Callable[..., Any],
        loss: float = 0.0,
        lost: Iterable[int] = (),
        answered_ms: float = 20.0,
    ) -> None:
        self.env, self.told = Clock(), list[tuple[str, float]]()
        self.answered_s = answered_ms * MS
        path = Chosen(PathConfig(rtt_ms=10, loss=loss), lost)
        sockets = Sockets(1, math.inf, ReceiveBuffer(math.inf, math.inf), 65_536)
        self.connection = FollowerConnection(
            self.env, path, sockets, machine(), lambda _: self.tell("lost", self.env.now)
        )
        self.env.process(self.fetch())

    def tell(self, what: str, at_s: float) -> None:
        self.told.append((what, round(at_s / MS, 6)))

    def fetch(self) -> Process:
        request = FetchRequest(0, 1, 0, {0: 0}, self.env.now)
        request.size_bytes = 2_000
        there_s = yield from self.connection.ask(request)
        self.tell("there", there_s)
        if self.connection.broken:
            return
        back_s = yield from self.connection.answer(request, self.answered_s)
        self.tell("back", back_s)

    def at(self, at_ms: float) -> FollowerConnection:
        self.env.run(until=at_ms * MS)
        return self.connection


@pytest.mark.parametrize("loss", [0.0, 0.01])
def test_a_fetch_and_its_answer_take_half_a_round_trip_each(
    machine: Callable[..., Any], loss: float
) -> None:
    rig = Rig(machine, loss)
    rig.at(500)
    assert rig.told == [("there", 5), ("back", 25)]


def test_a_fetch_is_there_when_all_of_it_is(machine: Callable[..., Any]) -> None:
    rig = Rig(machine, 0.01, lost=[1], answered_ms=250)
    rig.at(500)
    # that the first half is there is known at 10, and the timeout a round trip and 200 ms later
    assert rig.told == [("there", 225), ("back", 255)]


@pytest.mark.parametrize("loss", [0.0, 0.01])
def test_whose_leader_ends_hears_of_it_behind_the_answers(
    machine: Callable[..., Any], loss: float
) -> None:
    rig = Rig(machine, loss)
    rig.at(21).break_off()
    connection = rig.at(500)
    assert connection.broken
    assert rig.told == [("there", 5), ("back", 25), ("lost", 26)]


def test_what_is_half_there_when_the_leader_ends_is_waited_for_no_more(
    machine: Callable[..., Any],
) -> None:
    rig = Rig(machine, 0.01, lost=[1])
    rig.at(12).break_off()
    rig.at(500)
    assert rig.told == [("there", 12), ("lost", 17)]


def test_what_is_not_there_at_all_is_waited_for_no_more_either(
    machine: Callable[..., Any],
) -> None:
    rig = Rig(machine, 0.01, lost=[0, 1])
    rig.at(12).break_off()
    rig.at(500)
    assert rig.told == [("there", 12), ("lost", 17)]


def test_who_lets_go_waits_for_no_answer(machine: Callable[..., Any]) -> None:
    rig = Rig(machine, 0.01)
    rig.at(21).close()
    rig.at(500)
    assert rig.told == [("there", 5), ("back", 21)]
