"""The active controller: it hears brokers, fences those it does not hear, and tells of leaders.

Source: QuorumController, BrokerHeartbeatManager. A broker whose last heartbeat is
``broker.session.timeout.ms`` old is fenced, whatever else is known of it: a connection that breaks
tells nobody anything. What the controller decides it writes down, and every broker that can be
reached learns of it a little later, each at its own time. Left out: the quorum, and that a
controller can fail. Units: seconds.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from model.alarm import Alarm, Process
from model.broker.election import PartitionRegistration
from model.broker.replication_control import ReplicationControl
from model.clock import Clock
from model.outcome.facts import ElectionRow, Probe
from model.units import NEVER_S, NOW_TOLERANCE_S

#: Assumed: from the controller's decision until a broker acts on it: a commit of the quorum, the
#: broker's metadata fetch, its work. Evenly between these, drawn for each broker and each time.
TELLING_S = (0.001, 0.005)

Partitions = Mapping[int, PartitionRegistration]


class Listener(Protocol):
    """A broker, as the controller knows it."""

    def away_s(self, now_s: float) -> float:
        """How long it cannot be told anything; 0: it can; infinity: it will ask."""

    def learn(self, partitions: Partitions) -> None:
        """This is how things stand."""


class Controller:
    """One for the cluster; ``draws`` are uniform, for how long telling takes."""

    def __init__(
        self,
        env: Clock,
        control: ReplicationControl,
        session_s: float,
        draws: Iterator[float],
        probe: Probe,
    ) -> None:
        self._env = env
        self._control = control
        self._session_s = session_s
        self._draws = draws
        self._probe = probe
        self._alarm = Alarm(env)
        self._listeners: Sequence[Listener] = ()
        self._contact_s = dict.fromkeys(sorted(control.active), 0.0)  # of those with a session
        self._decisions = 0
        self._told = defaultdict[int, int](int)  # to each: up to which decision
        self._known = defaultdict[int, int](int)  # as its last heartbeat said

    def __repr__(self) -> str:
        return f"<Controller, last heard of at {self._contact_s}>"

    @property
    def partitions(self) -> Partitions:
        """How things stand."""
        return self._control.partitions

    def tell(self, listeners: Sequence[Listener]) -> None:
        """Whom to tell, by number."""
        self._listeners = listeners

    def run(self) -> Process:
        """Fence one broker after the other as their sessions end."""
        while True:
            due_s = min(self._contact_s.values(), default=NEVER_S) + self._session_s
            if due_s > self._env.now + NOW_TOLERANCE_S:
                yield self._alarm.sleep(due_s)
                continue
            silent = min(self._contact_s, key=lambda broker: self._contact_s[broker])
            del self._contact_s[silent]
            self._decided(self._control.remove(silent))

    def has_session(self, broker: int) -> bool:
        """Whether it was heard of not long ago."""
        return broker in self._contact_s

    def heartbeat(self, broker: int) -> None:
        """A broker is alive; if it was fenced it is not any more."""
        fenced = broker not in self._contact_s
        self._contact_s[broker] = self._env.now
        self._known[broker] = self._told[broker]
        if fenced:
            self._alarm.ring()
            self._decided(self._control.restore(broker))
            self._inform(broker)

    def register(self, broker: int, unclean: bool) -> None:
        """A broker has started, and its old session is over."""
        self._decided(self._control.register(broker, unclean))
        self.heartbeat(broker)

    def shut_down(self, broker: int) -> int:
        """A broker wants to go: its partitions go to others; the decision to wait for."""
        self._decided(self._control.remove(broker))
        return self._decisions

    def is_known_by_others(self, decision: int, broker: int) -> bool:
        """Whether the heartbeats of all others that are heard of said that they know of it."""
        return all(self._known[each] >= decision for each in self._contact_s if each != broker)

    def gone(self, broker: int) -> None:
        """A broker that was shut down has no session to wait for."""
        self._contact_s.pop(broker, None)

    def alter_isr(self, partition: int, leader: int, epoch: int, isr: frozenset[int]) -> None:
        """A leader asks for another ISR (AlterPartition); it hears how things stand."""
        self._decided(self._control.alter(partition, leader, epoch, isr))
        self._inform(leader)

    def _decided(self, changed: list[int]) -> None:
        if not changed:
            return
        self._decisions += 1
        for number in changed:
            after = self._control.partitions[number]
            row = ElectionRow(
                number, after.leader, after.leader_epoch, len(after.isr), self._env.now
            )
            self._probe.leader_elected(row)
        for broker in range(len(self._listeners)):
            self._inform(broker)

    def _inform(self, broker: int) -> None:
        """Have a broker learn how things stand, when it can."""
        least_s, most_s = TELLING_S
        takes_s = least_s + (most_s - least_s) * next(self._draws)
        self._env.call_at(self._env.now + takes_s, lambda _: self._reach(broker))

    def _reach(self, broker: int) -> None:
        away_s = self._listeners[broker].away_s(self._env.now)
        if away_s == NEVER_S:
            return
        if away_s:
            self._env.call_at(self._env.now + away_s, lambda _: self._inform(broker))
            return
        self._told[broker] = self._decisions
        self._listeners[broker].learn(self._control.partitions)
