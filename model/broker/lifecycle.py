"""How a broker keeps in touch with the controller: heartbeats, shutdown, death and return.

Source: BrokerLifecycleManager.scala. A heartbeat follows the last one by
``broker.heartbeat.interval.ms``; a broker that could send none sends one as soon as it can. One
that is killed and starts again is not let in while its old session lives. Left out: the backoff of
heartbeats that fail, how long a process takes to start. Units: seconds.
"""

from collections.abc import Iterable, Mapping

from model.alarm import Process
from model.broker.broker import Broker
from model.broker.controller import Controller
from model.broker.election import PartitionRegistration
from model.broker.moving_replicas import MovingReplicaManager
from model.broker.replica_fetcher import ReplicaFetcherThread
from model.broker.silence import Silence
from model.clock import Clock
from model.config.faults import BrokerDown
from model.units import NEVER_S

#: Read: BrokerLifecycleManager, how soon after the wish to shut down it is repeated.
SHUTDOWN_LOOK_S = 0.05
#: Read: BrokerLifecycleManager's resend backoff, first wait and base; after a refused registration.
REGISTER_BACKOFF_S, BACKOFF_BASE = 0.1, 2.0


class BrokerLifecycle:
    """One broker's; the first heartbeat is ``phase_s`` after the start."""

    def __init__(
        self,
        env: Clock,
        broker: Broker,
        replicas: MovingReplicaManager,
        controller: Controller,
        silence: Silence,
        interval_s: float,
        phase_s: float,
    ) -> None:
        self._env = env
        self._broker = broker
        self._replicas = replicas
        self._controller = controller
        self._silence = silence
        self._interval_s = interval_s
        self._phase_s = phase_s

    def away_s(self, now_s: float) -> float:
        """How long the broker cannot be told anything; infinity: it is down."""
        return self._silence.left_s(now_s) if self._broker.up else NEVER_S

    def learn(self, partitions: Mapping[int, PartitionRegistration]) -> None:
        """The broker is told how things stand."""
        self._replicas.learn(partitions)

    def alter_isr(self, partition: int, epoch: int, isr: frozenset[int]) -> None:
        """The broker asks for another ISR of what it leads, if it reaches anybody."""
        if not self._silence.left_s(self._env.now):
            self._controller.alter_isr(partition, self._broker.number, epoch, isr)

    def run(self) -> Process:
        """Send a heartbeat now and then."""
        yield self._env.timeout(self._phase_s)
        while True:
            if silent_s := self._silence.left_s(self._env.now):
                yield self._env.timeout(silent_s)
                continue
            if self._broker.up and not self._broker.shutting_down:
                self._controller.heartbeat(self._broker.number)
            yield self._env.timeout(self._interval_s)

    def go_down(self, fault: BrokerDown, fetchers: Iterable[ReplicaFetcherThread]) -> Process:
        """The process ends, killed or shut down, and starts again when the fault is over.

        A second fault that would end it while it is down has no effect.
        """
        if not self._broker.up or self._broker.shutting_down:
            return
        if fault.forgets:
            yield from self._hand_over(fault.until_s)
        self._broker.crash(fault.forgets)
        down_s = max(0.0, fault.until_s - self._env.now)
        for fetcher in fetchers:
            fetcher.stop(down_s)
        yield self._env.timeout(down_s)
        yield from self._await_registration()
        self._broker.come_back()
        self._controller.register(self._broker.number, unclean=not fault.forgets)

    def _hand_over(self, until_s: float) -> Process:
        """Controlled shutdown: others lead, and go on being told so until all of them know."""
        broker, controller = self._broker, self._controller
        broker.shutting_down = True
        decision = controller.shut_down(broker.number)
        wait_s = SHUTDOWN_LOOK_S
        while self._env.now < until_s and not controller.is_known_by_others(
            decision, broker.number
        ):
            yield self._env.timeout(min(wait_s, until_s - self._env.now))
            wait_s = self._interval_s
        controller.gone(broker.number)

    def _await_registration(self) -> Process:
        """Who was killed is not let in before its old session is over."""
        wait_s = REGISTER_BACKOFF_S
        while self._controller.has_session(self._broker.number):
            yield self._env.timeout(wait_s)
            wait_s = min(wait_s * BACKOFF_BASE, self._interval_s)
