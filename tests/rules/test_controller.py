"""What the controller hears, when it fences, and whom it tells when: by hand, on a clock."""

from collections.abc import Mapping
from itertools import repeat

import pytest

from model.broker.controller import Controller
from model.broker.election import PartitionRegistration, Rules
from model.broker.replication_control import ReplicationControl
from model.clock import Clock
from model.outcome.facts import ElectionRow
from model.outcome.recorder import Recorder
from model.units import NEVER_S
from model.wire.leadership import NO_LEADER

SESSION_S = 9.0
TOLD_S = 0.003  # half-way between one and five milliseconds
A, B, C, D = range(4)


class Ear:
    """A broker that notes who leads partition 0, and when it was told."""

    def __init__(self, env: Clock) -> None:
        self._env = env
        self.away: list[float] = []
        self.heard = list[tuple[float, int]]()

    def away_s(self, now_s: float) -> float:
        return self.away.pop(0) if self.away else 0.0

    def learn(self, partitions: Mapping[int, PartitionRegistration]) -> None:
        self.heard.append((round(self._env.now, 6), partitions[0].leader))


class Quorum:
    """A controller of one partition on A, B and C; D is a broker without a replica."""

    def __init__(self) -> None:
        self.env, self.recorder = Clock(), Recorder(1)
        control = ReplicationControl({0: (A, B, C)}, Rules(min_insync_replicas=2))
        self.controller = Controller(self.env, control, SESSION_S, repeat(0.5), self.recorder)
        self.ears = [Ear(self.env) for _ in range(4)]
        self.controller.tell(self.ears)
        self.env.process(self.controller.run())

    def beats(self, at_s: float, *brokers: int) -> None:
        self.env.run(until=at_s)
        for broker in brokers:
            self.controller.heartbeat(broker)

    @property
    def elected(self) -> list[ElectionRow]:
        return self.recorder.elections


def test_who_was_silent_for_a_session_is_fenced_and_all_others_are_told() -> None:
    quorum = Quorum()
    quorum.beats(4.0, B, C)
    quorum.env.run(until=9.5)
    assert quorum.elected == [ElectionRow(0, B, 1, 2, SESSION_S)]
    assert [quorum.controller.has_session(each) for each in (A, B, C, D)] == [False, True, True, 0]
    assert [ear.heard for ear in quorum.ears] == [[(SESSION_S + TOLD_S, B)]] * 4
    quorum.env.run(until=20)  # B and C were last heard of at 4
    assert [(row.leader, row.elected_s) for row in quorum.elected[1:]] == [(C, 13), (-1, 13)]


def test_who_was_fenced_is_let_in_by_its_next_heartbeat_and_told() -> None:
    quorum = Quorum()
    quorum.env.run(until=10)
    assert quorum.controller.partitions[0].leader == NO_LEADER
    quorum.beats(12.0, C)  # the last of the ISR to be fenced
    assert quorum.controller.has_session(C)
    assert quorum.elected[-1] == ElectionRow(0, C, 4, 1, 12.0)
    quorum.env.run(until=12.5)
    # once with all others, for it leads, and once because it was fenced
    assert quorum.ears[C].heard[-2:] == [(12 + TOLD_S, C)] * 2
    assert quorum.ears[A].heard[-1:] == [(12 + TOLD_S, C)]
    quorum.env.run(until=22)
    assert quorum.elected[-1] == ElectionRow(0, NO_LEADER, 5, 0, 12 + SESSION_S)


def test_a_heartbeat_of_who_has_a_session_tells_nobody_anything() -> None:
    quorum = Quorum()
    quorum.beats(1.0, A, B, C)
    quorum.env.run(until=2)
    assert not quorum.elected
    assert not any(ear.heard for ear in quorum.ears)


def test_who_shuts_down_waits_until_the_heartbeats_of_all_others_say_that_they_know() -> None:
    quorum = Quorum()
    quorum.beats(1.0, A, B, C)
    decision = quorum.controller.shut_down(A)

    def known() -> bool:
        return quorum.controller.is_known_by_others(decision, A)

    assert quorum.elected == [ElectionRow(0, B, 1, 2, 1.0)]
    quorum.beats(1.0 + TOLD_S / 2, B, C)  # not told yet
    assert not known()
    quorum.beats(1.1, B)
    assert not known()
    quorum.beats(1.2, C)
    assert known()  # its own heartbeat is not waited for
    quorum.controller.gone(A)
    assert not quorum.controller.has_session(A)
    quorum.beats(9.0, B, C)
    quorum.env.run(until=11)
    assert len(quorum.elected) == 1  # who went has no session that could end


def test_who_is_fenced_is_not_waited_for() -> None:
    quorum = Quorum()
    quorum.beats(8.0, A, B)
    quorum.beats(9.5, A, B)  # C is fenced at 9
    decision = quorum.controller.shut_down(A)
    quorum.beats(10.0, B)
    assert quorum.controller.is_known_by_others(decision, A)


def test_a_broker_without_a_replica_goes_at_once() -> None:
    quorum = Quorum()
    quorum.beats(1.0, D)
    assert quorum.controller.is_known_by_others(quorum.controller.shut_down(D), D)
    assert not quorum.elected


@pytest.mark.parametrize(
    ("away_s", "heard_s"),
    [([], [1 + TOLD_S]), ([0.5], [1.5 + 2 * TOLD_S]), ([NEVER_S], [])],
)
def test_who_cannot_be_reached_is_told_later_and_who_is_down_not_at_all(
    away_s: list[float], heard_s: list[float]
) -> None:
    quorum = Quorum()
    quorum.env.run(until=1)
    quorum.ears[B].away = away_s
    quorum.controller.shut_down(A)
    quorum.env.run(until=3)
    assert [at_s for at_s, _ in quorum.ears[B].heard] == pytest.approx(heard_s)


@pytest.mark.parametrize(("epoch", "in_sync"), [(0, [2]), (1, [])])
def test_a_leader_that_asks_for_an_isr_hears_how_things_stand(
    epoch: int, in_sync: list[int]
) -> None:
    quorum = Quorum()
    quorum.env.run(until=1)
    quorum.controller.alter_isr(0, A, epoch, frozenset({A, B}))
    quorum.env.run(until=2)
    assert [row.in_sync for row in quorum.elected] == in_sync
    # a decision is told to all, the leader of them; the answer is for the leader alone
    assert [len(ear.heard) for ear in quorum.ears] == ([2, 1, 1, 1] if in_sync else [1, 0, 0, 0])


def test_who_was_killed_and_registers_is_in_sync_no_more() -> None:
    quorum = Quorum()
    quorum.beats(1.0, A, B, C)
    quorum.controller.register(C, unclean=True)
    assert quorum.elected == [ElectionRow(0, A, 0, 2, 1.0)]
    quorum.controller.register(B, unclean=False)
    assert len(quorum.elected) == 1
    assert quorum.controller.has_session(B)
